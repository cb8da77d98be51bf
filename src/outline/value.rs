//! A value that a template interpolates, and the value that a YAML reader reads from its JSON
//! literal.

use crate::source::node::{Entry, Node, Value as Stated};
use crate::source::yaml::MAX_DEPTH;
use crate::template::stands_as_it_is;
use minijinja::Value;
use minijinja::value::ValueKind;

/// The maximum length of a key, in bytes. Readers search for the `:` of a key within 1024
/// characters.
const MAX_KEY: usize = 1000;

/// A value that a template interpolates.
#[derive(Debug)]
pub(super) struct Interpolated(Value);

impl Interpolated {
    pub(super) fn new(value: Value) -> Self {
        Self(value)
    }

    /// The value as templates see it.
    pub(super) fn value(&self) -> &Value {
        &self.0
    }

    /// The text, if the value is one.
    pub(super) fn as_text(&self) -> Option<&str> {
        // minijinja also returns bytes as text, but writes them in another form.
        let is_text = self.0.kind() == ValueKind::String && !self.0.is_safe();
        self.0.as_str().filter(|_| is_text)
    }

    /// The value that a reader reads. `None` if that is not certain without a reader.
    pub(super) fn stated(&self) -> Option<Stated> {
        stated(&self.0, 1)
    }

    /// Whether both are the same list in memory. Equal lists are not enough: minijinja says that
    /// `[1]` and `[1.0]` are equal, and their texts differ.
    pub(super) fn is_same_list(&self, other: &Value) -> bool {
        let [ours, theirs] =
            [&self.0, other].map(|value| value.downcast_object_ref::<Vec<Value>>());
        ours.zip(theirs).is_some_and(|(ours, theirs)| std::ptr::eq(ours, theirs))
    }

    /// Whether the value may be a key: a short text that no reader changes.
    pub(super) fn is_key(&self) -> bool {
        self.as_text().is_some_and(is_key)
    }
}

/// The value that a reader reads at this depth.
fn stated(value: &Value, depth: usize) -> Option<Stated> {
    if depth > MAX_DEPTH {
        return None;
    }
    match value.kind() {
        ValueKind::None => Some(Stated::Null),
        ValueKind::Bool => Some(Stated::Bool(value.is_true())),
        // Readers do not agree on other numbers.
        ValueKind::Number if value.is_integer() => value.as_i64().map(Stated::Int),
        ValueKind::String if !value.is_safe() => Some(Stated::String(value.as_str()?.into())),
        ValueKind::Seq => {
            let items = value.try_iter().ok()?.map(|item| stated(&item, depth + 1).map(Node::from));
            items.collect::<Option<_>>().map(Stated::List)
        }
        ValueKind::Map => {
            let entry = |(key, value): (Value, Value)| {
                let name = key.as_str().filter(|name| is_key(name))?;
                Some(Entry::new(name, stated(&value, depth + 1)?.into()))
            };
            let pairs = value.as_object()?.try_iter_pairs()?;
            pairs.map(entry).collect::<Option<_>>().map(Stated::Map)
        }
        _ => None,
    }
}

fn is_key(text: &str) -> bool {
    text.len() <= MAX_KEY && stands_as_it_is(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use minijinja::value::Serde;

    #[test]
    fn only_the_list_itself_is_the_same_list() {
        let list: Value = ["a", "b"].into_iter().collect();
        let one = Interpolated::new(list.clone());
        // As a context carries it.
        let carried = Value::from(Serde(std::collections::BTreeMap::from([("list", &list)])));
        assert!(one.is_same_list(&carried.get_attr("list").unwrap()));
        assert!(!one.is_same_list(&["a", "b"].into_iter().collect()));
        let text = Value::from("a");
        assert!(!Interpolated::new(text.clone()).is_same_list(&text));
    }
}
