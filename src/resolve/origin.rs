//! Where each value of a resolved definition is stated.

use super::layer::Layers;
use crate::diagnostic::Span;
use crate::language::Definition;
use crate::source::node::Value;

/// Who stated what.
#[derive(Clone, Debug)]
pub struct Origin<'p> {
    /// The definition itself.
    pub definition: &'p Definition,
    /// All layers.
    pub layers: Layers<'p>,
}

impl Origin<'_> {
    /// Where a value is stated; where nobody states it, the definition.
    pub fn span(&self, path: &[&str]) -> Span {
        self.layers.span(path).unwrap_or_else(|| self.definition.span())
    }

    /// Where the definition's own file states a value; `null` states none, it unsets.
    pub fn stated_here(&self, path: &[&str]) -> Option<Span> {
        self.layers.stated(path).filter(|span| span.file == self.definition.file)
    }

    /// The key by which the definition's own file states a value, or a part of one; an explicit
    /// `null` states none.
    pub fn key_here(&self, path: &[&str]) -> Option<Span> {
        let (field, parents) = path.split_last()?;
        let map =
            parents.iter().try_fold(self.definition.node.as_ref()?, |map, key| map.get(key))?;
        let entry = map.entry(field)?;
        (entry.node.value != Value::Null).then_some(entry.key_span)
    }
}
