//! The canonical writer: whatever value it writes, libyaml reads the same tree, and readers of YAML 1.1, of
//! YAML 1.2 and in Go give each scalar the same type and value.
//!
//! The input is a list of pieces, each ended by the byte 0xFF, which occurs in no UTF-8 text. The first
//! character of a piece says what it is:
//!
//! | character | piece |
//! |---|---|
//! | `[`, `{`, `<` | starts a list, starts a map, ends the innermost of them |
//! | `~`, `y`, `n` | null, true, false |
//! | `i`, `d` | a whole number, a number with a fraction; its text follows |
//! | `*` | a text; the number in front of its first space says how often it is repeated |
//! | any other | a text: the whole piece |
//!
//! In a map, a text is a key first and the next piece is its value.

use crate::{foreign, same};
use sitewright::diagnostic::FileId;
use sitewright::manifest::writer;
use sitewright::source::node::{Entry, Node, Value};
use sitewright::source::yaml;
use std::collections::BTreeSet;

/// How deep the values of this target nest.
const MAX_DEPTH: usize = 30;

/// Runs the target.
pub fn run(input: &[u8]) {
    if input.len() > crate::MAX_INPUT {
        return;
    }
    // A document that is nothing but null is refused, so the value is inside a list.
    let list = value(input);
    let mut text = String::new();
    writer::write(&list, &mut text);
    assert!(text.ends_with('\n') && !text.ends_with("\n\n"), "{text:?}");
    let tree = foreign::read(&text);
    let tree = tree.unwrap_or_else(|why| panic!("libyaml has no tree: {why:?}\n{text:?}"));
    same::in_libyaml(&list, &tree, &text);
    same::in_serde_yaml(&list, &text);
    let read = yaml::read(&text, FileId(0));
    let read = read.unwrap_or_else(|found| panic!("our reader: {found:?}\n{text:?}"));
    assert!(read.means_same(&list), "{text:?}");
    let mut again = String::new();
    writer::write(&read, &mut again);
    assert_eq!(again, text, "the text is not canonical");
}

/// The list of values that the input states.
pub fn value(input: &[u8]) -> Node {
    let mut open = vec![Open::List(Vec::new())];
    for piece in input.split(|byte| *byte == 0xff) {
        let piece = String::from_utf8_lossy(piece);
        if let Some(Open::Map { keys, key: key @ None, .. }) = open.last_mut()
            && !piece.starts_with('<')
        {
            // A key that is there already gets no second value.
            *key = Some((keys.insert(piece.to_string()), piece.into()));
            continue;
        }
        match piece.chars().next() {
            Some('[') if open.len() < MAX_DEPTH => open.push(Open::List(Vec::new())),
            Some('{') if open.len() < MAX_DEPTH => {
                open.push(Open::Map { entries: Vec::new(), keys: BTreeSet::new(), key: None });
            }
            Some('<') if open.len() > 1 => end(&mut open),
            _ => add(&mut open, scalar(&piece).into()),
        }
    }
    while open.len() > 1 {
        end(&mut open);
    }
    open.pop().map_or(Value::Null, Open::finished).into()
}

/// A list or map that is not finished.
enum Open {
    List(Vec<Node>),
    Map { entries: Vec<Entry>, keys: BTreeSet<String>, key: Option<(bool, Box<str>)> },
}

impl Open {
    fn finished(self) -> Value {
        match self {
            Self::List(items) => Value::List(items),
            Self::Map { entries, .. } => Value::Map(entries),
        }
    }
}

fn end(open: &mut Vec<Open>) {
    if let Some(finished) = open.pop() {
        add(open, finished.finished().into());
    }
}

fn add(open: &mut [Open], node: Node) {
    match open.last_mut() {
        Some(Open::List(items)) => items.push(node),
        Some(Open::Map { entries, key, .. }) => {
            if let Some((true, key)) = key.take() {
                entries.push(Entry::new(&key, node));
            }
        }
        None => {}
    }
}

fn scalar(piece: &str) -> Value {
    let mut chars = piece.chars();
    let (first, rest) = (chars.next(), chars.as_str());
    match first {
        Some('~') if rest.is_empty() => Value::Null,
        Some('y') if rest.is_empty() => Value::Bool(true),
        Some('n') if rest.is_empty() => Value::Bool(false),
        Some('i') if rest.parse::<i64>().is_ok() => Value::Int(rest.parse().unwrap_or_default()),
        Some('d') => match rest.parse::<f64>() {
            Ok(number) if number.is_finite() => Value::Float(number),
            _ => Value::String(piece.into()),
        },
        Some('*') => match rest.split_once(' ').map(|(count, text)| (count.parse(), text)) {
            Some((Ok(count), text)) if text.len() * count < 20_000 => {
                Value::String(text.repeat(count).into())
            }
            _ => Value::String(piece.into()),
        },
        _ => Value::String(piece.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_are_values() {
        let node =
            value(b"{\xffa\xffi1\xffb\xff[\xff~\xffyes\xff*3 ab\xff<\xffb\xffi2\xff<\xffd1.5");
        let mut text = String::new();
        writer::write(&node, &mut text);
        assert_eq!(text, "- a: 1\n  b:\n    - null\n    - \"yes\"\n    - ababab\n- 1.5\n");
    }
}
