//! A value that a template writes into its text, and how readers read it from there.

use super::escape::stands_as_it_is;
use crate::source::node::{Entry, Node, Value as Stated};
use crate::source::yaml::MAX_DEPTH;
use minijinja::Value;
use minijinja::value::ValueKind;

/// Readers search for the `:` of a key within 1024 characters.
const MAX_KEY: usize = 1000;

/// A value of a template, and the value that its JSON literal is read as.
#[derive(Debug)]
pub struct Interpolated(Value);

impl Interpolated {
    pub(super) fn new(value: Value) -> Self {
        Self(value)
    }

    /// The value as templates see it.
    pub fn value(&self) -> &Value {
        &self.0
    }

    /// The text, if readers are certain to read it unchanged.
    pub fn as_text(&self) -> Option<&str> {
        // minijinja also returns bytes as text, but writes them in another form.
        let is_text = self.0.kind() == ValueKind::String && !self.0.is_safe();
        self.0.as_str().filter(|_| is_text)
    }

    /// The value that is read, or `None` if only a reader can tell.
    pub fn stated(&self) -> Option<Stated> {
        stated(&self.0, 1)
    }

    /// Whether both are the same list in memory. Equal lists are not enough.
    pub fn is_same_list(&self, other: &Value) -> bool {
        let [ours, theirs] =
            [&self.0, other].map(|value| value.downcast_object_ref::<Vec<Value>>());
        ours.zip(theirs).is_some_and(|(ours, theirs)| std::ptr::eq(ours, theirs))
    }

    /// Whether the value may be a key: a text that is short enough in every written form.
    pub fn is_key(&self) -> bool {
        self.as_text().is_some_and(is_key)
    }
}

/// The value that is read below this many levels, or `None` if only a reader can tell.
fn stated(value: &Value, depth: usize) -> Option<Stated> {
    if depth > MAX_DEPTH {
        return None;
    }
    match value.kind() {
        ValueKind::None => Some(Stated::Null),
        ValueKind::Bool => Some(Stated::Bool(value.is_true())),
        // Some reader may read the digits of other numbers as another number.
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
    fn a_list_is_the_same_as_itself_alone() {
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
