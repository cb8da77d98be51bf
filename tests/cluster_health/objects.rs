//! An object of each kind, as small as its CRD lets it be.

use crate::statuses::Case;
use serde_json::{Value, json};

pub(crate) const NAMESPACE: &str = "erp";

/// An object of a kind.
pub(crate) fn object(case: &Case, name: &str) -> Value {
    let (api, spec) = match case.group {
        Some("postgresql.cnpg.io") => ("postgresql.cnpg.io/v1", of_postgres(case.kind)),
        _ => described(case.kind, name),
    };
    json!({
        "apiVersion": api,
        "kind": case.kind,
        "metadata": {"name": name, "namespace": NAMESPACE},
        "spec": spec,
    })
}

/// What CloudNativePG's CRDs ask for.
fn of_postgres(kind: &str) -> Value {
    let cluster = json!({"name": "main"});
    match kind {
        "Cluster" => json!({"instances": 1, "storage": {"size": "1Gi"}}),
        "Database" => json!({"cluster": cluster, "name": "acme", "owner": "acme"}),
        "DatabaseRole" => json!({"cluster": cluster, "name": "acme"}),
        "Pooler" => json!({"cluster": cluster, "pgbouncer": {"poolMode": "session"}}),
        "ScheduledBackup" => json!({"cluster": cluster, "schedule": "0 0 3 * * *"}),
        other => panic!("no object of the kind {other}"),
    }
}

fn described(kind: &str, name: &str) -> (&'static str, Value) {
    const MARIADB: &str = "k8s.mariadb.com/v1alpha1";
    const FRAPPE: &str = "vyogo.tech/v1alpha1";
    let server = json!({"name": "db"});
    let volume = json!({"volume": {"persistentVolumeClaim": {"claimName": "backups"}}});
    match kind {
        "MariaDB" => (MARIADB, json!({"storage": {"size": "1Gi"}})),
        "ExternalMariaDB" => (MARIADB, json!({"host": "db.example", "username": "root"})),
        "Database" | "User" => (MARIADB, json!({"mariaDbRef": server})),
        "Grant" => {
            let privileges = ["SELECT"];
            (MARIADB, json!({"mariaDbRef": server, "privileges": privileges, "username": "acme"}))
        }
        "Backup" if name.contains("scheduled") => {
            let schedule = json!({"cron": "0 3 * * *"});
            (MARIADB, json!({"mariaDbRef": server, "storage": volume, "schedule": schedule}))
        }
        "Backup" | "PhysicalBackup" => (MARIADB, json!({"mariaDbRef": server, "storage": volume})),
        "ObjectStore" => {
            let store = json!({"destinationPath": "s3://backups/"});
            ("barmancloud.cnpg.io/v1", json!({"configuration": store}))
        }
        "PodMonitor" => ("monitoring.coreos.com/v1", json!({"selector": {}})),
        "FrappeBench" => (FRAPPE, json!({"frappeVersion": "version-16"})),
        "FrappeSite" => {
            let bench = json!({"name": "bench", "namespace": NAMESPACE});
            (FRAPPE, json!({"benchRef": bench, "siteName": "acme.example"}))
        }
        "SealedSecret" => {
            ("bitnami.com/v1alpha1", json!({"encryptedData": {"password": "c2VhbGVk"}}))
        }
        "ExternalSecret" => ("external-secrets.io/v1", json!({"refreshInterval": "1h0m0s"})),
        "PushSecret" => {
            let selector = json!({"secret": {"name": name}});
            let stores = json!([{"name": "vault"}]);
            let spec = json!({"secretStoreRefs": stores, "selector": selector});
            ("external-secrets.io/v1alpha1", spec)
        }
        "Password" => {
            let spec = json!({"allowRepeat": true, "length": 32, "noUpper": false});
            ("generators.external-secrets.io/v1alpha1", spec)
        }
        other => panic!("no object of the kind {other}"),
    }
}

/// The same object with a field that its definition changed meanwhile.
pub(crate) fn changed(mut object: Value) -> Value {
    let (field, value) = match object["kind"].as_str().unwrap() {
        "User" => ("maxUserConnections", json!(5)),
        "Database" => ("owner", json!("other")),
        "DatabaseRole" => ("connectionLimit", json!(5)),
        "FrappeBench" => ("frappeVersion", json!("version-15")),
        "FrappeSite" => ("domain", json!("erp.acme.example")),
        "SealedSecret" => ("encryptedData", json!({"password": "bWVuZGVk"})),
        other => panic!("no change of the kind {other}"),
    };
    object["spec"][field] = value;
    object
}
