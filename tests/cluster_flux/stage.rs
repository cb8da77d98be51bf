//! A cluster with Flux, sealed-secrets and the double of the operators.

use super::tools::needed;
use cluster::{
    ControlPlane, ControllerManager, Flux, GitServer, Operators, Programs, SealedSecrets,
};
use std::path::Path;
use std::sync::Arc;

const KEY: &str = include_str!("../keys/public-and-worthless.frankfurt.key.pem");
pub(crate) const CERTIFICATE: &str = include_str!("../../sites/frankfurt/_sealing/2026-11.pem");

/// Versions of the operators, as a cluster states them and as the folders of their CRDs are called.
#[derive(Clone, Copy, Debug)]
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

/// A story that is told on a stage.
pub(crate) type Told = fn(Arc<Stage>);

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
    /// Tells stories side by side, since they wait more than they work, on one cluster; none where the
    /// programs are missing. Flux has workers enough: a story that waits holds up no other.
    pub(crate) fn tell(versions: Versions, stories: &[(&str, Told)]) {
        let Some(stage) = Self::start(versions, &["--concurrent=20"]) else { return };
        let stage = Arc::new(stage);
        let tell = |story: Told| {
            let stage = Arc::clone(&stage);
            move || story(stage)
        };
        let failed: Vec<&str> = std::thread::scope(|scope| {
            let told: Vec<_> = stories
                .iter()
                .map(|(name, story)| {
                    let thread = std::thread::Builder::new().name((*name).to_owned());
                    (*name, thread.spawn_scoped(scope, tell(*story)).unwrap())
                })
                .collect();
            let ended = told.into_iter().map(|(name, thread)| (name, thread.join()));
            ended.filter(|(_, end)| end.is_err()).map(|(name, _)| name).collect()
        });
        assert!(failed.is_empty(), "failed: {failed:?}");
    }

    /// Starts everything; nothing where the programs are missing. `arguments` are the kustomize-controller's.
    pub(crate) fn start(versions: Versions, arguments: &[&str]) -> Option<Self> {
        let (programs, crds) = (needed("cluster")?, needed("crds-by-version")?);
        let programs = Programs::of(&programs);
        let plane = ControlPlane::start(&programs);
        install(&plane, &crds, versions);
        let manager = ControllerManager::start(&plane);
        // Where the machine refuses its mounts, that is said, and the stories go on with clear text. Its
        // default opens two Secrets a second.
        let sealed_secrets = needed("unshare")
            .map(|_| SealedSecrets::start(&plane, &[(KEY, CERTIFICATE)], &["--kubeclient-qps=50"]));
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
