//! The proof of an import: renders the definitions in memory, and compares each object with the one that was read.

use super::draft::Draft;
use super::filled::even_out;
use super::index::At;
use super::outcome::Unsaid;
use super::value::same;
use super::{cluster::Target, implied};
use crate::diagnostic::{Code, Diagnostic, Place, Sources};
use crate::diff::{self, Changes, ObjectTree, tree};
use crate::live::LiveObject;
use crate::manifest::{ANNOTATIONS, LABELS};
use crate::operator::Profiles;
use crate::output::{Earlier, EarlierManifests, Files, Scope, Sink, Taken};
use crate::project::Project;
use crate::risk::{Key, Object, Operators};
use crate::secret::Missing;
use crate::source::node::{Entry, Node, Value};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Mutex, PoisonError};

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
    /// The objects that carry the passwords that get a record.
    pub(super) carriers: &'c [At],
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
    let taken = compared.drafts.iter().flat_map(|draft| draft.objects.iter().copied());
    let taken: BTreeSet<At> = taken.collect();
    let comparing = Comparing {
        compared,
        ours: compared.definitions.iter().map(String::as_str).collect(),
        by_key: compared.by_key(&taken),
        taken: &taken,
        found: Mutex::default(),
    };
    let compiled = crate::compile_into(&comparing, project, Missing::Refuse(&everything), found);
    let compiled = compiled.map_err(|problems| broken(problems, &project.sources))?;
    let diagnostics = compiled.diagnostics;
    let mut found = comparing.found.into_inner().unwrap_or_else(PoisonError::into_inner);
    // Definitions are rendered in no fixed order.
    found.pairs.sort_by(|one, other| one.key.cmp(&other.key));
    Ok(Proof { diagnostics, ..compared.with(found, &taken) })
}

/// Compares rendered objects while they are rendered, so that a fleet's manifests are never held at once.
struct Comparing<'c> {
    compared: Compared<'c>,
    /// The paths of the imported definitions.
    ours: BTreeSet<&'c str>,
    by_key: HashMap<Id<'c>, At>,
    /// The objects that definitions take over.
    taken: &'c BTreeSet<At>,
    found: Mutex<Found>,
}

/// The identity of an object in its cluster: kind, group, namespace and name.
type Id<'k> = (&'k str, &'k str, &'k str, &'k str);

fn id(key: &Key) -> Id<'_> {
    (&key.kind, &key.group, &key.namespace, &key.name)
}

/// What was compared so far.
#[derive(Default)]
struct Found {
    /// The objects that definitions take over and that are rendered as they are.
    same: Vec<At>,
    /// All others.
    pairs: Vec<Pair>,
}

impl Earlier for Comparing<'_> {
    fn manifests(&self, _: &[&str], _: fn(&str) -> bool) -> Option<EarlierManifests> {
        None
    }
}

impl Sink for Comparing<'_> {
    fn take(&self, folder: &str, files: Vec<(String, Vec<u8>)>) -> Vec<(Box<str>, Taken)> {
        if !self.ours.contains(folder) {
            return Vec::new();
        }
        let Compared { objects, target, .. } = self.compared;
        let (_, rendered) = tree::differing(&Files::new(), &files.into_iter().collect()).value;
        let pair = |(key, object): (Key, Object)| {
            let live = self.by_key.get(&id(&key)).map(|at| (*at, &objects[*at].node));
            Pair::new(key, object, live, target.profiles)
        };
        let pairs: Vec<Pair> = rendered.into_iter().map(pair).collect();
        let is_taken = |at: &At| self.taken.contains(at);
        let mut found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        for pair in pairs {
            match pair.live.filter(is_taken).filter(|_| pair.is_same()) {
                Some(at) => found.same.push(at),
                None => found.pairs.push(pair),
            }
        }
        Vec::new()
    }
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

impl<'c> Compared<'c> {
    /// What the pairs of rendered objects and objects that were read say together.
    fn with(self, found: Found, taken: &BTreeSet<At>) -> Proof {
        let target = self.target;
        let (mut base, mut head) = (ObjectTree::new(), ObjectTree::new());
        let (mut unsaid, mut carriers) = (Vec::new(), Vec::new());
        let mut seen: BTreeSet<At> = found.same.into_iter().collect();
        for Pair { key, path, live, difference, rest } in found.pairs {
            unsaid.extend(rest.into_iter().filter_map(|(field, value)| {
                let why = "no field of a definition renders it".to_owned();
                Some(Unsaid { object: live?, field, value: Some(value), why })
            }));
            if let Some(at) = live {
                seen.insert(at);
                if !taken.contains(&at) {
                    let definition = path.rsplit_once('/').map_or(&*path, |(folder, _)| folder);
                    carriers.push((definition.to_owned(), at));
                }
            }
            let object = |node| Object { path: path.to_string(), node };
            match difference {
                Some(Difference::Other(live, rendered)) => {
                    base.insert(key.clone(), object(live));
                    head.insert(key, object(rendered));
                }
                Some(Difference::New(rendered)) => _ = head.insert(key, object(rendered)),
                None => {}
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
    fn by_key(self, taken: &BTreeSet<At>) -> HashMap<Id<'c>, At> {
        let Self { objects, carriers, .. } = self;
        taken.iter().chain(carriers).map(|at| (id(&objects[*at].key), *at)).collect()
    }
}

/// A rendered object, and the one that was read.
struct Pair {
    key: Key,
    /// The path of the manifest below the folder of manifests.
    path: Box<str>,
    /// The place of the object that was read.
    live: Option<At>,
    /// What is only rendered, or what is not the same.
    difference: Option<Difference>,
    /// The fields that are not rendered.
    rest: Vec<(String, Node)>,
}

/// The content of a rendered object.
enum Difference {
    /// It was not read.
    New(Node),
    /// It is not the same as the one that was read, which comes first.
    Other(Node, Node),
}

impl Pair {
    fn new(key: Key, rendered: Object, live: Option<(At, &Node)>, profiles: Profiles) -> Self {
        let Object { path, node: mut rendered } = rendered;
        let path = path.into();
        let Some((at, live)) = live else {
            let difference = Some(Difference::New(rendered));
            return Self { key, path, live: None, difference, rest: Vec::new() };
        };
        let mut live = live.clone();
        let mut rest = rest(&mut live, &mut rendered, profiles);
        rest.retain(|(field, _)| !is_asked(&key, field));
        let difference = (!same(&live, &rendered)).then_some(Difference::Other(live, rendered));
        Self { key, path, live: Some(at), difference, rest }
    }

    /// Whether there is nothing to say of the pair.
    fn is_same(&self) -> bool {
        self.difference.is_none() && self.rest.is_empty()
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
