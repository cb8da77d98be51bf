//! What several kinds state: references to Secrets, CPU and memory, the database system, and the end of a
//! definition's life.

use super::values::{Cores, Memory, ResourceName};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A Secret in the same namespace.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SecretRef {
    /// Its name.
    pub name: Option<ResourceName>,
}

/// CPU and memory, as Kubernetes states them.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Resources {
    /// What is set aside.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub requests: Option<Amounts>,
    /// What is never exceeded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limits: Option<Amounts>,
}

/// Amounts of the resources that a scheduler counts.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Amounts {
    /// Cores, such as "1" or 500m.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cpu: Option<Cores>,
    /// Memory, such as 2Gi.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory: Option<Memory>,
    /// Scratch space, such as 1Gi.
    #[serde(rename = "ephemeral-storage", skip_serializing_if = "Option::is_none")]
    pub ephemeral_storage: Option<Memory>,
}

/// The database system.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Provider {
    /// MariaDB, through mariadb-operator.
    Mariadb,
    /// PostgreSQL: not supported yet.
    Postgres,
    /// SQLite: not supported yet.
    Sqlite,
}

/// Whether something is in service.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Lifecycle {
    /// In service.
    Active,
    /// On its way out: unprotected, its data still there.
    Retired,
}

/// What becomes of data that nobody serves any more.
#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Data {
    /// It stays where it is.
    #[default]
    Keep,
    /// It is dropped with the last object that leads to it.
    Delete,
}
