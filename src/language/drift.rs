//! `drift.yaml`: drift that is accepted for a while.

use super::values::{Date, FieldName, ObjectName, ObjectPath, Sentence};
use schemars::JsonSchema;
use serde::Deserialize;

/// Drift that is accepted for a while.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct AcceptedDrift {
    /// What is accepted. An entry that has expired, or that accepts nothing, is an error.
    pub accepted: Option<Vec<Acceptance>>,
}

/// An accepted difference between a cluster and its manifests.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Acceptance {
    /// The cluster. Required if the project has several clusters.
    pub cluster: Option<ObjectName>,
    /// The object, as Kind/namespace/name, such as Database/erp/acme-db.
    pub object: ObjectPath,
    /// The field as `sitewright drift` prints it, such as `spec.characterSet`. Fields below it are accepted too. Without
    /// a field, it is accepted that the object is missing, unknown to Git or being deleted.
    pub field: Option<FieldName>,
    /// Why it is accepted.
    pub reason: Sentence,
    /// The last day on which it is accepted, in quotes, such as "2027-01-31".
    pub expires: Date,
}
