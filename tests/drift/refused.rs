//! What is refused, and how it is said.

use super::project::CERTIFICATE;
use super::support::{Cluster, Project};

#[test]
fn a_dump_of_another_cluster_is_recognised() {
    let project = Project::new();
    let cluster = project.applied();
    let text = project.read("sites/eu/_cluster.yaml");
    project.put("sites/us/_cluster.yaml", &text.replace("namespace: erp", "namespace: other"));
    project.put("sites/us/db.yaml", "kind: DatabaseServer\nstorageSize: 50Gi\n");
    project.put("sites/us/_sealing/1.pem", CERTIFICATE);
    project.run("render -q", 0);
    let said = project.run_with("drift -", 2, None, &cluster.dump()).err;
    assert!(said.contains("2 clusters") && said.contains("one of: eu, us"), "{said}");
    let said = project.run_with("drift - --cluster us", 2, None, &cluster.dump()).err;
    assert!(said.contains("SW850") && said.contains("it looks like a dump of `eu`"), "{said}");
    let said = project.run_with("drift - --cluster no", 2, None, &cluster.dump()).err;
    assert!(said.contains("SW209"), "{said}");
    project.run_with("drift - --cluster eu", 0, None, &cluster.dump());
    let said = project.run_with("drift - --cluster eu", 2, None, &Cluster(Vec::new()).dump()).err;
    assert!(said.contains("none of the 9 objects of `eu`"), "{said}");
}

#[test]
fn a_project_without_manifests_is_refused() {
    let project = Project::new();
    let cluster = project.applied();
    std::fs::remove_dir_all(project.path("rendered/eu")).unwrap();
    let said = project.run_with("drift -", 2, None, &cluster.dump()).err;
    assert!(said.contains("SW851"), "{said}");
    project.run("render -q", 0);
    // A manifest that nobody can read could hide drift.
    let path = "rendered/eu/acme/grant.yaml";
    project.put(path, &(project.read(path) + "\tbroken"));
    let said = project.run_with("drift -", 2, None, &cluster.dump()).err;
    assert!(said.contains("SW801") && said.contains("grant.yaml"), "{said}");
}

#[test]
fn a_dump_without_field_managers_is_warned_of() {
    let project = Project::new();
    let mut cluster = project.applied();
    cluster.edit("Database", "acme-db", "characterSet", "latin1".into());
    for object in &mut cluster.0 {
        object["metadata"].as_object_mut().unwrap().remove("managedFields");
    }
    let ran = project.run_with("drift -", 1, None, &cluster.dump());
    assert!(ran.err.contains("SW852") && ran.err.contains("--show-managed-fields"), "{}", ran.err);
}

/// Neither the dump's Secrets nor anything else that is no object of ours is looked at.
#[test]
fn secrets_of_a_dump_are_never_shown() {
    let project = Project::new();
    let mut cluster = project.applied();
    let secret = serde_json::json!({
        "apiVersion": "v1", "kind": "Secret", "type": "Opaque",
        "metadata": {
            "name": "acme-admin", "namespace": "erp",
            "labels": {"app.kubernetes.io/managed-by": "sitewright"},
        },
        "data": {"password": "c2VjcmV0LW9mLWFjbWU="},
    });
    cluster.0.push(secret);
    let ran = project.run_with("drift - --format json", 0, None, &cluster.dump());
    assert!(!(ran.out + &ran.err).contains("c2VjcmV0"));
}
