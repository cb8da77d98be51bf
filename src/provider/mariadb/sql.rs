//! What a MariaDB server must answer: databases with their character sets, accounts with their limits, grants.
//!
//! The statements read `information_schema`, because `SHOW GRANTS` prints the hashes of passwords, and fails for an
//! account that is missing.

use crate::provider::sql::{Asked, Fact, Promised, ServerRef, SqlFacts};
use crate::risk::Object;
use crate::source::node::{Node, Value};
use std::collections::BTreeSet;

/// The facts of MariaDB.
#[derive(Debug)]
pub(super) struct MariadbFacts;

/// What `ALL PRIVILEGES` on a database grants at least (seen on MariaDB 10.11). Later versions add more.
const ALL: [&str; 19] = [
    "ALTER",
    "ALTER ROUTINE",
    "CREATE",
    "CREATE ROUTINE",
    "CREATE TEMPORARY TABLES",
    "CREATE VIEW",
    "DELETE",
    "DELETE HISTORY",
    "DROP",
    "EVENT",
    "EXECUTE",
    "INDEX",
    "INSERT",
    "LOCK TABLES",
    "REFERENCES",
    "SELECT",
    "SHOW VIEW",
    "TRIGGER",
    "UPDATE",
];

const ALL_PRIVILEGES: &str = "ALL PRIVILEGES";

impl SqlFacts for MariadbFacts {
    fn client(&self) -> &'static str {
        "mariadb --user=root --password --batch"
    }

    fn kinds(&self) -> &'static [&'static str] {
        &["Database", "User", "Grant", "MariaDB", "ExternalMariaDB"]
    }

    fn promised(&self, object: &Object) -> Option<Promised> {
        if !object.text(&["apiVersion"])?.starts_with("k8s.mariadb.com/") {
            return None;
        }
        let server = server(object)?;
        let (facts, asked) = match object.text(&["kind"])? {
            "Database" => database(object)?,
            "User" => user(object)?,
            "Grant" => grant(object)?,
            _ => return None,
        };
        Some(Promised { server, facts, asked })
    }

    fn statements(&self, asked: &Asked) -> Vec<String> {
        let databases = list(&asked.databases);
        let accounts = list(&asked.accounts);
        // The `WHERE` of each statement compares whole names. A pattern of `information_schema` reaches the databases
        // that it matches with `LIKE`, as MariaDB itself compares it.
        vec![
            format!(
                "SELECT CONCAT('sitewright database ', SCHEMA_NAME, ' character-set = ', DEFAULT_CHARACTER_SET_NAME) \
                 AS answer FROM information_schema.SCHEMATA WHERE SCHEMA_NAME IN ({databases});"
            ),
            format!(
                "SELECT CONCAT('sitewright database ', SCHEMA_NAME, ' collation = ', DEFAULT_COLLATION_NAME) \
                 AS answer FROM information_schema.SCHEMATA WHERE SCHEMA_NAME IN ({databases});"
            ),
            format!(
                "SELECT CONCAT('sitewright account ''', User, '''@''', Host, ''' max-user-connections = ', \
                 max_user_connections) AS answer FROM mysql.user WHERE User IN ({accounts});"
            ),
            format!(
                "SELECT CONCAT('sitewright account ', p.GRANTEE, ' global-privileges = ', GROUP_CONCAT(p.PRIVILEGE_TYPE \
                 ORDER BY p.PRIVILEGE_TYPE SEPARATOR ', ')) AS answer FROM information_schema.USER_PRIVILEGES p \
                 JOIN mysql.user u ON p.GRANTEE = CONCAT('''', u.User, '''@''', u.Host, '''') \
                 WHERE u.User IN ({accounts}) GROUP BY p.GRANTEE;"
            ),
            format!(
                "SELECT CONCAT('sitewright grant ', p.GRANTEE, ' on ', p.TABLE_SCHEMA, IF(p.IS_GRANTABLE = 'YES', \
                 ' with grant option', ''), ' = ', GROUP_CONCAT(p.PRIVILEGE_TYPE ORDER BY p.PRIVILEGE_TYPE \
                 SEPARATOR ', ')) AS answer FROM information_schema.SCHEMA_PRIVILEGES p WHERE EXISTS (SELECT 1 FROM \
                 information_schema.SCHEMATA s WHERE s.SCHEMA_NAME IN ({databases}) AND s.SCHEMA_NAME LIKE \
                 p.TABLE_SCHEMA) OR EXISTS (SELECT 1 FROM mysql.user u WHERE u.User IN ({accounts}) AND p.GRANTEE = \
                 CONCAT('''', u.User, '''@''', u.Host, '''')) GROUP BY p.GRANTEE, p.TABLE_SCHEMA, p.IS_GRANTABLE;"
            ),
        ]
    }

    fn fits(&self, promised: &str, found: &str) -> bool {
        if promised != ALL_PRIVILEGES {
            return promised == found;
        }
        let found: BTreeSet<&str> = found.split(", ").collect();
        ALL.iter().all(|privilege| found.contains(privilege))
    }
}

/// The server that `mariaDbRef` names.
fn server(object: &Object) -> Option<ServerRef> {
    let of = |field: &str| object.text(&["spec", "mariaDbRef", field]);
    let own = object.text(&["metadata", "namespace"]).unwrap_or_default();
    Some(ServerRef {
        kind: of("kind").unwrap_or("MariaDB").to_owned(),
        namespace: of("namespace").unwrap_or(own).to_owned(),
        name: of("name")?.to_owned(),
    })
}

/// Facts, and what they are about.
type Facts = (Vec<Fact>, Asked);

fn fact(subject: String, value: impl Into<String>) -> Fact {
    Fact { subject, value: value.into() }
}

fn database(object: &Object) -> Option<Facts> {
    let spec = |field: &str| object.text(&["spec", field]);
    let name = spec("name").or_else(|| object.text(&["metadata", "name"]))?;
    let facts = vec![
        fact(format!("database {name} character-set"), spec("characterSet").unwrap_or("utf8")),
        fact(format!("database {name} collation"), spec("collate").unwrap_or("utf8_general_ci")),
    ];
    let databases = [name.to_owned()].into();
    Some((facts, Asked { databases, ..Asked::default() }))
}

fn user(object: &Object) -> Option<Facts> {
    let spec = |field: &str| object.text(&["spec", field]);
    let name = spec("name").or_else(|| object.text(&["metadata", "name"]))?;
    let account = format!("'{name}'@'{}'", spec("host").unwrap_or("%"));
    let most = match object.at(&["spec", "maxUserConnections"]).map(|node| &node.value) {
        Some(Value::Int(most)) => *most,
        // The default of the CRD.
        _ => 10,
    };
    let facts = vec![
        fact(format!("account {account} max-user-connections"), most.to_string()),
        fact(format!("account {account} global-privileges"), "USAGE"),
    ];
    Some((facts, Asked { accounts: [name.to_owned()].into(), ..Asked::default() }))
}

/// A grant on all tables of a database. A grant on one table or on all databases promises nothing here.
fn grant(object: &Object) -> Option<Facts> {
    let spec = |field: &str| object.text(&["spec", field]);
    let database = spec("database").filter(|database| *database != "*")?;
    if spec("table").is_some_and(|table| table != "*") {
        return None;
    }
    let name = spec("username")?;
    let Value::List(privileges) = &object.at(&["spec", "privileges"])?.value else { return None };
    let mut privileges: Vec<&str> = privileges.iter().filter_map(Node::as_str).collect();
    privileges.sort_unstable();
    let option = match object.at(&["spec", "grantOption"]).map(|node| &node.value) {
        Some(Value::Bool(true)) => " with grant option",
        _ => "",
    };
    let subject = format!("grant '{name}'@'{}' on {database}{option}", spec("host").unwrap_or("%"));
    Some((
        vec![fact(subject, privileges.join(", "))],
        Asked { accounts: [name.to_owned()].into(), ..Asked::default() },
    ))
}

/// A list of names for `IN`.
fn list(names: &BTreeSet<String>) -> String {
    // `IN ()` is not valid.
    if names.is_empty() {
        return "NULL".to_owned();
    }
    names.iter().map(|name| literal(name)).collect::<Vec<_>>().join(", ")
}

/// A text in a statement. A name with any unusual character is written in hexadecimal, so that it means the same in
/// every `sql_mode`.
fn literal(text: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "_-.$@".contains(c);
    match text.chars().all(is_plain) {
        true => format!("'{text}'"),
        false => {
            let hex: String = text.bytes().map(|byte| format!("{byte:02X}")).collect();
            format!("CONVERT(X'{hex}' USING utf8mb4)")
        }
    }
}
