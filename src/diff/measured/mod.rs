//! Compares the rules that block with the answers of a running control plane: the webhooks of
//! mariadb-operator and CloudNativePG, and the schemas of frappe-operator. Each answer is about one
//! changed field of an object that sitewright rendered.
//!
//! A rule that no answer proves names the source where it was read.

#[path = "../../../tests/tools/mod.rs"]
mod tools;

use super::cases::objects::{Rendered, changes, set};
use super::{judge, rules};
use crate::language::Engine;
use crate::operator::Profiles;
use crate::risk::case::patch;
use crate::risk::{KnownOperators, Level, Moves, ObjectChange, On, Operators, Rule, Scene};
use serde::Deserialize;
use serde_json::Value as Json;
use std::fs;

/// The file with the answers of mariadb-operator, in the folder of measurements.
const FILE: &str = "changes-mariadb-operator-26.6.json";
/// The answers of CloudNativePG. `tests/cluster_cloudnative_pg` compares them with its webhook.
const OF_CLOUDNATIVE_PG: &str = include_str!("cloudnative-pg-1.30.json");

#[derive(Deserialize)]
struct Measurements {
    changes: Vec<Measured>,
}

/// One field that changes, and the answer of the control plane.
#[derive(Debug, Deserialize)]
struct Measured {
    kind: String,
    /// Fields that the object has in addition to the rendered ones.
    #[serde(default)]
    given: Json,
    field: String,
    to: Json,
    answer: Answer,
}

#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
enum Answer {
    Accepted,
    Refused,
}

/// Changes that are accepted and have no effect. A rule blocks them too.
const EXCEPTIONS: [(&str, &str); 6] = [
    // `ensureIngress` in `controllers/frappesite_ingress.go` of frappe-operator 2.6.4.
    ("FrappeSite", "spec.domain"),
    ("FrappeSite", "spec.tls.enabled"),
    // `ensureBenchStorage` in `controllers/frappebench_resources.go` of frappe-operator 2.3.0.
    ("FrappeBench", "spec.storageClassName"),
    // `createPrimaryInstance` in `internal/controller/cluster_create.go` of CloudNativePG 1.30.0.
    ("Cluster", "spec.bootstrap.initdb.localeCollate"),
    // The rules of the schema compare only values that are there before and after, and `ALTER DATABASE` of
    // `internal/management/controller/database_controller_sql.go` has none of these fields.
    ("Database.postgresql.cnpg.io", "spec.locale"),
    ("Database.postgresql.cnpg.io", "spec.encoding"),
];

/// The measurements. `None` if the folder is missing.
fn measured() -> Option<Vec<Measured>> {
    let path = tools::needed("measured")?.join(FILE);
    let text = fs::read_to_string(&path).unwrap_or_else(|why| panic!("{}: {why}", path.display()));
    let all = [text.as_str(), OF_CLOUDNATIVE_PG].into_iter().flat_map(|text| {
        let Measurements { changes } = serde_json::from_str(text).unwrap();
        assert!(!changes.is_empty(), "nothing was measured: {text}");
        changes
    });
    Some(all.collect())
}

/// The measured change of a rendered object. `None` if it changes nothing.
fn of_rendered(rendered: &Rendered, measured: &Measured) -> Option<ObjectChange> {
    let mut before = rendered.object(&measured.kind);
    if !measured.given.is_null() {
        patch(&mut before, &measured.given);
    }
    let mut after = before.clone();
    set(&mut after, &measured.field, &measured.to);
    changes(&[before], &[after]).pop()
}

/// Judges a change in a cluster with the measured operators.
fn looked_at<T>(change: &ObjectChange, look: impl FnOnce(Scene) -> T) -> T {
    let known = Operators { profiles: Profiles::of_cases(), engine: Engine::Flux };
    look(Scene {
        change,
        field: None,
        known: KnownOperators(Some(known)),
        moves: &Moves::default(),
    })
}

/// The highest risk of a change.
fn level(change: &ObjectChange) -> Level {
    let findings = looked_at(change, |scene| judge::findings(&rules::all(), scene));
    findings.iter().map(|finding| finding.level).max().unwrap_or(Level::None)
}

/// The rules that match the fields of a change.
fn speaking(change: &ObjectChange) -> Vec<&'static Rule> {
    let rules = rules::all();
    looked_at(change, |scene| {
        let fields = change.fields.iter().map(|field| Scene { field: Some(field), ..scene });
        fields.filter_map(|scene| judge::spoken(&rules, On::Changes, scene)).collect()
    })
}

#[test]
fn what_was_refused_is_blocked_and_what_was_accepted_is_not() {
    let Some(measurements) = measured() else { return };
    let rendered = Rendered::new();
    let mut wrong = Vec::new();
    let mut exceptions = EXCEPTIONS.to_vec();
    for measured in measurements {
        let Some(change) = of_rendered(&rendered, &measured) else {
            wrong.push(format!("changes nothing: {measured:?}"));
            continue;
        };
        let level = level(&change);
        let is_right = match measured.answer {
            Answer::Refused => level >= Level::Blocked,
            Answer::Accepted => level != Level::Blocked,
        };
        let is_it = |exception: &(&str, &str)| {
            measured.answer == Answer::Accepted
                && *exception == (measured.kind.as_str(), measured.field.as_str())
        };
        let exception = exceptions.iter().position(is_it).map(|at| exceptions.remove(at));
        if is_right == exception.is_some() {
            wrong.push(format!("{}, exception {exception:?}: {measured:?}", level.name()));
        }
    }
    wrong.extend(exceptions.iter().map(|exception| format!("nobody measured {exception:?}")));
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn a_rule_that_blocks_was_measured_or_says_where_it_was_read() {
    let Some(measurements) = measured() else { return };
    let rendered = Rendered::new();
    let refused = measurements.iter().filter(|measured| measured.answer == Answer::Refused);
    let changes = refused.filter_map(|measured| of_rendered(&rendered, measured));
    let proven: Vec<&Rule> = changes.flat_map(|change| speaking(&change)).collect();
    let mut wrong = Vec::new();
    for rule in rules::all().into_iter().filter(|rule| rule.level == Level::Blocked) {
        match (proven.contains(&rule), rule.source) {
            (true, Some(_)) => wrong.push(format!("measured, so it needs no source: {rule:?}")),
            (false, None) => wrong.push(format!("neither measured nor with a source: {rule:?}")),
            (true, None) | (false, Some(_)) => {}
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
