//! Sites on a server that writes a binary log: what MariaDB guards there, and why the guard comes off
//! with a log of rows only.

use crate::attack::{GUARD, guarded, keep, keep_all, work};
use crate::fleet::{Tenant, hostile, one, put, rendered, tenants, text};
use crate::operator::{reconcile, wipe};
use crate::server::{Server, is_there};
use crate::tenants::{all_work, at_home, failures, populate, trespasses};
use serde_yaml::Value;
use std::slice::from_ref;

/// What mariadb-operator states of a server in a replication (source: `NewReplicationConfig` of 25.10).
const REPLICATION: &str = "[mariadb]\nlog_bin\nlog_basename=db\ngtid_strict_mode\nserver_id=10\n";

/// What our DatabaseServer states to have functions.
const FUNCTIONS: &str = "binlog_format: ROW, log_bin_trust_function_creators: 1";

#[test]
fn a_server_that_logs_refuses_functions_and_triggers_and_nothing_else() {
    if !is_there() {
        return;
    }
    let server = Server::start(REPLICATION);
    assert_eq!(server.root(&["SELECT @@log_bin, @@binlog_format".to_owned()]), ["1\tMIXED"]);
    // 2.3 grants ALL PRIVILEGES, which does not help.
    for frappe in ["2.3", "2.6"] {
        let root = hostile(frappe, 6);
        for tenants in tenants(&rendered(root.path()), |_| "frankfurt").values() {
            populate(&server, tenants, keep_all);
            let all: Vec<&Tenant> = tenants.iter().collect();
            assert_eq!(at_home(&server, &all, work), [""; 0]);
            for tenant in tenants {
                let statements = guarded(tenant.name());
                let said = server.run(tenant.name(), &tenant.password, &statements);
                let refused: Vec<u32> = said.errors.iter().map(|(_, error)| *error).collect();
                assert_eq!(refused, [GUARD, GUARD], "{statements:?}");
                // An administrator may, and gives the others something to try.
                server.root(&statements);
            }
            assert_eq!(trespasses(&server, tenants), [""; 0]);
            wipe(&server, tenants);
        }
    }
}

#[test]
fn with_both_settings_functions_work_and_nobody_reaches_anybody() {
    if !is_there() {
        return;
    }
    let root = hostile("2.6", 6);
    let definition = format!("kind: DatabaseServer\nstorageSize: 1Gi\nmyCnf: {{{FUNCTIONS}}}\n");
    put(root.path(), "sites/c/db.yaml", &definition);
    let files = rendered(root.path());
    let object: Value = serde_yaml::from_slice(&files["c/db/mariadb.yaml"]).unwrap();
    let server = Server::start(&format!("{}\n{REPLICATION}", text(&object["spec"]["myCnf"])));
    assert_eq!(server.root(&["SELECT @@log_bin, @@binlog_format".to_owned()]), ["1\tROW"]);
    for tenants in tenants(&files, |_| "frankfurt").values() {
        populate(&server, tenants, keep_all);
        let all: Vec<&Tenant> = tenants.iter().collect();
        assert_eq!(at_home(&server, &all, all_work), [""; 0]);
        assert_eq!(trespasses(&server, tenants), [""; 0]);
    }
}

/// What the log holds of a call that wrote a row: the call, or the row.
#[derive(Debug, PartialEq)]
enum Logged {
    Call(String),
    Row,
}

/// Lets a site call a function of its own, on a server that writes this format, and reads the log.
fn call(server: &Server, tenant: &Tenant, format: &str) -> Logged {
    server.root(&[format!("SET GLOBAL binlog_format = {format}"), "FLUSH BINARY LOGS".to_owned()]);
    let statement = format!("SELECT `{}`.f()", tenant.name());
    assert_eq!(failures(server, tenant, &[statement]), [""; 0]);
    let file = server.root(&["SHOW MASTER STATUS".to_owned()]);
    let file = file[0].split('\t').next().unwrap().to_owned();
    let events = server.root(&[format!("SHOW BINLOG EVENTS IN '{file}'")]);
    let call = format!("SELECT `{}`.`f`()", tenant.name());
    let is_call = events.iter().any(|event| event.ends_with(&call));
    let is_row = events.iter().any(|event| event.contains("\tWrite_rows"));
    assert_ne!(is_call, is_row, "{format}: {events:?}");
    if is_call { Logged::Call(call) } else { Logged::Row }
}

/// Why functions without a guard need a log of rows. The function writes to the other's table once its
/// own has enough rows, which its site may not, and somebody who repeats the log may.
#[test]
fn a_log_of_statements_holds_calls_that_reach_others_where_they_are_repeated() {
    if !is_there() {
        return;
    }
    let server = Server::start(&format!("{REPLICATION}log_bin_trust_function_creators=1\n"));
    let (_root, tenant) = one("");
    reconcile(&server, from_ref(&tenant));
    let (own, other) = (tenant.name(), "of_another");
    server.root(&[
        format!("CREATE DATABASE `{other}`"),
        format!("CREATE TABLE `{other}`.t (id INT)"),
    ]);
    assert_eq!(failures(&server, &tenant, &keep(own)), [""; 0]);
    // In one string, since the client ends a statement at each semicolon.
    let function = format!(
        "EXECUTE IMMEDIATE 'CREATE FUNCTION `{own}`.f() RETURNS INT SQL SECURITY INVOKER BEGIN \
         INSERT INTO `{own}`.plain VALUES (1); \
         IF (SELECT COUNT(*) FROM `{own}`.plain) > 3 THEN INSERT INTO `{other}`.t VALUES (1); END IF; \
         RETURN 1; END'"
    );
    assert_eq!(failures(&server, &tenant, &[function]), [""; 0]);

    assert_eq!(call(&server, &tenant, "ROW"), Logged::Row);
    let Logged::Call(logged) = call(&server, &tenant, "MIXED") else { panic!("a row") };
    assert_eq!(call(&server, &tenant, "STATEMENT"), Logged::Call(logged.clone()));

    let reached = format!("SELECT COUNT(*) FROM `{other}`.t");
    let said = server.run(own, &tenant.password, from_ref(&logged));
    assert_eq!(said.error(1), Some(1142), "the site itself is denied it");
    assert_eq!(server.root(from_ref(&reached)), ["0"]);
    server.root(&[logged]);
    assert_eq!(server.root(&[reached]), ["1"]);
}
