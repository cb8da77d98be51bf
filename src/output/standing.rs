//! Manifests that an earlier render left, for who asks what it knew.

use super::{Files, Folder, header};
use crate::source;
use rayon::prelude::*;

/// Manifests of ours that stand in some folders.
#[derive(Debug)]
pub struct Standing {
    /// By their paths below the output folder.
    pub files: Files,
    /// Where that is.
    pub at: At,
}

/// Where manifests stand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum At {
    /// In a folder, by what messages call it.
    Folder(String),
    /// At a revision of Git.
    Revision(String),
}

/// What may hold manifests of an earlier render.
pub trait Earlier: Sync {
    /// The manifests of ours that stand directly in these folders, of those whose names are wanted. What
    /// cannot be read is left out: who compares or writes the folder reports it.
    fn standing(&self, folders: &[&str], is_wanted: fn(&str) -> bool) -> Option<Standing>;
}

impl Earlier for Folder {
    fn standing(&self, folders: &[&str], is_wanted: fn(&str) -> bool) -> Option<Standing> {
        // Before the first render nothing is looked for.
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
        Some(Standing { files, at: At::Folder(self.shown.clone()) })
    }
}
