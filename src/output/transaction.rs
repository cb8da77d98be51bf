//! Writing the wanted files: lock, compare, plan, stage, commit.

use super::compare::{Comparison, Entry, State, compare};
use super::paths::{File, Scope};
use super::report::Step;
use super::staging::{self, Staging};
use super::{Files, Folder};
use crate::diagnostic::Diagnostic;
use std::fs::{self, TryLockError};
use std::path::{Path, PathBuf};

/// What a run has done.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Written {
    /// The files that were not there, sorted as all of these lists.
    pub created: Vec<String>,
    /// The files that were there with other bytes.
    pub updated: Vec<String>,
    /// The files that are gone.
    pub removed: Vec<String>,
    /// The number of files that were as wanted and were not touched.
    pub unchanged: usize,
    /// What was left alone, which [`Folder::warnings`] puts into words.
    pub kept: Vec<Entry>,
}

/// A write that is ready: all new bytes stand beside the tree, and the folder is held. Dropped without
/// [`Prepared::commit`], it leaves the tree as it was.
#[derive(Debug)]
pub struct Prepared<'a> {
    staging: Option<Staging<'a>>,
    files: Vec<File<'a>>,
    written: Written,
    /// Dropped last: what is staged goes first.
    _hold: Hold,
}

impl Prepared<'_> {
    /// What committing it will have done.
    pub fn plan(&self) -> &Written {
        &self.written
    }

    /// Makes the folder hold the wanted files.
    pub fn commit(self) -> Result<Written, Box<Diagnostic>> {
        if let Some(staging) = self.staging {
            staging.commit(&self.files, &self.written.removed)?;
        }
        Ok(self.written)
    }
}

/// See [`Folder::prepare`].
pub(super) fn prepare<'a>(
    folder: &'a Folder,
    wanted: &'a Files,
    scope: &Scope,
    force: bool,
) -> Result<Prepared<'a>, Box<Diagnostic>> {
    let hold = Hold::take(folder)?;
    staging::recover(folder)?;
    let written = plan(compare(folder, wanted, scope)?, force);
    let files = new_files(wanted, &written);
    let staging = match files.is_empty() && written.removed.is_empty() {
        true => None,
        false => Some(Staging::fill(folder, &files, &written.removed)?),
    };
    Ok(Prepared { staging, files, written, _hold: hold })
}

/// What is to be done, as if it were done.
fn plan(comparison: Comparison, force: bool) -> Written {
    let mut plan = Written { unchanged: comparison.unchanged, ..Written::default() };
    for entry in comparison.entries {
        match (entry.state, entry.wanted) {
            (State::Missing, _) => plan.created.push(entry.path),
            (State::Outdated | State::Crlf, _) => plan.updated.push(entry.path),
            (State::Edited | State::Foreign, true) if force => plan.updated.push(entry.path),
            (State::Stale, _) => plan.removed.push(entry.path),
            (State::Edited, false) if force => plan.removed.push(entry.path),
            (State::Edited | State::Foreign | State::Untouchable, _) => plan.kept.push(entry),
        }
    }
    plan
}

fn new_files<'a>(wanted: &'a Files, plan: &Written) -> Vec<File<'a>> {
    let mut files: Vec<File> = (plan.created.iter().chain(&plan.updated))
        .filter_map(|path| wanted.get_key_value(path))
        .map(|(path, bytes)| (path.as_str(), bytes.as_slice()))
        .collect();
    files.sort_unstable();
    files
}

/// The output folder, there and held against other runs until this is dropped.
#[derive(Debug)]
struct Hold {
    /// The folders that were made for it, from below.
    made: Vec<PathBuf>,
    /// Keeps the lock, where the platform and the file system lock folders. Elsewhere two runs at
    /// once are the user's to avoid: refusing to run at all would be worse.
    lock: Option<fs::File>,
}

impl Hold {
    fn take(folder: &Folder) -> Result<Self, Box<Diagnostic>> {
        let mut hold = Self { made: Vec::new(), lock: None };
        if !folder.exists()? {
            let missing = |path: &&Path| !path.as_os_str().is_empty() && !path.exists();
            let made = folder.path.ancestors().take_while(missing);
            hold.made = made.map(Into::into).collect();
            fs::create_dir_all(&folder.path)
                .map_err(|error| folder.write_failed(Step::Stage, "", &error))?;
        }
        if let Ok(handle) = fs::File::open(&folder.path) {
            match handle.try_lock() {
                Ok(()) => hold.lock = Some(handle),
                Err(TryLockError::WouldBlock) => return Err(folder.busy()),
                Err(TryLockError::Error(_)) => {}
            }
        }
        Ok(hold)
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        // This removes empty folders only: those made for a run that then wrote nothing.
        for path in &self.made {
            let _ = fs::remove_dir(path);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(state: State, wanted: bool, force: bool) -> &'static str {
        let entries = vec![Entry { path: "a".to_owned(), state, wanted }];
        let plan = plan(Comparison { entries, unchanged: 0 }, force);
        let lists = [
            ("created", plan.created.len()),
            ("updated", plan.updated.len()),
            ("removed", plan.removed.len()),
            ("kept", plan.kept.len()),
        ];
        lists.iter().find(|(_, count)| *count == 1).map_or("lost", |(name, _)| name)
    }

    #[test]
    fn force_decides_over_edited_and_foreign_files_only() {
        for (state, wanted, gentle, forced) in [
            (State::Missing, true, "created", "created"),
            (State::Outdated, true, "updated", "updated"),
            (State::Crlf, true, "updated", "updated"),
            (State::Stale, false, "removed", "removed"),
            (State::Edited, true, "kept", "updated"),
            (State::Edited, false, "kept", "removed"),
            (State::Foreign, true, "kept", "updated"),
            (State::Foreign, false, "kept", "kept"),
            (State::Untouchable, true, "kept", "kept"),
            (State::Untouchable, false, "kept", "kept"),
        ] {
            assert_eq!(outcome(state, wanted, false), gentle, "{state:?} {wanted}");
            assert_eq!(outcome(state, wanted, true), forced, "{state:?} {wanted}");
        }
    }
}
