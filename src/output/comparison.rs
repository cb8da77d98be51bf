//! How the output folder differs from the wanted files, as data.

use super::is_applied;

/// How something in the output folder differs from what is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// Wanted, and not there.
    Missing,
    /// Ours and as we wrote it, and other bytes are wanted; or as a merge left it unfinished, whose both
    /// sides were ours; or empty, as a power cut leaves a file.
    Outdated,
    /// The wanted bytes but for CR LF line ends, which a checkout makes.
    Crlf,
    /// Ours and as we wrote it, and not wanted any more.
    Stale,
    /// Ours, and changed by hand, wanted or not.
    Edited,
    /// A file that is not ours, wanted or not.
    Foreign,
    /// What no run ever touches: a symbolic link, a special file, a folder where a file is wanted,
    /// or anything else than a folder where a folder is wanted.
    Untouchable,
}

/// Something that is not as wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its path below the output folder.
    pub path: String,
    /// How it differs.
    pub state: State,
    /// Whether a wanted file has this path or, where the entry stands in their way, a path below it.
    /// Wanted files that cannot be written for an untouchable entry have no entry of their own.
    pub wanted: bool,
}

/// How the output folder differs from the wanted files.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Comparison {
    /// All that is not as wanted, sorted by path.
    pub entries: Vec<Entry>,
    /// The number of files that are as wanted.
    pub unchanged: usize,
}

impl Comparison {
    /// What GitOps engines apply although it is not ours.
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

    /// Whether each wanted file is there as it should be, and nothing of ours beside. Things of
    /// others that are in nobody's way do not count.
    pub fn is_current(&self) -> bool {
        self.entries.iter().all(|entry| {
            matches!(entry.state, State::Foreign | State::Untouchable) && !entry.wanted
        })
    }
}
