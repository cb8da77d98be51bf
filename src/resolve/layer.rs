//! Layers: several stated maps become one, and every value still knows who stated it.

use crate::diagnostic::Span;
use crate::source::node::{Node, Value};

/// The layers of a definition, the weakest first. A fleet holds only this of them: what they merge to is
/// worked out again by the few who ask.
#[derive(Clone, Debug)]
pub struct Layers<'p>(Box<[&'p Node]>);

impl<'p> Layers<'p> {
    /// These layers, the weakest first.
    pub fn new(layers: Vec<&'p Node>) -> Self {
        Self(layers.into())
    }

    /// All that they state.
    pub fn merged(&self) -> Layered<'p> {
        Layered::merge(&self.0)
    }

    /// The value at a path of keys.
    pub fn get(&self, path: &[&str]) -> Option<Layered<'p>> {
        let mut layers = self.0.to_vec();
        for key in path {
            layers = effective(&layers).iter().filter_map(|map| map.get(key)).collect();
        }
        (!layers.is_empty()).then(|| Layered::merge(&layers))
    }

    /// Where the value at a path is stated; of a merged map, where its first key is.
    pub fn span(&self, path: &[&str]) -> Option<Span> {
        self.get(path)?.span()
    }
}

/// Those layers of one value that are maps and that no later layer replaced.
fn effective<'l, 'p>(layers: &'l [&'p Node]) -> &'l [&'p Node] {
    let replaced = layers.iter().rposition(|node| !matches!(node.value, Value::Map(_)));
    &layers[replaced.map_or(0, |replaced| replaced + 1)..]
}

/// A value after layering: the strongest layer's, or a map of several layers' keys.
#[derive(Clone, Debug)]
pub enum Layered<'p> {
    /// One layer alone states it.
    Stated(&'p Node),
    /// Several layers state keys of it; in the order in which they first appear.
    Merged(Vec<(&'p str, Layered<'p>)>),
}

impl<'p> Layered<'p> {
    /// Layers maps, the weakest first: maps merge key by key, anything else replaces.
    pub fn merge(layers: &[&'p Node]) -> Self {
        match effective(layers) {
            [] => layers.last().map_or(Layered::Merged(Vec::new()), |leaf| Layered::Stated(leaf)),
            [only] => Layered::Stated(only),
            maps @ [.., last] if maps.iter().all(|map| map.entries().is_empty()) => {
                Layered::Stated(last)
            }
            maps => Layered::Merged(merge_maps(maps)),
        }
    }

    /// Where it is stated; of a merged map, where its first key is.
    fn span(&self) -> Option<Span> {
        match self {
            Layered::Stated(node) => Some(node.span),
            Layered::Merged(entries) => entries.first().and_then(|(_, value)| value.span()),
        }
    }

    /// Every value that is no map, with its path, sorted by path; an empty map counts as a value.
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

fn merge_maps<'p>(maps: &[&'p Node]) -> Vec<(&'p str, Layered<'p>)> {
    let mut stated: Vec<(&'p str, Vec<&'p Node>)> = Vec::with_capacity(16);
    for entry in maps.iter().flat_map(|map| map.entries()) {
        match stated.iter_mut().find(|(key, _)| **key == *entry.key) {
            Some((_, layers)) => layers.push(&entry.node),
            None => stated.push((&entry.key, vec![&entry.node])),
        }
    }
    stated.into_iter().map(|(key, layers)| (key, Layered::merge(&layers))).collect()
}
