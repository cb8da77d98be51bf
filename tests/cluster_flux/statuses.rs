//! SiteDatabases: nothing waits for them, and what the reconciler writes stays.

use super::stage::Stage;
use super::story::{LIMIT, Story};
use cluster::eventually;
use serde_json::json;
use std::sync::Arc;

/// The reconciler does not run.
pub(crate) fn no_layer_waits_for_a_status(stage: Arc<Stage>) {
    let story = Story::begin(stage, "told", "cluster");
    story.state("_cluster.yaml", "status: true\n");
    // This waits until every Kustomization is Ready.
    story.deliver_all();
    let names = |story: &Story| {
        let of_sites = story.inventory("status");
        of_sites.into_iter().collect::<Vec<_>>()
    };
    assert_eq!(names(&story), ["SiteDatabase acme", "SiteDatabase big", "SiteDatabase globex"]);
    for layer in ["data", "sites"] {
        let others = story.inventory(layer);
        assert!(!others.iter().any(|id| id.starts_with("SiteDatabase")), "{others:?}");
    }
    assert_eq!(story.object("SiteDatabase acme").object.get("status"), None);

    // When another manager writes a status, then a later commit leaves it.
    let status = json!({"status": {"observedGeneration": 1, "databaseStatus": {"phase": "Ready"}}});
    let arguments = ["-n", story.cluster, "patch", "sitedatabase", "acme", "--type", "merge"];
    let text = status.to_string();
    let written = ["--subresource", "status", "-p", &text];
    story.kubectl().with(&[&arguments[..], &written].concat(), "");
    story.state("acme.yaml", "labels: {tier: gold}\n");
    story.deliver("Label acme");
    let after = story.object("SiteDatabase acme").object;
    assert_eq!(after["metadata"]["labels"]["tier"], "gold");
    assert_eq!(after["status"], status["status"]);

    // When the status is of an older generation, then every layer still takes the next commit.
    let spec = json!({"spec": {"user": "somebody"}}).to_string();
    let arguments = [&arguments[..], &["-p", &spec]].concat();
    story.kubectl().with(&arguments, "");
    story.state("globex.yaml", "labels: {tier: gold}\n");
    story.deliver("Label globex");
    let generation = story.object("SiteDatabase acme").object["metadata"]["generation"].clone();
    assert!(generation.as_u64().unwrap() > 1, "{generation}");

    // When the cluster no longer states it, then the SiteDatabases go, and nothing else does.
    let before = story.live();
    story.write_cluster("cluster");
    story.deliver("No status any more");
    for id in ["SiteDatabase acme", "SiteDatabase big", "SiteDatabase globex"] {
        story.wait_until_gone(id);
    }
    eventually("everything else is there", LIMIT, || {
        let is_there = before.keys().all(|id| story.find(id).is_some());
        is_there.then_some(()).ok_or("something went")
    });
}
