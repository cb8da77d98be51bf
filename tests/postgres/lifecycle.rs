//! What becomes of a site's database: a new password, a removed object, a limit of connections.

use crate::operator::{Tenant, alter_role, finalize, reconcile, rendered, rules};
use crate::server::{Server, is_there};
use crate::tenants::tenant;
use serde_yaml::Value;

/// The databases and the roles of sites.
fn there(server: &Server) -> Vec<String> {
    server.operate(&[
        "SELECT datname FROM pg_database WHERE datname LIKE '\\_%' ORDER BY 1".to_owned(),
        "SELECT 'role ' || rolname FROM pg_roles WHERE rolname LIKE '\\_%' ORDER BY 1".to_owned(),
    ])
}

fn logs_in(server: &Server, tenant: &Tenant, password: &str) -> bool {
    let said = server.run(tenant.name(), password, tenant.name(), &["SELECT 1".to_owned()]);
    said.rows == ["1"]
}

#[test]
fn a_new_password_is_the_only_one() {
    if !is_there() {
        return;
    }
    let server = Server::start(&rules());
    let old = tenant("a.com");
    reconcile(&server, std::slice::from_ref(&old));
    let new = Tenant { password: "AnotherOfLettersAndDigits1".to_owned(), ..old.clone() };
    assert!(logs_in(&server, &old, &old.password));
    server.operate(&[alter_role(&new)]);
    assert!(!logs_in(&server, &old, &old.password));
    assert!(logs_in(&server, &old, &new.password));
    assert!(!logs_in(&server, &old, ""));
}

#[test]
fn what_is_retained_stays_and_what_is_deleted_goes() {
    if !is_there() {
        return;
    }
    let server = Server::start(&rules());
    let kept = tenant("a.com");
    let mut gone = tenant("b.com");
    // As a retired site with `data: delete` states it.
    for (object, path, field) in [
        (&mut gone.database, "retired/database", "databaseReclaimPolicy"),
        (&mut gone.role, "retired/databaserole", "databaseRoleReclaimPolicy"),
    ] {
        object["spec"][field] = rendered(path)["spec"][field].clone();
        assert_eq!(object["spec"][field], Value::String("delete".to_owned()));
    }
    reconcile(&server, &[kept.clone(), gone.clone()]);
    for object in [&kept.database, &kept.role] {
        assert_eq!(finalize(object), None);
    }
    // The role goes only after the database that it owns: the operator tries again.
    let (database, role) = (finalize(&gone.database).unwrap(), finalize(&gone.role).unwrap());
    assert_eq!(server.root("postgres", std::slice::from_ref(&role)).errors.len(), 1);
    server.operate(&[database, role]);
    assert_eq!(there(&server), [kept.name().to_owned(), format!("role {}", kept.name())]);
}

#[test]
fn a_site_holds_no_more_connections_than_it_may() {
    if !is_there() {
        return;
    }
    let server = Server::start(&rules());
    let mut few = tenant("a.com");
    few.role["spec"]["connectionLimit"] = Value::from(0);
    reconcile(&server, std::slice::from_ref(&few));
    assert!(!logs_in(&server, &few, &few.password));
    few.role["spec"]["connectionLimit"] = Value::from(1);
    server.operate(&[alter_role(&few)]);
    assert!(logs_in(&server, &few, &few.password));
    // The rendered limits: 100 where nothing else is stated, and none for 0.
    let limit = |path| rendered(path)["spec"]["connectionLimit"].as_i64();
    assert_eq!(limit("shared/databaserole"), Some(100));
    assert_eq!(limit("dedicated/databaserole"), Some(-1));
}
