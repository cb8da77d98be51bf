//! A cluster with older operators that is being built up: a CRD comes later than the reconciler, and the API server
//! goes away in the middle.

use crate::objects::{external_secret, frappe_site, list, mariadb, reference, site_database};
use crate::reconciler::Reconciler;
use crate::stage::{self, LIMIT, database_status, ready};
use crate::statuses::{self, running, site_2_3};
use crate::tools::needed;
use cluster::{ControlPlane, Programs, eventually, steadily};
use serde_json::{Value, json};
use std::time::Duration;

const NAMESPACE: &str = "outage";

/// The reconciler and its API server.
struct Story {
    plane: ControlPlane,
    reconciler: Reconciler,
}

impl Story {
    fn wait(&self, what: &str, is_it: impl Fn(&Value) -> bool) -> Value {
        stage::wait(self.plane.kubectl(), NAMESPACE, "acme", what, is_it)
    }

    fn wait_for_phase(&self, phase: &str) -> Value {
        self.wait(phase, |site| database_status(site)["phase"] == phase)
    }

    fn set(&self, object: &Value, status: &Value) {
        self.plane.kubectl().set_status(object, status);
    }
}

#[test]
fn it_waits_for_a_crd_and_for_the_api_server() {
    let (Some(programs), Some(crds)) = (needed("cluster"), needed("crds-by-version")) else {
        return;
    };
    let operators = ["mariadb-operator/25.10.4", "frappe-operator/2.3.0"];
    let plane = stage::start(&Programs::of(&programs), &crds, &operators);
    let kubectl = plane.kubectl();
    let (secret, server) = (external_secret(NAMESPACE, "acme-db"), mariadb(NAMESPACE, "db"));
    let frappe = frappe_site(NAMESPACE, "acme");
    let mut references: Vec<Value> = [&secret, &server, &frappe].map(reference).into();
    // As the compiler states it for frappe-operator 2.3.
    references[2]["ready"] = json!("SiteURL");
    kubectl.run(&format!("create namespace {NAMESPACE}"));
    let site = site_database(NAMESPACE, "acme", &references);
    kubectl.apply(&list(&[server.clone(), frappe.clone(), site]));
    kubectl.set_status(&server, &running());

    // In all namespaces: this API server is its own.
    let reconciler = Reconciler::start_as(&plane, kubectl.kubeconfig(), &["--grace", "2s"]);
    let mut story = Story { plane, reconciler };
    a_crd_comes_later(&mut story, &crds.join("external-secrets/2.9.0"), &secret);
    an_older_phase_flaps(&story, &frappe);
    the_api_server_goes_away(&mut story, &server);
    assert!(story.reconciler.terminate().success());
}

fn a_crd_comes_later(story: &mut Story, crds: &std::path::Path, secret: &Value) {
    let is = story.wait_for_phase("Pending");
    assert_eq!(ready(&is)["reason"], "TypeMissing", "{is}");
    let error = "ExternalSecret outage/acme-db: its type is not installed in the cluster";
    assert_eq!(database_status(&is)["lastError"], error);
    // A type that is not there does not keep it from being ready.
    story.reconciler.wait_until_ready();
    let missing = |metrics: &crate::metrics::Metrics| {
        metrics.sum("sitewright_type_missing", "ExternalSecret")
    };
    let metrics = story.reconciler.metrics();
    assert_eq!(missing(&metrics), 1.0, "{metrics:?}");
    let says_so =
        |line: &Value| line["level"] == "WARN" && line.to_string().contains("ExternalSecret");
    assert!(story.reconciler.log().iter().any(says_so), "the log does not name the type");

    story.plane.install(crds);
    let is =
        story.wait("sees that the type is there", |site| ready(site)["reason"] == "ObjectMissing");
    let error = "ExternalSecret outage/acme-db: it does not exist";
    assert_eq!(database_status(&is)["lastError"], error);
    story.plane.kubectl().apply(&list(std::slice::from_ref(secret)));
    story.set(secret, &statuses::ready("True", "SecretSynced", "secret synced"));
    let is = story.wait("waits for Frappe", |site| ready(site)["reason"] == "WaitingForOperator");
    let error = "FrappeSite outage/acme: its operator has written no status yet";
    assert_eq!(database_status(&is)["lastError"], error);
    let metrics = story.reconciler.metrics();
    assert_eq!(missing(&metrics), 0.0, "{metrics:?}");
}

/// frappe-operator 2.3 writes Provisioning and Ready in turn, for ever.
fn an_older_phase_flaps(story: &Story, frappe: &Value) {
    story.set(frappe, &site_2_3("Provisioning", None));
    story.wait_for_phase("Provisioning");
    let address = Some("http://acme.example");
    story.set(frappe, &site_2_3("Ready", address));
    let settled = story.wait_for_phase("Ready");
    for phase in ["Provisioning", "Ready", "Failed", "Provisioning", "Ready"] {
        story.set(frappe, &site_2_3(phase, address));
    }
    steadily("a flapping phase changes nothing", Duration::from_secs(3), || {
        let is = stage::site(story.plane.kubectl(), NAMESPACE, "acme");
        if is == settled { Ok(()) } else { Err(is) }
    });
}

fn the_api_server_goes_away(story: &mut Story, server: &Value) {
    let before = story.reconciler.metrics().sum("sitewright_watch_restarts_total", "");
    story.plane.end_api_server();
    // Long enough that it tries again in vain.
    std::thread::sleep(Duration::from_secs(2));
    assert_eq!(
        story.reconciler.get("/healthz").unwrap().0,
        200,
        "an outage is no reason to restart it"
    );
    story.plane.start_api_server_again();

    // What changes from now on reaches the site, through every watch.
    story.set(server, &statuses::ready("False", "Failed", "Failed"));
    story.wait_for_phase("Failed");
    let mut metrics = story.reconciler.metrics();
    eventually("every watch has started again", LIMIT, || {
        metrics = story.reconciler.metrics();
        let restarts = |kind: &str| metrics.sum("sitewright_watch_restarts_total", kind);
        let all = ["SiteDatabase", "ExternalSecret", "MariaDB", "FrappeSite"].map(restarts);
        if all.iter().all(|count| *count > 0.0) { Ok(()) } else { Err(all) }
    });
    assert!(metrics.sum("sitewright_watch_restarts_total", "") >= before + 4.0, "{metrics:?}");
    story.set(server, &running());
    story.wait_for_phase("Ready");
    assert!(metrics.has("sitewright_queue_length"), "{metrics:?}");
}
