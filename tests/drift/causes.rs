//! Every way in which a cluster can differ, and why.

use super::support::Project;
use serde_json::{Value, json};

/// The object of this name in a report.
#[track_caller]
fn object<'r>(report: &'r Value, name: &str) -> &'r Value {
    let objects = report["objects"].as_array().unwrap();
    objects.iter().find(|it| it["name"] == name).unwrap_or_else(|| panic!("{report:#}"))
}

#[track_caller]
fn only<'r>(report: &'r Value, name: &str) -> &'r Value {
    assert_eq!(report["objects"].as_array().unwrap().len(), 1, "{report:#}");
    object(report, name)
}

#[test]
fn a_cluster_as_applied_has_no_drift() {
    let project = Project::new();
    let cluster = project.applied();
    let said = project.text(&cluster, 0);
    assert_eq!(said, "no drift: 9 objects of eu compared\n");
    let report = project.json(&cluster, 0);
    assert_eq!(report["objects"], json!([]));
    assert_eq!((&report["version"], &report["engine"]), (&json!(1), &json!("flux")));
}

#[test]
fn defaults_and_other_forms_of_a_value_are_no_drift() {
    let project = Project::new();
    let mut cluster = project.applied();
    let database = cluster.object("Database", "acme-db");
    database["spec"]["requeueInterval"] = "1h0m0s".into();
    let grant = cluster.object("Grant", "acme-grant");
    grant["spec"]["privileges"].as_array_mut().unwrap().reverse();
    // frappe-operator writes its objects without fields that are false or empty.
    let spec = cluster.object("Grant", "acme-grant")["spec"].as_object_mut().unwrap();
    assert_eq!(spec.remove("grantOption"), Some(false.into()));
    let labels = &mut cluster.object("FrappeSite", "acme")["metadata"]["labels"];
    labels["kustomize.toolkit.fluxcd.io/name"] = "eu".into();
    labels["of-a-person"] = "x".into();
    project.text(&cluster, 0);
}

#[test]
fn a_change_in_the_cluster_shows_who_made_it() {
    let project = Project::new();
    let mut cluster = project.applied();
    cluster.edit("Database", "acme-db", "characterSet", "latin1".into());
    let report = project.json(&cluster, 1);
    let found = only(&report, "acme-db");
    assert_eq!((&found["state"], &found["reaction"]), (&json!("drifted"), &json!("puts-back")));
    assert_eq!(found["manifest"], "eu/acme/database.yaml");
    let field = &found["fields"][0];
    assert_eq!(field["field"], "spec.characterSet");
    assert_eq!((&field["live"], &field["git"]), (&json!("latin1"), &json!("utf8mb4")));
    assert_eq!((&field["cause"], &field["commit"]), (&json!("changed"), &json!(null)));
    let manager =
        json!({"name": "kubectl-edit", "operation": "Update", "time": "2026-11-20T09:15:00Z"});
    assert_eq!(field["manager"], manager);
    assert_eq!(found["risk"], "blocked");
    let said = project.text(&cluster, 1);
    let expected = "\
► Database/erp/acme-db drifted

spec.characterSet
  ± value change
    - latin1
    + utf8mb4
  changed in the cluster by kubectl-edit at 2026-11-20T09:15:00Z
  blocked: the field is immutable: the change is refused
  what to do: keep the old value; a new value needs a new object with another name

drift of eu, 9 objects compared: 1 drifted; risks: 1 blocked
Flux puts the manifests back at its next reconciliation
";
    assert_eq!(said, expected);
}

/// Secrets are compared by their ciphertext, which no report shows.
#[test]
fn another_ciphertext_is_drift() {
    let project = Project::new();
    let mut cluster = project.applied();
    let sealed = cluster.object("SealedSecret", "acme-admin")["spec"]["encryptedData"].clone();
    let mut other = sealed.clone();
    other["password"] = "AgBhbm90aGVy".into();
    cluster.edit("SealedSecret", "acme-admin", "encryptedData", other);
    let report = project.json(&cluster, 1);
    let found = only(&report, "acme-admin");
    let field = &found["fields"][0];
    assert_eq!(field["field"], "spec.encryptedData.password");
    assert_eq!((&field["live"], &field["git"]), (&json!(null), &json!(null)));
    assert_eq!(
        (&field["sealed"], &found["risk"]),
        (&json!("generation 1 still"), &json!("credential"))
    );
    let said = project.text(&cluster, 1);
    assert!(!said.contains("AgB") && said.contains("± sealed value change"), "{said}");
}

#[test]
fn a_removed_field_has_no_manager() {
    let project = Project::new();
    let mut cluster = project.applied();
    let database = cluster.object("Database", "acme-db");
    database["spec"].as_object_mut().unwrap().remove("cleanupPolicy").unwrap();
    let fields = &mut database["metadata"]["managedFields"][0]["fieldsV1"]["f:spec"];
    fields.as_object_mut().unwrap().remove("f:cleanupPolicy").unwrap();
    let said = project.text(&cluster, 1);
    assert!(said.contains("spec.cleanupPolicy\n  + only in Git\n    + Skip\n"), "{said}");
    assert!(said.contains("changed in the cluster: no field manager has it any more"), "{said}");
}

#[test]
fn what_an_older_commit_had_is_not_applied_yet() {
    let project = Project::new();
    let mut cluster = project.applied();
    project.edit("sites/eu/frappe-mariadb.yaml", "50Gi", "60Gi");
    project.run("render -q", 0);
    project.commit("second", "2026-11-10T08:00:00Z");
    project.edit("sites/eu/frappe-mariadb.yaml", "60Gi", "70Gi");
    project.run("render -q", 0);
    project.commit("third", "2026-11-12T08:00:00Z");
    let report = project.json(&cluster, 1);
    let field = &only(&report, "frappe-mariadb")["fields"][0];
    assert_eq!((&field["live"], &field["git"]), (&json!("50Gi"), &json!("70Gi")));
    assert_eq!((&field["cause"], &field["manager"]), (&json!("not-applied"), &json!(null)));
    assert_eq!(field["commit"]["time"], "2026-11-01T08:00:00Z");
    // What was rendered and not committed is compared too, and HEAD is then an older commit.
    project.edit("sites/eu/frappe-mariadb.yaml", "70Gi", "80Gi");
    project.run("render -q", 0);
    cluster.edit("MariaDB", "frappe-mariadb", "storage", json!({"size": "70Gi"}));
    cluster.object("MariaDB", "frappe-mariadb")["metadata"]["managedFields"][1]["manager"] =
        "kustomize-controller".into();
    let report = project.json(&cluster, 1);
    let fields = &only(&report, "frappe-mariadb")["fields"];
    let field = fields.as_array().unwrap().iter().find(|it| it["field"] == "spec.storage.size");
    assert_eq!(field.unwrap()["commit"]["time"], "2026-11-12T08:00:00Z", "{fields:#}");
}

/// A person who writes an old value has changed the cluster.
#[test]
fn an_old_value_of_another_manager_was_changed() {
    let project = Project::new();
    project.edit("sites/eu/frappe-mariadb.yaml", "50Gi", "60Gi");
    project.run("render -q", 0);
    project.commit("second", "2026-11-10T08:00:00Z");
    let mut cluster = project.applied();
    let mut storage = cluster.object("MariaDB", "frappe-mariadb")["spec"]["storage"].clone();
    storage["size"] = "50Gi".into();
    cluster.edit("MariaDB", "frappe-mariadb", "storage", storage);
    let said = project.text(&cluster, 1);
    let expected = "by kubectl-edit at 2026-11-20T09:15:00Z, to what commit ";
    assert!(said.contains(expected), "{said}");
}

#[test]
fn both_causes_of_one_object_are_told_apart() {
    let project = Project::new();
    let mut cluster = project.applied();
    project.edit("sites/eu/frappe-mariadb.yaml", "50Gi", "60Gi");
    project.run("render -q", 0);
    project.commit("second", "2026-11-10T08:00:00Z");
    cluster.edit("MariaDB", "frappe-mariadb", "port", 3307.into());
    let report = project.json(&cluster, 1);
    let fields = only(&report, "frappe-mariadb")["fields"].as_array().unwrap();
    let causes =
        fields.iter().map(|it| (it["field"].as_str().unwrap(), it["cause"].as_str().unwrap()));
    let mut causes: Vec<_> = causes.collect();
    causes.sort_unstable();
    assert_eq!(causes, [("spec.port", "changed"), ("spec.storage.size", "not-applied")]);
}

#[test]
fn a_missing_object_shows_when_its_manifest_came() {
    let project = Project::new();
    let mut cluster = project.applied();
    cluster.remove("Grant", "acme-grant");
    let report = project.json(&cluster, 1);
    let found = only(&report, "acme-grant");
    assert_eq!((&found["state"], &found["reaction"]), (&json!("missing"), &json!("puts-back")));
    assert_eq!(found["commit"]["time"], "2026-11-01T08:00:00Z");
    let said = project.text(&cluster, 1);
    assert!(said.starts_with("► Grant/erp/acme-grant missing in the cluster\n"), "{said}");
    assert!(said.contains("the dump has no Grant, and Git has 1 object of this kind\n"), "{said}");
}

#[test]
fn an_object_without_a_manifest_shows_when_it_went() {
    let project = Project::new();
    let mut cluster = project.applied();
    project.git("rm -q -r sites/eu/acme.yaml sites/eu/acme.secrets.yaml");
    project.run("render -q", 0);
    project.commit("second", "2026-11-10T08:00:00Z");
    let mut stranger = cluster.object("Database", "acme-db").clone();
    stranger["metadata"]["name"] = "stranger".into();
    let annotations = stranger["metadata"]["annotations"].as_object_mut().unwrap();
    annotations.remove("kustomize.toolkit.fluxcd.io/prune").unwrap();
    // Neither what an operator made of our object, nor anybody else's object.
    let mut made = stranger.clone();
    made["metadata"]["name"] = "made".into();
    made["metadata"]["ownerReferences"] = json!([{"kind": "FrappeSite", "name": "acme"}]);
    let mut foreign = stranger.clone();
    foreign["metadata"]["name"] = "foreign".into();
    foreign["metadata"]["labels"].as_object_mut().unwrap().remove("app.kubernetes.io/managed-by");
    cluster.0.extend([stranger, made, foreign]);
    let report = project.json(&cluster, 1);
    let objects = report["objects"].as_array().unwrap().iter();
    let objects = objects.filter(|it| it["kind"] != "SealedSecret");
    let mut names: Vec<&str> = objects.map(|it| it["name"].as_str().unwrap()).collect();
    names.sort_unstable();
    assert_eq!(names, ["acme", "acme-db", "acme-grant", "acme-user", "stranger"]);
    let known = object(&report, "acme-db");
    assert_eq!(
        (&known["state"], &known["manifest"]),
        (&json!("unknown"), &json!("eu/acme/database.yaml"))
    );
    assert_eq!(known["commit"]["time"], "2026-11-10T08:00:00Z");
    // It is protected, so Flux deletes nothing.
    assert_eq!((&known["reaction"], &known["risk"]), (&json!("leaves-alone"), &json!("none")));
    let stranger = object(&report, "stranger");
    assert_eq!((&stranger["commit"], &stranger["manifest"]), (&json!(null), &json!(null)));
    assert_eq!((&stranger["reaction"], &stranger["risk"]), (&json!("prunes"), &json!("data-loss")));
}

#[test]
fn an_object_that_is_being_deleted_shows_what_it_waits_for() {
    let project = Project::new();
    let mut cluster = project.applied();
    cluster.object("Database", "acme-db")["metadata"]["deletionTimestamp"] =
        "2026-11-20T09:15:00Z".into();
    let report = project.json(&cluster, 1);
    let found = only(&report, "acme-db");
    assert_eq!(found["state"], "being-deleted");
    assert_eq!(found["finalizers"], json!(["example.com/finalizer"]));
    assert_eq!(found["risk"], "data-loss");
}

#[test]
fn annotations_that_hold_the_engine_back_are_said() {
    let project = Project::new();
    let mut cluster = project.applied();
    cluster.edit("Database", "acme-db", "characterSet", "latin1".into());
    cluster.object("Database", "acme-db")["metadata"]["annotations"]["kustomize.toolkit.fluxcd.io/reconcile"] =
        "disabled".into();
    let said = project.text(&cluster, 1);
    assert!(said.contains("Flux leaves it alone: its annotations say so"), "{said}");
    project.edit("sites/eu/_cluster.yaml", "engine: flux", "engine: none");
    let said = project.text(&cluster, 1);
    assert!(said.contains("nobody puts the manifests back"), "{said}");
}

/// In a project without a repository, the field managers are still known.
#[test]
fn a_project_without_git_has_no_history() {
    let project = Project::new();
    std::fs::remove_dir_all(project.path(".git")).unwrap();
    let mut cluster = project.applied();
    cluster.edit("Database", "acme-db", "characterSet", "latin1".into());
    cluster.remove("Grant", "acme-grant");
    let report = project.json(&cluster, 1);
    assert_eq!(object(&report, "acme-db")["fields"][0]["manager"]["name"], "kubectl-edit");
    assert_eq!(object(&report, "acme-grant")["commit"], json!(null));
}

#[test]
fn a_report_is_as_its_schema_says() {
    let schema = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/drift.schema.json");
    let schema: Value = serde_json::from_str(&std::fs::read_to_string(schema).unwrap()).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let project = Project::new();
    let mut cluster = project.applied();
    cluster.edit("Database", "acme-db", "characterSet", "latin1".into());
    cluster.remove("Grant", "acme-grant");
    let mut report = project.json(&cluster, 1);
    validator.validate(&report).unwrap();
    report["objects"][0]["extra"] = 1.into();
    assert!(!validator.is_valid(&report));
}
