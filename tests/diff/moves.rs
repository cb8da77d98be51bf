//! Files that move and files that are renamed: the first change nothing, the second lose data unless the new file
//! states the old name.

use crate::scenarios::findings;
use crate::support::{ACME, BENCH, DB, Project};
use serde_json::{Value, json};
use std::fs;

/// Moves a definition, with its records if it has any.
fn rename(project: &Project, from: &str, to: &str) {
    for ending in [".yaml", ".secrets.yaml"] {
        let path = |path: &str| project.path(&path.replace(".yaml", ending));
        if path(from).is_file() {
            fs::create_dir_all(path(to).parent().unwrap()).unwrap();
            fs::rename(path(from), path(to)).unwrap();
        }
    }
}

/// What to do about the removal of an object that stands for a definition.
fn instead(result: &Value, kind: &str) -> String {
    let list = |value: &Value| value.as_array().unwrap().clone();
    let objects = list(&result["definitions"]).into_iter().flat_map(|it| list(&it["objects"]));
    let gone = objects.filter(|it| it["kind"] == kind && it["action"] == "removed");
    let findings: Vec<Value> = gone.flat_map(|it| list(&it["findings"])).collect();
    findings[0]["instead"].as_str().unwrap().to_owned()
}

/// Commits the project, changes it, and renders as the author of a pull request does; the report since the commit.
fn since_commit(project: &Project, change: impl FnOnce(&Project)) -> Value {
    project.git("init -q -b main");
    project.git("add -A");
    project.git("commit -q -m first");
    change(project);
    project.run("render -q", 0);
    project.diff("--base HEAD")
}

#[test]
fn a_file_that_moves_is_counted_apart_and_changes_nothing() {
    let project = Project::new();
    project.append(ACME, "name: acme\n");
    project.run("render -q", 0);
    rename(&project, ACME, "sites/eu/retail/acme-gmbh.yaml");
    let result = project.diff("");
    let moves = json!([{"from": "eu/acme", "to": "eu/retail/acme-gmbh"}]);
    assert_eq!((&result["moves"], &result["risk"]), (&moves, &json!("none")));
    assert_eq!(result["definitions"], json!([]));
    assert!(result["counts"].as_object().unwrap().values().all(|count| count == 0));
    let text = project.run("diff --exit-code", 1);
    assert_eq!(
        text,
        "eu/retail/acme-gmbh (moved from eu/acme): none\n\ndefinitions: 1 moved; risks: none\n"
    );
    assert_eq!(
        project.run("diff --format markdown --deny rollout", 0).matches("moved from").count(),
        1
    );
}

#[test]
fn a_file_that_moves_and_changes_is_shown_with_both() {
    let project = Project::new();
    rename(&project, DB, "sites/eu/servers/db.yaml");
    project.edit("sites/eu/servers/db.yaml", "100Gi", "50Gi");
    let text = project.run("diff --deny data-loss", 4);
    assert!(text.starts_with("eu/servers/db (moved from eu/db): data-loss\n"), "{text}");
    assert!(text.contains("definitions: 1 changed, 1 moved; risks: 1 data-loss\n"), "{text}");
    let result = project.diff("");
    assert_eq!(result["moves"].as_array().unwrap().len(), 1);
    assert_eq!(findings(&result), ["data-loss MariaDB db spec.storage.size"]);
}

#[test]
fn a_renamed_site_gets_the_line_that_keeps_its_data_and_the_gate_stays_closed() {
    let project = Project::new();
    let result = since_commit(&project, |project| {
        fs::rename(project.path(ACME), project.path("sites/eu/acme-gmbh.yaml")).unwrap();
    });
    assert_eq!(
        instead(&result, "FrappeSite"),
        "this looks like a rename: write `name: acme` into `sites/eu/acme-gmbh.yaml`, which then keeps \
         everything under its old name"
    );
    assert_eq!(result["moves"], json!([]));
    project.run("diff --base HEAD --deny data-loss", 4);
    // With the line and the records, it is the same site again.
    project.append("sites/eu/acme-gmbh.yaml", "name: acme\n");
    let records = |name: &str| project.path(&format!("sites/eu/{name}.secrets.yaml"));
    fs::rename(records("acme"), records("acme-gmbh")).unwrap();
    let result = project.diff("--base HEAD --deny rollout");
    assert_eq!((&result["definitions"], &result["risk"]), (&json!([]), &json!("none")));
    assert_eq!(result["moves"], json!([{"from": "eu/acme", "to": "eu/acme-gmbh"}]));
}

#[test]
fn a_site_in_another_namespace_gets_the_old_one_back() {
    let project = Project::new();
    let result = since_commit(&project, |project| {
        let bench = fs::read_to_string(project.path(BENCH)).unwrap();
        project.put("sites/eu/shop/b15.yaml", &format!("{bench}namespace: shop\n"));
        project.append(ACME, "namespace: shop\n");
        project.remove("sites/eu/acme.secrets.yaml");
        fs::remove_dir_all(project.path("rendered/eu/acme")).unwrap();
    });
    let instead = instead(&result, "FrappeSite");
    assert!(instead.contains("write `namespace: erp` into `sites/eu/acme.yaml`"), "{instead}");
}

#[test]
fn a_renamed_server_gets_its_line_and_a_new_one_with_other_fields_does_not() {
    let project = Project::new();
    let result = since_commit(&project, |project| {
        fs::rename(project.path(DB), project.path("sites/eu/main.yaml")).unwrap();
        project.edit("sites/_defaults.yaml", "server: db}", "server: main}");
    });
    let line = instead(&result, "MariaDB");
    assert!(line.contains("write `name: db` into `sites/eu/main.yaml`"), "{line}");
    project.edit("sites/eu/main.yaml", "100Gi", "200Gi");
    let other = instead(&project.diff("--base HEAD"), "MariaDB");
    assert!(!other.contains("looks like a rename"), "{other}");
}
