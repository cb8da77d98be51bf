//! The objects and fields that differ between two trees.

use super::finding::{Finding, Level};
use super::tree::{Key, Object, Tree};
use super::value;
use crate::source::node::{Entry, Node, Value};
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeSet;

/// What becomes of an object.
#[derive(Clone, Copy, Debug, JsonSchema, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Action {
    /// It goes.
    Removed,
    /// Some of its fields change.
    Changed,
    /// It is new.
    Added,
}

/// A field that changes.
#[derive(Clone, Debug, PartialEq)]
pub struct FieldChange {
    /// Its keys from the top of the object; an item of a list of named things by its name.
    pub path: Vec<String>,
    /// The value before.
    pub old: Option<Node>,
    /// The value after.
    pub new: Option<Node>,
}

impl FieldChange {
    /// The path as people write it, such as `spec.storage.size`.
    pub fn field(&self) -> String {
        self.path.join(".")
    }

    /// Whether its values are ciphertext, of which nothing is worth showing.
    pub fn is_sealed(&self) -> bool {
        self.path.iter().any(|key| key == "encryptedData")
    }
}

/// An object that changes, and what that does.
#[derive(Clone, Debug)]
pub struct ObjectChange {
    /// What it is.
    pub key: Key,
    /// What becomes of it.
    pub action: Action,
    /// The object before.
    pub base: Option<Object>,
    /// The object after.
    pub head: Option<Object>,
    /// The fields that change, when it does not come or go.
    pub fields: Vec<FieldChange>,
    /// What the change does, the worst first.
    pub findings: Vec<Finding>,
}

impl ObjectChange {
    /// The worst that the change does.
    pub fn level(&self) -> Level {
        self.findings.iter().map(|finding| finding.level).max().unwrap_or(Level::None)
    }

    /// How often the password of a Secret changed, before and after.
    pub fn generations(&self) -> String {
        const PATH: [&str; 5] =
            ["spec", "template", "metadata", "annotations", "sitewright/generation"];
        let of = |object: &Option<Object>| object.as_ref()?.text(&PATH).map(str::to_owned);
        match (of(&self.base), of(&self.head)) {
            (Some(old), Some(new)) if old == new => format!("generation {new} still"),
            (Some(old), Some(new)) => format!("generation {old} → {new}"),
            _ => "of no known generation".to_owned(),
        }
    }

    /// The definition that it belongs to: the new one's, where there is one.
    pub fn definition(&self) -> &str {
        self.head.as_ref().or(self.base.as_ref()).map_or("", Object::definition)
    }
}

/// Every object that differs, in the order of their keys, before anybody says what that does.
pub(super) fn changes(base: &Tree, head: &Tree) -> Vec<ObjectChange> {
    let keys: BTreeSet<&Key> = base.keys().chain(head.keys()).collect();
    keys.into_iter().filter_map(|key| change(key, base.get(key), head.get(key))).collect()
}

fn change(key: &Key, base: Option<&Object>, head: Option<&Object>) -> Option<ObjectChange> {
    let (action, fields) = match (base, head) {
        (Some(base), Some(head)) => {
            let fields = fields(&base.node, &head.node);
            if fields.is_empty() {
                return None;
            }
            (Action::Changed, fields)
        }
        (Some(_), None) => (Action::Removed, Vec::new()),
        (None, _) => (Action::Added, Vec::new()),
    };
    let (base, head) = (base.cloned(), head.cloned());
    Some(ObjectChange { key: key.clone(), action, base, head, fields, findings: Vec::new() })
}

/// The fields in which two objects differ.
fn fields(base: &Node, head: &Node) -> Vec<FieldChange> {
    let mut found = Vec::new();
    compare(&mut Vec::new(), Some(base), Some(head), &mut found);
    found
}

fn compare(
    path: &mut Vec<String>,
    old: Option<&Node>,
    new: Option<&Node>,
    found: &mut Vec<FieldChange>,
) {
    // Labels and annotations come and go one by one, the last of them too.
    let none = Value::Map(Vec::new());
    let is_table = path.len() == 2 && path[0] == "metadata";
    let missing = is_table.then_some(&none);
    let (one, other) = (old.map(|node| &node.value), new.map(|node| &node.value));
    match (one.or(missing), other.or(missing)) {
        (Some(Value::Map(one)), Some(Value::Map(other))) => {
            let news = other.iter().filter(|entry| !one.iter().any(|old| old.key == entry.key));
            for entry in one.iter().chain(news) {
                let value =
                    |entries: &'_ [Entry]| entries.iter().position(|found| found.key == entry.key);
                let (old, new) = (value(one), value(other));
                path.push(entry.key.to_string());
                compare(path, old.map(|at| &one[at].node), new.map(|at| &other[at].node), found);
                path.pop();
            }
        }
        (Some(Value::List(one)), Some(Value::List(other))) if named(one) && named(other) => {
            let name = |node: &Node| node.get("name").and_then(Node::as_str).map(str::to_owned);
            let all = one.iter().chain(other).filter_map(name);
            let mut seen = BTreeSet::new();
            for name_of in all.filter(|name| seen.insert(name.clone())) {
                let item = |list: &'_ [Node]| {
                    list.iter().position(|node| name(node).as_deref() == Some(&*name_of))
                };
                let (old, new) = (item(one), item(other));
                path.push(format!("[{name_of}]"));
                compare(path, old.map(|at| &one[at]), new.map(|at| &other[at]), found);
                path.pop();
            }
            // The names that both have, in the order of each.
            let common = |list: &[Node], others: &[Node]| -> Vec<String> {
                let others: BTreeSet<_> = others.iter().filter_map(name).collect();
                list.iter().filter_map(name).filter(|name| others.contains(name)).collect()
            };
            if common(one, other) != common(other, one) {
                let (path, old, new) = (path.clone(), old.cloned(), new.cloned());
                found.push(FieldChange { path, old, new });
            }
        }
        _ => {
            let same = match (old, new) {
                (Some(old), Some(new)) => value::same(path, old, new),
                _ => old.is_none() && new.is_none(),
            };
            if !same {
                let (path, old, new) = (path.clone(), old.cloned(), new.cloned());
                found.push(FieldChange { path, old, new });
            }
        }
    }
}

/// Whether a list is one of things with names of their own.
fn named(list: &[Node]) -> bool {
    let mut seen = BTreeSet::new();
    !list.is_empty()
        && list.iter().all(|node| {
            node.get("name").and_then(Node::as_str).is_some_and(|name| seen.insert(name))
        })
}
