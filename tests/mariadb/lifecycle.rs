//! Accounts over time: their limits, new passwords, and what is left of a site that goes.

use crate::attack::keep;
use crate::fleet::{Tenant, again, one, put, sitewright};
use crate::operator::{finalize, reconcile, wipe};
use crate::server::{Server, Session, is_there};
use crate::tenants::failures;
use std::slice::from_ref;
use std::time::Duration;

/// A wrong password, or no such account.
const WRONG_PASSWORD: u32 = 1045;
/// More connections than the account may have.
const TOO_MANY: u32 = 1226;

/// Why a site cannot log in, if it cannot.
fn refused(server: &Server, tenant: &Tenant) -> Option<u32> {
    server.run(tenant.name(), &tenant.password, &["SELECT 1".to_owned()]).error(0)
}

/// What a site keeps, as root sees it; nothing where it is gone.
fn kept(server: &Server, tenant: &Tenant) -> Vec<String> {
    server.run("root", "", &[format!("SELECT secret FROM `{}`.kept", tenant.name())]).rows
}

#[test]
fn connections_are_limited() {
    if !is_there() {
        return;
    }
    let server = Server::start("");
    for on in ["", "mode: external, server: outside, "] {
        let limit = |most: usize| format!("database: {{{on}maxUserConnections: {most}}}\n");
        let (root, tenant) = one(&limit(4));
        holds(&server, &tenant, 4);
        // Of an account that is there, too.
        let definition = format!("kind: Site\nsiteName: erp.acme.com\n{}", limit(2));
        put(root.path(), "sites/c/acme.yaml", &definition);
        holds(&server, &again(root.path()), 2);
        wipe(&server, from_ref(&tenant));
    }
}

/// A site may have so many connections, and no more.
#[track_caller]
fn holds(server: &Server, tenant: &Tenant, most: usize) {
    reconcile(server, from_ref(tenant));
    let count = [format!(
        "SELECT COUNT(*) FROM information_schema.processlist WHERE user = '{}'",
        tenant.name()
    )];
    in_a_while("connections of before do not end", || server.root(&count) == ["0"]);
    let login = |_| Session::open(server, tenant.name(), &tenant.password);
    let mut open: Vec<Session> = (0..most).map(login).collect();
    assert_eq!(refused(server, tenant), Some(TOO_MANY));
    open.pop();
    in_a_while("a place that is free again is not given", || refused(server, tenant).is_none());
}

/// The server counts a connection until it has seen it end.
#[track_caller]
fn in_a_while(otherwise: &str, is_so: impl Fn() -> bool) {
    let waits = |_| {
        std::thread::sleep(Duration::from_millis(20));
        is_so()
    };
    assert!((0..100).any(waits), "{otherwise}");
}

#[test]
fn a_rotation_locks_the_old_password_out() {
    if !is_there() {
        return;
    }
    let server = Server::start("");
    let (root, old) = one("");
    reconcile(&server, from_ref(&old));
    sitewright(root.path(), "secrets rotate acme/acme-db-credentials");
    let new = again(root.path());
    assert_ne!(old.password, new.password);
    assert_eq!(refused(&server, &new), Some(WRONG_PASSWORD), "before the operator has seen it");
    // The second time is the hour's requeue, which must change nothing.
    for _ in 0..2 {
        assert_eq!(reconcile(&server, from_ref(&new)), 0);
        assert_eq!(refused(&server, &old), Some(WRONG_PASSWORD));
        assert_eq!(refused(&server, &new), None);
    }
}

/// Every order in which three objects can go: that of a prune is nobody's to choose.
const ORDERS: [[usize; 3]; 6] = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];

#[test]
fn a_site_that_goes_leaves_its_data_unless_it_said_otherwise() {
    if !is_there() {
        return;
    }
    let server = Server::start("");
    let ends = [("lifecycle: retired\n", true), ("lifecycle: retired\ndata: delete\n", false)];
    let places = ["", "database: {mode: external, server: outside}\n"];
    for (place, (end, stays)) in places.iter().flat_map(|place| ends.map(|end| (place, end))) {
        let (root, tenant) = one(place);
        let definition = format!("kind: Site\nsiteName: erp.acme.com\n{place}{end}");
        put(root.path(), "sites/c/acme.yaml", &definition);
        let retired = again(root.path());
        for order in ORDERS {
            reconcile(&server, from_ref(&tenant));
            assert_eq!(failures(&server, &tenant, &keep(tenant.name())), [""; 0]);
            let everything = kept(&server, &tenant);
            assert_eq!(everything.len(), 1);
            reconcile(&server, from_ref(&retired));
            assert_eq!(refused(&server, &tenant), None, "it works until it is pruned");
            let objects = [&retired.grant, &retired.user, &retired.database];
            for object in order.map(|index| objects[index]) {
                server.root(finalize(object).as_slice());
            }
            assert_eq!(refused(&server, &tenant), Some(WRONG_PASSWORD), "{order:?}");
            let grants = format!("SELECT db FROM mysql.db WHERE user = '{}'", tenant.name());
            assert_eq!(server.root(&[grants]), [""; 0], "{order:?}");
            let left = if stays { everything.clone() } else { Vec::new() };
            assert_eq!(kept(&server, &tenant), left, "{place}{end} {order:?}");
            // A site that comes back finds what it left.
            reconcile(&server, from_ref(&tenant));
            let read = [format!("SELECT secret FROM `{}`.kept", tenant.name())];
            let read = server.run(tenant.name(), &tenant.password, &read).rows;
            assert_eq!(read, left, "{place}{end} {order:?}");
            wipe(&server, from_ref(&tenant));
        }
    }
}

/// Why a bench's work for a site is stopped before its file goes.
#[test]
fn a_session_outlives_its_account() {
    if !is_there() {
        return;
    }
    let server = Server::start("");
    let (_root, tenant) = one("");
    reconcile(&server, from_ref(&tenant));
    assert_eq!(failures(&server, &tenant, &keep(tenant.name())), [""; 0]);
    let login = || Session::open(&server, tenant.name(), &tenant.password);
    let (mut chosen, mut elsewhere) = (login(), login());
    assert_eq!(chosen.ask(&format!("USE `{}`", tenant.name())), [""; 0]);
    server.root(finalize(&tenant.user).as_slice());
    assert_eq!(refused(&server, &tenant), Some(WRONG_PASSWORD));
    // It has chosen its database, as Frappe's connections have, and still reads and writes it.
    assert_eq!(chosen.ask("INSERT INTO kept VALUES (2, 'written later')"), [""; 0]);
    assert_eq!(chosen.ask("SELECT COUNT(*) FROM kept"), ["2"]);
    assert_eq!(kept(&server, &tenant).last().unwrap(), "written later");
    // One that has chosen none is asked for privileges that are gone.
    let question = format!("SELECT COUNT(*) FROM `{}`.kept", tenant.name());
    assert_eq!(elsewhere.ask(&question), [""; 0]);
    assert_eq!(elsewhere.ask("SELECT 'still there'"), ["still there"]);
}
