//! The API server takes the CRD, prints what it says, and holds objects to it.

use crate::objects::{site_database, site_of};
use crate::stage::Stage;
use serde_json::{Value, json};

/// A status as the reconciler writes one.
fn status(phase: &str) -> Value {
    json!({
        "observedGeneration": 1,
        "databaseStatus": {
            "phase": phase, "host": "db.example", "port": 3306, "database": "_acme",
            "lastError": "Database columns/acme-db: refused",
        },
        "conditions": [{
            "type": "Ready", "status": "False", "observedGeneration": 1, "reason": "ProvisioningFailed",
            "message": "Database columns/acme-db: refused", "lastTransitionTime": "2026-01-01T00:00:00Z",
        }],
    })
}

#[test]
fn the_crd_is_established_and_prints_its_columns() {
    let Some(stage) = Stage::enter("columns") else { return };
    let kubectl = stage.kubectl();
    let crd = kubectl.json(&format!("get crd {}", sitewright_api::CRD_NAME));
    for condition in crd["status"]["conditions"].as_array().unwrap() {
        let expected = match condition["type"].as_str().unwrap() {
            "NamesAccepted" | "Established" => "True",
            "NonStructuralSchema" => "False",
            // For CRDs in groups of Kubernetes itself.
            other => panic!("{other}: {condition}"),
        };
        assert_eq!(condition["status"], expected, "{condition}");
    }

    let site = site_database("columns", "acme", &[]);
    stage.apply(std::slice::from_ref(&site));
    stage.set(&site, &status("Failed"));
    let rows = |words: &str| -> Vec<Vec<String>> {
        let text = kubectl.run(&format!("get --namespace=columns {words}"));
        // An age is one word, and so are all the others but the error.
        text.lines().map(|line| line.split_whitespace().map(str::to_owned).collect()).collect()
    };
    let [head, row] = &rows("sdb")[..] else { panic!("not one SiteDatabase") };
    assert_eq!(head.join(" "), "NAME READY PHASE HOST DATABASE AGE");
    assert_eq!(row[..5].join(" "), "acme False Failed db.example _acme");
    let [head, row] = &rows("sitedatabase --output=wide")[..] else { panic!("not one") };
    assert_eq!(head.last().unwrap(), "ERROR");
    assert!(row.join(" ").ends_with("Database columns/acme-db: refused"), "{row:?}");
    assert!(kubectl.run("explain sitedatabase.status.databaseStatus").contains("lastError"));
}

#[test]
fn the_api_server_holds_objects_to_the_crd() {
    let Some(stage) = Stage::enter("schema") else { return };
    let kubectl = stage.kubectl();
    let site =
        site_database("schema", "acme", &[json!({"apiVersion": "v1", "kind": "Any", "name": "x"})]);

    // A field that the CRD lacks is dropped, and a strict client is told.
    let mut unknown = site.clone();
    unknown["spec"]["password"] = json!("hunter2");
    unknown["spec"]["objects"][0]["color"] = json!("blue");
    let strict =
        kubectl.try_with(&["create", "--validate=strict", "-f", "-"], &unknown.to_string());
    assert!(!strict.success && strict.stderr.contains("spec.password"), "{}", strict.stderr);
    kubectl.with(&["create", "--validate=ignore", "-f", "-"], &unknown.to_string());
    assert_eq!(stage.site("acme")["spec"], site["spec"]);

    let refused = |field: &str, value: Value, why: &str| {
        let mut wrong = site.clone();
        wrong["metadata"]["name"] = json!("wrong");
        match field {
            "objects" => drop(wrong["spec"].as_object_mut().unwrap().remove(field)),
            _ => wrong["spec"][field] = value,
        }
        let answer = kubectl.try_with(&["create", "-f", "-"], &wrong.to_string());
        assert!(!answer.success && answer.stderr.contains(why), "{field}: {}", answer.stderr);
    };
    refused("port", json!(0), "should be greater than or equal to 1");
    refused("port", json!(65_536), "should be less than or equal to 65535");
    refused("objects", Value::Null, "Required value");

    // A status has one of four phases, and a condition has a time.
    let patch = |patch: &Value| {
        let subresource = ["patch", "sdb", "acme", "--namespace=schema", "--subresource=status"];
        let patch = patch.to_string();
        kubectl.try_with(&[&subresource[..], &["--type=merge", "--patch", &patch]].concat(), "")
    };
    let answer = patch(&json!({"status": status("Sleeping")}));
    assert!(!answer.success && answer.stderr.contains("Unsupported value: \"Sleeping\""));
    let mut wrong = status("Ready");
    wrong["conditions"][0]["lastTransitionTime"] = json!("yesterday");
    assert!(!patch(&json!({"status": wrong})).success);
    for phase in ["Pending", "Provisioning", "Ready", "Failed"] {
        let answer = patch(&json!({"status": status(phase)}));
        assert!(answer.success, "{}", answer.stderr);
    }
    // A status is no way into the spec.
    assert!(patch(&json!({"spec": {"port": 1}})).success);
    assert_eq!(stage.site("acme")["spec"]["port"], 3306);
}

#[test]
fn a_site_without_a_reconciler_has_no_status() {
    let Some(stage) = Stage::enter("alone") else { return };
    let mut site = site_of("alone", "acme", &[]);
    site["status"] = status("Ready");
    stage.kubectl().with(&["create", "-f", "-"], &site.to_string());
    assert_eq!(stage.site("acme")["status"], Value::Null);
}
