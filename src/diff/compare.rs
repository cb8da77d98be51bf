//! The objects and fields that differ between two trees.

use super::tree::ObjectTree;
use super::value;
use crate::risk::{Action, FieldChange, Key, Object, ObjectChange};
use crate::source::node::{Entry, Node, Value};
use std::collections::BTreeSet;

/// Every object that differs, in the order of the keys, without findings.
pub(super) fn changes(base: &ObjectTree, head: &ObjectTree) -> Vec<ObjectChange> {
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
    // Each label and annotation is compared by itself, even if it is the only one.
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
            // The names that both lists have, in the order of each list.
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

/// Whether every item of a list has its own name.
pub(crate) fn named(list: &[Node]) -> bool {
    let mut seen = BTreeSet::new();
    !list.is_empty()
        && list.iter().all(|node| {
            node.get("name").and_then(Node::as_str).is_some_and(|name| seen.insert(name))
        })
}
