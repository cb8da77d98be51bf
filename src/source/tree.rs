//! Reads the tree of definitions: its files, the meaning of their folders and names, and their
//! YAML.

use super::file::{current_text, irregular, unreadable};
use super::{node::Node, yaml};
use crate::diagnostic::{Code, Diagnostic, FileId, Reported, Sources, Span};
use rayon::prelude::*;
use std::path::Path;
use std::sync::Arc;

/// How deep folders may nest below `sites/`.
const MAX_FOLDERS: usize = 16;

/// The role of a file, which follows from its name and folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// `NAME.yaml`.
    Definition,
    /// `_defaults.yaml`.
    Defaults,
    /// `_cluster.yaml` in a folder of the first level.
    Cluster,
}

/// A file of the tree that was read.
#[derive(Debug)]
pub struct Document {
    /// The role of the file.
    pub role: Role,
    /// The folders of the file below `sites/`. The first is the cluster.
    pub folders: Arc<[String]>,
    /// Its name without `.yaml`.
    pub stem: String,
    /// The file.
    pub file: FileId,
    /// The content. It is `None` when the content is invalid or unreadable, which is reported. A
    /// reference to the file is then not a second error.
    pub node: Option<Node>,
}

impl Document {
    /// The cluster of the file. It is `None` for a file directly in `sites/`.
    pub fn cluster(&self) -> Option<&str> {
        self.folders.first().map(String::as_str)
    }

    /// Its path below `sites/` without `.yaml`, such as `production/retail/globex`.
    pub fn path(&self) -> String {
        let parts = self.folders.iter().map(String::as_str).chain([self.stem.as_str()]);
        parts.collect::<Vec<_>>().join("/")
    }
}

/// `NAME.secrets.yaml`: the records of the passwords of the definition beside it.
#[derive(Debug)]
pub struct SecretsFile {
    /// The path of the definition below `sites/`, in the form of [`Document::path`].
    pub path: String,
    /// The file.
    pub file: FileId,
    /// Whether the file's text can be parsed. If not, that is already reported.
    pub is_read: bool,
}

/// A file that is not in the tree yet, by its path below `sites/`. `None` if its name is not that of a definition.
pub fn document(path: &str, text: &str, file: FileId) -> Option<Reported<Document>> {
    let mut parts: Vec<String> = path.split('/').map(str::to_owned).collect();
    let stem = parts.pop()?.strip_suffix(".yaml")?.to_owned();
    let role = match stem.as_str() {
        "_cluster" => Role::Cluster,
        "_defaults" => Role::Defaults,
        _ => Role::Definition,
    };
    let (node, diagnostics) = match yaml::read(text, file) {
        Ok(node) => (Some(node), Vec::new()),
        Err(problems) => (None, problems),
    };
    let value = Document { role, folders: parts.into(), stem, file, node };
    Some(Reported { value, diagnostics })
}

/// The content of the tree.
#[derive(Debug, Default)]
pub struct Tree {
    /// The definitions, in the order of their paths.
    pub documents: Vec<Document>,
    /// The records of passwords, in the same order.
    pub records: Vec<SecretsFile>,
}

/// A file of the tree.
struct Found {
    /// `None` for records of passwords.
    role: Option<Role>,
    folders: Arc<[String]>,
    stem: String,
    shown: String,
    /// Why the file must not be read.
    problem: Option<Box<Diagnostic>>,
}

/// Reads every definition and every file of records below `root/sites`.
pub fn read_tree(root: &Path, sites: &str, sources: &mut Sources) -> Reported<Tree> {
    let Walked { found, problems: mut diagnostics } = walk(root, sites, &Arc::default());
    let first = sources.next_id().0;
    let held = &*sources;
    let read: Vec<_> = found
        .into_par_iter()
        .enumerate()
        .map(|(index, found)| {
            let file = FileId(first + u32::try_from(index).unwrap_or(u32::MAX));
            let Found { role, folders, stem, shown, problem } = found;
            let (text, problem) = match problem {
                Some(problem) => (String::new(), Some(*problem)),
                None => current_text(root, &shown, file, held),
            };
            let problem = problem.or_else(|| conflict(&text, file, role));
            let (read, problems) = match (role, problem) {
                (Some(role), None) => {
                    let (node, problems) = match yaml::read(&text, file) {
                        Ok(node) => (Some(node), Vec::new()),
                        Err(problems) => (None, problems),
                    };
                    (Read::Document(Document { role, folders, stem, file, node }), problems)
                }
                (Some(role), Some(problem)) => {
                    let document = Document { role, folders, stem, file, node: None };
                    (Read::Document(document), vec![problem])
                }
                (None, problem) => {
                    let path = folders.iter().map(String::as_str).chain([stem.as_str()]);
                    let path = path.collect::<Vec<_>>().join("/");
                    let is_read = problem.is_none();
                    (
                        Read::SecretsFile(SecretsFile { path, file, is_read }),
                        problem.into_iter().collect(),
                    )
                }
            };
            // The text is shrunk to its length, because all texts of a fleet are held until the
            // end.
            (shown, Arc::<str>::from(text), read, problems)
        })
        .collect();
    let mut tree = Tree::default();
    for (shown, text, read, problems) in read {
        sources.add(shown, text);
        diagnostics.extend(problems);
        match read {
            Read::Document(document) => tree.documents.push(document),
            Read::SecretsFile(records) => tree.records.push(records),
        }
    }
    Reported { value: tree, diagnostics }
}

/// A file of the tree that was read.
enum Read {
    Document(Document),
    SecretsFile(SecretsFile),
}

/// The files below a folder, in the order of their paths.
#[derive(Default)]
struct Walked {
    found: Vec<Found>,
    /// The problems of other files, and of files with a wrong name or folder.
    problems: Vec<Diagnostic>,
}

impl Walked {
    fn problem(problem: Diagnostic) -> Self {
        Self { found: Vec::new(), problems: vec![problem] }
    }

    fn and(mut self, next: Self) -> Self {
        self.found.extend(next.found);
        self.problems.extend(next.problems);
        self
    }
}

/// A folder of the tree whose entries are read.
struct Walk<'a> {
    root: &'a Path,
    sites: &'a str,
    folders: &'a Arc<[String]>,
    /// Its path from the project's folder.
    shown: String,
}

fn walk(root: &Path, sites: &str, folders: &Arc<[String]>) -> Walked {
    let shown = match folders.is_empty() {
        true => sites.to_owned(),
        false => format!("{sites}/{}", folders.join("/")),
    };
    if folders.len() > MAX_FOLDERS {
        let message = format!("folders are nested deeper than {MAX_FOLDERS} levels");
        return Walked::problem(
            Diagnostic::of_path(Code::Misplaced, shown, message)
                .help("folders group sites: two or three levels are plenty"),
        );
    }
    let walk = Walk { root, sites, folders, shown };
    match entries(&root.join(&walk.shown)) {
        // Files are collected one after the other, and folders are walked in parallel.
        Ok(entries) => entries
            .into_par_iter()
            .fold(Walked::default, |walked, (name, kind)| walk.entry(name, kind, walked))
            .reduce(Walked::default, Walked::and),
        Err(error) => Walked::problem(unreadable(&walk.shown, &error)),
    }
}

impl Walk<'_> {
    /// Adds an entry of the folder to the result.
    fn entry(&self, name: String, kind: std::fs::FileType, mut walked: Walked) -> Walked {
        let Self { root, sites, folders, shown: shown_folder } = self;
        if name.starts_with('.') {
            return walked;
        }
        let shown = format!("{shown_folder}/{name}");
        // A name that is not UTF-8 cannot be opened by its text form.
        if name.contains(char::REPLACEMENT_CHARACTER) && (kind.is_dir() || name.ends_with(".yaml"))
        {
            let message = format!("`{name}` is not UTF-8");
            // SW006: a file name is not a DNS label.
            walked.problems.push(
                Diagnostic::of_path(Code::FileName, shown, message)
                    .help("rename it: names have a-z, 0-9 and `-`"),
            );
            return walked;
        }
        if kind.is_dir() {
            // The folder holds the certificates of the cluster. It has no definitions.
            if folders.len() == 1 && name == "_sealing" {
                return walked;
            }
            if name.starts_with('_') {
                let message = format!("`{name}` is not a folder that sitewright knows");
                let help = "rename it without the `_`; the only folder with a `_` is `_sealing`, directly in a cluster's folder";
                let problem = Diagnostic::of_path(Code::Misplaced, shown, message).help(help);
                walked.problems.push(problem);
                return walked;
            }
            let below = folders.iter().cloned().chain([name]).collect();
            return walked.and(walk(root, sites, &below));
        }
        let (named, misnamed) = named(&shown, &name, folders.len());
        let problem = match kind.is_symlink() {
            true => Some(symlink(&shown, &name)),
            false if named.is_some() && !kind.is_file() => Some(irregular(&shown)),
            false => misnamed,
        };
        match named {
            Some((role, stem)) => {
                let (folders, problem) = (Arc::clone(folders), problem.map(Box::new));
                walked.found.push(Found { role, folders, stem, shown, problem });
            }
            None => walked.problems.extend(problem),
        }
        walked
    }
}

/// Finds the marker that Git writes where it could not merge.
fn conflict(text: &str, file: FileId, role: Option<Role>) -> Option<Diagnostic> {
    const MARK: &str = "<<<<<<< ";
    let start = match text.starts_with(MARK) {
        true => 0,
        false => text.find(&format!("\n{MARK}"))? + 1,
    };
    let end = text[start..].find(['\r', '\n']).map_or(text.len(), |length| start + length);
    let span = Span::new(file, start, end);
    let help = match role {
        // A value that is made of parts of two records cannot be decrypted.
        None => {
            "take the file of one side, `git checkout --ours FILE` or `--theirs FILE`, and rotate again \
             what the other side had rotated"
        }
        Some(_) => "keep one of the two sides, and remove the lines that start with <, = and >",
    };
    let message = "this file has an unfinished Git merge";
    // SW018: an unfinished merge.
    Some(Diagnostic::new(Code::ConflictMarker, span, message).help(help))
}

fn symlink(shown: &str, name: &str) -> Diagnostic {
    // SW005: a symbolic link among the definitions.
    Diagnostic::of_path(Code::Symlink, shown, format!("`{name}` is a symbolic link")).help(
        "definitions are plain files, so that every clone compiles the same: put the file here",
    )
}

/// The names in a folder with their types. They are sorted, so that the order of the file system
/// has no effect.
pub fn entries(folder: &Path) -> std::io::Result<Vec<(String, std::fs::FileType)>> {
    let mut entries = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        entries.push((entry.file_name().to_string_lossy().into_owned(), entry.file_type()?));
    }
    entries.sort_unstable_by(|(one, _), (other, _)| one.cmp(other));
    Ok(entries)
}

/// The role of a file, and what is wrong with its name or folder. `None` for other files, such as a
/// README.
fn named(
    shown: &str,
    name: &str,
    depth: usize,
) -> (Option<(Option<Role>, String)>, Option<Diagnostic>) {
    let Some((stem, ending)) = name.rsplit_once('.') else { return (None, None) };
    if !["yaml", "yml"].contains(&ending) {
        return (None, None);
    }
    // SW007: a file is in a folder where its kind is not allowed.
    let misplaced = |message: String, help: String| {
        Some(Diagnostic::of_path(Code::Misplaced, shown, message).help(help))
    };
    let unread = || {
        misplaced(
            format!("sitewright does not read a file with the name `{name}`"),
            format!("rename it to `{stem}.yaml`"),
        )
    };
    if let Some(stem) = stem.strip_suffix(".secrets") {
        let problem = if ending == "yml" { unread() } else { None };
        return (Some((None, stem.to_owned())), problem);
    }
    let (role, named, problem) = match stem {
        "_defaults" => (Role::Defaults, stem, None),
        "_cluster" if depth == 1 => (Role::Cluster, stem, None),
        "_cluster" => {
            let message =
                "`_cluster.yaml` belongs in a folder directly below the folder of definitions";
            let help = "move it there: each folder of that level is a cluster";
            (Role::Cluster, stem, misplaced(message.to_owned(), help.to_owned()))
        }
        _ => match stem.strip_prefix('_') {
            None => (Role::Definition, stem, None),
            Some(rest) => {
                let message = format!("`{name}` is neither `_defaults.yaml` nor `_cluster.yaml`");
                let (role, meant) = match &rest.as_bytes()[..rest.len().min(2)] {
                    b"de" | b"" => (Role::Defaults, "_defaults"),
                    b"cl" => (Role::Cluster, "_cluster"),
                    _ => (Role::Definition, rest),
                };
                (role, meant, misplaced(message, format!("rename it to `{meant}.yaml`")))
            }
        },
    };
    let problem = problem.or_else(|| if ending == "yml" { unread() } else { None });
    (Some((Some(role), named.to_owned())), problem)
}
