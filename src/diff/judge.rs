//! Finds what each change does, with the rules.

use super::tree::ObjectTree;
use super::{compare, rules};
use crate::risk::{
    Action, Finding, KnownOperators, Level, Moves, ObjectChange, On, Operators, Rule, Scene,
};
use std::collections::BTreeMap;

/// Every object that differs, with the findings about it, in the order of the keys. `operators` has
/// the operators of each cluster, by its name.
pub fn diff(
    base: &ObjectTree,
    head: &ObjectTree,
    operators: &BTreeMap<String, Operators>,
) -> Vec<ObjectChange> {
    let mut changes = compare::changes(base, head);
    judge(&mut changes, operators);
    changes
}

/// Adds to each change the findings about it, the riskiest first.
pub(crate) fn judge(changes: &mut [ObjectChange], operators: &BTreeMap<String, Operators>) {
    let rules = rules::all();
    let moves = Moves::of(changes, rules::ties());
    for change in changes {
        let known = KnownOperators(operators.get(&change.key.cluster).copied());
        let mut findings = findings(&rules, Scene { change, field: None, known, moves: &moves });
        findings.sort_by_key(|finding| std::cmp::Reverse(finding.level));
        change.findings = findings;
    }
}

/// The findings of these rules about a change.
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

/// The finding about the change of a field.
fn of_field(rules: &[&Rule], scene: Scene) -> Finding {
    let unknown = || Finding {
        level: Level::Rollout,
        field: scene.field.map(|field| field.field()),
        // A person must look at a change that no rule knows.
        reason: "its operator acts on it".to_owned(),
        instead: None,
    };
    spoken(rules, On::Changes, scene).map_or_else(unknown, |rule| rule.finding(scene))
}

/// The first rule that matches the field of the scene, or the whole object if the scene has no
/// field.
pub(super) fn spoken<'r>(rules: &[&'r Rule], on: On, scene: Scene) -> Option<&'r Rule> {
    rules.iter().copied().find(|rule| rule.speaks(on, scene))
}
