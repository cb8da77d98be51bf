//! The privileges of a site's account in its own database.

use minijinja::Value;
use std::sync::LazyLock;

/// The privileges that a site needs in its own database, and no others (source: Frappe's
/// documentation and setup code).
const NEEDED: [&str; 17] = [
    "SELECT",
    "INSERT",
    "UPDATE",
    "DELETE",
    "CREATE",
    "DROP",
    "INDEX",
    "ALTER",
    "CREATE TEMPORARY TABLES",
    "CREATE VIEW",
    "EVENT",
    "TRIGGER",
    "SHOW VIEW",
    "CREATE ROUTINE",
    "ALTER ROUTINE",
    "EXECUTE",
    "LOCK TABLES",
];

/// The privileges as one list that all sites share.
pub(super) static PRIVILEGES: LazyLock<Value> = LazyLock::new(|| NEEDED.into_iter().collect());

/// The privileges that some versions of frappe-operator grant themselves.
pub(super) static ALL_PRIVILEGES: LazyLock<Value> =
    LazyLock::new(|| ["ALL PRIVILEGES"].into_iter().collect());
