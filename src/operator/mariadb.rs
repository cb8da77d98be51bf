//! mariadb-operator (`k8s.mariadb.com/v1alpha1`).
//!
//! Sources: tags v25.10.4 and v26.6.0 of mariadb-operator/mariadb-operator. 26.6.0 was also seen running.

use super::{DataPlane, Installation, Releases};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A version of mariadb-operator.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema, PartialEq, Eq, Hash, Serialize)]
pub enum MariadbVersion {
    /// 25.10.
    #[serde(rename = "25.10")]
    V25_10,
    /// 26.6.
    #[serde(rename = "26.6")]
    V26_6,
}

impl MariadbVersion {
    /// Every version, the oldest first.
    pub const ALL: [Self; 2] = [Self::V25_10, Self::V26_6];

    /// What this version does.
    pub fn profile(self) -> &'static Mariadb {
        match self {
            Self::V25_10 => &V25_10,
            Self::V26_6 => &V26_6,
        }
    }
}

/// What one version of mariadb-operator does.
#[derive(Debug)]
pub struct Mariadb {
    /// The version.
    pub version: MariadbVersion,
    /// The version as definitions state it.
    pub id: &'static str,
    /// The releases that do this.
    pub releases: Releases,
    /// How it is installed (docs/helm.md; docs/releases/UPGRADE_25.10.0.md and UPGRADE_26.6.0.md for its
    /// containers beside replicas).
    pub installation: Installation,
    /// Whether it changes the root password of a server whose Secret changes. If it does not, all SQL
    /// objects of the server fail from then on (`internal/controller/mariadb_controller_root_password.go` of
    /// 26.6.0, which 25.10.4 lacks).
    pub rotates_root_password: bool,
    /// Whether the finalizers of Database, User and Grant reach a server outside the cluster. If they do
    /// not, nothing is dropped there. If a MariaDB has the name of the ExternalMariaDB, the statement runs
    /// on that MariaDB (`Finalize` in `pkg/controller/sql/finalizer.go` of 25.10.4; mariadb-operator#1516).
    pub drops_outside: bool,
    /// Whether `volumes`, `volumeMounts` and `imagePullSecrets` of pods are immutable
    /// (`api/v1alpha1/base_types.go`).
    pub pod_fields_are_immutable: bool,
    /// Whether a restore has a level for its logs, `bootstrapFrom.logLevel`, which the API server fills in (CRD).
    pub logs_restores: bool,
    /// Whether it limits how many failed Jobs of a PhysicalBackup stay, and fills the limit in (`SetDefaults` in
    /// `api/v1alpha1/physicalbackup_types.go`).
    pub keeps_failed_jobs: bool,
}

impl Mariadb {
    /// The names of the versions for which a condition holds, the oldest first.
    pub fn versions_that(does: impl Fn(&Mariadb) -> bool) -> String {
        let profiles = MariadbVersion::ALL.map(MariadbVersion::profile);
        let found: Vec<_> =
            profiles.iter().filter(|profile| does(profile)).map(|it| it.id.to_owned()).collect();
        super::listed(&found)
    }

    /// The profile of a version, by its name.
    ///
    /// # Panics
    /// If there is no such version. Only tests call this; other code has a profile already.
    #[cfg(test)]
    pub(crate) fn of(id: &str) -> &'static Self {
        MariadbVersion::ALL.map(MariadbVersion::profile).into_iter().find(|it| it.id == id).unwrap()
    }
}

const OF_CHARTS: Installation = Installation {
    place: None,
    crds: &[
        "helm repo update mariadb-operator",
        "helm upgrade --install mariadb-operator-crds mariadb-operator/mariadb-operator-crds --version {release}",
    ],
    operator: &[
        "helm upgrade mariadb-operator mariadb-operator/mariadb-operator --version {release} \
         --reset-then-reuse-values --wait",
    ],
    // Flux takes back fields that kubectl set under its own name.
    data_plane: Some(DataPlane {
        follow: "kubectl --namespace {namespace} patch mariadb {name} --type=merge --field-manager=sitewright-upgrade \
                 --patch '{\"spec\": {\"updateStrategy\": {\"autoUpdateDataPlane\": true}}}'",
        stay: "kubectl --namespace {namespace} patch mariadb {name} --type=merge --field-manager=sitewright-upgrade \
               --patch '{\"spec\": {\"updateStrategy\": {\"autoUpdateDataPlane\": null}}}'",
    }),
};

const V25_10: Mariadb = Mariadb {
    version: MariadbVersion::V25_10,
    id: "25.10",
    releases: Releases::these(&["25.10.4"]),
    installation: OF_CHARTS,
    rotates_root_password: false,
    drops_outside: false,
    pod_fields_are_immutable: true,
    logs_restores: false,
    keeps_failed_jobs: false,
};

const V26_6: Mariadb = Mariadb {
    version: MariadbVersion::V26_6,
    id: "26.6",
    releases: Releases::these(&["26.6.0"]),
    installation: OF_CHARTS,
    rotates_root_password: true,
    drops_outside: true,
    pod_fields_are_immutable: false,
    logs_restores: true,
    keeps_failed_jobs: true,
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_version_is_listed() {
        let schema = schemars::schema_for!(MariadbVersion).to_value();
        assert_eq!(
            schema["oneOf"].as_array().unwrap().len(),
            MariadbVersion::ALL.len(),
            "{schema}"
        );
    }

    #[test]
    fn a_profile_is_known_by_the_version_that_definitions_state() {
        for version in MariadbVersion::ALL {
            let profile = version.profile();
            assert_eq!(profile.version, version);
            assert_eq!(serde_json::to_value(version).unwrap(), profile.id);
        }
    }
}
