//! The fields that several kinds share: references to Secrets, CPU and memory, the database system,
//! and the life cycle of a definition.

use super::values::{Cores, Memory, ResourceName};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A Secret in the same namespace.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SecretRef {
    /// The name of the Secret.
    pub name: Option<ResourceName>,
}

/// CPU and memory, as Kubernetes states them.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Resources {
    /// The amounts that the scheduler reserves.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub requests: Option<Amounts>,
    /// The amounts that a container may not exceed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limits: Option<Amounts>,
}

/// Amounts of CPU, memory and scratch space.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Amounts {
    /// CPU cores, such as "1" or 500m.
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
    /// PostgreSQL, through CloudNativePG.
    Postgres,
    /// SQLite: not supported, because no version of frappe-operator creates a working site on it.
    Sqlite,
}

impl Provider {
    /// The word for it in definitions.
    pub const fn name(self) -> &'static str {
        match self {
            Provider::Mariadb => "mariadb",
            Provider::Postgres => "postgres",
            Provider::Sqlite => "sqlite",
        }
    }

    /// A short text for a definition of this system.
    pub const fn stated(self) -> &'static str {
        match self {
            Provider::Mariadb => "with `provider: mariadb`",
            Provider::Postgres => "with `provider: postgres`",
            Provider::Sqlite => "with `provider: sqlite`",
        }
    }
}

/// Something that a site uses although its authors do not support it.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Acknowledgement {
    /// ERPNext on PostgreSQL.
    PostgresErpnext,
}

impl Acknowledgement {
    /// The word for it in definitions.
    pub const fn name(self) -> &'static str {
        match self {
            Acknowledgement::PostgresErpnext => "postgres-erpnext",
        }
    }
}

/// Whether a definition is active.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Lifecycle {
    /// Active.
    Active,
    /// You will remove it next: it is no longer protected, and its data still exists.
    Retired,
}

impl Lifecycle {
    /// The word for it in definitions.
    pub const fn name(self) -> &'static str {
        match self {
            Lifecycle::Active => "active",
            Lifecycle::Retired => "retired",
        }
    }
}

/// What happens to the data of a retired definition when its file is deleted.
#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Data {
    /// The data stays where it is.
    #[default]
    Keep,
    /// The data is deleted together with its last object.
    Delete,
}
