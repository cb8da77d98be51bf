//! Finds the key or value at a place of a document.

use crate::diagnostic::Span;
use crate::source::node::{Node, Value};

/// What stands at a place.
#[derive(Debug)]
pub(super) struct At<'n> {
    /// The keys that lead to it. An item of a list has its number.
    pub(super) path: Vec<String>,
    /// The range of the key or of the value.
    pub(super) span: Span,
    /// The value.
    pub(super) node: &'n Node,
}

/// The innermost key or value at a byte offset.
pub(super) fn at(node: &Node, offset: usize) -> Option<At<'_>> {
    let is_in = |span: Span| (span.start as usize..=span.end as usize).contains(&offset);
    let (mut path, mut node) = (Vec::new(), node);
    loop {
        match &node.value {
            Value::Map(entries) => {
                if let Some(entry) = entries.iter().find(|entry| is_in(entry.key_span)) {
                    path.push(entry.key.to_string());
                    return Some(At { path, span: entry.key_span, node: &entry.node });
                }
                let entry = entries.iter().find(|entry| is_in(entry.node.span))?;
                path.push(entry.key.to_string());
                node = &entry.node;
            }
            Value::List(items) => {
                let index = items.iter().position(|item| is_in(item.span))?;
                path.push(index.to_string());
                node = &items[index];
            }
            _ => return is_in(node.span).then_some(At { path, span: node.span, node }),
        }
    }
}
