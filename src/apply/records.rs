//! Writes passwords: first the values that belong on this machine, then the records. A record says
//! that a value exists. So the value is written before its record, and removed after it.

use crate::diagnostic::Diagnostic;
use crate::project::Project;
use crate::secret::store::{self, Edit, FileChange};
use crate::secret::{self, Adopted, Need, Passwords, Settlement};
use std::collections::BTreeSet;

/// The files that a run wrote besides manifests. All paths start at the project's folder.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recorded {
    /// The files of records that changed.
    pub records: Vec<String>,
    /// The Secrets in clear text that the run wrote.
    pub plain: Vec<String>,
    /// The Secrets in clear text that the run removed.
    pub removed: Vec<String>,
}

/// Writes new passwords: the values that belong on this machine, then all records.
pub(super) fn record(
    project: &Project,
    passwords: &Passwords,
) -> Result<Recorded, Box<Diagnostic>> {
    let plain = passwords.write_local(&project.root)?;
    let changes = passwords.changes(&project.folders.sites, &project.stores, &project.sources);
    let records = write(project, changes)?;
    Ok(Recorded { records, plain, removed: Vec::new() })
}

/// Writes rotated passwords. `former` has the Secrets whose name changed. Their values are removed
/// from this machine after the new records are written.
pub(super) fn record_rotated<'n>(
    project: &Project,
    passwords: &Passwords,
    former: impl Iterator<Item = &'n Need>,
) -> Result<Recorded, Box<Diagnostic>> {
    let recorded = record(project, passwords)?;
    let removed = remove_local(project, former)?;
    Ok(Recorded { removed, ..recorded })
}

/// Writes the records of adopted passwords. An adopted value is no longer needed on this machine, so
/// it is removed from there. A dry run writes and removes nothing, and says what it would.
pub fn record_adopted<'a>(
    project: &Project,
    adopted: impl Iterator<Item = &'a Adopted> + Clone,
    is_dry: bool,
) -> Result<Recorded, Box<Diagnostic>> {
    let mut edit = Edit::new(&project.stores);
    adopted.clone().for_each(|adopted| edit.put(&adopted.need, &adopted.record));
    let changes = edit.changes(&project.folders.sites, &project.sources);
    let taken = adopted.filter(|adopted| adopted.change != secret::Change::Left);
    let taken = taken.map(|adopted| &adopted.need);
    if is_dry {
        let records = changes.into_iter().map(|change| change.path).collect();
        let removed = taken.flat_map(|need| secret::local_files(&project.root, need)).collect();
        return Ok(Recorded { records, removed, plain: Vec::new() });
    }
    let records = write(project, changes)?;
    let removed = remove_local(project, taken)?;
    Ok(Recorded { records, removed, plain: Vec::new() })
}

/// Removes unused records, and then every value on this machine that no remaining record mentions. A dry run removes
/// nothing, and says what it would.
pub fn prune(
    project: &Project,
    settlement: &Settlement,
    is_dry: bool,
) -> Result<Recorded, Box<Diagnostic>> {
    let mut edit = Edit::new(&project.stores);
    for unused in &settlement.unused {
        edit.records(&unused.definition).remove(&unused.secret, &unused.key);
    }
    let unused: BTreeSet<(&str, &str, &str)> = (settlement.unused.iter())
        .map(|unused| (&*unused.definition, &*unused.secret, &*unused.key))
        .collect();
    let changes = edit.changes(&project.folders.sites, &project.sources);
    let records = match is_dry {
        true => changes.into_iter().map(|change| change.path).collect(),
        false => write(project, changes)?,
    };
    let mut removed = Vec::new();
    for (mode, local) in secret::locals() {
        let mut kept = BTreeSet::new();
        for store in &project.stores {
            for (secret, key, record) in store.records.iter() {
                if record.mode == mode && !unused.contains(&(&*store.path, secret, key)) {
                    kept.insert(local.path(&store.path, secret));
                }
            }
        }
        let files = local.files(&project.root).into_iter();
        for path in files.filter(|path| !kept.contains(path)) {
            match is_dry {
                true => removed.push(path),
                false => removed.extend(local.remove(&project.root, &path)?),
            }
        }
    }
    Ok(Recorded { records, removed, plain: Vec::new() })
}

/// Writes the files of records that change, and returns their paths.
fn write(project: &Project, changes: Vec<FileChange>) -> Result<Vec<String>, Box<Diagnostic>> {
    store::write(&project.root, &project.folders.sites, &changes)?;
    Ok(changes.into_iter().map(|change| change.path).collect())
}

/// Removes the values of these Secrets from this machine, and returns the paths of their files.
fn remove_local<'n>(
    project: &Project,
    needs: impl Iterator<Item = &'n Need>,
) -> Result<Vec<String>, Box<Diagnostic>> {
    let mut removed = Vec::new();
    for need in needs {
        removed.extend(secret::remove_local(&project.root, need)?);
    }
    Ok(removed)
}
