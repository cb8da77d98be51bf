//! The base of a diff: a folder, or a folder at a revision. It knows its files and their bytes, so
//! the run holds only the files that differ.

use super::git;
use super::tree;
use crate::diagnostic::Diagnostic;
use crate::output::{
    At, Earlier, EarlierManifests, Elsewhere, Files, Sink, Taken, Where, holds, is_ours,
};
use std::collections::{BTreeSet, HashSet};
use std::path::{Path, PathBuf};

/// One side of a comparison.
#[derive(Debug)]
pub enum Base {
    /// Nothing, as before the first render.
    Nothing,
    /// The files of a folder.
    Folder {
        /// The folder.
        root: PathBuf,
        /// The name of the folder in messages.
        shown: String,
        /// The files, by their paths below the folder.
        paths: BTreeSet<String>,
    },
    /// The files of a folder at a revision.
    Revision(git::RevisionTree),
}

impl Base {
    /// The files below a folder whose names have one of these endings.
    pub fn folder(root: &Path, shown: &str, endings: &[&str]) -> Result<Self, Box<Diagnostic>> {
        let paths = tree::paths(root, shown, endings)?.into_iter().collect();
        Ok(Self::Folder { root: root.to_owned(), shown: shown.to_owned(), paths })
    }

    /// Whether sitewright rendered at least one of the files.
    pub fn is_rendered(&self) -> Result<bool, Box<Diagnostic>> {
        match self {
            Base::Nothing => Ok(false),
            Base::Folder { root, paths, .. } => {
                let read = |path: &String| std::fs::read(root.join(path));
                Ok(paths.iter().any(|path| read(path).is_ok_and(|file| is_ours(&file))))
            }
            Base::Revision(tree) => Ok(tree.first(is_ours)?.is_some()),
        }
    }

    /// The files, without those that a render has found to be the same.
    pub fn files(&self, same: &Elsewhere) -> Result<Files, Box<Diagnostic>> {
        let same: HashSet<&str> = same.iter().map(|(path, _)| &**path).collect();
        match self {
            Base::Nothing => Ok(Files::new()),
            Base::Folder { root, shown, paths } => {
                let other = paths.iter().filter(|path| !same.contains(path.as_str()));
                tree::files(root, shown, other.cloned().collect())
            }
            Base::Revision(tree) => tree.files(|path| !same.contains(path)),
        }
    }

    /// The files of the base and of `files` that the other side does not have with the same bytes.
    pub fn differing(&self, files: Files) -> Result<(Files, Files), Box<Diagnostic>> {
        let (same, other): (Files, Files) =
            files.into_iter().partition(|(path, bytes)| self.has(path, bytes));
        let same = same.into_keys().map(|path| (path.into(), Where::InPlace)).collect();
        Ok((self.files(&same)?, other))
    }

    fn has(&self, path: &str, bytes: &[u8]) -> bool {
        match self {
            Base::Nothing => false,
            Base::Folder { root, paths, .. } => {
                // An unreadable file counts as a file that differs, and is reported when it is
                // read.
                paths.contains(path) && holds(&root.join(path), bytes).unwrap_or(false)
            }
            Base::Revision(tree) => tree.has(path, bytes),
        }
    }
}

impl Earlier for Base {
    fn manifests(&self, folders: &[&str], is_wanted: fn(&str) -> bool) -> Option<EarlierManifests> {
        let folders: HashSet<&str> = folders.iter().copied().collect();
        let is_meant = |path: &str| {
            path.rsplit_once('/')
                .is_some_and(|(folder, name)| is_wanted(name) && folders.contains(folder))
        };
        // An unreadable file is reported when the whole base is read.
        let (files, at) = match self {
            Base::Nothing => return None,
            Base::Folder { root, shown, paths } => {
                let meant = paths.iter().filter(|path| is_meant(path)).cloned().collect();
                (tree::files(root, shown, meant), At::Folder(shown.clone()))
            }
            Base::Revision(tree) => {
                (tree.files(is_meant), At::Revision(tree.revision().to_owned()))
            }
        };
        let files = files.unwrap_or_default().into_iter().filter(|(_, file)| is_ours(file));
        Some(EarlierManifests { files: files.collect(), at })
    }
}

impl Sink for Base {
    fn take(&self, _: &str, files: Vec<(String, Vec<u8>)>) -> Vec<(Box<str>, Taken)> {
        let take = |(path, bytes): (String, Vec<u8>)| {
            let taken = match self.has(&path, &bytes) {
                true => Taken::Elsewhere(Where::InPlace),
                false => Taken::Bytes(bytes),
            };
            (path.into(), taken)
        };
        files.into_iter().map(take).collect()
    }
}
