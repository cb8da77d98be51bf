//! Writes files of records. A file is never partly written, and changes that somebody else made in
//! the meantime are never overwritten.

use super::need::Need;
use super::record::Record;
use super::record_file::{self, RecordFile};
use super::records::Records;
use crate::diagnostic::{Code, Diagnostic, Sources};
use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

/// The staging folder in the folder of definitions. New files are written there first. A killed run
/// leaves it, and the next run that writes removes it. It contains ciphertext, like the files of
/// records.
const STAGING: &str = ".sitewright-staging";

/// A file of records that will change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileChange {
    /// The path of the file, relative to the project's folder.
    pub path: String,
    /// The text that was read, or `None` if there was no file.
    before: Option<String>,
    /// The new records, or `None` if the file will be removed. The text is not kept, because the
    /// texts of a new fleet would take as much memory as its records.
    after: Option<Records>,
}

impl FileChange {
    /// The new text of the file.
    fn text(&self) -> Option<String> {
        let name =
            self.path.rsplit('/').next().and_then(|file| file.strip_suffix(record_file::ENDING));
        self.after.as_ref().map(|records| record_file::write(name.unwrap_or_default(), records))
    }
}

/// Changes to the records of some definitions.
#[derive(Debug)]
pub struct Edit<'s> {
    read: HashMap<&'s str, &'s RecordFile>,
    wanted: BTreeMap<String, Records>,
}

impl<'s> Edit<'s> {
    /// No changes yet.
    pub fn new(stores: &'s [RecordFile]) -> Self {
        let read = stores.iter().map(|store| (store.path.as_str(), store)).collect();
        Self { read, wanted: BTreeMap::new() }
    }

    /// The records of a definition, for changes.
    pub fn records(&mut self, definition: &str) -> &mut Records {
        let read = &self.read;
        self.wanted.entry(definition.to_owned()).or_insert_with(|| {
            read.get(definition).map(|store| store.records.clone()).unwrap_or_default()
        })
    }

    /// Adds the record of a password, and removes its record under its former name.
    pub fn put(&mut self, need: &Need, record: &Record) {
        let records = self.records(&need.definition);
        if let Some(former) = need.wanted.former() {
            records.remove(&former.name, need.key());
        }
        records.put(&need.wanted.name, need.key(), record.clone());
    }

    /// The files that change. Files whose records stay the same are not among them.
    pub fn changes(self, sites: &str, sources: &Sources) -> Vec<FileChange> {
        let mut changes = Vec::new();
        for (definition, records) in self.wanted {
            let store = self.read.get(definition.as_str());
            // A file whose records are the same keeps its text and its comments.
            if store.is_some_and(|store| store.records == records && !records.is_empty()) {
                continue;
            }
            let before = store.map(|store| sources.text(store.file).to_owned());
            let path = format!("{sites}/{definition}{}", record_file::ENDING);
            let after = (!records.is_empty()).then_some(records);
            let change = FileChange { path, before, after };
            if change.text() != change.before {
                changes.push(change);
            }
        }
        changes
    }
}

/// Writes all changes. After an error, each file has either its old or its new text.
pub fn write(root: &Path, sites: &str, changes: &[FileChange]) -> Result<(), Box<Diagnostic>> {
    if changes.is_empty() {
        return Ok(());
    }
    let folder = root.join(sites);
    // The lock is held until the staging folder is removed, because other runs use the same staging
    // folder.
    let _lock = lock(&folder, sites)?;
    let staging = Staging::new(folder.join(STAGING), sites)?;
    for change in changes {
        if current(&root.join(&change.path)).map_err(|e| failed(&change.path, &e))? != change.before
        {
            let message = format!("`{}` changed while this run worked", change.path);
            let help = "no record was changed: run again";
            // SW605: another run changed a file of records.
            return Err(Box::new(
                Diagnostic::of_path(Code::Busy, &*change.path, message).help(help),
            ));
        }
    }
    for (index, change) in changes.iter().enumerate() {
        if let Some(text) = change.text() {
            fs::write(staging.file(index), text).map_err(|e| failed(&change.path, &e))?;
        }
    }
    for (index, change) in changes.iter().enumerate() {
        let path = root.join(&change.path);
        let changed = match change.after {
            Some(_) => fs::rename(staging.file(index), path),
            None => fs::remove_file(path),
        };
        changed.map_err(|error| failed(&change.path, &error))?;
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

/// Keeps other runs from writing records, where the platform locks folders.
fn lock(folder: &Path, shown: &str) -> Result<Option<fs::File>, Box<Diagnostic>> {
    let Ok(handle) = fs::File::open(folder) else { return Ok(None) };
    match handle.try_lock() {
        Ok(()) => Ok(Some(handle)),
        Err(fs::TryLockError::WouldBlock) => {
            let message = format!("another run is writing records of passwords in `{shown}`");
            let help = "no record was changed: run again when the other run has ended";
            Err(Box::new(Diagnostic::of_path(Code::Busy, shown, message).help(help)))
        }
        Err(fs::TryLockError::Error(_)) => Ok(None),
    }
}

fn failed(path: &str, error: &io::Error) -> Box<Diagnostic> {
    let message = format!("`{path}` cannot be written: {}", error.kind());
    let help = "records of passwords are written before manifests, each file whole: clear the \
                cause and run again, which makes only what is missing";
    // SW602: the records could not be written.
    Box::new(Diagnostic::of_path(Code::WriteFailed, path, message).help(help))
}

/// The staging folder. It is removed when this is dropped.
struct Staging(PathBuf);

impl Staging {
    fn new(path: PathBuf, sites: &str) -> Result<Self, Box<Diagnostic>> {
        let shown = format!("{sites}/{STAGING}");
        let made = match fs::remove_dir_all(&path) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
            _ => fs::create_dir(&path),
        };
        let staging = Self(path);
        made.and_then(|()| fs::write(staging.0.join(".gitignore"), "*\n"))
            .map_err(|error| failed(&shown, &error))?;
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
