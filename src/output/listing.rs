//! What stands in the output folder, by name and kind. Nothing of it is opened, and no symbolic link
//! followed.

use super::Folder;
use super::paths::Scope;
use crate::diagnostic::Diagnostic;
use rayon::prelude::*;
use std::fs;
use std::io;

/// What a folder holds, sorted by name, but for what starts with a dot.
#[derive(Debug)]
pub(super) struct Listing(Vec<(Box<str>, Child)>);

/// Something in a folder.
#[derive(Debug)]
pub(super) enum Child {
    /// A regular file.
    File,
    /// A folder. Where the scope has nothing in it, it was not looked into.
    Folder(Listing),
    /// A symbolic link, a special file, or a name that is not UTF-8.
    Other,
}

impl Listing {
    /// What is there, as far as the scope goes; nothing where there is no folder.
    pub(super) fn read(folder: &Folder, scope: &Scope) -> Result<Option<Self>, Box<Diagnostic>> {
        match folder.exists()? {
            true => list(folder, "", scope).map(Some),
            false => Ok(None),
        }
    }

    /// How many things are directly in it.
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// What is directly in it, by name.
    pub(super) fn children(&self) -> impl Iterator<Item = (&str, &Child)> {
        self.0.iter().map(|(name, child)| (&**name, child))
    }

    /// What stands at a path below it.
    pub(super) fn at(&self, path: &str) -> Option<&Child> {
        let (name, below) = match path.split_once('/') {
            Some((name, below)) => (name, Some(below)),
            None => (path, None),
        };
        let at = self.0.binary_search_by(|(known, _)| (**known).cmp(name)).ok()?;
        match (&self.0[at].1, below) {
            (child, None) => Some(child),
            (Child::Folder(listing), Some(below)) => listing.at(below),
            (_, Some(_)) => None,
        }
    }
}

fn list(folder: &Folder, path: &str, scope: &Scope) -> Result<Listing, Box<Diagnostic>> {
    let entries = entries(folder, path).map_err(|error| {
        let shown = path.trim_end_matches('/');
        folder.unreadable(shown, &error)
    })?;
    let children = entries.into_par_iter().map(|(name, kind)| {
        let child = match kind {
            Kind::File => Child::File,
            Kind::Other => Child::Other,
            Kind::Folder => {
                let below = format!("{path}{name}");
                match scope.touches(&below) {
                    true => Child::Folder(list(folder, &format!("{below}/"), scope)?),
                    false => Child::Folder(Listing(Vec::new())),
                }
            }
        };
        Ok((name, child))
    });
    // All of them, and then the first problem in the order of names, so that two runs report the same.
    let children: Vec<Result<_, Box<Diagnostic>>> = children.collect();
    let children: Result<Vec<_>, _> = children.into_iter().collect();
    Ok(Listing(children?))
}

enum Kind {
    File,
    Folder,
    Other,
}

fn entries(folder: &Folder, path: &str) -> io::Result<Vec<(Box<str>, Kind)>> {
    let mut entries = Vec::new();
    for entry in fs::read_dir(folder.path.join(path))? {
        let entry = entry?;
        let name = entry.file_name();
        if name.as_encoded_bytes().starts_with(b".") {
            continue;
        }
        let kind = entry.file_type()?;
        let (name, kind) = match name.into_string() {
            Ok(name) if kind.is_file() => (name, Kind::File),
            Ok(name) if kind.is_dir() => (name, Kind::Folder),
            Ok(name) => (name, Kind::Other),
            Err(name) => (name.to_string_lossy().into_owned(), Kind::Other),
        };
        entries.push((name.into(), kind));
    }
    let is_known = |kind: &Kind| !matches!(kind, Kind::Other);
    entries.sort_unstable_by(|(a, one), (b, other)| (a, is_known(one)).cmp(&(b, is_known(other))));
    // Names that are not UTF-8 may be shown alike, or as another's name: then nothing is touched.
    entries.dedup_by(|(one, _), (other, _)| one == other);
    Ok(entries)
}
