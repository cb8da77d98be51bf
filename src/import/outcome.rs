//! The outcome of an import, and what it is asked for.

use super::danger;
use super::index::{At, Live};
use crate::diagnostic::{Code, Diagnostic};
use crate::diff::Changes;
use crate::language::Kind;
use crate::live::LiveObject;
use crate::project::{NewFile, Project};
use crate::source::node::Node;
use crate::source::{self, Written};
use std::collections::{BTreeMap, BTreeSet};

/// The import that a user asks for.
#[derive(Clone, Copy, Debug)]
pub struct Request<'r> {
    /// The name of the cluster. Default: the project's only cluster.
    pub cluster: Option<&'r str>,
    /// The version of frappe-operator in a new cluster. Default: what the objects show.
    pub frappe: Option<&'r str>,
    /// The version of mariadb-operator in a new cluster. Default: what the objects show.
    pub mariadb: Option<&'r str>,
    /// How many objects of kinds that are not [wanted](super::is_wanted) were read, by kind and group.
    pub left_alone: &'r BTreeMap<(String, String), usize>,
}

/// An import that can be written.
#[derive(Debug)]
pub struct Import {
    /// The name of the cluster.
    pub cluster: String,
    /// The new files.
    pub files: Vec<NewFile>,
    /// The definitions that are imported: their paths below the folder of definitions, and whether they render an
    /// object.
    pub definitions: Vec<Imported>,
    /// What a render of the definitions changes in the cluster.
    pub changes: Changes,
    /// The fields of objects that no definition renders.
    pub unsaid: Vec<Unsaid>,
    /// The objects that are not imported.
    pub refusals: Vec<Refusal>,
    /// The passwords in use that have no record.
    pub passwords: Vec<Diagnostic>,
    /// How many objects of each kind were left alone.
    pub left_alone: BTreeMap<String, usize>,
    /// Warnings, in no order.
    pub warnings: Vec<Diagnostic>,
    /// The project with the new files.
    pub project: Project,
}

/// A definition that is imported.
#[derive(Clone, Debug)]
pub struct Imported {
    /// Its path below the folder of definitions, such as `production/acme`.
    pub path: String,
    /// Its kind.
    pub kind: Kind,
    /// The objects that it takes over, by their places among those that were read. Empty for a definition that only
    /// refers to something.
    pub objects: Vec<usize>,
}

/// A field of an object that no definition renders.
#[derive(Clone, Debug)]
pub struct Unsaid {
    /// The object, by its place among those that were read.
    pub object: usize,
    /// The field, such as `spec.storage.size`. Empty for the whole object.
    pub field: String,
    /// Its value.
    pub value: Option<Node>,
    /// Why.
    pub why: String,
}

/// An object that is not imported.
#[derive(Clone, Debug)]
pub struct Refusal {
    /// The object, by its place among those that were read.
    pub at: usize,
    /// Why.
    pub why: String,
    /// What to do.
    pub help: String,
}

impl Refusal {
    pub(super) fn new(live: Live, why: impl Into<String>, help: impl Into<String>) -> Self {
        Self { at: live.at, why: why.into(), help: help.into() }
    }

    pub(super) fn diagnostic(&self, object: &LiveObject) -> Diagnostic {
        let place = danger::place(object);
        let message = format!("the {} is not imported: {}", object.key, self.why);
        // SW834: an object that is not imported.
        Diagnostic::at(Code::NotImported, place, message).help(self.help.clone())
    }
}

impl Import {
    /// The definitions that a render changes, or that do not say all of their objects' fields.
    pub fn different(&self) -> BTreeSet<&str> {
        let changed = self.changes.definitions.iter().map(|it| it.definition.as_str());
        let unsaid: BTreeSet<At> = self.unsaid.iter().map(|it| it.object).collect();
        let of_unsaid =
            self.definitions.iter().filter(|it| it.objects.iter().any(|at| unsaid.contains(at)));
        changed.chain(of_unsaid.map(|it| it.path.as_str())).collect()
    }

    /// Whether everything was imported without a change.
    pub fn is_exact(&self) -> bool {
        self.different().is_empty() && self.refusals.is_empty() && self.passwords.is_empty()
    }

    /// Says of a field that the language does not take why it does not.
    pub(super) fn explain(&mut self, not_taken: &BTreeMap<(At, String), String>) {
        for unsaid in &mut self.unsaid {
            let key = (unsaid.object, unsaid.field.clone());
            let below = |((at, field), _): &(&(At, String), &String)| {
                *at == key.0
                    && key.1.strip_prefix(field.as_str()).is_some_and(|rest| rest.starts_with('.'))
            };
            let why = not_taken.get(&key).or_else(|| Some(not_taken.iter().find(below)?.1));
            if let Some(why) = why {
                unsaid.why.clone_from(why);
            }
        }
    }

    /// Writes the files. After an error, some of them may be there, each whole.
    pub fn write(&self) -> Result<(), Box<Diagnostic>> {
        const DEFINITIONS: Written = Written {
            what: "files",
            unchanged: "nothing was written",
            help: "each file is written whole: remove the new files, clear the cause and run again",
        };
        let Project { root, folders, .. } = &self.project;
        source::replace(root, &folders.sites, &self.files, &DEFINITIONS)
    }
}
