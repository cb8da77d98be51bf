//! Turns a file into a definition that is valid by itself: it checks the name, the kind, the folder
//! and the fields.

use super::advice::{instead_of_object, nearest, noted};
use super::{Kind, ObjectName, lookalike, shape};
use crate::diagnostic::{Code, Diagnostic, FileId, Reported, Sources, Span};
use crate::source::node::{Node, Value};
use crate::source::yaml::{self, MAX_PROBLEMS};
use crate::source::{Document, Role};
use rayon::prelude::*;
use std::collections::BTreeSet;
use std::sync::Arc;

/// One definition of the fleet, valid by itself.
#[derive(Debug)]
pub struct Definition {
    /// The kind of the definition.
    pub kind: Kind,
    /// The folders below `sites/`, the cluster first.
    pub folders: Arc<[String]>,
    /// The file name without `.yaml`, or `_cluster` or `_defaults`. It decides the places of the
    /// manifests and the records.
    pub stem: String,
    /// The name that the definition states, if that is not the stem.
    stated_name: Option<Box<str>>,
    /// The file.
    pub file: FileId,
    /// The content, which is a map. It is `None` when the content is invalid: a reference to this
    /// definition is then not a second error.
    pub node: Option<Node>,
}

impl Definition {
    /// The name of the object: the stated `name`, or the file name without `.yaml`. References use
    /// it.
    pub fn name(&self) -> &str {
        self.stated_name.as_deref().unwrap_or(&self.stem)
    }

    /// The name of the cluster. It is empty for a file directly in the folder of definitions.
    pub fn cluster(&self) -> &str {
        self.folders.first().map_or("", String::as_str)
    }

    /// The path below the folder of definitions without `.yaml`, such as `production/retail/globex`.
    pub fn path(&self) -> String {
        let parts = self.folders.iter().map(String::as_str).chain([self.stem.as_str()]);
        parts.collect::<Vec<_>>().join("/")
    }

    /// The same file with another text, for [`definitions`].
    pub fn reread(&self, text: &str, file: FileId) -> Reported<Document> {
        self.moved(Arc::clone(&self.folders), self.stem.clone(), text, file)
    }

    /// The file at another place, with another text, for [`definitions`].
    pub fn moved(
        &self,
        folders: Arc<[String]>,
        stem: String,
        text: &str,
        file: FileId,
    ) -> Reported<Document> {
        let role = match self.kind {
            Kind::Cluster => Role::Cluster,
            Kind::Defaults => Role::Defaults,
            _ => Role::Definition,
        };
        let (node, diagnostics) = match yaml::read(text, file) {
            Ok(node) => (Some(node), Vec::new()),
            Err(problems) => (None, problems),
        };
        Reported { value: Document { role, folders, stem, file, node }, diagnostics }
    }

    /// The place that stands for the whole definition: its `kind:`.
    pub fn span(&self) -> Span {
        let kind = self.node.as_ref().and_then(|node| node.entry("kind"));
        kind.map_or(Span::new(self.file, 0, 0), |kind| kind.node.span)
    }
}

/// Checks every document by itself. An invalid document stays in the list without its content.
pub fn definitions(documents: Vec<Document>, sources: &Sources) -> Reported<Vec<Definition>> {
    let mut diagnostics = folder_problems(&documents, sources);
    let checked: Vec<_> =
        documents.into_par_iter().map(|document| definition(document, sources)).collect();
    let mut definitions = Vec::with_capacity(checked.len());
    definitions.extend(checked.into_iter().map(|it| it.add_to(&mut diagnostics)));
    Reported { value: definitions, diagnostics }
}

/// Folders are clusters and groups, and become folders of the output. Their names must be DNS
/// labels.
fn folder_problems(documents: &[Document], sources: &Sources) -> Vec<Diagnostic> {
    let mut seen = BTreeSet::new();
    let mut found = Vec::new();
    // The documents of one folder follow each other.
    for documents in documents.chunk_by(|one, next| one.folders == next.folders) {
        let document = &documents[0];
        let path = sources.path(document.file);
        let Some((base, _)) = path.split_once('/') else { continue };
        for (depth, folder) in document.folders.iter().enumerate() {
            let shown = format!("{base}/{}", document.folders[..=depth].join("/"));
            if !seen.insert(shown.clone()) {
                continue;
            }
            if let Err(complaint) = ObjectName::new(folder) {
                found.push(
                    Diagnostic::of_path(Code::FileName, shown, complaint.message)
                        .help(complaint.help),
                );
            }
        }
    }
    found
}

fn definition(document: Document, sources: &Sources) -> Reported<Definition> {
    let mut problems = Vec::new();
    // SW006: a file name is not a DNS label.
    if document.role == Role::Definition
        && let Err(complaint) = ObjectName::new(&document.stem)
    {
        let becomes = match name_of(document.node.as_ref()) {
            Some(_) => "a folder of manifests gets the file's name",
            None => "the file name becomes the object's name",
        };
        let message = format!("{becomes}, but {}", complaint.message);
        problems.push(
            Diagnostic::of_path(Code::FileName, sources.path(document.file), message)
                .help(complaint.help),
        );
    }
    let Document { role, folders, stem, file, node } = document;
    // The kind that an invalid file most likely has.
    let mut kind = match role {
        Role::Cluster => Kind::Cluster,
        Role::Defaults => Kind::Defaults,
        Role::Definition => Kind::Site,
    };
    if let Some(node) = &node {
        let at = At { path: sources.path(file), text: sources.text(file), folders: &folders };
        match stated_kind(node, role, &at) {
            Ok(stated) => {
                kind = stated;
                problems.extend(shape::check(kind, node, sources.text(file)));
                problems.truncate(MAX_PROBLEMS);
            }
            Err(problem) => {
                problems.push(*problem);
                // A cluster or defaults in a file of another name. The missing `_cluster.yaml` or
                // `_defaults.yaml` is not reported a second time.
                let stated = node.get("kind").and_then(Node::as_str).and_then(Kind::named);
                kind = stated.filter(|_| role == Role::Definition).unwrap_or(kind);
            }
        }
    }
    // An invalid definition has its name too, so that a reference to it is not a second error.
    let stated_name = match role {
        Role::Definition => name_of(node.as_ref()).filter(|name| **name != *stem).map(Box::from),
        Role::Cluster | Role::Defaults => None,
    };
    let node = node.filter(|_| problems.is_empty());
    let definition = Definition { kind, folders, stem, stated_name, file, node };
    Reported { value: definition, diagnostics: problems }
}

/// The name that a document states.
fn name_of(node: Option<&Node>) -> Option<&str> {
    node?.get("name")?.as_str()
}

/// Where a kind belongs that stands in the wrong file.
fn instead_of_place(kind: Kind, at_top: bool) -> &'static str {
    match (kind, at_top) {
        (Kind::Cluster, _) => "a cluster is defined in its folder's `_cluster.yaml`",
        (Kind::Defaults, _) => "defaults are stated in a folder's `_defaults.yaml`",
        (Kind::AcceptedDrift, _) => "accepted drift is stated in the project's `drift.yaml`",
        (Kind::ProjectRules, _) => "rules are stated in the project's `rules.yaml`",
        (Kind::Project, _) => "the project's settings are stated in its `sitewright.yaml`",
        (_, true) => "it belongs to a cluster: move it into the cluster's folder",
        _ => "give it a file of its own, named after the object",
    }
}

/// Where a document is.
struct At<'a> {
    path: &'a str,
    text: &'a str,
    folders: &'a [String],
}

/// The kind that a document states, if that kind is allowed at this place.
fn stated_kind(node: &Node, role: Role, at: &At) -> Result<Kind, Box<Diagnostic>> {
    let at_top = at.folders.is_empty();
    let allowed: &[Kind] = match (role, at_top) {
        (Role::Cluster, _) => &[Kind::Cluster],
        (Role::Defaults, _) => &[Kind::Defaults],
        (Role::Definition, true) => &[Kind::Plan],
        (Role::Definition, false) => &[Kind::Site, Kind::DatabaseServer, Kind::Bench, Kind::Plan],
    };
    let names: Vec<&str> = allowed.iter().map(|kind| kind.name()).collect();
    let problem = |span: Span, message: String, help: String| {
        // SW101: a kind is missing or not allowed here.
        Box::new(Diagnostic::new(Code::Kind, span, message).help(help))
    };
    let Some(first) = node.entries().first() else {
        // The document is not a map. The shape check says that more clearly than a missing kind
        // would.
        return Ok(allowed[0]);
    };
    if let Some(object) = ["apiVersion", "metadata"].iter().find_map(|key| node.entry(key)) {
        let stated = |key| node.get(key).and_then(Node::as_str).unwrap_or_default();
        let cluster = at.folders.first().map_or("", String::as_str);
        let help = instead_of_object(stated("apiVersion"), stated("kind"), at.path, cluster);
        let message =
            format!("this is a Kubernetes object, not a definition: it has `{}`", object.key);
        return Err(problem(object.key_span, message, help));
    }
    let Some(entry) = node.entry("kind") else {
        let message = "the file does not say what it defines".to_owned();
        let help = format!("start with `kind: {}`", names.join("`, or `kind: "));
        return Err(problem(first.key_span, message, help));
    };
    if &*first.key != "kind" {
        let message = "`kind` is not the first key".to_owned();
        let help = "move `kind` to the first line".to_owned();
        return Err(problem(entry.key_span, message, help));
    }
    if entry.node.value == Value::Null {
        let message = "`kind` is empty".to_owned();
        let help = format!("write `kind: {}`", names.join("`, or `kind: "));
        return Err(problem(entry.key_span, message, help));
    }
    let stated = at.text.get(entry.node.span.range()).unwrap_or_default().trim_matches(['"', '\'']);
    match Kind::named(stated) {
        Some(kind) if allowed.contains(&kind) => Ok(kind),
        Some(kind) => {
            let message = format!("`kind: {}` does not belong in this file", kind.name());
            let help = instead_of_place(kind, at_top);
            Err(problem(entry.node.span, message, help.to_owned()))
        }
        None => {
            let message = format!("`{stated}` is no kind");
            let lookalike = lookalike(stated);
            let meant = lookalike.as_ref().map_or(stated, |it| it.meant.as_str());
            let help = match nearest(meant, &names) {
                Some(name) => format!("write `kind: {name}`"),
                None => format!("kinds that may stand here: {}", names.join(", ")),
            };
            Err(problem(entry.node.span, message, noted(help, lookalike)))
        }
    }
}

/// A help text with the name among `known` that was probably meant, or with all names.
pub fn nearest_definition<'a>(
    wanted: &str,
    what: &str,
    known: impl Iterator<Item = &'a str>,
) -> String {
    let mut known: Vec<&str> = known.collect();
    known.sort_unstable();
    known.dedup();
    match (nearest(wanted, &known), known.as_slice()) {
        (Some(name), _) => format!("did you mean `{name}`?"),
        (None, []) => format!("there is no {what} yet: add a file with `kind: {what}`"),
        (None, few) if few.len() <= 8 => format!("defined: {}", few.join(", ")),
        (None, many) => format!("defined: {}, and {} more", many[..8].join(", "), many.len() - 8),
    }
}
