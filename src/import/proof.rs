//! The proof of an import: renders the definitions in memory, and compares each object with the one that was read.

use super::draft::Draft;
use super::filled::even_out;
use super::index::At;
use super::outcome::Unsaid;
use super::secrets::Recorded;
use super::value::same;
use super::{cluster::Target, implied};
use crate::diagnostic::{Code, Diagnostic, Place, Reported, Sources};
use crate::diff::{self, Changes, ObjectTree, tree};
use crate::live::LiveObject;
use crate::manifest::{ANNOTATIONS, LABELS};
use crate::operator::Profiles;
use crate::output::{Files, Scope};
use crate::project::Project;
use crate::risk::{Key, Object, Operators};
use crate::secret::Missing;
use crate::source::node::{Entry, Node, Value};
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// What the definitions render, compared with what was read.
#[derive(Debug)]
pub(super) struct Proof {
    /// What a render changes.
    pub(super) changes: Changes,
    /// The fields of objects that no definition renders.
    pub(super) unsaid: Vec<Unsaid>,
    /// The objects that carry passwords, with the definitions whose passwords they carry.
    pub(super) carriers: Vec<(String, At)>,
    /// The diagnostics of the render: warnings, and the passwords without a record.
    pub(super) diagnostics: Vec<Diagnostic>,
}

/// Why a definition cannot be rendered.
#[derive(Debug)]
pub(super) struct Broken {
    /// The file.
    pub(super) path: String,
    /// The problem.
    pub(super) problem: Diagnostic,
}

/// What is compared.
#[derive(Clone, Copy)]
pub(super) struct Compared<'c> {
    pub(super) objects: &'c [LiveObject],
    pub(super) drafts: &'c [Draft],
    /// The passwords that get a record.
    pub(super) recorded: &'c [Recorded],
    /// The paths of the definitions, such as `production/acme`.
    pub(super) definitions: &'c [String],
    pub(super) target: &'c Target,
}

/// Renders the definitions of a project and compares them. `found` has the diagnostics of reading the project.
pub(super) fn prove(
    project: &Project,
    found: Vec<Diagnostic>,
    compared: Compared,
) -> Result<Proof, Vec<Broken>> {
    let everything = Scope::everything();
    let compiled = crate::compile(project, Missing::Refuse(&everything), found);
    let compiled = compiled.map_err(|problems| broken(problems, &project.sources))?;
    let Reported { value: compiled, diagnostics } = compiled;
    let rendered = tree::differing(&Files::new(), &compiled.files);
    let (_, rendered) = rendered.value;
    Ok(Proof { diagnostics, ..compared.with(rendered) })
}

/// The errors by the files that cause them.
fn broken(problems: Vec<Diagnostic>, sources: &Sources) -> Vec<Broken> {
    let errors = problems.into_iter().filter(|it| it.is_error() && it.code != Code::NoRecord);
    let broken = errors.map(|problem| {
        let path = match &problem.place {
            Place::Span(span) => sources.path(span.file).to_owned(),
            Place::Path(path) => path.clone(),
            Place::Produced(produced) => produced.name.clone(),
            Place::Line(line) => line.path.clone(),
        };
        Broken { path, problem }
    });
    broken.collect()
}

impl Compared<'_> {
    /// Compares the rendered objects with those that were read.
    fn with(self, rendered: ObjectTree) -> Proof {
        let Self { objects, drafts, definitions, target, .. } = self;
        let ours: BTreeSet<&str> = definitions.iter().map(String::as_str).collect();
        let taken: BTreeSet<At> = drafts.iter().flat_map(|draft| draft.objects.clone()).collect();
        let by_key = self.by_key(&taken);
        let (mut base, mut head) = (ObjectTree::new(), ObjectTree::new());
        let (mut unsaid, mut carriers, mut seen) = (Vec::new(), Vec::new(), BTreeSet::new());
        let rendered = rendered.into_par_iter();
        let pairs = rendered.filter(|(_, object)| ours.contains(object.definition()));
        let pairs: Vec<Pair> = pairs
            .map(|(key, object)| {
                let live = by_key.get(&key).map(|at| (*at, &objects[*at].node));
                Pair::new(key, object, live, target.profiles)
            })
            .collect();
        for Pair { key, rendered, live, rest } in pairs {
            let Some((at, live)) = live else {
                head.insert(key, rendered);
                continue;
            };
            seen.insert(at);
            if !taken.contains(&at) {
                carriers.push((rendered.definition().to_owned(), at));
            }
            unsaid.extend(rest.into_iter().map(|(field, value)| {
                let why = "no field of a definition renders it".to_owned();
                Unsaid { object: at, field, value: Some(value), why }
            }));
            if let Some(live) = live {
                base.insert(key.clone(), Object { path: rendered.path.clone(), node: live });
                head.insert(key, rendered);
            }
        }
        unsaid.extend(taken.difference(&seen).map(|at| Unsaid {
            object: *at,
            field: String::new(),
            value: None,
            why: "no object of its definition is rendered for it".to_owned(),
        }));
        let known = Operators { profiles: target.profiles, engine: target.engine };
        let operators: BTreeMap<String, Operators> = [(target.name.clone(), known)].into();
        let changes = Changes::new(diff::diff(&base, &head, &operators));
        Proof { changes, unsaid, carriers, diagnostics: Vec::new() }
    }

    /// The objects that a render may make: those that definitions take, and those that carry recorded passwords.
    fn by_key(self, taken: &BTreeSet<At>) -> HashMap<Key, At> {
        let Self { objects, recorded, target, .. } = self;
        let carriers = recorded.iter().flat_map(|recorded| &recorded.objects);
        let key = |at: &At| Key { cluster: target.name.clone(), ..objects[*at].key.clone() };
        taken.iter().chain(carriers).map(|at| (key(at), *at)).collect()
    }
}

/// A rendered object, and the one that was read.
struct Pair {
    key: Key,
    rendered: Object,
    /// The place of the object that was read, and its content if the two are not the same.
    live: Option<(At, Option<Node>)>,
    /// The fields that are not rendered.
    rest: Vec<(String, Node)>,
}

impl Pair {
    fn new(key: Key, mut rendered: Object, live: Option<(At, &Node)>, profiles: Profiles) -> Self {
        let Some((at, live)) = live else {
            return Self { key, rendered, live: None, rest: Vec::new() };
        };
        let mut live = live.clone();
        let mut rest = rest(&mut live, &mut rendered.node, profiles);
        rest.retain(|(field, _)| !is_asked(&key, field));
        let differs = !same(&live, &rendered.node);
        Self { key, rendered, live: Some((at, differs.then_some(live))), rest }
    }
}

/// Leaves in a live object and in the rendered one what can be compared. Returns the fields that are not rendered.
fn rest(live: &mut Node, rendered: &mut Node, profiles: Profiles) -> Vec<(String, Node)> {
    even_out(live, rendered, profiles);
    implied::add(live, rendered);
    let mut rest = Rest { path: Vec::new(), found: Vec::new() };
    rest.without(live, rendered);
    rest.found
}

/// Whether a field of a FrappeSite only asks the operator for a server. The server itself says what it is.
fn is_asked(key: &Key, field: &str) -> bool {
    const ASKED: [&str; 2] = ["spec.dbConfig.storageSize", "spec.dbConfig.resources"];
    key.kind == "FrappeSite" && ASKED.iter().any(|asked| field.starts_with(asked))
}

/// Finds the fields of an object that are not rendered.
struct Rest {
    path: Vec<String>,
    found: Vec<(String, Node)>,
}

impl Rest {
    /// Takes out of a live object what is not rendered, and adds the labels and annotations of sitewright's own that
    /// it lacks. These say who renders the object, so every import would add them.
    fn without(&mut self, live: &mut Node, rendered: &Node) {
        let (Value::Map(entries), Value::Map(wanted)) = (&mut live.value, &rendered.value) else {
            return;
        };
        entries.retain_mut(|entry| {
            self.path.push(entry.key.to_string());
            let is_kept = match rendered.get(&entry.key) {
                Some(wanted) => {
                    self.without(&mut entry.node, wanted);
                    true
                }
                None => {
                    self.rest(&entry.node);
                    false
                }
            };
            self.path.pop();
            is_kept
        });
        for entry in wanted {
            let is_new = !entries.iter().any(|known| known.key == entry.key);
            if is_new && self.is_own(entry) {
                entries.push(entry.clone());
            }
        }
    }

    /// Adds each field of a value that is not rendered.
    fn rest(&mut self, node: &Node) {
        match &node.value {
            Value::Map(entries) if !entries.is_empty() => {
                for entry in entries {
                    self.path.push(entry.key.to_string());
                    self.rest(&entry.node);
                    self.path.pop();
                }
            }
            // It says nothing. kubeseal writes `creationTimestamp: null`.
            Value::Null => {}
            _ if self.is_generation() => {}
            _ => self.found.push((self.path.join("."), node.clone())),
        }
    }

    /// Whether the field is the generation of a password, which its record states. A password without a record is
    /// reported by itself.
    fn is_generation(&self) -> bool {
        let [.., annotations, key] = self.path.as_slice() else { return false };
        annotations == "annotations"
            && key.starts_with("sitewright/")
            && key.ends_with("-generation")
    }

    /// Whether a rendered entry that the live object lacks has only labels or annotations of sitewright's own.
    fn is_own(&self, entry: &Entry) -> bool {
        let is_of = |field: &str, key: &str| match field {
            "labels" => LABELS.contains(&key),
            "annotations" => ANNOTATIONS.contains(&key) || key.starts_with("sitewright/"),
            _ => false,
        };
        match self.path.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
            ["metadata"] => {
                let entries = entry.node.entries();
                !entries.is_empty() && entries.iter().all(|it| is_of(&entry.key, &it.key))
            }
            ["metadata", field] => is_of(field, &entry.key),
            _ => false,
        }
    }
}
