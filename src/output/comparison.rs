//! How the output folder differs from the wanted files, as data.

use super::is_applied;

/// How an entry of the output folder differs from the wanted files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// The file is wanted and does not exist.
    Missing,
    /// sitewright wrote the file, and other bytes are wanted now. The state also includes a file
    /// with an unfinished merge of two files that sitewright wrote, and an empty file, as a power
    /// failure leaves it.
    Outdated,
    /// The file has the wanted bytes except for CR LF line ends, which a Git checkout can create.
    Crlf,
    /// sitewright wrote the file, and it is no longer wanted.
    Stale,
    /// sitewright wrote the file, and it was edited by hand. It may be wanted or not.
    Edited,
    /// sitewright did not write the file. A file at this path may be wanted or not.
    Foreign,
    /// An entry that no run ever changes: a symbolic link, a special file, a folder in the place of
    /// a wanted file, or anything except a folder in the place of a wanted folder.
    Untouchable,
}

/// An entry that is not as wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The path of the entry below the output folder.
    pub path: String,
    /// How the entry differs.
    pub state: State,
    /// Whether a wanted file has this path, or a path below an entry that blocks it. Wanted files
    /// that an untouchable entry blocks have no entry of their own.
    pub wanted: bool,
}

/// How the output folder differs from the wanted files.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Comparison {
    /// All entries that are not as wanted, sorted by path.
    pub entries: Vec<Entry>,
    /// The number of files that are as wanted.
    pub unchanged: usize,
    /// The files of others that the project allows. They have no entry.
    pub allowed: Vec<String>,
}

impl Comparison {
    /// The files that GitOps engines apply although sitewright did not write them.
    pub fn foreign_manifests(&self) -> impl Iterator<Item = &Entry> {
        self.entries.iter().filter(|entry| {
            let is_foreign = matches!(entry.state, State::Foreign | State::Untouchable);
            is_foreign && is_applied(&entry.path)
        })
    }

    /// How many entries are in this state.
    pub fn count(&self, state: State) -> usize {
        self.entries.iter().filter(|entry| entry.state == state).count()
    }

    /// Whether every wanted file exists with the right bytes, and there are no other files of
    /// sitewright. Other entries that block no wanted file do not count.
    pub fn is_current(&self) -> bool {
        self.entries.iter().all(|entry| {
            matches!(entry.state, State::Foreign | State::Untouchable) && !entry.wanted
        })
    }
}
