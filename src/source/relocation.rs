//! Moves files and folders of definitions, so that a killed run leaves everything at its old place or at its new
//! one.
//!
//! One rename moves the definition, or the folder with all that is in it. What a definition needs beside it is
//! copied to the new place before that rename, and removed from the old place after it.

use super::folder_lock::{FolderLock, Patience};
use super::replace::{FileChange, Written, failed, locked, write_all};
use crate::diagnostic::{Code, Diagnostic};
use std::fs;
use std::io::{self, ErrorKind};
use std::path::Path;

/// What moves. Paths are relative to the project's folder.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Relocation {
    /// New texts at the old places. Each of them alone leaves the project valid.
    pub edits: Vec<Edited>,
    /// The files that exist at the new place before the rename, with their texts.
    pub copies: Vec<(String, String)>,
    /// The file or folder that is renamed.
    pub from: String,
    /// Its new path, at which nothing exists.
    pub to: String,
    /// The files that are removed after the rename.
    pub removed: Vec<String>,
}

/// A file with a new text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edited {
    /// The file.
    pub path: String,
    /// The text that was read.
    pub before: String,
    /// The new text.
    pub after: String,
}

impl FileChange for Edited {
    fn path(&self) -> &str {
        &self.path
    }

    fn before(&self) -> Option<&str> {
        Some(&self.before)
    }

    fn after(&self) -> Option<String> {
        Some(self.after.clone())
    }
}

/// A file that a run of the same move copied before it was killed.
struct Copied<'c>(&'c str, &'c str, bool);

impl FileChange for Copied<'_> {
    fn path(&self) -> &str {
        self.0
    }

    fn before(&self) -> Option<&str> {
        self.2.then_some(self.1)
    }

    fn after(&self) -> Option<String> {
        Some(self.1.to_owned())
    }
}

/// The diagnostic for a move to a place that is taken.
pub fn exists(path: &str) -> Box<Diagnostic> {
    let message = format!("`{path}` already exists");
    let help = "choose another name: sitewright never overwrites a definition";
    // SW608: a move onto a file or folder that exists.
    Box::new(Diagnostic::of_path(Code::MoveTarget, path, message).help(help))
}

/// Moves the files. `sites` is the folder of definitions. `beside` does what must be done directly before the rename,
/// with files that are in another folder. After an error, the definition is still at its old place, unless only the
/// removal of old copies failed.
pub fn relocate(
    root: &Path,
    sites: &str,
    moved: &Relocation,
    written: &Written,
    beside: impl FnOnce() -> Result<(), Box<Diagnostic>>,
) -> Result<(), Box<Diagnostic>> {
    let folder = root.join(sites);
    let lock = FolderLock::take(&folder, sites, Patience::NONE);
    let _lock = lock.map_err(|_| locked(sites, written))?;
    let failed = |path: &str, error: &io::Error| failed(path, error, written);
    let (from, to) = (root.join(&moved.from), root.join(&moved.to));
    if to.symlink_metadata().is_ok() {
        return Err(exists(&moved.to));
    }
    write_all(root, sites, &moved.edits, written)?;
    let parent = to.parent().unwrap_or(&folder);
    fs::create_dir_all(parent).map_err(|error| failed(&moved.to, &error))?;
    let is_there = |path: &str| root.join(path).symlink_metadata().is_ok();
    let copies = moved.copies.iter().map(|(path, text)| Copied(path, text, is_there(path)));
    write_all(root, sites, &copies.collect::<Vec<_>>(), written)?;
    beside()?;
    fs::rename(&from, &to).map_err(|error| failed(&moved.from, &error))?;
    for path in &moved.removed {
        match fs::remove_file(root.join(path)) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(failed(path, &error)),
            _ => {}
        }
    }
    // Git knows no empty folders. The folder of a cluster stays.
    let mut above = from.parent();
    while let Some(path) = above.filter(|path| path.parent() != Some(&folder) && **path != folder) {
        if fs::remove_dir(path).is_err() {
            break;
        }
        above = path.parent();
    }
    Ok(())
}
