//! Reads one YAML document as `kubectl` reads it: with anchors, merge keys, tags, and plain scalars of YAML 1.1.
//! A key that is written twice has its last value.

use super::scalar;
use super::shared_keys::entry_of;
use crate::source::explain;
use crate::source::node::{Entry, Node, Value};
use granit_parser::{Event, Parser, ScalarStyle, Tag};
use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// The maximum depth of nested maps and lists, as of the reader of JSON.
const MAX_DEPTH: usize = 127;

/// The maximum number of values that aliases may add to a document.
const MAX_ALIASED: usize = 1 << 20;

/// A document.
#[derive(Debug)]
pub(super) struct Document {
    /// Its content.
    pub(super) node: Node,
    /// Where the items of a List start in the text.
    pub(super) items: Vec<usize>,
}

/// Why a document cannot be read.
#[derive(Debug)]
pub(super) struct Unreadable {
    /// The byte of the text.
    pub(super) at: usize,
    /// What is wrong.
    pub(super) message: Cow<'static, str>,
}

/// Reads a document. An empty text is null.
pub(super) fn read(text: &str) -> Result<Document, Unreadable> {
    let mut reader = Reader::default();
    let options = granit_parser::options! { block_scalar_eof_without_line_feed: true };
    for next in Parser::new_from_str_with_options(text, options) {
        let (event, span) = next.map_err(|error| Unreadable {
            at: error.marker().byte_offset().unwrap_or(text.len()).min(text.len()),
            message: explain(error.kind()).0,
        })?;
        let at = span.byte_range().map_or(0, |range| range.start.min(text.len()));
        reader.event(event, at)?;
    }
    let node = reader.root.unwrap_or_else(|| Value::Null.into());
    Ok(Document { node, items: reader.items })
}

/// A map or list that is still open.
struct Open {
    start: usize,
    anchor: usize,
    content: Content,
}

enum Content {
    List(Vec<Node>),
    Map {
        entries: Vec<Entry>,
        /// The key whose value comes next.
        key: Option<Key>,
        /// The values of `<<`.
        merged: Vec<Node>,
    },
}

enum Key {
    Text(Box<str>),
    Merge,
}

#[derive(Default)]
struct Reader {
    open: Vec<Open>,
    root: Option<Node>,
    items: Vec<usize>,
    anchors: HashMap<usize, Node>,
    /// How many values came from aliases.
    aliased: usize,
}

impl Reader {
    fn event(&mut self, event: Event, at: usize) -> Result<(), Unreadable> {
        let refuse = |message: &'static str| Err(Unreadable { at, message: message.into() });
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                let is_key = matches!(
                    self.open.last(),
                    Some(Open { content: Content::Map { key: None, .. }, .. })
                );
                if is_key && style == ScalarStyle::Plain && text == "<<" {
                    return self.key(Key::Merge, at);
                }
                let node = Node::from(meaning(text, style, tag.as_deref()));
                self.keep(anchor, &node);
                self.value(node, at)
            }
            Event::SequenceStart(_, anchor, _) => self.start(at, anchor, Content::List(Vec::new())),
            Event::MappingStart(_, anchor, _) => {
                let (entries, merged) = (Vec::new(), Vec::new());
                self.start(at, anchor, Content::Map { entries, key: None, merged })
            }
            Event::SequenceEnd | Event::MappingEnd => self.end(),
            Event::Alias(anchor) => {
                // An anchor that is still open is around its alias.
                let Some(node) = self.anchors.get(&anchor) else {
                    return refuse("an alias is within the value that it names");
                };
                let (size, depth) = extent(node);
                self.aliased += size;
                if self.aliased > MAX_ALIASED || self.open.len() + depth > MAX_DEPTH {
                    return refuse("the aliases make the document too large");
                }
                let node = node.clone();
                self.value(node, at)
            }
            _ => Ok(()),
        }
    }

    fn start(&mut self, at: usize, anchor: usize, content: Content) -> Result<(), Unreadable> {
        if self.open.len() >= MAX_DEPTH {
            let message = "maps and lists are nested too deep".into();
            return Err(Unreadable { at, message });
        }
        self.open.push(Open { start: at, anchor, content });
        Ok(())
    }

    fn end(&mut self) -> Result<(), Unreadable> {
        let Some(Open { start, anchor, content }) = self.open.pop() else { return Ok(()) };
        let node = Node::from(match content {
            Content::List(mut items) => {
                items.shrink_to_fit();
                Value::List(items)
            }
            Content::Map { mut entries, merged, .. } => {
                last_wins(&mut entries);
                merged.into_iter().for_each(|node| merge(&mut entries, node));
                entries.shrink_to_fit();
                Value::Map(entries)
            }
        });
        self.keep(anchor, &node);
        self.value(node, start)
    }

    fn keep(&mut self, anchor: usize, node: &Node) {
        if anchor > 0 {
            self.anchors.insert(anchor, node.clone());
        }
    }

    fn key(&mut self, of: Key, at: usize) -> Result<(), Unreadable> {
        match self.open.last_mut() {
            Some(Open { content: Content::Map { key, .. }, .. }) => {
                *key = Some(of);
                Ok(())
            }
            _ => self.value(Value::String("<<".into()).into(), at),
        }
    }

    /// Adds a finished value to the map or list around it.
    fn value(&mut self, node: Node, at: usize) -> Result<(), Unreadable> {
        let is_item = matches!(
            self.open.as_slice(),
            [
                Open { content: Content::Map { key: Some(Key::Text(key)), .. }, .. },
                Open { content: Content::List(_), .. },
            ] if &**key == "items"
        );
        if is_item {
            self.items.push(at);
        }
        let Some(open) = self.open.last_mut() else {
            self.root = Some(node);
            return Ok(());
        };
        match &mut open.content {
            Content::List(items) => items.push(node),
            Content::Map { entries, key, merged } => match key.take() {
                Some(Key::Text(key)) => entries.push(entry_of(&key, node)),
                Some(Key::Merge) => merged.push(node),
                None => match text_of_key(&node) {
                    Some(text) => *key = Some(Key::Text(text)),
                    None => {
                        let message = "a map or a list is a key".into();
                        return Err(Unreadable { at, message });
                    }
                },
            },
        }
        Ok(())
    }
}

/// The value of a scalar.
fn meaning(text: Cow<str>, style: ScalarStyle, tag: Option<&Tag>) -> Value {
    let is_text = tag.is_some_and(|tag| matches!(tag.suffix(), "str" | "binary" | "timestamp"));
    match style {
        ScalarStyle::Plain if !is_text => scalar::plain(&text),
        _ => Value::String(text.into()),
    }
}

/// A key as JSON has it (source: `convertToJSONableObject` of sigs.k8s.io/yaml).
fn text_of_key(node: &Node) -> Option<Box<str>> {
    match &node.value {
        Value::String(text) => Some(text.clone()),
        Value::Bool(truth) => Some(truth.to_string().into()),
        Value::Int(number) => Some(number.to_string().into()),
        Value::Float(number) => Some(number.to_string().into()),
        Value::Null => Some("null".into()),
        Value::List(_) | Value::Map(_) => None,
    }
}

/// Adds what `<<` names: the keys of a map, or of each map of a list. Keys that the map has stay.
fn merge(entries: &mut Vec<Entry>, node: Node) {
    match node.value {
        Value::Map(others) => {
            for other in others {
                if entries.iter().all(|entry| entry.key != other.key) {
                    entries.push(other);
                }
            }
        }
        Value::List(nodes) => nodes.into_iter().for_each(|node| merge(entries, node)),
        _ => {}
    }
}

/// Removes entries whose key comes again.
pub(super) fn last_wins(entries: &mut Vec<Entry>) {
    /// The number of keys up to which comparing all of them is fast.
    const FEW: usize = 24;
    let is_unique = match entries.len() {
        0..=FEW => {
            let mut pairs = entries.iter().enumerate();
            pairs.all(|(at, entry)| entries[..at].iter().all(|other| other.key != entry.key))
        }
        _ => entries.iter().map(|entry| &*entry.key).collect::<HashSet<_>>().len() == entries.len(),
    };
    if is_unique {
        return;
    }
    let mut last: HashMap<Arc<str>, usize> = HashMap::new();
    for (at, entry) in entries.iter().enumerate() {
        last.insert(entry.key.clone(), at);
    }
    let mut at = 0;
    entries.retain(|entry| {
        at += 1;
        last.get(&entry.key) == Some(&(at - 1))
    });
}

/// How many values a node has, and how deep they are nested.
fn extent(node: &Node) -> (usize, usize) {
    let below: &mut dyn Iterator<Item = &Node> = match &node.value {
        Value::List(items) => &mut items.iter(),
        Value::Map(entries) => &mut entries.iter().map(|entry| &entry.node),
        _ => return (1, 0),
    };
    below.map(extent).fold((1, 1), |(size, depth), (more, deep)| (size + more, depth.max(deep + 1)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A document as JSON.
    fn json(text: &str) -> String {
        super::super::clean::json_of(&read(text).unwrap_or_else(|it| panic!("{text}: {it:?}")).node)
    }

    #[test]
    fn a_document_is_read_as_kubectl_reads_it() {
        for (text, expected) in [
            ("a: yes\nb: 'yes'\nc: !!str 1\nd: 0777\n", r#"{"a":true,"b":"yes","c":"1","d":511}"#),
            ("on: 1\n1: a\n", r#"{"true":1,"1":"a"}"#),
            ("a: &x {b: 1}\nc: *x\n", r#"{"a":{"b":1},"c":{"b":1}}"#),
            (
                "a: &x {b: 1, c: 2}\nd:\n  <<: *x\n  b: 3\n",
                r#"{"a":{"b":1,"c":2},"d":{"b":3,"c":2}}"#,
            ),
            ("<<: [{a: 1, b: 1}, {a: 2, c: 3}]\n", r#"{"a":1,"b":1,"c":3}"#),
            ("a: 1\nb: 2\na: 3\n", r#"{"b":2,"a":3}"#),
            (
                "%YAML 1.1\n---\na: \"\\t\"\r\nb: |\r\n  x\ty\r\n  z\r\n",
                r#"{"a":"\t","b":"x\ty\nz\n"}"#,
            ),
            ("# nothing\n", "null"),
            ("a: x\ty\n", r#"{"a":"x\ty"}"#),
        ] {
            assert_eq!(json(text), expected, "{text}");
        }
    }

    #[test]
    fn aliases_cannot_make_a_document_huge_or_deep() {
        let mut text = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
        for level in 1..9 {
            let below = format!("*a{}", level - 1);
            text += &format!("a{level}: &a{level} [{}]\n", [below.as_str(); 10].join(", "));
        }
        assert!(read(&text).is_err());
        let mut text = String::from("a0: &a0 [x]\n");
        for level in 1..200 {
            text += &format!("a{level}: &a{level} [*a{}]\n", level - 1);
        }
        assert!(read(&text).is_err());
        assert!(read(&"[".repeat(100_000)).is_err());
        assert!(read("a: &x [*x]\n").is_err());
    }

    #[test]
    fn the_items_of_a_list_have_places() {
        let text = "items:\n- a: 1\n- b: 2\nother:\n- c\n";
        assert_eq!(read(text).unwrap().items, [9, 16]);
    }
}
