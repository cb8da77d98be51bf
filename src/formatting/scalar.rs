//! A value on one line.

use crate::diagnostic::acts;
use crate::language::Fields;
use crate::manifest::writer::{is_plain, quoted};
use crate::source::node::{Entry, Node, Value};

/// The signs that mean something within brackets, or that some readers misread there.
const SIGNS: &[char] = &[',', '[', ']', '{', '}', '?', ':'];

/// Appends a key, or a text on one line: plain where every reader reads it as this text, and otherwise in double quotes.
/// A reviewer must see each character, so those that cannot be seen are written as escapes.
pub(super) fn string(text: &str, is_bracketed: bool, out: &mut String) {
    let is_hidden = |character: char| acts(character) || character == '\u{a0}';
    if text.contains(is_hidden) {
        let mut raw = String::new();
        quoted(text, &mut raw);
        for character in raw.chars() {
            match u32::from(character) {
                _ if !is_hidden(character) => out.push(character),
                code @ 0..=0xffff => out.push_str(&format!("\\u{code:04x}")),
                code => out.push_str(&format!("\\U{code:08x}")),
            }
        }
        return;
    }
    match is_plain(text) && !(is_bracketed && text.contains(SIGNS)) {
        true => out.push_str(text),
        false => quoted(text, out),
    }
}

/// Appends a value on one line. `text` is the text from which the value was read: numbers, booleans and nulls stay as
/// they are written.
pub(super) fn inline(
    node: &Node,
    text: &str,
    fields: Fields,
    is_bracketed: bool,
    out: &mut String,
) {
    match &node.value {
        Value::String(value) => string(value, is_bracketed, out),
        Value::List(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                out.push_str(if index > 0 { ", " } else { "" });
                inline(item, text, fields.items(), true, out);
            }
            out.push(']');
        }
        Value::Map(entries) => {
            let mut entries: Vec<&Entry> = entries.iter().collect();
            entries.sort_by_key(|entry| fields.place(&entry.key));
            out.push('{');
            for (index, entry) in entries.into_iter().enumerate() {
                out.push_str(if index > 0 { ", " } else { "" });
                string(&entry.key, true, out);
                out.push_str(": ");
                inline(&entry.node, text, fields.below(&entry.key), true, out);
            }
            out.push('}');
        }
        Value::Null | Value::Bool(_) | Value::Int(_) | Value::Float(_) => {
            let written = text.get(node.span.range()).unwrap_or_default().trim();
            out.push_str(if written.is_empty() { "null" } else { written });
        }
    }
}
