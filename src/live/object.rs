//! A live object: its content as a person would write it, and beside it what only the API server writes.

use crate::risk::Key;
use crate::source::node::{Node, Value};
use std::sync::Arc;

/// An object of a dump or of a folder of manifests.
#[derive(Clone, Debug, PartialEq)]
pub struct LiveObject {
    /// Its identity. `cluster` is empty, because an object does not say in which cluster it is.
    pub key: Key,
    /// The version of its `apiVersion`, such as `v1alpha1`.
    pub version: String,
    /// Its content: `apiVersion`, `kind`, `metadata` with name, namespace, labels and annotations, `spec` and
    /// other fields that a person writes. Without `status`, and without the metadata that the API server, an
    /// operator or a GitOps engine adds.
    pub node: Node,
    /// Where it was read.
    pub place: Place,
    /// The objects with which Kubernetes deletes it: `metadata.ownerReferences`.
    pub owners: Vec<Owner>,
    /// `metadata.finalizers`.
    pub finalizers: Vec<String>,
    /// Who wrote which fields: `metadata.managedFields`. Empty if the dump does not show it
    /// (`kubectl get` does only with `--show-managed-fields`).
    pub managers: Vec<FieldManager>,
    /// Whether it is being deleted: it has a `metadata.deletionTimestamp`.
    pub is_deleted: bool,
    /// What the API server and the operator report about it. `None` if it is not wanted.
    pub reported: Option<Box<Reported>>,
}

/// What the API server and an operator report about an object.
#[derive(Clone, Debug, PartialEq)]
pub struct Reported {
    /// `metadata.generation`: how often its `spec` was changed.
    pub generation: Option<i64>,
    /// `status`. Null if there is none.
    pub status: Node,
}

impl Default for Reported {
    fn default() -> Self {
        Self { generation: None, status: Value::Null.into() }
    }
}

/// Where an object was read.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The file as the user named it, or `-` for standard input.
    pub file: Arc<str>,
    /// The line on which it starts, from 1.
    pub line: u32,
}

/// An object that owns another one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owner {
    /// Its kind.
    pub kind: String,
    /// Its name. Owner and owned object are in one namespace.
    pub name: String,
}

/// A program or person that wrote fields of an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldManager {
    /// Its name, such as `kustomize-controller` or `kubectl-edit`.
    pub manager: String,
    /// How it wrote the fields.
    pub operation: Operation,
    /// When it last wrote, as the API server states it, such as `2026-11-28T09:15:00Z`.
    pub time: Option<String>,
    /// The fields, as the API server states them: `fieldsV1` as JSON.
    pub fields: Box<str>,
}

/// How a manager wrote fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    /// Server-side apply.
    Apply,
    /// Any other write.
    Update,
}
