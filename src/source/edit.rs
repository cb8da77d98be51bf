//! Changes one value in the text of a definition. Every other byte stays: comments, quotes, the order of keys,
//! line ends.
//!
//! The new text is read again. A change is made only if the reader then finds the new value, and no other
//! difference.

use super::node::{Entry, Node, Value};
use super::scalar::{Plain, plain};
use super::yaml;
use crate::diagnostic::FileId;

/// The text in which the value at a path of keys is this text. Keys that are missing are added. `None` if the
/// text is not valid, if a key on the way has a value that is no map, or if the text has a form in which the
/// value cannot be changed alone.
pub fn set(text: &str, path: &[&str], value: &str) -> Option<String> {
    set_value(text, path, &Value::String(value.into()))
}

/// The same for any value. A list or a map is written on one line. `None` also if a
/// comment in the old value would be lost.
pub fn set_value(text: &str, path: &[&str], value: &Value) -> Option<String> {
    let before = yaml::read(text, FileId::NONE).ok()?;
    let mut wanted = before.clone();
    put(&mut wanted, path, value)?;
    changed(text, &before, path, value)?.into_iter().find(|text| means(text, &wanted))
}

/// The text with one more key of the top map, directly after its first key. `None` if the map has the key, or
/// under the same conditions as [`set`].
pub fn add_second(text: &str, key: &str, value: &str) -> Option<String> {
    let before = yaml::read(text, FileId::NONE).ok()?;
    if before.entry(key).is_some() {
        return None;
    }
    let mut wanted = before.clone();
    let value = &Value::String(value.into());
    put(&mut wanted, &[key], value)?;
    with_key(text, &before, key, &[], value).into_iter().rev().find(|text| means(text, &wanted))
}

/// The text without the value at a path of keys. Maps that would then be empty are removed too. `None` if the text
/// does not have the value on lines of its own, or if a comment would be lost.
pub fn remove(text: &str, path: &[&str]) -> Option<String> {
    let before = yaml::read(text, FileId::NONE).ok()?;
    let (mut map, mut outermost) = (&before, None);
    for (depth, key) in path.iter().enumerate() {
        let entry = map.entry(key)?;
        if outermost.is_none() || map.entries().len() > 1 {
            outermost = Some((depth, entry));
        }
        map = &entry.node;
    }
    let (depth, entry) = outermost?;
    let mut wanted = before.clone();
    take(&mut wanted, path.get(..=depth)?);
    let key = entry.key_span.range();
    let start = text[..key.start].rfind('\n').map_or(0, |end| end + 1);
    let end = end_of(text, entry);
    let end = end + text[end..].find('\n').map_or(text.len() - end, |line| line + 1);
    let is_own = text[start..key.start].trim().is_empty() && !text[start..end].contains('#');
    let after = format!("{}{}", &text[..start], &text[end..]);
    (is_own && means(&after, &wanted)).then_some(after)
}

/// Whether a text has a value at a path of keys.
pub fn states(text: &str, path: &[&str]) -> bool {
    let read = yaml::read(text, FileId::NONE);
    read.is_ok_and(|read| path.iter().try_fold(&read, |node, key| node.get(key)).is_some())
}

/// Takes the value at a path of keys out.
fn take(node: &mut Node, path: &[&str]) {
    let Value::Map(entries) = &mut node.value else { return };
    match path {
        [] => {}
        [key] => entries.retain(|entry| *entry.key != **key),
        [key, below @ ..] => {
            let entry = entries.iter_mut().find(|entry| *entry.key == **key);
            if let Some(entry) = entry {
                take(&mut entry.node, below);
            }
        }
    }
}

/// Whether the reader finds exactly this in a text.
fn means(text: &str, wanted: &Node) -> bool {
    yaml::read(text, FileId::NONE).is_ok_and(|read| read.means_same(wanted))
}

/// Sets the value at a path of keys.
fn put(node: &mut Node, path: &[&str], value: &Value) -> Option<()> {
    let [key, below @ ..] = path else {
        node.value = value.clone();
        return Some(());
    };
    if node.value == Value::Null {
        node.value = Value::Map(Vec::new());
    }
    let Value::Map(entries) = &mut node.value else { return None };
    let at = entries.iter().position(|entry| *entry.key == **key).unwrap_or_else(|| {
        entries.push(Entry::new(key, Value::Null.into()));
        entries.len() - 1
    });
    put(&mut entries[at].node, below, value)
}

/// The texts that may be what is wanted, the best first.
fn changed(text: &str, root: &Node, path: &[&str], value: &Value) -> Option<Vec<String>> {
    let (mut map, mut path) = (root, path);
    while let [key, below @ ..] = path {
        let Some(entry) = map.entry(key) else {
            return Some(with_key(text, map, key, below, value));
        };
        let is_empty = entry.node.value == Value::Null;
        if below.is_empty() || is_empty {
            let new = match below {
                [] => scalar(value, Style::of(&text[entry.node.span.range()])),
                _ => in_flow(below, value),
            };
            let is_many = matches!(value, Value::List(_) | Value::Map(_));
            // On one line, the items would lose their comments.
            if is_many && text[entry.node.span.range()].contains('#') {
                return None;
            }
            let beside = is_many.then(|| beside_key(text, entry, &new)).flatten();
            return Some(beside.into_iter().chain([with_value(text, entry, &new)]).collect());
        }
        (map, path) = (&entry.node, below);
    }
    None
}

/// The text with another value of an entry.
fn with_value(text: &str, entry: &Entry, new: &str) -> String {
    let range = entry.node.span.range();
    let Some(colon) = colon(text, entry) else {
        // A key alone, in a map on one line.
        let key = entry.key_span.end as usize;
        return format!("{}: {new}{}", &text[..key], &text[key..]);
    };
    if text[range.clone()].trim().is_empty() {
        return format!("{} {new}{}", &text[..colon], &text[colon..]);
    }
    // A block text starts with its mark, and its last line end is not part of what is replaced.
    let after = text[colon..].trim_start_matches(' ');
    let is_block = after.starts_with(['|', '>']);
    let start = if is_block { text.len() - after.len() } else { range.start };
    let end = start + text[start..range.end].trim_end_matches(['\r', '\n', ' ']).len();
    format!("{}{new}{}", &text[..start], &text[end..])
}

/// The text with another value of an entry, in the line of its key. `None` if the old value starts there too, or below
/// a comment.
fn beside_key(text: &str, entry: &Entry, new: &str) -> Option<String> {
    let (range, colon) = (entry.node.span.range(), colon(text, entry)?);
    let between = text.get(colon..range.start)?;
    // A list that is not indented starts after its first dash.
    let is_below = between.contains('\n') && matches!(between.trim(), "" | "-");
    let end = range.start + text[range].trim_end().len();
    is_below.then(|| format!("{} {new}{}", &text[..colon], &text[end..]))
}

/// The place after the colon of an entry.
fn colon(text: &str, entry: &Entry) -> Option<usize> {
    let key = entry.key_span.end as usize;
    let rest = text[key..].trim_start_matches([' ', '\t']);
    rest.starts_with(':').then(|| text.len() - rest.len() + 1)
}

/// The texts with one more key in a map: after its last entry, or after an earlier one.
fn with_key(text: &str, map: &Node, key: &str, below: &[&str], value: &Value) -> Vec<String> {
    let range = map.span.range();
    let insert = |at: usize, new: String| format!("{}{new}{}", &text[..at], &text[at..]);
    if text[range.clone()].starts_with('{') {
        let flow = in_flow(&[&[key], below].concat(), value);
        let flow = &flow[1..flow.len() - 1];
        return match map.entries().last() {
            Some(last) => vec![insert(end_of(text, last), format!(", {flow}"))],
            None => vec![insert(range.start + 1, flow.to_owned())],
        };
    }
    let line = |at: usize| text[..at].rfind('\n').map_or(0, |end| end + 1);
    let indent = map.entries().first().map_or(0, |first| {
        let start = first.key_span.start as usize;
        text[line(start)..start].chars().count()
    });
    let line_end = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let mut new = String::new();
    let last = below.len();
    for (depth, key) in [key].iter().chain(below).enumerate() {
        let spaces = " ".repeat(indent + 2 * depth);
        let value =
            if depth == last { format!(" {}", scalar(value, Style::Plain)) } else { String::new() };
        new += &format!("{line_end}{spaces}{key}:{value}");
    }
    let after = |entry: &Entry| {
        let end = end_of(text, entry);
        let rest = &text[end..];
        // A comment at the end of the line stays with its value.
        let at = end + rest.find('\n').unwrap_or(rest.len());
        let at = if text[..at].ends_with('\r') { at - 1 } else { at };
        insert(at, new.clone())
    };
    map.entries().iter().rev().map(after).collect()
}

/// The place after an entry.
fn end_of(text: &str, entry: &Entry) -> usize {
    let range = entry.node.span.range();
    let end = range.start + text[range].trim_end().len();
    end.max(colon(text, entry).unwrap_or(entry.key_span.end as usize))
}

/// A value below keys, as maps on one line.
fn in_flow(path: &[&str], value: &Value) -> String {
    let inner = scalar(value, Style::Plain);
    path.iter().rev().fold(inner, |inner, key| format!("{{{key}: {inner}}}"))
}

/// How a text is quoted.
#[derive(Clone, Copy)]
enum Style {
    Plain,
    Single,
    Double,
}

impl Style {
    /// The style of a value. A block text becomes plain.
    fn of(written: &str) -> Self {
        match written.as_bytes().first() {
            Some(b'\'') => Self::Single,
            Some(b'"') => Self::Double,
            _ => Self::Plain,
        }
    }
}

/// A value on one line. A text is quoted if another style would not be read as this text everywhere.
fn scalar(value: &Value, style: Style) -> String {
    let inner = |value: &Value| scalar(value, Style::Plain);
    let value = match value {
        Value::String(value) => &**value,
        Value::Bool(value) => return value.to_string(),
        Value::Int(value) => return value.to_string(),
        Value::Float(value) => return value.to_string(),
        Value::Null => return "null".to_owned(),
        Value::List(items) => {
            let items: Vec<String> = items.iter().map(|item| inner(&item.value)).collect();
            return format!("[{}]", items.join(", "));
        }
        Value::Map(entries) => {
            let entry = |entry: &Entry| {
                let key = inner(&Value::String((*entry.key).into()));
                format!("{key}: {}", inner(&entry.node.value))
            };
            let entries: Vec<String> = entries.iter().map(entry).collect();
            return format!("{{{}}}", entries.join(", "));
        }
    };
    let is_word = |c: char| c.is_ascii_alphanumeric() || "_-./".contains(c);
    let starts = value.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_');
    let is_plain = starts && value.chars().all(is_word) && plain(value) == Plain::Text;
    match style {
        Style::Plain if is_plain => value.to_owned(),
        Style::Single if !value.contains(char::is_control) => {
            format!("'{}'", value.replace('\'', "''"))
        }
        // JSON's strings are YAML's.
        _ => serde_json::Value::from(value).to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn becomes(before: &str, path: &[&str], value: &str, after: &str) {
        assert_eq!(set(before, path, value).as_deref(), Some(after), "{before:?}");
    }

    #[test]
    fn a_value_keeps_its_quotes_and_its_comment() {
        let path = &["operators", "frappe"];
        for (before, after) in [
            ("\"2.5\"", "\"2.6\""),
            ("'2.5'", "'2.6'"),
            // A number to YAML's readers.
            ("a", "\"2.6\""),
        ] {
            for (start, end) in [
                (
                    "# One\noperators:\n  # two\n  frappe: ",
                    "   # three\n\n  mariadb: '26.6'\nb: 1 # four",
                ),
                ("operators: {mariadb: \"26.6\", frappe: ", "} # five\n"),
                ("operators:\r\n  frappe: ", " # six\r\n  rbac: {}\r\n"),
                ("\"operators\" :\n    'frappe' :   ", "\n"),
                ("operators:\n  frappe:\n    # seven\n    ", ""),
            ] {
                becomes(
                    &format!("{start}{before}{end}"),
                    path,
                    "2.6",
                    &format!("{start}{after}{end}"),
                );
            }
        }
    }

    #[test]
    fn a_key_is_added_after_the_first() {
        for (before, after) in [
            ("# a\nkind: Site # b\n# c\nx: 1", "# a\nkind: Site # b\nname: _1\n# c\nx: 1"),
            ("kind: Site\r\nx: 1\r\n", "kind: Site\r\nname: _1\r\nx: 1\r\n"),
            ("{kind: Site}", "{kind: Site, name: _1}"),
            ("kind: |\n  Site\nx: 1\n", "kind: |\n  Site\nname: _1\nx: 1\n"),
            ("kind: a\nx: |+\n  b\n\n", "kind: a\nname: _1\nx: |+\n  b\n\n"),
        ] {
            assert_eq!(add_second(before, "name", "_1").as_deref(), Some(after), "{before:?}");
        }
        assert_eq!(add_second("kind: Site\nname: b\n", "name", "a"), None);
        assert_eq!(add_second("[a]", "name", "a"), None);
    }

    #[test]
    fn numbers_and_booleans_are_written_without_quotes() {
        let set = |before: &str, value: Value| set_value(before, &["a"], &value);
        assert_eq!(set("a: 1 # b\n", Value::Int(20)).as_deref(), Some("a: 20 # b\n"));
        assert_eq!(set("a: \"1\"\n", Value::Int(20)).as_deref(), Some("a: 20\n"));
        assert_eq!(set("b: 1\n", Value::Bool(true)).as_deref(), Some("b: 1\na: true\n"));
        assert_eq!(set("a: 1\n", Value::String("20".into())).as_deref(), Some("a: \"20\"\n"));
    }

    #[test]
    fn lists_and_maps_are_written_on_one_line() {
        let text = |text: &str| Node::from(Value::String(text.into()));
        let list = Value::List(vec![text("erpnext"), text("no")]);
        let map =
            Value::Map(vec![Entry::new("b c", text("d")), Entry::new("e", Value::Int(1).into())]);
        for (before, after) in [
            ("a: [v, w] # c\nb: 1\n", "a: [erpnext, \"no\"] # c\nb: 1\n"),
            ("# c\na:\n  - v\n  - w\nb: 1 # d\n", "# c\na: [erpnext, \"no\"]\nb: 1 # d\n"),
            ("b: 1\r\na:\r\n- v\r\n", "b: 1\r\na: [erpnext, \"no\"]\r\n"),
            ("a: # c\n  - v # d\nb: 1\n", "a: # c\n  [erpnext, \"no\"] # d\nb: 1\n"),
            ("b: 1\n", "b: 1\na: [erpnext, \"no\"]\n"),
            ("{b: 1}\n", "{b: 1, a: [erpnext, \"no\"]}\n"),
        ] {
            assert_eq!(set_value(before, &["a"], &list).as_deref(), Some(after), "{before:?}");
        }
        assert_eq!(set_value("a:\n  - v # d\n  - w\n", &["a"], &list), None, "a comment in it");
        assert_eq!(
            set_value("a: {v: 1} # w\n", &["a"], &map).as_deref(),
            Some("a: {\"b c\": d, e: 1} # w\n")
        );
    }

    #[test]
    fn a_text_over_several_lines_is_replaced_whole() {
        becomes("a: |\n  x\n  y\nb: 1\n", &["a"], "z", "a: z\nb: 1\n");
        becomes("a: >-\r\n  x\r\n\r\nb: 1\r\n", &["a"], "z", "a: z\r\n\r\nb: 1\r\n");
        becomes("a: \"x\n  y\" # c\nb: 1\n", &["a"], "z", "a: \"z\" # c\nb: 1\n");
        becomes("b: 1\na:\n  x\n  y\n", &["a"], "z", "b: 1\na:\n  z\n");
    }

    #[test]
    fn a_key_is_added_after_the_last_one() {
        let path = &["database", "name"];
        becomes(
            "kind: Site # one\ndatabase: # two\n  server: main # three\n  # four\nplan: a\n",
            path,
            "_1",
            "kind: Site # one\ndatabase: # two\n  server: main # three\n  name: _1\n  # four\nplan: a\n",
        );
        becomes(
            "a: {b: {c: 1}}\r\ndatabase:\r\n    myCnf:\r\n        x: 1",
            path,
            "_1",
            "a: {b: {c: 1}}\r\ndatabase:\r\n    myCnf:\r\n        x: 1\r\n    name: _1",
        );
        becomes("kind: Site\n", path, "_1", "kind: Site\ndatabase:\n  name: _1\n");
        becomes("kind: Site", path, "_1", "kind: Site\ndatabase:\n  name: _1");
        becomes("{kind: Site}\n", path, "_1", "{kind: Site, database: {name: _1}}\n");
        becomes("a: {}\n", &["a", "b"], "c", "a: {b: c}\n");
        becomes(
            "a: {b: 1,\n  c: [x] # d\n}\n",
            &["a", "e"],
            "f",
            "a: {b: 1,\n  c: [x], e: f # d\n}\n",
        );
        becomes("a: {b: 1,}\n", &["a", "c"], "d", "a: {b: 1, c: d,}\n");
    }

    #[test]
    fn an_empty_value_is_filled() {
        let path = &["database", "name"];
        becomes("database: # c\nb: 1\n", path, "_1", "database: {name: _1} # c\nb: 1\n");
        becomes("database: ~ # c\n", path, "_1", "database: {name: _1} # c\n");
        becomes("database:\n  name:\n", path, "_1", "database:\n  name: _1\n");
        becomes("database: {name: }\n", path, "_1", "database: {name: _1 }\n");
        becomes("database: {name}\n", path, "_1", "database: {name: _1}\n");
    }

    #[test]
    fn a_text_that_lasts_to_the_end_keeps_its_lines() {
        becomes("a: b\nc: |+\n  d\n\n", &["e"], "f", "a: b\ne: f\nc: |+\n  d\n\n");
        becomes("c: |\n  d\n", &["e"], "f", "c: |\n  d\ne: f\n");
    }

    #[test]
    fn a_value_is_removed_with_the_maps_that_become_empty() {
        let text = "a: b\n# c\nd:\n  e:\n    f: 1\n  g: 2\nh: {i: 3}\n";
        let without = |path: &[&str]| remove(text, path);
        let after = "a: b\n# c\nd:\n  g: 2\nh: {i: 3}\n";
        assert_eq!(without(&["d", "e", "f"]).as_deref(), Some(after));
        let after = "a: b\n# c\nd:\n  e:\n    f: 1\n  g: 2\n";
        assert_eq!(without(&["h", "i"]).as_deref(), Some(after));
        assert_eq!(without(&["d", "x"]), None);
        assert_eq!(remove("a: {b: 1, c: 2}\n", &["a", "b"]), None, "it has no line of its own");
        assert_eq!(remove("a: 1 # why\nb: 2\n", &["a"]), None, "the comment would be lost");
        assert!(states(text, &["d", "g"]) && !states(text, &["d", "h"]));
    }

    #[test]
    fn what_has_no_place_for_the_value_is_left_alone() {
        for (text, path) in
            [("a: [", &["a"][..]), ("a: b", &["a", "c"]), ("a: [b]", &["a", "c"]), ("a: b", &[])]
        {
            assert_eq!(set(text, path, "x"), None, "{text:?}");
        }
    }
}
