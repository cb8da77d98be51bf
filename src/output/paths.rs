//! Paths below the output folder: sorted lists of paths that are read as trees, and scopes.
//!
//! The path of a folder ends with `/`. The path of the output folder itself is empty.

use super::Files;
use super::sink::{Elsewhere, Where};
use rayon::prelude::*;
use std::collections::BTreeSet;

/// A wanted file: its path, and where its bytes are.
pub(super) type File<'a> = (&'a str, Held<'a>);

/// Where the bytes of a wanted file are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Held<'a> {
    /// In memory.
    Bytes(&'a [u8]),
    /// In the staging folder.
    Staged,
    /// Already in the tree.
    InPlace,
    /// All files of this folder are already in the tree, and the folder contains nothing else. The
    /// number is the number of files.
    Folder(usize),
}

/// All wanted files, sorted: those whose bytes the run holds, and the others. A folder that is as
/// wanted has one entry for all of its files.
pub(super) fn files<'a>(held: &'a Files, elsewhere: &'a Elsewhere) -> Vec<File<'a>> {
    let held = held.iter().map(|(path, bytes)| (path.as_str(), Held::Bytes(bytes)));
    let elsewhere = elsewhere.iter().map(|(path, place)| {
        let held = match place {
            Where::Staged => Held::Staged,
            Where::InPlace => Held::InPlace,
            Where::Folder(count) => Held::Folder(*count),
        };
        (&**path, held)
    });
    let mut files: Vec<File> = held.chain(elsewhere).collect();
    // Each definition's files are already sorted, and a stable sort merges such sorted runs
    // quickly.
    files.par_sort_by_key(|(path, _)| *path);
    files
}

/// A direct child of a folder.
pub(super) enum Child<'a, 'f> {
    /// One file.
    File(File<'f>),
    /// The path of a folder, and all files below it.
    Folder(&'f str, &'a [File<'f>]),
}

/// Whether two files of a sorted list belong to the same child of `folder`. The files of a child
/// follow each other, so splitting the list by this function yields the children.
pub(super) fn same_child(folder: &str) -> impl Fn(&File<'_>, &File<'_>) -> bool + Sync + use<'_> {
    |a, b| child_path(a.0, folder) == child_path(b.0, folder)
}

/// The child of `folder` to which all of `files` belong. There must be at least one file.
pub(super) fn child<'a, 'f>(files: &'a [File<'f>], folder: &str) -> Child<'a, 'f> {
    let path = child_path(files[0].0, folder);
    if path.ends_with('/') { Child::Folder(path, files) } else { Child::File(files[0]) }
}

/// The part of `path` up to the first `/` after `folder`. `path` must be below `folder`.
fn child_path<'p>(path: &'p str, folder: &str) -> &'p str {
    let end = path[folder.len()..].find('/').map_or(path.len(), |at| folder.len() + at + 1);
    &path[..end]
}

/// The folder of a path, without `/` at its end.
pub(super) fn parent(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(parent, _)| parent)
}

/// The first invalid wanted path: a part is empty or starts with a dot, or the path is below
/// another wanted file. Earlier stages never produce such a path. It is still checked here, because
/// a path must never lead out of the folder.
pub(super) fn misfit<'f>(files: &[File<'f>]) -> Option<&'f str> {
    let is_wanted = |path: &str| files.binary_search_by(|(wanted, _)| wanted.cmp(&path)).is_ok();
    let is_misfit = |at: usize| {
        let (path, held) = files[at];
        let is_plain = match (held, path.strip_suffix('/')) {
            (Held::Folder(_), Some(folder)) => is_plain(folder),
            _ => is_plain(path),
        };
        // The folders that it shares with the path before are already checked.
        let before = at.checked_sub(1).map_or("", |before| parent(files[before].0));
        let is_known = |above: &str| above.is_empty() || is_within(before, above);
        !is_plain
            || std::iter::successors(Some(parent(path)), |path| Some(parent(path)))
                .take_while(|above| !is_known(above))
                .any(is_wanted)
    };
    let found = (0..files.len()).into_par_iter().find_first(|at| is_misfit(*at));
    found.map(|at| files[at].0)
}

/// Whether a path stays inside the output folder and has no hidden part.
pub(super) fn is_plain(path: &str) -> bool {
    path.split('/').all(|part| !part.is_empty() && !part.starts_with('.'))
}

/// The part of the output that a run may read and change.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scope {
    /// An empty list means the whole output.
    paths: Option<BTreeSet<String>>,
}

impl Scope {
    /// The whole output.
    pub fn everything() -> Self {
        Self::default()
    }

    /// These files and folders, with everything below them. The paths have the form of [`Files`].
    pub fn of(paths: impl IntoIterator<Item = impl AsRef<str>>) -> Self {
        let trimmed = |path: &str| path.trim_end_matches('/').to_owned();
        Self { paths: Some(paths.into_iter().map(|path| trimmed(path.as_ref())).collect()) }
    }

    /// Whether `path` is in the scope.
    pub fn covers(&self, path: &str) -> bool {
        let Some(paths) = &self.paths else { return true };
        let folders = path.match_indices('/').map(|(at, _)| &path[..at]);
        folders.chain(["", path]).any(|above| paths.contains(above))
    }

    /// Whether `path` or anything below it may be in the scope.
    pub(super) fn touches(&self, path: &str) -> bool {
        let below = format!("{path}/");
        let is_below = |paths: &BTreeSet<String>| {
            let mut next = paths.range(below.clone()..);
            path.is_empty() || next.next().is_some_and(|next| next.starts_with(&below))
        };
        self.covers(path) || self.paths.as_ref().is_some_and(is_below)
    }
}

/// Whether `path` is equal to `above` or below it. The comparison is part by part.
fn is_within(path: &str, above: &str) -> bool {
    match path.strip_prefix(above) {
        Some(rest) => above.is_empty() || rest.is_empty() || rest.starts_with('/'),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files<'f>(paths: &[&'f str]) -> Vec<File<'f>> {
        let mut files: Vec<File> = paths.iter().map(|path| (*path, Held::Staged)).collect();
        files.sort_unstable_by_key(|(path, _)| *path);
        files
    }

    #[test]
    fn a_sorted_list_reads_as_a_tree() {
        let list = files(&["a-b/x", "a.yaml", "a/b/x", "a/y", "c"]);
        let children = |list: &[File], folder: &str| -> Vec<(String, usize)> {
            list.chunk_by(same_child(folder))
                .map(|group| match child(group, folder) {
                    Child::File((path, _)) => (path.to_owned(), 1),
                    Child::Folder(path, below) => (path.to_owned(), below.len()),
                })
                .collect()
        };
        let named = |list: &[(&str, usize)]| -> Vec<(String, usize)> {
            list.iter().map(|(path, count)| ((*path).to_owned(), *count)).collect()
        };
        assert_eq!(children(&list, ""), named(&[("a-b/", 1), ("a.yaml", 1), ("a/", 2), ("c", 1)]));
        assert_eq!(children(&list[2..4], "a/"), named(&[("a/b/", 1), ("a/y", 1)]));
    }

    #[test]
    fn paths_that_cannot_be_are_found() {
        assert_eq!(misfit(&files(&["a/b.yaml", "a.yaml", "a/b/c.yaml"])), None);
        for path in ["", "/a", "a/", "a//b", "../a", "a/../b", "./a", ".a", "a/.b/c"] {
            assert_eq!(misfit(&files(&[path, "z"])), Some(path));
        }
        assert_eq!(misfit(&files(&["a", "a-b", "a/b"])), Some("a/b"));
        assert_eq!(misfit(&files(&["a/b", "a/b/c/d/e", "a/c"])), Some("a/b/c/d/e"));
    }

    #[test]
    fn a_scope_goes_by_whole_parts() {
        let scope = Scope::of(["production/acme", "staging/"]);
        for path in ["production/acme", "production/acme/a.yaml", "staging", "staging/b/c.yaml"] {
            assert!(scope.covers(path) && scope.touches(path), "{path}");
        }
        for path in ["production/acme-2", "production/acme.yaml", "stagin", "prod"] {
            assert!(!scope.touches(path), "{path}");
        }
        assert!(scope.touches("production") && !scope.covers("production"));
        assert!(Scope::everything().covers("a") && Scope::of([""]).covers("a"));
        assert!(!Scope::of([""; 0]).touches("a"));
    }
}
