//! How the output folder differs from the wanted files.
//!
//! It walks the existing files and the wanted files together. For a file with the wanted bytes,
//! nothing else is read. Only for other files are the header and the digest checked.

use super::comparison::{Comparison, Entry, State};
use super::earlier::{Earlier, EarlierManifests};
use super::listing::{EntryKind, Listing};
use super::opened::{self, Opened};
use super::paths::{self, File, Held, Scope};
use super::sink::{Elsewhere, Sink, Taken, Where};
use super::{Files, Folder, header, staging};
use crate::diagnostic::Diagnostic;
use rayon::prelude::*;
use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Read};
use std::path::Path;
use std::sync::Mutex;

/// A comparison in progress. Each file is compared as soon as it is rendered, so its bytes need not
/// be kept.
#[derive(Debug)]
pub struct Comparing<'a> {
    pub(super) folder: &'a Folder,
    scope: Scope,
    /// The entries of the output folder, or `None` if there is no folder.
    top: Result<Option<Listing>, Box<Diagnostic>>,
    /// The least pattern of an allowed file that matches a wanted file, with that file.
    conflict: Mutex<Option<(usize, String)>>,
}

impl<'a> Comparing<'a> {
    /// Opens the output folder. Failures are reported at the end, after the problems of the
    /// definitions.
    pub(super) fn begin(folder: &'a Folder, scope: &Scope) -> Self {
        let top = folder.exists().and_then(|is_there| match is_there {
            true => Opened::read(folder, "")
                .map(|opened| Some(opened.listing))
                .map_err(|e| folder.unreadable("", &e)),
            false => Ok(None),
        });
        Self { folder, scope: scope.clone(), top, conflict: Mutex::default() }
    }

    /// Whether a file of a folder needs no change: it has the wanted bytes, or it is out of scope.
    pub(super) fn is_done(
        &self,
        folder: &str,
        opened: Option<&Opened>,
        path: &str,
        bytes: &[u8],
    ) -> bool {
        self.note(path);
        if !self.scope.covers(path) {
            return true;
        }
        let name = path.strip_prefix(folder).and_then(|name| name.strip_prefix('/'));
        opened.zip(name).is_some_and(|(opened, name)| {
            // A file that cannot be read is read again later, and the error is reported then.
            let holds = || opened.holds(name, bytes).unwrap_or(false);
            opened.listing.at(name) == Some(EntryKind::File) && holds()
        })
    }

    /// Remembers a wanted file that the project lists as somebody else's.
    fn note(&self, path: &str) {
        let Some(pattern) = self.folder.allowed.first(path) else { return };
        let Ok(mut known) = self.conflict.lock() else { return };
        let found = (pattern, path.to_owned());
        if known.as_ref().is_none_or(|known| found < *known) {
            *known = Some(found);
        }
    }

    /// A summary of all files of a folder if each of them is as wanted or out of scope. `None` if
    /// the folder contains anything else.
    pub(super) fn whole(
        &self,
        folder: &str,
        opened: Option<&Opened>,
        count: usize,
    ) -> Option<(Box<str>, Taken)> {
        let is_whole = !folder.is_empty()
            && self.scope.covers(folder)
            && opened.is_some_and(|opened| opened.listing.len() == count);
        is_whole.then(|| (format!("{folder}/").into(), Taken::Elsewhere(Where::Folder(count))))
    }

    /// Opens the folder of the next files. If it cannot be read, or a symbolic link is on the way,
    /// it is read again later, and the problem is reported then.
    pub(super) fn open(&self, folder: &str) -> Option<Opened> {
        let top = self.top.as_ref().ok()?.as_ref()?;
        let first = folder.split('/').next().unwrap_or_default();
        let is_there = first.is_empty() || top.at(first) == Some(EntryKind::Folder);
        let is_there = is_there && self.scope.touches(folder);
        is_there.then(|| Opened::read(self.folder, folder).ok()).flatten()
    }

    /// The differences between the existing files and the wanted files. The wanted files are those
    /// that the run holds and the others.
    pub fn finish(
        &self,
        files: &Files,
        elsewhere: &Elsewhere,
    ) -> Result<Comparison, Box<Diagnostic>> {
        self.compare(&paths::files(files, elsewhere))
    }

    /// The differences for a sorted list of wanted files.
    pub(super) fn compare(&self, wanted: &[File]) -> Result<Comparison, Box<Diagnostic>> {
        let Self { folder, scope, top, conflict } = self;
        wanted.iter().for_each(|(path, _)| self.note(path));
        if let Ok(conflict) = conflict.lock()
            && let Some((pattern, path)) = conflict.as_ref()
            && let Some(problem) = folder.allowed.conflict((*pattern, path))
        {
            return Err(problem);
        }
        if let Some(path) = paths::misfit(wanted) {
            return Err(folder.misfit(path));
        }
        let top = top.as_ref().map_err(Clone::clone)?;
        let some: Vec<File>;
        let covered = match scope.covers("") {
            true => wanted,
            false => {
                some = wanted.iter().copied().filter(|(path, _)| scope.covers(path)).collect();
                &some
            }
        };
        let found = match top {
            Some(_) => Walk { folder, scope }.folder("", covered, false),
            None => missing(covered),
        };
        let Found { mut entries, unchanged, failure } = found;
        if let Some(failure) = failure {
            return Err(failure);
        }
        entries.sort_unstable_by(|a, b| a.path.cmp(&b.path));
        let is_allowed =
            |entry: &Entry| entry.state == State::Foreign && folder.allows(&entry.path);
        let (allowed, entries): (Vec<Entry>, Vec<Entry>) =
            entries.into_iter().partition(is_allowed);
        let allowed = allowed.into_iter().map(|entry| entry.path).collect();
        Ok(Comparison { entries, unchanged, allowed })
    }
}

impl Earlier for Comparing<'_> {
    fn manifests(&self, folders: &[&str], is_wanted: fn(&str) -> bool) -> Option<EarlierManifests> {
        self.folder.manifests(folders, is_wanted)
    }
}

impl Sink for Comparing<'_> {
    fn take(&self, folder: &str, files: Vec<(String, Vec<u8>)>) -> Vec<(Box<str>, Taken)> {
        let opened = self.open(folder);
        let opened = opened.as_ref();
        let is_done = |(path, bytes): &(String, Vec<u8>)| self.is_done(folder, opened, path, bytes);
        let done: Vec<bool> = files.iter().map(is_done).collect();
        if done.iter().all(|done| *done)
            && let Some(whole) = self.whole(folder, opened, files.len())
        {
            return vec![whole];
        }
        let take = |((path, bytes), done): ((String, Vec<u8>), bool)| {
            let taken = if done { Taken::Elsewhere(Where::InPlace) } else { Taken::Bytes(bytes) };
            (path.into(), taken)
        };
        files.into_iter().zip(done).map(take).collect()
    }
}

/// The result of a part of the walk.
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
    Found { entries: wanted.par_iter().map(entry).collect(), ..Found::default() }
}

/// The existing entry of a name, and the wanted files at and below that name.
struct Meeting<'a, 'f> {
    kind: Option<EntryKind>,
    wanted: &'a [File<'f>],
}

struct Walk<'a> {
    folder: &'a Folder,
    scope: &'a Scope,
}

impl Walk<'_> {
    /// Compares an existing folder. `covered` is true if the scope covers the whole folder.
    fn folder(&self, path: &str, wanted: &[File], covered: bool) -> Found {
        let (whole, wanted) = match wanted {
            [(whole, Held::Folder(count)), more @ ..] if *whole == path => (Some(*count), more),
            _ => (None, wanted),
        };
        let unchanged = whole.unwrap_or_default();
        // Nearly all folders are as wanted.
        if whole.is_some() && wanted.is_empty() {
            return Found { unchanged, ..Found::default() };
        }
        let listing = match Opened::read(self.folder, path).map(|opened| opened.listing) {
            Ok(listing) => listing,
            Err(error) => {
                let failure = Some(self.folder.unreadable(path.trim_end_matches('/'), &error));
                return Found { failure, ..Found::default() };
            }
        };
        let mut meetings: BTreeMap<&str, Meeting> = BTreeMap::new();
        // The files of this folder are already known to be as wanted. Only further wanted files in
        // it must be compared.
        if whole.is_none() {
            let alone = |kind| Meeting { kind: Some(kind), wanted: &[] };
            meetings.extend(listing.iter().map(|(name, kind)| (name, alone(kind))));
        }
        for group in wanted.chunk_by(paths::same_child(path)) {
            let child = match paths::child(group, path) {
                paths::Child::File((child, _)) => child,
                paths::Child::Folder(child, _) => child.trim_end_matches('/'),
            };
            let name = &child[path.len()..];
            let alone = || Meeting { kind: listing.at(name), wanted: &[] };
            meetings.entry(name).or_insert_with(alone).wanted = group;
        }
        let found = meetings
            .into_par_iter()
            .map(|(name, meeting)| self.child(&format!("{path}{name}"), &meeting, covered))
            .reduce(Found::default, Found::and);
        Found { unchanged, ..Found::default() }.and(found)
    }

    fn child(&self, path: &str, meeting: &Meeting, covered: bool) -> Found {
        let Meeting { kind, wanted } = *meeting;
        let Some(kind) = kind else { return missing(wanted) };
        let covered = covered || self.scope.covers(path);
        let leads_to_scope = || kind == EntryKind::Folder && self.scope.touches(path);
        if wanted.is_empty() && !covered && !leads_to_scope() {
            return Found::default();
        }
        let file = wanted.first().filter(|(wanted, _)| *wanted == path).map(|(_, held)| *held);
        match kind {
            EntryKind::Folder if file.is_none() => {
                self.folder(&format!("{path}/"), wanted, covered)
            }
            EntryKind::File if file.is_some() || wanted.is_empty() => self.file(path, file),
            _ => Found::one(path, State::Untouchable, !wanted.is_empty()),
        }
    }

    fn file(&self, path: &str, wanted: Option<Held>) -> Found {
        if wanted == Some(Held::InPlace) {
            return Found { unchanged: 1, ..Found::default() };
        }
        match self.examine(path, wanted) {
            Ok(Some(state)) => Found::one(path, state, wanted.is_some()),
            Ok(None) => Found { unchanged: 1, ..Found::default() },
            Err(error) => {
                let failure = Some(self.folder.unreadable(path, &error));
                Found { failure, ..Found::default() }
            }
        }
    }

    /// The state of a file. `None` if the file is as wanted.
    fn examine(&self, path: &str, wanted: Option<Held>) -> io::Result<Option<State>> {
        let staged;
        let wanted = match wanted {
            Some(Held::Bytes(bytes)) => Some(bytes),
            Some(Held::Staged) => {
                staged = fs::read(staging::path(self.folder, path))?;
                Some(staged.as_slice())
            }
            Some(Held::InPlace | Held::Folder(_)) | None => None,
        };
        let path = self.folder.path.join(path);
        if let Some(wanted) = wanted
            && holds(&path, wanted)?
        {
            return Ok(None);
        }
        let mut file = fs::File::open(path)?;
        // Only the start of a foreign file is read.
        let mut bytes = Vec::new();
        file.by_ref().take(header::START as u64).read_to_end(&mut bytes)?;
        if header::is_ours(&bytes) {
            file.read_to_end(&mut bytes)?;
        }
        Ok(Some(state(&bytes, wanted)))
    }
}

/// Whether a file has exactly these bytes. Reading stops at the first difference.
pub(crate) fn holds(path: &Path, bytes: &[u8]) -> io::Result<bool> {
    opened::holds(fs::File::open(path)?, bytes)
}

/// The state of a file whose bytes differ from the wanted bytes.
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
    use crate::output::with_header;

    fn crlf(bytes: &[u8]) -> Vec<u8> {
        String::from_utf8_lossy(bytes).replace('\n', "\r\n").into_bytes()
    }

    #[test]
    fn each_state_follows_from_the_bytes_alone() {
        let (new, old) = (with_header("a.yaml", "a: 2\n"), with_header("a.yaml", "a: 1\n"));
        let edited = [old.as_slice(), b"# by hand\n"].concat();
        let cut = &old[..header::START];
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
            Comparison { entries, ..Comparison::default() }.is_current()
        };
        assert!(current(State::Foreign, false) && current(State::Untouchable, false));
        assert!(!current(State::Foreign, true) && !current(State::Untouchable, true));
        assert!(!current(State::Edited, false) && !current(State::Stale, false));
        assert!(!current(State::Crlf, true) && Comparison::default().is_current());
    }
}
