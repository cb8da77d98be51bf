//! What a site can read of others without touching their data: every table of `information_schema`, and
//! what the server lists.

use crate::fleet::Tenant;
use crate::server::{Said, Server, Session};
use std::collections::{BTreeMap, BTreeSet};

/// Tables in which the names of databases and accounts stand for whoever may see them.
const TELLING: [&str; 13] = [
    "COLUMNS",
    "EVENTS",
    "PARAMETERS",
    "PROCESSLIST",
    "ROUTINES",
    "SCHEMATA",
    "SCHEMA_PRIVILEGES",
    "STATISTICS",
    "TABLES",
    "TABLE_CONSTRAINTS",
    "TRIGGERS",
    "USER_PRIVILEGES",
    "VIEWS",
];

/// Where an account sees any of these names, by table or statement.
fn seen(
    server: &Server,
    user: &str,
    password: &str,
    names: &BTreeSet<&str>,
) -> BTreeMap<String, BTreeSet<String>> {
    const MARK: &str = "table ";
    let tables = ["SHOW TABLES FROM information_schema".to_owned()];
    let tables = server.run(user, password, &tables).rows;
    assert!(tables.len() > 50, "{tables:?}");
    let tables = tables.into_iter().map(|table| {
        let question = format!("SELECT * FROM information_schema.`{table}`");
        (table, question)
    });
    let lists = ["SHOW DATABASES", "SHOW OPEN TABLES", "SHOW PROCESSLIST", "SHOW GRANTS"];
    let lists = lists.map(|list| (list.to_owned(), list.to_owned()));
    let statements: Vec<String> = tables
        .chain(lists)
        .flat_map(|(what, question)| [format!("SELECT '{MARK}{what}'"), question])
        .collect();
    // Some are for those who may see every process, and fail.
    let Said { rows, .. } = server.run(user, password, &statements);
    let asked = rows.iter().filter(|row| row.starts_with(MARK)).count();
    assert_eq!(asked, statements.len() / 2, "{user} is not logged in, or not answered");
    let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut table = String::new();
    for row in rows {
        if let Some(next) = row.strip_prefix(MARK) {
            next.clone_into(&mut table);
        }
        let is_part = |character: char| character.is_ascii_alphanumeric() || character == '_';
        let words = row.split(|character| !is_part(character));
        for name in words.filter(|word| names.contains(word)) {
            found.entry(table.clone()).or_default().insert(name.to_owned());
        }
    }
    found
}

/// Every trace of others that one of these sites sees, while all of them are logged in. Root sees others
/// in every table that tells, or nothing was asked.
pub(crate) fn traces(server: &Server, among: &[Tenant], sites: &[&Tenant]) -> Vec<String> {
    let all: Vec<String> =
        among.iter().flat_map(|tenant| [tenant.name().to_owned(), tenant.neighbour()]).collect();
    let sessions: Vec<Session> = (among.iter())
        .map(|tenant| Session::open(server, tenant.name(), &tenant.password))
        .collect();
    let everything: BTreeSet<&str> = all.iter().map(String::as_str).collect();
    let root = seen(server, "root", "", &everything);
    for table in TELLING {
        assert!(root.contains_key(table), "{table} tells root nothing: {:?}", root.keys());
    }
    let found = sites.iter().flat_map(|site| {
        let others = everything.iter().copied().filter(|name| *name != site.name()).collect();
        let seen = seen(server, site.name(), &site.password, &others);
        seen.into_iter().map(|(table, names)| format!("{} sees {names:?} in {table}", site.name()))
    });
    let found = found.collect();
    drop(sessions);
    found
}
