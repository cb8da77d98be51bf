//! The outline of what a template writes: its tree, with a numbered string in the place of each value, where
//! nothing of it can depend on what the values are.

use crate::diagnostic::FileId;
use crate::manifest::writer::HOLE;
use crate::source::node::{Node, Value};
use crate::source::yaml::{self, MAX_DEPTH};
use crate::template::Part;
use std::fmt::Write;

/// A tree with holes.
pub(super) struct Outline {
    /// The tree, a map.
    pub(super) node: Node,
    /// The deepest that each value may nest, by its number.
    pub(super) room: Vec<usize>,
}

impl Outline {
    /// The outline of what a template writes; nothing where a value could be read together with what stands
    /// beside it, or decides more than what stands in its own place.
    pub(super) fn of(parts: &[Part]) -> Option<Self> {
        let (node, _) = yaml::read(&outlined(parts)?, FileId::NONE);
        let node = node.filter(|node| matches!(node.value, Value::Map(_)))?;
        let mut room = Vec::new();
        let is_whole = take_stock(&node, 1, &mut room)
            && room.len() == parts.iter().filter(|part| **part == Part::Value).count();
        (is_whole && !has_open_marks(&node)).then_some(Self { node, room })
    }
}

/// What a template writes, with a numbered string for each value; nothing when a value could be read
/// together with what stands beside it.
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
                // Writing to a string does not fail.
                let _ = write!(text, "\"\\u0001{number}\"");
                number += 1;
            }
        }
    }
    Some(text)
}

/// Notes how deep each value may nest, and says whether all strings that stand for one are there, each
/// once and in their order, none of them a key beside others that it could repeat.
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

/// Whether a value decides which marks the template sets by itself, or which of its keys there are.
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
