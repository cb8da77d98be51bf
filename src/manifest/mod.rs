//! A rendered object: checked to be the one that was asked for, marked, and written in one canonical
//! form.

mod marks;
pub mod writer;

pub use marks::mark;

use crate::diagnostic::{Code, Diagnostic, FileId, Place, Produced};
use crate::provider::Manifest;
use crate::source::{node::Node, node::Value, yaml};
use std::sync::Arc;

/// The text that a template wrote, as positions see it: no file of the project holds it.
const PRODUCED: FileId = FileId(u32::MAX);

/// Reads what a template wrote: one clean YAML object, the one that `manifest` says, without status.
/// `name` says in reports where the text comes from.
pub fn read(text: &str, manifest: &Manifest, name: &str) -> Result<Node, Vec<Diagnostic>> {
    let (node, problems) = yaml::read(text, PRODUCED);
    let Some(node) = node else {
        return Err(problems.into_iter().map(|problem| produced(problem, text, name)).collect());
    };
    match unexpected(&node, manifest) {
        None => Ok(node),
        Some(problem) => Err(vec![produced(problem, text, name)]),
    }
}

/// What is not as the manifest says.
fn unexpected(node: &Node, manifest: &Manifest) -> Option<Diagnostic> {
    let wrong = |node: &Node, message: String| {
        Some(Diagnostic::new(Code::TemplateObject, node.span, message).help(
            "operators find these objects by their names: a template shapes them, it does not rename them",
        ))
    };
    let expected = [
        (&["kind"][..], manifest.kind),
        (&["metadata", "name"], manifest.name.as_str()),
        (&["metadata", "namespace"], manifest.namespace.as_str()),
    ];
    for (path, expected) in expected {
        let found = path.iter().try_fold(node, |node, key| node.get(key));
        match found.and_then(Node::as_str) {
            Some(stated) if stated == expected => {}
            Some(stated) => {
                let field = path.join(".");
                return wrong(found?, format!("`{field}` is `{stated}`, not `{expected}`"));
            }
            None => return wrong(node, format!("`{}` is missing", path.join("."))),
        }
    }
    if node.get("apiVersion").and_then(Node::as_str).is_none() {
        return wrong(node, "`apiVersion` is missing".to_owned());
    }
    if let Some(status) = node.entry("status") {
        return wrong(&status.node, "a manifest has no `status`".to_owned());
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
    let produced = Produced { name: name.to_owned(), text: text.to_owned(), range };
    Diagnostic { code, place: Place::Produced(Arc::new(produced)), related: Vec::new(), ..problem }
}

/// The body of an object's file: its parts in Kubernetes' order, everything else as it was written.
pub fn write(object: Node) -> String {
    const ORDER: [&str; 3] = ["apiVersion", "kind", "metadata"];
    let Node { span, value } = object;
    let Value::Map(mut entries) = value else { return String::new() };
    let position = |key: &str| ORDER.iter().position(|known| *known == key).unwrap_or(ORDER.len());
    entries.sort_by_key(|entry| position(&entry.key));
    let mut out = String::with_capacity(1024);
    writer::write(&Node { span, value: Value::Map(entries) }, &mut out);
    out
}
