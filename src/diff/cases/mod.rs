//! Judges the cases of every table. The tests leave out each row, and each condition of each row. A
//! case must then be judged wrongly.

pub(super) mod objects;

use super::{judge, rules};
use crate::language::Engine;
use crate::operator::{FrappeVersion, Profiles};
use crate::risk::case::{Case, patch};
use crate::risk::{Action, Level, Moves, ObjectChange, Operators, Rule, Scene};
use objects::{Rendered, changes};
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;

/// Every case.
fn all() -> Vec<Case> {
    rules::tables().flat_map(|table| (table.cases)()).collect()
}

/// The kind of a case's object, without its API group.
fn kind(case: &Case) -> &'static str {
    case.kind.split('.').next().unwrap_or_default()
}

/// A case with its change.
struct Prepared {
    case: Case,
    /// `None` if nothing changes.
    change: Option<ObjectChange>,
    moves: Moves,
}

fn prepared() -> Vec<Prepared> {
    let rendered = Rendered::new();
    all().into_iter().map(|case| Prepared::of(case, &rendered)).collect()
}

impl Prepared {
    fn of(case: Case, rendered: &Rendered) -> Self {
        let mut object = rendered.object(case.kind);
        let beside = case.beside.as_ref().map(|by| {
            let mut beside = object.clone();
            patch(&mut beside, by);
            patch(&mut beside, &json!({"metadata": {"name": "beside"}}));
            beside
        });
        case.before.iter().for_each(|by| patch(&mut object, by));
        let mut before: Vec<Json> = beside.into_iter().collect();
        before.extend((case.action != Action::Added).then(|| object.clone()));
        case.after.iter().for_each(|by| patch(&mut object, by));
        let name = object["metadata"]["name"].clone();
        let mut after: Vec<Json> =
            (case.action != Action::Removed).then_some(object).into_iter().collect();
        after.extend(case.along.as_ref().map(|(kind, by)| {
            let mut along = rendered.object(kind);
            patch(&mut along, by);
            along
        }));
        if let Some((kind, [first, second])) = &case.reader {
            let mut reader = rendered.object(kind);
            patch(&mut reader, first);
            before.push(reader.clone());
            patch(&mut reader, second);
            after.push(reader);
        }
        let changes = changes(&before, &after);
        let moves = Moves::of(&changes, rules::ties());
        let change = changes
            .into_iter()
            .find(|change| change.key.kind == kind(&case) && change.key.name == name);
        assert!(change.as_ref().is_none_or(|change| change.action == case.action));
        let by = [&case.before[..], &case.after[..]].concat();
        assert_eq!(change.is_none(), case.is_none, "{} by {}", case.kind, json!(by));
        Self { case, change, moves }
    }

    /// The cases that these rules judge wrongly.
    fn wrong(&self, rules: &[&Rule]) -> Option<String> {
        let Self { case, change, moves } = self;
        let Case { kind, known, field, level, words, advice, .. } = case;
        let findings = change.as_ref().map_or(Vec::new(), |change| {
            judge::findings(rules, Scene { change, field: None, known: *known, moves })
        });
        let found = findings.into_iter().find(|finding| finding.field == *field);
        let said = found.as_ref().map_or(String::new(), |finding| {
            format!("{}; {}", finding.reason, finding.instead.as_deref().unwrap_or_default())
        });
        let found = found.map_or(Level::None, |finding| finding.level);
        let is_said = said.contains(words) && (*advice || said.ends_with("; "));
        // No finding may name another version of frappe-operator than the cluster's.
        let is_strange = |version: FrappeVersion| {
            let id = version.profile().id;
            !known.has(|it| it.profiles.frappe.id == id)
                && said.contains(&format!("frappe-operator {id}"))
        };
        let is_strange = FrappeVersion::ALL.into_iter().any(is_strange);
        let is_filled = !said.contains(['{', '}']);
        let is_right = found == *level && is_said && is_filled && !is_strange;
        let field = field.as_deref().unwrap_or_default();
        (!is_right).then(|| {
            let by = [&case.before[..], &case.after[..]].concat();
            format!(
                "{found:?} {said:?}, not {level:?} {words:?}: {kind} {:?} {field} by {}",
                case.action,
                json!(by)
            )
        })
    }
}

#[test]
fn every_change_is_judged_as_its_case_says() {
    let rules = rules::all();
    let wrong: Vec<String> = prepared().iter().filter_map(|case| case.wrong(&rules)).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn the_riskiest_finding_of_a_change_comes_first() {
    let base = Rendered::new().object("MariaDB");
    let mut head = base.clone();
    let spec =
        json!({"replicas": 3, "storage": {"size": "1Gi"}, "terminationGracePeriodSeconds": 5});
    patch(&mut head, &json!({ "spec": spec }));
    let mut changes = changes(&[base], &[head]);
    judge::judge(&mut changes, &BTreeMap::new());
    let levels: Vec<Level> = changes[0].findings.iter().map(|it| it.level).collect();
    assert_eq!(levels.first(), Some(&Level::DataLoss), "{levels:?}");
    assert!(levels.is_sorted_by(|one, next| one >= next) && levels.len() > 2, "{levels:?}");
}

#[test]
fn only_the_engine_of_the_changes_own_cluster_counts() {
    let secret = Rendered::new().object("Secret");
    let known = Operators { profiles: Profiles::of_cases(), engine: Engine::Argocd };
    let advice = |cluster: &str| {
        let mut changes = changes(std::slice::from_ref(&secret), &[]);
        judge::judge(&mut changes, &BTreeMap::from([(cluster.to_owned(), known)]));
        format!("{:?}", changes[0].findings)
    };
    assert!(advice("eu").contains("Prune=false"), "{}", advice("eu"));
    assert!(!advice("us").contains("Prune=false"), "{}", advice("us"));
}

/// Whether a case is judged wrongly if another rule replaces this one, or if this one is removed.
fn is_seen(cases: &[Prepared], at: usize, other: Option<Rule>) -> bool {
    let all = rules::all();
    let other = other.as_ref();
    let rules: Vec<&Rule> = [&all[..at], other.as_slice(), &all[at + 1..]].concat();
    let is_of = |kind: &str| all[at].kinds.split(' ').any(|of| of == "*" || of == kind);
    let mut cases = cases.iter().filter(|prepared| is_of(kind(&prepared.case)));
    cases.any(|case| case.wrong(&rules).is_some())
}

/// Leaks a list or text, because a rule holds only constants.
fn kept<T: ?Sized>(value: Box<T>) -> &'static T {
    Box::leak(value)
}

#[test]
fn no_rule_can_be_left_out_of_any_kind() {
    let cases = prepared();
    let mut unseen = Vec::new();
    for (at, rule) in rules::all().into_iter().enumerate() {
        for kind in rule.kinds.split(' ') {
            let others: Vec<&str> = rule.kinds.split(' ').filter(|other| *other != kind).collect();
            let kinds = kept(others.join(" ").into_boxed_str());
            let other = (!kinds.is_empty()).then_some(Rule { kinds, ..*rule });
            if !is_seen(&cases, at, other) {
                unseen.push(format!("of {kind}: {rule:?}"));
            }
        }
    }
    assert!(unseen.is_empty(), "no case needs {unseen:#?}");
}

#[test]
fn no_condition_can_be_left_out_of_a_rule() {
    let cases = prepared();
    let mut unseen = Vec::new();
    for (at, rule) in rules::all().into_iter().enumerate() {
        for (place, condition) in rule.when.iter().enumerate() {
            let mut when = rule.when.to_vec();
            when.remove(place);
            let other = Rule { when: kept(when.into_boxed_slice()), ..*rule };
            if !is_seen(&cases, at, Some(other)) {
                unseen.push(format!("{condition:?} of {rule:?}"));
            }
        }
    }
    assert!(unseen.is_empty(), "no case needs {unseen:#?}");
}
