//! What a server answers to the script of `sitewright drift --sql`: nothing differs where the objects are true, and every
//! fact that somebody changes on the server is found, although the objects still say Ready.

use crate::fleet::{Tenant, sample, tenants};
use crate::operator::{reconcile, wipe};
use crate::server::{Server, is_there};
use sitewright::drift::sql::{self, Difference, Finding, Script};
use sitewright::project::Project;
use std::io::Write as _;
use std::path::Path;

/// The findings of a server of the sample fleet, by the client with these options.
fn findings(server: &Server, of: &sql::Server, options: &[&str]) -> Vec<Finding> {
    let mut child = server.client("root", "").args(options).spawn().unwrap();
    let (mut input, script) = (child.stdin.take().unwrap(), Script(of).to_string());
    let asking = std::thread::spawn(move || input.write_all(script.as_bytes()).unwrap());
    let output = child.wait_with_output().unwrap();
    asking.join().unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(errors, "", "the script runs as it is");
    let answers = sql::read(&String::from_utf8_lossy(&output.stdout), "answers").unwrap();
    let [answers] = &answers[..] else { panic!("{} servers", answers.len()) };
    assert_eq!(answers.server, of.name());
    sql::compare(of, answers)
}

/// The findings in short: how it differs, the subject, what was found.
fn short(findings: &[Finding]) -> Vec<String> {
    let of = |it: &Finding| {
        let found = it.found.as_deref().unwrap_or("nothing");
        format!("{:?} {}: {found}", it.difference, it.subject)
    };
    findings.iter().map(of).collect()
}

/// The database servers of the sample fleet, each with its tenants.
fn all_servers() -> Vec<(sql::Server, Vec<Tenant>)> {
    let project = Project::read(Path::new(env!("CARGO_MANIFEST_DIR"))).unwrap().value;
    let servers = sql::servers(&project).unwrap();
    let all =
        tenants(&sample(), |cluster| if cluster == "mumbai" { "mumbai" } else { "frankfurt" });
    let of = |server: sql::Server| {
        let is_it = |(name, _): &(&String, &Vec<Tenant>)| {
            let mut lines = name.split_once(' ').unwrap().1.lines();
            name.starts_with(&server.cluster)
                && lines.any(|line| line == format!("name: {}", server.server.name))
                && name.contains(&format!("namespace: {}\n", server.server.namespace))
        };
        let (_, tenants) = all.iter().find(is_it).unwrap_or_else(|| panic!("{}", server.name()));
        (server, tenants.clone())
    };
    servers.into_iter().map(of).collect()
}

/// The shared server of the sample fleet with its tenants.
fn shared() -> (sql::Server, Vec<Tenant>) {
    let name = "frankfurt MariaDB databases/shared";
    let (server, tenants) = all_servers().into_iter().find(|it| it.0.name() == name).unwrap();
    assert_eq!(server.definition.as_deref(), Some("frankfurt/shared"));
    assert!(tenants.len() > 2, "{}", tenants.len());
    (server, tenants)
}

#[test]
fn what_the_operator_made_is_as_promised_in_every_form_of_the_client() {
    if !is_there() {
        return;
    }
    let server = Server::start("");
    let all = all_servers();
    assert!(all.len() > 3, "{}", all.len());
    let promised = |value: &str| {
        let facts = all.iter().flat_map(|(of, _)| &of.facts);
        facts.filter(|(fact, ..)| fact.value == value).count()
    };
    // Some versions of frappe-operator grant everything.
    assert!(promised("ALL PRIVILEGES") > 0);
    for (of, tenants) in &all {
        // Every database, account and grant is missing.
        let missing = findings(&server, of, &[]);
        assert_eq!(missing.len(), of.facts.len(), "{}", of.name());
        let is_promised =
            |it: &Finding| it.difference == Difference::Missing && it.object.is_some();
        assert!(missing.iter().all(is_promised));
        reconcile(&server, tenants);
        for options in [&[][..], &["--table"], &["--column-names"], &["--raw"]] {
            let differs = findings(&server, of, options);
            assert_eq!(short(&differs), [""; 0], "{} {options:?}", of.name());
        }
        wipe(&server, tenants);
    }
}

/// A change on the server, what takes it back, and the findings between the two.
type Changed = (String, String, Vec<String>);

/// Changes of what the site of this name has on the server.
fn changes(name: &str) -> Vec<Changed> {
    let account = format!("'{name}'@'%'");
    let pattern = name.replace('_', "\\_");
    let all = "ALTER, ALTER ROUTINE, CREATE, CREATE ROUTINE, CREATE TEMPORARY TABLES, CREATE VIEW, DELETE, DROP, EVENT, \
               EXECUTE, INDEX, INSERT, LOCK TABLES, SELECT, SHOW VIEW, TRIGGER, UPDATE";
    let less = all.replace("DELETE, ", "");
    let grant = format!("grant {account} on {pattern}");
    vec![
        (
            format!("REVOKE DELETE ON `{pattern}`.* FROM {account}"),
            format!("GRANT DELETE ON `{pattern}`.* TO {account}"),
            vec![format!("Different {grant}: {less}")],
        ),
        (
            format!("REVOKE ALL PRIVILEGES ON `{pattern}`.* FROM {account}"),
            format!("GRANT {all} ON `{pattern}`.* TO {account}"),
            vec![format!("Missing {grant}: nothing")],
        ),
        (
            format!("ALTER DATABASE `{name}` CHARACTER SET latin1 COLLATE latin1_swedish_ci"),
            format!("ALTER DATABASE `{name}` CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci"),
            vec![
                format!("Different database {name} character-set: latin1"),
                format!("Different database {name} collation: latin1_swedish_ci"),
            ],
        ),
        (
            format!("GRANT PROCESS ON *.* TO {account}"),
            format!("REVOKE PROCESS ON *.* FROM {account}"),
            vec![format!("Different account {account} global-privileges: PROCESS")],
        ),
        (
            format!("CREATE USER '{name}'@'localhost'"),
            format!("DROP USER '{name}'@'localhost'"),
            vec![
                format!("Unexpected account '{name}'@'localhost' global-privileges: USAGE"),
                format!("Unexpected account '{name}'@'localhost' max-user-connections: 0"),
            ],
        ),
        // Another account reaches the site's database, by a pattern too.
        (
            "CREATE USER 'spy'@'%'; GRANT SELECT ON `%`.* TO 'spy'@'%'".to_owned(),
            "DROP USER 'spy'@'%'".to_owned(),
            vec!["Unexpected grant 'spy'@'%' on %: SELECT".to_owned()],
        ),
        (
            format!("GRANT SELECT ON `{name}`.* TO {account} WITH GRANT OPTION"),
            format!("REVOKE SELECT, GRANT OPTION ON `{name}`.* FROM {account}"),
            vec![format!("Unexpected grant {account} on {name} with grant option: SELECT")],
        ),
    ]
}

#[test]
fn what_somebody_changes_on_the_server_is_found_although_the_objects_say_ready() {
    if !is_there() {
        return;
    }
    let (of, tenants) = shared();
    let server = Server::start("");
    reconcile(&server, &tenants);
    let name = tenants[0].name();
    let account = format!("'{name}'@'%'");
    for (change, back, expected) in changes(name) {
        server.root(std::slice::from_ref(&change));
        assert_eq!(short(&findings(&server, &of, &[])), expected, "{change}");
        server.root(&[back]);
        assert_eq!(short(&findings(&server, &of, &[])), [""; 0], "{change}");
    }
    server.root(&[format!("ALTER USER {account} WITH MAX_USER_CONNECTIONS 3")]);
    let [limit] = &findings(&server, &of, &[])[..] else { panic!() };
    assert_eq!((limit.found.as_deref(), limit.promised.is_some()), (Some("3"), true));
    let (object, definition) = limit.object.clone().unwrap();
    assert_eq!(object.kind, "User");
    assert!(definition.starts_with("frankfurt/"), "{definition}");
    wipe(&server, &tenants);
}
