//! The fields in which a live object differs from its manifest.
//!
//! Only fields that the manifest states are compared, because the API server and the operators fill others.
//! Values are compared as the API server and the operators keep them: by their meaning, and a missing field is the
//! same as an empty one.

use crate::diff::{named, same};
use crate::risk::FieldChange;
use crate::source::node::{Entry, Node, Value};

/// The fields of a manifest that a live object has otherwise. `old` is the live value, `new` the value of the
/// manifest.
pub(super) fn differing(manifest: &Node, live: &Node) -> Vec<FieldChange> {
    let mut found = Vec::new();
    walk(&Path::Top, manifest, Some(live), &mut found);
    found
}

/// The keys that lead to a field. Nearly all fields are equal, so the keys are only copied for a field that is not.
enum Path<'a> {
    Top,
    Below(&'a Path<'a>, &'a str),
    Item(&'a Path<'a>, &'a str),
}

impl Path<'_> {
    fn keys(&self) -> Vec<String> {
        match self {
            Self::Top => Vec::new(),
            Self::Below(above, key) => {
                let mut keys = above.keys();
                keys.push((*key).to_owned());
                keys
            }
            Self::Item(above, name) => {
                let mut keys = above.keys();
                keys.push(format!("[{name}]"));
                keys
            }
        }
    }

    fn is(&self, wanted: &[&str]) -> bool {
        match (self, wanted) {
            (Self::Top, []) => true,
            (Self::Below(above, key), [start @ .., last]) => key == last && above.is(start),
            _ => false,
        }
    }

    /// Whether the API server has a value of its own here: the version of the API in which it was asked.
    fn is_of_the_server(&self) -> bool {
        self.is(&["apiVersion"])
    }

    /// Labels and annotations: each is compared by itself, even if the live object has none.
    fn is_table(&self) -> bool {
        self.is(&["metadata", "labels"]) || self.is(&["metadata", "annotations"])
    }
}

fn walk(path: &Path, manifest: &Node, live: Option<&Node>, found: &mut Vec<FieldChange>) {
    if path.is_of_the_server() {
        return;
    }
    let none = Value::Map(Vec::new());
    let missing = path.is_table().then_some(&none);
    match (&manifest.value, live.map(|live| &live.value).or(missing)) {
        (_, None) if is_empty(manifest) => {}
        (Value::Map(stated), Some(Value::Map(entries))) => {
            for Entry { key, node, .. } in stated {
                let live = entries.iter().find(|entry| entry.key == *key);
                walk(&Path::Below(path, key), node, live.map(|live| &live.node), found);
            }
        }
        (Value::List(stated), Some(Value::List(items))) if named(stated) && named(items) => {
            by_name(path, stated, items, found);
        }
        (_, Some(_)) => {
            // The arm needs the node itself, which is there because its value is.
            let Some(live) = live else { return };
            if !is_same(path, manifest, live) {
                let old = Some(as_stated(manifest, live));
                found.push(FieldChange { path: path.keys(), old, new: Some(manifest.clone()) });
            }
        }
        (_, None) => {
            let new = Some(manifest.clone());
            found.push(FieldChange { path: path.keys(), old: None, new });
        }
    }
}

/// Compares the items of two lists by their names. An item that only the live object has is drift: the manifest
/// states the list as a whole.
fn by_name(path: &Path, stated: &[Node], items: &[Node], found: &mut Vec<FieldChange>) {
    let of = |list: &'_ [Node], name: &str| list.iter().position(|item| name_of(item) == name);
    for item in stated {
        let name = name_of(item);
        let live = of(items, name).map(|at| &items[at]);
        walk(&Path::Item(path, name), item, live, found);
    }
    for item in items {
        let name = name_of(item);
        if of(stated, name).is_none() {
            let path = Path::Item(path, name).keys();
            found.push(FieldChange { path, old: Some(item.clone()), new: None });
        }
    }
    let common = |list: &[Node], other: &[Node]| -> Vec<String> {
        let names = list.iter().map(name_of).filter(|name| of(other, name).is_some());
        names.map(str::to_owned).collect()
    };
    if common(stated, items) != common(items, stated) {
        let list = |list: &[Node]| Some(Value::List(list.to_vec()).into());
        found.push(FieldChange { path: path.keys(), old: list(items), new: list(stated) });
    }
}

fn name_of(item: &Node) -> &str {
    item.get("name").and_then(Node::as_str).unwrap_or_default()
}

/// Whether a value that is neither a map nor a list of named items is the same.
fn is_same(path: &Path, manifest: &Node, live: &Node) -> bool {
    if manifest.value == live.value || (is_empty(manifest) && is_empty(live)) {
        return true;
    }
    let keys = path.keys();
    match (&manifest.value, &live.value) {
        (Value::List(stated), Value::List(items)) if stated.len() == items.len() => {
            // The API server fills fields of items too.
            same(&keys, &as_stated(manifest, live), manifest)
                || stated.iter().zip(items).all(|(stated, item)| {
                    let mut found = Vec::new();
                    walk(path, stated, Some(item), &mut found);
                    found.is_empty()
                })
        }
        _ => same(&keys, live, manifest),
    }
}

/// The live value without the fields that the manifest does not state.
pub(super) fn as_stated(manifest: &Node, live: &Node) -> Node {
    let value = match (&manifest.value, &live.value) {
        (Value::Map(stated), Value::Map(entries)) => {
            let of = |entry: &Entry| {
                let live = entries.iter().find(|live| live.key == entry.key)?;
                Some(Entry::new(&entry.key, as_stated(&entry.node, &live.node)))
            };
            Value::Map(stated.iter().filter_map(of).collect())
        }
        (Value::List(stated), Value::List(items)) if stated.len() == items.len() => {
            let items = stated.iter().zip(items);
            Value::List(items.map(|(stated, item)| as_stated(stated, item)).collect())
        }
        _ => return live.clone(),
    };
    value.into()
}

/// Whether a value is the one that a field has when nothing states it. Operators written in Go leave such values
/// out when they write an object as a whole, and where a CRD has another default, the API server writes that default.
fn is_empty(node: &Node) -> bool {
    match &node.value {
        Value::Null | Value::Bool(false) | Value::Int(0) => true,
        Value::Bool(_) | Value::Int(_) => false,
        Value::Float(number) => *number == 0.0,
        Value::String(text) => text.is_empty(),
        Value::List(items) => items.is_empty(),
        Value::Map(entries) => entries.iter().all(|entry| is_empty(&entry.node)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::FileId;
    use crate::source::yaml;

    /// The fields that differ, as texts.
    fn found(manifest: &str, live: &str) -> Vec<String> {
        let read = |text| yaml::read(text, FileId::NONE).unwrap();
        let found = differing(&read(manifest), &read(live));
        found.iter().map(FieldChange::field).collect()
    }

    #[test]
    fn only_stated_fields_are_compared() {
        let live = "apiVersion: a/v1\nkind: A\nspec: {a: 1, b: 2, c: {d: 3}}\n";
        assert_eq!(found("apiVersion: a/v2\nkind: A\nspec: {a: 1}\n", live), [""; 0]);
        assert_eq!(found("spec: {a: 2, c: {d: 3, e: 4}}\n", live), ["spec.a", "spec.c.e"]);
    }

    #[test]
    fn a_missing_field_is_an_empty_one() {
        for value in ["null", "false", "0", "0.0", "\"\"", "[]", "{}", "{a: {b: []}}"] {
            assert_eq!(found(&format!("a: {value}\n"), "b: 1\n"), [""; 0], "{value}");
        }
        for value in ["true", "1", "x", "[0]", "{a: 1}"] {
            assert_eq!(found(&format!("a: {value}\n"), "b: 1\n"), ["a"], "{value}");
        }
    }

    #[test]
    fn values_are_compared_by_their_meaning() {
        let same = |manifest: &str, live: &str| found(manifest, live).is_empty();
        assert!(same("limits: {cpu: 1000m}", "limits: {cpu: \"1\"}"));
        assert!(same("requeueInterval: 1h", "requeueInterval: 1h0m0s"));
        assert!(same("port: 80", "port: \"80\""));
        assert!(same("privileges: [A, B]", "privileges: [B, A]"));
        assert!(!same("privileges: [A, B]", "privileges: [B, A, C]"));
        assert!(!same("other: [A, B]", "other: [B, A]"));
    }

    #[test]
    fn items_may_have_more_fields_but_no_list_more_items() {
        assert_eq!(found("a: [{b: 1}]", "a: [{b: 1, c: 2}]"), [""; 0]);
        assert_eq!(found("a: [{b: 1}]", "a: [{b: 2, c: 2}]"), ["a"]);
        assert_eq!(found("a: [{b: 1}]", "a: [{b: 1}, {b: 2}]"), ["a"]);
        let stated = "a: [{name: one, b: 1}, {name: two}]";
        assert_eq!(found(stated, "a: [{name: one, b: 1, c: 2}, {name: two}]"), [""; 0]);
        assert_eq!(
            found(stated, "a: [{name: one, b: 2}, {name: three}]"),
            ["a.[one].b", "a.[two]", "a.[three]"]
        );
        assert_eq!(found(stated, "a: [{name: two}, {name: one, b: 1}]"), ["a"]);
    }

    #[test]
    fn labels_are_compared_one_by_one() {
        let manifest = "metadata: {labels: {a: one, b: two}, annotations: {c: three}}\n";
        let all = ["metadata.labels.a", "metadata.labels.b", "metadata.annotations.c"];
        assert_eq!(found(manifest, "metadata: {name: some}\n"), all);
        assert_eq!(found(manifest, "metadata: {labels: {a: one}}\n"), all[1..]);
    }
}
