//! The commits that changed files of records, as Git lists them in one pass.

use crate::diff::git::Oid;
use crate::secret::record_file::ENDING;
use std::collections::{HashMap, HashSet};
use std::io::{self, BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

/// A version of a file: its path in the repository, and its content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Version {
    pub(super) path: Box<str>,
    pub(super) content: Oid,
}

/// A commit that made a version of a file.
#[derive(Debug)]
pub(super) struct Step {
    /// The index of the commit in the log. Commits come before their parents.
    pub(super) at: usize,
    made: Oid,
    /// The versions in the parents of the commit. Empty if no parent has the file.
    pub(super) before: Vec<Version>,
}

/// A commit.
#[derive(Debug)]
pub(super) struct Commit {
    /// Its name.
    pub(super) id: String,
    /// When its author made it, in seconds since 1970. A rebase keeps this time.
    pub(super) time: u64,
    /// Whether the repository has no parents of it, because the clone is shallow.
    pub(super) is_boundary: bool,
}

/// The commits, the newest first, and what they changed.
#[derive(Debug, Default)]
pub(super) struct Log {
    commits: Vec<Commit>,
    /// The steps of each path, the newest first.
    steps: HashMap<Box<str>, Vec<Step>>,
}

impl Log {
    /// Reads the log of all files of records in the repository, wherever they were: a project may have moved. Git finds
    /// renamed files. Of a merge, it lists the files that are as in none of the parents.
    pub(super) fn read(root: &Path) -> io::Result<Self> {
        let mut command = Command::new("git");
        command.arg("-C").arg(root).args(["-c", "log.showRoot=true", "-c", "log.follow=false"]);
        command.args(["log", "--topo-order", "--raw", "-z", "--no-abbrev", "-M", "-c"]);
        command.args(["--combined-all-paths", "--no-show-signature", "--format=commit %H %at"]);
        command.args(["HEAD", "--", &format!(":(top,glob)**/*{ENDING}")]);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
        let boundary = boundary(root);
        let mut child = command.spawn()?;
        let mut log = Self::default();
        let read = match child.stdout.take() {
            Some(stdout) => log.take(BufReader::new(stdout), &boundary),
            None => Ok(()),
        };
        let ended = child.wait()?;
        read?;
        match ended.success() {
            true => Ok(log),
            false => Err(io::Error::other(format!("git log: {ended}"))),
        }
    }

    fn take(&mut self, log: impl BufRead, boundary: &HashSet<String>) -> io::Result<()> {
        let mut words = log.split(0);
        let mut next = move || -> io::Result<Option<String>> {
            let word = words.next().transpose()?;
            Ok(word.map(|word| String::from_utf8_lossy(&word).trim_start_matches('\n').to_owned()))
        };
        while let Some(word) = next()? {
            if let Some((id, time)) = word.strip_prefix("commit ").and_then(|it| it.split_once(' '))
            {
                let (id, time) = (id.to_owned(), time.parse().unwrap_or_default());
                let is_boundary = boundary.contains(&id);
                self.commits.push(Commit { id, time, is_boundary });
            } else if let Some(change) = Change::of(&word) {
                let mut paths = Vec::with_capacity(change.paths());
                for _ in 0..change.paths() {
                    paths.extend(next()?);
                }
                self.note(change, paths);
            }
        }
        Ok(())
    }

    fn note(&mut self, change: Change, mut paths: Vec<String>) {
        // A file that the commit removed is no version.
        let (Some(path), Some(made)) = (paths.pop(), change.made) else { return };
        let path_before = |at: usize| paths.get(at).map_or(&*path, |path| path).into();
        let before = change.before.iter().enumerate();
        let before = before.filter_map(|(at, content)| {
            Some(Version { path: path_before(at), content: (*content)? })
        });
        let step =
            Step { at: self.commits.len().saturating_sub(1), made, before: before.collect() };
        self.steps.entry(path.into()).or_default().push(step);
    }

    /// The newest commit that made this version; only commits after `after`, an index in the log, count.
    pub(super) fn made(&self, version: &Version, after: Option<usize>) -> Option<(&Step, &Commit)> {
        let steps = self.steps.get(&version.path)?;
        let first = steps.partition_point(|step| after.is_some_and(|after| step.at <= after));
        let step = steps[first..].iter().find(|step| step.made == version.content)?;
        Some((step, self.commits.get(step.at)?))
    }
}

/// The commits at which a shallow clone ends.
fn boundary(root: &Path) -> HashSet<String> {
    let asked = Command::new("git")
        .arg("-C")
        .arg(root)
        .args(["rev-parse", "--git-path", "shallow"])
        .output();
    let path = asked.map(|asked| String::from_utf8_lossy(&asked.stdout).trim_end().to_owned());
    let text = path.and_then(|path| fs_err::read_to_string(root.join(path)));
    text.unwrap_or_default().lines().map(str::to_owned).collect()
}

/// A change of a file: `:MODE MODE OLD NEW STATUS`, or, for a merge, with a colon, a mode and an old content for each
/// parent.
struct Change {
    before: Vec<Option<Oid>>,
    made: Option<Oid>,
    is_rename: bool,
}

impl Change {
    fn of(word: &str) -> Option<Self> {
        let facts = word.trim_start_matches(':');
        let parents = word.len() - facts.len();
        let facts: Vec<&str> = facts.split(' ').collect();
        if parents == 0 || facts.len() != 2 * parents + 3 {
            return None;
        }
        let contents = &facts[parents + 1..2 * parents + 2];
        let contents: Vec<Option<Oid>> = contents.iter().map(|name| content(name)).collect();
        let (made, before) = contents.split_last()?;
        let is_rename = parents == 1 && facts.last()?.starts_with(['R', 'C']);
        Some(Self { before: before.to_vec(), made: *made, is_rename })
    }

    /// How many paths follow it. A merge has a path for each parent.
    fn paths(&self) -> usize {
        match self.before.len() {
            1 => 1 + usize::from(self.is_rename),
            parents => parents + 1,
        }
    }
}

/// The content of a file. Git writes zeros if there is no file.
fn content(name: &str) -> Option<Oid> {
    if name.bytes().all(|byte| byte == b'0') { None } else { Oid::parse(name) }
}
