//! The older versions of manifests in the history of the project's repository.
//!
//! Two processes serve the whole fleet: one lists which files each commit changed, and one reads the files. Only
//! the first parent of a merge is followed, so the versions are those that the branch had, one after the other.

use crate::diff::git::{Oid, blobs};
use crate::diff::tree;
use crate::risk::{Key, Object};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;

/// How many commits that change the cluster's manifests are looked at.
const COMMITS: usize = 1_000;
/// How many changes of files are looked at.
const CHANGES: usize = 1_000_000;
/// How many older versions of a file are looked at.
const VERSIONS: usize = 32;
/// How many removed files are looked at.
const REMOVED: usize = 20_000;
/// Git is given up to this many paths. Otherwise it lists the whole folder.
const PATHS: usize = 100;

/// A commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Commit {
    /// Its name.
    pub id: Arc<str>,
    /// When it was made, in UTC.
    pub time: Arc<str>,
}

/// The older versions of files, and the files that are gone.
#[derive(Debug, Default)]
pub(super) struct History {
    /// The versions of each file, the newest first.
    versions: HashMap<String, Vec<Version>>,
    /// The commits that added each file.
    added: HashMap<String, Commit>,
    /// Files that are gone: their last version, and the commit that removed them.
    removed: Vec<(String, Version)>,
}

/// A version of a file.
#[derive(Clone, Debug)]
struct Version {
    oid: Oid,
    commit: Commit,
}

impl History {
    /// Looks through the history of a folder. `wanted` has the paths of the files that matter, from the project's
    /// folder. Without a repository, there is no history.
    pub(super) fn read(
        root: &Path,
        folder: &str,
        wanted: &HashSet<String>,
        with_removed: bool,
    ) -> Self {
        Self::try_read(root, folder, wanted, with_removed).unwrap_or_default()
    }

    fn try_read(
        root: &Path,
        folder: &str,
        wanted: &HashSet<String>,
        with_removed: bool,
    ) -> Option<Self> {
        let mut command = Command::new("git");
        command.arg("-C").arg(root).args(["--literal-pathspecs", "-c", "core.quotePath=false"]);
        command.args(["log", "--first-parent", "-m", "--raw", "--no-abbrev", "--no-renames"]);
        command.args(["--date=format-local:%Y-%m-%dT%H:%M:%SZ", "--format=commit %H %cd"]);
        command.args(["--relative", "-n", &COMMITS.to_string(), "--"]).env("TZ", "UTC");
        match with_removed || wanted.len() > PATHS {
            true => command.arg(folder),
            false => command.args(wanted),
        };
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().ok()?;
        let mut history = Self::default();
        if let Some(stdout) = child.stdout.take() {
            history.take(BufReader::new(stdout), wanted, with_removed);
        }
        // Git may still write, if the limit was reached.
        let _ = child.kill();
        child.wait().ok()?;
        Some(history)
    }

    fn take(&mut self, log: impl BufRead, wanted: &HashSet<String>, with_removed: bool) {
        let mut commit = None;
        let lines = log.split(b'\n').map_while(Result::ok);
        for line in lines.take(CHANGES) {
            let Ok(line) = std::str::from_utf8(&line) else { continue };
            if let Some((id, time)) =
                line.strip_prefix("commit ").and_then(|rest| rest.split_once(' '))
            {
                commit = Some(Commit { id: id.into(), time: time.into() });
            } else if let (Some(commit), Some(change)) = (&commit, Change::of(line)) {
                self.note(change, commit, wanted, with_removed);
            }
        }
    }

    fn note(
        &mut self,
        change: Change,
        commit: &Commit,
        wanted: &HashSet<String>,
        with_removed: bool,
    ) {
        let Change { status, old, new, path } = change;
        let version = |oid| Version { oid, commit: commit.clone() };
        if wanted.contains(path) {
            if status == "A" {
                self.added.entry(path.to_owned()).or_insert_with(|| commit.clone());
            }
            let versions = self.versions.entry(path.to_owned()).or_default();
            if status != "D" && versions.len() < VERSIONS {
                versions.push(version(new));
            }
        } else if with_removed && status == "D" && self.removed.len() < REMOVED {
            self.removed.push((path.to_owned(), version(old)));
        }
    }

    /// The commit that added a file.
    pub(super) fn added(&self, path: &str) -> Option<&Commit> {
        self.added.get(path)
    }

    /// The objects of the files that are gone, with the commit that removed each.
    pub(super) fn removed(&self, root: &Path, below: &str) -> HashMap<Key, (Object, Commit)> {
        let wanted = self.removed.iter().map(|(path, version)| (path.as_str(), version));
        let mut found = HashMap::new();
        for (_, objects, commit) in self.parsed(root, below, wanted.collect()) {
            for (key, object) in objects {
                // The newest removal of an object counts.
                found.entry(key).or_insert_with(|| (object, commit.clone()));
            }
        }
        found
    }

    /// Gives each of these files the objects of its older versions, the newest first, until `take` is content with
    /// the file. `below` is the folder of manifests.
    pub(super) fn older(
        &self,
        root: &Path,
        below: &str,
        mut files: Vec<String>,
        mut take: impl FnMut(&str, Vec<(Key, Object)>, &Commit) -> bool,
    ) {
        // Most objects have the version before the current one. A whole fleet's versions would fill the memory.
        for depth in [0..2, 2..8, 8..VERSIONS] {
            let mut wanted = Vec::new();
            for path in &files {
                let versions = self.versions.get(path).map_or(&[][..], |all| all);
                let versions = versions.get(depth.start..depth.end.min(versions.len()));
                wanted.extend(versions.into_iter().flatten().map(|it| (path.as_str(), it)));
            }
            let mut done = HashSet::new();
            for (path, objects, commit) in self.parsed(root, below, wanted) {
                if !done.contains(path) && take(path, objects, commit) {
                    done.insert(path.to_owned());
                }
            }
            files.retain(|path| !done.contains(path));
        }
    }

    /// Versions of files with their objects, in the same order. What cannot be read any more is left out.
    fn parsed<'h>(
        &'h self,
        root: &Path,
        below: &str,
        wanted: Vec<(&'h str, &'h Version)>,
    ) -> Vec<Parsed<'h>> {
        let names: Vec<String> = (0..wanted.len()).map(|at| format!("{at:08}")).collect();
        let named: BTreeMap<&str, &Oid> = names
            .iter()
            .zip(&wanted)
            .map(|(name, (_, version))| (name.as_str(), &version.oid))
            .collect();
        let Ok(files) = blobs(root, named) else { return Vec::new() };
        let parsed = names.iter().zip(wanted).filter_map(|(name, (path, version))| {
            let below = path.strip_prefix(below)?.trim_start_matches('/');
            let objects = tree::parse(below, files.get(name)?).ok()?;
            Some((path, objects, &version.commit))
        });
        parsed.collect()
    }
}

/// A version of a file: its path, its objects, and its commit.
type Parsed<'h> = (&'h str, Vec<(Key, Object)>, &'h Commit);

/// A line of `git log --raw`.
struct Change<'l> {
    status: &'l str,
    old: Oid,
    new: Oid,
    path: &'l str,
}

impl<'l> Change<'l> {
    fn of(line: &'l str) -> Option<Self> {
        let (facts, path) = line.strip_prefix(':')?.split_once('\t')?;
        let mut facts = facts.split(' ').skip(2);
        let (old, new) = (Oid::parse(facts.next()?)?, Oid::parse(facts.next()?)?);
        Some(Self { status: facts.next()?, old, new, path })
    }
}
