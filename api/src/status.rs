//! What the reconciler writes.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The state of a site's database.
#[derive(Clone, Debug, Default, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SiteDatabaseStatus {
    /// The generation of the SiteDatabase that this status describes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub observed_generation: Option<i64>,
    /// Whether the database is ready, where it is, and the last error.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub database_status: Option<DatabaseStatus>,
    /// The condition `Ready`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub conditions: Vec<Condition>,
}

/// Whether a database is ready, where it is, and the last error.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DatabaseStatus {
    /// How far the database is.
    pub phase: Phase,
    /// The host name of the database server.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host: Option<String>,
    /// The port of the database server.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<i32>")]
    pub port: Option<u16>,
    /// The name of the database.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub database: Option<String>,
    /// What keeps the database from being ready: one line of at most 1,024 bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_error: Option<String>,
}

/// How far a database is.
#[derive(
    Clone, Copy, Debug, Deserialize, Eq, Hash, JsonSchema, Ord, PartialEq, PartialOrd, Serialize,
)]
pub enum Phase {
    /// All objects are ready.
    Ready,
    /// Every object has a status, and some are on their way.
    Provisioning,
    /// An object is missing, or has no status yet.
    Pending,
    /// An object needs a person, or has failed for longer than the grace period.
    Failed,
}

impl Phase {
    /// All phases, the best first.
    pub const ALL: [Self; 4] = [Self::Ready, Self::Provisioning, Self::Pending, Self::Failed];

    /// The word that the status has.
    pub fn word(self) -> &'static str {
        match self {
            Self::Ready => "Ready",
            Self::Provisioning => "Provisioning",
            Self::Pending => "Pending",
            Self::Failed => "Failed",
        }
    }
}

/// One condition, in the form that Kubernetes gives it.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Condition {
    /// What the condition is about: `Ready`.
    #[serde(rename = "type")]
    pub type_: String,
    /// Whether it holds.
    pub status: ConditionStatus,
    /// The generation of the SiteDatabase that was looked at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub observed_generation: Option<i64>,
    /// When the status last changed: RFC 3339, in UTC, to the second.
    #[schemars(extend("format" = "date-time"))]
    pub last_transition_time: String,
    /// Why the status is what it is: one word.
    // A list in the CRD would make an older CRD refuse the statuses of a newer reconciler.
    #[schemars(with = "String")]
    pub reason: Reason,
    /// The same for people.
    pub message: String,
}

/// Whether a condition holds.
#[derive(Clone, Copy, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub enum ConditionStatus {
    /// It holds.
    True,
    /// It does not.
    False,
    /// Nobody knows.
    Unknown,
}

/// Why the condition `Ready` is what it is.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, JsonSchema, PartialEq, Serialize)]
pub enum Reason {
    /// All objects are ready.
    DatabaseReady,
    /// An object does not exist.
    ObjectMissing,
    /// An object has no status yet, or one of an older generation.
    WaitingForOperator,
    /// An object is on its way.
    Provisioning,
    /// An object failed a moment ago. Its operator tries again.
    Retrying,
    /// An object has failed for longer than the grace period.
    ProvisioningFailed,
    /// An object is in a state that only a person ends.
    NeedsAttention,
    /// An object is being deleted.
    Deleting,
    /// A type that the site's objects have is not installed in the cluster.
    TypeMissing,
}
