//! Drift as a document for machines. `docs/drift.schema.json` is its JSON Schema.

use super::{Cause, Changed, Drift, Drifted, Reaction, State, Writer};
use crate::diff::report::{Finding, Object as Change};
use crate::language::{Acceptance, Engine};
use crate::live::Operation;
use crate::risk::Level;
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeMap;

/// The drift of a cluster.
#[derive(Debug, JsonSchema, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// The version of this format: 1.
    pub version: u32,
    /// The cluster.
    pub cluster: String,
    /// The GitOps engine of the cluster.
    pub engine: Engine,
    /// The number of manifests that were compared.
    pub compared: usize,
    /// The number of encrypted Secrets among the manifests. They are not compared, because no Secret of a cluster is
    /// read.
    pub secrets: usize,
    /// The highest risk of putting the manifests back.
    pub risk: Level,
    /// The entries of `drift.yaml` that accept something. It is not among the objects.
    pub accepted: Vec<Accepted>,
    /// How many objects differ in each way.
    pub counts: BTreeMap<&'static str, usize>,
    /// The objects that differ, the riskiest first.
    pub objects: Vec<Object>,
}

/// An entry of `drift.yaml`.
#[derive(Debug, JsonSchema, Serialize)]
pub struct Accepted {
    /// The object, as Kind/namespace/name.
    pub object: String,
    /// The field. Null if it is accepted that the object is missing, unknown to Git or being deleted.
    pub field: Option<String>,
    /// Why it is accepted.
    pub reason: String,
    /// The last day on which it is accepted.
    pub expires: String,
}

impl Accepted {
    fn new(entry: &Acceptance) -> Self {
        Self {
            object: entry.object.to_string(),
            field: entry.field.as_ref().map(ToString::to_string),
            reason: entry.reason.to_string(),
            expires: entry.expires.to_string(),
        }
    }
}

/// An object that differs from its manifest.
#[derive(Debug, JsonSchema, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Object {
    /// The kind.
    pub kind: String,
    /// The group of its `apiVersion`. Empty for the core group of Kubernetes.
    pub group: String,
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// The path of its manifest below the folder of manifests. Null if it never had one.
    pub manifest: Option<String>,
    /// How it differs.
    pub state: State,
    /// What the GitOps engine does about it.
    pub reaction: Reaction,
    /// The highest risk of putting the manifest back.
    pub risk: Level,
    /// The fields that differ. Empty if the object is missing or has no manifest.
    pub fields: Vec<Field>,
    /// For a missing object, the commit that added its manifest. For an object without a manifest, the commit that
    /// removed it. Null if the history does not show it.
    pub commit: Option<Commit>,
    /// The finalizers of an object that is being deleted.
    pub finalizers: Vec<String>,
    /// What happens when the manifest is put back, the riskiest first.
    pub findings: Vec<Finding>,
}

/// A field that differs.
#[derive(Debug, JsonSchema, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Field {
    /// Its keys, with dots between them. `[name]` is the item of a list that has this name.
    pub field: String,
    /// The value in the cluster. Null if there is none, or if it is sealed.
    pub live: Option<serde_json::Value>,
    /// The value in Git. Null if there is none, or if it is sealed.
    pub git: Option<serde_json::Value>,
    /// For a sealed value: its generation in the cluster and in Git.
    pub sealed: Option<String>,
    /// Why it differs.
    pub cause: CauseKind,
    /// For a change in the cluster, the field manager that wrote the field. Null if nobody owns the field, or if the
    /// dump does not show it.
    pub manager: Option<Manager>,
    /// The newest older commit that had the live value.
    pub commit: Option<Commit>,
}

/// Why a field differs.
#[derive(Clone, Copy, Debug, JsonSchema, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum CauseKind {
    /// An older commit had the live value: what was committed since is not applied yet.
    NotApplied,
    /// It was changed in the cluster.
    Changed,
}

/// A field manager.
#[derive(Debug, JsonSchema, Serialize)]
pub struct Manager {
    /// Its name, such as `kubectl-edit`.
    pub name: String,
    /// How it wrote: `Apply` or `Update`.
    pub operation: String,
    /// When it last wrote, in UTC.
    pub time: Option<String>,
}

/// A commit.
#[derive(Debug, JsonSchema, Serialize)]
pub struct Commit {
    /// Its name.
    pub id: String,
    /// When it was made.
    pub time: String,
}

impl Report {
    /// The report of a cluster's drift.
    pub fn new(drift: &Drift) -> Self {
        Self {
            version: 1,
            cluster: drift.cluster.clone(),
            engine: drift.engine,
            compared: drift.compared,
            secrets: drift.secrets,
            risk: drift.level(),
            accepted: drift.accepted.iter().map(Accepted::new).collect(),
            counts: State::ALL.map(|state| (state.name(), drift.count(state))).into(),
            objects: drift.objects.iter().map(Object::new).collect(),
        }
    }
}

impl Object {
    fn new(drifted: &Drifted) -> Self {
        let change = &drifted.change;
        let of_diff = Change::new(change);
        let path = change.head.as_ref().or(change.base.as_ref()).map(|object| object.path.clone());
        let fields = of_diff.fields.into_iter().zip(&drifted.causes).map(|(field, cause)| Field {
            field: field.field,
            live: field.old,
            git: field.new,
            sealed: field.sealed,
            cause: cause.kind(),
            manager: cause.writer().map(Manager::new),
            commit: cause.commit().map(Commit::new),
        });
        Self {
            kind: of_diff.kind,
            group: of_diff.group,
            namespace: of_diff.namespace,
            name: of_diff.name,
            manifest: path.filter(|path| !path.is_empty()),
            state: drifted.state,
            reaction: drifted.reaction,
            risk: change.level(),
            fields: fields.collect(),
            commit: drifted.commit.as_ref().map(Commit::new),
            finalizers: drifted.finalizers.clone(),
            findings: of_diff.findings,
        }
    }
}

impl Cause {
    fn kind(&self) -> CauseKind {
        match self {
            Cause::NotApplied(_) => CauseKind::NotApplied,
            Cause::Changed(_) => CauseKind::Changed,
        }
    }

    fn writer(&self) -> Option<&Writer> {
        match self {
            Cause::NotApplied(_) => None,
            Cause::Changed(Changed { by, .. }) => by.as_ref(),
        }
    }

    fn commit(&self) -> Option<&super::Commit> {
        match self {
            Cause::NotApplied(commit) => Some(commit),
            Cause::Changed(Changed { like, .. }) => like.as_ref(),
        }
    }
}

impl Manager {
    fn new(Writer { manager, operation, time }: &Writer) -> Self {
        let operation = match operation {
            Operation::Apply => "Apply",
            Operation::Update => "Update",
        };
        Self { name: manager.clone(), operation: operation.to_owned(), time: time.clone() }
    }
}

impl Commit {
    fn new(commit: &super::Commit) -> Self {
        Self { id: commit.id.to_string(), time: commit.time.to_string() }
    }
}

/// The JSON Schema of the report.
pub fn schema() -> serde_json::Value {
    let mut schema = crate::language::schema_of::<Report>();
    schema["title"] = "The report of sitewright drift".into();
    schema
}
