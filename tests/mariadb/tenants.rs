//! What a site can do on its server, and what it cannot.

use crate::fleet::{Tenant, hostile, project, put, rendered, sample, tenants, text};
use crate::operator::{alter_user, finalize, reconcile, wipe};
use crate::server::{Said, Server, is_there};
use rayon::prelude::*;
use std::process::Command;

/// What Frappe does in a site's own database.
fn own(name: &str) -> Vec<String> {
    [
        format!("USE `{name}`"),
        "CREATE TABLE t (id INT PRIMARY KEY, x VARCHAR(20))".to_owned(),
        "INSERT INTO t VALUES (1, 'ü')".to_owned(),
        "ALTER TABLE t ADD COLUMN y INT, ADD INDEX i (y)".to_owned(),
        "UPDATE t SET y = 2".to_owned(),
        "CREATE VIEW v AS SELECT x FROM t".to_owned(),
        "SHOW CREATE VIEW v".to_owned(),
        "CREATE PROCEDURE p() SELECT 1".to_owned(),
        "ALTER PROCEDURE p COMMENT 'c'".to_owned(),
        "CALL p()".to_owned(),
        "CREATE FUNCTION f() RETURNS INT DETERMINISTIC RETURN 1".to_owned(),
        "SELECT f()".to_owned(),
        "CREATE TRIGGER r BEFORE INSERT ON t FOR EACH ROW SET NEW.y = 1".to_owned(),
        "CREATE EVENT e ON SCHEDULE EVERY 1 DAY DO SELECT 1".to_owned(),
        "DROP EVENT e".to_owned(),
        "CREATE TEMPORARY TABLE w (i INT)".to_owned(),
        "LOCK TABLES t WRITE".to_owned(),
        "UNLOCK TABLES".to_owned(),
        "CREATE TABLE gone (i INT)".to_owned(),
        "DROP TABLE gone".to_owned(),
        "DELETE FROM t WHERE id = 7".to_owned(),
    ]
    .into()
}

/// What no site may do to a database of another one's.
fn to_others(name: &str) -> [String; 2] {
    [format!("SELECT * FROM `{name}`.t"), format!("CREATE TABLE `{name}`.mine (i INT)")]
}

/// What else no site may do to its nearest neighbour, and to the server.
fn to_the_neighbour(own: &str, name: &str) -> Vec<String> {
    [
        format!("USE `{name}`"),
        format!("INSERT INTO `{name}`.t VALUES (2)"),
        format!("UPDATE `{name}`.t SET id = 3"),
        format!("DELETE FROM `{name}`.t"),
        format!("ALTER TABLE `{name}`.t ADD COLUMN mine INT"),
        format!("CREATE VIEW `{name}`.mine AS SELECT 1"),
        format!("CREATE PROCEDURE `{name}`.mine() SELECT 1"),
        format!("DROP TABLE `{name}`.t"),
        format!("DROP DATABASE `{name}`"),
        "CREATE DATABASE of_nobody".to_owned(),
        "CREATE USER of_nobody IDENTIFIED BY 'x'".to_owned(),
        format!("GRANT SELECT ON `{own}`.* TO root@localhost"),
        "GRANT SELECT ON *.* TO CURRENT_USER".to_owned(),
        "SET PASSWORD FOR root@localhost = PASSWORD('x')".to_owned(),
        "SELECT * FROM mysql.global_priv".to_owned(),
        "SELECT * FROM mysql.db".to_owned(),
        "SELECT LOAD_FILE('/etc/passwd') INTO OUTFILE '/tmp/of_nobody'".to_owned(),
        "SHOW GRANTS FOR root@localhost".to_owned(),
        "SHUTDOWN".to_owned(),
        "SET GLOBAL max_connections = 1".to_owned(),
    ]
    .into()
}

/// Everything that is not as it should be between the tenants of a server.
fn leaks(server: &Server, tenants: &[Tenant]) -> Vec<String> {
    reconcile(server, tenants);
    let neighbours = tenants.iter().flat_map(|tenant| {
        let name = tenant.neighbour();
        [format!("CREATE DATABASE `{name}`"), format!("CREATE TABLE `{name}`.t (id INT)")]
    });
    server.root(&neighbours.collect::<Vec<_>>());
    let mut wrong: Vec<String> =
        tenants.par_iter().flat_map(|tenant| alone(server, tenant)).collect();
    let names: Vec<String> = (tenants.iter())
        .flat_map(|tenant| [tenant.name().to_owned(), tenant.neighbour()])
        .collect();
    wrong.par_extend(tenants.par_iter().flat_map(|tenant| among_others(server, tenant, &names)));
    wipe(server, tenants);
    wrong
}

fn run(server: &Server, tenant: &Tenant, statements: &[String]) -> Said {
    server.run(tenant.name(), &tenant.password, statements)
}

/// What a site cannot do in its own database.
fn alone(server: &Server, tenant: &Tenant) -> Vec<String> {
    let statements = own(tenant.name());
    let said = run(server, tenant, &statements);
    let failed = said.errors.iter().map(|(number, error)| {
        let statement = number.checked_sub(1).map_or("log in", |at| statements[at].as_str());
        format!("{} cannot {statement}: {error}", tenant.name())
    });
    failed.collect()
}

/// What a site can do outside of it, and see.
fn among_others(server: &Server, tenant: &Tenant, names: &[String]) -> Vec<String> {
    let own = tenant.name();
    let others = names.iter().filter(|name| *name != own);
    let mut statements: Vec<String> = others.flat_map(|name| to_others(name)).collect();
    statements.extend(to_the_neighbour(own, &tenant.neighbour()));
    let said = run(server, tenant, &statements);
    let succeeded = (1..=statements.len()).filter(|number| said.error(*number).is_none());
    let mut wrong: Vec<String> =
        succeeded.map(|number| format!("{own} can {}", statements[number - 1])).collect();
    let seen = [
        "SHOW DATABASES".to_owned(),
        "SELECT DISTINCT table_schema FROM information_schema.tables".to_owned(),
        "SELECT DISTINCT routine_schema FROM information_schema.routines".to_owned(),
    ];
    let said = run(server, tenant, &seen);
    // The server's own, of which everybody sees a little and nothing of anybody else's.
    let of_all = ["information_schema", "performance_schema"];
    let is_own = |row: &&String| *row == own || of_all.contains(&row.as_str());
    wrong
        .extend(said.rows.iter().filter(|row| !is_own(row)).map(|row| format!("{own} sees {row}")));
    wrong
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
        assert_eq!(leaks(&server, tenants), [""; 0]);
    }
}

#[test]
fn tenants_of_hostile_names_are_apart_and_were_not_before_grants_were_escaped() {
    if !is_there() {
        return;
    }
    let server = Server::start("");
    let mut count = 0;
    for frappe in ["2.3", "2.6"] {
        let root = hostile(frappe, 150);
        for tenants in tenants(&rendered(root.path()), |_| "frankfurt").values() {
            count += tenants.len();
            assert!(tenants.iter().any(|tenant| tenant.name().len() >= 54), "{frappe}");
            assert_eq!(leaks(&server, tenants), [""; 0], "{frappe}");
            let before: Vec<Tenant> = tenants.iter().map(Tenant::unescaped).collect();
            let wrong = leaks(&server, &before);
            for tenant in tenants {
                let (own, next) = (tenant.name(), tenant.neighbour());
                for hole in [
                    format!("{own} can SELECT * FROM `{next}`.t"),
                    format!("{own} can DROP TABLE `{next}`.t"),
                    format!("{own} can DROP DATABASE `{next}`"),
                ] {
                    assert!(wrong.contains(&hole), "not seen: {hole}");
                }
            }
        }
    }
    assert_eq!(count, 300);
}

/// A project with one site, and its only tenant.
fn one(more: &str) -> (tempfile::TempDir, Tenant) {
    let root = project("2.6");
    put(root.path(), "sites/c/acme.yaml", &format!("kind: Site\nsiteName: erp.acme.com\n{more}"));
    sitewright(root.path(), "render -q");
    let tenant = again(root.path());
    (root, tenant)
}

/// The tenant of what is rendered now.
fn again(root: &std::path::Path) -> Tenant {
    sitewright(root, "render -q");
    let servers = tenants(&rendered(root), |_| "frankfurt");
    servers.into_values().flatten().next().unwrap()
}

#[track_caller]
fn sitewright(root: &std::path::Path, arguments: &str) {
    let output = Command::new(env!("CARGO_BIN_EXE_sitewright"))
        .current_dir(root)
        .args(arguments.split(' '))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn databases_have_frappes_character_set() {
    if !is_there() {
        return;
    }
    let server = Server::start("");
    let (_root, tenant) = one("");
    reconcile(&server, std::slice::from_ref(&tenant));
    let rows = server.root(&[format!(
        "SELECT default_character_set_name, default_collation_name FROM information_schema.schemata \
         WHERE schema_name = '{}'",
        tenant.name()
    )]);
    assert_eq!(rows, ["utf8mb4\tutf8mb4_unicode_ci"]);
}

#[test]
fn connections_are_limited() {
    if !is_there() {
        return;
    }
    let server = Server::start("");
    let (_root, tenant) = one("database: {maxUserConnections: 3}\n");
    reconcile(&server, std::slice::from_ref(&tenant));
    // Clients that are logged in, and say nothing.
    let mut open: Vec<_> =
        (0..3).map(|_| server.client(tenant.name(), &tenant.password).spawn().unwrap()).collect();
    let count = format!(
        "SELECT COUNT(*) FROM information_schema.processlist WHERE user = '{}'",
        tenant.name()
    );
    let start = std::time::Instant::now();
    while server.root(std::slice::from_ref(&count)) != ["3"] {
        assert!(start.elapsed().as_secs() < 30);
    }
    let one_more = run(&server, &tenant, &["SELECT 1".to_owned()]);
    assert_eq!(one_more.errors, [(0, 1226)]);
    for client in &mut open {
        drop(client.stdin.take());
        client.wait().unwrap();
    }
    assert_eq!(run(&server, &tenant, &["SELECT 1".to_owned()]).rows, ["1"]);
}

#[test]
fn a_rotation_locks_the_old_password_out() {
    if !is_there() {
        return;
    }
    let server = Server::start("");
    let (root, old) = one("");
    reconcile(&server, std::slice::from_ref(&old));
    sitewright(root.path(), "secrets rotate acme/acme-db-password");
    let new = again(root.path());
    assert_ne!(old.password, new.password);
    server.root(&[alter_user(&new.user, &new.password)]);
    let ask = ["SELECT 1".to_owned()];
    assert_eq!(run(&server, &old, &ask).errors, [(0, 1045)]);
    assert_eq!(run(&server, &new, &ask).rows, ["1"]);
}

#[test]
fn a_site_that_goes_leaves_its_data_unless_it_said_otherwise() {
    if !is_there() {
        return;
    }
    let server = Server::start("");
    for (end, is_left) in
        [("lifecycle: retired\n", "1"), ("lifecycle: retired\ndata: delete\n", "0")]
    {
        let (root, tenant) = one("");
        reconcile(&server, std::slice::from_ref(&tenant));
        assert_eq!(alone(&server, &tenant), [""; 0]);
        put(
            root.path(),
            "sites/c/acme.yaml",
            &format!("kind: Site\nsiteName: erp.acme.com\n{end}"),
        );
        let retired = again(root.path());
        assert_eq!(
            run(&server, &tenant, &["SELECT 1".to_owned()]).rows,
            ["1"],
            "until it is pruned"
        );
        // The order of a prune is nobody's to choose.
        let objects = [&retired.user, &retired.database];
        server.root(&objects.iter().filter_map(|object| finalize(object)).collect::<Vec<_>>());
        assert_eq!(text(&retired.grant["spec"]["cleanupPolicy"]), "Skip");
        assert_eq!(run(&server, &tenant, &["SELECT 1".to_owned()]).errors, [(0, 1045)]);
        let schemata = format!(
            "SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = '{}' AND table_name = 't'",
            tenant.name()
        );
        assert_eq!(server.root(&[schemata]), [is_left], "{end}");
        wipe(&server, &[tenant]);
    }
}

/// The rendered settings are those of a real server, and do what is said of them.
#[test]
fn settings_hold_whatever_a_client_asks_for() {
    if !is_there() {
        return;
    }
    let (root, tenant) = one("database: {mode: dedicated, server: null}\n");
    let path = root.path().join("rendered/c/acme/mariadb.yaml");
    let object: serde_yaml::Value = serde_yaml::from_slice(&std::fs::read(path).unwrap()).unwrap();
    let server = Server::start(text(&object["spec"]["myCnf"]));
    reconcile(&server, std::slice::from_ref(&tenant));
    let ask = "SELECT @@character_set_client, @@collation_connection, @@max_allowed_packet, \
               @@default_storage_engine";
    let output = server
        .client(tenant.name(), &tenant.password)
        .args(["--default-character-set=latin1", "--execute", ask])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(said.trim(), "utf8mb4\tutf8mb4_unicode_ci\t268435456\tInnoDB");
    // Without them, a client gets what it asks for.
    let plain = Server::start("");
    reconcile(&plain, std::slice::from_ref(&tenant));
    let output = plain
        .client(tenant.name(), &tenant.password)
        .args(["--default-character-set=latin1", "--execute", "SELECT @@character_set_client"])
        .output()
        .unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stdout).trim(), "latin1");
}
