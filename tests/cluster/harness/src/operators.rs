//! A test double of mariadb-operator and frappe-operator. It plays only the statuses that the real
//! ones write when all is well; it makes no server, no site and no SQL.
//!
//! Source of each status: `api/v1alpha1/condition_types.go` and `pkg/condition/` of mariadb-operator
//! 25.10.4 and 26.6.0; `controllers/frappesite_controller.go` of frappe-operator 2.3.0, and the same
//! with `controllers/site_lifecycle.go` of 2.6.4.

use crate::control_plane::ControlPlane;
use crate::kubectl::Kubectl;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

const PAUSE: Duration = Duration::from_millis(500);
const KINDS: [&str; 9] = [
    "mariadbs.k8s.mariadb.com",
    "externalmariadbs.k8s.mariadb.com",
    "databases.k8s.mariadb.com",
    "users.k8s.mariadb.com",
    "grants.k8s.mariadb.com",
    "backups.k8s.mariadb.com",
    "physicalbackups.k8s.mariadb.com",
    "frappebenches.vyogo.tech",
    "frappesites.vyogo.tech",
];
/// Statuses are compared, so a time must not move.
const TIME: &str = "2026-01-01T00:00:00Z";

/// Objects that the double leaves as they are, as `Kind/namespace/name`.
type Held = Arc<Mutex<BTreeSet<String>>>;

/// The double, at work until it is dropped.
#[derive(Debug)]
pub struct Operators {
    held: Held,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Operators {
    /// Starts it. `frappe` is the version of frappe-operator that it plays, `2.3` or `2.6`.
    pub fn start(plane: &ControlPlane, frappe: &'static str) -> Self {
        let kubectl = plane.kubectl().clone();
        let (held, stop) = (Held::default(), Arc::new(AtomicBool::new(false)));
        let (theirs, ends) = (Arc::clone(&held), Arc::clone(&stop));
        let thread = std::thread::spawn(move || {
            while !ends.load(Ordering::Relaxed) {
                pass(&kubectl, frappe, &theirs);
                std::thread::sleep(PAUSE);
            }
        });
        Self { held, stop, thread: Some(thread) }
    }

    /// Lets an object without a status wait from now on, such as `Database/erp/acme-db`.
    pub fn hold(&self, object: &str) {
        self.held.lock().expect("the lock").insert(object.to_owned());
    }

    /// Lets an object go on that was held.
    pub fn release(&self, object: &str) {
        assert!(self.held.lock().expect("the lock").remove(object), "{object} was not held");
    }
}

impl Drop for Operators {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            // A test that failed may have ended the API server before.
            let _ = thread.join();
        }
    }
}

/// Looks at every object once, and writes the statuses that differ.
fn pass(kubectl: &Kubectl, frappe: &str, held: &Held) {
    let items: Vec<Value> = KINDS.iter().flat_map(|kind| kubectl.list(kind, None)).collect();
    let held = held.lock().expect("the lock").clone();
    let seen: BTreeMap<String, &Value> = items.iter().map(|item| (id(item), item)).collect();
    let mut statuses = String::new();
    for (id, item) in &seen {
        let is_leaving = !item["metadata"]["deletionTimestamp"].is_null();
        if is_leaving || held.contains(id) || !may_work(item, &seen) {
            continue;
        }
        let Some(status) = status_of(item, frappe) else { continue };
        if !contains(&item["status"], &status) {
            let _ = writeln!(statuses, "---\n{}", with_status(item, &status));
        }
    }
    if !statuses.is_empty() {
        // An object may have gone meanwhile.
        let _ = kubectl.try_with(&STATUS, &statuses);
    }
}

/// The arguments that apply statuses.
const STATUS: [&str; 7] = [
    "apply",
    "--server-side",
    "--force-conflicts",
    "--subresource=status",
    "--field-manager=operators-double",
    "-f",
    "-",
];

impl Kubectl {
    /// Writes an object's status, as an operator would.
    pub fn set_status(&self, object: &Value, status: &Value) {
        self.set_statuses(&[(object, status)]);
    }

    /// Writes the statuses of many objects.
    pub fn set_statuses(&self, statuses: &[(&Value, &Value)]) {
        let documents = statuses.iter().map(|(object, status)| with_status(object, status));
        let items: Vec<Value> = documents.collect();
        self.with(
            &STATUS,
            &json!({"apiVersion": "v1", "kind": "List", "items": items}).to_string(),
        );
    }
}

/// An object with another status. The API server ignores its `spec` here, but kubectl refuses an object
/// without one where it checks objects by itself: as long as the API server publishes no schema of a CRD
/// that has just come.
fn with_status(object: &Value, status: &Value) -> Value {
    json!({
        "apiVersion": object["apiVersion"],
        "kind": object["kind"],
        "metadata": {
            "name": object["metadata"]["name"],
            "namespace": object["metadata"]["namespace"],
        },
        "spec": object["spec"],
        "status": status,
    })
}

fn id(object: &Value) -> String {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let metadata = &object["metadata"];
    format!(
        "{}/{}/{}",
        text(&object["kind"]),
        text(&metadata["namespace"]),
        text(&metadata["name"])
    )
}

/// A Database, User or Grant has no condition at all until its server is ready.
fn may_work(object: &Value, seen: &BTreeMap<String, &Value>) -> bool {
    let reference = &object["spec"]["mariaDbRef"];
    let is_sql =
        ["Database", "User", "Grant"].contains(&object["kind"].as_str().unwrap_or_default());
    if !is_sql {
        return true;
    }
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let kind = text(&reference["kind"]).unwrap_or_else(|| "MariaDB".to_owned());
    let namespace =
        text(&reference["namespace"]).or_else(|| text(&object["metadata"]["namespace"]));
    let server = format!(
        "{kind}/{}/{}",
        namespace.unwrap_or_default(),
        text(&reference["name"]).unwrap_or_default()
    );
    seen.get(&server).is_some_and(|server| {
        let conditions = server["status"]["conditions"].as_array();
        let mut conditions = conditions.into_iter().flatten();
        conditions.any(|one| one["type"] == "Ready" && one["status"] == "True")
    })
}

/// The status of an object whose operator has done its work.
fn status_of(object: &Value, frappe: &str) -> Option<Value> {
    let generation = &object["metadata"]["generation"];
    let condition = |kind: &str, status: &str, reason: &str| {
        json!({"type": kind, "status": status, "reason": reason, "message": reason,
               "lastTransitionTime": TIME})
    };
    let conditions = |one: Value| json!({"conditions": [one]});
    Some(match object["kind"].as_str()? {
        "MariaDB" => conditions(condition("Ready", "True", "StatefulSetReady")),
        "ExternalMariaDB" => conditions(condition("Ready", "True", "Healthy")),
        "Database" | "User" | "Grant" => conditions(condition("Ready", "True", "Created")),
        // A schedule: no run has ended yet.
        "Backup" if !object["spec"]["schedule"].is_null() => {
            conditions(condition("Complete", "False", "CronJobScheduled"))
        }
        "Backup" | "PhysicalBackup" => conditions(condition("Complete", "True", "JobComplete")),
        "FrappeBench" if frappe == "2.3" => {
            json!({"phase": "Ready", "observedGeneration": generation})
        }
        "FrappeBench" => json!({
            "phase": "Ready",
            "observedGeneration": generation,
            "conditions": [condition("Ready", "True", "Initialized")],
        }),
        // The phase of 2.3 changes for ever; the URL stays.
        "FrappeSite" if frappe == "2.3" => json!({
            "phase": "Ready",
            "siteURL": format!("http://{}", object["spec"]["domain"].as_str()?),
        }),
        "FrappeSite" => json!({
            "phase": "Ready",
            "observedGeneration": generation,
            "siteURL": format!("http://{}", object["spec"]["domain"].as_str()?),
            "conditions": [condition("Ready", "True", "SiteReady")],
        }),
        _ => return None,
    })
}

/// Whether a status states all of another.
fn contains(whole: &Value, part: &Value) -> bool {
    match (whole, part) {
        (Value::Object(whole), Value::Object(part)) => {
            part.iter().all(|(key, part)| whole.get(key).is_some_and(|whole| contains(whole, part)))
        }
        (Value::Array(whole), Value::Array(part)) => {
            part.iter().all(|part| whole.iter().any(|whole| contains(whole, part)))
        }
        (whole, part) => whole == part,
    }
}
