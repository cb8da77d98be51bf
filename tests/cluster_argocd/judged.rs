//! Argo CD's own health checks, with those of the pack, and its reading of sync waves. `tests/gitops` has
//! the same verdicts from our own reading of both.

use crate::samples::{files, samples};
use crate::statuses::Verdict::{Current, Failed, Waits};
use crate::statuses::{ALL, Case, Versions, cases};
use crate::tools::needed;
use cluster::{Programs, judge};
use serde_json::{Value, json};
use sitewright::output::layout;
use std::collections::BTreeSet;
use std::path::Path;

/// The health checks of the pack for a cluster with these versions.
fn pack(versions: Versions) -> Value {
    let folder = match versions.frappe {
        "2.3" => "gitops/mumbai",
        "2.5" => "examples/two-clusters/gitops/production",
        _ => "examples/argocd/gitops/production",
    };
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder).join("configmap-argocd-cm.yaml");
    let map: Value = serde_yaml::from_slice(&std::fs::read(path).unwrap()).unwrap();
    map["data"].clone()
}

fn api_version(kind: &str) -> &'static str {
    match kind {
        "FrappeBench" | "FrappeSite" => "vyogo.tech/v1alpha1",
        "SealedSecret" => "bitnami.com/v1alpha1",
        "ExternalSecret" => "external-secrets.io/v1",
        "PushSecret" => "external-secrets.io/v1alpha1",
        "Password" => "generators.external-secrets.io/v1alpha1",
        _ => "k8s.mariadb.com/v1alpha1",
    }
}

fn object(case: &Case) -> Value {
    let mut object = json!({
        "apiVersion": api_version(case.kind),
        "kind": case.kind,
        "metadata": {"name": case.name, "generation": case.generation()},
        "spec": {},
    });
    if !case.status.is_null() {
        object["status"] = case.status.clone();
    }
    object
}

#[test]
fn its_checks_and_those_of_the_pack_judge_every_status() {
    let Some(programs) = needed("cluster") else { return };
    for versions in ALL {
        // The samples have no cluster with Argo CD and PostgreSQL: `tests/gitops` runs the checks of these kinds.
        let is_rendered = |case: &Case| case.group.is_none_or(|of| of == "k8s.mariadb.com");
        let cases: Vec<Case> = cases(versions).into_iter().filter(is_rendered).collect();
        let objects: Vec<Value> = cases.iter().map(object).collect();
        let verdicts = judge(&Programs::of(&programs), &pack(versions), &objects);
        let mut wrong = Vec::new();
        for (case, verdict) in cases.iter().zip(verdicts) {
            let found = match verdict.health.as_str() {
                // Without a check an object is done at once.
                "Healthy" | "" => Current,
                "Progressing" => Waits,
                "Degraded" => Failed,
                other => panic!("{case}: {other}"),
            };
            if found != case.argocd {
                wrong.push(format!("{case}: {verdict:?}"));
            }
        }
        assert!(wrong.is_empty(), "{versions:?}\n{}", wrong.join("\n"));
    }
}

/// Without the pack FrappeSites and FrappeBenches are done at once, and a scheduled Backup holds its wave:
/// what the pack is there for.
#[test]
fn without_the_pack_waves_do_not_wait() {
    let Some(programs) = needed("cluster") else { return };
    let of = |kind: &str, status: Value| {
        json!({"apiVersion": api_version(kind), "kind": kind, "metadata": {"name": "a"},
               "spec": {}, "status": status})
    };
    let conditions = |kind: &str, status: &str, reason: &str| json!({"conditions": [{"type": kind, "status": status, "reason": reason, "message": ""}]});
    let objects = [
        of("FrappeSite", json!({"phase": "Provisioning"})),
        of("FrappeBench", json!({"phase": "Provisioning"})),
        of("Backup", conditions("Complete", "False", "CronJobScheduled")),
        of("Database", conditions("Ready", "False", "Failed")),
    ];
    let verdicts = judge(&Programs::of(&programs), &json!({}), &objects);
    let healths: Vec<&str> = verdicts.iter().map(|verdict| verdict.health.as_str()).collect();
    assert_eq!(healths, ["", "", "Progressing", "Degraded"]);
}

/// The waves of docs/output.md.
fn wave(kind: &str) -> i64 {
    match kind {
        "Password" | "PushSecret" | "ExternalSecret" | "SealedSecret" => -2,
        "MariaDB" | "ExternalMariaDB" | "Service" => -1,
        "Database" | "User" => 0,
        "Grant" | "FrappeBench" => 1,
        "FrappeSite" | "Backup" | "PhysicalBackup" => 2,
        other => panic!("in which wave is {other}?"),
    }
}

#[test]
fn it_reads_the_wave_of_every_object() {
    let Some(programs) = needed("cluster") else { return };
    let mut objects = Vec::new();
    for sample in samples() {
        for (_, bytes) in files(&sample.root.join("rendered")) {
            let text = String::from_utf8(bytes).unwrap();
            let all = layout::objects_of(&text).into_iter();
            let all = all.map(|text| serde_yaml::from_str::<Value>(text).unwrap());
            // Objects of a cluster with another engine have no mark.
            let ours = all.filter(|object| {
                object["metadata"]["annotations"]["argocd.argoproj.io/sync-wave"].is_string()
            });
            objects.extend(ours.map(|object| (sample.name.clone(), object)));
        }
    }
    let only: Vec<Value> = objects.iter().map(|(_, object)| object.clone()).collect();
    let verdicts = judge(&Programs::of(&programs), &json!({}), &only);
    let mut seen = BTreeSet::new();
    for ((sample, object), verdict) in objects.iter().zip(verdicts) {
        let kind = object["kind"].as_str().unwrap();
        let name = &object["metadata"]["name"];
        assert_eq!(verdict.wave, wave(kind), "{sample}: {kind} {name}");
        seen.insert(kind.to_owned());
    }
    assert!(seen.len() > 6, "{seen:?}");
}
