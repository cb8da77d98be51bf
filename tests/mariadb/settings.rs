//! The option files of our servers, read by the server itself, and the character set that follows.

use crate::fleet::{Tenant, one, project, put, text};
use crate::operator::reconcile;
use crate::samples::{files, samples};
use crate::server::{Server, Session, is_there};
use serde_yaml::Value;
use std::collections::BTreeMap;
use std::process::Command;
use std::slice::from_ref;

/// `myCnf` of every MariaDB of every sample, each text once, with the file that has it.
fn option_files() -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    for sample in samples() {
        for (path, bytes) in files(&sample.root.join("rendered")) {
            let object: Value = serde_yaml::from_slice(&bytes).unwrap();
            if object["kind"] == "MariaDB" {
                let shown = format!("{}: {path}", sample.name);
                found.insert(text(&object["spec"]["myCnf"]).to_owned(), shown);
            }
        }
    }
    assert!(found.len() > 5, "{found:?}");
    found
}

/// The lines of the group that the server reads: names with dashes, and values as it prints them.
fn stated(option_file: &str) -> BTreeMap<String, String> {
    let group = option_file.split("[mariadb]\n").nth(1).unwrap().split("\n[").next().unwrap();
    let lines = group.lines().filter(|line| !line.is_empty());
    let pairs = lines.map(|line| match line.split_once('=') {
        Some((name, value)) => (name.replace('_', "-"), printed(value)),
        None => (line.strip_prefix("skip_").unwrap().replace('_', "-"), "FALSE".to_owned()),
    });
    pairs.collect()
}

fn printed(value: &str) -> String {
    let units = [('K', 10), ('M', 20), ('G', 30)];
    let size = units.iter().find_map(|(unit, shift)| {
        let number: u64 = value.strip_suffix(*unit)?.parse().ok()?;
        Some((number << shift).to_string())
    });
    match value {
        "ON" => "TRUE".to_owned(),
        "OFF" => "FALSE".to_owned(),
        _ => size.unwrap_or_else(|| value.to_owned()),
    }
}

/// What the server makes of an option file, and what it says of it.
fn read(option_file: &str) -> (BTreeMap<String, String>, String) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("my.cnf");
    std::fs::write(&path, option_file).unwrap();
    let output = Command::new("mariadbd")
        .arg(format!("--defaults-file={}", path.display()))
        .args(["--help", "--verbose"])
        .output()
        .unwrap();
    let table = String::from_utf8_lossy(&output.stdout);
    let values = table.lines().filter_map(|line| {
        let (name, value) = line.split_once(' ')?;
        Some((name.to_owned(), value.trim().to_owned()))
    });
    (values.collect(), String::from_utf8_lossy(&output.stderr).into_owned())
}

#[test]
fn the_server_reads_every_setting_as_it_is_meant() {
    if !is_there() {
        return;
    }
    for (option_file, shown) in option_files() {
        let (values, said) = read(&option_file);
        assert!(!said.contains("unknown"), "{shown}: {said}");
        let stated = stated(&option_file);
        assert!(stated.len() >= 7, "{shown}: {stated:?}");
        for (name, value) in stated {
            assert_eq!(values.get(&name), Some(&value), "{shown}: {name}: {said}");
        }
    }
    let (_, said) = read("[mariadb]\nno_such_option=1\n");
    assert!(said.contains("unknown variable 'no_such_option=1'"), "{said}");
}

/// Under each name by which the server knows it.
#[test]
fn what_the_server_takes_for_an_unsafe_setting_is_refused() {
    if !is_there() {
        return;
    }
    let project = project("2.6");
    for (name, stated, option, taken) in [
        ("skip_grant_tables", "1", "skip-grant-tables", "TRUE"),
        ("loose_skip_grant_tables", "1", "skip-grant-tables", "TRUE"),
        ("enable_skip_grant_tables", "1", "skip-grant-tables", "TRUE"),
        ("skip_gr", "1", "skip-grant-tables", "TRUE"),
        ("init_f", "/x", "init-file", "/x"),
        ("data", "/x", "datadir", "/x/"),
        ("innodb_data_h", "/x", "innodb-data-home-dir", "/x"),
        ("skip_ne", "1", "skip-networking", "TRUE"),
        ("port", "3307", "port", "3307"),
        ("skip_skip_grant_tables", "0", "skip-grant-tables", "TRUE"),
        ("loose_skip_skip_grant_tables", "0", "skip-grant-tables", "TRUE"),
        ("loose_loose_skip_gr", "1", "skip-grant-tables", "TRUE"),
        ("enable_skip_grant_tables", "off", "skip-grant-tables", "TRUE"),
        ("loose_enable_skip_grant_tables", "FALSE", "skip-grant-tables", "TRUE"),
        ("enable_port", "3306", "port", "1"),
        (
            "enable_log_bin_trust_function_creators",
            "OFF",
            "log-bin-trust-function-creators",
            "TRUE",
        ),
        ("disable_skip_networking", "0", "skip-networking", "TRUE"),
        ("init_s", "SELECT 1", "init-slave", "SELECT 1"),
        ("bind", "127.0.0.1", "bind-address", "127.0.0.1"),
        ("lowe", "1", "lower-case-table-names", "1"),
        ("innodb_log_g", "/x", "innodb-log-group-home-dir", "/x"),
        ("innodb_undo_d", "/x", "innodb-undo-directory", "/x"),
        ("aria_log_d", "/x", "aria-log-dir-path", "/x"),
        ("character_set_s", "utf8mb3", "character-set-server", "utf8mb3"),
        ("loose_character_set_server", "utf8mb3", "character-set-server", "utf8mb3"),
        ("coll", "latin1_german1_ci", "collation-server", "latin1_german1_ci"),
        ("log_bin_t", "1", "log-bin-trust-function-creators", "TRUE"),
        ("skip_log_bin_trust_function_creators", "0", "log-bin-trust-function-creators", "TRUE"),
    ] {
        let (values, said) = read(&format!("[mariadb]\n{name}={stated}\n"));
        assert_eq!(values.get(option).map(String::as_str), Some(taken), "{name}: {said}");
        let server =
            format!("kind: DatabaseServer\nstorageSize: 1Gi\nmyCnf: {{{name}: \"{stated}\"}}\n");
        put(project.path(), "sites/c/db.yaml", &server);
        let checked = Command::new(env!("CARGO_BIN_EXE_sitewright"))
            .args(["check", "--format", "json"])
            .current_dir(project.path())
            .output()
            .unwrap();
        let said = String::from_utf8(checked.stdout).unwrap();
        let is_refused = ["SW411", "SW410", "SW104"].iter().any(|code| said.contains(code));
        assert!(is_refused, "{name}: {said}");
    }
    // What it says anyway.
    let server = "kind: DatabaseServer\nstorageSize: 1Gi\nmyCnf: {skip_grant_tables: false, \
                  skip_networking: \"off\", port: 3306, bind_address: \"*\", binlog_format: row, \
                  loose_log_bin_trust_function_creators: 1}\n";
    put(project.path(), "sites/c/db.yaml", server);
    let mut explain = Command::new(env!("CARGO_BIN_EXE_sitewright"));
    let explained = explain.args(["explain", "c/db"]).current_dir(project.path()).output().unwrap();
    assert!(explained.status.success(), "{}", String::from_utf8_lossy(&explained.stdout));
}

/// The character set and collation of every database of these sites.
fn character_sets(server: &Server, tenants: &[&Tenant]) -> Vec<String> {
    let questions = tenants.iter().map(|tenant| {
        format!(
            "SELECT default_character_set_name, default_collation_name \
             FROM information_schema.schemata WHERE schema_name = '{}'",
            tenant.name()
        )
    });
    server.root(&questions.collect::<Vec<_>>())
}

#[test]
fn databases_have_frappes_character_set_unless_they_were_there_before() {
    if !is_there() {
        return;
    }
    let server = Server::start("");
    let (_root, tenant) = one("");
    reconcile(&server, from_ref(&tenant));
    assert_eq!(character_sets(&server, &[&tenant]), ["utf8mb4\tutf8mb4_unicode_ci"]);
    // The operator makes what is missing, and changes nothing that it finds.
    let name = tenant.name();
    server.root(&[
        format!("DROP DATABASE `{name}`"),
        format!("CREATE DATABASE `{name}` CHARACTER SET latin1 COLLATE latin1_german1_ci"),
    ]);
    reconcile(&server, from_ref(&tenant));
    assert_eq!(character_sets(&server, &[&tenant]), ["latin1\tlatin1_german1_ci"]);
}

/// What a client that asks for latin1 when it connects is answered.
fn asked_for_latin1(server: &Server, tenant: &Tenant, question: &str) -> String {
    let output = server
        .client(tenant.name(), &tenant.password)
        .args(["--default-character-set=latin1", "--execute", question])
        .output()
        .unwrap();
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

#[test]
fn a_handshake_changes_no_character_set_and_set_names_no_table() {
    if !is_there() {
        return;
    }
    let (root, tenant) = one("database: {mode: dedicated, server: null}\n");
    let path = root.path().join("rendered/c/acme/mariadb.yaml");
    let object: Value = serde_yaml::from_slice(&std::fs::read(path).unwrap()).unwrap();
    let server = Server::start(text(&object["spec"]["myCnf"]));
    reconcile(&server, from_ref(&tenant));
    let ask = "SELECT @@character_set_client, @@collation_connection, @@max_allowed_packet, \
               @@default_storage_engine";
    let ours = "utf8mb4\tutf8mb4_unicode_ci\t268435456\tInnoDB";
    assert_eq!(asked_for_latin1(&server, &tenant, ask), ours);

    // What is said in a statement does count. Frappe says utf8mb4.
    let mut session = Session::open(&server, tenant.name(), &tenant.password);
    session.ask("SET NAMES latin1");
    let sets = "SELECT @@character_set_client, @@character_set_connection, @@character_set_results";
    assert_eq!(session.ask(sets), ["latin1\tlatin1\tlatin1"]);
    // A table takes after its database, not after the session that makes it.
    session.ask(&format!("CREATE TABLE `{}`.t (c TEXT)", tenant.name()));
    let made = format!(
        "SELECT CONCAT(table_collation, ' ', engine, ' ', row_format) \
         FROM information_schema.tables WHERE table_schema = '{}'",
        tenant.name()
    );
    assert_eq!(session.ask(&made), ["utf8mb4_unicode_ci InnoDB Dynamic"]);

    // Without the settings, a client gets what it asks for.
    let plain = Server::start("");
    reconcile(&plain, from_ref(&tenant));
    assert_eq!(asked_for_latin1(&plain, &tenant, "SELECT @@character_set_client"), "latin1");
}
