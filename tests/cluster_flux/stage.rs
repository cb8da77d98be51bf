//! A cluster with Flux, sealed-secrets and the double of the operators.

use super::tools::needed;
use cluster::{
    ControlPlane, ControllerManager, Flux, GitServer, Operators, Programs, SealedSecrets,
    may_unshare,
};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex, Weak};

const KEY: &str = include_str!("../keys/public-and-worthless.frankfurt.key.pem");
pub(crate) const CERTIFICATE: &str = include_str!("../../sites/frankfurt/_sealing/2026-11.pem");

/// Versions of the operators, as a cluster states them and as the folders of their CRDs are called.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Versions {
    pub(crate) frappe: &'static str,
    pub(crate) mariadb: &'static str,
    frappe_crds: &'static str,
    mariadb_crds: &'static str,
}

/// A FrappeSite's deletion does nothing to its data.
pub(crate) const OLD: Versions = Versions {
    frappe: "2.3",
    mariadb: "25.10",
    frappe_crds: "frappe-operator/2.3.0",
    mariadb_crds: "mariadb-operator/25.10.4",
};
/// A FrappeSite's deletion drops its database.
pub(crate) const NEW: Versions = Versions {
    frappe: "2.6",
    mariadb: "26.6",
    frappe_crds: "frappe-operator/2.6.4",
    mariadb_crds: "mariadb-operator/26.6.0",
};

/// What runs. Each story has a repository, a namespace and Kustomizations of its own.
pub(crate) struct Stage {
    // Fields are dropped in this order: the API server last.
    pub(crate) operators: Operators,
    pub(crate) flux: Flux,
    pub(crate) git: GitServer,
    sealed_secrets: Option<SealedSecrets>,
    _manager: ControllerManager,
    pub(crate) versions: Versions,
    pub(crate) plane: ControlPlane,
}

impl Stage {
    /// The cluster of some versions that stories share as long as one of them runs; nothing where the
    /// programs are missing. Flux has workers enough: a story that waits holds up no other.
    pub(crate) fn shared(versions: Versions) -> Option<Arc<Self>> {
        static SHARED: Mutex<BTreeMap<Versions, Weak<Stage>>> = Mutex::new(BTreeMap::new());
        // A story that failed while the cluster was starting has no say in the others.
        let mut shared = SHARED.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        if let Some(stage) = shared.get(&versions).and_then(Weak::upgrade) {
            return Some(stage);
        }
        let stage = Arc::new(Self::start(versions, &["--concurrent=20"])?);
        shared.insert(versions, Arc::downgrade(&stage));
        Some(stage)
    }

    /// A cluster of a story's own. `arguments` are the kustomize-controller's.
    pub(crate) fn start(versions: Versions, arguments: &[&str]) -> Option<Self> {
        let (programs, crds) = (needed("cluster")?, needed("crds-by-version")?);
        let programs = Programs::of(&programs);
        let plane = ControlPlane::start(&programs);
        install(&plane, &crds, versions);
        let manager = ControllerManager::start(&plane);
        // Its default opens two Secrets a second.
        let sealed_secrets = may_unshare()
            .then(|| SealedSecrets::start(&plane, &[(KEY, CERTIFICATE)], &["--kubeclient-qps=50"]));
        let git = GitServer::start(&programs, plane.workplace());
        let flux = Flux::start(&plane, arguments);
        let operators = Operators::start(&plane, versions.frappe);
        Some(Self { operators, flux, git, sealed_secrets, _manager: manager, versions, plane })
    }

    /// Starts the kustomize-controller again, with other arguments.
    pub(crate) fn restart(mut self, arguments: &[&str]) -> Self {
        self.flux.restart_kustomize_controller(&self.plane, arguments);
        self
    }

    /// `secrets.mode` of the stories: sealed, where the machine lets the real controller run.
    pub(crate) fn secrets(&self) -> &'static str {
        if self.sealed_secrets.is_some() { "sealed" } else { "plain" }
    }
}

fn install(plane: &ControlPlane, crds: &Path, versions: Versions) {
    plane.install(&crds.join(versions.mariadb_crds));
    plane.install(&crds.join(versions.frappe_crds));
    plane.install(&plane.programs().crds("sealed-secrets"));
}
