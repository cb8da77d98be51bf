//! A finding: what a change does, and what to do.

use schemars::JsonSchema;
use serde::Serialize;

/// The risk of a change, the lowest first.
#[derive(Clone, Copy, Debug, JsonSchema, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Level {
    /// No effect on the running fleet: labels, annotations, the order of things.
    None,
    /// Something restarts, moves or is out of service for a while.
    Rollout,
    /// A password changes, or the change affects who may do what.
    Credential,
    /// The operator or the API server will refuse the change, or the change has no effect.
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

    /// What happens at this level, in a few words.
    pub fn meaning(self) -> &'static str {
        match self {
            Level::None => "nothing happens",
            Level::Rollout => "something restarts, moves or is out of service for a while",
            Level::Credential => "a password changes, or who may do what",
            Level::Blocked => "the operator or the API server will refuse it, or it has no effect",
            Level::DataLoss => "a database is dropped, orphaned or replaced by an empty one",
        }
    }
}

/// One finding about a change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The risk.
    pub level: Level,
    /// The field, such as `spec.storage.size`. `None` if the object is added or removed.
    pub field: Option<String>,
    /// What happens.
    pub reason: String,
    /// What to do instead, or in addition.
    pub instead: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn levels_are_ordered_as_they_cost() {
        assert!(Level::ALL.is_sorted());
    }

    #[test]
    fn no_two_levels_are_told_alike() {
        let names: BTreeSet<&str> = Level::ALL.into_iter().map(Level::name).collect();
        let meanings: BTreeSet<&str> = Level::ALL.into_iter().map(Level::meaning).collect();
        assert_eq!((names.len(), meanings.len()), (Level::ALL.len(), Level::ALL.len()));
    }
}
