//! Drift: where a cluster is no longer what its manifests say, and why.
//!
//! A [`Comparison`] takes the live objects as they are read, and keeps only those that differ from the manifests of
//! one cluster. [`Comparison::finish`] finds the causes: an older commit had the live state (`history`), or
//! another field manager changed it (`writers`). The rules of a diff, applied from the live object to its manifest,
//! say what happens when the GitOps engine puts the manifest back.
//!
//! Nothing here writes to a cluster.

mod accepted;
mod adopt;
mod candidate;
mod cause;
mod comparison;
mod fields;
mod history;
mod name;
mod rendered;
pub mod report;
pub mod sql;
mod writers;

pub use accepted::{ACCEPTED_FILE, Accepted};
pub use adopt::{Adoption, adopt, named};
pub use cause::{Cause, Changed, Writer};
pub use comparison::Comparison;
pub use history::Commit;

use crate::language::{Acceptance, Engine};
use crate::risk::{Level, ObjectChange};
use schemars::JsonSchema;
use serde::Serialize;

/// How a cluster differs from its manifests.
#[derive(Debug)]
pub struct Drift {
    /// The cluster.
    pub cluster: String,
    /// The engine that applies its manifests.
    pub engine: Engine,
    /// The number of manifests that were compared.
    pub compared: usize,
    /// The number of encrypted Secrets among the manifests. They are not compared, because no Secret of a cluster is read.
    pub secrets: usize,
    /// The kinds of which the cluster has no object, and the number of their manifests.
    pub absent: Vec<(String, usize)>,
    /// What of `drift.yaml` is accepted. It is not among the objects.
    pub accepted: Vec<Acceptance>,
    /// The objects that differ, the riskiest first.
    pub objects: Vec<Drifted>,
}

impl Drift {
    /// The highest risk of putting the manifests back.
    pub fn level(&self) -> Level {
        self.objects.iter().map(|object| object.change.level()).max().unwrap_or(Level::None)
    }

    /// How many objects differ in this way.
    pub fn count(&self, state: State) -> usize {
        self.objects.iter().filter(|object| object.state == state).count()
    }
}

/// An object that differs from its manifest.
#[derive(Debug)]
pub struct Drifted {
    /// The change that puts the manifest back: from the live object to the manifest.
    pub change: ObjectChange,
    /// How the object differs.
    pub state: State,
    /// Why each of the fields differs, in the order of the fields.
    pub causes: Vec<Cause>,
    /// For a missing object, the commit that added its manifest. For an object without a manifest, the commit that
    /// removed it.
    pub commit: Option<Commit>,
    /// The finalizers of an object that is being deleted. It stays until each is removed.
    pub finalizers: Vec<String>,
    /// What the GitOps engine does about it.
    pub reaction: Reaction,
}

impl Drifted {
    /// The name in reports, such as `Database/erp/acme-db`.
    pub fn name(&self) -> String {
        name::of(&self.change.key)
    }
}

/// How an object differs.
#[derive(Clone, Copy, Debug, JsonSchema, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// Fields differ.
    Drifted,
    /// The cluster does not have it.
    Missing,
    /// It has the labels of sitewright, but no manifest.
    Unknown,
    /// It is being deleted in the cluster.
    BeingDeleted,
}

impl State {
    /// Every state.
    pub const ALL: [State; 4] =
        [State::Drifted, State::Missing, State::Unknown, State::BeingDeleted];

    /// The word in documents.
    pub fn name(self) -> &'static str {
        match self {
            State::Drifted => "drifted",
            State::Missing => "missing",
            State::Unknown => "unknown",
            State::BeingDeleted => "being-deleted",
        }
    }

    /// The words for people.
    pub fn words(self) -> &'static str {
        match self {
            State::Drifted => "drifted",
            State::Missing => "missing in the cluster",
            State::Unknown => "unknown to Git",
            State::BeingDeleted => "being deleted",
        }
    }
}

/// What the GitOps engine does about an object that differs.
#[derive(Clone, Copy, Debug, JsonSchema, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reaction {
    /// It applies the manifest again.
    PutsBack,
    /// It deletes the object, if it has applied it before.
    Prunes,
    /// It leaves the object alone, because an annotation of the live object says so.
    LeavesAlone,
    /// There is no engine.
    Nobody,
}
