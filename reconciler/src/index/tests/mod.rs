//! The index is driven through its events, as the watches drive it.

mod any_order;
mod types;

use super::*;
use crate::kind::TypeId;
use serde_json::{Value, json};
use sitewright_api::{ConditionStatus, ObjectRef, Reason, SiteDatabaseStatus};

const GRACE: Seconds = 300;
const NOW: Seconds = 1_800_000_000;

fn type_of(api_version: &str, kind: &str) -> TypeId {
    let object = ObjectRef {
        api_version: api_version.into(),
        kind: kind.into(),
        namespace: None,
        name: "x".into(),
        ready: None,
    };
    TypeId::of(&object).unwrap()
}

fn database() -> Scope {
    Scope { type_: type_of("k8s.mariadb.com/v1alpha1", "Database"), namespace: None }
}

fn server() -> Scope {
    Scope { type_: type_of("k8s.mariadb.com/v1alpha1", "MariaDB"), namespace: None }
}

fn reference(kind: &str, namespace: Option<&str>, name: &str) -> Value {
    json!({"apiVersion": "k8s.mariadb.com/v1alpha1", "kind": kind, "namespace": namespace, "name": name})
}

/// A site of the namespace `erp`, with a server elsewhere and a database of its own.
fn site_with(name: &str, status: Option<&SiteDatabaseStatus>) -> Event {
    let site = json!({
        "metadata": {"name": name, "namespace": "erp", "generation": 1},
        "spec": {
            "siteName": name, "provider": "mariadb", "mode": "shared",
            "host": "db.servers.svc.cluster.local", "port": 3306, "database": "_a",
            "objects": [reference("MariaDB", Some("servers"), "db"), reference("Database", None, name)],
        },
        "status": status,
    });
    Event::Site(Box::new(serde_json::from_value(site).unwrap()))
}

fn site(name: &str) -> Event {
    site_with(name, None)
}

fn object(namespace: &str, name: &str, status: Value) -> Box<Observed> {
    let object = json!({
        "metadata": {"name": name, "namespace": namespace, "generation": 1, "resourceVersion": "100"},
        "status": status,
    });
    Box::new(serde_json::from_value(object).unwrap())
}

fn ready(status: &str, message: &str) -> Value {
    json!({"conditions": [{"type": "Ready", "status": status, "reason": "Failed", "message": message}]})
}

fn database_is(name: &str, status: Value) -> Event {
    Event::Object(database(), object("erp", name, status))
}

fn server_is(status: Value) -> Event {
    Event::Object(server(), object("servers", "db", status))
}

fn failing() -> Value {
    ready("False", "Error 1007: exists")
}

/// An index with the site `acme`, whose types are listed and whose server is ready.
fn with_acme(status: Option<&SiteDatabaseStatus>) -> Index {
    let mut index = Index::new(GRACE, &[]);
    for event in [Event::SitesBegin(None), site_with("acme", status), Event::SitesDone(None)] {
        index.apply(event, NOW);
    }
    assert_eq!(index.demand(), [server(), database()]);
    for event in [
        Event::Begin(server()),
        server_is(ready("True", "")),
        Event::Done(server()),
        Event::Begin(database()),
    ] {
        index.apply(event, NOW);
    }
    index
}

fn changes(index: &mut Index, now: Seconds) -> Vec<Change> {
    std::iter::from_fn(|| index.next_change(now)).collect()
}

/// The one change of `acme`.
#[track_caller]
fn change(index: &mut Index, now: Seconds) -> Change {
    let changes = changes(index, now);
    assert_eq!(changes.len(), 1, "{changes:?}");
    changes.into_iter().next().unwrap()
}

#[track_caller]
fn expect(change: &Change, phase: Phase, reason: Reason, error: Option<&str>) {
    let database = change.status.database_status.as_ref().unwrap();
    assert_eq!((database.phase, database.last_error.as_deref()), (phase, error));
    let condition = &change.status.conditions[0];
    assert_eq!(condition.reason, reason);
    assert_eq!(condition.status == ConditionStatus::True, phase == Phase::Ready);
    assert_eq!(condition.observed_generation, Some(1));
    if let Some(error) = error {
        assert_eq!(condition.message, error);
    }
}

/// What the API server does with a change.
fn acknowledge(index: &mut Index, change: &Change, now: Seconds) {
    let Change { namespace, name, hash, .. } = change.clone();
    index.apply(Event::Patched { namespace, name, hash, version: 0 }, now);
    index.apply(site_with(&change.name, Some(&change.status)), now);
    assert_eq!(changes(index, now), []);
}

#[test]
fn a_site_from_nothing_to_ready_to_failed_to_ready() {
    let mut index = with_acme(None);
    // Nobody knows yet whether the database exists: a status now would be a guess.
    assert_eq!(changes(&mut index, NOW), []);
    assert!(!index.is_ready());
    index.apply(Event::Done(database()), NOW);
    assert!(index.is_ready());
    let first = change(&mut index, NOW);
    let error = "Database erp/acme: it does not exist";
    expect(&first, Phase::Pending, Reason::ObjectMissing, Some(error));
    assert_eq!(first.left, None);
    acknowledge(&mut index, &first, NOW);

    index.apply(database_is("acme", Value::Null), NOW + 1);
    let next = change(&mut index, NOW + 1);
    let error = "Database erp/acme: it waits for its server";
    expect(&next, Phase::Pending, Reason::WaitingForOperator, Some(error));
    acknowledge(&mut index, &next, NOW + 1);

    index.apply(database_is("acme", ready("True", "Created")), NOW + 5);
    let next = change(&mut index, NOW + 5);
    expect(&next, Phase::Ready, Reason::DatabaseReady, None);
    assert_eq!(next.left, Some(Phase::Pending));
    assert_eq!(next.status.conditions[0].last_transition_time, "2027-01-15T08:00:05Z");
    acknowledge(&mut index, &next, NOW + 5);
    assert_eq!(index.phases(), [1, 0, 0, 0]);

    index.apply(database_is("acme", failing()), NOW + 10);
    let next = change(&mut index, NOW + 10);
    let error = "Database erp/acme: Error 1007: exists";
    expect(&next, Phase::Provisioning, Reason::Retrying, Some(error));
    acknowledge(&mut index, &next, NOW + 10);
    assert_eq!(index.next_timer(), Some(NOW + 10 + GRACE));
    index.tick(NOW + 9 + GRACE);
    assert_eq!(changes(&mut index, NOW + 9 + GRACE), []);
    index.tick(NOW + 10 + GRACE);
    let next = change(&mut index, NOW + 10 + GRACE);
    expect(&next, Phase::Failed, Reason::ProvisioningFailed, Some(error));
    // The condition was False before.
    assert_eq!(next.status.conditions[0].last_transition_time, "2027-01-15T08:00:10Z");
    acknowledge(&mut index, &next, NOW + 400);

    index.apply(database_is("acme", ready("True", "Created")), NOW + 500);
    let next = change(&mut index, NOW + 500);
    expect(&next, Phase::Ready, Reason::DatabaseReady, None);
    acknowledge(&mut index, &next, NOW + 500);
    assert_eq!(index.next_timer(), None);

    index.apply(Event::Gone(database(), object("erp", "acme", Value::Null)), NOW + 501);
    expect(
        &change(&mut index, NOW + 501),
        Phase::Pending,
        Reason::ObjectMissing,
        Some("Database erp/acme: it does not exist"),
    );
}

#[test]
fn a_restart_changes_nothing() {
    for state in [ready("True", ""), failing(), Value::Null] {
        let mut before = with_acme(None);
        before.apply(database_is("acme", state.clone()), NOW);
        before.apply(Event::Done(database()), NOW);
        let mut change = change(&mut before, NOW);
        acknowledge(&mut before, &change, NOW);
        before.tick(NOW + GRACE);
        if let Some(next) = before.next_change(NOW + GRACE) {
            change = next;
        }
        // Started anew, after the grace period of the first run.
        let mut after = with_acme(Some(&change.status));
        after.apply(database_is("acme", state.clone()), NOW + 400);
        after.apply(Event::Done(database()), NOW + 400);
        assert_eq!(changes(&mut after, NOW + 400), [], "{state}");
    }
}

#[test]
fn a_failure_that_an_operator_dated_counts_from_then_on() {
    let mut index = with_acme(None);
    let mut status = failing();
    status["conditions"][0]["lastTransitionTime"] = json!("2027-01-15T07:55:00Z");
    index.apply(database_is("acme", status), NOW);
    index.apply(Event::Done(database()), NOW);
    assert_eq!(change(&mut index, NOW).status.conditions[0].reason, Reason::ProvisioningFailed);
}

#[test]
fn a_phase_that_flips_does_not_flip_the_status() {
    let mut index = with_acme(None);
    index.apply(database_is("acme", failing()), NOW);
    index.apply(Event::Done(database()), NOW);
    expect(
        &change(&mut index, NOW),
        Phase::Provisioning,
        Reason::Retrying,
        Some("Database erp/acme: Error 1007: exists"),
    );
    for second in 1..GRACE {
        let state = if second % 2 == 0 { failing() } else { Value::Null };
        index.apply(database_is("acme", state), NOW + second);
        index.tick(NOW + second);
        assert_eq!(changes(&mut index, NOW + second), [], "{second}");
    }
    assert!(index.timers.len() < 40, "{}", index.timers.len());
    index.tick(NOW + GRACE);
    let failed = change(&mut index, NOW + GRACE);
    assert_eq!(failed.status.conditions[0].reason, Reason::ProvisioningFailed);
    // Quiet for long enough: the failure is over.
    index.apply(database_is("acme", Value::Null), NOW + GRACE);
    index.tick(NOW + GRACE + QUIET - 2);
    assert_eq!(changes(&mut index, NOW + GRACE + QUIET - 2), []);
    index.tick(NOW + GRACE + QUIET);
    let waits = change(&mut index, NOW + GRACE + QUIET);
    assert_eq!(waits.status.conditions[0].reason, Reason::WaitingForOperator);
    assert_eq!(index.next_timer(), None);
}

#[test]
fn the_worst_object_decides() {
    let cases = [
        (ready("True", ""), ready("True", ""), Phase::Ready, Reason::DatabaseReady),
        (ready("False", ""), ready("True", ""), Phase::Failed, Reason::NeedsAttention),
        (ready("False", ""), failing(), Phase::Failed, Reason::NeedsAttention),
        (ready("Unknown", ""), failing(), Phase::Failed, Reason::NeedsAttention),
        (Value::Null, failing(), Phase::Pending, Reason::WaitingForOperator),
        (ready("True", ""), failing(), Phase::Provisioning, Reason::Retrying),
        (
            ready("True", ""),
            ready("False", "MariaDB not found"),
            Phase::Provisioning,
            Reason::Provisioning,
        ),
    ];
    for (of_server, of_database, phase, reason) in cases {
        let mut index = with_acme(None);
        index.apply(server_is(of_server), NOW);
        index.apply(database_is("acme", of_database), NOW);
        index.apply(Event::Done(database()), NOW);
        let change = change(&mut index, NOW);
        let status = change.status.database_status.unwrap();
        assert_eq!((status.phase, change.status.conditions[0].reason), (phase, reason));
    }
}

#[test]
fn a_status_that_somebody_else_wrote_is_put_back() {
    let mut index = with_acme(None);
    index.apply(database_is("acme", ready("True", "")), NOW);
    index.apply(Event::Done(database()), NOW);
    let ours = change(&mut index, NOW);
    acknowledge(&mut index, &ours, NOW);
    let mut theirs = ours.status.clone();
    theirs.database_status = None;
    index.apply(site_with("acme", Some(&theirs)), NOW + 9);
    // The condition has not changed, and so keeps its time.
    assert_eq!(change(&mut index, NOW + 9).status, ours.status);
    // Another reconciler saw the same change a second later. Its time is taken over.
    let mut twin = ours.status.clone();
    twin.conditions[0].last_transition_time = "2027-01-15T08:00:01Z".into();
    index.apply(site_with("acme", Some(&ours.status)), NOW + 9);
    index.apply(site_with("acme", Some(&twin)), NOW + 9);
    assert_eq!(changes(&mut index, NOW + 9), []);
}

/// Two reconcilers see one change, a second apart, and each other's writes at any later time.
#[test]
fn two_reconcilers_come_to_rest() {
    for order in 0..16u32 {
        let mut twins = [with_acme(None), with_acme(None)];
        let mut writes: Vec<(usize, Change)> = Vec::new();
        for (number, twin) in twins.iter_mut().enumerate() {
            let now = NOW + number as Seconds;
            twin.apply(database_is("acme", ready("True", "")), now);
            twin.apply(Event::Done(database()), now);
            writes.push((number, change(twin, now)));
        }
        if order & 1 == 1 {
            writes.reverse();
        }
        let mut version = 100;
        let mut events: [Vec<Event>; 2] = [Vec::new(), Vec::new()];
        let mut count = 0;
        while !writes.is_empty() {
            count += 1;
            assert!(count < 6, "order {order}: they write for ever");
            let (number, change) = writes.remove(0);
            version += 1;
            let Change { namespace, name, hash, status, .. } = change;
            for (reader, events) in events.iter_mut().enumerate() {
                let Event::Site(mut site) = site_with("acme", Some(&status)) else {
                    unreachable!()
                };
                site.metadata.resource_version = Some(version.to_string());
                // The answer to a patch comes before or after the event that it causes.
                events.push(Event::Site(site));
                let at = events.len() - usize::from(order & 2 == 2);
                if reader == number {
                    let (namespace, name) = (namespace.clone(), name.clone());
                    events.insert(at, Event::Patched { namespace, name, hash, version });
                }
            }
            // One of them may read later.
            let late = (order & 4 == 4 && !writes.is_empty()).then_some((order >> 3) as usize);
            for (reader, twin) in twins.iter_mut().enumerate() {
                if late == Some(reader) {
                    continue;
                }
                for event in events[reader].drain(..) {
                    twin.apply(event, NOW + 9);
                    writes.extend(twin.next_change(NOW + 9).map(|it| (reader, it)));
                }
            }
        }
        assert!(count <= 2, "order {order}: {count} writes");
    }
}

#[test]
fn a_resync_sends_what_did_not_arrive_and_nothing_else() {
    let mut index = with_acme(None);
    index.apply(Event::Done(database()), NOW);
    let lost = change(&mut index, NOW);
    index.apply(site("acme"), NOW);
    assert_eq!(changes(&mut index, NOW), [], "it is on its way");
    index.resync(NOW);
    assert_eq!(changes(&mut index, NOW), [], "it may still arrive");
    index.resync(NOW);
    assert_eq!(change(&mut index, NOW).status, lost.status);
    index.resync(NOW);
    assert_eq!(changes(&mut index, NOW), [], "it was sent again since the last resync");
    acknowledge(&mut index, &lost, NOW);
    for _ in 0..3 {
        index.resync(NOW);
        assert_eq!(changes(&mut index, NOW), []);
    }
}

#[test]
fn an_event_from_before_our_patch_tells_an_old_status() {
    let mut index = with_acme(None);
    index.apply(Event::Done(database()), NOW);
    let Change { namespace, name, hash, .. } = change(&mut index, NOW);
    index.apply(Event::Patched { namespace, name, hash, version: 50 }, NOW);
    let Event::Site(mut old) = site("acme") else { unreachable!() };
    old.metadata.resource_version = Some("49".into());
    index.apply(Event::Site(old), NOW);
    assert_eq!(changes(&mut index, NOW), []);
}

#[test]
fn live_values_override_stated_ones() {
    let host = |stated: &str, service: &str| {
        let mut index = Index::new(GRACE, &[]);
        let cluster =
            json!({"apiVersion": "postgresql.cnpg.io/v1", "kind": "Cluster", "name": "pg"});
        let frappe = json!({"apiVersion": "vyogo.tech/v1alpha1", "kind": "FrappeSite", "name": "acme",
            "ready": "SiteURL"});
        let site = json!({
            "metadata": {"name": "acme", "namespace": "erp", "generation": 1},
            "spec": {"siteName": "a", "provider": "p", "mode": "m", "host": stated, "database": "_a",
                "objects": [cluster, frappe]},
        });
        index.apply(Event::Site(Box::new(serde_json::from_value(site).unwrap())), NOW);
        let scope =
            |version: &str, kind: &str| Scope { type_: type_of(version, kind), namespace: None };
        let of_cluster = object("erp", "pg", json!({"writeService": service}));
        index.apply(Event::Object(scope("postgresql.cnpg.io/v1", "Cluster"), of_cluster), NOW);
        let of_site = object("erp", "acme", json!({"siteURL": "x", "databaseName": "_live"}));
        index.apply(Event::Object(scope("vyogo.tech/v1alpha1", "FrappeSite"), of_site), NOW);
        let status = change(&mut index, NOW).status.database_status.unwrap();
        assert_eq!(status.database.as_deref(), Some("_live"));
        status.host.unwrap()
    };
    assert_eq!(host("pg-rw.erp.svc.cluster.local", "pg-main"), "pg-main.erp.svc.cluster.local");
    assert_eq!(host("pg-rw", "pg-main"), "pg-main");
    assert_eq!(host("pg-rw-pool.erp.svc", "pg-main"), "pg-rw-pool.erp.svc");
}

#[test]
fn ten_thousand_sites_stay_small() {
    let mut index = Index::new(GRACE, &[]);
    for number in 0..10_000 {
        index.apply(site(&format!("site-{number}")), NOW);
    }
    assert_eq!((index.sites.len(), index.objects.len()), (10_000, 10_001));
    // A shared server is one row. What a row takes, apart from the names:
    assert!(size_of::<rows::Object>() <= 128, "{}", size_of::<rows::Object>());
    assert!(size_of::<rows::Site>() <= 240, "{}", size_of::<rows::Site>());
}
