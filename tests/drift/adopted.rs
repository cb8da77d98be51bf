//! `--accept`: the live values of an object in its definition.

use super::support::Project;
use serde_json::json;

#[test]
fn a_live_value_is_written_into_the_definition() {
    let project = Project::new();
    let site = "sites/eu/acme.yaml";
    let before = project.read(site) + "# The last line.\n";
    project.put(site, &before);
    let mut cluster = project.applied();
    cluster.edit("User", "acme-user", "maxUserConnections", 500.into());
    cluster.edit("User", "acme-user", "host", "10.%".into());
    let accept = "drift - --accept User/erp/acme-user";
    let ran = project.run_with(accept, 1, None, &cluster.dump());
    let after = project.read(site);
    assert!(after.contains("maxUserConnections: 500\n"), "{after}");
    // Every other line stays.
    assert!(before.lines().all(|line| after.lines().any(|other| other == line)), "{after}");
    assert!(ran.out.contains("~ sites/eu/acme.yaml\n"), "{}", ran.out);
    assert!(ran.out.contains("+  maxUserConnections: 500"), "{}", ran.out);
    // The language has no field for the other one.
    assert!(ran.out.contains("User/erp/acme-user, spec.host: a Site has no field"), "{}", ran.out);
    assert!(
        ran.out.contains("  - object: User/erp/acme-user\n    field: spec.host\n"),
        "{}",
        ran.out
    );
    project.run("render -q", 0);
    let report = project.json(&cluster, 1);
    let fields = report["objects"][0]["fields"].as_array().unwrap();
    assert_eq!(fields.len(), 1, "{report:#}");
    assert_eq!(fields[0]["field"], "spec.host");
}

#[test]
fn a_list_is_written_into_the_definition() {
    let project = Project::new();
    project.edit(
        "sites/eu/erpnext-v15.yaml",
        "  - name: erpnext\n",
        "  - name: hrms\n    source: image\n  - name: erpnext\n",
    );
    project.run("render -q", 0);
    let mut cluster = project.applied();
    cluster.edit("FrappeSite", "acme", "apps", json!(["erpnext", "hrms"]));
    let accept = "drift - --accept FrappeSite/erp/acme";
    let ran = project.run_with(accept, 0, None, &cluster.dump());
    let site = project.read("sites/eu/acme.yaml");
    assert!(site.ends_with("\napps: [erpnext, hrms]\n"), "{site}");
    assert!(ran.out.contains("+apps: [erpnext, hrms]"), "{}", ran.out);
    project.run("render -q", 0);
    assert_eq!(project.json(&cluster, 0)["objects"], json!([]));
}

#[test]
fn a_value_that_the_definition_refuses_changes_nothing() {
    let project = Project::new();
    let mut cluster = project.applied();
    let server = "sites/eu/frappe-mariadb.yaml";
    let before = project.read(server);
    let mut storage = cluster.object("MariaDB", "frappe-mariadb")["spec"]["storage"].clone();
    storage["size"] = "1".into();
    cluster.edit("MariaDB", "frappe-mariadb", "storage", storage);
    let accept = "drift - --accept MariaDB/erp/frappe-mariadb";
    let ran = project.run_with(accept, 1, None, &cluster.dump());
    assert!(ran.out.contains("`storageSize` does not take the value"), "{}", ran.out);
    assert_eq!(project.read(server), before);
    // A missing object has no value, and an object without drift neither.
    cluster.remove("Grant", "acme-grant");
    let json = "drift - --format json --accept Grant/erp/acme-grant";
    let ran = project.run_with(json, 1, None, &cluster.dump());
    let document: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(
        (&document["result"]["file"], &document["result"]["taken"]),
        (&json!(null), &json!([]))
    );
    let unknown = "drift - --accept User/erp/acme-user";
    let ran = project.run_with(unknown, 2, None, &cluster.dump());
    assert!(ran.err.contains("SW209"), "{}", ran.err);
}
