//! Skeletons: the object of a template as a tree, with a numbered placeholder string where the
//! template interpolates a value.
//!
//! The skeleton exists only if the values cannot change the tree around them:
//!
//! - Each placeholder is between spaces, line ends or the brackets of YAML. So YAML reads the
//!   JSON literal of a value as a value of its own.
//! - Each placeholder occurs once in the tree, in the order of the template. So it is in no comment
//!   and no other string.
//! - A value is a key only where it is the only key of its map. So it cannot repeat another key.
//! - No value is in the labels and annotations that the template writes. sitewright merges its own
//!   labels and annotations into them, and sorts all by their keys.

use super::flow::Piece;
use crate::diagnostic::FileId;
use crate::manifest::HOLE;
use crate::source::node::{Node, Value};
use crate::source::yaml::{self, MAX_DEPTH};
use std::fmt::Write;

/// The object of a template as a tree with placeholders.
pub(super) struct Skeleton {
    /// The tree, which is a map.
    pub(super) node: Node,
    /// The maximum depth of each value, by its number.
    pub(super) room: Vec<usize>,
}

impl Skeleton {
    /// The skeleton of a template's output. `None` if the values could change the tree around them.
    pub(super) fn of(pieces: &[Piece]) -> Option<Self> {
        let node = yaml::read(&with_placeholders(pieces)?, FileId::NONE).ok();
        let node = node.filter(|node| matches!(node.value, Value::Map(_)))?;
        let mut room = Vec::new();
        let is_whole = take_stock(&node, 1, &mut room)
            && room.len() == pieces.iter().filter(|piece| **piece == Piece::Value).count();
        (is_whole && !has_open_metadata(&node)).then_some(Self { node, room })
    }
}

/// A template's output with a numbered placeholder string for each value. `None` if a value could
/// be read together with the text beside it.
fn with_placeholders(pieces: &[Piece]) -> Option<String> {
    let (mut text, mut number) = (String::new(), 0);
    for (at, piece) in pieces.iter().enumerate() {
        match piece {
            Piece::Text(own) => text.push_str(own),
            Piece::Value => {
                let before = text.bytes().last();
                let after = pieces[at + 1..].iter().find_map(|piece| match piece {
                    Piece::Text("") => None,
                    Piece::Text(own) => Some(own.bytes().next()),
                    Piece::Value => Some(Some(b'"')),
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

/// Whether a value is part of the labels or annotations that the template writes, or is a key of
/// the object or of its metadata.
fn has_open_metadata(node: &Node) -> bool {
    let metadata = node.get("metadata");
    let is_open = |node: &Node| node.entries().iter().any(|entry| entry.key.starts_with(HOLE));
    let stated = ["labels", "annotations"].map(|field| metadata.and_then(|it| it.get(field)));
    is_open(node)
        || metadata.is_some_and(is_open)
        || stated.into_iter().flatten().any(holds_placeholder)
}

fn holds_placeholder(node: &Node) -> bool {
    match &node.value {
        Value::String(text) => text.starts_with(HOLE),
        Value::List(items) => items.iter().any(holds_placeholder),
        Value::Map(entries) => entries
            .iter()
            .any(|entry| entry.key.starts_with(HOLE) || holds_placeholder(&entry.node)),
        _ => false,
    }
}
