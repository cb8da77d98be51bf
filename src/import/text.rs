//! The text of a definition, as a person writes it: the keys in the order of the documentation, no needless quotes.

use super::draft::Draft;
use super::value::string;
use crate::diagnostic::{Diagnostic, FileId, Place};
use crate::language::{Fields, Kind, shape};
use crate::manifest::writer;
use crate::source::node::{Entry, Node, Value};
use crate::source::yaml;

/// The text of a definition with these fields.
pub(super) fn text(kind: Kind, fields: Node) -> String {
    let mut node = fields;
    if let Value::Map(entries) = &mut node.value {
        entries.retain(|entry| &*entry.key != "kind");
        entries.insert(0, Entry::new("kind", string(kind.name())));
    }
    sort(&mut node, Fields::of(kind));
    let mut out = String::new();
    writer::write(&node, &mut out);
    out
}

/// Sorts keys as the language declares them, and the keys of a table by themselves.
fn sort(node: &mut Node, fields: Fields) {
    match &mut node.value {
        Value::Map(entries) => {
            match fields.are_declared() {
                true => entries.sort_by_key(|entry| fields.place(&entry.key)),
                false => entries.sort_by(|one, other| one.key.cmp(&other.key)),
            }
            entries.iter_mut().for_each(|entry| sort(&mut entry.node, fields.below(&entry.key)));
        }
        Value::List(items) => items.iter_mut().for_each(|item| sort(item, fields.items())),
        _ => {}
    }
}

/// A field that the language does not take.
#[derive(Clone, Debug)]
pub(super) struct NotTaken {
    /// The path of the field in the definition.
    pub(super) field: Vec<String>,
    /// Why.
    pub(super) why: String,
}

/// Takes out of a definition what the language does not take.
pub(super) fn checked(draft: &mut Draft) -> Vec<NotTaken> {
    let mut taken: Vec<NotTaken> = Vec::new();
    loop {
        let text = text(draft.kind, draft.fields.clone());
        let Ok(node) = yaml::read(&text, FileId::NONE) else { return taken };
        let problems = shape::check(draft.kind, &node, &text);
        let found: Vec<NotTaken> =
            problems.into_iter().filter_map(|problem| not_taken(problem, &node)).collect();
        let before = taken.len();
        for field in found {
            let path: Vec<&str> = field.field.iter().map(String::as_str).collect();
            if super::value::take(&mut draft.fields, &path).is_some() {
                taken.push(field);
            }
        }
        if taken.len() == before {
            return taken;
        }
    }
}

/// The field at the place of a problem. An item of a list stands for the whole list.
fn not_taken(problem: Diagnostic, root: &Node) -> Option<NotTaken> {
    let Place::Span(span) = problem.place else { return None };
    let (mut field, mut node) = (Vec::new(), root);
    loop {
        let is_in = |entry: &&Entry| {
            entry.key_span.start <= span.start
                && span.end <= entry.node.span.end.max(entry.key_span.end)
        };
        let Some(entry) = node.entries().iter().find(is_in) else { break };
        field.push(entry.key.to_string());
        node = &entry.node;
        if entry.key_span == span || node.span == span {
            break;
        }
    }
    (!field.is_empty()).then_some(NotTaken { field, why: problem.message })
}
