//! The report of an import for programs, version 1. `docs/import.schema.json` is its schema.

use super::outcome::Import;
use crate::diff::report as diff;
use crate::live::LiveObject;
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeMap;

/// An import.
#[derive(Debug, JsonSchema, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// The version of this format: 1.
    pub version: u32,
    /// The cluster into which the objects are imported.
    pub cluster: String,
    /// Whether the files were written.
    pub written: bool,
    /// The new files, by their paths from the project's folder.
    pub files: Vec<String>,
    /// How many definitions and objects have each outcome.
    pub counts: Counts,
    /// The definitions that a render would change in the cluster, the riskiest first.
    pub differences: Vec<diff::Definition>,
    /// The fields that stay in the cluster although no definition states them.
    pub not_expressible: Vec<NotExpressible>,
    /// The objects that are not imported.
    pub not_imported: Vec<NotImported>,
    /// The objects that Kubernetes deletes together with another one.
    pub owned: Vec<Owned>,
    /// The passwords that are in the cluster and have no record.
    pub passwords: Vec<Password>,
    /// How many objects of each kind were left alone.
    pub left_alone: BTreeMap<String, usize>,
}

/// How many definitions and objects have each outcome.
#[derive(Clone, Copy, Debug, JsonSchema, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Counts {
    /// Definitions whose render is what is in the cluster.
    pub without_a_change: usize,
    /// Definitions whose render differs from what is in the cluster.
    pub with_differences: usize,
    /// Objects that are not imported.
    pub not_imported: usize,
    /// Definitions that render nothing (`managed: false`): others refer to them.
    pub references: usize,
}

/// The identity of an object, and where it was read.
#[derive(Clone, Debug, JsonSchema, Serialize)]
pub struct Object {
    /// The kind.
    pub kind: String,
    /// The group of its `apiVersion`. Empty for the core group of Kubernetes.
    pub group: String,
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// The file, as the user named it, or `-`.
    pub file: String,
    /// The line on which it starts.
    pub line: u32,
}

/// A field that no definition states.
#[derive(Debug, JsonSchema, Serialize)]
pub struct NotExpressible {
    /// The object.
    pub object: Object,
    /// The field, such as `spec.affinity`. Empty for the whole object.
    pub field: String,
    /// Its value. Null for the whole object.
    pub value: Option<serde_json::Value>,
    /// Why no definition states it.
    pub why: String,
}

/// An object that is not imported.
#[derive(Debug, JsonSchema, Serialize)]
pub struct NotImported {
    /// The object.
    pub object: Object,
    /// Why.
    pub why: String,
    /// What to do.
    pub instead: String,
}

/// An object that Kubernetes deletes together with another one.
#[derive(Debug, JsonSchema, Serialize)]
pub struct Owned {
    /// The object.
    pub object: Object,
    /// The objects with which it is deleted, such as `FrappeSite acme`.
    pub owners: Vec<String>,
}

/// A password without a record.
#[derive(Debug, JsonSchema, Serialize)]
pub struct Password {
    /// Which password it is.
    pub message: String,
    /// How to take it over.
    pub instead: Option<String>,
}

impl Report {
    /// The report of an import of these objects.
    pub fn new(import: &Import, objects: &[LiveObject], written: bool) -> Self {
        let object = |at: usize| Object::new(&objects[at]);
        let not_expressible = import.unsaid.iter().map(|it| NotExpressible {
            object: object(it.object),
            field: it.field.clone(),
            value: it.value.as_ref().map(crate::diff::json),
            why: it.why.clone(),
        });
        let not_imported = import.refusals.iter().map(|it| NotImported {
            object: object(it.at),
            why: it.why.clone(),
            instead: it.help.clone(),
        });
        let passwords = import.passwords.iter();
        Self {
            version: 1,
            cluster: import.cluster.clone(),
            written,
            files: import.files.iter().map(|file| file.path.clone()).collect(),
            counts: Counts::new(import),
            differences: diff::definitions(&import.changes),
            not_expressible: not_expressible.collect(),
            not_imported: not_imported.collect(),
            owned: owned(import, objects),
            passwords: passwords
                .map(|it| Password { message: it.message.clone(), instead: it.help.clone() })
                .collect(),
            left_alone: import.left_alone.clone(),
        }
    }
}

impl Counts {
    /// The outcomes of an import.
    pub fn new(import: &Import) -> Self {
        let different = import.different().len();
        let references = import.definitions.iter().filter(|it| it.objects.is_empty()).count();
        Self {
            without_a_change: import.definitions.len() - references - different,
            with_differences: different,
            not_imported: import.refusals.len(),
            references,
        }
    }
}

impl Object {
    fn new(live: &LiveObject) -> Self {
        let key = &live.key;
        Self {
            kind: key.kind.clone(),
            group: key.group.clone(),
            namespace: key.namespace.clone(),
            name: key.name.clone(),
            file: live.place.file.to_string(),
            line: live.place.line,
        }
    }
}

/// The imported objects that have an owner.
fn owned(import: &Import, objects: &[LiveObject]) -> Vec<Owned> {
    let imported = import.definitions.iter().flat_map(|definition| &definition.objects);
    let with_owners = imported.map(|at| &objects[*at]).filter(|object| !object.owners.is_empty());
    let owned = |object: &LiveObject| Owned {
        object: Object::new(object),
        owners: object.owners.iter().map(|it| format!("{} {}", it.kind, it.name)).collect(),
    };
    with_owners.map(owned).collect()
}

/// The JSON Schema of the report.
pub fn schema() -> serde_json::Value {
    let mut schema = crate::language::schema_of::<Report>();
    schema["title"] = "The report of sitewright import".into();
    schema
}
