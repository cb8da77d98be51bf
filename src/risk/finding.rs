//! What is said of a change.

use schemars::JsonSchema;
use serde::Serialize;

/// How much a change may cost, the least first.
#[derive(Clone, Copy, Debug, JsonSchema, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Level {
    /// Nothing: labels, notes.
    None,
    /// Something restarts, moves or is out of service for a while.
    Rollout,
    /// A password changes, or who may do what.
    Credential,
    /// The operator or the API server will refuse it, or it has no effect.
    Blocked,
    /// A database is dropped, orphaned or replaced by an empty one.
    DataLoss,
}

impl Level {
    /// Every level.
    pub const ALL: [Level; 5] =
        [Level::None, Level::Rollout, Level::Credential, Level::Blocked, Level::DataLoss];

    /// The word in reports and on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Level::None => "none",
            Level::Rollout => "rollout",
            Level::Credential => "credential",
            Level::Blocked => "blocked",
            Level::DataLoss => "data-loss",
        }
    }
}

/// What a change does, and what to do instead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// How much it may cost.
    pub level: Level,
    /// The field, such as `spec.storage.size`; nothing where the object comes or goes.
    pub field: Option<String>,
    /// What happens.
    pub reason: String,
    /// What to do instead or besides.
    pub instead: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_are_ordered_as_they_cost() {
        assert!(Level::ALL.is_sorted());
    }
}
