//! What mariadb-operator does with the objects: its SQL, formatted as plainly as it does (source:
//! `pkg/sql/sql.go` of 25.10), and what its finalizers do (source: `CleanupPolicy`).

use crate::fleet::{Tenant, text};
use crate::server::Server;
use serde_yaml::Value;

/// A grant to an account that is not there yet.
const NO_SUCH_ACCOUNT: u32 = 1133;

fn account(user: &Value) -> String {
    format!("'{}'@'{}'", text(&user["spec"]["name"]), text(&user["spec"]["host"]))
}

fn create_database(database: &Value) -> String {
    let spec = &database["spec"];
    format!(
        "CREATE DATABASE `{}` CHARACTER SET = '{}' COLLATE = '{}'",
        text(&spec["name"]),
        text(&spec["characterSet"]),
        text(&spec["collate"])
    )
}

fn create_user(user: &Value, password: &str) -> String {
    let connections = &user["spec"]["maxUserConnections"];
    format!(
        "CREATE USER IF NOT EXISTS {} IDENTIFIED BY '{password}' WITH MAX_USER_CONNECTIONS {}",
        account(user),
        connections.as_u64().unwrap()
    )
}

fn alter_user(user: &Value, password: &str) -> String {
    create_user(user, password).replace("CREATE USER IF NOT EXISTS", "ALTER USER")
}

fn grant(grant: &Value) -> String {
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

/// Makes everything of these tenants as it should be, in an order that its controllers may well have:
/// grants are tried before there are users, fail, and are tried again. How many failed at first.
pub(crate) fn reconcile(server: &Server, tenants: &[Tenant]) -> usize {
    let grants: Vec<String> = tenants.iter().map(|tenant| grant(&tenant.grant)).collect();
    let early = server.run("root", "", &grants).errors;
    assert!(early.iter().all(|(_, error)| *error == NO_SUCH_ACCOUNT), "{early:?}");
    // It makes what it does not find. A database that it finds, it leaves as it is.
    let are_there = |questions: Vec<String>| -> Vec<bool> {
        server.root(&questions).iter().map(|count| count != "0").collect()
    };
    let databases = are_there(each(tenants, |tenant| {
        let name = text(&tenant.database["spec"]["name"]);
        format!("SELECT COUNT(*) FROM information_schema.schemata WHERE schema_name = '{name}'")
    }));
    let missing = tenants.iter().zip(databases).filter(|(_, is_there)| !is_there);
    server.root(&missing.map(|(tenant, _)| create_database(&tenant.database)).collect::<Vec<_>>());
    let users = are_there(each(tenants, |tenant| {
        let spec = &tenant.user["spec"];
        let (name, host) = (text(&spec["name"]), text(&spec["host"]));
        format!("SELECT COUNT(*) FROM mysql.user WHERE user = '{name}' AND host = '{host}'")
    }));
    let users = tenants.iter().zip(users).map(|(tenant, is_there)| match is_there {
        true => alter_user(&tenant.user, &tenant.password),
        false => create_user(&tenant.user, &tenant.password),
    });
    server.root(&users.collect::<Vec<_>>());
    server.root(&grants);
    early.len()
}

fn each(tenants: &[Tenant], statement: impl Fn(&Tenant) -> String) -> Vec<String> {
    tenants.iter().map(statement).collect()
}

/// Takes everything away, whatever the objects say.
pub(crate) fn wipe(server: &Server, tenants: &[Tenant]) {
    let statements = tenants.iter().flat_map(|tenant| {
        [tenant.name().to_owned(), tenant.neighbour()].into_iter().flat_map(|name| {
            [
                format!("DROP DATABASE IF EXISTS `{name}`"),
                format!("DROP USER IF EXISTS '{name}'@'%'"),
            ]
        })
    });
    server.root(&statements.collect::<Vec<_>>());
}
