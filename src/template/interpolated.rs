//! A value that a template puts into its text, as what reads the text gets it back.

use super::escape::stands_as_it_is;
use crate::diagnostic::{FileId, Span};
use crate::source::node::{Entry, Node, Value as Stated};
use crate::source::yaml::MAX_DEPTH;
use minijinja::Value;
use minijinja::value::ValueKind;

/// Readers look at most 1024 characters ahead for the `:` of a key.
const MAX_KEY: usize = 1000;

/// A value of which it is certain what the JSON literal that stands for it is read as.
#[derive(Debug)]
pub struct Interpolated(Kept);

#[derive(Debug)]
enum Kept {
    /// A text, as the context has it.
    Text(Value),
    Other(Stated),
}

impl Interpolated {
    /// Nothing for a value that is not certain to come back as it is.
    pub(super) fn new(value: Value) -> Option<Self> {
        match value.kind() {
            ValueKind::String => (!value.is_safe()).then_some(Self(Kept::Text(value))),
            _ => stated(&value, 1).map(|stated| Self(Kept::Other(stated))),
        }
    }

    /// The text, when it is one.
    pub fn as_text(&self) -> Option<&str> {
        match &self.0 {
            Kept::Text(value) => value.as_str(),
            Kept::Other(_) => None,
        }
    }

    /// The value, when it is no text.
    pub fn as_value(&self) -> Option<&Stated> {
        match &self.0 {
            Kept::Text(_) => None,
            Kept::Other(value) => Some(value),
        }
    }

    /// Whether it may be a key: a text that is short enough, however it is written.
    pub fn is_key(&self) -> bool {
        self.as_text().is_some_and(is_key)
    }

    /// How deep maps and lists nest in it.
    pub fn levels(&self) -> usize {
        self.as_value().map_or(0, levels)
    }
}

/// What a value is read as below this many levels; nothing where only a reader can tell.
fn stated(value: &Value, depth: usize) -> Option<Stated> {
    if depth > MAX_DEPTH {
        return None;
    }
    match value.kind() {
        ValueKind::None => Some(Stated::Null),
        ValueKind::Bool => Some(Stated::Bool(value.is_true())),
        // Another number's digits may mean another one to some reader.
        ValueKind::Number if value.is_integer() => value.as_i64().map(Stated::Int),
        ValueKind::String if !value.is_safe() => Some(Stated::String(value.as_str()?.into())),
        ValueKind::Seq => {
            let items = value.try_iter().ok()?.map(|item| stated(&item, depth + 1).map(node));
            items.collect::<Option<_>>().map(Stated::List)
        }
        ValueKind::Map => {
            let entry = |key: Value| {
                let name = key.as_str().filter(|name| is_key(name))?;
                let node = node(stated(&value.get_item(&key).ok()?, depth + 1)?);
                Some(Entry { key: name.into(), key_span: NOWHERE, node })
            };
            value.try_iter().ok()?.map(entry).collect::<Option<_>>().map(Stated::Map)
        }
        _ => None,
    }
}

fn is_key(text: &str) -> bool {
    text.len() <= MAX_KEY && stands_as_it_is(text)
}

fn levels(value: &Stated) -> usize {
    match value {
        Stated::List(items) => 1 + items.iter().map(|it| levels(&it.value)).max().unwrap_or(0),
        Stated::Map(entries) => {
            1 + entries.iter().map(|it| levels(&it.node.value)).max().unwrap_or(0)
        }
        _ => 0,
    }
}

const NOWHERE: Span = Span { file: FileId(u32::MAX), start: 0, end: 0 };

fn node(value: Stated) -> Node {
    Node { span: NOWHERE, value }
}
