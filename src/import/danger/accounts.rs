//! Dangers of the databases and accounts of mariadb-operator.

use super::{FRAPPE, Live, MARIADB, about, text, twins};
use crate::diagnostic::{Code, Diagnostic};
use crate::live::LiveObject;

/// A server, as `mariaDbRef` names it: its kind, namespace and name.
type Server<'o> = (&'o str, &'o str, &'o str);

/// The server of a Database, User or Grant.
fn server(object: &LiveObject) -> Server<'_> {
    let of = |key: &str| text(object, &["spec", "mariaDbRef", key]);
    let kind = of("kind").unwrap_or("MariaDB");
    (kind, of("namespace").unwrap_or(&object.key.namespace), of("name").unwrap_or_default())
}

/// The name in SQL: `spec.name`, or else the name of the object.
fn sql_name(object: &LiveObject) -> &str {
    text(object, &["spec", "name"]).unwrap_or(&object.key.name)
}

fn host(object: &LiveObject) -> &str {
    text(object, &["spec", "host"]).unwrap_or("%")
}

/// Whether a pattern of a Grant has a wildcard: `_` or `%` without a backslash before it (MariaDB's documentation of
/// GRANT; mariadb-operator adds only backticks, `escapeWildcard` in `pkg/sql/sql.go`).
fn has_wildcard(pattern: &str) -> bool {
    let mut escaped = false;
    pattern.chars().any(|character| {
        let is_wildcard = !escaped && matches!(character, '_' | '%');
        escaped = !escaped && character == '\\';
        is_wildcard
    })
}

/// The pattern that means this name only. What is escaped already stays so.
fn escaped(pattern: &str) -> String {
    let (mut out, mut after_backslash) = (String::new(), false);
    for character in pattern.chars() {
        if !after_backslash && matches!(character, '_' | '%') {
            out.push('\\');
        }
        after_backslash = !after_backslash && character == '\\';
        out.push(character);
    }
    out
}

pub(super) fn unescaped_grants(live: &Live) -> Vec<Diagnostic> {
    let found = live.of(MARIADB, "Grant").filter_map(|grant| {
        let pattern = text(grant, &["spec", "database"])?;
        // A Grant on a table names the database literally.
        let is_pattern = text(grant, &["spec", "table"]).is_none_or(|table| table == "*");
        if !is_pattern || !has_wildcard(pattern) {
            return None;
        }
        let message = format!(
            "the {} gives its account every database whose name fits the pattern `{pattern}`",
            grant.key
        );
        let help = format!(
            "write `{}`. `database` of a Grant is immutable: set its `cleanupPolicy` to `Skip`, delete the object, \
             apply one with the escaped name, and revoke the privileges on `{pattern}` on the server",
            escaped(pattern)
        );
        // SW840: a Grant that reaches other databases.
        Some(about(Code::WideGrant, grant, message, help))
    });
    found.collect()
}

pub(super) fn cleanup_policies(live: &Live) -> Vec<Diagnostic> {
    // An account that is dropped can be made again, so `Delete` is safe for a User. Nobody chose a policy that is
    // unset.
    let kinds = [
        ("Database", "drops the database with all its data", true, "Skip"),
        ("User", "drops the account, also while a site uses it", false, "Delete` or `Skip"),
        ("Grant", "revokes the privileges, also while a site uses them", true, "Skip"),
    ];
    let mut found = Vec::new();
    for (kind, effect, is_harmful, instead) in kinds {
        for object in live.of(MARIADB, kind) {
            let policy = text(object, &["spec", "cleanupPolicy"]);
            let state = match policy {
                None => "has no `cleanupPolicy`, which means `Delete`",
                Some("Delete") if is_harmful => "has the `cleanupPolicy` `Delete`",
                Some(_) => continue,
            };
            let message = format!("the {} {state}: to remove the object {effect}", object.key);
            let help =
                format!("set `spec.cleanupPolicy` to `{instead}` before anything removes it");
            // SW841: an object whose removal drops what it made.
            found.push(about(Code::DropsData, object, message, help));
        }
    }
    found
}

pub(super) fn shared_accounts(live: &Live) -> Vec<Diagnostic> {
    let users = live.of(MARIADB, "User");
    let users = users.map(|user| ((server(user), sql_name(user), host(user)), user));
    twins(users, |(server, name, host), user, other| {
        let message = format!(
            "the {} makes the account `{name}@{host}` of the {}, and so does the {}",
            user.key,
            named(*server),
            other.key
        );
        let help = "each sets its own password, and to remove either drops the account of both: set the \
                    `cleanupPolicy` of one to `Skip`, then remove it";
        // SW842: two Users of one account.
        about(Code::SharedAccount, user, message, help.to_owned())
    })
}

fn named((kind, namespace, name): Server) -> String {
    format!("{kind} {namespace}/{name}")
}

pub(super) fn shared_databases(live: &Live) -> Vec<Diagnostic> {
    let databases = live.of(MARIADB, "Database");
    let databases = databases.map(|database| ((server(database), sql_name(database)), database));
    let mut found = twins(databases, |(server, name), database, other| {
        let message = format!(
            "the {} makes the database `{name}` of the {}, and so does the {}",
            database.key,
            named(*server),
            other.key
        );
        let help = "to remove either drops the data of both: set the `cleanupPolicy` of one to `Skip`, then remove it";
        // SW843: two owners of one database.
        about(Code::SharedDatabase, database, message, help.to_owned())
    });
    let connected = live.of(FRAPPE, "FrappeSite").filter_map(|site| {
        let secret = text(site, &["spec", "dbConfig", "connectionSecretRef", "name"])?;
        Some(((site.key.namespace.as_str(), secret), site))
    });
    found.extend(twins(connected, |(namespace, secret), site, other| {
        let message = format!(
            "the {} and the {} use one database: both take it from the Secret `{namespace}/{secret}`",
            site.key, other.key
        );
        let help = "give each site its own database, account and Secret: two sites of one database overwrite each other";
        // SW843: two owners of one database.
        about(Code::SharedDatabase, site, message, help.to_owned())
    }));
    found
}

pub(super) fn shared_names(live: &Live) -> Vec<Diagnostic> {
    let servers = live.of(MARIADB, "ExternalMariaDB").chain(live.of(MARIADB, "MariaDB"));
    let servers = servers.map(|server| ((&*server.key.namespace, &*server.key.name), server));
    let drops = live.profiles.mariadb.is_none_or(|profile| profile.drops_outside);
    twins(servers, |_, server, outside| {
        let message = format!("the {} has the name of the {}", server.key, outside.key);
        let effect = match drops {
            true => "a reference without `kind` reaches the wrong one of the two",
            false => {
                "to remove a Database or User of the server outside runs the DROP on the one in the cluster"
            }
        };
        let help = format!("{effect}: make the ExternalMariaDB again under another name");
        // SW844: two servers of one name.
        about(Code::SharedServerName, server, message, help)
    })
}
