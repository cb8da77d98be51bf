//! What a change does: rules per field, and what only several objects together show.

use super::compare::{Action, FieldChange, ObjectChange};
use super::rules::{RULES, Rule, Test};
use super::tree::Object;
use super::value::quantity;
use crate::language::{FrappeOperator, MariadbOperator};
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
    /// The operator or the API server will refuse it.
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
    /// The version of mariadb-operator, after the change.
    pub mariadb: MariadbOperator,
    /// The version of frappe-operator, after the change.
    pub frappe: FrappeOperator,
}

/// Finds what each change does.
pub(super) fn judge(changes: &mut [ObjectChange], operators: &BTreeMap<String, Operators>) {
    for change in changes.iter_mut() {
        let mut findings = match change.action {
            Action::Added => Vec::new(),
            Action::Removed => {
                vec![removed(change, operators.get(&change.key.cluster).copied())]
            }
            Action::Changed => {
                let operators = operators.get(&change.key.cluster).copied();
                change.fields.iter().map(|f| field(change, f, operators)).collect()
            }
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
    let is_site = |change: &&ObjectChange| change.key.kind == "FrappeSite";
    let gone: Vec<(String, String)> = changes
        .iter()
        .filter(is_site)
        .filter(|change| change.action == Action::Removed)
        .filter_map(|change| {
            let key = &change.key;
            let name = format!("{}/{}/{}", key.cluster, key.namespace, key.name);
            Some((site_name(&change.base)?, name))
        })
        .collect();
    for change in changes.iter_mut().filter(|change| change.action == Action::Added) {
        let came = site_name(&change.head);
        let Some((_, old)) = gone.iter().find(|(name, _)| Some(name) == came.as_ref()) else {
            continue;
        };
        change.findings.push(Finding {
            level: Level::DataLoss,
            field: None,
            reason: format!("it has the siteName of `{old}`, which goes: a new site starts empty"),
            instead: Some("keep the file's name, namespace and cluster; folders may change".into()),
        });
    }
}

/// Whether an object says that its definition was on its way out.
fn was_retired(object: Option<&Object>) -> bool {
    let mark = ["metadata", "annotations", crate::manifest::LIFECYCLE];
    object.and_then(|object| object.text(&mark)) == Some("retired")
}

/// Whether a GitOps engine leaves an object in the cluster whose file is gone.
fn is_protected(object: &Object) -> bool {
    let of = |annotation| object.text(&["metadata", "annotations", annotation]);
    let by_flux = of("kustomize.toolkit.fluxcd.io/prune") == Some("disabled");
    let by_argo = of("argocd.argoproj.io/sync-options").unwrap_or_default().contains("Prune=false");
    by_flux || by_argo
}

/// What else goes with an object that was retired, by its kind.
fn drops(object: &Object, kind: &str, operators: Option<Operators>) -> Option<&'static str> {
    let says = |path: &[&str]| object.text(path) == Some("Delete");
    match kind {
        "Database" if says(&["spec", "cleanupPolicy"]) => {
            Some("the database is dropped, as `data: delete` said")
        }
        "MariaDB" if says(&["spec", "storage", "pvcRetentionPolicy", "whenDeleted"]) => {
            Some("the volumes go with the server, as `data: delete` said")
        }
        // Before a version is known, the one that drops.
        "FrappeSite" if operators.is_none_or(|known| known.frappe >= FrappeOperator::V2_6) => {
            Some("frappe-operator 2.6 drops the site with its database, and makes no backup")
        }
        _ => None,
    }
}

/// What the removal of an object does.
fn removed(change: &ObjectChange, operators: Option<Operators>) -> Finding {
    let finding = |level, reason: &str, instead: Option<&str>| Finding {
        level,
        field: None,
        reason: reason.to_owned(),
        instead: instead.map(str::to_owned),
    };
    let holds_data = matches!(
        change.key.kind.as_str(),
        "Database" | "MariaDB" | "FrappeSite" | "FrappeBench" | "ExternalMariaDB"
    );
    let retire =
        Some("state `lifecycle: retired`, merge that, and remove the file in a later change");
    let retired = change.base.as_ref().filter(|base| was_retired(Some(base)));
    match change.key.kind.as_str() {
        "FrappeSite" if retired.is_some_and(is_protected) => {
            let stays =
                "it stays in the cluster, since frappe-operator 2.6 would drop its database";
            finding(
                Level::Rollout,
                stays,
                Some("delete it there when its data is no longer wanted"),
            )
        }
        kind if holds_data && let Some(base) = retired => match drops(base, kind, operators) {
            Some(what) => {
                let backup = "have a backup that was restored once; `--allow` lets it pass";
                finding(Level::DataLoss, what, Some(backup))
            }
            None => finding(Level::Rollout, "it was retired before, and goes now", None),
        },
        "Database" => {
            finding(Level::DataLoss, "the site's database is orphaned, or dropped", retire)
        }
        "MariaDB" => finding(Level::DataLoss, "the server goes, with every database on it", retire),
        "ExternalMariaDB" => {
            finding(Level::DataLoss, "every database on the server is orphaned", retire)
        }
        "FrappeSite" => finding(
            Level::DataLoss,
            "frappe-operator 2.6 drops the site with its database, and makes no backup",
            retire,
        ),
        "FrappeBench" => finding(
            Level::DataLoss,
            "the files of every site on the bench are on its volume",
            retire,
        ),
        "Backup" | "PhysicalBackup" => {
            let volume = ["spec", "storage", "persistentVolumeClaim"];
            let base = change.base.as_ref();
            let in_volume = base.is_some_and(|base| base.at(&volume).is_some());
            match base.is_some_and(is_protected) {
                _ if !in_volume => finding(Level::Rollout, "no more backups are taken", None),
                true => finding(Level::Rollout, "it stays in the cluster, and goes on", None),
                false => {
                    let keep = Some("copy the backups first");
                    finding(Level::DataLoss, "the volume with the backups goes with it", keep)
                }
            }
        }
        "User" => finding(Level::Credential, "the account is dropped, with its grants", None),
        "Grant" => finding(Level::Credential, "what it allows is no longer stated", None),
        "SealedSecret" | "ExternalSecret" | "Secret" => {
            finding(Level::Credential, "the Secret goes with it", None)
        }
        _ => finding(Level::Rollout, "it goes", None),
    }
}

/// What the change of a field does: the first rule that speaks of it.
fn field(change: &ObjectChange, field: &FieldChange, operators: Option<Operators>) -> Finding {
    let name = field.field();
    let speaks = |rule: &&Rule| {
        let is_of = rule.kind == "*" || rule.kind == change.key.kind;
        is_of && covers(rule.field, &name) && passes(rule.test, change, field, operators)
    };
    let (level, reason, instead) = match RULES.iter().find(speaks) {
        Some(rule) => (rule.level, rule.reason, rule.instead),
        // What no rule knows is looked at by a person.
        None => (Level::Rollout, "its operator acts on it", ""),
    };
    Finding {
        level,
        field: Some(name),
        reason: reason.to_owned(),
        instead: (!instead.is_empty()).then(|| instead.to_owned()),
    }
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
    match test {
        Test::Any => true,
        Test::To(wanted) => field.new.as_ref().is_some_and(|new| states(new, wanted)),
        Test::WasSet => field.old.is_some(),
        Test::Gone => field.new.is_none(),
        Test::Unprotected => change.head.as_ref().is_none_or(|head| !is_protected(head)),
        Test::Before26 => is_before_26(operators),
        Test::FixedRoot => change.key.name.ends_with("-root") && is_before_26(operators),
        Test::Retired => was_retired(change.head.as_ref()),
        Test::Smaller => match (old.and_then(|v| quantity(&v)), new.and_then(|v| quantity(&v))) {
            (Some(old), Some(new)) => new < old,
            _ => false,
        },
        Test::OlderImage => match (old.and_then(|v| version(&v)), new.and_then(|v| version(&v))) {
            (Some(old), Some(new)) => new < old,
            _ => false,
        },
        Test::Narrower => {
            let items = |node: &Option<Node>| match node.as_ref().map(|node| &node.value) {
                Some(Value::List(items)) => items.clone(),
                _ => Vec::new(),
            };
            let new = items(&field.new);
            let has = |name: &str| new.iter().any(|node| node.as_str() == Some(name));
            let keeps = |node: &Node| {
                has("ALL PRIVILEGES") || new.iter().any(|other| other.value == node.value)
            };
            !items(&field.old).iter().all(keeps)
        }
    }
}

/// Whether a value is this text, or a map that comes as a whole and has it.
fn states(node: &Node, wanted: &str) -> bool {
    node.as_str() == Some(wanted) || node.entries().iter().any(|entry| states(&entry.node, wanted))
}

fn is_before_26(operators: Option<Operators>) -> bool {
    operators.is_some_and(|operators| operators.mariadb < MariadbOperator::V26_6)
}

/// The major version in an image's tag or a version's name: `mariadb:10.11.6` is 10.11, `version-15`
/// and `v15.90.1` are 15. Of MariaDB's versions the first two numbers count, as data files do.
fn version(text: &str) -> Option<Vec<u32>> {
    let is_server = text.contains("mariadb");
    let tag = text.rsplit_once(':').map_or(text, |(_, tag)| tag);
    let start = tag.find(|c: char| c.is_ascii_digit())?;
    let end = tag[start..].find(|c: char| !c.is_ascii_digit() && c != '.');
    let number = &tag[start..end.map_or(tag.len(), |end| start + end)];
    let parts: Vec<u32> = number.split('.').map_while(|part| part.parse().ok()).collect();
    let count = if is_server { 2 } else { 1 };
    (!parts.is_empty()).then(|| parts.into_iter().take(count).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_by_what_their_data_files_mean() {
        assert!(version("mariadb:10.6") < version("mariadb:10.11.6"));
        assert_eq!(version("docker.io/library/mariadb:10.11.6"), version("mariadb:10.11"));
        assert!(version("version-14") < version("version-15"));
        assert_eq!(version("v15.90.1"), version("version-15"));
        assert_eq!(version("latest"), None);
    }

    /// What the webhooks of mariadb-operator refuse (source: `api/v1alpha1/*_webhook.go` of 25.10).
    #[test]
    fn every_immutable_field_has_a_rule_that_stops_it() {
        for (kind, fields) in [
            ("Database", &["mariaDbRef.name", "name", "characterSet", "collate"][..]),
            ("User", &["mariaDbRef.name", "name", "host"]),
            (
                "Grant",
                &["mariaDbRef.namespace", "database", "table", "username", "host", "grantOption"],
            ),
            (
                "MariaDB",
                &[
                    "rootPasswordSecretKeyRef.name",
                    "storage.storageClassName",
                    "timeZone",
                    "database",
                    "username",
                    "bootstrapFrom.backupRef",
                    "connection.secretName",
                    "volumes",
                    "volumeMounts",
                ],
            ),
            ("Backup", &["mariaDbRef", "storage", "maxRetention", "restartPolicy"]),
            ("PhysicalBackup", &["mariaDbRef", "storage", "schedule.cron", "maxRetention"]),
            ("MaxScale", &["mariaDbRef", "services"]),
        ] {
            for field in fields {
                let field = format!("spec.{field}");
                let rule =
                    RULES.iter().find(|rule| rule.kind == kind && covers(rule.field, &field));
                let level = rule.map(|rule| rule.level);
                assert!(level >= Some(Level::Blocked), "{kind} {field}: {level:?}");
            }
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
