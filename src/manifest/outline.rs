//! What a template writes for one site, it writes for thousands, with other values: the text around the
//! values is read once, and its tree filled with the values of each.
//!
//! This saves time and decides nothing. An outline is used only where the tree cannot depend on what
//! the values are: each stands where YAML takes a quoted string for a value or a key of its own, and is
//! itself one JSON literal. Any other text is not answered here, nor is a text with a mistake in it.

use super::{PRODUCED, literal};
use crate::source::node::{Entry, Node, Value};
use crate::source::scalar::{Plain, plain};
use crate::source::yaml::{self, MAX_DEPTH};
use crate::template::Text;
use foldhash::fast::FixedState;
use std::collections::HashMap;
use std::sync::{Arc, RwLock};

/// A string of an outline that starts with this stands for a value, by its number.
const HOLE: char = '\u{1}';

/// How many outlines are kept: a template has one for each way its conditions can turn out. One whose
/// texts have nothing in common must not fill the memory.
const MAX_OUTLINES: usize = 1024;

/// Texts are long and the project's own: nobody chooses them to make a table slow.
type Known = HashMap<Box<str>, Option<Arc<Node>>, FixedState>;

/// The outlines of a run, by their text; nothing for a text that cannot be one.
#[derive(Debug, Default)]
pub struct Outlines {
    known: RwLock<Known>,
}

impl Outlines {
    /// The object of a text, but for the places of its parts: exactly what reading it as a whole gives.
    pub fn read(&self, text: &Text) -> Option<Node> {
        let outline = self.outline(outlined(text)?, text.values.len())?;
        let mut literals = text.values.iter().map(|range| &text.whole[range.clone()]);
        let node = filled(&outline, 0, &mut literals)?;
        debug_assert!(is_read_as(&node, &text.whole), "{}", text.whole);
        Some(node)
    }

    fn outline(&self, text: String, holes: usize) -> Option<Arc<Node>> {
        if let Some(known) = self.known.read().ok()?.get(text.as_str()) {
            return known.clone();
        }
        let (node, _) = yaml::read(&text, PRODUCED);
        let mut next = 0;
        let node = node.filter(|node| matches!(node.value, Value::Map(_)));
        let node = node.filter(|node| is_outline(node, &mut next) && next == holes).map(Arc::new);
        let mut known = self.known.write().ok()?;
        if known.len() < MAX_OUTLINES {
            known.insert(text.into(), node.clone());
        }
        node
    }
}

/// The text with a numbered string for each value; nothing when a value could be read together with what
/// stands beside it.
fn outlined(text: &Text) -> Option<String> {
    let (whole, mut outlined, mut end) = (&text.whole, String::with_capacity(text.whole.len()), 0);
    for (number, range) in text.values.iter().enumerate() {
        let before = whole.as_bytes()[..range.start].last();
        let after = whole.as_bytes()[range.end..].first();
        if before.is_some_and(|byte| !b" \n[{,".contains(byte))
            || after.is_some_and(|byte| !b" \n]},:".contains(byte))
        {
            return None;
        }
        outlined.push_str(&whole[end..range.start]);
        outlined.push_str("\"\\u0001");
        outlined.push_str(&number.to_string());
        outlined.push('"');
        end = range.end;
    }
    outlined.push_str(&whole[end..]);
    Some(outlined)
}

/// Whether the strings that stand for values are all there, each once, in their order.
fn is_outline(node: &Node, next: &mut usize) -> bool {
    match &node.value {
        Value::String(text) => is_next(text, next),
        Value::List(items) => items.iter().all(|item| is_outline(item, next)),
        Value::Map(entries) => {
            entries.iter().all(|entry| is_next(&entry.key, next) && is_outline(&entry.node, next))
        }
        _ => true,
    }
}

fn is_next(text: &str, next: &mut usize) -> bool {
    match text.strip_prefix(HOLE) {
        None => true,
        Some(number) => {
            let expected = *next;
            *next += 1;
            number == expected.to_string()
        }
    }
}

fn filled<'t>(
    node: &Node,
    depth: usize,
    literals: &mut impl Iterator<Item = &'t str>,
) -> Option<Node> {
    let value = match &node.value {
        Value::String(text) if text.starts_with(HOLE) => value(literals.next()?, depth)?,
        Value::List(items) => {
            let items = items.iter().map(|item| filled(item, depth + 1, literals));
            Value::List(items.collect::<Option<_>>()?)
        }
        Value::Map(entries) => {
            let mut own = Vec::with_capacity(entries.len());
            let mut is_keyed = false;
            for entry in entries {
                let key = match entry.key.starts_with(HOLE) {
                    false => entry.key.clone(),
                    true => {
                        is_keyed = true;
                        key(literals.next()?)?
                    }
                };
                let node = filled(&entry.node, depth + 1, literals)?;
                own.push(Entry { key, key_span: entry.key_span, node });
            }
            if is_keyed && !are_different(&own) {
                return None;
            }
            Value::Map(own)
        }
        value => value.clone(),
    };
    Some(Node { span: node.span, value })
}

fn are_different(entries: &[Entry]) -> bool {
    let is_new = |(at, entry): (usize, &Entry)| entries[..at].iter().all(|e| e.key != entry.key);
    entries.len() <= literal::MAX_KEYS && entries.iter().enumerate().all(is_new)
}

fn key(literal: &str) -> Option<Box<str>> {
    match value(literal, 0)? {
        Value::String(text) if literal.len() <= literal::MAX_KEY => Some(text),
        _ => None,
    }
}

/// The value of one JSON literal below this many maps and lists; nothing for any other text.
fn value(literal: &str, depth: usize) -> Option<Value> {
    let Some(b'"' | b'[' | b'{') = literal.as_bytes().first() else {
        return match plain(literal) {
            Plain::Null if !literal.is_empty() => Some(Value::Null),
            Plain::Bool(value) => Some(Value::Bool(value)),
            Plain::Int(value) => Some(Value::Int(value)),
            Plain::Float(value) => Some(Value::Float(value)),
            Plain::Null | Plain::Text | Plain::Ambiguous(_) => None,
        };
    };
    if let Some(text) = literal.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'))
        && !text.contains('"')
        && literal::is_plain(text)
    {
        return Some(Value::String(text.into()));
    }
    // Text that a template escaped by itself may be more than one literal.
    let value = match literal::plainly(literal) {
        Some(value) => value,
        None => {
            serde_json::from_str::<serde::de::IgnoredAny>(literal).ok()?;
            if literal.contains('\n') {
                return None;
            }
            yaml::read(literal, PRODUCED).0?.value
        }
    };
    (depth + levels(&value) <= MAX_DEPTH).then_some(value)
}

/// How deep maps and lists nest in a value.
fn levels(value: &Value) -> usize {
    match value {
        Value::List(items) => 1 + items.iter().map(|it| levels(&it.value)).max().unwrap_or(0),
        Value::Map(entries) => {
            1 + entries.iter().map(|it| levels(&it.node.value)).max().unwrap_or(0)
        }
        _ => 0,
    }
}

/// Whether reading the text as a whole gives this object.
fn is_read_as(node: &Node, text: &str) -> bool {
    let written = |node: &Node| {
        let mut out = String::new();
        super::writer::write(node, &mut out);
        out
    };
    yaml::read(text, PRODUCED).0.is_some_and(|whole| written(&whole) == written(node))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A text from its parts, every second one a value's.
    fn text(parts: &[&str]) -> Text {
        let mut text = Text::default();
        for (at, part) in parts.iter().enumerate() {
            let start = text.whole.len();
            text.whole.push_str(part);
            if at % 2 == 1 {
                text.values.push(start..text.whole.len());
            }
        }
        text
    }

    #[test]
    fn values_take_their_places() {
        let outlines = Outlines::default();
        for (values, expected) in [
            (["\"x\"", "5", "\"k\""], "a: \"x\" # c\nb:\n  - [5]\nc:\n  \"k\": true\n  d: 1\n"),
            (
                ["[]", "-2.5", "\"e: \\n\""],
                "a: [] # c\nb:\n  - [-2.5]\nc:\n  \"e: \\n\": true\n  d: 1\n",
            ),
            (
                ["{\"a\":[null]}", "true", "\"é\""],
                "a: {\"a\":[null]} # c\nb:\n  - [true]\nc:\n  \"é\": true\n  d: 1\n",
            ),
        ] {
            let [a, b, c] = values;
            let text = text(&["a: ", a, " # c\nb:\n  - [", b, "]\nc:\n  ", c, ": true\n  d: 1\n"]);
            assert_eq!(text.whole, expected);
            assert!(is_read_as(&outlines.read(&text).unwrap(), expected));
        }
        assert_eq!(outlines.known.read().unwrap().len(), 1);
    }

    #[test]
    fn what_its_values_could_change_is_read_as_a_whole() {
        let outlines = Outlines::default();
        for parts in [
            &["a: ", "5", "px\n"][..],
            &["a: -", "5", "\n"],
            &["a: x ", "\"y\"", "\n"],
            &["a: '", "\"y\"", "'\n"],
            &["a: |\n  ", "\"y\"", "\n"],
            &["# ", "\"y\"", "\na: 1\n"],
            &["{a: 1, ", "\"b\"", ":", "2", "}\n"],
            &["[", "1", "", "2", "]\n"],
            &["a: ", "\"x\" # \"", "\n"],
            &["a: ", "\"x\"\nb: \"y\"", "\n"],
            &["a: ", "[1,\n2]", "\n"],
            &["a: ", "yes", "\n"],
            &["a: ", "text", "\n"],
            &["a: ", "*x", "\n"],
            &["a: 1\n", "\"a\"", ": 2\n"],
            &["", "5", ": 2\n"],
            &["a: \"\\u00010\"\nb: ", "1", "\n"],
            &["a: \"\\u00011\"\nb: ", "1", "\n"],
            &["a: ", "1", "\nb: no\n"],
            &["a: ", "{\"b\":1,\"b\":2}", "\n"],
        ] {
            assert_eq!(outlines.read(&text(parts)), None, "{parts:?}");
        }
        let deep = |levels| "[".repeat(levels) + &"]".repeat(levels);
        assert!(outlines.read(&text(&["a: ", &deep(MAX_DEPTH - 1), "\n"])).is_some());
        assert_eq!(outlines.read(&text(&["a: ", &deep(MAX_DEPTH), "\n"])), None);
    }

    #[test]
    fn a_template_without_two_texts_alike_fills_no_memory() {
        let outlines = Outlines::default();
        for number in 0..2 * MAX_OUTLINES {
            let key = format!("a{number}: ");
            assert!(outlines.read(&text(&[&key, "1", "\n"])).is_some());
        }
        assert_eq!(outlines.known.read().unwrap().len(), MAX_OUTLINES);
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        /// Whatever stands around the values: an answer is what reading the whole gives, or there is none.
        #[test]
        fn no_answer_is_wrong(
            own in prop::collection::vec(prop::collection::vec(prop::sample::select(vec![
                "a", "b: ", "c:", "\n", "\n  ", "\n- ", "- ", " ", "[", "]", "{", "}", ", ", ",", ":", "#", " # ",
                "'", "\"", "|", ">", "-", "?", "? ", "!", "&a ", "*a", "---\n", "1", "\\u00010", "\t",
            ]), 0..5), 1..5),
            values in prop::collection::vec(prop_oneof![
                prop::sample::select(vec![
                    "1", "-1", "2.5", "true", "null", "\"\"", "\"a\"", "\"b: c\"", "\"\\n\"", "\"é\"", "[]", "{}",
                    "[1,\"a\"]", "{\"a\":{\"b\":[]}}", "yes", "a", "\"a\" # \"", "\"a\": \"b\"", "- 1", "",
                ]).prop_map(str::to_owned),
                any::<String>().prop_map(|text| serde_json::to_string(&text).unwrap()),
            ], 4),
        ) {
            let own: Vec<String> = own.iter().map(|part| part.concat()).collect();
            let mut parts: Vec<&str> = Vec::new();
            for (at, part) in own.iter().enumerate() {
                parts.push(part);
                parts.extend((at + 1 < own.len()).then(|| values[at].as_str()));
            }
            let text = text(&parts);
            if let Some(node) = Outlines::default().read(&text) {
                prop_assert!(is_read_as(&node, &text.whole), "{:?}", text.whole);
            }
        }
    }
}
