//! Merges layers: several maps become one map, and every value keeps the place where it is stated.
//!
//! `null` unsets a value: the value is then as if no weaker layer had stated it. If there is a
//! built-in default, the default applies.

use crate::diagnostic::Span;
use crate::source::node::{Node, Value};
use std::borrow::Cow;

/// The layers of a definition. A fleet keeps only the layers and not the merged values, because few
/// callers need those.
#[derive(Clone, Debug)]
pub struct Layers<'p> {
    /// The maps of the layers, the weakest first.
    nodes: Box<[&'p Node]>,
    /// Whether the first layer has the built-in defaults.
    over_defaults: bool,
}

impl<'p> Layers<'p> {
    /// Creates layers from these maps, the weakest first.
    pub fn new(layers: Vec<&'p Node>) -> Self {
        Self { nodes: layers.into(), over_defaults: false }
    }

    /// Creates layers of which the first has the built-in defaults.
    pub fn over_defaults(layers: Vec<&'p Node>) -> Self {
        Self { over_defaults: true, ..Self::new(layers) }
    }

    fn stack(&self) -> Stack<'_, 'p> {
        Stack { nodes: Cow::Borrowed(&self.nodes), over_defaults: self.over_defaults }
    }

    /// The merged value of all layers.
    pub fn merged(&self) -> Layered<'p> {
        self.stack().merged()
    }

    /// The value at a path of keys.
    pub fn get(&self, path: &[&str]) -> Option<Layered<'p>> {
        let mut stack = self.stack();
        for key in path {
            stack = stack.below(key)?;
        }
        Some(stack.merged())
    }

    /// Where the value at a path is stated. For a merged map it is the place of the first key.
    pub fn span(&self, path: &[&str]) -> Option<Span> {
        self.get(path)?.span()
    }

    /// Where the value at a path is stated. A `null` counts as not stated.
    pub fn stated(&self, path: &[&str]) -> Option<Span> {
        let value = self.get(path)?;
        value.span().filter(|_| !value.is_null())
    }

    /// Whether the value at a path is a built-in default.
    pub fn is_default(&self, path: &[&str]) -> bool {
        let default = self.nodes.first().filter(|_| self.over_defaults);
        let default = default.and_then(|node| path.iter().try_fold(*node, |it, key| it.get(key)));
        default.is_some_and(|default| self.span(path) == Some(default.span))
    }
}

/// The statements of several layers about one value, the weakest first.
struct Stack<'l, 'p> {
    nodes: Cow<'l, [&'p Node]>,
    /// Whether the first is a built-in default.
    over_defaults: bool,
}

impl<'l, 'p> Stack<'l, 'p> {
    /// The statements that have an effect, without those that a null unsets or a later value
    /// replaces. If a null leaves no value, the null remains.
    fn effective(self) -> Self {
        let Self { mut nodes, mut over_defaults } = self;
        if let Some(null) = nodes.iter().rposition(|node| node.value == Value::Null) {
            let default = nodes.first().copied().filter(|_| over_defaults);
            let left: Vec<_> =
                default.into_iter().chain(nodes[null + 1..].iter().copied()).collect();
            match left.is_empty() {
                true => return Self { nodes: vec![nodes[null]].into(), over_defaults: false },
                false => nodes = left.into(),
            }
        }
        let is_map = |node: &&Node| matches!(node.value, Value::Map(_));
        if let Some(replaced) = nodes.iter().rposition(|node| !is_map(node)) {
            let last = replaced + 1 == nodes.len();
            let from = if last { replaced } else { replaced + 1 };
            over_defaults &= from == 0;
            nodes = match nodes {
                Cow::Borrowed(nodes) => Cow::Borrowed(&nodes[from..]),
                Cow::Owned(mut nodes) => Cow::Owned(nodes.split_off(from)),
            };
        }
        Self { nodes, over_defaults }
    }

    /// The statements about the value of a key.
    fn below(self, key: &str) -> Option<Self> {
        let Self { nodes, over_defaults } = self.effective();
        let over_defaults =
            over_defaults && nodes.first().is_some_and(|map| map.get(key).is_some());
        let nodes: Vec<_> = nodes.iter().filter_map(|map| map.get(key)).collect();
        (!nodes.is_empty()).then_some(Self { nodes: nodes.into(), over_defaults })
    }

    /// Maps merge key by key, anything else replaces.
    fn merged(self) -> Layered<'p> {
        let Self { nodes, over_defaults } = self.effective();
        match &*nodes {
            [] => Layered::Merged(Vec::new()),
            [only] => Layered::Stated(only),
            maps @ [.., last] if maps.iter().all(|map| map.entries().is_empty()) => {
                Layered::Stated(last)
            }
            maps => Layered::Merged(merge_maps(maps, over_defaults)),
        }
    }
}

/// A merged value: the value of the strongest layer, or a map with the keys of several layers.
#[derive(Clone, Debug)]
pub enum Layered<'p> {
    /// Only one layer states the value.
    Stated(&'p Node),
    /// Several layers state keys of the map. The keys are in the order in which they first appear.
    Merged(Vec<(&'p str, Layered<'p>)>),
}

impl<'p> Layered<'p> {
    /// Merges maps, the weakest first. Maps merge key by key, and any other value replaces the
    /// weaker one.
    pub fn merge(layers: &[&'p Node]) -> Self {
        Stack { nodes: Cow::Borrowed(layers), over_defaults: false }.merged()
    }

    /// Whether the value is null.
    pub fn is_null(&self) -> bool {
        matches!(self, Layered::Stated(Node { value: Value::Null, .. }))
    }

    /// Where the value is stated. For a merged map it is the place of the first key.
    fn span(&self) -> Option<Span> {
        match self {
            Layered::Stated(node) => Some(node.span),
            Layered::Merged(entries) => entries.first().and_then(|(_, value)| value.span()),
        }
    }

    /// Every value that is not a map, with its path, sorted by path. An empty map counts as a
    /// value.
    pub fn leaves(&self) -> Vec<(String, &'p Node)> {
        let mut leaves = Vec::new();
        self.collect("", &mut leaves);
        leaves.sort_by(|(one, _), (other, _)| one.cmp(other));
        leaves
    }

    fn collect(&self, path: &str, leaves: &mut Vec<(String, &'p Node)>) {
        let below = |key: &str| match path {
            "" => key.to_owned(),
            _ => format!("{path}.{key}"),
        };
        match self {
            Layered::Stated(node) if !node.entries().is_empty() => {
                for entry in node.entries() {
                    Layered::Stated(&entry.node).collect(&below(&entry.key), leaves);
                }
            }
            Layered::Stated(node) => leaves.push((path.to_owned(), node)),
            Layered::Merged(entries) => {
                for (key, value) in entries {
                    value.collect(&below(key), leaves);
                }
            }
        }
    }
}

fn merge_maps<'p>(maps: &[&'p Node], over_defaults: bool) -> Vec<(&'p str, Layered<'p>)> {
    let mut stated: Vec<(&'p str, Vec<&'p Node>)> = Vec::with_capacity(16);
    for entry in maps.iter().flat_map(|map| map.entries()) {
        match stated.iter_mut().find(|(key, _)| **key == *entry.key) {
            Some((_, layers)) => layers.push(&entry.node),
            None => stated.push((&entry.key, vec![&entry.node])),
        }
    }
    // The keys of the first map come first.
    let defaults = if over_defaults { maps[0].entries().len() } else { 0 };
    let merged = stated.into_iter().enumerate().map(|(at, (key, layers))| {
        (key, Stack { nodes: layers.into(), over_defaults: at < defaults }.merged())
    });
    merged.collect()
}
