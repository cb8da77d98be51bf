//! The statuses that operators write, word for word (sources: `tests/statuses/mod.rs` of the repository).

use serde_json::{Value, json};

fn condition(kind: &str, status: &str, reason: &str, message: &str) -> Value {
    json!({
        "type": kind, "status": status, "reason": reason, "message": message,
        "lastTransitionTime": "2026-01-01T00:00:00Z",
    })
}

/// The condition `Ready` alone.
pub(crate) fn ready(status: &str, reason: &str, message: &str) -> Value {
    json!({"conditions": [condition("Ready", status, reason, message)]})
}

/// A Database, User or Grant that mariadb-operator has made.
pub(crate) fn created() -> Value {
    ready("True", "Created", "Created")
}

/// A MariaDB that runs.
pub(crate) fn running() -> Value {
    ready("True", "StatefulSetReady", "Running")
}

/// The condition of a SealedSecret.
pub(crate) fn synced(status: &str, message: &str) -> Value {
    let condition = json!({"type": "Synced", "status": status, "message": message});
    json!({"observedGeneration": 1, "conditions": [condition]})
}

/// A FrappeBench of frappe-operator 2.6 whose init Job succeeded.
pub(crate) fn initialized() -> Value {
    let condition = condition("Ready", "True", "Initialized", "Bench is initialized");
    json!({"phase": "Ready", "observedGeneration": 1, "conditions": [condition]})
}

/// A FrappeSite of frappe-operator 2.6.4 that is on its way.
pub(crate) fn site_provisioning(database: &str) -> Value {
    let message = "Provisioning database";
    json!({
        "phase": "Provisioning",
        "databaseName": database,
        "conditions": [condition("DatabaseReady", "False", "Provisioning", message)],
    })
}

/// A FrappeSite of frappe-operator 2.6.4 that is ready.
pub(crate) fn site_ready(database: &str, generation: i64) -> Value {
    json!({
        "phase": "Ready",
        "observedGeneration": generation,
        "siteURL": "http://acme.example",
        "databaseName": database,
        "conditions": [condition("Ready", "True", "SiteReady", "Site is ready")],
    })
}

/// A FrappeSite of frappe-operator 2.3, whose phase changes for ever. It has its address from its first Ready on.
pub(crate) fn site_2_3(phase: &str, address: Option<&str>) -> Value {
    let mut status = json!({"phase": phase});
    if let Some(address) = address {
        status["siteURL"] = json!(address);
    }
    status
}

/// A Database or DatabaseRole of CloudNativePG whose SQL was executed.
pub(crate) fn applied(generation: i64) -> Value {
    json!({"applied": true, "observedGeneration": generation})
}

/// A Cluster of CloudNativePG.
pub(crate) fn postgres_server(phase: &str, status: &str, reason: &str) -> Value {
    let message = if status == "True" { "Cluster is Ready" } else { "Cluster Is Not Ready" };
    json!({
        "phase": phase,
        "writeService": "pg-rw",
        "conditions": [condition("Ready", status, reason, message)],
    })
}
