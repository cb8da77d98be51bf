//! Changes files of records.

use super::need::Need;
use super::record::Record;
use super::record_file::{self, RecordFile};
use super::records::Records;
use crate::diagnostic::{Diagnostic, Sources};
use crate::source;
use std::collections::{BTreeMap, HashMap};
use std::path::Path;

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

    /// The records of each definition whose records were asked for.
    pub fn into_records(self) -> BTreeMap<String, Records> {
        self.wanted
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

impl source::FileChange for FileChange {
    fn path(&self) -> &str {
        &self.path
    }

    fn before(&self) -> Option<&str> {
        self.before.as_deref()
    }

    fn after(&self) -> Option<String> {
        self.text()
    }
}

const RECORDS: source::Written = source::Written {
    what: "records of passwords",
    unchanged: "no record was changed",
    help: "records of passwords are written before manifests, each file whole: clear the cause and run again, \
           which makes only what is missing",
};

/// Writes all changes. After an error, each file has either its old or its new text.
pub fn write(root: &Path, sites: &str, changes: &[FileChange]) -> Result<(), Box<Diagnostic>> {
    source::replace(root, sites, changes, &RECORDS)
}
