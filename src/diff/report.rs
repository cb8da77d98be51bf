//! The report for programs, version 1. `docs/diff.schema.json` is its schema.

use super::changes::{Changes, DefinitionChange};
use super::moves;
use crate::risk::{Action, FieldChange, Level, ObjectChange};
use crate::source::node::{Node, Value};
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeMap;

/// All changes of a fleet.
#[derive(Debug, JsonSchema, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// The version of this format: 1.
    pub version: u32,
    /// The highest risk of all changes.
    pub risk: Level,
    /// How many definitions have each level as their highest risk.
    pub counts: BTreeMap<&'static str, usize>,
    /// The definitions whose changes `--deny` and `--allow` do not permit, the riskiest first. If
    /// there is one, the exit code is 4.
    pub denied: Vec<Denied>,
    /// The definitions that change, the riskiest first.
    pub definitions: Vec<Definition>,
    /// The definitions whose file moved, while their objects stay the same objects. `counts` counts
    /// only those whose objects change too.
    pub moves: Vec<Move>,
}

/// A definition whose file moved.
#[derive(Debug, JsonSchema, Serialize)]
pub struct Move {
    /// Its path before, such as `production/acme`.
    pub from: String,
    /// Its path after.
    pub to: String,
}

/// A definition whose change is denied.
#[derive(Debug, JsonSchema, Serialize)]
pub struct Denied {
    /// Its path, such as `production/acme`.
    pub definition: String,
    /// The worst of its changes.
    pub risk: Level,
}

/// A definition that changes.
#[derive(Debug, JsonSchema, Serialize)]
pub struct Definition {
    /// Its path, such as `production/acme`.
    pub definition: String,
    /// What becomes of it as a whole.
    pub action: Action,
    /// The worst of its changes.
    pub risk: Level,
    /// Its objects that change, the riskiest first.
    pub objects: Vec<Object>,
}

/// An object that changes.
#[derive(Debug, JsonSchema, Serialize)]
pub struct Object {
    /// The cluster.
    pub cluster: String,
    /// The kind.
    pub kind: String,
    /// The group of its `apiVersion`. Empty for the core group of Kubernetes.
    pub group: String,
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// Whether the object is added, removed or changed.
    pub action: Action,
    /// The highest risk of the change.
    pub risk: Level,
    /// The fields that change. Empty if the object is added or removed.
    pub fields: Vec<Field>,
    /// The findings above `none`, the riskiest first.
    pub findings: Vec<Finding>,
}

/// A field that changes.
#[derive(Debug, JsonSchema, Serialize)]
pub struct Field {
    /// Its keys, with dots between them. `[name]` is the item of a list that has this name.
    pub field: String,
    /// The value before the change. Null if there was none, or if it is sealed.
    pub old: Option<serde_json::Value>,
    /// The value after the change. Null if there is none, or if it is sealed.
    pub new: Option<serde_json::Value>,
    /// For a sealed value: its generation before and after the change.
    pub sealed: Option<String>,
}

/// A finding: what a change does.
#[derive(Debug, JsonSchema, Serialize)]
pub struct Finding {
    /// The risk.
    pub risk: Level,
    /// The field. Null if the object is added or removed.
    pub field: Option<String>,
    /// What happens.
    pub reason: String,
    /// What to do instead, or in addition.
    pub instead: Option<String>,
}

impl Report {
    /// The report of all changes. `denied` has the definitions that the gate denies.
    pub fn new(changes: &Changes, denied: &[&DefinitionChange]) -> Self {
        let counts = Level::ALL.map(|level| (level.name(), changes.count_of(level)));
        let denied = denied
            .iter()
            .map(|change| Denied { definition: change.definition.clone(), risk: change.level() });
        Self {
            version: 1,
            risk: changes.level(),
            counts: counts.into(),
            denied: denied.collect(),
            definitions: changes.definitions.iter().map(Definition::new).collect(),
            moves: changes.moves.iter().map(moved).collect(),
        }
    }
}

impl Definition {
    fn new(change: &DefinitionChange) -> Self {
        Self {
            definition: change.definition.clone(),
            action: change.action(),
            risk: change.level(),
            objects: change.changes.iter().map(Object::new).collect(),
        }
    }
}

impl Object {
    /// The report of a change.
    pub fn new(change: &ObjectChange) -> Self {
        let findings = change.findings.iter().filter(|finding| finding.level > Level::None);
        Self {
            cluster: change.key.cluster.clone(),
            kind: change.key.kind.clone(),
            group: change.key.group.clone(),
            namespace: change.key.namespace.clone(),
            name: change.key.name.clone(),
            action: change.action,
            risk: change.level(),
            fields: change.fields.iter().map(|changed| field(change, changed)).collect(),
            findings: findings
                .map(|finding| Finding {
                    risk: finding.level,
                    field: finding.field.clone(),
                    reason: finding.reason.clone(),
                    instead: finding.instead.clone(),
                })
                .collect(),
        }
    }
}

fn moved(moved: &moves::Move) -> Move {
    Move { from: moved.from.clone(), to: moved.to.clone() }
}

fn field(change: &ObjectChange, changed: &FieldChange) -> Field {
    let field = changed.field();
    if changed.is_sealed() {
        return Field { field, old: None, new: None, sealed: Some(change.generations()) };
    }
    let shown = |node: &Option<Node>| node.as_ref().map(json);
    Field { field, old: shown(&changed.old), new: shown(&changed.new), sealed: None }
}

/// A value of an object as JSON.
pub(crate) fn json(node: &Node) -> serde_json::Value {
    match &node.value {
        Value::Null => serde_json::Value::Null,
        Value::Bool(value) => (*value).into(),
        Value::Int(value) => (*value).into(),
        Value::Float(value) => (*value).into(),
        Value::String(text) => (**text).into(),
        Value::List(items) => items.iter().map(json).collect(),
        Value::Map(entries) => {
            entries.iter().map(|entry| (entry.key.to_string(), json(&entry.node))).collect()
        }
    }
}

/// The JSON Schema of the report.
pub fn schema() -> serde_json::Value {
    let mut schema = crate::language::schema_of::<Report>();
    schema["title"] = "The report of sitewright diff".into();
    schema
}
