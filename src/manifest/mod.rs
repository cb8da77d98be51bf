//! Checks that a rendered object is the expected one, adds labels and annotations, and writes it in
//! one canonical form.

mod invariants;
mod metadata;
mod risks;
pub mod writer;

pub use metadata::{ANNOTATIONS, KEPT, LABELS, Metadata};
pub(crate) use risks::{OTHER_ENGINES, RISKS};
pub use writer::{HOLE, Hole, hole_number};

use crate::diagnostic::{Checked, Code, Diagnostic, FileId, Place, Produced, Span};
use crate::object::Manifest;
use crate::source::{node::Node, node::Value, yaml};
use std::sync::Arc;

/// The identity that an object must have.
#[derive(Clone, Copy, Debug)]
pub struct Identity<'a> {
    /// `kind`.
    pub kind: &'a str,
    /// `metadata.namespace`. `None` for an object without a namespace.
    pub namespace: Option<&'a str>,
    /// `metadata.name`.
    pub name: &'a str,
}

/// Reads the output of a template. It must be exactly one valid YAML object with the identity that
/// `manifest` states, without a status and without sitewright's own labels and annotations. `name`
/// is the source of the text in reports.
pub fn read(
    text: &str,
    manifest: &Manifest,
    context: &minijinja::Value,
    name: &str,
) -> Checked<Node> {
    let Manifest { of, namespace, name: own, .. } = manifest;
    let identity = Identity { kind: of.kind.as_str(), namespace: Some(namespace), name: own };
    let node = parsed(text, name)?;
    let changed = || invariants::changed(&node, of.invariants(), context);
    match problem(&node, identity).or_else(changed) {
        None => Ok(node),
        Some(problem) => Err(vec![produced(problem, text, name)]),
    }
}

/// Reports the first difference between an object and its identity, or else the first field that a
/// template must not set.
pub fn problem(node: &Node, identity: Identity) -> Option<Diagnostic> {
    unexpected(node, identity).or_else(|| reserved(node))
}

/// Reads an object to which sitewright adds no labels and annotations. Its template writes all of
/// it.
pub fn read_object(text: &str, identity: Identity, name: &str) -> Checked<Node> {
    let node = parsed(text, name)?;
    match unexpected(&node, identity) {
        None => Ok(node),
        Some(problem) => Err(vec![produced(problem, text, name)]),
    }
}

/// The output of a template as a tree.
fn parsed(text: &str, name: &str) -> Checked<Node> {
    let produced = |problem| produced(problem, text, name);
    yaml::read(text, FileId::NONE).map_err(|problems| problems.into_iter().map(produced).collect())
}

fn wrong(span: Span, message: String, help: &str) -> Diagnostic {
    // SW503: a template writes another object than its file name says.
    Diagnostic::new(Code::TemplateObject, span, message).help(help)
}

/// Reports the first difference between the object and its identity.
fn unexpected(node: &Node, identity: Identity) -> Option<Diagnostic> {
    const NAMES: &str =
        "a template must not change this: operators find an object by its kind, name and namespace";
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
            (Some(stated), None) => {
                format!("`{field}` is `{stated}`, but this kind has no namespace")
            }
            (None, expected) => format!("`{field}` is not `{}`", expected.unwrap_or_default()),
        };
        return Some(wrong(found.map_or(node.span, |found| found.span), problem, NAMES));
    }
    if node.get("apiVersion").and_then(Node::as_str).is_none() {
        let help = "write it first, as the built-in template does";
        return Some(wrong(node.span, "`apiVersion` is missing".to_owned(), help));
    }
    if let Some(status) = node.entry("status") {
        let help = "remove it: the operator writes the status of an object";
        return Some(wrong(
            status.key_span,
            "a manifest must not have a `status`".to_owned(),
            help,
        ));
    }
    None
}

/// Reports fields that a template must not set: sitewright's labels and annotations, and fields by
/// which Kubernetes deletes the object.
fn reserved(node: &Node) -> Option<Diagnostic> {
    const OPEN: [&str; 4] = ["name", "namespace", "labels", "annotations"];
    let mut metadata = node.get("metadata").into_iter().flat_map(Node::entries);
    if let Some(entry) = metadata.find(|entry| !OPEN.contains(&&*entry.key)) {
        let help = "remove it: an owner reference, for example, deletes the object and its data with its owner";
        let message = format!("a template may not set `metadata.{}`", entry.key);
        return Some(wrong(entry.key_span, message, help));
    }
    for (field, taken) in [("labels", LABELS), ("annotations", ANNOTATIONS)] {
        let stated = node.get("metadata").and_then(|metadata| metadata.get(field));
        let mut entries = stated.into_iter().flat_map(Node::entries);
        if let Some(entry) = entries.find(|entry| taken.contains(&&*entry.key)) {
            let help =
                "remove it: `protect`, `lifecycle` and the cluster's `gitops.engine` decide this";
            let message = format!("only sitewright may set `{}`", entry.key);
            return Some(wrong(entry.key_span, message, help));
        }
    }
    None
}

/// Points a problem at the output of the template, and turns YAML problems into problems of the
/// template.
fn produced(problem: Diagnostic, text: &str, name: &str) -> Diagnostic {
    let range = match problem.place {
        Place::Span(span) => span.range(),
        _ => 0..0,
    };
    // SW502: a template does not write exactly one valid YAML object.
    let code = match problem.code {
        Code::TemplateObject => Code::TemplateObject,
        _ => Code::TemplateYaml,
    };
    // Some help texts speak of definitions, so they are replaced.
    let help = match problem.code {
        Code::ManyDocuments => {
            Some("remove the other documents: a template writes one object".to_owned())
        }
        Code::Empty => Some("write one object, whatever the conditions are".to_owned()),
        _ => problem.help,
    };
    let message = match problem.code {
        Code::ManyDocuments => "the template writes a second document".to_owned(),
        Code::Empty => "the template writes nothing".to_owned(),
        _ => problem.message,
    };
    let produced = Produced { name: name.to_owned(), text: text.to_owned(), range };
    let place = Place::Produced(Arc::new(produced));
    Diagnostic { label: problem.label, help, ..Diagnostic::at(code, place, message) }
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

/// The body of an object's file with a hole for each placeholder string, and the holes. `None` if
/// the object is not a map.
pub fn write_with_holes(object: Node) -> Option<(String, Vec<Hole>)> {
    writer::with_holes(&in_order(object))
}

/// Sorts the parts of an object into the usual order of Kubernetes, and keeps the order of
/// everything else.
fn in_order(object: Node) -> Node {
    const ORDER: [&str; 3] = ["apiVersion", "kind", "metadata"];
    let Node { span, mut value } = object;
    let position = |key: &str| ORDER.iter().position(|known| *known == key).unwrap_or(ORDER.len());
    if let Value::Map(entries) = &mut value {
        entries.sort_by_key(|entry| position(&entry.key));
    }
    Node { span, value }
}
