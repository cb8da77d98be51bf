//! What a server answers to the script of `sitewright drift --sql`.

use crate::operator::{Tenant, reconcile};
use crate::server::{Server, is_there, psql};
use sitewright::drift::sql::{self, Finding, Script};
use sitewright::project::Project;
use std::fs;
use std::path::Path;

fn example() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/postgres-sites")
}

/// The server that two sites of the example share, and the first of these sites.
fn main_server() -> (sql::Server, Vec<Tenant>) {
    let project = Project::read(&example()).unwrap().value;
    let servers = sql::servers(&project).unwrap();
    let names: Vec<String> = servers.iter().map(sql::Server::name).collect();
    assert!(names.len() > 1, "{names:?}");
    let server = servers.into_iter().find(|it| it.name() == "eu Cluster erp/main").unwrap();
    let mut tenants = Vec::new();
    for folder in fs::read_dir(example().join("rendered/eu")).unwrap() {
        let folder = folder.unwrap().path();
        let read = |file: &str| {
            let text = fs::read_to_string(folder.join(file)).ok()?;
            Some(serde_yaml::from_str::<serde_yaml::Value>(&text).unwrap())
        };
        let (Some(database), Some(role)) = (read("database.yaml"), read("databaserole.yaml"))
        else {
            continue;
        };
        if database["spec"]["cluster"]["name"] == "main"
            && database["metadata"]["namespace"] == "erp"
        {
            tenants.push(Tenant { database, role, password: "aPasswordOfTheTest1".to_owned() });
        }
    }
    assert!(!tenants.is_empty());
    (server, tenants)
}

fn findings(server: &Server, of: &sql::Server, options: &[&str]) -> Vec<String> {
    let said = psql(server, options, &Script(of).to_string());
    let answers = sql::read(&said, "answers").unwrap();
    let [answers] = &answers[..] else { panic!("{} servers", answers.len()) };
    let short = |it: Finding| {
        let found = it.found.as_deref().unwrap_or("nothing").to_owned();
        format!("{:?} {}: {found}", it.difference, it.subject)
    };
    sql::compare(of, answers).into_iter().map(short).collect()
}

#[test]
fn what_the_operator_made_is_as_promised_and_what_somebody_changes_is_found() {
    if !is_there() {
        return;
    }
    let (of, tenants) = main_server();
    let server = Server::start(&[]);
    assert_eq!(findings(&server, &of, &[]).len(), of.facts.len(), "everything is missing");
    reconcile(&server, &tenants);
    for options in [&[][..], &["--tuples-only"], &["--no-align"], &["--csv"], &["--quiet"]] {
        assert_eq!(findings(&server, &of, options), [""; 0], "{options:?}");
    }
    let name = tenants[0].name();
    for (change, back, expected) in [
        (
            format!("ALTER ROLE \"{name}\" CONNECTION LIMIT 3"),
            format!("ALTER ROLE \"{name}\" CONNECTION LIMIT 100"),
            format!("Different role {name} connection-limit: 3"),
        ),
        (
            format!("ALTER ROLE \"{name}\" SUPERUSER"),
            format!("ALTER ROLE \"{name}\" NOSUPERUSER"),
            format!("Different role {name} attributes: inherit login superuser"),
        ),
        (
            format!("ALTER DATABASE \"{name}\" OWNER TO postgres"),
            format!("ALTER DATABASE \"{name}\" OWNER TO \"{name}\""),
            format!("Different database {name} owner: postgres"),
        ),
        (
            format!("CREATE ROLE spy IN ROLE \"{name}\""),
            "DROP ROLE spy".to_owned(),
            format!("Unexpected role {name} has the member: spy"),
        ),
        (
            format!("GRANT pg_read_all_data TO \"{name}\""),
            format!("REVOKE pg_read_all_data FROM \"{name}\""),
            format!("Unexpected role {name} is a member of: pg_read_all_data"),
        ),
    ] {
        server.operate(std::slice::from_ref(&change));
        assert_eq!(findings(&server, &of, &[]), [expected], "{change}");
        server.operate(&[back]);
        assert_eq!(findings(&server, &of, &[]), [""; 0], "{change}");
    }
}
