//! What a SiteDatabase says of its site, by system, mode and version of frappe-operator.

use crate::project::{MARIADB, POSTGRES, cluster, rendered, report, root};
use serde_json::{Value, json};
use sitewright::operator::FrappeVersion;
use sitewright_api::SiteDatabaseSpec;

/// The rest of a Cluster. No object carries a password in the mode `plain`.
const STATUS: &str = "status: true\n";

/// The spec of the site `acme`.
fn spec(frappe: &str, databases: &str, definitions: &[(&str, &str)]) -> Value {
    let root = root(&cluster(frappe, databases, STATUS), definitions);
    let objects = rendered(root.path());
    let spec = report(&objects, "acme")["spec"].clone();
    let typed: SiteDatabaseSpec = serde_json::from_value(spec.clone()).unwrap();
    assert_eq!(serde_json::to_value(typed).unwrap(), spec, "the type has other fields");
    spec
}

/// Everything but the objects, without the names in SQL, which `tests/naming.rs` covers.
fn facts(spec: &Value) -> Value {
    let mut facts = spec.clone();
    let fields = facts.as_object_mut().unwrap();
    fields.remove("objects");
    assert_eq!(fields.remove("database"), fields.remove("user"));
    facts
}

/// The objects, each as `kind namespace/name`, with a namespace only where it is stated.
fn objects(spec: &Value) -> Vec<String> {
    let text = |object: &Value, key: &str| object[key].as_str().map(str::to_owned);
    let shown = |object: &Value| {
        let api = text(object, "apiVersion").unwrap();
        let namespace = text(object, "namespace").map(|it| format!("{it}/")).unwrap_or_default();
        let ready = text(object, "ready").map(|it| format!(" by {it}")).unwrap_or_default();
        let [kind, name] = ["kind", "name"].map(|key| text(object, key).unwrap());
        format!("{api} {kind} {namespace}{name}{ready}")
    };
    spec["objects"].as_array().unwrap().iter().map(shown).collect()
}

const SHARED: &str = "kind: Site\nsiteName: acme.example.com\nbench: b16\ndatabase: {server: db}\n";
const SERVER: &str = "kind: DatabaseServer\nstorageSize: 1Gi\n";
const OUTSIDE: &str =
    "kind: DatabaseServer\nexternal: {host: db.acme.com, tls: {enabled: false}}\n";

const OF_ACME: [&str; 3] = [
    "k8s.mariadb.com/v1alpha1 Database acme-db",
    "k8s.mariadb.com/v1alpha1 User acme-user",
    "k8s.mariadb.com/v1alpha1 Grant acme-grant",
];

/// The objects of a site on MariaDB.
fn on_mariadb(server: &str, frappe: &str) -> Vec<String> {
    let api = if frappe == "5.2" { "v1" } else { "v1alpha1" };
    let ready = if frappe == "2.3" { " by SiteURL" } else { "" };
    let first = format!("k8s.mariadb.com/v1alpha1 {server}");
    let last = [
        format!("vyogo.tech/{api} FrappeBench b16"),
        format!("vyogo.tech/{api} FrappeSite acme{ready}"),
    ];
    let middle = OF_ACME.iter().map(|it| (*it).to_owned());
    [first].into_iter().chain(middle).chain(last).collect()
}

/// Every version of frappe-operator.
fn versions() -> impl Iterator<Item = &'static str> {
    FrappeVersion::ALL.into_iter().map(|version| version.profile().id)
}

#[test]
fn a_shared_site_on_mariadb() {
    for frappe in versions() {
        let spec = spec(frappe, MARIADB, &[("db.yaml", SERVER), ("acme.yaml", SHARED)]);
        let expected = json!({
            "siteName": "acme.example.com", "provider": "mariadb", "mode": "shared", "server": "db",
            "bench": "b16", "host": "db.erp.svc.cluster.local", "port": 3306,
        });
        assert_eq!(facts(&spec), expected, "{frappe}");
        assert!(spec["database"].as_str().is_some_and(|name| name.starts_with('_')), "{frappe}");
        assert_eq!(objects(&spec), on_mariadb("MariaDB db", frappe), "{frappe}");
    }
}

/// The reference to a server of another namespace says so, whether sitewright renders the server or not.
#[test]
fn a_server_in_another_namespace() {
    for more in ["storageSize: 1Gi", "managed: false"] {
        let server = format!("kind: DatabaseServer\nnamespace: databases\n{more}\n");
        let spec = spec("2.6", MARIADB, &[("db.yaml", &server), ("acme.yaml", SHARED)]);
        assert_eq!(spec["server"], "databases/db", "{more}");
        assert_eq!(spec["host"], "db.databases.svc.cluster.local", "{more}");
        assert_eq!(objects(&spec), on_mariadb("MariaDB databases/db", "2.6"), "{more}");
    }
}

/// Where sitewright decides the connection, it leads to the Service for writes.
#[test]
fn a_server_with_replicas() {
    let server = format!("{SERVER}topology: replication\nreplicas: 3\n");
    let spec = spec("5.2", MARIADB, &[("db.yaml", &server), ("acme.yaml", SHARED)]);
    assert_eq!(spec["host"], "db-primary.erp.svc.cluster.local");
}

#[test]
fn a_dedicated_site_on_mariadb() {
    let site = "kind: Site\nsiteName: acme.example.com\nbench: b16\n\
                database: {mode: dedicated, storageSize: 1Gi}\n";
    for frappe in versions() {
        let spec = spec(frappe, MARIADB, &[("acme.yaml", site)]);
        let expected = json!({
            "siteName": "acme.example.com", "provider": "mariadb", "mode": "dedicated",
            "bench": "b16", "host": "acme-mariadb.erp.svc.cluster.local", "port": 3306,
        });
        assert_eq!(facts(&spec), expected, "{frappe}");
        assert_eq!(objects(&spec), on_mariadb("MariaDB acme-mariadb", frappe), "{frappe}");
    }
}

/// An operator that computes the connection reaches the server by the Service of its name.
#[test]
fn a_site_on_a_server_outside_the_cluster() {
    for frappe in versions() {
        let site = "kind: Site\nsiteName: acme.example.com\nbench: b16\n\
                    database: {mode: external, server: db}\n";
        let spec = spec(frappe, MARIADB, &[("db.yaml", OUTSIDE), ("acme.yaml", site)]);
        let takes_connection = ["2.5", "5.2"].contains(&frappe);
        let host = if takes_connection { "db.acme.com" } else { "db.erp.svc.cluster.local" };
        let expected = json!({
            "siteName": "acme.example.com", "provider": "mariadb", "mode": "external",
            "server": "db", "bench": "b16", "host": host, "port": 3306,
        });
        assert_eq!(facts(&spec), expected, "{frappe}");
        assert_eq!(objects(&spec), on_mariadb("ExternalMariaDB db", frappe), "{frappe}");
    }
}

/// What is only in a Secret is left out.
#[test]
fn a_database_that_exists_already() {
    let site = |connection: &str| {
        format!(
            "kind: Site\nsiteName: acme.example.com\nbench: b16\n\
             database: {{mode: external, connection: {connection}}}\n"
        )
    };
    for (connection, host, port) in [
        ("{secretName: legacy}", json!(null), json!(null)),
        ("{secretName: legacy, host: old.acme.com}", json!("old.acme.com"), json!(null)),
        (
            "{secretName: legacy, host: old.acme.com, port: 3307}",
            json!("old.acme.com"),
            json!(3307),
        ),
    ] {
        let spec = spec("2.5", MARIADB, &[("acme.yaml", &site(connection))]);
        assert_eq!((&spec["host"], &spec["port"]), (&host, &port), "{connection}");
        let fields = spec.as_object().unwrap();
        assert!(["server", "database", "user"].iter().all(|it| !fields.contains_key(*it)));
        let frappe = ["vyogo.tech/v1alpha1 FrappeBench b16", "vyogo.tech/v1alpha1 FrappeSite acme"];
        assert_eq!(objects(&spec), frappe, "{connection}");
    }
}

#[test]
fn a_site_on_postgres() {
    let objects_of = |server: &str, namespace: &str| {
        vec![
            format!("postgresql.cnpg.io/v1 Cluster {namespace}{server}"),
            format!("postgresql.cnpg.io/v1 Database {namespace}acme-db"),
            format!("postgresql.cnpg.io/v1 DatabaseRole {namespace}acme-role"),
            "vyogo.tech/v1 FrappeBench b16".to_owned(),
            "vyogo.tech/v1 FrappeSite acme".to_owned(),
        ]
    };
    let site = |database: &str| {
        format!(
            "kind: Site\nsiteName: acme.example.com\nbench: b16\napps: [hrms]\n\
             database: {{provider: postgres, {database}}}\n"
        )
    };
    let shared = |namespace: &str| {
        format!(
            "kind: DatabaseServer\nprovider: postgres\nstorageSize: 1Gi\nnamespace: {namespace}\n"
        )
    };
    for (namespace, server, host, shown) in [
        ("erp", "pg", "pg-rw.erp.svc.cluster.local", ""),
        ("databases", "databases/pg", "pg-rw.databases.svc.cluster.local", "databases/"),
    ] {
        let spec = spec(
            "5.2",
            POSTGRES,
            &[("pg.yaml", &shared(namespace)), ("acme.yaml", &site("server: pg"))],
        );
        let expected = json!({
            "siteName": "acme.example.com", "provider": "postgres", "mode": "shared",
            "server": server, "bench": "b16", "host": host, "port": 5432,
        });
        assert_eq!(facts(&spec), expected);
        assert_eq!(objects(&spec), objects_of("pg", shown));
    }
    let dedicated = site("mode: dedicated, storageSize: 1Gi");
    let spec = spec("5.2", POSTGRES, &[("acme.yaml", &dedicated)]);
    assert_eq!(spec["host"], "acme-postgres-rw.erp.svc.cluster.local");
    assert_eq!(objects(&spec), objects_of("acme-postgres", ""));
}
