//! Reads and builds trees of values: a field by its path, without the places of the text from which it came.

use crate::live::entry_of;
use crate::source::node::{Node, Value};

/// The value at a path of keys.
pub(super) fn at<'n>(node: &'n Node, path: &[&str]) -> Option<&'n Node> {
    path.iter().try_fold(node, |node, key| node.get(key))
}

/// The text at a path of keys.
pub(super) fn text<'n>(node: &'n Node, path: &[&str]) -> Option<&'n str> {
    at(node, path)?.as_str()
}

/// Whether the value at a path is `true`.
pub(super) fn is_true(node: &Node, path: &[&str]) -> bool {
    at(node, path).is_some_and(|node| node.value == Value::Bool(true))
}

/// The whole number at a path of keys.
pub(super) fn number(node: &Node, path: &[&str]) -> Option<i64> {
    match at(node, path)?.value {
        Value::Int(number) => Some(number),
        _ => None,
    }
}

/// An empty map.
pub(super) fn map() -> Node {
    Node::from(Value::Map(Vec::new()))
}

/// A text.
pub(super) fn string(text: &str) -> Node {
    Node::from(Value::String(text.into()))
}

/// A whole number.
pub(super) fn int(number: i64) -> Node {
    Node::from(Value::Int(number))
}

/// A boolean.
pub(super) fn boolean(value: bool) -> Node {
    Node::from(Value::Bool(value))
}

/// The same value without the places of its text, so that equal values are equal. Null fields of a map are left
/// out, because they say nothing.
pub(super) fn bare(node: &Node) -> Node {
    Node::from(match &node.value {
        Value::List(items) => Value::List(items.iter().map(bare).collect()),
        Value::Map(entries) => {
            let stated = entries.iter().filter(|entry| entry.node.value != Value::Null);
            Value::Map(stated.map(|entry| entry_of(&entry.key, bare(&entry.node))).collect())
        }
        other => other.clone(),
    })
}

/// Whether two values are the same, in whichever order their maps have their keys.
pub(super) fn same(one: &Node, other: &Node) -> bool {
    one.means_same(other)
}

/// Sets the value at a path. Maps on the way are made.
pub(super) fn put(node: &mut Node, path: &[&str], value: Node) {
    let Some((first, rest)) = path.split_first() else {
        *node = value;
        return;
    };
    if !matches!(node.value, Value::Map(_)) {
        node.value = Value::Map(Vec::new());
    }
    let Value::Map(entries) = &mut node.value else { return };
    match entries.iter().position(|entry| &*entry.key == *first) {
        Some(position) => put(&mut entries[position].node, rest, value),
        None => {
            let mut below = map();
            put(&mut below, rest, value);
            entries.push(entry_of(first, below));
        }
    }
}

/// Takes the value at a path out. Maps that become empty on the way are taken out too.
pub(super) fn take(node: &mut Node, path: &[&str]) -> Option<Node> {
    let (first, rest) = path.split_first()?;
    let Value::Map(entries) = &mut node.value else { return None };
    let position = entries.iter().position(|entry| &*entry.key == *first)?;
    if rest.is_empty() {
        return Some(entries.remove(position).node);
    }
    let taken = take(&mut entries[position].node, rest)?;
    if entries[position].node.entries().is_empty() {
        entries.remove(position);
    }
    Some(taken)
}

/// Takes the value at a path out if it is this one.
pub(super) fn take_default(node: &mut Node, path: &[&str], default: &Node) {
    if at(node, path).is_some_and(|found| same(found, default)) {
        take(node, path);
    }
}

/// The value at a path, to change it.
pub(super) fn at_mut<'n>(node: &'n mut Node, path: &[&str]) -> Option<&'n mut Node> {
    let Some((first, rest)) = path.split_first() else { return Some(node) };
    let Value::Map(entries) = &mut node.value else { return None };
    let entry = entries.iter_mut().find(|entry| &*entry.key == *first)?;
    at_mut(&mut entry.node, rest)
}

/// The items of a list. Other values have none.
pub(super) fn items(node: Option<&Node>) -> &[Node] {
    match node.map(|node| &node.value) {
        Some(Value::List(items)) => items,
        _ => &[],
    }
}

/// The items of a list, to change them. Other values have none.
pub(super) fn items_mut(node: &mut Node) -> &mut [Node] {
    match &mut node.value {
        Value::List(items) => items,
        _ => &mut [],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::FileId;
    use crate::source::yaml;

    fn read(text: &str) -> Node {
        yaml::read(text, FileId::NONE).unwrap()
    }

    #[test]
    fn values_are_set_and_taken_by_their_paths() {
        let mut node = map();
        put(&mut node, &["a", "b"], int(1));
        put(&mut node, &["a", "c"], boolean(true));
        assert_eq!(number(&node, &["a", "b"]), Some(1));
        assert!(is_true(&node, &["a", "c"]));
        assert_eq!(take(&mut node, &["a", "b"]), Some(int(1)));
        take_default(&mut node, &["a", "c"], &boolean(false));
        assert!(is_true(&node, &["a", "c"]));
        take_default(&mut node, &["a", "c"], &boolean(true));
        assert_eq!(node, map(), "an empty map on the way goes too");
    }

    #[test]
    fn equal_values_are_equal_wherever_they_were_read() {
        let one = bare(&read("a: 1\nb: [x, {c: d, e: null}]\n"));
        let other = bare(&read("# text\nb:\n  - x\n  - c: d\na: 1\n"));
        assert_ne!(one, other, "the order of the keys differs");
        assert!(same(&one, &other));
        assert!(!same(&one, &bare(&read("a: 1\nb: [x]\n"))));
    }
}
