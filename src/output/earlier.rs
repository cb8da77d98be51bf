//! Manifests of an earlier render, from which lost records can be found.

use super::{Files, Folder, header};
use crate::source;
use rayon::prelude::*;

/// Manifests in some folders that sitewright wrote.
#[derive(Debug)]
pub struct EarlierManifests {
    /// The manifests, by their paths below the output folder.
    pub files: Files,
    /// Where the output folder is.
    pub at: At,
}

/// Where manifests are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum At {
    /// In a folder, with its name in messages.
    Folder(String),
    /// At a revision of Git.
    Revision(String),
}

/// A source that may have manifests of an earlier render.
pub trait Earlier: Sync {
    /// The manifests that lie directly in these folders that sitewright wrote and whose names are wanted.
    /// Unreadable files are left out, because the comparison or the write of the folder reports
    /// them.
    fn manifests(&self, folders: &[&str], is_wanted: fn(&str) -> bool) -> Option<EarlierManifests>;
}

impl Earlier for Folder {
    fn manifests(&self, folders: &[&str], is_wanted: fn(&str) -> bool) -> Option<EarlierManifests> {
        // Before the first render there are no manifests.
        if !self.path.is_dir() {
            return None;
        }
        let of = |folder: &&str| {
            let entries = source::entries(&self.path.join(folder)).unwrap_or_default();
            let wanted =
                entries.into_iter().filter(|(name, kind)| kind.is_file() && is_wanted(name));
            let read = |(name, _): (String, _)| {
                let path = format!("{folder}/{name}");
                let bytes = std::fs::read(self.path.join(&path)).ok()?;
                header::is_ours(&bytes).then_some((path, bytes))
            };
            wanted.filter_map(read).collect::<Vec<_>>()
        };
        let files = folders.par_iter().flat_map_iter(of).collect();
        Some(EarlierManifests { files, at: At::Folder(self.shown.clone()) })
    }
}
