//! Receives the manifests of one part of the tree.

use super::earlier::{Earlier, EarlierManifests};
use super::paths::Scope;
use super::sink::{Collect, Sink, Taken};

/// Holds the files of a part of the tree in memory, and no others.
#[derive(Clone, Debug)]
pub struct CollectPart(pub Scope);

impl Earlier for CollectPart {
    fn manifests(&self, _: &[&str], _: fn(&str) -> bool) -> Option<EarlierManifests> {
        None
    }
}

impl Sink for CollectPart {
    fn take(&self, folder: &str, files: Vec<(String, Vec<u8>)>) -> Vec<(Box<str>, Taken)> {
        match self.0.covers(folder) {
            true => Collect.take(folder, files),
            false => Vec::new(),
        }
    }
}
