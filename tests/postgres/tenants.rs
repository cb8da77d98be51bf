//! Nobody reaches anybody else: hostile names, each site against others.

use crate::attack::{OF_THE_SERVER, forbidden, foreign, grant, is_denied, kept, work};
use crate::operator::{Tenant, reconcile, rendered, rules};
use crate::server::{Said, Server, is_there};
use rayon::prelude::*;
use serde_yaml::Value;
use sitewright::naming::{NameInputs, Scheme};
use std::collections::BTreeSet;

/// How many sites there are.
const SITES: usize = 90;

/// The names of sites that are easily taken for one another.
fn site_names() -> Vec<String> {
    let bases = ["a", "a-b", "a.b", "ab", "pg", "postgres", "template1", "cnpg", "public", "x"];
    let ends = ["", ".com", "-com", ".a.com", ".a-com", ".postgres", ".replica", ".b.c.d.e"];
    let long = |at: usize| format!("{}.{at}", "a-long-part.".repeat(9).trim_end_matches('.'));
    let short = bases.iter().flat_map(|base| ends.iter().map(move |end| format!("{base}{end}")));
    // `a-b` and `a.b` are one name of a definition.
    let mut names = BTreeSet::new();
    let all = short.chain((0..SITES).map(long));
    all.filter(|name| names.insert(name.replace('.', "-"))).take(SITES).collect()
}

/// The rendered objects of a site, under the name of another one.
pub(crate) fn tenant(site_name: &str) -> Tenant {
    let definition = site_name.replace('.', "-");
    let subject = NameInputs { cluster: "eu", namespace: "erp", name: &definition, site_name };
    let name = Scheme::Sha256.sql_name(subject).unwrap();
    let name = Value::String(name.as_str().to_owned());
    let (mut database, mut role) = (rendered("shared/database"), rendered("shared/databaserole"));
    database["spec"]["owner"] = name.clone();
    for object in [&mut database, &mut role] {
        object["spec"]["name"] = name.clone();
    }
    let password = format!("{site_name}PasswordOfLettersAndDigits0").replace(['.', '-'], "");
    Tenant { database, role, password }
}

fn at_home(server: &Server, tenant: &Tenant, statements: &[String]) -> Said {
    server.run(tenant.name(), &tenant.password, tenant.name(), statements)
}

/// What a site cannot do of these statements in its own database.
fn failures(server: &Server, tenant: &Tenant, statements: &[String]) -> Vec<String> {
    let said = at_home(server, tenant, statements);
    let failed = said.errors.iter().map(|(at, state)| format!("{}: {state}", statements[at - 1]));
    said.refused.into_iter().chain(failed).collect()
}

/// What a site was not denied of these statements.
fn passed(said: &Said, statements: &[String]) -> Vec<String> {
    assert!(said.refused.is_none(), "{said:?}");
    let tried = statements.iter().zip(1..);
    let state = |number: usize| {
        said.errors.iter().find(|(at, _)| *at == number).map(|(_, state)| state.as_str())
    };
    let passed = tried.filter(|(_, number)| !is_denied(state(*number)));
    passed.map(|(statement, number)| format!("{statement}: {:?}", state(number))).collect()
}

/// Whether a site can log in to a database.
fn enters(server: &Server, tenant: &Tenant, database: &str) -> bool {
    server.run(tenant.name(), &tenant.password, database, &["SELECT 1".to_owned()]).rows == ["1"]
}

/// A server with these rules, and all sites on it.
fn populated(rules: &[String]) -> (Server, Vec<Tenant>) {
    let server = Server::start(rules);
    // CloudNativePG's own database.
    server.operate(&["CREATE DATABASE app".to_owned()]);
    let tenants: Vec<Tenant> = site_names().iter().map(|name| tenant(name)).collect();
    let names: BTreeSet<&str> = tenants.iter().map(Tenant::name).collect();
    assert_eq!(names.len(), SITES, "no two sites share a name");
    reconcile(&server, &tenants);
    let wrong: Vec<String> =
        tenants.par_iter().flat_map_iter(|tenant| failures(&server, tenant, &kept())).collect();
    assert_eq!(wrong, [""; 0]);
    (server, tenants)
}

#[test]
fn tenants_of_hostile_names_are_apart() {
    if !is_there() {
        return;
    }
    let (server, tenants) = populated(&rules());
    let wrong: Vec<String> = tenants
        .par_iter()
        .enumerate()
        .flat_map_iter(|(at, tenant)| {
            let mut wrong = failures(&server, tenant, &work());
            let other = tenants[(at + 1) % tenants.len()].name();
            let statements = forbidden(tenant.name(), other);
            wrong.extend(passed(&at_home(&server, tenant, &statements), &statements));
            at_home(&server, tenant, &grant(tenant.name(), other));
            // Each knocks at the server's own databases, and at those of some others.
            let others = (1..8).map(|step| tenants[(at + step * 11) % tenants.len()].name());
            let doors = OF_THE_SERVER.into_iter().chain(others);
            let open = doors.filter(|door| *door != tenant.name() && enters(&server, tenant, door));
            wrong.extend(open.map(|door| format!("{} enters {door}", tenant.name())));
            wrong
        })
        .collect();
    assert_eq!(wrong, [""; 0]);
    let granted = "SELECT datname FROM pg_database, aclexplode(datacl) AS granted \
                   WHERE granted.grantee NOT IN (0, datdba)";
    assert_eq!(server.operate(&[granted.to_owned()]), [""; 0]);
    let rows = "SELECT secret FROM kept".to_owned();
    let kept: BTreeSet<Vec<String>> =
        tenants.iter().map(|it| server.root(it.name(), std::slice::from_ref(&rows)).rows).collect();
    assert_eq!(kept.into_iter().collect::<Vec<_>>(), [["nobody else may know ü"]]);
}

/// By PostgreSQL's own rule every account enters every database. There it reads the names of tables and
/// makes temporary ones, and only the owner keeps its rows to itself.
#[test]
fn the_rules_of_the_cluster_are_what_keeps_tenants_out() {
    if !is_there() {
        return;
    }
    let (server, tenants) = populated(&[]);
    let (one, other) = (&tenants[0], &tenants[1]);
    for door in [other.name(), "postgres", "app"] {
        assert!(enters(&server, one, door), "{door}");
    }
    let statements = foreign();
    let said = server.run(one.name(), &one.password, other.name(), &statements);
    assert_eq!(passed(&said, &statements), [""; 0]);
    let seen = ["SELECT tablename FROM pg_tables WHERE schemaname = 'public'".to_owned()];
    let said = server.run(one.name(), &one.password, other.name(), &seen);
    assert_eq!(said.rows, ["kept"]);
}
