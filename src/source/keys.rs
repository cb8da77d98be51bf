//! Finding the key that stands twice: few keys are looked through, many are looked up, so that a file
//! of one huge map costs no more than any other.

use super::node::Entry;
use crate::diagnostic::Span;
use std::collections::HashMap;

/// How many keys are looked through.
const FEW: usize = 32;

/// The keys of a map so far.
#[derive(Default)]
pub(super) struct Keys {
    places: HashMap<Box<str>, Span>,
    /// How many entries `places` knows.
    known: usize,
}

impl Keys {
    /// Where `key` is first stated among the entries, to which entries are only ever added.
    pub(super) fn first(&mut self, entries: &[Entry], key: &str) -> Option<Span> {
        if entries.len() <= FEW {
            return entries.iter().find(|entry| *entry.key == *key).map(|entry| entry.key_span);
        }
        for entry in &entries[self.known..] {
            self.places.entry(entry.key.clone()).or_insert(entry.key_span);
        }
        self.known = entries.len();
        self.places.get(key).copied()
    }
}
