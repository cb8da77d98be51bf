//! Layers: several stated maps become one, and every value still knows who stated it.

use crate::diagnostic::Span;
use crate::source::node::{Node, Value};

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
        let first_map = layers
            .iter()
            .rposition(|node| !matches!(node.value, Value::Map(_)))
            .map_or(0, |replaced| replaced + 1);
        match &layers[first_map..] {
            [] => layers.last().map_or(Layered::Merged(Vec::new()), |leaf| Layered::Stated(leaf)),
            [only] => Layered::Stated(only),
            [.., last] if layers[first_map..].iter().all(|map| map.entries().is_empty()) => {
                Layered::Stated(last)
            }
            maps => Layered::Merged(merge_maps(maps)),
        }
    }

    /// The value at a path of keys.
    pub fn get(&self, path: &[&str]) -> Option<Layered<'p>> {
        let Some((key, rest)) = path.split_first() else { return Some(self.clone()) };
        match self {
            Layered::Stated(node) => Layered::Stated(node.get(key)?).get(rest),
            Layered::Merged(entries) => entries.iter().find(|(name, _)| name == key)?.1.get(rest),
        }
    }

    /// Where the value at a path is stated; of a merged map, where its first key is.
    pub fn span(&self, path: &[&str]) -> Option<Span> {
        match self.get(path)? {
            Layered::Stated(node) => Some(node.span),
            Layered::Merged(entries) => entries.first().and_then(|(_, value)| value.span(&[])),
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
    let mut keys: Vec<&'p str> = Vec::new();
    for entry in maps.iter().flat_map(|map| map.entries()) {
        if !keys.contains(&&*entry.key) {
            keys.push(&entry.key);
        }
    }
    keys.into_iter()
        .map(|key| {
            let stated: Vec<&Node> = maps.iter().filter_map(|map| map.get(key)).collect();
            (key, Layered::merge(&stated))
        })
        .collect()
}
