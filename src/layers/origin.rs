//! Where each value of a resolved definition is stated.

use super::layer::Layers;
use crate::diagnostic::Span;
use crate::language::Definition;
use crate::source::node::Value;

/// The definition and the layers that state the values.
#[derive(Clone, Debug)]
pub struct Origin<'p> {
    /// The definition itself.
    pub definition: &'p Definition,
    /// All layers.
    pub layers: Layers<'p>,
}

impl Origin<'_> {
    /// Where a value is stated. If no layer states it, the place of the definition.
    pub fn span(&self, path: &[&str]) -> Span {
        self.layers.span(path).unwrap_or_else(|| self.definition.span())
    }

    /// Where the definition's own file states a value. A `null` counts as not stated.
    pub fn stated_here(&self, path: &[&str]) -> Option<Span> {
        self.layers.stated(path).filter(|span| span.file == self.definition.file)
    }

    /// The key with which the definition's own file states a value or a part of it. An explicit
    /// `null` counts as not stated.
    pub fn key_here(&self, path: &[&str]) -> Option<Span> {
        let (field, parents) = path.split_last()?;
        let map =
            parents.iter().try_fold(self.definition.node.as_ref()?, |map, key| map.get(key))?;
        let entry = map.entry(field)?;
        (entry.node.value != Value::Null).then_some(entry.key_span)
    }
}
