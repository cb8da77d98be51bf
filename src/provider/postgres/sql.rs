//! What a PostgreSQL server must answer: databases with their owners, roles with their attributes and limits, and who
//! is a member of a role.

use crate::provider::sql::{Asked, Fact, Promised, ServerRef, SqlFacts};
use crate::risk::Object;
use crate::source::node::Value;
use std::collections::BTreeSet;

/// The facts of PostgreSQL.
#[derive(Debug)]
pub(super) struct PostgresFacts;

/// The attributes of a role: the field of DatabaseRole, its default in the CRD, the column of `pg_roles`.
const ATTRIBUTES: [(&str, bool, &str); 7] = [
    ("bypassrls", false, "rolbypassrls"),
    ("createdb", false, "rolcreatedb"),
    ("createrole", false, "rolcreaterole"),
    ("inherit", true, "rolinherit"),
    ("login", false, "rolcanlogin"),
    ("replication", false, "rolreplication"),
    ("superuser", false, "rolsuper"),
];

impl SqlFacts for PostgresFacts {
    fn client(&self) -> &'static str {
        "psql --username=postgres --dbname=postgres --no-psqlrc"
    }

    fn kinds(&self) -> &'static [&'static str] {
        &["Database", "DatabaseRole", "Cluster"]
    }

    fn promised(&self, object: &Object) -> Option<Promised> {
        if !object.text(&["apiVersion"])?.starts_with("postgresql.cnpg.io/") {
            return None;
        }
        if object.text(&["spec", "ensure"]) == Some("absent") {
            return None;
        }
        let name = object.text(&["spec", "name"])?;
        let (facts, asked) = match object.text(&["kind"])? {
            "Database" => (
                database(object, name)?,
                Asked { databases: [name.to_owned()].into(), ..Asked::default() },
            ),
            "DatabaseRole" => (
                role(object, name),
                Asked { accounts: [name.to_owned()].into(), ..Asked::default() },
            ),
            _ => return None,
        };
        let server = ServerRef {
            kind: "Cluster".to_owned(),
            namespace: object.text(&["metadata", "namespace"]).unwrap_or_default().to_owned(),
            name: object.text(&["spec", "cluster", "name"])?.to_owned(),
        };
        Some(Promised { server, facts, asked })
    }

    fn statements(&self, asked: &Asked) -> Vec<String> {
        let (databases, roles) = (list(&asked.databases), list(&asked.accounts));
        let attributes = ATTRIBUTES
            .map(|(field, _, column)| format!("CASE WHEN {column} THEN '{field} ' ELSE '' END"));
        vec![
            format!(
                "SELECT 'sitewright database ' || datname || ' owner = ' || pg_get_userbyid(datdba) AS answer \
                 FROM pg_database WHERE datname IN ({databases}) ORDER BY datname;"
            ),
            format!(
                "SELECT 'sitewright role ' || rolname || ' connection-limit = ' || rolconnlimit AS answer \
                 FROM pg_roles WHERE rolname IN ({roles}) ORDER BY rolname;"
            ),
            format!(
                "SELECT 'sitewright role ' || rolname || ' attributes = ' || trim({}) AS answer \
                 FROM pg_roles WHERE rolname IN ({roles}) ORDER BY rolname;",
                attributes.join(" || ")
            ),
            format!(
                "SELECT 'sitewright role ' || r.rolname || ' has the member = ' || m.rolname AS answer \
                 FROM pg_auth_members a JOIN pg_roles r ON r.oid = a.roleid JOIN pg_roles m ON m.oid = a.member \
                 WHERE r.rolname IN ({roles}) AND NOT m.rolsuper ORDER BY r.rolname, m.rolname;"
            ),
            format!(
                "SELECT 'sitewright role ' || m.rolname || ' is a member of = ' || r.rolname AS answer \
                 FROM pg_auth_members a JOIN pg_roles r ON r.oid = a.roleid JOIN pg_roles m ON m.oid = a.member \
                 WHERE m.rolname IN ({roles}) ORDER BY r.rolname, m.rolname;"
            ),
        ]
    }

    fn fits(&self, promised: &str, found: &str) -> bool {
        promised == found
    }
}

fn database(object: &Object, name: &str) -> Option<Vec<Fact>> {
    let owner = object.text(&["spec", "owner"])?.to_owned();
    Some(vec![Fact { subject: format!("database {name} owner"), value: owner }])
}

fn role(object: &Object, name: &str) -> Vec<Fact> {
    let value = |field: &str| object.at(&["spec", field]).map(|node| &node.value);
    let has = |(field, default, _): &(&'static str, bool, &str)| match value(field) {
        Some(Value::Bool(stated)) => *stated,
        _ => *default,
    };
    let attributes: Vec<&str> =
        ATTRIBUTES.iter().filter(|it| has(it)).map(|(field, _, _)| *field).collect();
    let limit = match value("connectionLimit") {
        Some(Value::Int(limit)) => *limit,
        // The default of the CRD: no limit.
        _ => -1,
    };
    vec![
        Fact { subject: format!("role {name} connection-limit"), value: limit.to_string() },
        Fact { subject: format!("role {name} attributes"), value: attributes.join(" ") },
    ]
}

/// A list of names for `IN`.
fn list(names: &BTreeSet<String>) -> String {
    // `IN ()` is not valid.
    if names.is_empty() {
        return "NULL".to_owned();
    }
    // A backslash is an ordinary character in a text without `E` (`standard_conforming_strings`).
    names
        .iter()
        .map(|name| format!("'{}'", name.replace('\'', "''")))
        .collect::<Vec<_>>()
        .join(", ")
}
