//! A site on mariadb-operator and frappe-operator 2.6, from nothing to Ready, to Failed, and back.

use crate::objects::{bench, frappe_site, mariadb, sealed_secret, site_of, sql};
use crate::reconciler::Reconciler;
use crate::recorder::Recorder;
use crate::stage::{LIMIT, Stage, database_status, ready};
use crate::statuses::{self, created, initialized, running, site_provisioning, site_ready, synced};
use cluster::{eventually, steadily};
use serde_json::{Value, json};
use std::time::Duration;

const NAMESPACE: &str = "walk";
const PASSWORD: &str = "correct-horse-battery";

/// What MariaDB answers, as mariadb-operator writes it into a condition: of several lines, and with the statement.
fn sql_error(number: u32) -> String {
    let padding = "the statement goes on, ".repeat(100);
    format!(
        "Error creating user in MariaDB: Error {number} (HY000): Operation CREATE USER failed for 'acme'@'%'\n\
         \tCREATE USER 'acme'@'%' IDENTIFIED BY '{PASSWORD}'\r\n{padding}"
    )
}

fn refused(number: u32) -> Value {
    statuses::ready("False", "Failed", &sql_error(number))
}

/// The objects of a site, in the order in which they depend.
struct Site {
    secret: Value,
    server: Value,
    database: Value,
    user: Value,
    grant: Value,
    bench: Value,
    frappe: Value,
}

impl Site {
    fn new() -> Self {
        let [database, user, grant] = sql(NAMESPACE, "acme");
        let (secret, server) = (sealed_secret(NAMESPACE, "acme-db"), mariadb(NAMESPACE, "db"));
        let (bench, frappe) = (bench(NAMESPACE, "bench"), frappe_site(NAMESPACE, "acme"));
        Self { secret, server, database, user, grant, bench, frappe }
    }

    fn all(&self) -> [&Value; 7] {
        let Self { secret, server, database, user, grant, bench, frappe } = self;
        [secret, server, database, user, grant, bench, frappe]
    }
}

/// That a status has this phase and reason, and an error that begins so.
fn assert_is(site: &Value, phase: &str, reason: &str, error: &str) {
    let (status, condition) = (database_status(site), ready(site));
    assert_eq!((&status["phase"], &condition["reason"]), (&json!(phase), &json!(reason)), "{site}");
    let found = status["lastError"].as_str().unwrap_or_default();
    assert!(found.starts_with(error), "{found}");
    assert_eq!(condition["status"], if phase == "Ready" { "True" } else { "False" });
    assert_eq!(found.is_empty(), phase == "Ready", "{site}");
}

#[test]
fn a_site_walks_from_nothing_to_ready_and_back() {
    let Some(stage) = Stage::enter(NAMESPACE) else { return };
    let site = Site::new();
    // Both start before there is anything.
    let mut reconciler = Reconciler::start(&stage.plane, NAMESPACE, &["--grace", "3s"]);
    reconciler.wait_until_ready();
    stage.apply(&[site_of(NAMESPACE, "acme", &site.all())]);
    let recorder = Recorder::start(&stage);
    let waiting = std::thread::spawn({
        let kubectl = stage.kubectl().clone();
        move || {
            kubectl.try_run("wait --for=condition=Ready sitedatabase/acme -n walk --timeout=120s")
        }
    });

    let is = stage.wait_for_phase("acme", "Pending");
    assert_is(&is, "Pending", "ObjectMissing", "SealedSecret walk/acme-db: it does not exist");
    becomes_ready(&stage, &site);
    let answer = waiting.join().unwrap();
    assert!(answer.success, "{}", answer.stderr);
    fails_and_recovers(&stage, &site);
    is_changed(&stage, &site);

    // Only what was asked for above: no phase in between, and none twice. The Failed of a server that needs a
    // person goes over into the Provisioning of an error that is tried again.
    let walked = [
        "Pending",
        "Provisioning",
        "Ready",
        "Failed",
        "Provisioning",
        "Failed",
        "Ready",
        "Provisioning",
        "Ready",
    ];
    assert_eq!(recorder.phases(&stage, "acme"), walked);
    recorder.assert_times_are_kept("acme");
    transitions_are_events(&stage, &walked);
    assert!(reconciler.terminate().success());
}

fn becomes_ready(stage: &Stage, site: &Site) {
    stage.apply(&site.all().map(Value::clone));
    let pending = |site: &Value| ready(site)["reason"] == "WaitingForOperator";
    let is = stage.wait("acme", "waits for the operators", pending);
    assert_is(&is, "Pending", "WaitingForOperator", "SealedSecret walk/acme-db: ");

    // Database, User and Grant have no condition at all while their server starts.
    stage.set(&site.secret, &synced("True", ""));
    stage.set(&site.server, &statuses::ready("False", "StatefulSetNotReady", "Not ready"));
    stage.set(&site.bench, &initialized());
    stage.set(&site.frappe, &site_provisioning(""));
    let error = |site: &Value| database_status(site)["lastError"].to_string();
    let is = stage.wait("acme", "waits for its Database", |site| error(site).contains("Database"));
    assert_is(
        &is,
        "Pending",
        "WaitingForOperator",
        "Database walk/acme-db: it waits for its server",
    );

    let statuses = [&site.database, &site.user, &site.grant].map(|object| (object, created()));
    statuses.iter().for_each(|(object, status)| stage.set(object, status));
    let is = stage.wait_for_phase("acme", "Provisioning");
    assert_is(&is, "Provisioning", "Provisioning", "MariaDB walk/db: Not ready");
    stage.set(&site.server, &running());
    let is = stage.wait("acme", "waits for Frappe", |site| error(site).contains("FrappeSite"));
    let error = "FrappeSite walk/acme: Provisioning database";
    assert_is(&is, "Provisioning", "Provisioning", error);

    stage.set(&site.frappe, &site_ready("_live", 1));
    let is = stage.wait_for_phase("acme", "Ready");
    assert_is(&is, "Ready", "DatabaseReady", "");
    assert_eq!(database_status(&is)["database"], "_live");
}

fn fails_and_recovers(stage: &Stage, site: &Site) {
    // A state that only a person ends is a failure at once.
    let message = "Error initializing MariaDB: forbidden";
    stage.set(&site.server, &statuses::ready("False", "InitError", message));
    let is = stage.wait_for_phase("acme", "Failed");
    assert_is(&is, "Failed", "NeedsAttention", &format!("MariaDB walk/db: {message}"));

    // An error that its operator tries to get over counts after the grace period.
    stage.set(&site.user, &refused_now(1396));
    stage.set(&site.server, &running());
    let is = stage.wait_for_phase("acme", "Provisioning");
    assert_is(&is, "Provisioning", "Retrying", "User walk/acme-user: Error creating user");
    let failed = stage.wait_for_phase("acme", "Failed");
    assert_is(&failed, "Failed", "ProvisioningFailed", "User walk/acme-user: Error creating user");
    let error = database_status(&failed)["lastError"].as_str().unwrap();
    assert!(error.len() <= 1024 && error.len() > 1000, "{}", error.len());
    assert!(!error.contains(['\n', '\r', '\t']) && !error.contains(PASSWORD), "{error}");
    assert!(error.contains("IDENTIFIED BY '***' the statement"), "{error}");
    let everything = stage.kubectl().run("get sdb,events --namespace=walk --output=json");
    assert!(!everything.contains(PASSWORD));

    // Another message is no transition.
    let since = ready(&failed)["lastTransitionTime"].clone();
    stage.set(&site.user, &refused(1133));
    let is_new = |site: &Value| database_status(site)["lastError"].to_string().contains("1133");
    let is = stage.wait("acme", "has the new message", is_new);
    assert_is(&is, "Failed", "ProvisioningFailed", "User walk/acme-user: Error creating user");
    assert_eq!(ready(&is)["lastTransitionTime"], since);

    stage.set(&site.user, &created());
    let is = stage.wait_for_phase("acme", "Ready");
    assert_is(&is, "Ready", "DatabaseReady", "");
}

/// A condition that begins to fail now: the grace period counts from there.
fn refused_now(number: u32) -> Value {
    let mut status = refused(number);
    let now = std::process::Command::new("date").args(["-u", "+%FT%TZ"]).output().unwrap();
    let now = String::from_utf8(now.stdout).unwrap();
    status["conditions"][0]["lastTransitionTime"] = json!(now.trim());
    status
}

/// A Ready of an older generation does not count, from 2.6.4 on.
fn is_changed(stage: &Stage, site: &Site) {
    let mut changed = site.frappe.clone();
    changed["spec"]["domain"] = json!("erp.acme.example");
    stage.apply(&[changed]);
    let is = stage.wait_for_phase("acme", "Provisioning");
    assert_is(&is, "Provisioning", "WaitingForOperator", "FrappeSite walk/acme: ");
    stage.set(&site.frappe, &site_ready("_live", 2));
    stage.wait_for_phase("acme", "Ready");
}

/// One event a transition, and none more.
fn transitions_are_events(stage: &Stage, walked: &[&str]) {
    let events = || -> usize {
        let events = stage.kubectl().items("events.events.k8s.io --namespace=walk");
        let count = |event: &Value| {
            assert_eq!(event["regarding"]["kind"], "SiteDatabase", "{event}");
            assert_eq!(event["regarding"]["name"], "acme", "{event}");
            // A series stands for several of one kind.
            event["series"]["count"].as_u64().unwrap_or(1) as usize
        };
        events.iter().map(count).sum()
    };
    let expected = walked.len() - 1;
    eventually("an event a transition", LIMIT, || match events() {
        found if found == expected => Ok(()),
        other => Err(other),
    });
    steadily("no event more", Duration::from_secs(2), || match events() {
        found if found == expected => Ok(()),
        other => Err(other),
    });
}
