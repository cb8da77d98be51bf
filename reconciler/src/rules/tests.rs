//! Each row is a status that an operator writes, and what it must mean.

use super::*;
use Verdict::{Deleting, NeedsPerson, Pending, Provisioning, Ready, Retried, Unobserved, Waiting};
use serde_json::{Value, json};

/// The verdict on an object of generation 2.
fn verdict_as(kind: Kind, readiness: Option<Readiness>, status: Value) -> Report {
    let object = json!({"metadata": {"name": "acme", "generation": 2}, "status": status});
    judge(kind, readiness, &serde_json::from_value(object).unwrap())
}

fn ready(status: &str, reason: &str) -> Value {
    condition("Ready", status, reason, "why")
}

fn condition(type_: &str, status: &str, reason: &str, message: &str) -> Value {
    json!({"conditions": [{
        "type": type_, "status": status, "reason": reason, "message": message,
        "lastTransitionTime": "2026-01-01T00:00:00Z",
    }]})
}

/// Both statuses together.
fn with(mut one: Value, other: Value) -> Value {
    let fields = one.as_object_mut().unwrap();
    fields.extend(other.as_object().unwrap().clone());
    one
}

fn check(kind: Kind, rows: &[(Value, Verdict)]) {
    check_as(kind, None, rows);
}

fn check_as(kind: Kind, readiness: Option<Readiness>, rows: &[(Value, Verdict)]) {
    let general =
        [(Value::Null, Pending), (json!({}), Pending), (json!({"conditions": []}), Pending)];
    for (status, expected) in general.iter().chain(rows) {
        let report = verdict_as(kind, readiness, status.clone());
        assert_eq!(report.verdict, *expected, "{kind:?} with {status}");
        assert_eq!(report.message.is_empty(), *expected == Ready, "{kind:?} with {status}");
    }
}

#[test]
fn mariadb() {
    check(
        Kind::MariaDb,
        &[
            (ready("True", "StatefulSetReady"), Ready),
            (ready("True", "PendingUpdate"), Ready),
            (ready("True", "Maintenance"), Ready),
            (ready("Unknown", "StatefulSetNotReady"), Provisioning),
        ],
    );
    for reason in [
        "StatefulSetNotReady",
        "Initializing",
        "RestoreBackup",
        "ReplayBinlogs",
        "ScalingOut",
        "ReplicaRecovering",
        "Updating",
        "ResizingStorage",
        "WaitStorageResize",
        "SwitchPrimary",
        "GaleraNotReady",
    ] {
        check(Kind::MariaDb, &[(ready("False", reason), Provisioning)]);
    }
    for reason in [
        "Failed",
        "InitError",
        "ScaleOutError",
        "ReplicaRecoverError",
        "ArchiveBinlogsError",
        "ReplayBinlogsError",
        "Suspended",
        "Cordoned",
    ] {
        check(Kind::MariaDb, &[(ready("False", reason), NeedsPerson)]);
    }
}

#[test]
fn an_external_mariadb_goes_by_status_and_not_by_reason() {
    check(
        Kind::ExternalMariaDb,
        &[
            (ready("True", "Healthy"), Ready),
            (ready("False", "Healthy"), Retried),
            (ready("False", "Failed"), Retried),
        ],
    );
}

#[test]
fn database_user_and_grant() {
    let failed = |message: &str| condition("Ready", "False", "Failed", message);
    check(
        Kind::MariaDbSql,
        &[
            (ready("True", "Created"), Ready),
            (failed("Error creating database: Error 1007"), Retried),
            (failed("MariaDB not found"), Waiting),
            (failed("ExternalMariaDB not found"), Waiting),
            (failed("Error connecting to MariaDB: dial tcp"), Waiting),
            (
                failed("Error creating grant: Error 1133 (28000): Can't find any matching row"),
                Waiting,
            ),
            (failed("MariaDB has pending binlog replay"), Waiting),
            (failed("Error 1045: user a11330 denied"), Retried),
        ],
    );
    let report = verdict_as(Kind::MariaDbSql, None, failed("Error 1064:\nsyntax"));
    assert_eq!(report.message, "Error 1064: syntax");
    assert_eq!(report.since, Some(1_767_225_600));
}

#[test]
fn frappe_site_by_phase() {
    for kind in [Kind::FrappeSite, Kind::FrappeSiteV1] {
        check(
            kind,
            &[
                (json!({"phase": ""}), Pending),
                (json!({"phase": "Pending"}), Provisioning),
                (json!({"phase": "Provisioning"}), Provisioning),
                // Written by 2.3 to 2.6.3, which have no observedGeneration.
                (json!({"phase": "Ready"}), Ready),
                (json!({"phase": "Ready", "observedGeneration": 2}), Ready),
                (json!({"phase": "Ready", "observedGeneration": 1}), Unobserved),
                (json!({"phase": "Failed"}), Retried),
                // The condition is not reset when the site provisions again.
                (with(json!({"phase": "Provisioning"}), ready("True", "SiteReady")), Provisioning),
                (with(json!({"phase": "Failed"}), ready("False", "ValidationFailed")), Retried),
                (
                    with(json!({"phase": "Failed"}), ready("False", "DatabaseProviderFailed")),
                    Retried,
                ),
                (
                    with(
                        json!({"phase": "Provisioning"}),
                        condition("Terminating", "True", "Deleting", "x"),
                    ),
                    Deleting,
                ),
            ],
        );
    }
}

#[test]
fn a_failed_init_job_is_final_in_5_x_only() {
    let status = with(json!({"phase": "Failed"}), ready("False", "SiteInitializationFailed"));
    check(Kind::FrappeSite, &[(status.clone(), Retried)]);
    check(Kind::FrappeSiteV1, &[(status, NeedsPerson)]);
}

#[test]
fn a_condition_says_why_a_frappe_site_waits() {
    let status = with(
        json!({"phase": "Pending"}),
        condition("BenchReady", "False", "BenchNotReady", "bench b"),
    );
    assert_eq!(verdict_as(Kind::FrappeSite, None, status).message, "bench b");
    let status = json!({"phase": "Failed"});
    assert_eq!(verdict_as(Kind::FrappeSite, None, status).message, "phase Failed");
}

#[test]
fn frappe_site_2_3_by_its_address() {
    check_as(
        Kind::FrappeSite,
        Some(Readiness::SiteUrl),
        &[
            (json!({"phase": "Ready"}), Provisioning),
            (json!({"phase": "Failed"}), Retried),
            (json!({"phase": "Provisioning", "siteURL": ""}), Provisioning),
            (json!({"phase": "Provisioning", "siteURL": "http://acme"}), Ready),
            (json!({"phase": "Failed", "siteURL": "http://acme"}), Ready),
            (json!({"siteURL": "http://acme"}), Ready),
        ],
    );
}

#[test]
fn frappe_bench() {
    check(
        Kind::FrappeBench,
        &[
            (json!({"phase": "Ready", "observedGeneration": 2}), Ready),
            (json!({"phase": "Ready", "observedGeneration": 1}), Unobserved),
            (json!({"phase": "Ready"}), Ready),
            (json!({"phase": "Provisioning", "observedGeneration": 2}), Provisioning),
            (with(json!({"phase": "Failed"}), ready("False", "InitializationFailed")), Retried),
            (with(json!({"phase": "Ready"}), condition("Degraded", "True", "x", "x")), Ready),
        ],
    );
}

#[test]
fn secrets() {
    let synced = |status: &str, generation: i64| {
        with(json!({"observedGeneration": generation}), condition("Synced", status, "", "no key"))
    };
    check(
        Kind::SealedSecret,
        &[
            (synced("True", 2), Ready),
            (synced("True", 1), Unobserved),
            (synced("False", 2), Retried),
            (synced("False", 1), Unobserved),
        ],
    );
    check(
        Kind::ExternalSecret,
        &[(ready("True", "SecretSynced"), Ready), (ready("False", "SecretSyncedError"), Retried)],
    );
}

#[test]
fn postgres_cluster() {
    let phase = |phase: &str| with(json!({"phase": phase}), ready("False", "ClusterIsNotReady"));
    check(
        Kind::PostgresCluster,
        &[
            (
                with(json!({"phase": "Cluster in healthy state"}), ready("True", "ClusterIsReady")),
                Ready,
            ),
            (ready("False", "ClusterIsNotReady"), Provisioning),
            (condition("ContinuousArchiving", "True", "x", "x"), Pending),
            (phase("Setting up primary"), Provisioning),
            (phase("Failing over"), Provisioning),
            (phase("Unable to create required cluster objects"), Retried),
        ],
    );
    for text in cloudnative_pg_needs_person() {
        check(Kind::PostgresCluster, &[(phase(text), NeedsPerson)]);
    }
    let outdated =
        json!({"conditions": [{"type": "Ready", "status": "True", "observedGeneration": 1}]});
    check(Kind::PostgresCluster, &[(outdated, Unobserved)]);
    let explained = with(phase("Invalid cluster definition"), json!({"phaseReason": "no image"}));
    let report = verdict_as(Kind::PostgresCluster, None, explained);
    assert_eq!(report.message, "Invalid cluster definition: no image");
}

/// Written out, so that a row that is lost in the table is missed here.
fn cloudnative_pg_needs_person() -> [&'static str; 6] {
    [
        "Cluster is unrecoverable and needs manual intervention",
        "Waiting for user action",
        "Invalid cluster definition",
        "Cluster has incomplete or invalid image catalog",
        "Cluster cannot proceed to reconciliation due to an unknown plugin being required",
        "Cluster cannot execute instance online upgrade due to missing architecture binary",
    ]
}

#[test]
fn postgres_database_and_role() {
    check(
        Kind::PostgresSql,
        &[
            (json!({"applied": true, "observedGeneration": 2}), Ready),
            (json!({"applied": true, "observedGeneration": 1}), Unobserved),
            (json!({"applied": true}), Unobserved),
            (json!({"applied": false, "message": "role \"a\" does not exist"}), Retried),
            (json!({"applied": false}), Retried),
            (condition("PasswordSecretChange", "True", "x", "x"), Pending),
        ],
    );
}

#[test]
fn an_object_that_is_being_deleted_is_not_ready() {
    let object = json!({
        "metadata": {"name": "acme", "deletionTimestamp": "2026-01-01T00:00:00Z"},
        "status": {"phase": "Ready", "databaseName": "_a"},
    });
    let report = judge(Kind::FrappeSite, None, &serde_json::from_value(object).unwrap());
    assert_eq!(report.verdict, Deleting);
    assert_eq!(report.fact, Some(Fact::Database("_a".to_owned())));
}

#[test]
fn live_facts() {
    let report =
        verdict_as(Kind::FrappeSite, None, json!({"phase": "Ready", "databaseName": "_a"}));
    assert_eq!(report.fact, Some(Fact::Database("_a".to_owned())));
    let report = verdict_as(Kind::PostgresCluster, None, json!({"writeService": "pg-rw"}));
    assert_eq!(report.fact, Some(Fact::Service("pg-rw".to_owned())));
    let report = verdict_as(Kind::FrappeSite, None, json!({"phase": "Ready", "databaseName": ""}));
    assert_eq!(report.fact, None);
}
