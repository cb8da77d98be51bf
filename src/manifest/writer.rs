//! The canonical YAML writer. It writes a tree as exactly one text, which every reader understands
//! alike.
//!
//! It uses block style, two spaces and no folding. It quotes a string exactly when some reader of
//! YAML 1.1 or 1.2 would not read the plain form as that string. A change of a single byte in this
//! module's output changes the manifests of every user.

mod hole;

pub use hole::{HOLE, Hole, hole_number, with_holes};

use crate::source::node::{Node, Value};
use crate::source::scalar::{Plain, plain};
use hole::{Holes, Position, is_hole};
use std::fmt::Write;

/// The maximum length of a key before its `:` on one line, in bytes of its written form. Readers
/// search for the `:` within 1024 characters.
const MAX_SIMPLE_KEY: usize = 1000;

/// Appends a document of this value to `out`, with one newline at its end.
///
/// Floats must be finite, because JSON, and so Kubernetes, has no other floats.
pub fn write(node: &Node, out: &mut String) {
    document(node, out, &mut None);
}

fn document(node: &Node, out: &mut String, holes: &mut Holes) {
    if is_block(&node.value) {
        block(&node.value, 0, true, out, holes);
    } else {
        inline(&node.value, out);
        out.push('\n');
    }
}

/// Whether the value is written on lines of its own: a list or map that is not empty.
fn is_block(value: &Value) -> bool {
    match value {
        Value::List(items) => !items.is_empty(),
        Value::Map(entries) => !entries.is_empty(),
        _ => false,
    }
}

/// Writes a list or map that is not empty. `out` must end where its first line starts, at `indent`.
///
/// `last` is true if the document ends with this value.
fn block(value: &Value, indent: usize, last: bool, out: &mut String, holes: &mut Holes) {
    match value {
        Value::List(items) => {
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    pad(indent, out);
                }
                out.push('-');
                let last = last && index + 1 == items.len();
                child(&item.value, indent, Start::SameLine, last, out, holes);
            }
        }
        Value::Map(entries) => {
            for (index, entry) in entries.iter().enumerate() {
                if index > 0 {
                    pad(indent, out);
                }
                if !is_hole(&entry.key, Position::Key { indent }, out, holes) {
                    key(&entry.key, indent, out);
                }
                let last = last && index + 1 == entries.len();
                child(&entry.node.value, indent, Start::NextLine, last, out, holes);
            }
        }
        _ => {}
    }
}

/// Where a nested list or map starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Start {
    /// After the dash of its item.
    SameLine,
    /// Below its key.
    NextLine,
}

/// Writes the value after a dash or the colon of a key, to the end of its last line.
fn child(
    value: &Value,
    indent: usize,
    start: Start,
    last: bool,
    out: &mut String,
    holes: &mut Holes,
) {
    match value {
        Value::String(text) => {
            if !is_hole(text, Position::Value { indent, start, last }, out, holes) {
                text_of_child(text, indent, last, out);
            }
        }
        _ if is_block(value) => {
            match start {
                Start::SameLine => out.push(' '),
                Start::NextLine => {
                    out.push('\n');
                    pad(indent + 2, out);
                }
            }
            block(value, indent + 2, last, out, holes);
        }
        _ => {
            out.push(' ');
            inline(value, out);
            out.push('\n');
        }
    }
}

fn text_of_child(text: &str, indent: usize, last: bool, out: &mut String) {
    if is_literal(text, last) {
        return literal(text, indent + 2, out);
    }
    out.push(' ');
    string(text, out);
    out.push('\n');
}

fn key(text: &str, indent: usize, out: &mut String) {
    let start = out.len();
    string(text, out);
    if out.len() - start > MAX_SIMPLE_KEY {
        out.insert_str(start, "? ");
        out.push('\n');
        pad(indent, out);
    }
    out.push(':');
}

/// Writes a value that fits on the current line.
fn inline(value: &Value, out: &mut String) {
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(true) => out.push_str("true"),
        Value::Bool(false) => out.push_str("false"),
        Value::Int(number) => format(out, format_args!("{number}")),
        Value::Float(number) => float(*number, out),
        Value::String(text) => string(text, out),
        Value::List(_) => out.push_str("[]"),
        Value::Map(_) => out.push_str("{}"),
    }
}

/// Writes the shortest form that readers read as the same number. It has a dot and a sign in the
/// exponent, as YAML 1.1 requires.
fn float(number: f64, out: &mut String) {
    let start = out.len();
    format(out, format_args!("{number:?}"));
    if let Some(exponent) = out[start..].find('e').map(|offset| start + offset) {
        if !out[exponent..].starts_with("e-") {
            out.insert(exponent + 1, '+');
        }
        if !out[start..exponent].contains('.') {
            out.insert_str(exponent, ".0");
        }
    }
}

/// Writes a text on one line: plain if every reader reads it as that text, and otherwise in double
/// quotes.
fn string(text: &str, out: &mut String) {
    match is_plain(text) {
        true => out.push_str(text),
        false => quoted(text, out),
    }
}

/// Writes a text in double quotes.
pub fn quoted(text: &str, out: &mut String) {
    out.push('"');
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            _ if is_special(character) => {
                format(out, format_args!("\\u{:04x}", u32::from(character)))
            }
            _ => out.push(character),
        }
    }
    out.push('"');
}

/// Whether the text is valid as a plain scalar in block style and every reader reads it as text.
pub fn is_plain(text: &str) -> bool {
    let mut chars = text.chars();
    let starts_well = match chars.next() {
        Some('-' | '?' | ':') => chars.next().is_some_and(|next| next != ' '),
        Some(first) => !",[]{}#&*!|>'\"%@` ".contains(first),
        None => false,
    };
    starts_well
        && !text.starts_with("---")
        && !text.starts_with("...")
        && !text.ends_with([' ', ':'])
        && plain(text) == Plain::Text
        && reads_on(text)
}

/// Whether no part of a text ends a plain scalar or needs an escape. The function is fast, because
/// ciphertexts are long and most of a fleet's output.
fn reads_on(text: &str) -> bool {
    // The text is checked in chunks, which the compiler can vectorise. Most texts have only visible
    // ASCII characters.
    let are_visible =
        |piece: &[u8]| piece.iter().fold(true, |all, byte| all & (0x21..0x7f).contains(byte));
    if text.as_bytes().chunks(64).all(are_visible) {
        return true;
    }
    let mut before = 0;
    for byte in text.bytes() {
        match (before, byte) {
            (b':', b' ') | (b' ', b'#') | (_, 0..b' ' | 0x7f) => return false,
            _ => before = byte,
        }
    }
    text.is_ascii() || !text.contains(is_special)
}

/// Whether every reader reads the text from a literal block unchanged.
///
/// Some readers, or people, lose or misread blank lines at the start, white space at the end of a
/// line and tabs before its text. Blank lines after the last newline would have to be at the end of
/// the document.
fn is_literal(text: &str, last: bool) -> bool {
    let is_line = |line: &str| {
        !line.ends_with([' ', '\t']) && !line.trim_start_matches(' ').starts_with('\t')
    };
    text.contains('\n')
        && !text.starts_with('\n')
        && !(last && text.ends_with("\n\n"))
        && text.split('\n').all(is_line)
        && !text.contains(|character| character == '\r' || is_special(character))
}

/// Writes the text as a literal block with its lines at `indent`.
fn literal(text: &str, indent: usize, out: &mut String) {
    out.push_str(" |");
    if text.starts_with(' ') {
        out.push('2');
    }
    match text.strip_suffix('\n') {
        None => out.push('-'),
        Some(rest) if rest.ends_with('\n') => out.push('+'),
        Some(_) => {}
    }
    out.push('\n');
    for line in text.strip_suffix('\n').unwrap_or(text).split('\n') {
        if !line.is_empty() {
            pad(indent, out);
            out.push_str(line);
        }
        out.push('\n');
    }
}

/// Whether a character other than a tab or a line end needs an escape: control characters, the line
/// ends of YAML 1.1, the byte order mark, and noncharacters.
fn is_special(character: char) -> bool {
    match character {
        '\t' | '\n' | '\r' | ' '..='~' => false,
        '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}' => true,
        _ => character.is_control(),
    }
}

fn pad(indent: usize, out: &mut String) {
    for _ in 0..indent {
        out.push(' ');
    }
}

fn format(out: &mut String, arguments: std::fmt::Arguments<'_>) {
    // Writing to a string cannot fail.
    let _ = out.write_fmt(arguments);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::FileId;
    use crate::source::yaml::read;

    fn node(value: Value) -> Node {
        Node { span: crate::diagnostic::Span::new(FileId(0), 0, 0), value }
    }

    fn written(value: Value) -> String {
        let mut out = String::new();
        write(&node(value), &mut out);
        out
    }

    /// `text` as an item that is not the document's last.
    fn item(text: &str) -> String {
        let list = written(Value::List(vec![node(Value::String(text.into())), node(Value::Null)]));
        list.strip_suffix("- null\n").expect("a second item").to_owned()
    }

    /// What is read from `text` is written as `text`.
    #[track_caller]
    fn canonical(text: &str) {
        let mut out = String::new();
        write(&read(text, FileId(0)).unwrap(), &mut out);
        assert_eq!(out, text);
    }

    #[test]
    fn structure() {
        canonical(
            "apiVersion: k8s.mariadb.com/v1alpha1\n\
             kind: Grant\n\
             metadata:\n  \
               name: acme-grant\n  \
               labels: {}\n\
             spec:\n  \
               privileges:\n    \
                 - SELECT\n    \
                 - name: a\n      \
                   values:\n        \
                     - 1\n        \
                     - 2.5\n    \
                 - - x\n      \
                   - - z\n    \
                 - []\n    \
                 - {}\n    \
                 - null\n  \
               enabled: true\n",
        );
        canonical("- a\n- b\n");
        canonical("text\n");
        canonical("{}\n");
    }

    #[test]
    fn plain_where_every_reader_agrees() {
        let texts = [
            "a",
            "erp.acme.com",
            "10.0.0.1",
            "10Gi",
            "500m",
            "2d",
            "v15",
            "frappe/erpnext:v15",
            "--flag",
            "-foo",
            "?x",
            ":x",
            "a b",
            "a#b",
            "a:b",
            "a,b",
            "x]",
            "=x",
            "<x",
            "~x",
            "é",
            "日本",
            "😀",
            "a\"b",
            "it's",
            "a & b",
            "1.2.3",
            "yEs",
            "_1",
            "a\u{a0}b",
            "\\",
        ];
        for text in texts {
            assert_eq!(item(text), format!("- {text}\n"));
        }
    }

    #[test]
    #[expect(clippy::too_many_lines, reason = "a table of texts")]
    fn quoted_where_some_reader_errs() {
        let texts = [
            "",
            " ",
            " a",
            "a ",
            "no",
            "Y",
            "0777",
            "08",
            "1_000",
            "1:30",
            "1e3",
            "2026-01-01",
            "~",
            "null",
            "true",
            "1",
            "-1.5",
            ".inf",
            "=",
            "<<",
            "-",
            "?",
            ":",
            "- a",
            "? a",
            ": a",
            "a: b",
            "a:",
            "a #b",
            "#a",
            "&a",
            "*a",
            "!a",
            "|",
            ">",
            "'a'",
            "%a",
            "@a",
            "`a",
            "[a",
            "]",
            "{a",
            "}",
            ",a",
            "---",
            "--- a",
            "...",
            "...a",
        ];
        for text in texts {
            assert_eq!(item(text), format!("- \"{text}\"\n"));
        }
        let escaped = [
            ("\"a", r#""\"a""#),
            ("a: \\", r#""a: \\""#),
            ("a\tb", r#""a\tb""#),
            ("a\rb", r#""a\rb""#),
            ("\0\u{1b}\u{7f}", r#""\u0000\u001b\u007f""#),
            ("\u{85}\u{2028}\u{2029}\u{feff}\u{ffff}", r#""\u0085\u2028\u2029\ufeff\uffff""#),
        ];
        for (text, expected) in escaped {
            assert_eq!(item(text), format!("- {expected}\n"));
        }
    }

    #[test]
    fn several_lines_are_a_literal_block() {
        let cases = [
            ("a\nb", "- |-\n  a\n  b\n"),
            ("a\nb\n", "- |\n  a\n  b\n"),
            ("a\n", "- |\n  a\n"),
            ("a\n\n\n", "- |+\n  a\n\n\n"),
            ("  a\nb", "- |2-\n    a\n  b\n"),
            ("a\n  b\n\nc: #\n---\n", "- |\n  a\n    b\n\n  c: #\n  ---\n"),
            ("a\tb\n", "- |\n  a\tb\n"),
        ];
        for (text, expected) in cases {
            assert_eq!(item(text), expected, "{text:?}");
        }
        let quoted =
            ["\n", "\na", "a \nb", "a\n \nb", "a\n\tb", "a\n \tb", "a\r\nb", "a\n\u{85}", "a\n "];
        for text in quoted {
            assert_eq!(item(text), format!("- {text:?}\n").replace("\\u{85}", "\\u0085"));
        }
    }

    #[test]
    fn the_document_ends_with_one_newline() {
        let last = |text: &str| written(Value::List(vec![node(Value::String(text.into()))]));
        assert_eq!(last("a\n"), "- |\n  a\n");
        assert_eq!(last("a\n\n"), "- \"a\\n\\n\"\n");
        assert_eq!(written(Value::String("a\nb\n".into())), "\"a\\nb\\n\"\n");
        canonical("a: |+\n  x\n\nb: 1\n");
        canonical("b: 1\na: \"x\\n\\n\"\n");
        canonical("a:\n  - b: |+\n      x\n\n  - c: \"x\\n\\n\"\n");
    }

    #[test]
    fn floats_look_the_same_to_yaml_1_1_and_1_2() {
        let cases = [
            (1.0, "1.0"),
            (-0.0, "-0.0"),
            (0.1, "0.1"),
            (1e15, "1000000000000000.0"),
            (1e16, "1.0e+16"),
            (1.5e300, "1.5e+300"),
            (-2.5e-10, "-2.5e-10"),
            (5e-324, "5.0e-324"),
            (f64::MAX, "1.7976931348623157e+308"),
        ];
        for (value, expected) in cases {
            assert_eq!(written(Value::Float(value)), format!("{expected}\n"));
            assert_eq!(plain(expected), Plain::Float(value));
        }
    }

    #[test]
    fn a_long_key_is_marked_as_one() {
        canonical(&format!("{}: 1\n", "k".repeat(MAX_SIMPLE_KEY)));
        let long = "k".repeat(MAX_SIMPLE_KEY + 1);
        canonical(&format!("a:\n  - ? {long}\n    :\n      b: |\n        x\n        y\n"));
        canonical(&format!("? \"{long} \"\n: |\n  x\nb: 1\n"));
    }
}
