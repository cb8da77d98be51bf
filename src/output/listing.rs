//! The entries of a folder of the output, by name and kind. No entry is opened, and no symbolic
//! link is followed.

use std::ffi::OsString;

/// The entries of a folder, sorted by name, without names that start with a dot.
#[derive(Debug)]
pub(super) struct Listing(Vec<(String, EntryKind)>);

/// The kind of an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum EntryKind {
    /// A regular file.
    File,
    /// A folder.
    Folder,
    /// A symbolic link, a special file, or a name that is not UTF-8.
    Other,
}

impl Listing {
    /// The listing of a folder with these entries.
    pub(super) fn new(found: Vec<(OsString, EntryKind)>) -> Self {
        let is_seen =
            |(name, _): &(OsString, EntryKind)| !name.as_encoded_bytes().starts_with(b".");
        let entry = |(name, kind): (OsString, EntryKind)| match name.into_string() {
            Ok(name) => (name, kind),
            Err(name) => (name.to_string_lossy().into_owned(), EntryKind::Other),
        };
        let mut entries: Vec<_> = found.into_iter().filter(is_seen).map(entry).collect();
        // Two names that are not UTF-8 can look the same, or look like the name of another entry.
        // Such entries are never changed.
        entries.sort_unstable_by(|(a, one), (b, other)| a.cmp(b).then(other.cmp(one)));
        entries.dedup_by(|(one, _), (other, _)| one == other);
        Self(entries)
    }

    /// The number of entries.
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// The entries, by name.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, EntryKind)> {
        self.0.iter().map(|(name, kind)| (name.as_str(), *kind))
    }

    /// The entry with this name.
    pub(super) fn at(&self, name: &str) -> Option<EntryKind> {
        let at = self.0.binary_search_by(|(known, _)| known.as_str().cmp(name)).ok()?;
        Some(self.0[at].1)
    }
}
