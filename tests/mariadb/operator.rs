//! What mariadb-operator does with the objects: its SQL, formatted as plainly as it does (source:
//! `pkg/sql/sql.go` of 25.10), and what its finalizers do (source: `CleanupPolicy`).

use crate::fleet::{Tenant, text};
use crate::server::Server;
use serde_yaml::Value;

fn account(user: &Value) -> String {
    format!("'{}'@'{}'", text(&user["spec"]["name"]), text(&user["spec"]["host"]))
}

pub(crate) fn create_database(database: &Value) -> String {
    let spec = &database["spec"];
    format!(
        "CREATE DATABASE `{}` CHARACTER SET = '{}' COLLATE = '{}'",
        text(&spec["name"]),
        text(&spec["characterSet"]),
        text(&spec["collate"])
    )
}

pub(crate) fn create_user(user: &Value, password: &str) -> String {
    let connections = &user["spec"]["maxUserConnections"];
    format!(
        "CREATE USER IF NOT EXISTS {} IDENTIFIED BY '{password}' WITH MAX_USER_CONNECTIONS {}",
        account(user),
        connections.as_u64().unwrap()
    )
}

pub(crate) fn alter_user(user: &Value, password: &str) -> String {
    create_user(user, password).replace("CREATE USER IF NOT EXISTS", "ALTER USER")
}

pub(crate) fn grant(grant: &Value) -> String {
    let spec = &grant["spec"];
    assert_eq!(spec["grantOption"], Value::Bool(false));
    let privileges: Vec<&str> =
        spec["privileges"].as_sequence().unwrap().iter().map(text).collect();
    format!(
        "GRANT {} ON `{}`.{} TO '{}'@'{}'",
        privileges.join(","),
        text(&spec["database"]),
        text(&spec["table"]),
        text(&spec["username"]),
        text(&spec["host"])
    )
}

/// What becomes of an object's subject when the object goes.
pub(crate) fn finalize(object: &Value) -> Option<String> {
    let spec = &object["spec"];
    // Unset means Delete.
    if spec["cleanupPolicy"].as_str() == Some("Skip") {
        return None;
    }
    match text(&object["kind"]) {
        "Database" => Some(format!("DROP DATABASE IF EXISTS `{}`", text(&spec["name"]))),
        "User" => Some(format!("DROP USER IF EXISTS {}", account(object))),
        other => panic!("nothing is known of a {other} that goes"),
    }
}

/// Creates everything of these tenants, in an order that its controllers may well have: grants are tried
/// before there are users, fail with 1133, and are tried again.
pub(crate) fn reconcile(server: &Server, tenants: &[Tenant]) {
    let of = |statement: fn(&Tenant) -> String| -> Vec<String> {
        tenants.iter().map(statement).collect()
    };
    let grants = of(|tenant| grant(&tenant.grant));
    let early = server.run("root", "", &grants);
    assert_eq!(early.errors.len(), grants.len());
    assert!(early.errors.iter().all(|(_, error)| *error == 1133), "{:?}", early.errors);
    server.root(&of(|tenant| create_database(&tenant.database)));
    server.root(&of(|tenant| create_user(&tenant.user, &tenant.password)));
    server.root(&grants);
}

/// Takes everything away, whatever the objects say.
pub(crate) fn wipe(server: &Server, tenants: &[Tenant]) {
    let statements = tenants.iter().flat_map(|tenant| {
        [
            format!("DROP DATABASE IF EXISTS `{}`", tenant.name()),
            format!("DROP DATABASE IF EXISTS `{}`", tenant.neighbour()),
            format!("DROP USER IF EXISTS {}", account(&tenant.user)),
        ]
    });
    server.root(&statements.collect::<Vec<_>>());
}
