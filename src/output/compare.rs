//! How the output folder differs from the wanted files.
//!
//! One walk, which follows no symbolic link, meets each file once, reads it and compares it with
//! the wanted bytes. A file that equals them costs nothing more; only of another one the header
//! matters, and a digest.

use super::paths::{self, Child, File, Scope};
use super::{Files, Folder, header};
use crate::diagnostic::Diagnostic;
use rayon::prelude::*;
use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Read};

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

/// See [`Folder::compare`].
pub(super) fn compare(
    folder: &Folder,
    files: &Files,
    scope: &Scope,
) -> Result<Comparison, Box<Diagnostic>> {
    if let Some(path) = paths::misfit(files) {
        return Err(folder.misfit(path));
    }
    let wanted: Vec<File> = files
        .iter()
        .map(|(path, bytes)| (path.as_str(), bytes.as_slice()))
        .filter(|(path, _)| scope.covers(path))
        .collect();
    let found = if folder.exists()? {
        Walk { folder, scope }.folder("", &wanted, false)
    } else {
        missing(&wanted)
    };
    let Found { mut entries, unchanged, failure } = found;
    if let Some(failure) = failure {
        return Err(failure);
    }
    entries.sort_unstable_by(|a, b| a.path.cmp(&b.path));
    Ok(Comparison { entries, unchanged })
}

/// What a part of the walk has found.
#[derive(Default)]
struct Found {
    entries: Vec<Entry>,
    unchanged: usize,
    /// The first failure in the order of the walk, so that two runs report the same one.
    failure: Option<Box<Diagnostic>>,
}

impl Found {
    fn one(path: &str, state: State, wanted: bool) -> Self {
        let entries = vec![Entry { path: path.to_owned(), state, wanted }];
        Self { entries, ..Self::default() }
    }

    fn and(mut self, next: Self) -> Self {
        self.entries.extend(next.entries);
        self.unchanged += next.unchanged;
        self.failure = self.failure.or(next.failure);
        self
    }
}

fn missing(wanted: &[File]) -> Found {
    let entry =
        |(path, _): &File| Entry { path: (*path).to_owned(), state: State::Missing, wanted: true };
    Found { entries: wanted.iter().map(entry).collect(), ..Found::default() }
}

/// What the folder holds under a name.
#[derive(Clone, Copy)]
enum Kind {
    File,
    Folder,
    /// A symbolic link, a special file, or a name that is not UTF-8.
    Other,
}

/// What is there under a name, and what is wanted there and below.
#[derive(Default)]
struct Meeting<'a, 'f> {
    kind: Option<Kind>,
    wanted: &'a [File<'f>],
}

struct Walk<'a> {
    folder: &'a Folder,
    scope: &'a Scope,
}

impl Walk<'_> {
    /// A folder that is there. `covered` says that the scope covers all of it.
    fn folder(&self, path: &str, wanted: &[File], covered: bool) -> Found {
        let mut meetings: BTreeMap<String, Meeting> = match self.list(path) {
            Ok(meetings) => meetings,
            Err(error) => return self.failure(path.trim_end_matches('/'), &error),
        };
        for group in wanted.chunk_by(paths::same_child(path)) {
            let child = match paths::child(group, path) {
                Child::File((child, _)) => child,
                Child::Folder(child, _) => child.trim_end_matches('/'),
            };
            meetings.entry(child[path.len()..].to_owned()).or_default().wanted = group;
        }
        meetings
            .into_par_iter()
            .map(|(name, meeting)| self.child(&format!("{path}{name}"), &meeting, covered))
            .reduce(Found::default, Found::and)
    }

    fn child(&self, path: &str, meeting: &Meeting, covered: bool) -> Found {
        let Meeting { kind, wanted } = *meeting;
        let Some(kind) = kind else { return missing(wanted) };
        let covered = covered || self.scope.covers(path);
        let leads_to_scope = || matches!(kind, Kind::Folder) && self.scope.touches(path);
        if wanted.is_empty() && !covered && !leads_to_scope() {
            return Found::default();
        }
        let file = wanted.first().filter(|(wanted, _)| *wanted == path).map(|(_, bytes)| *bytes);
        match kind {
            Kind::Folder if file.is_none() => self.folder(&format!("{path}/"), wanted, covered),
            Kind::File if file.is_some() || wanted.is_empty() => self.file(path, file),
            _ => Found::one(path, State::Untouchable, !wanted.is_empty()),
        }
    }

    fn file(&self, path: &str, wanted: Option<&[u8]>) -> Found {
        match self.examine(path, wanted) {
            Ok(Some(state)) => Found::one(path, state, wanted.is_some()),
            Ok(None) => Found { unchanged: 1, ..Found::default() },
            Err(error) => self.failure(path, &error),
        }
    }

    /// The state of a file; none where it is as wanted. Reads no more of a foreign file than shows
    /// that it is one.
    fn examine(&self, path: &str, wanted: Option<&[u8]>) -> io::Result<Option<State>> {
        let mut file = fs::File::open(self.folder.path.join(path))?;
        let enough = wanted.map_or(0, <[u8]>::len).max(header::MARK) + 1;
        let mut bytes = Vec::with_capacity(enough);
        file.by_ref().take(enough as u64).read_to_end(&mut bytes)?;
        if wanted == Some(&bytes) {
            return Ok(None);
        }
        if header::is_ours(&bytes) {
            file.read_to_end(&mut bytes)?;
        }
        Ok(Some(state(&bytes, wanted)))
    }

    /// What stands directly in a folder, by name.
    fn list<'a, 'f>(&self, path: &str) -> io::Result<BTreeMap<String, Meeting<'a, 'f>>> {
        let mut list = BTreeMap::new();
        for entry in fs::read_dir(self.folder.path.join(path))? {
            let entry = entry?;
            let name = entry.file_name();
            if name.as_encoded_bytes().starts_with(b".") {
                continue;
            }
            let kind = entry.file_type()?;
            let (name, kind) = match name.into_string() {
                Ok(name) if kind.is_file() => (name, Kind::File),
                Ok(name) if kind.is_dir() => (name, Kind::Folder),
                Ok(name) => (name, Kind::Other),
                Err(name) => (name.to_string_lossy().into_owned(), Kind::Other),
            };
            list.insert(name, Meeting { kind: Some(kind), wanted: &[] });
        }
        Ok(list)
    }

    fn failure(&self, path: &str, error: &io::Error) -> Found {
        Found { failure: Some(self.folder.unreadable(path, error)), ..Found::default() }
    }
}

/// The state of a file with these bytes, which are not the wanted ones.
fn state(bytes: &[u8], wanted: Option<&[u8]>) -> State {
    if bytes.is_empty() && wanted.is_some() {
        return State::Outdated;
    }
    if !header::is_ours(bytes) {
        return State::Foreign;
    }
    let unix = header::with_unix_line_ends(bytes);
    let is_intact = header::is_intact(bytes) || header::is_intact(&unix);
    match wanted {
        Some(wanted) if *wanted == *unix => State::Crlf,
        Some(_) if is_intact || header::is_conflicted(&unix) => State::Outdated,
        None if is_intact => State::Stale,
        _ => State::Edited,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::output::seal;

    fn crlf(bytes: &[u8]) -> Vec<u8> {
        String::from_utf8_lossy(bytes).replace('\n', "\r\n").into_bytes()
    }

    #[test]
    fn each_state_follows_from_the_bytes_alone() {
        let (new, old) = (seal("a.yaml", "a: 2\n"), seal("a.yaml", "a: 1\n"));
        let edited = [old.as_slice(), b"# by hand\n"].concat();
        let cut = &old[..header::MARK];
        let merge = String::from_utf8(old.clone()).unwrap().replace("a: 1", "<<<<<<< HEAD\na: 1");
        let cases: [(&[u8], State, State); 9] = [
            (merge.as_bytes(), State::Outdated, State::Edited),
            (&old, State::Outdated, State::Stale),
            (&crlf(&new), State::Crlf, State::Stale),
            (&crlf(&old), State::Outdated, State::Stale),
            (&edited, State::Edited, State::Edited),
            (&crlf(&edited), State::Edited, State::Edited),
            (cut, State::Edited, State::Edited),
            (b"a: 1\n", State::Foreign, State::Foreign),
            (b"", State::Outdated, State::Foreign),
        ];
        for (bytes, where_wanted, where_not) in cases {
            let text = String::from_utf8_lossy(bytes);
            assert_eq!(state(bytes, Some(&new)), where_wanted, "{text:?}");
            assert_eq!(state(bytes, None), where_not, "{text:?}");
        }
    }

    #[test]
    fn only_what_is_ours_or_in_the_way_makes_an_output_out_of_date() {
        let current = |state, wanted| {
            let Found { entries, .. } = Found::one("a", state, wanted);
            Comparison { entries, unchanged: 0 }.is_current()
        };
        assert!(current(State::Foreign, false) && current(State::Untouchable, false));
        assert!(!current(State::Foreign, true) && !current(State::Untouchable, true));
        assert!(!current(State::Edited, false) && !current(State::Stale, false));
        assert!(!current(State::Crlf, true) && Comparison::default().is_current());
    }
}
