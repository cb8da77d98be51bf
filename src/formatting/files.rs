//! The canonical texts of a project's files: its definitions, its settings and its accepted drift. Records of passwords
//! are not written by people, so they are left alone.

use super::{Unformatted, formatted};
use crate::diagnostic::{Code, Diagnostic, FileId, Place, Reported, Sources};
use crate::drift::ACCEPTED_FILE;
use crate::language::{self, Fields, Kind, Lookup};
use crate::output::Scope;
use crate::project::{Folders, ProjectFiles, Refused, SETTINGS_FILE};
use crate::rules::RULES_FILE;
use crate::secret::record_file;
use crate::source::node::Node;
use crate::source::{self, Document, Edited, Role, yaml};
use rayon::prelude::*;
use std::collections::BTreeSet;
use std::path::Path;

/// The name of the standard input in diagnostics.
const STDIN: &str = "stdin";

/// The canonical form of a project's files.
#[derive(Debug)]
pub struct Formatted {
    /// The texts that the diagnostics point into.
    pub sources: Sources,
    /// The folder of definitions.
    pub sites: String,
    /// The files with another text than the canonical one.
    pub edited: Vec<Edited>,
    /// How many files have their canonical text.
    pub unchanged: usize,
    /// Why other files have no canonical form, in no order.
    pub diagnostics: Vec<Diagnostic>,
}

/// A file that may be formatted.
struct Candidate {
    file: FileId,
    /// Its kind, if it has a known one.
    kind: Option<Kind>,
    /// Its path below the folder of definitions, without its ending. The project's own files have none.
    below: Option<String>,
    /// The file, if it is in the folder of definitions.
    document: Option<Document>,
}

/// Formats the files of a project in memory: all of them, or those that `paths` name as definitions or folders.
pub fn files(root: &Path, paths: &[String]) -> Result<Formatted, Refused> {
    let Reported { value: read, mut diagnostics } = ProjectFiles::read(root, false)?;
    let ProjectFiles { mut sources, folders, tree, .. } = read;
    // Only the syntax of the settings matters here.
    diagnostics.retain(|found| match &found.place {
        Place::Span(span) => {
            let path = sources.path(span.file);
            path != SETTINGS_FILE && !path.ends_with(record_file::ENDING)
        }
        _ => true,
    });
    let mut candidates: Vec<Candidate> = tree.documents.into_iter().map(Candidate::of).collect();
    for (name, kind) in [
        (SETTINGS_FILE, Kind::Project),
        (ACCEPTED_FILE, Kind::AcceptedDrift),
        (RULES_FILE, Kind::ProjectRules),
    ] {
        candidates
            .extend(Candidate::named(root, name, kind, &mut sources).add_to(&mut diagnostics));
    }
    if !paths.is_empty() {
        let chosen = chosen(paths, &candidates, &folders, &sources);
        let Reported { value: chosen, diagnostics: unknown } = chosen;
        candidates.retain(|candidate| chosen.contains(&candidate.file));
        let is_chosen = |found: &Diagnostic| match &found.place {
            Place::Span(span) => chosen.contains(&span.file),
            Place::Path(path) => chosen.iter().any(|file| sources.path(*file) == path),
            _ => true,
        };
        diagnostics.retain(is_chosen);
        diagnostics.extend(unknown);
    }
    Ok(all(candidates, sources, folders.sites, diagnostics))
}

/// The canonical form of a text whose `kind` says what it defines.
pub fn text(text: &str) -> Formatted {
    let mut sources = Sources::default();
    let file = sources.add(STDIN.to_owned(), text);
    let (node, diagnostics) = match yaml::read(sources.text(file), file) {
        Ok(node) => (Some(node), Vec::new()),
        Err(problems) => (None, problems),
    };
    let kind = node.as_ref().and_then(kind_of);
    let folders = [STDIN.to_owned()].into();
    let document = Document { role: Role::Definition, folders, stem: STDIN.to_owned(), file, node };
    let candidate = Candidate { file, kind, below: None, document: Some(document) };
    all(vec![candidate], sources, String::new(), diagnostics)
}

/// Formats files. `diagnostics` has the problems of reading them.
fn all(
    candidates: Vec<Candidate>,
    sources: Sources,
    sites: String,
    mut diagnostics: Vec<Diagnostic>,
) -> Formatted {
    let is_read = |candidate: &Candidate| {
        let mut of_file = diagnostics.iter().filter(|found| match &found.place {
            Place::Span(span) => span.file == candidate.file,
            Place::Path(path) => sources.path(candidate.file) == path,
            _ => false,
        });
        of_file.all(|found| matches!(found.code, Code::ByteOrderMark | Code::FileName))
    };
    let readable: Vec<Candidate> = candidates.into_iter().filter(is_read).collect();
    let one = |candidate: Candidate| {
        let (file, path) = (candidate.file, sources.path(candidate.file));
        let result = candidate.format(&sources);
        (file, result.map(|after| (path.to_owned(), sources.text(file).to_owned(), after)))
    };
    let done: Vec<_> = readable.into_par_iter().map(one).collect();
    let (mut edited, mut unchanged) = (Vec::new(), 0);
    for (file, result) in done {
        match result {
            Ok((path, before, after)) => {
                // The canonical text has no byte order mark, so the problem is solved.
                let is_solved = |found: &Diagnostic| {
                    found.code == Code::ByteOrderMark
                        && matches!(&found.place, Place::Span(span) if span.file == file)
                };
                diagnostics.retain(|found| !is_solved(found));
                match before == after {
                    true => unchanged += 1,
                    false => edited.push(Edited { path, before, after }),
                }
            }
            Err(problems) => diagnostics.extend(problems),
        }
    }
    Formatted { sources, sites, edited, unchanged, diagnostics }
}

/// The files that paths name, and a diagnostic for each path that names none.
fn chosen(
    paths: &[String],
    candidates: &[Candidate],
    folders: &Folders,
    sources: &Sources,
) -> Reported<BTreeSet<FileId>> {
    let mut found = Reported { value: BTreeSet::new(), diagnostics: Vec::new() };
    let definitions = candidates.iter().filter_map(|candidate| candidate.below.clone());
    let lookup = Lookup::default().and_paths(definitions);
    for path in paths {
        let plain = path.trim_start_matches("./").trim_end_matches('/');
        let scope = match folders.is_all(plain) {
            true => Ok(Scope::everything()),
            false => lookup.many(path, folders.below(plain)).map(Scope::of),
        };
        let is_named = |candidate: &&Candidate| match &candidate.below {
            _ if plain == "." => true,
            Some(it) => scope.as_ref().is_ok_and(|scope| scope.covers(it)),
            None => sources.path(candidate.file) == plain,
        };
        let named: Vec<FileId> =
            candidates.iter().filter(is_named).map(|candidate| candidate.file).collect();
        // A hook may name every file that changes, and so the records too.
        match scope {
            Err(problem) if named.is_empty() && !plain.ends_with(record_file::ENDING) => {
                found.diagnostics.push(*problem);
            }
            _ => found.value.extend(named),
        }
    }
    found
}

impl Candidate {
    /// A file in the folder of definitions.
    fn of(document: Document) -> Self {
        let kind = match document.role {
            Role::Cluster => Some(Kind::Cluster),
            Role::Defaults => Some(Kind::Defaults),
            Role::Definition => document.node.as_ref().and_then(kind_of),
        };
        let below = Some(document.path());
        Self { file: document.file, kind, below, document: Some(document) }
    }

    /// A file of the project that need not exist.
    fn named(root: &Path, name: &str, kind: Kind, sources: &mut Sources) -> Reported<Option<Self>> {
        let file = sources.next_id();
        let candidate = || Some(Self { file, kind: Some(kind), below: None, document: None });
        match source::read_optional(root, name, sources) {
            Ok(None) => Reported { value: None, diagnostics: Vec::new() },
            Ok(Some((text, file))) => {
                let diagnostics = yaml::read(&text, file).err().unwrap_or_default();
                Reported { value: candidate(), diagnostics }
            }
            Err(diagnostics) => {
                let is_there = sources.next_id() != file;
                Reported { value: candidate().filter(|_| is_there), diagnostics }
            }
        }
    }

    /// The canonical text, or why there is none.
    fn format(self, sources: &Sources) -> Result<String, Vec<Diagnostic>> {
        let text = sources.text(self.file);
        // The reader refuses a byte order mark, so a definition that has one is read here.
        let plain = text.strip_prefix('\u{feff}').filter(|_| self.kind.is_none());
        let read = plain.and_then(|plain| yaml::read(plain, FileId::NONE).ok());
        let kind = self.kind.or_else(|| kind_of(&read?));
        let Some(kind) = kind else {
            let documents = self.document.into_iter().collect();
            let mut found = language::definitions(documents, sources).diagnostics;
            found.retain(|found| found.code == Code::Kind);
            return Err(found);
        };
        formatted(text, Fields::of(kind)).map_err(|why| match why {
            Unformatted::Unread => Vec::new(),
            Unformatted::Unequal => vec![unequal(sources.path(self.file))],
        })
    }
}

/// The kind that a document states.
fn kind_of(node: &Node) -> Option<Kind> {
    Kind::named(node.get("kind")?.as_str()?)
}

/// The diagnostic for a file whose canonical text would mean something else.
pub(super) fn unequal(path: &str) -> Diagnostic {
    let message =
        format!("the canonical form of `{path}` would not mean the same, so the file is left");
    let help = "this is an error in sitewright: please report it with the file";
    // SW613: a definition whose canonical form would mean something else.
    Diagnostic::of_path(Code::NotFormatted, path, message).help(help)
}
