//! Gives files in the folder of definitions new texts. A file is never partly written, and changes that somebody
//! else made in the meantime are never overwritten.

use super::folder_lock::{FolderLock, Patience};
use crate::diagnostic::{Code, Diagnostic, cause};
use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

/// The staging folder in the folder of definitions. New files are written there first. A killed run leaves it,
/// and the next run that writes removes it.
const STAGING: &str = ".sitewright-staging";

/// A file whose text changes.
pub trait FileChange {
    /// The path of the file, relative to the project's folder.
    fn path(&self) -> &str;
    /// The text that was read, or `None` if there was no file.
    fn before(&self) -> Option<&str>;
    /// The new text, or `None` if the file will be removed.
    fn after(&self) -> Option<String>;
}

/// How messages speak of what is written.
#[derive(Clone, Copy, Debug)]
pub struct Written {
    /// What the files hold, such as `records of passwords`.
    pub what: &'static str,
    /// What is so if nothing was written.
    pub unchanged: &'static str,
    /// What to do when a file cannot be written.
    pub help: &'static str,
}

/// Makes the changes, one file after the other. After an error, each file has either its old or its new text.
/// `folder` is the folder of definitions.
pub fn replace(
    root: &Path,
    folder: &str,
    changes: &[impl FileChange],
    written: &Written,
) -> Result<(), Box<Diagnostic>> {
    if changes.is_empty() {
        return Ok(());
    }
    // A new project has no folder of definitions yet.
    fs::create_dir_all(root.join(folder)).map_err(|error| failed(folder, &error, written))?;
    // The lock is held until the staging folder is removed, because other runs use the same staging
    // folder.
    let lock = FolderLock::take(&root.join(folder), folder, Patience::NONE);
    let _lock = lock.map_err(|_| locked(folder, written))?;
    write_all(root, folder, changes, written)
}

/// Makes the changes while the caller has the lock of the folder.
pub(super) fn write_all(
    root: &Path,
    folder: &str,
    changes: &[impl FileChange],
    written: &Written,
) -> Result<(), Box<Diagnostic>> {
    if changes.is_empty() {
        return Ok(());
    }
    let failed = |path: &str, error: &io::Error| failed(path, error, written);
    let staging = Staging::new(root.join(folder).join(STAGING))
        .map_err(|error| failed(&format!("{folder}/{STAGING}"), &error))?;
    for change in changes {
        let path = change.path();
        let current = current(&root.join(path)).map_err(|error| failed(path, &error))?;
        if current.as_deref() != change.before() {
            let message = format!("another program changed `{path}` during this run");
            let help = format!("run again; {}", written.unchanged);
            // SW605: another run changed a file.
            return Err(Box::new(Diagnostic::of_path(Code::Busy, path, message).help(help)));
        }
    }
    // The folders of new files. If the run ends early, an empty folder may be left.
    for change in changes.iter().filter(|change| change.before().is_none()) {
        let folder = Path::new(change.path()).parent().map(|folder| root.join(folder));
        let made = folder.map_or(Ok(()), fs::create_dir_all);
        made.map_err(|error| failed(change.path(), &error))?;
    }
    for (index, change) in changes.iter().enumerate() {
        if let Some(text) = change.after() {
            let stage = || {
                let staged = staging.file(index);
                fs::write(&staged, text)?;
                match fs::metadata(root.join(change.path())) {
                    Ok(old) => fs::set_permissions(&staged, old.permissions()),
                    // A new file.
                    Err(_) => Ok(()),
                }
            };
            stage().map_err(|error| failed(change.path(), &error))?;
        }
    }
    for (index, change) in changes.iter().enumerate() {
        let path = root.join(change.path());
        let staged = staging.file(index);
        // Not whether the staged file is there: a file that cannot be looked at would be taken for one to remove.
        let changed = match change.after() {
            Some(_) => fs::rename(staged, path),
            None => fs::remove_file(path),
        };
        changed.map_err(|error| failed(change.path(), &error))?;
    }
    Ok(())
}

/// The current text of a file.
fn current(path: &Path) -> io::Result<Option<String>> {
    match fs::read(path) {
        // A file that is not UTF-8 is not the file that was read.
        Ok(bytes) => Ok(Some(String::from_utf8_lossy(&bytes).into_owned())),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// The diagnostic for a folder that another run is writing.
pub(super) fn locked(shown: &str, written: &Written) -> Box<Diagnostic> {
    let message = format!("another run is writing {} in `{shown}`", written.what);
    let help = format!("run again when the other run has ended; {}", written.unchanged);
    Box::new(Diagnostic::of_path(Code::Busy, shown, message).help(help))
}

/// The diagnostic for a file that cannot be written.
pub(super) fn failed(path: &str, error: &io::Error, written: &Written) -> Box<Diagnostic> {
    let message = format!("`{path}` cannot be written: {}", cause(error));
    // SW602: a file in the folder of definitions could not be written.
    Box::new(Diagnostic::of_path(Code::WriteFailed, path, message).help(written.help))
}

/// The staging folder. It is removed when this is dropped.
struct Staging(PathBuf);

impl Staging {
    fn new(path: PathBuf) -> io::Result<Self> {
        match fs::remove_dir_all(&path) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
            _ => fs::create_dir(&path)?,
        }
        let staging = Self(path);
        fs::write(staging.0.join(".gitignore"), "*\n")?;
        Ok(staging)
    }

    fn file(&self, index: usize) -> PathBuf {
        self.0.join(index.to_string())
    }
}

impl Drop for Staging {
    fn drop(&mut self) {
        // If it cannot be removed now, the next run removes it.
        let _ = fs::remove_dir_all(&self.0);
    }
}
