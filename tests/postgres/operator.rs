//! What CloudNativePG does with the objects: its SQL (source: `Create` in
//! `internal/management/controller/roles/postgres.go` and `createDatabase` in
//! `internal/management/controller/database_controller_sql.go` of 1.30.0), and what its finalizers do.

use crate::server::Server;
use serde_yaml::Value;
use std::path::Path;

/// A site's part of a server.
#[derive(Clone)]
pub(crate) struct Tenant {
    pub(crate) database: Value,
    pub(crate) role: Value,
    pub(crate) password: String,
}

impl Tenant {
    /// The name of its database and its role.
    pub(crate) fn name(&self) -> &str {
        text(&self.database["spec"]["name"])
    }
}

pub(crate) fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("no text: {value:?}"))
}

/// A rendered object, such as `shared/database`.
pub(crate) fn rendered(path: &str) -> Value {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/postgres/rendered");
    let text = std::fs::read_to_string(folder.join(format!("{path}.yaml"))).unwrap();
    serde_yaml::from_str(&text).unwrap()
}

/// The rules of `pg_hba` of the rendered server.
pub(crate) fn rules() -> Vec<String> {
    let cluster = rendered("main/cluster");
    let rules = cluster["spec"]["postgresql"]["pg_hba"].as_sequence().unwrap().clone();
    rules.iter().map(|rule| text(rule).to_owned()).collect()
}

/// `pgx.Identifier.Sanitize`.
fn identifier(name: &Value) -> String {
    format!("\"{}\"", text(name).replace('"', "\"\""))
}

pub(crate) fn create_role(tenant: &Tenant) -> String {
    let spec = &tenant.role["spec"];
    let option = |field: &str, word: &str| match spec[field].as_bool().unwrap() {
        true => word.to_owned(),
        false => format!("NO{word}"),
    };
    let options = [
        option("bypassrls", "BYPASSRLS"),
        option("createdb", "CREATEDB"),
        option("createrole", "CREATEROLE"),
        option("inherit", "INHERIT"),
        option("login", "LOGIN"),
        option("replication", "REPLICATION"),
        option("superuser", "SUPERUSER"),
    ];
    assert!(spec["inRoles"].is_null());
    format!(
        "CREATE ROLE {} {} CONNECTION LIMIT {} PASSWORD '{}'",
        identifier(&spec["name"]),
        options.join(" "),
        spec["connectionLimit"].as_i64().unwrap(),
        tenant.password
    )
}

/// The operator applies a changed Secret by the same options.
pub(crate) fn alter_role(tenant: &Tenant) -> String {
    create_role(tenant).replace("CREATE ROLE", "ALTER ROLE")
}

pub(crate) fn create_database(tenant: &Tenant) -> String {
    let spec = &tenant.database["spec"];
    format!("CREATE DATABASE {} OWNER {}", identifier(&spec["name"]), identifier(&spec["owner"]))
}

/// What becomes of an object's subject when the object goes.
pub(crate) fn finalize(object: &Value) -> Option<String> {
    let spec = &object["spec"];
    let (field, what) = match text(&object["kind"]) {
        "Database" => ("databaseReclaimPolicy", "DATABASE"),
        "DatabaseRole" => ("databaseRoleReclaimPolicy", "ROLE"),
        other => panic!("nothing is known of a {other} that goes"),
    };
    match text(&spec[field]) {
        "retain" => None,
        "delete" => Some(format!("DROP {what} IF EXISTS {}", identifier(&spec["name"]))),
        other => panic!("{other}"),
    }
}

/// Makes everything of these tenants. A database needs its owner first: the operator tries again.
pub(crate) fn reconcile(server: &Server, tenants: &[Tenant]) {
    let databases: Vec<String> = tenants.iter().map(create_database).collect();
    let early = server.root("postgres", &databases).errors;
    assert_eq!(early.len(), tenants.len(), "every database came before its owner");
    server.operate(&tenants.iter().map(create_role).collect::<Vec<_>>());
    server.operate(&databases);
}
