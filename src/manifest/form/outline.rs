//! The outline of a template's output: its tree with a numbered placeholder string for each value.
//! It exists only if no part of the tree can depend on the values.

use crate::diagnostic::FileId;
use crate::manifest::writer::HOLE;
use crate::source::node::{Node, Value};
use crate::source::yaml::{self, MAX_DEPTH};
use crate::template::Part;
use std::fmt::Write;

/// A tree with placeholders.
pub(super) struct Outline {
    /// The tree, which is a map.
    pub(super) node: Node,
    /// The maximum depth of each value, by its number.
    pub(super) room: Vec<usize>,
}

impl Outline {
    /// The outline of a template's output. `None` if a value could be read together with the text
    /// beside it, or if it decides more than its own place.
    pub(super) fn of(parts: &[Part]) -> Option<Self> {
        let (node, _) = yaml::read(&outlined(parts)?, FileId::NONE);
        let node = node.filter(|node| matches!(node.value, Value::Map(_)))?;
        let mut room = Vec::new();
        let is_whole = take_stock(&node, 1, &mut room)
            && room.len() == parts.iter().filter(|part| **part == Part::Value).count();
        (is_whole && !has_open_marks(&node)).then_some(Self { node, room })
    }
}

/// A template's output with a numbered placeholder string for each value. `None` if a value could
/// be read together with the text beside it.
fn outlined(parts: &[Part]) -> Option<String> {
    let (mut text, mut number) = (String::new(), 0);
    for (at, part) in parts.iter().enumerate() {
        match part {
            Part::Text(own) => text.push_str(own),
            Part::Value => {
                let before = text.bytes().last();
                let after = parts[at + 1..].iter().find_map(|part| match part {
                    Part::Text("") => None,
                    Part::Text(own) => Some(own.bytes().next()),
                    Part::Value => Some(Some(b'"')),
                });
                if before.is_some_and(|byte| !b" \n[{,".contains(&byte))
                    || after.flatten().is_some_and(|byte| !b" \n]},:".contains(&byte))
                {
                    return None;
                }
                // Writing to a string cannot fail.
                let _ = write!(text, "\"\\u0001{number}\"");
                number += 1;
            }
        }
    }
    Some(text)
}

/// Records the maximum depth of each value. It returns whether every placeholder occurs exactly
/// once and in order, and none is a key that could repeat another key of its map.
fn take_stock(node: &Node, depth: usize, room: &mut Vec<usize>) -> bool {
    let is_next = |text: &str, room: &mut Vec<usize>| match text.strip_prefix(HOLE) {
        None => true,
        Some(number) => {
            let is_next = number == room.len().to_string();
            room.push(MAX_DEPTH + 1 - depth);
            is_next
        }
    };
    match &node.value {
        Value::String(text) => is_next(text, room),
        Value::List(items) => items.iter().all(|item| take_stock(item, depth + 1, room)),
        Value::Map(entries) => entries.iter().all(|entry| {
            let is_alone = entries.len() == 1 || !entry.key.starts_with(HOLE);
            is_alone && is_next(&entry.key, room) && take_stock(&entry.node, depth + 1, room)
        }),
        _ => true,
    }
}

/// Whether a value decides which labels and annotations the template itself sets, or which keys
/// they have.
fn has_open_marks(node: &Node) -> bool {
    let metadata = node.get("metadata");
    let is_open = |node: &Node| node.entries().iter().any(|entry| entry.key.starts_with(HOLE));
    let stated = ["labels", "annotations"].map(|field| metadata.and_then(|it| it.get(field)));
    is_open(node) || metadata.is_some_and(is_open) || stated.into_iter().flatten().any(holds_holes)
}

fn holds_holes(node: &Node) -> bool {
    match &node.value {
        Value::String(text) => text.starts_with(HOLE),
        Value::List(items) => items.iter().any(holds_holes),
        Value::Map(entries) => {
            entries.iter().any(|entry| entry.key.starts_with(HOLE) || holds_holes(&entry.node))
        }
        _ => false,
    }
}
