//! Two managers share a SiteDatabase: the GitOps engine has its spec, the reconciler its status.

use crate::objects::{mariadb, site_of};
use crate::reconciler::Reconciler;
use crate::stage::{Stage, database_status, ready, root};
use crate::statuses::running;
use serde_json::{Value, json};
use std::collections::BTreeMap;

const FLUX: &str = "kustomize-controller";

/// Who owns what at the top of an object: manager, operation and subresource, with the fields.
fn owners(site: &Value) -> BTreeMap<String, Vec<String>> {
    let managed = site["metadata"]["managedFields"].as_array().unwrap().iter();
    let word = |value: &Value| value.as_str().unwrap_or("-").to_owned();
    let owner = |entry: &Value| {
        let parts = [&entry["manager"], &entry["operation"], &entry["subresource"]];
        let fields = entry["fieldsV1"].as_object().unwrap().keys().cloned().collect();
        (parts.map(word).join(" "), fields)
    };
    managed.map(owner).collect()
}

fn expected(all: &[(&str, &[&str])]) -> BTreeMap<String, Vec<String>> {
    let own = |fields: &[&str]| fields.iter().map(|field| (*field).to_owned()).collect();
    all.iter().map(|(owner, fields)| ((*owner).to_owned(), own(fields))).collect()
}

#[test]
fn the_spec_is_the_engines_and_the_status_is_the_reconcilers() {
    let Some(stage) = Stage::enter("owned") else { return };
    let kubectl = stage.kubectl();
    let server = mariadb("owned", "db");
    let mut site = site_of("owned", "acme", &[&server]);
    kubectl.apply_as(FLUX, &server.to_string());
    kubectl.apply_as(FLUX, &site.to_string());
    let mut reconciler = Reconciler::start(&stage.plane, "owned", &[]);
    reconciler.wait_until_ready();
    stage.set(&server, &running());
    let before = stage.wait_for_phase("acme", "Ready");
    let shared = [
        ("kustomize-controller Apply -", &["f:spec"][..]),
        ("sitewright-reconciler Apply status", &["f:status"][..]),
    ];
    assert_eq!(owners(&before), expected(&shared));

    // The engine applies the same again, on the server's side: nothing changes.
    kubectl.apply_as(FLUX, &site.to_string());
    assert_eq!(stage.site("acme"), before);

    // A person applies it on the client's side, as docs for kubectl show it: the status stays.
    kubectl.with(&["apply", "-f", "-"], &site.to_string());
    let after = stage.site("acme");
    assert_eq!((&after["status"], &after["spec"]), (&before["status"], &before["spec"]));

    // The engine changes the spec: the status follows, and nobody is in the other's way.
    site["spec"]["port"] = json!(3307);
    kubectl.apply_as(FLUX, &site.to_string());
    let changed = stage.wait("acme", "follows", |site| database_status(site)["port"] == 3307);
    assert_eq!(changed["metadata"]["generation"], 2);
    assert_eq!(changed["status"]["observedGeneration"], 2);
    assert_eq!(ready(&changed)["observedGeneration"], 2);
    assert_eq!(ready(&changed)["lastTransitionTime"], ready(&before)["lastTransitionTime"]);
    let status = owners(&changed).into_iter().find(|(owner, _)| owner.ends_with("status"));
    assert_eq!(status.unwrap().0, "sitewright-reconciler Apply status");

    // Somebody else changes the status: the reconciler puts it right, and owns it again.
    let patch = json!({"status": {"databaseStatus": {"phase": "Failed", "port": 1}}});
    let words = ["patch", "sdb", "acme", "--namespace=owned", "--subresource=status"];
    let patch = patch.to_string();
    kubectl.with(&[&words[..], &["--type=merge", "--patch", &patch]].concat(), "");
    let is_right = |site: &Value| site["status"] == changed["status"];
    let right = stage.wait("acme", "is put right", is_right);
    assert_eq!(owners(&right), owners(&changed));
}

#[test]
fn an_error_that_somebody_else_left_is_removed_and_a_foreign_condition_is_not() {
    let Some(stage) = Stage::enter("strays") else { return };
    let kubectl = stage.kubectl();
    let server = mariadb("strays", "db");
    kubectl.apply_as(FLUX, &server.to_string());
    kubectl.apply_as(FLUX, &site_of("strays", "acme", &[&server]).to_string());
    let mut reconciler = Reconciler::start(&stage.plane, "strays", &["--resync=2s"]);
    reconciler.wait_until_ready();
    stage.set(&server, &running());
    let before = stage.wait_for_phase("acme", "Ready");

    let other = json!({
        "type": "Audited", "status": "True", "reason": "Weekly", "message": "by hand",
        "lastTransitionTime": "2026-01-01T00:00:00Z",
    });
    let patch = json!([
        {"op": "add", "path": "/status/databaseStatus/lastError", "value": "an old one"},
        {"op": "add", "path": "/status/conditions/-", "value": other},
    ]);
    let words = ["patch", "sdb", "acme", "--namespace=strays", "--subresource=status"];
    let patch = patch.to_string();
    kubectl.with(&[&words[..], &["--type=json", "--patch", &patch]].concat(), "");
    let is_clean = |site: &Value| {
        database_status(site) == database_status(&before)
            && site["status"]["conditions"].as_array().is_some_and(|all| all.len() == 2)
    };
    let clean = stage.wait("acme", "has no stray error", is_clean);
    // Nothing is left to write at the next resyncs.
    std::thread::sleep(std::time::Duration::from_secs(3));
    let patches = || reconciler.metrics().sum("sitewright_patches_total", "ok");
    let so_far = patches();
    std::thread::sleep(std::time::Duration::from_secs(5));
    assert_eq!(patches(), so_far);
    assert_eq!(stage.site("acme"), clean);
}

#[test]
fn what_the_compiler_renders_is_taken_and_gets_a_status() {
    let Some(stage) = Stage::enter("rendered") else { return };
    let file = root().join("examples/status/rendered/production/acme/sitedatabase.yaml");
    let text = std::fs::read_to_string(&file).unwrap();
    let text = text.replace("namespace: erp", "namespace: rendered");
    stage.kubectl().apply_as(FLUX, &text);
    let _reconciler = Reconciler::start(&stage.plane, "rendered", &[]);
    let site = stage.wait_for_phase("acme", "Pending");
    let first = &site["spec"]["objects"][0];
    let [kind, name] = [&first["kind"], &first["name"]].map(|it| it.as_str().unwrap());
    let expected = format!("{kind} rendered/{name}: it does not exist");
    assert_eq!(database_status(&site)["lastError"], expected);
    assert_eq!(ready(&site)["reason"], "ObjectMissing");
    for field in ["host", "port", "database"] {
        assert_eq!(database_status(&site)[field], site["spec"][field], "{field}");
    }
}
