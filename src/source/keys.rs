//! Finds duplicate keys. A small map is searched key by key. A large map uses a hash table, so that
//! a file with one huge map takes no longer than any other file.

use super::node::Entry;
use crate::diagnostic::Span;
use std::collections::HashMap;
use std::sync::Arc;

/// The number of keys up to which a map is searched key by key.
const FEW: usize = 32;

/// The keys of a map that were read so far.
#[derive(Default)]
pub(super) struct Keys {
    places: HashMap<Arc<str>, Span>,
    /// The number of entries in `places`.
    known: usize,
}

impl Keys {
    /// The place of the first entry with this `key`. Callers may only append to the entries between
    /// two calls.
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
