//! What stands in a folder of the output, by name and kind. Nothing of it is opened, and no symbolic link
//! followed.

use super::Folder;
use std::fs;
use std::io;

/// What a folder holds, sorted by name, but for what starts with a dot.
#[derive(Debug)]
pub(super) struct Listing(Vec<(String, Kind)>);

/// What something in a folder is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    /// A regular file.
    File,
    /// A folder.
    Folder,
    /// A symbolic link, a special file, or a name that is not UTF-8.
    Other,
}

impl Listing {
    /// What is in the folder at a path below the output folder.
    pub(super) fn read(folder: &Folder, path: &str) -> io::Result<Self> {
        let mut entries = Vec::new();
        for entry in fs::read_dir(folder.path.join(path))? {
            let entry = entry?;
            let name = entry.file_name();
            if name.as_encoded_bytes().starts_with(b".") {
                continue;
            }
            let kind = entry.file_type()?;
            entries.push(match name.into_string() {
                Ok(name) if kind.is_file() => (name, Kind::File),
                Ok(name) if kind.is_dir() => (name, Kind::Folder),
                Ok(name) => (name, Kind::Other),
                Err(name) => (name.to_string_lossy().into_owned(), Kind::Other),
            });
        }
        // Names that are not UTF-8 may be shown alike, or as another's name: then nothing is touched.
        entries.sort_unstable_by(|(a, one), (b, other)| a.cmp(b).then(other.cmp(one)));
        entries.dedup_by(|(one, _), (other, _)| one == other);
        Ok(Self(entries))
    }

    /// How many things are in it.
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// What is in it, by name.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, Kind)> {
        self.0.iter().map(|(name, kind)| (name.as_str(), *kind))
    }

    /// What has this name.
    pub(super) fn at(&self, name: &str) -> Option<Kind> {
        let at = self.0.binary_search_by(|(known, _)| known.as_str().cmp(name)).ok()?;
        Some(self.0[at].1)
    }
}
