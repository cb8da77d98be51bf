//! Nobody reaches anybody else: fleets of real and of hostile names, each site against all others.

use crate::attack::{denied, foreign, guarded_work, keep_all, keep_little, on_server, work};
use crate::fleet::{Tenant, hostile, rendered, sample, tenants, text};
use crate::operator::{reconcile, wipe};
use crate::server::{Server, is_there};
use crate::traces::traces;
use rayon::prelude::*;
use std::collections::BTreeSet;
use std::thread;

/// Makes the databases of these sites as the operator does and, beside each, one of somebody else whose
/// name differs just where a grant would see wildcards, with this in it.
pub(crate) fn populate(server: &Server, tenants: &[Tenant], kept: fn(&str) -> Vec<String>) {
    assert_eq!(reconcile(server, tenants), tenants.len(), "every grant came before its account");
    let neighbours = tenants.iter().flat_map(|tenant| {
        let name = tenant.neighbour();
        let first = [format!("CREATE DATABASE `{name}`"), format!("CREATE USER '{name}'@'%'")];
        [first.to_vec(), kept(&name)].concat()
    });
    server.root(&neighbours.collect::<Vec<_>>());
}

/// What a site cannot do of these statements.
pub(crate) fn failures(server: &Server, tenant: &Tenant, statements: &[String]) -> Vec<String> {
    let said = server.run(tenant.name(), &tenant.password, statements);
    let failed = said.errors.iter().map(|(number, error)| {
        let statement = number.checked_sub(1).map_or("log in", |at| statements[at].as_str());
        format!("{} cannot {statement}: {error}", tenant.name())
    });
    failed.collect()
}

/// What a site was not denied of these statements.
pub(crate) fn passed(server: &Server, tenant: &Tenant, statements: &[String]) -> Vec<String> {
    let said = server.run(tenant.name(), &tenant.password, statements);
    assert!(said.error(0).is_none(), "{} cannot log in", tenant.name());
    let tried = statements.iter().zip(1..);
    let passed = tried.filter(|(statement, number)| !denied(statement, said.error(*number)));
    let passed = passed.map(|(statement, number)| {
        format!("{} can {statement}: {:?}", tenant.name(), said.error(number))
    });
    passed.collect()
}

/// The server's own tables.
pub(crate) fn system_tables(server: &Server) -> Vec<String> {
    let tables = "SELECT table_name FROM information_schema.tables \
                  WHERE table_schema = 'mysql' AND table_type = 'BASE TABLE'";
    let tables = server.root(&[tables.to_owned()]);
    assert!(tables.iter().any(|table| table == "global_priv"), "{tables:?}");
    tables
}

/// Everything that a site may not do to its server.
pub(crate) fn to_server(server: &Server, tenant: &Tenant, system: &[String]) -> Vec<String> {
    let pattern = text(&tenant.grant["spec"]["database"]);
    passed(server, tenant, &on_server(tenant.name(), pattern, system))
}

/// Everything that is not as it should be between these sites and their neighbours: each tries all that
/// there is on all others.
pub(crate) fn trespasses(server: &Server, tenants: &[Tenant]) -> Vec<String> {
    let system = system_tables(server);
    let mut wrong: Vec<String> = tenants
        .par_iter()
        .flat_map(|tenant| {
            let own = tenant.name();
            let all = tenants.iter().flat_map(|one| [one.name().to_owned(), one.neighbour()]);
            let others = all.filter(|name| name != own);
            let statements: Vec<String> = others.flat_map(|name| foreign(own, &name)).collect();
            [passed(server, tenant, &statements), to_server(server, tenant, &system)].concat()
        })
        .collect();
    wrong.extend(traces(server, tenants, &tenants.iter().collect::<Vec<_>>()));
    wrong
}

/// What these sites cannot do of these statements in their own databases.
pub(crate) fn at_home(
    server: &Server,
    tenants: &[&Tenant],
    statements: impl Fn(&str) -> Vec<String> + Sync,
) -> Vec<String> {
    let done =
        tenants.par_iter().flat_map(|tenant| failures(server, tenant, &statements(tenant.name())));
    done.collect()
}

/// All of a site's work.
pub(crate) fn all_work(own: &str) -> Vec<String> {
    [work(own), guarded_work(own)].concat()
}

#[test]
fn tenants_of_the_sample_fleet_are_apart() {
    if !is_there() {
        return;
    }
    let server = Server::start("");
    let servers =
        tenants(&sample(), |cluster| if cluster == "mumbai" { "mumbai" } else { "frankfurt" });
    assert!(servers.len() > 3, "{}", servers.len());
    for tenants in servers.values() {
        populate(&server, tenants, keep_all);
        let all: Vec<&Tenant> = tenants.iter().collect();
        assert_eq!(at_home(&server, &all, all_work), [""; 0]);
        assert_eq!(trespasses(&server, tenants), [""; 0]);
        wipe(&server, tenants);
    }
}

/// Asking for all of these databases but a site's own: any privilege there lets it pass. `USE` would do as
/// well, for which the client asks twice.
fn knock(own: &str, names: &[String]) -> Vec<String> {
    let others = names.iter().filter(|name| *name != own);
    others.map(|name| format!("SHOW TABLES FROM `{name}`")).collect()
}

/// The databases that the server lists for each site beside its own: any privilege there lists it.
fn listed(server: &Server, tenants: &[Tenant]) -> BTreeSet<(String, String)> {
    let pairs = tenants.par_iter().flat_map_iter(|tenant| {
        let own = tenant.name();
        let rows = server.run(own, &tenant.password, &["SHOW DATABASES".to_owned()]).rows;
        assert!(rows.iter().any(|row| row == own), "{own} does not see its own: {rows:?}");
        let others = rows.into_iter().filter(|row| row != own && row != "information_schema");
        others.map(|row| (own.to_owned(), row)).collect::<Vec<_>>()
    });
    pairs.collect()
}

/// Whether a grant on a name opens another if each `_` in it stands for any character.
fn is_alike(pattern: &str, name: &str) -> bool {
    let mut pairs = pattern.chars().zip(name.chars());
    pattern.len() == name.len() && pairs.all(|(wanted, is)| wanted == '_' || wanted == is)
}

/// Whether somebody could take one for the other: they are alike, or one begins the other.
fn is_near(name: &str, other: &str) -> bool {
    is_alike(name, other)
        || is_alike(other, name)
        || name.starts_with(other)
        || other.starts_with(name)
}

#[test]
fn tenants_of_hostile_names_are_apart_and_were_not_before_grants_were_escaped() {
    if !is_there() {
        return;
    }
    // Each on a server of its own, so that there is work for two cores all the time.
    let counts = thread::scope(|scope| {
        let run = |frappe| scope.spawn(move || hostile_tenants_are_apart(frappe));
        ["2.3", "2.6"].map(run).map(|run| run.join().unwrap())
    });
    let [(count, fellows), (more, others)] = counts;
    assert_eq!(count + more, 300);
    let fellows = fellows + others;
    assert!(fellows >= 20, "only {fellows} sites opened another site");
}

/// Asserts it of one frappe-operator; how many sites there are, and how many of them opened another site
/// when grants were not escaped.
fn hostile_tenants_are_apart(frappe: &str) -> (usize, usize) {
    let server = Server::start("");
    let (mut count, mut fellows) = (0, 0);
    let root = hostile(frappe, 150);
    for tenants in tenants(&rendered(root.path()), |_| "frankfurt").values() {
        count += tenants.len();
        assert!(tenants.iter().any(|tenant| tenant.name().len() >= 54), "{frappe}");
        let names: Vec<String> = (tenants.iter())
            .flat_map(|tenant| [tenant.name().to_owned(), tenant.neighbour()])
            .collect();
        populate(&server, tenants, keep_little);
        apart(&server, tenants, &names);
        wipe(&server, tenants);

        let before: Vec<Tenant> = tenants.iter().map(Tenant::unescaped).collect();
        populate(&server, &before, keep_little);
        let wanted: BTreeSet<(String, String)> = (before.iter())
            .flat_map(|tenant| names.iter().map(|name| (tenant.name().to_owned(), name.clone())))
            .filter(|(own, other)| own != other && is_alike(own, other))
            .collect();
        assert!(wanted.len() >= tenants.len(), "each opens its neighbour, at least");
        fellows += wanted.len() - tenants.len();
        assert_eq!(listed(&server, &before), wanted, "{frappe}");
        // Knocking shows it too, and it is not just a little: reading, and dropping all of it.
        let first = &before[0];
        let open = wanted.iter().filter(|(own, _)| own == first.name()).count();
        let knocked = passed(&server, first, &knock(first.name(), &names));
        assert_eq!(knocked.len(), open, "{frappe}: {knocked:?}");
        let next = first.neighbour();
        let taken = [format!("SELECT * FROM `{next}`.kept"), format!("DROP DATABASE `{next}`")];
        assert_eq!(failures(&server, first, &taken), [""; 0], "{frappe}");
        wipe(&server, &before);
    }
    (count, fellows)
}

/// Asserts that nobody of these sites reaches any of these databases but its own.
fn apart(server: &Server, tenants: &[Tenant], names: &[String]) {
    let (some, rest): (Vec<_>, Vec<_>) =
        tenants.iter().enumerate().partition(|(number, _)| number % 15 == 0);
    let [some, rest] =
        [some, rest].map(|part| part.into_iter().map(|(_, tenant)| tenant).collect::<Vec<_>>());
    assert_eq!(at_home(server, &some, all_work), [""; 0]);
    let little = |own: &str| {
        let again = [format!("DROP DATABASE `{own}`"), format!("CREATE DATABASE `{own}`")];
        [keep_little(own), again.to_vec(), keep_little(own)].concat()
    };
    assert_eq!(at_home(server, &rest, little), [""; 0]);
    assert_eq!(listed(server, tenants), BTreeSet::new());
    let wrong = tenants.par_iter().flat_map_iter(|tenant| {
        let own = tenant.name();
        let near = names.iter().filter(|name| *name != own && is_near(own, name));
        let near: Vec<String> = near.flat_map(|name| foreign(own, name)).collect();
        assert!(!near.is_empty(), "nobody is near {own}");
        passed(server, tenant, &[knock(own, names), near].concat())
    });
    assert_eq!(wrong.collect::<Vec<_>>(), [""; 0]);
    let system = system_tables(server);
    let denied = some.par_iter().flat_map(|tenant| to_server(server, tenant, &system));
    assert_eq!(denied.collect::<Vec<_>>(), [""; 0]);
    let all: Vec<Tenant> = some.iter().map(|tenant| (*tenant).clone()).collect();
    assert_eq!(traces(server, &all, &some), [""; 0]);
}
