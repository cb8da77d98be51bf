//! Accepted drift: `drift.yaml` in the project's folder. An entry that has expired, or that accepts nothing, is an
//! error, so that no entry outlives its reason.

use super::{Drifted, State, name};
use crate::diagnostic::{Checked, Code, Diagnostic, Sources, Span};
use crate::language::{self, Acceptance, AcceptedDrift, Kind, nearest};
use crate::source::{self, node::Value};
use std::collections::BTreeSet;
use std::path::Path;

/// The file with the accepted drift.
pub const ACCEPTED_FILE: &str = "drift.yaml";

/// The entries of `drift.yaml`, each with its place.
#[derive(Debug, Default)]
pub struct Accepted {
    entries: Vec<(Acceptance, Span)>,
}

impl Accepted {
    /// Reads the file of a project. Without a file, nothing is accepted.
    pub fn read(root: &Path, sources: &mut Sources) -> Checked<Self> {
        let Some((text, file)) = source::read_optional(root, ACCEPTED_FILE, sources)? else {
            return Ok(Self::default());
        };
        let node = source::yaml::read(&text, file)?;
        let problems = language::shape::check(Kind::AcceptedDrift, &node, &text);
        if !problems.is_empty() {
            return Err(problems);
        }
        let AcceptedDrift { accepted } = crate::layers::decode_node(&node).unwrap_or_default();
        let places = match node.get("accepted").map(|node| &node.value) {
            Some(Value::List(items)) => items.iter().map(|item| item.span).collect(),
            _ => Vec::new(),
        };
        Ok(Self { entries: accepted.unwrap_or_default().into_iter().zip(places).collect() })
    }

    /// The entries of a cluster. `clusters` has the names of all clusters of the project.
    pub(super) fn of_cluster(&self, cluster: &str, clusters: &BTreeSet<&str>) -> Checked<Self> {
        let (mut entries, mut problems) = (Vec::new(), Vec::new());
        for (entry, span) in &self.entries {
            let all = || clusters.iter().copied().collect::<Vec<_>>().join(", ");
            match entry.cluster.as_ref().map(|name| name.as_str()) {
                None if clusters.len() > 1 => {
                    let message = "the entry does not say of which cluster the object is";
                    let help = format!("add `cluster:` with one of: {}", all());
                    // SW105: an entry without a cluster.
                    problems.push(Diagnostic::new(Code::MissingField, *span, message).help(help));
                }
                Some(name) if !clusters.contains(name) => {
                    let message = format!("there is no cluster `{name}`");
                    let help = format!("clusters: {}", all());
                    // SW209: an entry of a cluster that the project does not have.
                    problems.push(Diagnostic::new(Code::UnknownPath, *span, message).help(help));
                }
                Some(name) if name != cluster => {}
                _ => entries.push((entry.clone(), *span)),
            }
        }
        if problems.is_empty() { Ok(Self { entries }) } else { Err(problems) }
    }

    /// Takes what is accepted today out of the drift. Returns the entries that accept something, and an error for
    /// every other entry. `known` has the names of all objects that the cluster or Git has.
    pub(super) fn apply(
        self,
        today: &str,
        objects: &mut Vec<Drifted>,
        known: impl Fn() -> BTreeSet<String>,
    ) -> (Vec<Acceptance>, Vec<Diagnostic>) {
        let (mut used, mut problems) = (Vec::new(), Vec::new());
        for (entry, span) in self.entries {
            if entry.expires.as_str() < today {
                problems.push(expired(&entry, span));
            } else if accept(&entry, objects) {
                used.push(entry);
            } else {
                problems.push(unused(&entry, span, &known()));
            }
        }
        objects.retain(|object| object.state != State::Drifted || !object.change.fields.is_empty());
        (used, problems)
    }
}

/// Takes what an entry accepts out of the drift. Returns whether there was anything.
fn accept(entry: &Acceptance, objects: &mut Vec<Drifted>) -> bool {
    let is_it = |object: &Drifted| entry.object == *object.name();
    match &entry.field {
        None => {
            let before = objects.len();
            objects.retain(|object| !is_it(object) || object.state == State::Drifted);
            objects.len() < before
        }
        Some(field) => {
            let mut found = false;
            for object in objects.iter_mut().filter(|object| is_it(object)) {
                let causes = std::mem::take(&mut object.causes);
                let fields = std::mem::take(&mut object.change.fields);
                for (changed, cause) in fields.into_iter().zip(causes) {
                    if covers(field, &changed.field()) {
                        found = true;
                    } else {
                        object.change.fields.push(changed);
                        object.causes.push(cause);
                    }
                }
            }
            found
        }
    }
}

/// Whether a field is this one or below it.
fn covers(accepted: &str, field: &str) -> bool {
    let rest = field.strip_prefix(accepted);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

fn expired(entry: &Acceptance, span: Span) -> Diagnostic {
    let message = format!("the accepted drift of `{}` expired on {}", entry.object, entry.expires);
    let help = "put Git or the cluster right and remove the entry, or state a later `expires`";
    // SW854: an accepted drift that has expired.
    Diagnostic::new(Code::AcceptedExpired, span, message).help(help)
}

fn unused(entry: &Acceptance, span: Span, known: &BTreeSet<String>) -> Diagnostic {
    let Acceptance { object, field, .. } = entry;
    // SW855: an accepted drift that is not there.
    let problem = |message: String| Diagnostic::new(Code::AcceptedUnused, span, message);
    if !known.contains(object.as_str()) {
        let names: Vec<&str> = known.iter().map(String::as_str).collect();
        let help = match nearest(object, &names) {
            Some(name) => format!("did you mean `{name}`?"),
            None => {
                "remove the entry, or name an object as `sitewright drift` prints it".to_owned()
            }
        };
        return problem(format!("neither Git nor the cluster has an object `{object}`")).help(help);
    }
    let message = match field {
        Some(field) => format!("`{field}` of `{object}` does not differ"),
        None => {
            format!("`{object}` is neither missing nor unknown to Git, and is not being deleted")
        }
    };
    problem(message).help("remove the entry: it would hide the next drift of this object")
}

/// The names of objects.
pub(super) fn names<'k>(keys: impl Iterator<Item = &'k crate::risk::Key>) -> BTreeSet<String> {
    keys.map(name::of).collect()
}
