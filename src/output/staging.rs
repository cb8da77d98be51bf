//! The staging folder. New files are written into it first and then moved into the tree by renames.
//!
//! It is inside the output folder, so that a rename never crosses file systems. It has the
//! structure of the tree, so that a new folder moves as a whole. A killed run leaves it. The next
//! run removes it, and uses its list of folders to finish the work of the killed run.

use super::Folder;
use super::paths::{self, Child, File, Held};
use super::report::WriteStep;
use crate::diagnostic::Diagnostic;
use rayon::prelude::*;
use std::collections::BTreeSet;
use std::fs;
use std::io::ErrorKind;
use std::path::PathBuf;

const STAGING: &str = ".sitewright-staging";

/// The list of folders that lose files, one on each line, in the staging folder. Its name starts
/// with a dot, so no wanted file has that name.
const THINNED: &str = ".thinned";

/// The new files before they are in the tree. When it is dropped, it removes the staging folder.
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
            .map_err(|error| folder.write_failed(WriteStep::Stage, "", &error))?;
        Ok(staging)
    }

    fn note(&self, name: &str, text: &str) -> std::io::Result<()> {
        fs::write(self.path.join(name), text)
    }

    /// Writes the files of one folder. The folder may already exist.
    pub(super) fn put(
        &self,
        folder: &str,
        files: &[(String, Vec<u8>)],
    ) -> Result<(), Box<Diagnostic>> {
        let failed = |path: &str, error| self.folder.write_failed(WriteStep::Stage, path, &error);
        fs::create_dir_all(self.path.join(folder)).map_err(|error| failed(folder, error))?;
        files.iter().try_for_each(|(path, bytes)| {
            fs::write(self.path.join(path), bytes).map_err(|error| failed(path, error))
        })
    }

    /// Writes those new files that are not staged yet, sorted by path, and records the files that
    /// will be removed.
    pub(super) fn fill(&self, files: &[File], removed: &[String]) -> Result<(), Box<Diagnostic>> {
        self.note(THINNED, &thinned(removed).join("\n"))
            .map_err(|error| self.folder.write_failed(WriteStep::Stage, "", &error))?;
        let missing: Vec<File> =
            files.iter().copied().filter(|(_, held)| matches!(held, Held::Bytes(_))).collect();
        self.write("", &missing)
    }

    /// Writes the files below a folder that already exists in the staging folder.
    fn write(&self, folder: &str, files: &[File]) -> Result<(), Box<Diagnostic>> {
        files.par_chunk_by(paths::same_child(folder)).try_for_each(|group| {
            let failed =
                |path: &str, error| self.folder.write_failed(WriteStep::Stage, path, &error);
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

    /// Moves the files below a folder that already exists in the tree.
    fn move_in(&self, folder: &str, files: &[File]) -> Result<(), Box<Diagnostic>> {
        files.par_chunk_by(paths::same_child(folder)).try_for_each(|group| {
            let path = match paths::child(group, folder) {
                Child::File((path, _)) => path,
                Child::Folder(path, below) => {
                    if self.folder.path.join(path).exists() {
                        return self.move_in(path, below);
                    }
                    // The `/` at the end is removed, because some systems refuse it in the target
                    // of a rename.
                    path.trim_end_matches('/')
                }
            };
            fs::rename(self.path.join(path), self.folder.path.join(path))
                .map_err(|error| self.folder.write_failed(WriteStep::Move, path, &error))
        })
    }

    fn remove(&self, path: &str) -> Result<(), Box<Diagnostic>> {
        match fs::remove_file(self.folder.path.join(path)) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                Err(self.folder.write_failed(WriteStep::Remove, path, &error))
            }
            _ => Ok(()),
        }
    }
}

impl Drop for Staging<'_> {
    fn drop(&mut self) {
        // If something cannot be removed now, the next run removes it, as after a killed run.
        let _ = fs::remove_dir_all(&self.path);
    }
}

/// The path of a file in the staging folder.
pub(super) fn path(folder: &Folder, path: &str) -> PathBuf {
    folder.path.join(STAGING).join(path)
}

/// Cleans up after a killed run.
pub(super) fn recover(folder: &Folder) -> Result<(), Box<Diagnostic>> {
    let staging = folder.path.join(STAGING);
    let list = staging.join(THINNED);
    // Opening a pipe might block forever.
    if list.symlink_metadata().is_ok_and(|found| found.is_file())
        && let Ok(list) = fs::read_to_string(list)
    {
        let folders: Vec<&str> = list.lines().filter(|path| paths::is_plain(path)).collect();
        remove_empty(folder, &folders);
    }
    match fs::remove_dir_all(&staging) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            Err(folder.write_failed(WriteStep::Recover, STAGING, &error))
        }
        _ => Ok(()),
    }
}

/// The folders of these files, without duplicates and sorted.
fn thinned(removed: &[String]) -> Vec<&str> {
    let folders: BTreeSet<&str> = removed.iter().map(|path| paths::parent(path)).collect();
    folders.into_iter().collect()
}

/// Removes the empty folders among these folders and their parents. A folder that no longer exists,
/// as after a killed run, counts as removed.
fn remove_empty(output: &Folder, folders: &[&str]) {
    // In reverse order, a folder comes after all folders below it.
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
