//! A site on CloudNativePG, from nothing to Ready.

use crate::objects::{postgres, site_of};
use crate::reconciler::Reconciler;
use crate::recorder::Recorder;
use crate::stage::{Stage, database_status, ready};
use crate::statuses::{applied, postgres_server};
use serde_json::json;

#[test]
fn a_site_on_postgresql_becomes_ready() {
    let Some(stage) = Stage::enter("postgres") else { return };
    let objects = postgres("postgres", "acme");
    let [server, role, database] = &objects;
    let mut site = site_of("postgres", "acme", &[server, role, database]);
    site["spec"]["provider"] = json!("postgres");
    site["spec"]["host"] = json!("pg-rw.postgres.svc.cluster.local");
    site["spec"]["port"] = json!(5432);
    stage.apply(&[site]);
    let recorder = Recorder::start(&stage);
    let mut reconciler = Reconciler::start(&stage.plane, "postgres", &["--grace", "1h"]);
    reconciler.wait_until_ready();
    let pending = stage.wait_for_phase("acme", "Pending");
    assert_eq!(database_status(&pending)["lastError"], "Cluster postgres/pg: it does not exist");

    stage.apply(&objects);
    stage.set(server, &postgres_server("Setting up primary", "False", "ClusterIsNotReady"));
    stage.set(role, &applied(1));
    // Its first try comes before the role that owns it.
    let refused = "ERROR: role \"acme\" does not exist (SQLSTATE 42704)";
    stage.set(database, &json!({"applied": false, "message": refused}));
    let retried = stage.wait_for_phase("acme", "Provisioning");
    assert_eq!(database_status(&retried)["port"], 5432);

    let healthy = "Cluster in healthy state";
    stage.set(server, &postgres_server(healthy, "True", "ClusterIsReady"));
    let error = format!("Database postgres/acme-db: {refused}");
    stage.wait("acme", "names the Database", |site| database_status(site)["lastError"] == error);
    stage.set(database, &applied(1));
    let done = stage.wait_for_phase("acme", "Ready");
    assert_eq!(database_status(&done)["host"], "pg-rw.postgres.svc.cluster.local");

    // A changed role is as before until its SQL was executed: `applied` of an older generation does not count.
    let mut changed = role.clone();
    changed["spec"]["connectionLimit"] = json!(5);
    stage.apply(&[changed]);
    let waits = stage.wait_for_phase("acme", "Provisioning");
    assert_eq!(ready(&waits)["reason"], "WaitingForOperator");
    stage.set(role, &applied(2));
    stage.wait_for_phase("acme", "Ready");

    // A failover gives the Cluster another Service for a moment: the site stays ready, at another host.
    let mut moved = postgres_server(healthy, "True", "ClusterIsReady");
    moved["writeService"] = json!("pg-primary");
    stage.set(server, &moved);
    let host = "pg-primary.postgres.svc.cluster.local";
    stage.wait("acme", "has moved", |site| database_status(site)["host"] == host);

    let walked = ["Pending", "Provisioning", "Ready", "Provisioning", "Ready"];
    assert_eq!(recorder.phases(&stage, "acme"), walked);
    recorder.assert_times_are_kept("acme");
}
