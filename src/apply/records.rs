//! Writing what is known of passwords: Secrets in clear text first, records then. A record says that a value
//! is there, so the value is written before it and removed after it.

use crate::diagnostic::Diagnostic;
use crate::project::Project;
use crate::secret::store::{self, Change, Edit};
use crate::secret::{self, Adopted, Held, Need, Passwords, Settlement, plain};
use std::collections::BTreeSet;

/// What a run wrote besides manifests. All paths start at the project's folder.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recorded {
    /// The files of records that changed.
    pub records: Vec<String>,
    /// The Secrets in clear text that it wrote.
    pub plain: Vec<String>,
    /// The Secrets in clear text that it removed.
    pub removed: Vec<String>,
}

/// Writes the passwords that were made: those in clear text, then all records.
pub(super) fn record(
    project: &Project,
    passwords: &Passwords,
) -> Result<Recorded, Box<Diagnostic>> {
    let plain = passwords.write_plain(&project.root)?;
    let changes = passwords.changes(&project.folders.sites, &project.stores, &project.sources);
    let records = write(project, changes)?;
    Ok(Recorded { records, plain, removed: Vec::new() })
}

/// The same of passwords that were rotated: the clear text of each Secret that has another name now goes,
/// once the new one is recorded.
pub(super) fn record_rotated<'n>(
    project: &Project,
    passwords: &Passwords,
    former: impl Iterator<Item = &'n Need>,
) -> Result<Recorded, Box<Diagnostic>> {
    let recorded = record(project, passwords)?;
    let removed = remove(project, former.map(plain::path))?;
    Ok(Recorded { removed, ..recorded })
}

/// Writes the records of passwords that were adopted. Each of these is sealed now, so its clear text goes.
pub fn record_adopted<'a>(
    project: &Project,
    adopted: impl Iterator<Item = &'a Adopted> + Clone,
) -> Result<Recorded, Box<Diagnostic>> {
    let mut edit = Edit::new(&project.stores);
    adopted.clone().for_each(|adopted| edit.put(&adopted.need, &adopted.record));
    let records = write(project, edit.changes(&project.folders.sites, &project.sources))?;
    let taken = adopted.filter(|adopted| adopted.change != secret::Change::Left);
    let removed = remove(project, taken.map(|adopted| plain::path(&adopted.need)))?;
    Ok(Recorded { records, removed, plain: Vec::new() })
}

/// Removes the records that nothing uses any more, and each Secret in clear text that no record speaks of then.
pub fn prune(project: &Project, settlement: &Settlement) -> Result<Recorded, Box<Diagnostic>> {
    let mut edit = Edit::new(&project.stores);
    for unused in &settlement.unused {
        edit.records(&unused.definition).remove(&unused.secret, &unused.key);
    }
    let unused: BTreeSet<(&str, &str, &str)> = (settlement.unused.iter())
        .map(|unused| (&*unused.definition, &*unused.secret, &*unused.key))
        .collect();
    // A Secret in clear text stays for as long as a record says that its value is there.
    let mut kept = BTreeSet::new();
    for store in &project.stores {
        for (secret, key, record) in store.records.iter() {
            if record.value == Held::Plain && !unused.contains(&(&*store.path, secret, key)) {
                kept.insert(format!("{}/{}/{secret}.yaml", plain::FOLDER, store.path));
            }
        }
    }
    let records = write(project, edit.changes(&project.folders.sites, &project.sources))?;
    let files = plain::files(&project.root).into_iter();
    let removed = remove(project, files.filter(|path| !kept.contains(path)))?;
    Ok(Recorded { records, removed, plain: Vec::new() })
}

/// Writes the files of records that change; their paths.
fn write(project: &Project, changes: Vec<Change>) -> Result<Vec<String>, Box<Diagnostic>> {
    store::write(&project.root, &project.folders.sites, &changes)?;
    Ok(changes.into_iter().map(|change| change.path).collect())
}

/// Removes these Secrets in clear text; the paths of those that were there.
fn remove(
    project: &Project,
    paths: impl Iterator<Item = String>,
) -> Result<Vec<String>, Box<Diagnostic>> {
    let mut removed = Vec::new();
    for path in paths {
        removed.extend(plain::remove(&project.root, &path)?);
    }
    Ok(removed)
}
