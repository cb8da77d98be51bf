//! A YAML document as a tree. Each node knows its place in the text.

use crate::diagnostic::Span;
use std::sync::Arc;

/// A value and its range in the text.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// The range of the value. For a map or list it reaches from the first entry to the last.
    pub span: Span,
    /// The value.
    pub value: Value,
}

/// The values that occur in definitions and manifests.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// `null`, `~` or an empty value.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// Any other finite number.
    Float(f64),
    /// Text in any YAML style.
    String(Box<str>),
    /// A list.
    List(Vec<Node>),
    /// A map, in the order of its text, without duplicates.
    Map(Vec<Entry>),
}

/// One key of a map with its value.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// The key.
    pub key: Arc<str>,
    /// The range of the key.
    pub key_span: Span,
    /// Its value.
    pub node: Node,
}

impl Entry {
    /// An entry that was not read from a text.
    pub fn new(key: &str, node: Node) -> Self {
        Self { key: key.into(), key_span: Span::NOWHERE, node }
    }
}

impl From<Value> for Node {
    /// A value that was not read from a text.
    fn from(value: Value) -> Self {
        Self { span: Span::NOWHERE, value }
    }
}

impl Node {
    /// The value of `key`, when this is a map that has it.
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.entry(key).map(|entry| &entry.node)
    }

    /// The entry of `key`, when this is a map that has it.
    pub fn entry(&self, key: &str) -> Option<&Entry> {
        self.entries().iter().find(|entry| &*entry.key == key)
    }

    /// The entries of a map. Other values have no entries.
    pub fn entries(&self) -> &[Entry] {
        match &self.value {
            Value::Map(entries) => entries,
            _ => &[],
        }
    }

    /// The text, when this is text.
    pub fn as_str(&self) -> Option<&str> {
        match &self.value {
            Value::String(text) => Some(text),
            _ => None,
        }
    }

    /// Whether two trees have the same values. A map may have its keys in another order.
    pub fn means_same(&self, other: &Node) -> bool {
        match (&self.value, &other.value) {
            (Value::Map(one), Value::Map(entries)) => {
                let is_in_other = |entry: &Entry| {
                    other.get(&entry.key).is_some_and(|there| entry.node.means_same(there))
                };
                one.len() == entries.len() && one.iter().all(is_in_other)
            }
            (Value::List(one), Value::List(other)) => {
                one.len() == other.len()
                    && one.iter().zip(other).all(|(one, other)| one.means_same(other))
            }
            (one, other) => one == other,
        }
    }

    /// The value's type in the words of diagnostics.
    pub fn type_name(&self) -> &'static str {
        match self.value {
            Value::Null => "null",
            Value::Bool(_) => "a boolean",
            Value::Int(_) => "a whole number",
            Value::Float(_) => "a number",
            Value::String(_) => "a string",
            Value::List(_) => "a list",
            Value::Map(_) => "a map",
        }
    }
}
