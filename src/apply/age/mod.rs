//! When recorded passwords were made. No record and no manifest has a time; the history of Git has it.
//!
//! A password was made by the commit that brought its generation into its record: the commit has the record with this
//! generation, and its parents have no record, or one with a lower generation. A file that moved is the same file. If a
//! commit takes a rotation back, the password is as old as it was before the rotation.
//!
//! One pass of `git log` serves the whole fleet. Older versions of files are then read in rounds, each with one process:
//! the first round reads the version before the newest change of each file.

mod log;

use crate::diagnostic::{Code, Diagnostic};
use crate::diff::git::{self, Oid, RevisionTree, blobs};
use crate::language::day;
use crate::project::Project;
use crate::secret::{Records, Settled, record_file};
use log::{Log, Version};
use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::process::Command;

/// When a password was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Made {
    /// The number of the day ([`day::number`]).
    pub day: u64,
    /// The commit.
    pub commit: String,
    /// Whether the password may be older, because the clone is shallow and ends at this commit.
    may_be_older: bool,
}

/// When each of these passwords was made. `None` for one whose generation is not committed.
///
/// A shallow clone is refused if it lacks the commit of one of them. If it is only asked which ones were made before a
/// day, the clone may lack the commits of those that surely were.
pub fn made(
    passwords: &[&Settled],
    before: Option<u64>,
    project: &Project,
) -> Result<Vec<Option<Made>>, Box<Diagnostic>> {
    let made = found(passwords, project)?;
    let is_open = |made: &Made| made.may_be_older && before.is_none_or(|day| made.day >= day);
    let open: Vec<&&Settled> = (passwords.iter().zip(&made))
        .filter_map(|(settled, made)| made.as_ref().is_some_and(is_open).then_some(settled))
        .collect();
    match open.as_slice() {
        [] => Ok(made),
        [first, ..] => Err(shallow(open.len(), first)),
    }
}

fn found(passwords: &[&Settled], project: &Project) -> Result<Vec<Option<Made>>, Box<Diagnostic>> {
    let root = &project.root;
    let prefix = prefix(root)?;
    let mut search = Search { made: vec![None; passwords.len()], records: wanted(passwords) };
    // Nothing is committed yet.
    if !git::knows(root, "HEAD") {
        return Ok(search.made);
    }
    let sites = &project.folders.sites;
    let tree = RevisionTree::list(root, "HEAD", sites, &[record_file::ENDING])?;
    let log = Log::read(root).map_err(|error| unknown(&error.to_string()))?;
    let mut files: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (at, settled) in passwords.iter().enumerate() {
        files.entry(&settled.need.definition).or_default().push(at);
    }
    let mut lines = Vec::new();
    for (definition, records) in files {
        let below = format!("{definition}{}", record_file::ENDING);
        if let Some(content) = tree.content(&below) {
            let path = format!("{prefix}{sites}/{below}").into();
            lines.push(Line { version: Version { path, content }, after: None, records });
        }
    }
    search.only_committed(&mut lines, root)?;
    while !lines.is_empty() {
        lines = search.back(lines, &log, root)?;
    }
    Ok(search.made)
}

fn shallow(count: usize, first: &Settled) -> Box<Diagnostic> {
    let first = format!("{}/{}", first.need.path(), first.need.key());
    let passwords = if count == 1 { "password was" } else { "passwords were" };
    let message = format!(
        "the clone is shallow, and does not say when {count} {passwords} made, such as `{first}`"
    );
    // SW718: the age of a password is not known.
    let problem = Diagnostic::of_path(Code::UnknownAge, ".git", message);
    Box::new(problem.help("fetch the whole history: `git fetch --unshallow`"))
}

fn unknown(why: &str) -> Box<Diagnostic> {
    let message = format!("Git does not say when passwords were made: {why}");
    // SW718: the age of a password is not known.
    let problem = Diagnostic::of_path(Code::UnknownAge, ".git", message);
    Box::new(problem.help("run it in the Git repository of the project, with its whole history"))
}

/// The path of the project within its repository: empty, or with a `/` at its end.
fn prefix(root: &Path) -> Result<String, Box<Diagnostic>> {
    let mut command = Command::new("git");
    command.arg("-C").arg(root).args(["rev-parse", "--show-prefix"]).env("LC_ALL", "C");
    let asked = command.output();
    let asked = asked.map_err(|error| unknown(&format!("git: {}", error.kind())))?;
    match asked.status.success() {
        true => Ok(String::from_utf8_lossy(&asked.stdout).trim_end_matches('\n').to_owned()),
        false => {
            let said = String::from_utf8_lossy(&asked.stderr);
            Err(unknown(said.lines().next().unwrap_or("it gives no reason")))
        }
    }
}

/// What identifies the value of a record: its Secret, its key and its generation.
type Wanted<'s> = (&'s str, &'s str, u32);

fn wanted<'s>(passwords: &[&'s Settled]) -> Vec<Wanted<'s>> {
    let of = |settled: &&'s Settled| {
        // A password without a record has no generation, and no version has a record of generation 0.
        let generation = settled.state.generation().unwrap_or_default();
        (settled.secret(), settled.need.key(), generation)
    };
    passwords.iter().map(of).collect()
}

/// A version of a file that has some of the records, and where to look for the commit that made it.
struct Line {
    version: Version,
    /// The index in the log of the newer commit that leads to it.
    after: Option<usize>,
    /// The records, as indexes of the passwords.
    records: Vec<usize>,
}

struct Search<'s> {
    made: Vec<Option<Made>>,
    records: Vec<Wanted<'s>>,
}

impl Search<'_> {
    /// The generation that a version of a file has of a record.
    fn generation(&self, records: &Records, at: usize) -> Option<u32> {
        let (secret, key, _) = self.records[at];
        records.get(secret, key).map(|record| record.generation)
    }

    /// Leaves out the records whose generation the last commit does not have.
    fn only_committed(&self, lines: &mut Vec<Line>, root: &Path) -> Result<(), Box<Diagnostic>> {
        let versions = versions(lines.iter().map(|line| &line.version), root)?;
        for line in lines.iter_mut() {
            let records = versions.get(&line.version.content);
            line.records.retain(|at| {
                let generation = records.and_then(|it| self.generation(it.as_ref()?, *at));
                generation == Some(self.records[*at].2)
            });
        }
        lines.retain(|line| !line.records.is_empty());
        Ok(())
    }

    /// Goes one commit back. The result has the records that this commit did not bring.
    fn back(
        &mut self,
        lines: Vec<Line>,
        log: &Log,
        root: &Path,
    ) -> Result<Vec<Line>, Box<Diagnostic>> {
        let mut steps = Vec::with_capacity(lines.len());
        for line in lines {
            let made = log.made(&line.version, line.after);
            let made =
                made.ok_or_else(|| unknown(&format!("no commit made `{}`", line.version.path)))?;
            steps.push((line, made));
        }
        let before = steps.iter().flat_map(|(_, (step, _))| &step.before);
        let versions = versions(before, root)?;
        let mut next = Vec::new();
        for (line, (step, commit)) in steps {
            let mut left: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
            for at in line.records {
                let has = |version: &Version| match versions.get(&version.content) {
                    Some(Some(records)) => {
                        self.generation(records, at).is_some_and(|it| it >= self.records[at].2)
                    }
                    // A version that is not valid says nothing.
                    _ => true,
                };
                match step.before.iter().position(has) {
                    Some(parent) => left.entry(parent).or_default().push(at),
                    None => {
                        self.made[at] = Some(Made {
                            day: commit.time / day::SECONDS,
                            commit: commit.id.clone(),
                            may_be_older: commit.is_boundary,
                        });
                    }
                }
            }
            next.extend(left.into_iter().map(|(parent, records)| Line {
                version: step.before[parent].clone(),
                after: Some(step.at),
                records,
            }));
        }
        Ok(next)
    }
}

/// The records of versions of files, by the content. `None` for a content that is not valid.
fn versions<'v>(
    versions: impl Iterator<Item = &'v Version>,
    root: &Path,
) -> Result<HashMap<Oid, Option<Records>>, Box<Diagnostic>> {
    let named: BTreeMap<String, Oid> =
        versions.map(|version| (version.content.to_string(), version.content)).collect();
    let wanted = named.iter().map(|(name, content)| (name.as_str(), content)).collect();
    let files = blobs(root, wanted).map_err(|why| unknown(&why))?;
    let records = files.into_iter().filter_map(|(name, bytes)| {
        let text = String::from_utf8(bytes).ok();
        Some((*named.get(&name)?, text.and_then(record_file::parsed)))
    });
    Ok(records.collect())
}
