//! Other field managers than Flux change objects, and each change is found with its cause.

use super::project::Project;
use super::tools::needed;
use super::versions::crds_of;
use super::{FLUX, drift, start};
use cluster::{ControlPlane, Programs};
use serde_json::{Value, json};
use sitewright::project::Project as Read;
use std::path::Path;

/// A project whose manifests are applied.
struct Applied {
    project: Project,
    plane: ControlPlane,
}

impl Applied {
    fn new(programs: &Path, crds: &Path) -> Self {
        let project = Project::new();
        let read = Read::read(&project.path("")).unwrap().value;
        let versions = crds_of(&sitewright::resolved(&read).value.clusters[0]);
        let plane = start(&Programs::of(programs), crds, &versions);
        plane.kubectl().run("create namespace erp");
        let applied = Self { project, plane };
        applied.apply();
        applied
    }

    /// Applies the manifests as Flux does.
    fn apply(&self) {
        let folder = self.project.path("rendered/eu");
        let manager = format!("--field-manager={FLUX}");
        let apply = ["apply", "--server-side", "--validate=strict", &manager, "-R", "-f"];
        self.plane.kubectl().with(&[&apply[..], &[folder.to_str().unwrap()]].concat(), "");
    }

    /// Patches an object as another field manager.
    fn patch(&self, manager: &str, object: &str, kind: &str, patch: &Value) {
        let manager = format!("--field-manager={manager}");
        let (patch, kind) = (patch.to_string(), format!("--type={kind}"));
        let patch = ["patch", object, "-n", "erp", &manager, &kind, "-p", &patch];
        self.plane.kubectl().with(&patch, "");
    }

    /// Other field managers change, add and remove.
    fn change(&self) {
        let kubectl = self.plane.kubectl();
        // Changed, added to and removed from by others.
        let latin = json!({"spec": {"characterSet": "latin1"}});
        self.patch("kubectl-edit", "database.k8s.mariadb.com/acme-db", "merge", &latin);
        let privilege = json!([{"op": "add", "path": "/spec/privileges/-", "value": "SUPER"}]);
        self.patch("kubectl-patch", "grant.k8s.mariadb.com/acme-grant", "json", &privilege);
        let removed = json!([{"op": "remove", "path": "/spec/cleanupPolicy"}]);
        self.patch("kubectl-edit", "user.k8s.mariadb.com/acme-user", "json", &removed);
        let label = "label frappebench.vyogo.tech/erpnext-v15 -n erp --overwrite";
        kubectl.run(&format!("{label} app.kubernetes.io/part-of=other own=label"));
        // What nobody rendered.
        let stranger = json!({
            "apiVersion": "k8s.mariadb.com/v1alpha1", "kind": "Database",
            "metadata": {
                "name": "stranger", "namespace": "erp",
                "labels": {"app.kubernetes.io/managed-by": "sitewright"},
            },
            "spec": {"mariaDbRef": {"name": "frappe-mariadb"}, "name": "stranger"},
        });
        kubectl.apply_as("somebody", &stranger.to_string());
        // A deletion that waits.
        let finalizer = json!({"metadata": {"finalizers": ["vyogo.tech/site-finalizer"]}});
        self.patch("frappe-operator", "frappesite.vyogo.tech/acme", "merge", &finalizer);
        kubectl.run("delete frappesite.vyogo.tech/acme -n erp --wait=false");
        kubectl.run("delete sealedsecret.bitnami.com/acme-admin -n erp");
    }

    #[track_caller]
    fn drift(&self, wanted: i32) -> Value {
        let (code, out, err) = drift(&self.project.path(""), "eu", &self.plane);
        assert_eq!(code, Some(wanted), "{out}{err}");
        let mut document: Value = serde_json::from_str(&out).unwrap();
        assert_eq!(document["diagnostics"], json!([]), "{out}");
        document["result"].take()
    }
}

/// An object of a report.
#[track_caller]
fn object<'r>(report: &'r Value, kind: &str, name: &str) -> &'r Value {
    let objects = report["objects"].as_array().unwrap();
    let found = objects.iter().find(|it| it["name"] == name && it["kind"] == kind);
    found.unwrap_or_else(|| panic!("{kind} {name}: {report:#}"))
}

/// The only field of an object: its name, the live value, the cause and the manager.
#[track_caller]
fn field<'r>(
    report: &'r Value,
    kind: &str,
    name: &str,
) -> (&'r str, &'r Value, &'r str, &'r Value) {
    let fields = object(report, kind, name)["fields"].as_array().unwrap();
    let [field] = &fields[..] else { panic!("{fields:#?}") };
    let text = |key: &str| field[key].as_str().unwrap();
    (text("field"), &field["live"], text("cause"), &field["manager"])
}

#[test]
fn each_cause_is_found_with_its_manager_and_time() {
    let (Some(programs), Some(crds)) = (needed("cluster"), needed("crds-by-version")) else {
        return;
    };
    let applied = Applied::new(&programs, &crds);
    applied.drift(0);
    let kubectl = applied.plane.kubectl();
    applied.change();
    // A commit that is not applied yet.
    applied.project.edit("sites/eu/frappe-mariadb.yaml", "50Gi", "60Gi");
    let rendered = applied.project.run("render -q", 0);
    assert_eq!(rendered.out + &rendered.err, "");
    applied.project.commit("second", "2026-11-10T08:00:00Z");

    let report = applied.drift(1);
    let (name, live, cause, manager) = field(&report, "Database", "acme-db");
    assert_eq!((name, live, cause), ("spec.characterSet", &json!("latin1"), "changed"));
    assert_eq!(
        (&manager["name"], &manager["operation"]),
        (&json!("kubectl-edit"), &json!("Update"))
    );
    // The API server's own time, in UTC.
    let time = manager["time"].as_str().unwrap();
    assert!(time.starts_with("20") && time.ends_with('Z') && time.len() == 20, "{time}");
    let (name, _, cause, manager) = field(&report, "Grant", "acme-grant");
    assert_eq!((name, cause), ("spec.privileges", "changed"));
    assert_eq!(manager["name"], "kubectl-patch");
    let (name, live, cause, manager) = field(&report, "User", "acme-user");
    assert_eq!((name, cause), ("spec.cleanupPolicy", "changed"));
    assert_eq!((live, manager), (&json!(null), &json!(null)));
    let (name, live, _, manager) = field(&report, "FrappeBench", "erpnext-v15");
    assert_eq!(name, "metadata.labels.app.kubernetes.io/part-of");
    assert_eq!((live, &manager["name"]), (&json!("other"), &json!("kubectl-label")));
    let (name, live, cause, _) = field(&report, "MariaDB", "frappe-mariadb");
    assert_eq!((name, live, cause), ("spec.storage.size", &json!("50Gi"), "not-applied"));
    let fields = &object(&report, "MariaDB", "frappe-mariadb")["fields"];
    assert_eq!(fields[0]["commit"]["time"], "2026-11-01T08:00:00Z");
    assert_eq!(object(&report, "Database", "stranger")["state"], "unknown");
    let site = object(&report, "FrappeSite", "acme");
    assert_eq!(site["state"], "being-deleted");
    assert_eq!(site["finalizers"], json!(["vyogo.tech/site-finalizer"]));
    assert_eq!(object(&report, "SealedSecret", "acme-admin")["state"], "missing");
    assert_eq!(report["objects"].as_array().unwrap().len(), 8, "{report:#}");

    // What Flux puts back is gone, and what it cannot put back stays.
    applied.patch(
        "frappe-operator",
        "frappesite.vyogo.tech/acme",
        "merge",
        &json!({"metadata": {"finalizers": null}}),
    );
    let manager = format!("--field-manager={FLUX}");
    let folder = applied.project.path("rendered/eu");
    let apply = ["apply", "--server-side", "--force-conflicts", &manager, "-R", "-f"];
    kubectl.with(&[&apply[..], &[folder.to_str().unwrap()]].concat(), "");
    let report = applied.drift(1);
    let objects = report["objects"].as_array().unwrap();
    assert_eq!(objects.len(), 1, "{report:#}");
    assert_eq!(objects[0]["name"], "stranger");
}

/// Operators write their objects as a whole: without fields that are empty or false, and with durations and
/// quantities in another form.
#[test]
fn what_an_operator_writes_back_is_no_drift() {
    let (Some(programs), Some(crds)) = (needed("cluster"), needed("crds-by-version")) else {
        return;
    };
    let applied = Applied::new(&programs, &crds);
    let kubectl = applied.plane.kubectl();
    for (kind, manager) in [
        ("frappesites.vyogo.tech", "frappe-operator"),
        ("frappebenches.vyogo.tech", "frappe-operator"),
        ("mariadbs.k8s.mariadb.com", "mariadb-operator"),
        ("grants.k8s.mariadb.com", "mariadb-operator"),
        ("users.k8s.mariadb.com", "mariadb-operator"),
    ] {
        for mut object in kubectl.items(&format!("{kind} -n erp")) {
            let spec = object["spec"].as_object_mut().unwrap();
            spec.retain(|_, value| *value != json!(false) && *value != json!({}));
            for (field, value) in [("requeueInterval", "1h0m0s"), ("retryInterval", "10000ms")] {
                if spec.contains_key(field) {
                    spec[field] = value.into();
                }
            }
            let manager = format!("--field-manager={manager}");
            kubectl.with(&["replace", &manager, "-f", "-"], &object.to_string());
        }
    }
    applied.drift(0);
}
