//! The statuses that operators write, kind by kind, and what an engine must make of each.
//!
//! One table for all judges: the health checks in Lua and CEL, and Flux's own controller.

use serde_json::{Value, json};
use std::fmt;

/// What an engine makes of an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// The object is as it should be.
    Current,
    /// It is not yet, and the engine waits.
    Waits,
    /// The engine gives up.
    Failed,
}
use Verdict::{Current, Failed, Waits};

/// The versions of a cluster's operators, as its definition states them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Versions {
    pub(crate) frappe: &'static str,
    pub(crate) mariadb: &'static str,
}

/// The oldest supported versions.
pub(crate) const OLDEST: Versions = Versions { frappe: "2.3", mariadb: "25.10" };
/// The versions between them.
pub(crate) const MIDDLE: Versions = Versions { frappe: "2.5", mariadb: "26.6" };
/// The newest supported versions that are no preview.
pub(crate) const NEWEST: Versions = Versions { frappe: "2.6", mariadb: "26.6" };

/// The version of frappe-operator that is a preview. Its kinds have another version of the API.
pub(crate) const PREVIEW: Versions = Versions { frappe: "5.2", mariadb: "26.6" };

/// Every set of versions.
pub(crate) const ALL: [Versions; 4] = [OLDEST, MIDDLE, NEWEST, PREVIEW];

/// A status of an object.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Case {
    pub(crate) kind: &'static str,
    /// The API group of the kind, if another group has a kind of that name, or if it belongs to PostgreSQL.
    pub(crate) group: Option<&'static str>,
    /// What tells it from the others of its kind.
    pub(crate) name: &'static str,
    /// Null where the operator has written none yet.
    pub(crate) status: Value,
    /// Whether the object was changed after its operator wrote this status: its generation is 2 then,
    /// and else 1.
    pub(crate) changed: bool,
    pub(crate) flux: Verdict,
    pub(crate) argocd: Verdict,
    /// Where the status comes from.
    pub(crate) source: &'static str,
}

impl Case {
    fn changed(self) -> Self {
        Self { changed: true, ..self }
    }

    fn argocd(self, argocd: Verdict) -> Self {
        Self { argocd, ..self }
    }

    /// The generation of its object.
    pub(crate) fn generation(&self) -> u64 {
        if self.changed { 2 } else { 1 }
    }
}

impl fmt::Display for Case {
    fn fmt(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        let Self { kind, name, status, flux, argocd, source, .. } = self;
        write!(
            formatter,
            "{kind} `{name}` with {status} (for Flux {flux:?}, for Argo CD {argocd:?}; source: {source})"
        )
    }
}

/// Every case of a cluster with these versions.
pub(crate) fn cases(versions: Versions) -> Vec<Case> {
    let mut cases = [servers(), of_postgres(), tenants(), backups(), secrets()].concat();
    cases.extend(if versions.mariadb == OLDEST.mariadb { Vec::new() } else { only_in_26_6() });
    cases.extend(match versions.frappe {
        "2.3" => frappe_2_3(),
        "2.5" => frappe_2_5(),
        // 5.2 writes the same phases and conditions.
        _ => frappe_2_6(),
    });
    cases
}

type Row = (&'static str, Value, Verdict);

fn of(kind: &'static str, source: &'static str, rows: Vec<Row>) -> Vec<Case> {
    let case = |(name, status, verdict)| Case {
        kind,
        group: None,
        name,
        status,
        changed: false,
        flux: verdict,
        argocd: verdict,
        source,
    };
    rows.into_iter().map(case).collect()
}

fn condition(kind: &str, status: &str, reason: &str, message: &str) -> Value {
    json!({
        "type": kind, "status": status, "reason": reason, "message": message,
        "lastTransitionTime": "2026-01-01T00:00:00Z",
    })
}

fn conditions<const N: usize>(conditions: [Value; N]) -> Value {
    json!({"conditions": conditions.to_vec()})
}

/// The condition `Ready` alone.
fn ready(status: &str, reason: &str) -> Value {
    conditions([condition("Ready", status, reason, reason)])
}

/// The condition `Complete` alone.
fn complete(status: &str, reason: &str, message: &str) -> Value {
    conditions([condition("Complete", status, reason, message)])
}

/// Argo CD's own check calls every error Degraded, though its operator tries again.
fn degraded(cases: Vec<Case>) -> Vec<Case> {
    let failed = |case: Case| if case.name == "error" { case.argocd(Failed) } else { case };
    cases.into_iter().map(failed).collect()
}

fn none() -> Row {
    ("no-status", Value::Null, Waits)
}

fn empty() -> Row {
    ("no-condition", conditions([]), Waits)
}

/// mariadb-operator 25.10.4 and 26.6.0.
const READY: &str =
    "mariadb-operator, `pkg/condition/ready.go` and `api/v1alpha1/condition_types.go`";
const COMPLETE: &str = "mariadb-operator, `pkg/condition/complete.go`";

fn servers() -> Vec<Case> {
    let mariadb = vec![
        none(),
        empty(),
        ("on-its-way", ready("False", "StatefulSetNotReady"), Waits),
        ("restores", ready("False", "RestoreBackup"), Waits),
        // A person is needed, and what a person mends needs no new commit.
        ("failed", ready("False", "Failed"), Waits),
        ("suspended", ready("False", "Suspended"), Waits),
        ("ready", ready("True", "StatefulSetReady"), Current),
        ("update-pending", ready("True", "PendingUpdate"), Current),
    ];
    let external = vec![
        none(),
        ("down", ready("False", "Failed"), Waits),
        // The status decides, not the reason.
        ("healthy-and-down", ready("False", "Healthy"), Waits),
        ("healthy", ready("True", "Healthy"), Current),
    ];
    [of("MariaDB", READY, mariadb), of("ExternalMariaDB", READY, external)].concat()
}

/// CloudNativePG 1.30.0.
const CLUSTER: &str = "CloudNativePG, `api/v1/cluster_types.go`";
const POOLER: &str = "CloudNativePG, `internal/controller/pooler_status.go`";
const SCHEDULED: &str = "CloudNativePG, `api/v1/scheduledbackup_types.go`";
/// plugin-barman-cloud 0.14.0.
const STORE: &str = "plugin-barman-cloud, `api/v1/objectstore_types.go`";
/// Prometheus operator 0.93.0.
const METRICS: &str = "Prometheus operator, which writes no status that tells health";

fn of_postgres() -> Vec<Case> {
    let phase = |phase: &str, condition: Value| json!({"phase": phase, "conditions": [condition]});
    let ready = |status: &str, reason: &str| condition("Ready", status, reason, reason);
    let archived =
        condition("ContinuousArchiving", "True", "ContinuousArchivingSuccess", "Working");
    let cluster = vec![
        none(),
        empty(),
        ("on-its-way", phase("Setting up primary", ready("False", "ClusterIsNotReady")), Waits),
        ("another-condition", conditions([archived]), Waits),
        ("failing-over", phase("Failing over", ready("False", "ClusterIsNotReady")), Waits),
        ("ready", phase("Cluster in healthy state", ready("True", "ClusterIsReady")), Current),
    ];
    let of_pooler = |phase: &str, reason: &str| json!({"phase": phase, "phaseReason": reason});
    let pooler = vec![
        none(),
        // The Cluster or a Secret is not there yet.
        ("inactive", of_pooler("inactive", "cluster not found"), Waits),
        // A person is needed, and what a person mends needs no new commit.
        ("failed", of_pooler("failed", "no such image catalog"), Waits),
        ("active", json!({"phase": "active", "instances": 1}), Current),
        ("paused", of_pooler("paused", "pgbouncer is paused"), Current),
    ];
    // The plugin writes what can be restored, and nothing else.
    let window =
        json!({"serverRecoveryWindow": {"main": {"lastFailedBackupTime": "2026-01-01T00:00:00Z"}}});
    let store = vec![("no-status", Value::Null, Current), ("failed", window, Current)];
    let scheduled = vec![
        ("no-status", Value::Null, Current),
        ("scheduled", json!({"nextScheduleTime": "2026-01-01T03:00:00Z"}), Current),
        ("ran", json!({"lastScheduleTime": "2026-01-01T03:00:00Z"}), Current),
    ];
    // Its schedule is refused, where the webhook is not asked.
    let refused = json!({"error": "spec.schedule: Invalid value"});
    let refused = of("ScheduledBackup", SCHEDULED, vec![("refused", refused, Current)]);
    let refused: Vec<Case> = refused.into_iter().map(|case| case.argocd(Failed)).collect();
    let monitor = vec![("no-status", Value::Null, Current)];
    let of_group = |group, cases: Vec<Case>| {
        let cases = cases.into_iter();
        cases.map(move |case| Case { group: Some(group), ..case }).collect::<Vec<_>>()
    };
    let applied = ["Database", "DatabaseRole"].map(applied).concat();
    let scheduled = [of("ScheduledBackup", SCHEDULED, scheduled), refused].concat();
    let pooler = of("Pooler", POOLER, pooler);
    let cases = [of("Cluster", CLUSTER, cluster), applied, pooler, scheduled].concat();
    let stores = of("ObjectStore", STORE, store);
    let metrics = of("PodMonitor", METRICS, monitor);
    [
        of_group("postgresql.cnpg.io", cases),
        of_group("barmancloud.cnpg.io", stores),
        of_group("monitoring.coreos.com", metrics),
    ]
    .concat()
}

/// A database and a role have no condition. The operator writes the generation only when it has applied it.
fn applied(kind: &'static str) -> Vec<Case> {
    const SOURCE: &str = "CloudNativePG, `internal/management/controller/common.go`";
    let missing = "role \"_1_acme\" does not exist";
    let rows = vec![
        none(),
        ("refused", json!({"applied": false, "message": missing}), Waits),
        ("applied", json!({"applied": true, "observedGeneration": 1}), Current),
    ];
    let changed = vec![("changed", json!({"applied": true, "observedGeneration": 1}), Waits)];
    let changed = of(kind, SOURCE, changed).into_iter().map(Case::changed);
    of(kind, SOURCE, rows).into_iter().chain(changed).collect()
}

fn only_in_26_6() -> Vec<Case> {
    let mariadb = vec![
        ("cordoned", ready("False", "Cordoned"), Waits),
        ("maintenance", ready("True", "Maintenance"), Current),
    ];
    let on_demand = json!({
        "lastScheduleOnDemand": "one",
        "conditions": [condition("Complete", "True", "JobComplete", "Success")],
    });
    let backup = vec![("on-demand", on_demand, Current)];
    [of("MariaDB", READY, mariadb), of("PhysicalBackup", COMPLETE, backup)].concat()
}

fn tenants() -> Vec<Case> {
    // They are retried for ever.
    let message = "Error creating database: Error 1044 (42000): Access denied\nfor user 'root'@'%'";
    let rows = |kind| {
        let rows = vec![
            // There is no condition while they wait for their server.
            none(),
            empty(),
            ("another-condition", complete("True", "JobComplete", "Success"), Waits),
            ("failed", conditions([condition("Ready", "False", "Failed", message)]), Waits),
            ("created", ready("True", "Created"), Current),
        ];
        of(kind, READY, rows)
    };
    let databases = rows("Database").into_iter();
    let databases = databases.map(|case| Case { group: Some("k8s.mariadb.com"), ..case }).collect();
    let mut cases = [databases, rows("User"), rows("Grant")].concat();
    // No kind of this operator has an observedGeneration: an old status counts for a changed object.
    let old = vec![("changed", ready("True", "Created"), Current)];
    cases.extend(of("User", READY, old).into_iter().map(Case::changed));
    cases
}

/// Backups run at night, so they hold nothing up. Argo CD shows a failed one where people look.
fn backups() -> Vec<Case> {
    let status = |status: &str, reason: &str| complete(status, reason, reason);
    let once = vec![
        ("no-status", Value::Null, Current),
        ("runs", status("False", "JobRunning"), Current),
        ("failed-to-start", status("False", "Failed"), Current),
        ("done", status("True", "JobComplete"), Current),
    ];
    let scheduled = vec![
        // Before its first run, too.
        ("scheduled", status("False", "CronJobScheduled"), Current),
        ("scheduled-runs", status("False", "CronJobRunning"), Current),
        ("scheduled-done", status("True", "CronJobSuccess"), Current),
        ("scheduled-failed", complete("False", "CronJobScheduled", "Failed"), Current),
    ];
    let physical = vec![
        ("no-status", Value::Null, Current),
        ("done", status("True", "JobComplete"), Current),
        ("snapshot", status("True", "SnapshotComplete"), Current),
        ("snapshot-failed", status("False", "SnapshotFailed"), Current),
    ];
    let failed = || vec![("failed", status("True", "JobFailed"), Current)];
    let mut cases = of("Backup", COMPLETE, [once, scheduled].concat());
    cases.extend(of("PhysicalBackup", COMPLETE, physical));
    let failed = ["Backup", "PhysicalBackup"].map(|kind| of(kind, COMPLETE, failed()));
    cases.extend(failed.concat().into_iter().map(|case| case.argocd(Failed)));
    cases
}

fn frappe_2_3() -> Vec<Case> {
    const SITE: &str = "frappe-operator 2.3.0, `controllers/frappesite_controller.go`";
    const BENCH: &str = "frappe-operator 2.3.0, `controllers/frappebench_controller.go`";
    let phase = |phase: &str| json!({"phase": phase});
    // The first Ready brings the URL.
    let was_ready = |phase: &str| json!({"phase": phase, "siteURL": "http://acme.example"});
    let site = vec![
        none(),
        ("pending", phase("Pending"), Waits),
        ("provisioning", phase("Provisioning"), Waits),
        // It is retried.
        ("failed", phase("Failed"), Waits),
        ("ready", was_ready("Ready"), Current),
        // The phase changes several times a second, for ever.
        ("ready-and-provisioning", was_ready("Provisioning"), Current),
        ("ready-and-failed", was_ready("Failed"), Current),
    ];
    // It has no observedGeneration.
    let changed = vec![("changed", was_ready("Ready"), Current)];
    let bench_status = || json!({"phase": "Ready", "observedGeneration": 1});
    let bench = vec![none(), ("ready", bench_status(), Current)];
    let changed_bench = vec![("changed", bench_status(), Waits)];
    let changed = [of("FrappeSite", SITE, changed), of("FrappeBench", BENCH, changed_bench)];
    let changed = changed.concat().into_iter().map(Case::changed).collect();
    [of("FrappeSite", SITE, site), of("FrappeBench", BENCH, bench), changed].concat()
}

fn frappe_2_5() -> Vec<Case> {
    const SITE: &str = "frappe-operator 2.5.0, `controllers/frappesite_controller.go`";
    const BENCH: &str = "frappe-operator 2.5.0, `controllers/frappebench_controller.go`";
    let phase = |phase: &str| json!({"phase": phase});
    let site = vec![
        none(),
        ("pending", phase("Pending"), Waits),
        ("provisioning", phase("Provisioning"), Waits),
        // It is retried.
        ("failed", phase("Failed"), Waits),
        ("ready", phase("Ready"), Current),
    ];
    // It has no observedGeneration.
    let changed = vec![("changed", phase("Ready"), Current)];
    let bench_status = |phase: &str| json!({"phase": phase, "observedGeneration": 1});
    let bench = vec![
        none(),
        // For ever, where its init Job fails.
        ("provisioning", bench_status("Provisioning"), Waits),
        ("ready", bench_status("Ready"), Current),
    ];
    let changed_bench = vec![("changed", bench_status("Ready"), Waits)];
    let changed = [of("FrappeSite", SITE, changed), of("FrappeBench", BENCH, changed_bench)];
    let changed = changed.concat().into_iter().map(Case::changed).collect();
    [of("FrappeSite", SITE, site), of("FrappeBench", BENCH, bench), changed].concat()
}

fn frappe_2_6() -> Vec<Case> {
    const BEFORE: &str = "frappe-operator 2.6.1 and 2.6.3, `controllers/frappesite_controller.go`";
    const SITE: &str = "frappe-operator 2.6.4, `controllers/site_lifecycle.go`";
    const BENCH: &str = "frappe-operator 2.6, `controllers/frappebench_controller.go`";
    let with = |phase: &str, conditions: Value| json!({"phase": phase, "conditions": conditions});
    let seen = |mut status: Value| {
        status["observedGeneration"] = json!(1);
        status
    };
    let ready = || condition("Ready", "True", "SiteReady", "Site is ready");
    let not = |kind: &str, reason: &str| json!([condition(kind, "False", reason, reason)]);
    let before = vec![
        // There is no observedGeneration up to 2.6.3.
        ("ready-in-2-6-3", with("Ready", json!([ready()])), Current),
        ("failed-in-2-6-3", with("Failed", not("Ready", "SiteInitializationFailed")), Waits),
    ];
    let site = vec![
        none(),
        empty(),
        ("pending", with("Pending", not("BenchReady", "BenchNotReady")), Waits),
        ("provisioning", with("Provisioning", not("DatabaseReady", "Provisioning")), Waits),
        // It is retried: this is also the status while the init Job has attempts left.
        ("failed", with("Failed", not("Ready", "SiteInitializationFailed")), Waits),
        ("ready", seen(with("Ready", json!([ready()]))), Current),
        // The condition alone says nothing.
        ("ready-and-provisioning", seen(with("Provisioning", json!([ready()]))), Waits),
        ("ready-and-failed", seen(with("Failed", json!([ready()]))), Waits),
    ];
    let changed = vec![
        ("changed", seen(with("Ready", json!([ready()]))), Waits),
        // The condition stays, and observedGeneration comes with the next Ready.
        ("changed-and-provisioning", seen(with("Provisioning", json!([ready()]))), Waits),
    ];
    let initialized = || condition("Ready", "True", "Initialized", "Bench is ready");
    let degraded = || condition("Degraded", "True", "InitializationFailed", "Job failed");
    let failed = || json!([condition("Ready", "False", "InitializationFailed", "Job failed")]);
    let bench = vec![
        none(),
        ("provisioning", with("Provisioning", json!([])), Waits),
        // Its Job may still succeed.
        ("failed", seen(with("Failed", failed())), Waits),
        ("ready", seen(with("Ready", json!([initialized()]))), Current),
        // `Degraded` is never cleared.
        ("was-degraded", seen(with("Ready", json!([initialized(), degraded()]))), Current),
    ];
    let changed_bench = vec![("changed", seen(with("Ready", json!([initialized()]))), Waits)];
    let changed = [of("FrappeSite", SITE, changed), of("FrappeBench", BENCH, changed_bench)];
    let changed = changed.concat().into_iter().map(Case::changed).collect();
    let sites = [of("FrappeSite", BEFORE, before), of("FrappeSite", SITE, site)].concat();
    [sites, of("FrappeBench", BENCH, bench), changed].concat()
}

fn secrets() -> Vec<Case> {
    const SEALED: &str = "sealed-secrets 0.40.0, `pkg/controller/controller.go`";
    const EXTERNAL: &str = "external-secrets 2.9.0, `apis/`";
    let synced = |status: &str| {
        let message = if status == "True" { "" } else { "no key could decrypt secret (password)" };
        json!({
            "observedGeneration": 1,
            "conditions": [{
                "type": "Synced", "status": status, "message": message,
                "lastUpdateTime": "2026-01-01T00:00:00Z",
                "lastTransitionTime": "2026-01-01T00:00:00Z",
            }],
        })
    };
    let sealed = vec![
        none(),
        ("synced", synced("True"), Current),
        // What was sealed for another cluster stays so until a commit mends it.
        ("not-synced", synced("False"), Failed),
    ];
    // A commit that mends it is not judged by the old failure. Argo CD's own checks do not look at the
    // generation (source: `resource_customizations/` of 3.2).
    let changed = vec![("mended", synced("False"), Waits), ("changed", synced("True"), Waits)];
    let changed = of("SealedSecret", SEALED, changed).into_iter().map(Case::changed);
    let changed =
        changed.zip([Failed, Current]).map(|(case, argocd)| case.argocd(argocd)).collect();
    let external = vec![
        none(),
        ("error", ready("False", "SecretSyncedError"), Waits),
        ("synced", ready("True", "SecretSynced"), Current),
    ];
    let push = vec![
        none(),
        ("error", ready("False", "Errored"), Waits),
        ("synced", ready("True", "Synced"), Current),
    ];
    // A generator has no status.
    let password = vec![("no-status", Value::Null, Current)];
    let external = [
        degraded(of("ExternalSecret", EXTERNAL, external)),
        degraded(of("PushSecret", EXTERNAL, push)),
        of("Password", EXTERNAL, password),
    ];
    [of("SealedSecret", SEALED, sealed), changed, external.concat()].concat()
}
