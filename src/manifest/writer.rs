//! The canonical YAML writer. Its bytes are the output format: a change of them is a new version of
//! that format.
//!
//! Block style, two spaces, lists indented below their key. A string is quoted exactly when some YAML
//! 1.1 or 1.2 reader would take the plain form for anything else; text of several lines is a literal
//! block where every reader gives it back unchanged.

use crate::source::node::{Entry, Node, Value};
use crate::source::scalar::{Plain, plain};
use std::fmt::Write as _;

/// Writes a document's value, with one newline at the end.
pub fn write(node: &Node, out: &mut String) {
    match &node.value {
        Value::Map(entries) if !entries.is_empty() => map(entries, 0, false, out),
        Value::List(items) if !items.is_empty() => list(items, 0, false, out),
        _ => {
            scalar(node, 0, out);
            out.push('\n');
        }
    }
}

/// Writes entries at a level; the first is on a line that `inline` began.
fn map(entries: &[Entry], level: usize, inline: bool, out: &mut String) {
    for (index, entry) in entries.iter().enumerate() {
        if index > 0 || !inline {
            indent(level, out);
        }
        string(&entry.key, out);
        out.push(':');
        match &entry.node.value {
            Value::Map(entries) if !entries.is_empty() => {
                out.push('\n');
                map(entries, level + 1, false, out);
            }
            Value::List(items) if !items.is_empty() => {
                out.push('\n');
                list(items, level + 1, false, out);
            }
            _ => {
                out.push(' ');
                scalar(&entry.node, level, out);
                out.push('\n');
            }
        }
    }
}

fn list(items: &[Node], level: usize, inline: bool, out: &mut String) {
    for (index, item) in items.iter().enumerate() {
        if index > 0 || !inline {
            indent(level, out);
        }
        out.push_str("- ");
        match &item.value {
            Value::Map(entries) if !entries.is_empty() => map(entries, level + 1, true, out),
            Value::List(items) if !items.is_empty() => list(items, level + 1, true, out),
            _ => {
                scalar(item, level, out);
                out.push('\n');
            }
        }
    }
}

fn indent(level: usize, out: &mut String) {
    for _ in 0..level {
        out.push_str("  ");
    }
}

/// Writes anything that is not a filled map or list, without its newline.
fn scalar(node: &Node, level: usize, out: &mut String) {
    // Writing to a String cannot fail.
    let _ = match &node.value {
        Value::Null => out.write_str("null"),
        Value::Bool(value) => write!(out, "{value}"),
        Value::Int(value) => write!(out, "{value}"),
        Value::Float(value) => float(*value, out),
        Value::String(text) if is_block(text) => {
            block(text, level + 1, out);
            Ok(())
        }
        Value::String(text) => {
            string(text, out);
            Ok(())
        }
        Value::List(_) => out.write_str("[]"),
        Value::Map(_) => out.write_str("{}"),
    };
}

/// The shortest form that reads back, with the dot and the exponent's sign that YAML 1.1 wants.
fn float(value: f64, out: &mut String) -> std::fmt::Result {
    let text = format!("{value:?}");
    match text.split_once('e') {
        Some((mantissa, exponent)) => {
            let dot = if mantissa.contains('.') { "" } else { ".0" };
            let sign = if exponent.starts_with('-') { "" } else { "+" };
            write!(out, "{mantissa}{dot}e{sign}{exponent}")
        }
        None => out.write_str(&text),
    }
}

/// Writes a string on one line, quoted where it must be.
fn string(text: &str, out: &mut String) {
    if is_plain(text) { out.push_str(text) } else { quoted(text, out) }
}

/// Whether every reader takes the bare text for just this string.
fn is_plain(text: &str) -> bool {
    let bytes = text.as_bytes();
    let (Some(first), Some(last)) = (bytes.first(), bytes.last()) else { return false };
    let indicator = match first {
        b'-' | b'?' | b':' => bytes.get(1).is_none_or(|next| *next == b' '),
        first => b",[]{}#&*!|>'\"%@` ".contains(first),
    };
    !indicator
        && *last != b' '
        && *last != b':'
        && !text.starts_with("---")
        && !text.starts_with("...")
        && bytes.iter().all(|byte| (b' '..=b'~').contains(byte))
        && !text.contains(": ")
        && !text.contains(" #")
        && plain(text) == Plain::Text
}

/// Double quotes with JSON's escapes, which YAML shares, and YAML's for what JSON leaves bare.
fn quoted(text: &str, out: &mut String) {
    out.push('"');
    for character in text.chars() {
        let _ = match character {
            '"' => out.write_str("\\\""),
            '\\' => out.write_str("\\\\"),
            '\n' => out.write_str("\\n"),
            '\t' => out.write_str("\\t"),
            '\r' => out.write_str("\\r"),
            ' '..='~' => out.write_char(character),
            _ if is_printable(character) => out.write_char(character),
            _ if (character as u32) < 0x100 => write!(out, "\\x{:02x}", character as u32),
            _ if (character as u32) < 0x1_0000 => write!(out, "\\u{:04x}", character as u32),
            _ => write!(out, "\\U{:08x}", character as u32),
        };
    }
    out.push('"');
}

/// Whether a character beyond ASCII may stand bare in YAML: no control, no line break of YAML 1.1, no
/// byte order mark, none that is reserved.
fn is_printable(character: char) -> bool {
    matches!(character as u32,
        0xa0..=0x2027 | 0x202a..=0xd7ff | 0xe000..=0xfefe | 0xff00..=0xfffd | 0x1_0000..=0x10_ffff)
}

/// Whether a literal block gives this text back in every reader: several lines, each of printable
/// characters, none with white space at its ends but for indentation after the first.
fn is_block(text: &str) -> bool {
    let Some(body) = text.strip_suffix('\n').or(text.contains('\n').then_some(text)) else {
        return false;
    };
    let mut lines = body.split('\n');
    let first = lines.next().unwrap_or_default();
    !first.is_empty()
        && !first.starts_with(' ')
        && body.contains('\n')
        && body.split('\n').all(|line| {
            !line.ends_with(' ')
                && line.chars().all(|c| (' '..='~').contains(&c) || is_printable(c))
        })
        && !body.ends_with('\n')
}

/// Writes a literal block, without its last newline.
fn block(text: &str, level: usize, out: &mut String) {
    let (body, chomping) = match text.strip_suffix('\n') {
        Some(body) => (body, ""),
        None => (text, "-"),
    };
    out.push('|');
    out.push_str(chomping);
    for line in body.split('\n') {
        out.push('\n');
        if !line.is_empty() {
            indent(level, out);
            out.push_str(line);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::FileId;
    use crate::source::yaml;

    fn rewritten(text: &str) -> String {
        let (node, problems) = yaml::read(text, FileId(0));
        let node = node.unwrap_or_else(|| panic!("{problems:?}"));
        let mut out = String::new();
        write(&node, &mut out);
        out
    }

    #[test]
    fn the_canonical_form() {
        let text = r#"{"a":{"b":[1,"x",{"c":true,"d":[]},[2,3]],"e":{}},"f":null,"g":"no","h":1.5,
            "i":"a\nb\n","j":"a\nb","k":"","l":"10.11","m":"%","n":"-x","o":"a: b","p":"\\_","q":"é"}"#;
        assert_eq!(
            rewritten(text),
            "a:\n  b:\n    - 1\n    - x\n    - c: true\n      d: []\n    - - 2\n      - 3\n  e: {}\n\
             f: null\ng: \"no\"\nh: 1.5\ni: |\n  a\n  b\nj: |-\n  a\n  b\nk: \"\"\nl: \"10.11\"\n\
             m: \"%\"\n\"n\": -x\no: \"a: b\"\np: \\_\nq: \"é\"\n"
        );
    }

    #[test]
    fn the_canonical_form_is_its_own() {
        let text = "a:\n  - b: |\n      x\n\n        y\n    c: \"a\\tb\"\n";
        assert_eq!(rewritten(text), text);
    }

    #[test]
    fn text_that_a_block_cannot_carry_is_quoted() {
        for text in ["\n", "a\n\n", " a\nb", "a \nb", "\na\nb", "a\r\nb", "a\n\tb\u{85}"] {
            assert!(!is_block(text), "{text:?}");
        }
        assert!(is_block("a\n  b\n\nc\n"));
    }
}
