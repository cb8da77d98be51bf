//! The API server that the tests share, with the CRDs of the newest operators.

use crate::objects::list;
use crate::tools::needed;
use cluster::{ControlPlane, Kubectl, Programs, eventually};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, Weak};
use std::time::Duration;

/// Only a loaded machine needs so long.
pub(crate) const LIMIT: Duration = Duration::from_secs(60);

/// The newest releases that the reconciler has rules for.
const OPERATORS: [&str; 4] = [
    "mariadb-operator/26.6.0",
    "frappe-operator/2.6.4",
    "external-secrets/2.9.0",
    "cloudnative-pg/1.30.0",
];

/// A namespace on the API server that all tests share. The last test that holds it ends the API server.
pub(crate) struct Stage {
    pub(crate) plane: Arc<ControlPlane>,
    pub(crate) namespace: &'static str,
}

impl Stage {
    /// The shared API server, with a new namespace. Nothing where the programs or the CRDs are missing.
    pub(crate) fn enter(namespace: &'static str) -> Option<Self> {
        static SHARED: Mutex<Weak<ControlPlane>> = Mutex::new(Weak::new());
        let (programs, crds) = (Programs::of(&needed("cluster")?), needed("crds-by-version")?);
        // A test that failed here fails the others too: each of them would fail the same way.
        let mut shared = SHARED.lock().unwrap();
        let plane = shared.upgrade().unwrap_or_else(|| {
            let plane = Arc::new(start(&programs, &crds, &OPERATORS));
            *shared = Arc::downgrade(&plane);
            plane
        });
        drop(shared);
        plane.kubectl().run(&format!("create namespace {namespace}"));
        Some(Self { plane, namespace })
    }

    pub(crate) fn kubectl(&self) -> &Kubectl {
        self.plane.kubectl()
    }

    /// A SiteDatabase as it is now.
    pub(crate) fn site(&self, name: &str) -> Value {
        site(self.kubectl(), self.namespace, name)
    }

    pub(crate) fn apply(&self, objects: &[Value]) {
        self.kubectl().apply(&list(objects));
    }

    /// Writes the status of one object, as its operator would.
    pub(crate) fn set(&self, object: &Value, status: &Value) {
        self.kubectl().set_status(object, status);
    }

    /// Waits until a SiteDatabase is as `is_it` says, and returns it.
    pub(crate) fn wait(&self, name: &str, what: &str, is_it: impl Fn(&Value) -> bool) -> Value {
        wait(self.kubectl(), self.namespace, name, what, is_it)
    }

    pub(crate) fn wait_for_phase(&self, name: &str, phase: &str) -> Value {
        self.wait(name, phase, |site| database_status(site)["phase"] == phase)
    }
}

/// An API server with the CRD of SiteDatabase and those of operators.
pub(crate) fn start(programs: &Programs, crds: &Path, operators: &[&str]) -> ControlPlane {
    let plane = ControlPlane::start(programs);
    let crd = sitewright_api::crd().to_string();
    let answer = plane.kubectl().try_with(&["create", "--validate=strict", "-f", "-"], &crd);
    assert!(answer.success, "{}", answer.stderr);
    assert_eq!(answer.stderr, "", "the API server warns of the CRD");
    let folders = operators.iter().map(|operator| crds.join(operator));
    folders.chain([programs.crds("sealed-secrets")]).for_each(|folder| plane.install(&folder));
    plane
}

pub(crate) fn site(kubectl: &Kubectl, namespace: &str, name: &str) -> Value {
    let site = kubectl.find("sitedatabases", namespace, name);
    site.unwrap_or_else(|| panic!("there is no SiteDatabase {namespace}/{name}"))
}

pub(crate) fn wait(
    kubectl: &Kubectl,
    namespace: &str,
    name: &str,
    what: &str,
    is_it: impl Fn(&Value) -> bool,
) -> Value {
    eventually(&format!("{name}: {what}"), LIMIT, || {
        let site = site(kubectl, namespace, name);
        if is_it(&site) { Ok(site) } else { Err(site["status"].clone()) }
    })
}

pub(crate) fn database_status(site: &Value) -> &Value {
    &site["status"]["databaseStatus"]
}

/// The only condition.
pub(crate) fn ready(site: &Value) -> &Value {
    let conditions = &site["status"]["conditions"];
    assert_eq!(conditions.as_array().map(Vec::len), Some(1), "{conditions}");
    assert_eq!(conditions[0]["type"], "Ready");
    &conditions[0]
}

/// The repository.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_path_buf()
}
