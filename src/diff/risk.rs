//! What a change does: rules per field, and what only several objects together show.

use super::compare::{Action, FieldChange, ObjectChange};
use super::going;
use super::rules::{RULES, Rule, Test};
use super::server;
use super::tree::Object;
use super::value::{duration, quantity};
use crate::operator;
use crate::source::node::{Node, Value};
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
    /// What to do instead.
    pub instead: Option<String>,
}

/// What is known of a cluster besides its manifests.
#[derive(Clone, Copy, Debug)]
pub struct Operators {
    /// What mariadb-operator does, after the change.
    pub mariadb: &'static operator::Mariadb,
    /// What frappe-operator does, after the change.
    pub frappe: &'static operator::Frappe,
}

/// Finds what each change does.
pub(super) fn judge(changes: &mut [ObjectChange], operators: &BTreeMap<String, Operators>) {
    for change in changes.iter_mut() {
        let known = operators.get(&change.key.cluster).copied();
        let mut findings: Vec<Finding> = match change.action {
            // Later, when it was retired, nobody looks at it again.
            Action::Added => going::comes(change).into_iter().collect(),
            Action::Removed => {
                vec![going::goes(change, known)]
            }
            Action::Changed => change.fields.iter().map(|f| field(change, f, known)).collect(),
        };
        findings.sort_by_key(|finding| std::cmp::Reverse(finding.level));
        change.findings = findings;
    }
    renamed(changes);
}

/// A site that goes while one of the same siteName comes was renamed: to the operators, that is another
/// site, with an empty database.
fn renamed(changes: &mut [ObjectChange]) {
    let site_name = |object: &Option<Object>| {
        object.as_ref().and_then(|object| object.text(&["spec", "siteName"])).map(str::to_owned)
    };
    let is_site =
        |change: &ObjectChange, action| change.key.kind == "FrappeSite" && change.action == action;
    let gone: BTreeMap<String, String> = changes
        .iter()
        .filter(|change| is_site(change, Action::Removed))
        .filter_map(|change| {
            let key = &change.key;
            let name = format!("{}/{}/{}", key.cluster, key.namespace, key.name);
            Some((site_name(&change.base)?, name))
        })
        .collect();
    for change in changes.iter_mut().filter(|change| is_site(change, Action::Added)) {
        let came = site_name(&change.head);
        let Some(old) = came.and_then(|name| gone.get(&name)) else { continue };
        change.findings.push(Finding {
            level: Level::DataLoss,
            field: None,
            reason: format!("it has the siteName of `{old}`, which goes: a new site starts empty"),
            instead: Some("keep the file's name, namespace and cluster; folders may change".into()),
        });
    }
}

/// What the change of a field does.
fn field(change: &ObjectChange, field: &FieldChange, operators: Option<Operators>) -> Finding {
    let (level, reason, instead) = match rule(change, field, operators) {
        Some(rule) => (rule.level, rule.reason, rule.instead),
        // What no rule knows is looked at by a person.
        None => (Level::Rollout, "its operator acts on it", ""),
    };
    Finding {
        level,
        field: Some(field.field()),
        reason: reason.to_owned(),
        instead: (!instead.is_empty()).then(|| instead.to_owned()),
    }
}

/// The first rule that speaks of the change of a field.
pub(super) fn rule(
    change: &ObjectChange,
    field: &FieldChange,
    operators: Option<Operators>,
) -> Option<&'static Rule> {
    let name = field.field();
    let speaks = |rule: &&Rule| {
        let is_of = rule.kind == "*" || rule.kind == change.key.kind;
        is_of && covers(rule.field, &name) && passes(rule.test, change, field, operators)
    };
    RULES.iter().find(speaks)
}

/// Whether a rule's field is this one or above it.
fn covers(rule: &str, field: &str) -> bool {
    match field.strip_prefix(rule) {
        Some(rest) => rest.is_empty() || rest.starts_with('.'),
        None => false,
    }
}

fn passes(
    test: Test,
    change: &ObjectChange,
    field: &FieldChange,
    operators: Option<Operators>,
) -> bool {
    let text = |node: &Option<Node>| -> Option<String> {
        match &node.as_ref()?.value {
            Value::String(text) => Some(text.to_string()),
            Value::Int(number) => Some(number.to_string()),
            Value::Bool(value) => Some(value.to_string()),
            _ => None,
        }
    };
    let (old, new) = (text(&field.old), text(&field.new));
    let (base, head) = (change.base.as_ref(), change.head.as_ref());
    match test {
        Test::Any | Test::Stated => true,
        Test::Born => false,
        Test::To(wanted) => new.as_deref() == Some(wanted),
        Test::DeletesVolumes => {
            // The field, or the map that it stands in.
            let within = field.new.as_ref().and_then(|node| node.get("whenDeleted")?.as_str());
            let is_it = field.path.last().is_some_and(|key| key == "whenDeleted");
            within.or(new.as_deref().filter(|_| is_it)) == Some("Delete")
        }
        Test::WasSet => field.old.is_some(),
        Test::Generation => {
            let is_it = field.path.last().is_some_and(|key| is_generation(key));
            is_it && field.old.is_some() && field.new.is_some()
        }
        Test::Restates(wanted) => {
            let stated = new.as_deref().and_then(duration);
            field.old.is_none() && stated.is_some() && stated == duration(wanted)
        }
        Test::Gone => field.new.is_none(),
        Test::TakesData => head.is_some_and(|it| going::takes_data_along(it).is_some()),
        Test::Unprotected => head.is_none_or(|head| !going::is_protected(head)),
        Test::FixedPods => operators.is_some_and(|known| known.mariadb.pod_fields_are_immutable),
        Test::FixedRoot => {
            let is_fixed = |known: Operators| !known.mariadb.rotates_root_password;
            change.key.name.ends_with("-root") && operators.is_some_and(is_fixed)
        }
        Test::Retired => going::is_retired(head),
        Test::Smaller => old.zip(new).is_some_and(|(old, new)| {
            // What cannot be compared may be.
            quantity(&old).zip(quantity(&new)).is_none_or(|(old, new)| new < old)
        }),
        Test::OlderImage => {
            let is_server = change.key.kind == "MariaDB";
            old.zip(new).is_some_and(|(old, new)| is_older(&old, &new, is_server))
        }
        Test::Narrower => loses_items(field),
        Test::TwoPasswords => head.is_some_and(has_two_passwords),
        Test::Topology => base.map(server::topology) != head.map(server::topology),
        Test::WrongCount => head.is_some_and(|head| !server::takes_its_replicas(head)),
        Test::HasBudget => base.is_some_and(server::has_budget),
    }
}

/// Whether a list has lost items, other than to the privilege that holds all.
fn loses_items(field: &FieldChange) -> bool {
    let items = |node: &Option<Node>| match node.as_ref().map(|node| &node.value) {
        Some(Value::List(items)) => items.clone(),
        _ => Vec::new(),
    };
    let new = items(&field.new);
    let has = |name: &str| new.iter().any(|node| node.as_str() == Some(name));
    let keeps =
        |node: &Node| has("ALL PRIVILEGES") || new.iter().any(|other| other.value == node.value);
    !items(&field.old).iter().all(keeps)
}

/// Whether a User has more kinds of password than the one that it may have.
fn has_two_passwords(user: &Object) -> bool {
    const KINDS: [&[&str]; 3] = [
        &["spec", "passwordSecretKeyRef"],
        &["spec", "passwordHashSecretKeyRef"],
        &["spec", "passwordPlugin", "pluginNameSecretKeyRef"],
    ];
    KINDS.iter().filter(|path| user.at(path).is_some()).count() > 1
}

/// Whether an image or version is older than the one before it. Of a branch such as `version-15`, only what
/// it says is known.
fn is_older(old: &str, new: &str, is_server: bool) -> bool {
    let version = |text| version(text, is_server);
    let (Some(old), Some(new)) = (version(old), version(new)) else { return false };
    old.iter().zip(&new).find(|(old, new)| old != new).is_some_and(|(old, new)| new < old)
}

/// Whether an annotation of ours tells how many values a password has had.
fn is_generation(key: &str) -> bool {
    key.strip_prefix("sitewright/").is_some_and(|key| key.ends_with("generation"))
}

/// The version in an image's tag or a version's name: `mariadb:10.11.6` is 10.11, `version-15` is 15, and
/// `v15.90.1` all three. Of MariaDB's versions the first two numbers count, as data files do. `develop`, where
/// Frappe's next version is made, is newer than all that are out.
fn version(text: &str, is_server: bool) -> Option<Vec<u32>> {
    let (text, _) = text.split_once('@').unwrap_or((text, ""));
    // A registry may have a port, and a branch a `/`.
    let name = text.rsplit_once('/').map_or(text, |(_, name)| name);
    let tag = name.split_once(':').map_or(name, |(_, tag)| tag);
    if tag == "develop" {
        return Some(vec![u32::MAX]);
    }
    let start = tag.find(|c: char| c.is_ascii_digit())?;
    let end = tag[start..].find(|c: char| !c.is_ascii_digit() && c != '.');
    let number = &tag[start..end.map_or(tag.len(), |end| start + end)];
    let parts: Vec<u32> = number.split('.').map_while(|part| part.parse().ok()).collect();
    let count = if is_server { 2 } else { 3 };
    (!parts.is_empty()).then(|| parts.into_iter().take(count).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_older_where_it_says_so() {
        for (old, new) in [
            ("v15.90.1", "v15.10.0"),
            ("v15.90.1", "v15.90.0"),
            ("version-15", "version-14"),
            ("release/version-15", "release/version-14"),
            ("v15.2.0", "version-14"),
            ("develop", "version-15"),
            ("frappe:v16.0.0", "frappe:v15.90.1"),
        ] {
            assert!(is_older(old, new, false) && !is_older(new, old, false), "{old} {new}");
        }
        for (one, other) in [("v15.90.1", "version-15"), ("latest", "v15"), ("v15", "v15")] {
            assert!(!is_older(one, other, false) && !is_older(other, one, false), "{one} {other}");
        }
    }

    #[test]
    fn versions_of_servers_are_compared_by_what_their_data_files_mean() {
        for (old, new) in [
            ("mariadb:10.11.6", "mariadb:10.6"),
            ("mariadb:11.8@sha256:1a", "mariadb:10.6@sha256:9a"),
            ("registry.example:5000/db/maria:11.8", "registry.example:5000/db/maria:11.4"),
        ] {
            assert!(is_older(old, new, true) && !is_older(new, old, true), "{old} {new}");
        }
        for (one, other) in [
            ("docker.io/library/mariadb:10.11.6", "mariadb:10.11"),
            ("mariadb:10.11@sha256:9a", "mariadb:10.11@sha256:1a"),
            ("registry.example:5000/mariadb", "registry.example:5001/mariadb"),
        ] {
            assert!(!is_older(one, other, true) && !is_older(other, one, true), "{one} {other}");
        }
    }

    #[test]
    fn every_rule_says_what_happens_and_what_to_do_against_the_worst() {
        for rule in RULES {
            assert_eq!(rule.reason.is_empty(), rule.level == Level::None, "{rule:?}");
            let needs_advice = rule.level >= Level::Blocked;
            assert!(!needs_advice || !rule.instead.is_empty(), "{rule:?}");
        }
    }

    #[test]
    fn a_rule_covers_its_field_and_what_is_below() {
        assert!(covers("spec.myCnf", "spec.myCnf") && covers("spec", "spec.a.b"));
        assert!(!covers("spec.my", "spec.myCnf") && !covers("spec.a.b", "spec.a"));
    }

    #[test]
    fn levels_are_ordered_as_they_cost() {
        assert!(Level::ALL.is_sorted());
    }
}
