//! A rendered object: checked to be the one that was asked for, marked, and written in one canonical
//! form.

mod form;
mod invariants;
mod marks;
pub mod writer;

pub use form::{Form, Forms, Subject};
pub use marks::{ANNOTATIONS, KEPT, LABELS, LIFECYCLE, Marks};

use crate::diagnostic::{Code, Diagnostic, FileId, Place, Produced, Span};
use crate::provider::Manifest;
use crate::source::{node::Node, node::Value, yaml};
use std::sync::Arc;

/// What an object must say of itself.
#[derive(Clone, Copy, Debug)]
pub struct Identity<'a> {
    /// `kind`.
    pub kind: &'a str,
    /// `metadata.namespace`; nothing for an object that is in none.
    pub namespace: Option<&'a str>,
    /// `metadata.name`.
    pub name: &'a str,
}

/// Reads what a template wrote of a context: one clean YAML object, the one that `manifest` says, without
/// status and without marks of ours. `name` says in reports where the text comes from.
pub fn read(
    text: &str,
    manifest: &Manifest,
    context: &minijinja::Value,
    name: &str,
) -> Result<Node, Vec<Diagnostic>> {
    let Manifest { of, namespace, name: own, .. } = manifest;
    let identity = Identity { kind: of.kind, namespace: Some(namespace), name: own };
    let node = read_object(text, identity, name)?;
    let changed = || invariants::changed(&node, of.invariants(), context);
    match reserved(&node).or_else(changed) {
        None => Ok(node),
        Some(problem) => Err(vec![produced(problem, text, name)]),
    }
}

/// The same of an object that gets no marks: its template writes all of it.
pub fn read_object(text: &str, identity: Identity, name: &str) -> Result<Node, Vec<Diagnostic>> {
    let (node, problems) = yaml::read(text, FileId::NONE);
    let Some(node) = node else {
        return Err(problems.into_iter().map(|problem| produced(problem, text, name)).collect());
    };
    match unexpected(&node, identity) {
        None => Ok(node),
        Some(problem) => Err(vec![produced(problem, text, name)]),
    }
}

fn wrong(span: Span, message: String, help: &str) -> Diagnostic {
    Diagnostic::new(Code::TemplateObject, span, message).help(help)
}

/// What is not as the identity says.
fn unexpected(node: &Node, identity: Identity) -> Option<Diagnostic> {
    const NAMES: &str = "operators find an object by its kind and names: a template shapes it, it does not rename it";
    let expected = [
        (&["kind"][..], Some(identity.kind)),
        (&["metadata", "name"], Some(identity.name)),
        (&["metadata", "namespace"], identity.namespace),
    ];
    for (path, expected) in expected {
        let found = path.iter().try_fold(node, |node, key| node.get(key));
        let field = path.join(".");
        let problem = match (found.and_then(Node::as_str), expected) {
            (stated, expected) if stated == expected => continue,
            (Some(stated), Some(expected)) => format!("`{field}` is `{stated}`, not `{expected}`"),
            (Some(stated), None) => format!("`{field}` is `{stated}`, and this kind has none"),
            (None, expected) => format!("`{field}` is not `{}`", expected.unwrap_or_default()),
        };
        return Some(wrong(found.map_or(node.span, |found| found.span), problem, NAMES));
    }
    if node.get("apiVersion").and_then(Node::as_str).is_none() {
        let help = "state it first, as in the built-in template";
        return Some(wrong(node.span, "`apiVersion` is missing".to_owned(), help));
    }
    if let Some(status) = node.entry("status") {
        let help = "remove it: an object's status is written by its operator";
        return Some(wrong(status.key_span, "a manifest has no `status`".to_owned(), help));
    }
    None
}

/// What is not the template's to set: a mark, and what tells Kubernetes when the object goes.
fn reserved(node: &Node) -> Option<Diagnostic> {
    const OPEN: [&str; 4] = ["name", "namespace", "labels", "annotations"];
    let mut metadata = node.get("metadata").into_iter().flat_map(Node::entries);
    if let Some(entry) = metadata.find(|entry| !OPEN.contains(&&*entry.key)) {
        let help =
            "remove it: an owner that is gone, for instance, takes the object along, with its data";
        let message = format!("`metadata.{}` is left to Kubernetes", entry.key);
        return Some(wrong(entry.key_span, message, help));
    }
    for (field, taken) in [("labels", LABELS), ("annotations", ANNOTATIONS)] {
        let stated = node.get("metadata").and_then(|metadata| metadata.get(field));
        let mut entries = stated.into_iter().flat_map(Node::entries);
        if let Some(entry) = entries.find(|entry| taken.contains(&&*entry.key)) {
            let help = "remove it: `protect`, `lifecycle` and the cluster's `gitops.engine` decide such marks";
            let message = format!("`{}` is left to sitewright", entry.key);
            return Some(wrong(entry.key_span, message, help));
        }
    }
    None
}

/// Points a problem at the text that no file holds; YAML's problems become the template's.
fn produced(problem: Diagnostic, text: &str, name: &str) -> Diagnostic {
    let range = match problem.place {
        Place::Span(span) => span.range(),
        _ => 0..0,
    };
    let code = match problem.code {
        Code::TemplateObject => Code::TemplateObject,
        _ => Code::TemplateYaml,
    };
    // Some advice is about definitions.
    let help = match problem.code {
        Code::ManyDocuments => Some("a template writes one object: remove the others".to_owned()),
        Code::Empty => Some("a template writes one object, whatever its conditions".to_owned()),
        _ => problem.help,
    };
    let message = match problem.code {
        Code::ManyDocuments => "the template writes a second document".to_owned(),
        Code::Empty => "the template writes nothing".to_owned(),
        _ => problem.message,
    };
    let produced = Produced { name: name.to_owned(), text: text.to_owned(), range };
    let place = Place::Produced(Arc::new(produced));
    Diagnostic { code, message, place, label: problem.label, related: Vec::new(), help }
}

/// The only key and value of a SealedSecret's encrypted data.
pub fn encrypted(object: &Node) -> Option<(&str, &str)> {
    let [entry] = object.get("spec")?.get("encryptedData")?.entries() else { return None };
    Some((&entry.key, entry.node.as_str()?))
}

/// The body of an object's file.
pub fn write(object: Node) -> String {
    let mut out = String::with_capacity(1024);
    writer::write(&in_order(object), &mut out);
    out
}

/// The parts of an object in Kubernetes' order, everything else as it was written.
fn in_order(object: Node) -> Node {
    const ORDER: [&str; 3] = ["apiVersion", "kind", "metadata"];
    let Node { span, mut value } = object;
    let position = |key: &str| ORDER.iter().position(|known| *known == key).unwrap_or(ORDER.len());
    if let Value::Map(entries) = &mut value {
        entries.sort_by_key(|entry| position(&entry.key));
    }
    Node { span, value }
}
