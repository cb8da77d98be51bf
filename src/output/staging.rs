//! The staging folder: new files wait in it, and reach the tree by renames.
//!
//! It is inside the output folder, so that a rename never crosses file systems, and it mirrors the
//! tree, so that a folder that is all new moves as a whole. A killed run leaves it behind; the next
//! one removes it and, with its list of folders, ends what the killed one may have left half done.

use super::Folder;
use super::paths::{self, Child, File, Held};
use super::report::Step;
use crate::diagnostic::Diagnostic;
use rayon::prelude::*;
use std::collections::BTreeSet;
use std::fs;
use std::io::ErrorKind;
use std::path::PathBuf;

const STAGING: &str = ".sitewright-staging";

/// In the staging folder: the folders that lose files, one a line. No wanted file is named so, as
/// the dot shows.
const THINNED: &str = ".thinned";

/// New files on their way into the tree. Dropped, it removes the staging folder.
#[derive(Debug)]
pub(super) struct Staging<'a> {
    folder: &'a Folder,
    path: PathBuf,
}

impl<'a> Staging<'a> {
    /// An empty staging folder.
    pub(super) fn new(folder: &'a Folder) -> Result<Self, Box<Diagnostic>> {
        let staging = Self { folder, path: folder.path.join(STAGING) };
        fs::create_dir(&staging.path)
            .and_then(|()| staging.note(".gitignore", "*\n"))
            .map_err(|error| folder.write_failed(Step::Stage, "", &error))?;
        Ok(staging)
    }

    fn note(&self, name: &str, text: &str) -> std::io::Result<()> {
        fs::write(self.path.join(name), text)
    }

    /// Writes the files of one folder, which may be there.
    pub(super) fn put(
        &self,
        folder: &str,
        files: &[(String, Vec<u8>)],
    ) -> Result<(), Box<Diagnostic>> {
        let failed = |path: &str, error| self.folder.write_failed(Step::Stage, path, &error);
        fs::create_dir_all(self.path.join(folder)).map_err(|error| failed(folder, error))?;
        files.iter().try_for_each(|(path, bytes)| {
            fs::write(self.path.join(path), bytes).map_err(|error| failed(path, error))
        })
    }

    /// Writes what is missing of all new files, sorted by path, and notes what will be removed.
    pub(super) fn fill(&self, files: &[File], removed: &[String]) -> Result<(), Box<Diagnostic>> {
        self.note(THINNED, &thinned(removed).join("\n"))
            .map_err(|error| self.folder.write_failed(Step::Stage, "", &error))?;
        let missing: Vec<File> =
            files.iter().copied().filter(|(_, held)| matches!(held, Held::Bytes(_))).collect();
        self.write("", &missing)
    }

    /// Writes the files below a folder that is there in the staging folder.
    fn write(&self, folder: &str, files: &[File]) -> Result<(), Box<Diagnostic>> {
        files.par_chunk_by(paths::same_child(folder)).try_for_each(|group| {
            let failed = |path: &str, error| self.folder.write_failed(Step::Stage, path, &error);
            match paths::child(group, folder) {
                Child::File((path, Held::Bytes(bytes))) => {
                    fs::write(self.path.join(path), bytes).map_err(|error| failed(path, error))
                }
                Child::File(_) => Ok(()),
                Child::Folder(path, below) => {
                    match fs::create_dir(self.path.join(path)) {
                        Err(error) if error.kind() != ErrorKind::AlreadyExists => {
                            return Err(failed(path, error));
                        }
                        _ => {}
                    }
                    self.write(path, below)
                }
            }
        })
    }

    /// Moves all new files into the tree, then removes the old ones that have no successor.
    pub(super) fn commit(self, files: &[File], removed: &[String]) -> Result<(), Box<Diagnostic>> {
        self.move_in("", files)?;
        let result = removed.par_iter().try_for_each(|path| self.remove(path));
        remove_empty(self.folder, &thinned(removed));
        result
    }

    /// Moves the files below a folder that is there in the tree.
    fn move_in(&self, folder: &str, files: &[File]) -> Result<(), Box<Diagnostic>> {
        files.par_chunk_by(paths::same_child(folder)).try_for_each(|group| {
            let path = match paths::child(group, folder) {
                Child::File((path, _)) => path,
                Child::Folder(path, below) => {
                    if self.folder.path.join(path).exists() {
                        return self.move_in(path, below);
                    }
                    // Without the `/` at its end, which some systems refuse of a target.
                    path.trim_end_matches('/')
                }
            };
            fs::rename(self.path.join(path), self.folder.path.join(path))
                .map_err(|error| self.folder.write_failed(Step::Move, path, &error))
        })
    }

    fn remove(&self, path: &str) -> Result<(), Box<Diagnostic>> {
        match fs::remove_file(self.folder.path.join(path)) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                Err(self.folder.write_failed(Step::Remove, path, &error))
            }
            _ => Ok(()),
        }
    }
}

impl Drop for Staging<'_> {
    fn drop(&mut self) {
        // What cannot be removed now is left to the next run, as if this one had been killed.
        let _ = fs::remove_dir_all(&self.path);
    }
}

/// Where a file waits.
pub(super) fn path(folder: &Folder, path: &str) -> PathBuf {
    folder.path.join(STAGING).join(path)
}

/// Clears up after a run that was killed.
pub(super) fn recover(folder: &Folder) -> Result<(), Box<Diagnostic>> {
    let staging = folder.path.join(STAGING);
    let list = staging.join(THINNED);
    // Opening a pipe may never end.
    if list.symlink_metadata().is_ok_and(|found| found.is_file())
        && let Ok(list) = fs::read_to_string(list)
    {
        let folders: Vec<&str> = list.lines().filter(|path| paths::is_plain(path)).collect();
        remove_empty(folder, &folders);
    }
    match fs::remove_dir_all(&staging) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            Err(folder.write_failed(Step::Recover, STAGING, &error))
        }
        _ => Ok(()),
    }
}

/// The folders that these files are in, each once and sorted.
fn thinned(removed: &[String]) -> Vec<&str> {
    let folders: BTreeSet<&str> = removed.iter().map(|path| paths::parent(path)).collect();
    folders.into_iter().collect()
}

/// Removes those of the folders, and of the folders above them, that are empty. One that is gone
/// already, as after a killed run, counts as removed.
fn remove_empty(output: &Folder, folders: &[&str]) {
    // From the last to the first, a folder comes after all that are below it.
    for folder in folders.iter().rev() {
        let mut folder = *folder;
        while !folder.is_empty() {
            match fs::remove_dir(output.path.join(folder)) {
                Err(error) if error.kind() != ErrorKind::NotFound => break,
                _ => folder = paths::parent(folder),
            }
        }
    }
}
