//! `drift.yaml`: what it accepts, and which entries are errors.

use super::project::CERTIFICATE;
use super::support::{Cluster, Project};
use serde_json::{Value, json};

const TODAY: &str = "drift - --today 2026-11-28";

/// A file with these entries, each with a reason and a day.
fn put(project: &Project, entries: &[&str]) {
    let mut text = "kind: AcceptedDrift\naccepted:\n".to_owned();
    for entry in entries {
        text += &format!("  - {entry}\n    reason: it is planned\n");
        if !entry.contains("expires") {
            text += "    expires: \"2026-11-28\"\n";
        }
    }
    project.put("drift.yaml", &text);
}

/// A project and its cluster, in which a field and a label differ.
fn drifted() -> (Project, Cluster) {
    let project = Project::new();
    let mut cluster = project.applied();
    cluster.edit("Database", "acme-db", "characterSet", "latin1".into());
    cluster.object("Database", "acme-db")["metadata"]["labels"]["app.kubernetes.io/part-of"] =
        "x".into();
    (project, cluster)
}

const FIELD: &str = "object: Database/erp/acme-db\n    field: spec.characterSet";
const LABEL: &str =
    "object: Database/erp/acme-db\n    field: metadata.labels.app.kubernetes.io/part-of";

#[test]
fn what_is_accepted_is_no_drift() {
    let (project, cluster) = drifted();
    put(&project, &[FIELD]);
    let ran = project.run_with(TODAY, 1, None, &cluster.dump());
    assert!(ran.out.contains("part-of") && !ran.out.contains("characterSet"), "{}", ran.out);
    put(&project, &[FIELD, LABEL]);
    let ran = project.run_with(TODAY, 0, None, &cluster.dump());
    assert_eq!(ran.out, "no drift: 9 objects of eu compared; 2 accepted in drift.yaml\n");
    // A field above accepts too.
    put(&project, &[FIELD, "object: Database/erp/acme-db\n    field: metadata.labels"]);
    let json = format!("{TODAY} --format json");
    let ran = project.run_with(&json, 0, None, &cluster.dump());
    let document: Value = serde_json::from_str(&ran.out).unwrap();
    let entry = json!({
        "object": "Database/erp/acme-db", "field": "metadata.labels", "reason": "it is planned",
        "expires": "2026-11-28",
    });
    assert_eq!(document["result"]["accepted"][1], entry);
}

#[test]
fn a_whole_object_is_accepted_without_a_field() {
    let project = Project::new();
    let mut cluster = project.applied();
    let mut stranger = cluster.remove("Grant", "acme-grant");
    stranger["metadata"]["name"] = "stranger".into();
    cluster.0.push(stranger);
    put(&project, &["object: Grant/erp/acme-grant", "object: Grant/erp/stranger"]);
    project.run_with(TODAY, 0, None, &cluster.dump());
    // It accepts no fields.
    let (project, cluster) = drifted();
    put(&project, &["object: Database/erp/acme-db"]);
    let ran = project.run_with(TODAY, 2, None, &cluster.dump());
    assert!(ran.err.contains("is neither missing nor unknown to Git"), "{}", ran.err);
    assert!(ran.out.contains("spec.characterSet"), "{}", ran.out);
}

#[test]
fn an_entry_that_has_expired_is_an_error() {
    let (project, cluster) = drifted();
    put(&project, &[&format!("{FIELD}\n    expires: \"2026-11-27\""), LABEL]);
    let ran = project.run_with(TODAY, 2, None, &cluster.dump());
    assert!(ran.err.contains("SW854") && ran.err.contains("drift.yaml:3:5"), "{}", ran.err);
    assert!(ran.err.contains("expired on 2026-11-27"), "{}", ran.err);
    // It accepts nothing any more.
    assert!(ran.out.contains("spec.characterSet"), "{}", ran.out);
    project.run_with("drift - --today 2026-11-27", 0, None, &cluster.dump());
}

#[test]
fn an_entry_that_accepts_nothing_is_an_error() {
    let (project, cluster) = drifted();
    put(&project, &[FIELD, LABEL, "object: User/erp/acme-user\n    field: spec.host"]);
    let ran = project.run_with(TODAY, 2, None, &cluster.dump());
    assert!(ran.err.contains("SW855") && ran.err.contains("drift.yaml:11:5"), "{}", ran.err);
    assert!(ran.err.contains("`spec.host` of `User/erp/acme-user` does not differ"), "{}", ran.err);
    put(&project, &[FIELD, LABEL, "object: User/erp/amce-user\n    field: spec.host"]);
    let ran = project.run_with(TODAY, 2, None, &cluster.dump());
    assert!(ran.err.contains("did you mean `User/erp/acme-user`?"), "{}", ran.err);
}

/// All mistakes of the file are found in one run, each with its place.
#[test]
fn the_file_is_checked_like_a_definition() {
    let project = Project::new();
    let text = "kind: AcceptedDrift\naccepted:\n  - object: acme-db\n    feild: spec.a\n    expires: 2026-02-30\n";
    project.put("drift.yaml", text);
    let cluster = project.applied();
    let said = project.run_with("drift -", 2, None, &cluster.dump()).err;
    assert!(said.contains("SW013") && said.contains("drift.yaml:5:14"), "{said}");
    project.put("drift.yaml", &text.replace("2026-02-30", "\"2026-02-30\""));
    let said = project.run_with("drift -", 2, None, &cluster.dump()).err;
    for expected in [
        "`acme-db` is not an object",
        "Database/erp/acme-db",
        "feild",
        "`2026-02-30` is not a date",
        "reason",
    ] {
        assert!(said.contains(expected), "{expected}: {said}");
    }
    let said = project.run_with("drift - --today 2026-02-30", 2, None, "").err;
    assert!(said.contains("write the year, the month and the day"), "{said}");
}

#[test]
fn an_entry_of_another_cluster_does_not_count() {
    let (project, cluster) = drifted();
    let text = project.read("sites/eu/_cluster.yaml");
    project.put("sites/us/_cluster.yaml", &text);
    project.put("sites/us/db.yaml", "kind: DatabaseServer\nstorageSize: 50Gi\n");
    project.put("sites/us/_sealing/1.pem", CERTIFICATE);
    project.run("render -q", 0);
    let of = |cluster: &str| format!("cluster: {cluster}\n    {FIELD}");
    let eu = format!("{TODAY} --cluster eu");
    put(&project, &[&of("eu"), &of("us")]);
    let ran = project.run_with(&eu, 1, None, &cluster.dump());
    assert!(!ran.out.contains("characterSet"), "{}", ran.out);
    put(&project, &[FIELD]);
    let said = project.run_with(&eu, 2, None, &cluster.dump()).err;
    assert!(said.contains("SW105") && said.contains("one of: eu, us"), "{said}");
    put(&project, &[&of("nowhere")]);
    let said = project.run_with(&eu, 2, None, &cluster.dump()).err;
    assert!(said.contains("SW209"), "{said}");
}
