//! Objects as small as their CRDs let them be, and SiteDatabases that refer to them.

use serde_json::{Value, json};

pub(crate) const MARIADB: &str = "k8s.mariadb.com/v1alpha1";
pub(crate) const FRAPPE: &str = "vyogo.tech/v1alpha1";
const POSTGRES: &str = "postgresql.cnpg.io/v1";

pub(crate) fn list(items: &[Value]) -> String {
    json!({"apiVersion": "v1", "kind": "List", "items": items}).to_string()
}

fn object(api: &str, kind: &str, namespace: &str, name: &str, spec: Value) -> Value {
    let metadata = json!({"name": name, "namespace": namespace});
    json!({"apiVersion": api, "kind": kind, "metadata": metadata, "spec": spec})
}

pub(crate) fn mariadb(namespace: &str, name: &str) -> Value {
    object(MARIADB, "MariaDB", namespace, name, json!({"storage": {"size": "1Gi"}}))
}

/// The Database, the User and the Grant of a site on the server `db`.
pub(crate) fn sql(namespace: &str, site: &str) -> [Value; 3] {
    let spec = json!({"mariaDbRef": {"name": "db"}});
    let mut grant = spec.clone();
    grant["privileges"] = json!(["SELECT"]);
    grant["username"] = json!(site);
    [
        object(MARIADB, "Database", namespace, &format!("{site}-db"), spec.clone()),
        object(MARIADB, "User", namespace, &format!("{site}-user"), spec),
        object(MARIADB, "Grant", namespace, &format!("{site}-grant"), grant),
    ]
}

pub(crate) fn bench(namespace: &str, name: &str) -> Value {
    object(FRAPPE, "FrappeBench", namespace, name, json!({"frappeVersion": "version-16"}))
}

pub(crate) fn frappe_site(namespace: &str, name: &str) -> Value {
    let spec = json!({
        "benchRef": {"name": "bench", "namespace": namespace},
        "siteName": format!("{name}.example"),
        "domain": format!("{name}.example"),
    });
    object(FRAPPE, "FrappeSite", namespace, name, spec)
}

pub(crate) fn sealed_secret(namespace: &str, name: &str) -> Value {
    let spec = json!({"encryptedData": {"password": "c2VhbGVk"}});
    object("bitnami.com/v1alpha1", "SealedSecret", namespace, name, spec)
}

pub(crate) fn external_secret(namespace: &str, name: &str) -> Value {
    let spec = json!({"refreshInterval": "1h0m0s"});
    object("external-secrets.io/v1", "ExternalSecret", namespace, name, spec)
}

/// A Cluster of CloudNativePG with the Database and the DatabaseRole of a site.
pub(crate) fn postgres(namespace: &str, site: &str) -> [Value; 3] {
    let cluster = json!({"name": "pg"});
    let server = json!({"instances": 1, "storage": {"size": "1Gi"}});
    let role = json!({"cluster": cluster, "name": site});
    let database = json!({"cluster": cluster, "name": site, "owner": site});
    [
        object(POSTGRES, "Cluster", namespace, "pg", server),
        object(POSTGRES, "DatabaseRole", namespace, &format!("{site}-role"), role),
        object(POSTGRES, "Database", namespace, &format!("{site}-db"), database),
    ]
}

/// What a SiteDatabase says of an object to watch.
pub(crate) fn reference(object: &Value) -> Value {
    let (api, kind, name) = (&object["apiVersion"], &object["kind"], &object["metadata"]["name"]);
    json!({"apiVersion": api, "kind": kind, "name": name})
}

/// A SiteDatabase that refers to objects in its namespace.
pub(crate) fn site_database(namespace: &str, name: &str, references: &[Value]) -> Value {
    let spec = json!({
        "siteName": format!("{name}.example"),
        "provider": "mariadb",
        "mode": "shared",
        "server": "db",
        "bench": "bench",
        "host": format!("db.{namespace}.svc.cluster.local"),
        "port": 3306,
        "database": format!("_{name}"),
        "user": format!("_{name}"),
        "objects": references,
    });
    object(sitewright_api::API_VERSION, sitewright_api::KIND, namespace, name, spec)
}

/// A SiteDatabase that refers to these objects.
pub(crate) fn site_of(namespace: &str, name: &str, objects: &[&Value]) -> Value {
    let references: Vec<Value> = objects.iter().map(|object| reference(object)).collect();
    site_database(namespace, name, &references)
}
