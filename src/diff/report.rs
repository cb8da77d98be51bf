//! The report for programs, version 1. `docs/diff.schema.json` is its schema.

use super::changes::{Changes, DefinitionChange, LeftOut};
use super::groups::{self, groups};
use super::json::json;
use super::moves;
use crate::risk::{self, Action, FieldChange, Level, ObjectChange};
use crate::source::node::Node;
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
    /// The same changes, with equal ones together, the riskiest first. Each change of `definitions` is a member of one
    /// group.
    pub groups: Vec<Group>,
    /// The definitions whose file moved, while their objects stay the same objects. `counts` counts
    /// only those whose objects change too.
    pub moves: Vec<Move>,
    /// What the filters left out. It is in no other part of the report but `denied`. Null without a filter.
    pub left_out: Option<LeftOutChanges>,
}

/// Changes that the filters left out.
#[derive(Debug, JsonSchema, Serialize)]
pub struct LeftOutChanges {
    /// The number of definitions of which changes are left out.
    pub definitions: usize,
    /// The number of changed objects that are left out.
    pub objects: usize,
    /// The number of moved definitions that are left out.
    pub moves: usize,
    /// The highest risk of the changes that are left out.
    pub risk: Level,
}

/// Definitions that have equal changes.
#[derive(Debug, JsonSchema, Serialize)]
pub struct Group {
    /// What becomes of each definition as a whole.
    pub action: Action,
    /// The worst of the changes.
    pub risk: Level,
    /// The paths of the definitions. If they also have other changes, those are in other groups.
    pub definitions: Vec<String>,
    /// The changes, the riskiest first. Each definition has a member in each of them.
    pub changes: Vec<Equal>,
}

/// Equal changes of objects of one kind.
#[derive(Debug, JsonSchema, Serialize)]
pub struct Equal {
    /// The kind.
    pub kind: String,
    /// The group of its `apiVersion`. Empty for the core group of Kubernetes.
    pub group: String,
    /// Whether each object is added, removed or changed.
    pub action: Action,
    /// The highest risk of the change.
    pub risk: Level,
    /// The fields that change. Empty if the objects are added or removed. If the values of the members differ only in
    /// names of their objects, placeholders stand for these names: `<name>`, `<definition>`, `<siteName>`, `<sqlName>`,
    /// `<namespace>` or `<cluster>`.
    pub fields: Vec<Field>,
    /// The findings above `none`, the riskiest first. If there are several members, `<name>` stands for the name of
    /// each object.
    pub findings: Vec<Finding>,
    /// The objects that change so.
    pub members: Vec<Member>,
}

/// An object of which a change is told together with others.
#[derive(Debug, JsonSchema, Serialize)]
pub struct Member {
    /// The path of its definition.
    pub definition: String,
    /// The cluster.
    pub cluster: String,
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// Its fields, with its own names. Empty if the fields of the group have no placeholders.
    pub fields: Vec<Field>,
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
    /// The report of changes. `denied` has the definitions that the gate denies.
    pub fn new(changes: &Changes, denied: Vec<Denied>) -> Self {
        let counts = Level::ALL.map(|level| (level.name(), changes.count_of(level)));
        Self {
            version: 1,
            risk: changes.level(),
            counts: counts.into(),
            denied,
            definitions: definitions(changes),
            groups: groups(changes).iter().map(Group::new).collect(),
            moves: changes.moves.iter().map(moved).collect(),
            left_out: changes.left_out.map(LeftOutChanges::new),
        }
    }
}

/// The definitions that change, the riskiest first.
pub fn definitions(changes: &Changes) -> Vec<Definition> {
    changes.definitions.iter().map(Definition::new).collect()
}

impl Denied {
    /// A definition that is denied.
    pub fn new(change: &DefinitionChange) -> Self {
        Self { definition: change.definition.clone(), risk: change.level() }
    }
}

impl LeftOutChanges {
    fn new(left: LeftOut) -> Self {
        let LeftOut { definitions, objects, moves, level } = left;
        Self { definitions, objects, moves, risk: level }
    }
}

impl Group {
    fn new(group: &groups::Group) -> Self {
        Self {
            action: group.action(),
            risk: group.level(),
            definitions: group.paths().map(str::to_owned).collect(),
            changes: group.changes.iter().map(Equal::new).collect(),
        }
    }
}

impl Equal {
    fn new(equal: &groups::Equal) -> Self {
        let change = equal.first;
        let member = |change: &ObjectChange| Member {
            definition: change.definition().to_owned(),
            cluster: change.key.cluster.clone(),
            namespace: change.key.namespace.clone(),
            name: change.key.name.clone(),
            fields: match equal.is_pattern() {
                true => fields(change, &change.fields),
                false => Vec::new(),
            },
        };
        Self {
            kind: change.key.kind.clone(),
            group: change.key.group.clone(),
            action: change.action,
            risk: change.level(),
            fields: fields(change, equal.fields()),
            findings: findings(equal.findings()),
            members: equal.members().map(member).collect(),
        }
    }
}

/// The findings above `none`.
fn findings(found: Vec<risk::Finding>) -> Vec<Finding> {
    let found = found.into_iter().filter(|finding| finding.level > Level::None);
    let shown = found.map(|finding| Finding {
        risk: finding.level,
        field: finding.field,
        reason: finding.reason,
        instead: finding.instead,
    });
    shown.collect()
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
        Self {
            cluster: change.key.cluster.clone(),
            kind: change.key.kind.clone(),
            group: change.key.group.clone(),
            namespace: change.key.namespace.clone(),
            name: change.key.name.clone(),
            action: change.action,
            risk: change.level(),
            fields: fields(change, &change.fields),
            findings: findings(change.findings.clone()),
        }
    }
}

fn moved(moved: &moves::Move) -> Move {
    Move { from: moved.from.clone(), to: moved.to.clone() }
}

fn fields(change: &ObjectChange, changed: &[FieldChange]) -> Vec<Field> {
    changed.iter().map(|changed| field(change, changed)).collect()
}

fn field(change: &ObjectChange, changed: &FieldChange) -> Field {
    let field = changed.field();
    if changed.is_sealed() {
        return Field { field, old: None, new: None, sealed: Some(change.generations()) };
    }
    let shown = |node: &Option<Node>| node.as_ref().map(json);
    Field { field, old: shown(&changed.old), new: shown(&changed.new), sealed: None }
}

/// The JSON Schema of the report.
pub fn schema() -> serde_json::Value {
    let mut schema = crate::language::schema_of::<Report>();
    schema["title"] = "The report of sitewright diff".into();
    schema
}
