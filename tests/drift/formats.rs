//! The reports for machines and for comments.

use super::support::{Cluster, Project};
use serde_json::Value;

fn drifted() -> (Project, Cluster) {
    let project = Project::new();
    let mut cluster = project.applied();
    cluster.edit("Database", "acme-db", "characterSet", "latin1".into());
    cluster.remove("Grant", "acme-grant");
    let mut stranger = cluster.object("Database", "acme-db").clone();
    stranger["metadata"]["name"] = "stranger".into();
    cluster.0.push(stranger);
    (project, cluster)
}

#[test]
fn sarif_points_at_the_line_of_the_field() {
    let (project, cluster) = drifted();
    let ran = project.run_with("drift - --format sarif", 1, None, &cluster.dump());
    let document: Value = serde_json::from_str(&ran.out).unwrap();
    let results = document["runs"][0]["results"].as_array().unwrap();
    assert_eq!(results.len(), 3, "{document:#}");
    let place = |result: &Value| {
        let place = &result["locations"][0]["physicalLocation"];
        let uri = place["artifactLocation"]["uri"].as_str().unwrap().to_owned();
        (uri, place["region"]["startLine"].as_u64().unwrap())
    };
    let result = |rule: &str| results.iter().find(|result| result["ruleId"] == rule).unwrap();
    let (file, line) = place(result("drifted"));
    assert_eq!(file, "rendered/eu/acme/database.yaml");
    let text = project.read(&file);
    let line = text.lines().nth(usize::try_from(line).unwrap() - 1).unwrap();
    assert_eq!(line.trim(), "characterSet: utf8mb4");
    assert_eq!(result("drifted")["level"], "error");
    let said = result("drifted")["message"]["text"].as_str().unwrap();
    assert!(said.contains("kubectl-edit") && said.contains("the field is immutable"), "{said}");
    assert_eq!(place(result("missing")), ("rendered/eu/acme/grant.yaml".to_owned(), 1));
    assert_eq!(place(result("unknown")), ("sites/eu/_cluster.yaml".to_owned(), 1));
}

#[test]
fn markdown_lists_the_objects_and_unfolds_the_fields() {
    let (project, cluster) = drifted();
    let said = project.run_with("drift - --format markdown", 1, None, &cluster.dump()).out;
    for expected in [
        "### sitewright: ",
        "| `Database/erp/acme-db` | drifted: spec.characterSet | 🟠 blocked |",
        "| `Grant/erp/acme-grant` | missing in the cluster | ⚪ none |",
        "<details><summary>🟠 Database/erp/acme-db drifted</summary>",
        "  changed in the cluster by kubectl-edit at 2026-11-20T09:15:00Z",
    ] {
        assert!(said.contains(expected), "{expected}: {said}");
    }
    let said =
        project.run_with("drift - --format markdown", 0, None, &project.applied().dump()).out;
    assert_eq!(said, "### sitewright: no drift: 9 objects of eu compared\n");
}
