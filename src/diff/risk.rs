//! What a change does, as the rules say.

use super::compare::{Action, ObjectChange};
use super::condition::Scene;
use super::moves::Moves;
use super::operators::{Known, Operators};
use super::rules::{self, On, Rule};
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeMap;

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

/// Finds what each change does.
pub(super) fn judge(changes: &mut [ObjectChange], operators: &BTreeMap<String, Operators>) {
    judge_by(&rules::all(), changes, operators);
}

/// The same by these rules.
pub(super) fn judge_by(
    rules: &[&Rule],
    changes: &mut [ObjectChange],
    operators: &BTreeMap<String, Operators>,
) {
    let moves = Moves::of(changes);
    for change in changes {
        let known = Known(operators.get(&change.key.cluster).copied());
        let mut findings = findings(rules, Scene { change, field: None, known, moves: &moves });
        findings.sort_by_key(|finding| std::cmp::Reverse(finding.level));
        change.findings = findings;
    }
}

/// What a change does, by these rules.
pub(super) fn findings(rules: &[&Rule], scene: Scene) -> Vec<Finding> {
    let whole = |on| spoken(rules, on, scene).map(|rule| rule.finding(scene));
    match scene.change.action {
        Action::Added => whole(On::Comes).into_iter().collect(),
        Action::Removed => whole(On::Goes).into_iter().collect(),
        Action::Changed => {
            let fields = scene.change.fields.iter();
            let fields = fields.map(|field| of_field(rules, Scene { field: Some(field), ..scene }));
            fields.chain(whole(On::Changes)).collect()
        }
    }
}

/// What the change of a field does.
fn of_field(rules: &[&Rule], scene: Scene) -> Finding {
    let unknown = || Finding {
        level: Level::Rollout,
        field: scene.field.map(|field| field.field()),
        // What no rule knows is looked at by a person.
        reason: "its operator acts on it".to_owned(),
        instead: None,
    };
    spoken(rules, On::Changes, scene).map_or_else(unknown, |rule| rule.finding(scene))
}

/// The first rule that speaks: of the scene's field, or of the object where there is none.
pub(super) fn spoken<'r>(rules: &[&'r Rule], on: On, scene: Scene) -> Option<&'r Rule> {
    rules.iter().copied().find(|rule| rule.speaks(on, scene))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_are_ordered_as_they_cost() {
        assert!(Level::ALL.is_sorted());
    }
}
