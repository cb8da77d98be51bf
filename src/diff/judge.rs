//! What a change does, as the rules say.

use super::tree::ObjectTree;
use super::{compare, rules};
use crate::risk::{
    Action, Finding, KnownOperators, Level, Moves, ObjectChange, On, Operators, Rule, Scene,
};
use std::collections::BTreeMap;

/// Every object that differs, in the order of their keys, with what that does. `operators` knows the clusters by
/// name.
pub fn diff(
    base: &ObjectTree,
    head: &ObjectTree,
    operators: &BTreeMap<String, Operators>,
) -> Vec<ObjectChange> {
    let mut changes = compare::changes(base, head);
    let rules = rules::all();
    let moves = Moves::of(&changes, rules::ties());
    for change in &mut changes {
        let known = KnownOperators(operators.get(&change.key.cluster).copied());
        let mut findings = findings(&rules, Scene { change, field: None, known, moves: &moves });
        findings.sort_by_key(|finding| std::cmp::Reverse(finding.level));
        change.findings = findings;
    }
    changes
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
