//! frappe-operator (`vyogo.tech/v1alpha1`, and from 5.0 on `vyogo.tech/v1`).
//!
//! Sources: tag v2.3.0 of vyogotech/frappe-operator; tags v2.4.0, v2.5.0 and commit 9281e97 (2.6.4) of
//! rmallam/frappe-operator, a fork with upstream's history. 2.6.4 was also seen running. Of 5.2: the CRDs,
//! the rights and the Deployment that 5.2.7 publishes, and single files of vyogotech/frappe-operator at
//! commits dd264ff to 08b0edc (5.2.0 to 5.2.2). No release of 5.x was seen running.

use super::{Installation, Releases};
use crate::naming::Scheme;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A version of frappe-operator.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema, PartialEq, Eq, Hash, Serialize)]
pub enum FrappeVersion {
    /// 2.3.0. It starts Frappe 16 and newer.
    #[serde(rename = "2.3")]
    V2_3,
    /// 2.4.0 and 2.5.0.
    #[serde(rename = "2.5")]
    V2_5,
    /// 2.6.4 and newer releases of 2.6, but not 2.6.1 to 2.6.3: these install no apps, and report a site as
    /// ready although its creation failed.
    #[serde(rename = "2.6")]
    V2_6,
    /// 5.2.7 and newer releases of 5.2. *Preview*: no release of 5.x was seen running.
    #[serde(rename = "5.2")]
    V5_2,
}

impl FrappeVersion {
    /// Every version, the oldest first.
    pub const ALL: [Self; 4] = [Self::V2_3, Self::V2_5, Self::V2_6, Self::V5_2];

    /// What this version does.
    pub fn profile(self) -> &'static Frappe {
        match self {
            Self::V2_3 => &V2_3,
            Self::V2_5 => &V2_5,
            Self::V2_6 => &V2_6,
            Self::V5_2 => &V5_2,
        }
    }

    /// What to write instead of a release, such as 2.6.2, or of a minor version that has no profile of its own.
    /// `None` for any other text.
    pub fn instead_of(text: &str) -> Option<String> {
        const UNSUPPORTED: [&str; 3] = ["2.6.1", "2.6.2", "2.6.3"];
        let text = text.trim_start_matches('v');
        if UNSUPPORTED.contains(&text) {
            return Some(format!(
                "upgrade frappe-operator to 2.6.4 or newer, then write `2.6`: {text} installs no apps, and calls \
                 a site ready whose creation failed"
            ));
        }
        let is_meant = |profile: &&Frappe| profile.id != text && profile.releases.names(text);
        let profile = Self::ALL.map(Self::profile).into_iter().find(is_meant)?;
        Some(format!("write `{}`, which stands for {}", profile.id, profile.releases))
    }
}

/// What one version of frappe-operator does.
#[derive(Debug)]
pub struct Frappe {
    /// The version.
    pub version: FrappeVersion,
    /// The version as definitions state it.
    pub id: &'static str,
    /// The releases that do this.
    pub releases: Releases,
    /// How it is installed (docs/INSTALLATION_HELM.md, the folder `config/crd/bases` of its source, and
    /// docs/upgrade-guide.md of 5.2).
    pub installation: Installation,
    /// The version of the API of its objects (the CRDs). 5.x serves v1 alone.
    pub api: Api,
    /// Whether nobody has seen it running. Its support then rests on its CRDs and on single files of its code.
    pub is_preview: bool,
    /// How it computes the name of a database that it connects a site to by itself
    /// (`generateDBName` in `controllers/database/mariadb_provider.go`).
    pub names: Scheme,
    /// Whether the Grant that it makes by itself carries ALL PRIVILEGES, so that ours does too
    /// (`controllers/database/mariadb_provider.go`).
    pub grants_everything: bool,
    /// The oldest major version of Frappe that its `bench new-site` starts: the flag `--db-user` needs 16,
    /// `--no-setup-db` a late 15 (`controllers/frappesite_controller.go`; frappe#27626, September 2024).
    pub oldest_frappe: u32,
    /// Whether only later releases of that oldest version start.
    pub oldest_frappe_in_part: bool,
    /// Which apps a new site gets (`controllers/frappesite_controller.go`; 2.6.4: `FrappeSite.spec.apps`).
    pub apps: Apps,
    /// Whether `dbConfig.provider: external` works, which takes host, port and names from a Secret. The CRD
    /// of 2.3 lacks it. The init script of 2.6.1 to 2.6.4 ends with "Unsupported DB provider: external"
    /// (`ensureInitSecrets` in `controllers/site_lifecycle.go`; seen running).
    pub takes_connection: bool,
    /// Whether every site is connected by a Secret, so that sitewright decides the names of databases and
    /// their hosts. What the MariaDB provider of 5.x computes could not be read.
    pub needs_connection: bool,
    /// Whether a FrappeSite has `spec.deletionPolicy` (CRD). `Retain` keeps the site and its database when the
    /// object is deleted (`deleteSite` in `controllers/frappesite_jobs.go` of 5.2).
    pub has_deletion_policy: bool,
    /// Whether a FrappeSite has `spec.encryptionKeySecretRef` (CRD). Without it the operator makes a key that
    /// goes with the FrappeSite, and all encrypted fields with the key
    /// (`controllers/frappesite_jobs.go` of 5.2).
    pub takes_encryption_key: bool,
    /// Whether a FrappeBench states its replicas in `spec.componentAutoscaling` instead of
    /// `componentReplicas` and `workerAutoscaling` (CRD).
    pub scales_components: bool,
    /// Whether `spec.redisConfig` always states its `type` (CRD).
    pub needs_redis_type: bool,
    /// Whether a site is reached well only under its siteName: the folder has that name, and another domain
    /// gets a link (`site_init.sh` in `pkg/scripts/templates` of 5.2).
    pub domain_is_site_name: bool,
    /// Why no site comes up on a PostgreSQL server of CloudNativePG, if none does. Only a connection
    /// leads there: `provider: postgres` fails, or means other operators of PostgreSQL
    /// (`controllers/database`; erpnext#57011 for ERPNext's support).
    pub no_postgres: Option<&'static str>,
    /// Why no site comes up on SQLite (the init script in `controllers/frappesite_controller.go` of 2.3.0;
    /// frappe/erpnext#56443, open in June 2026, asks for ERPNext's support).
    pub no_sqlite: &'static str,
    /// Whether its finalizer on a FrappeSite runs `bench drop-site --no-backup` (`deleteSite` in
    /// `controllers/frappesite_jobs.go`). The finalizer of earlier versions does nothing.
    pub drops_site: bool,
    /// Whether the Job of that finalizer can read its Secret only as a group of its pod, an `fsGroup`: the
    /// Secret is mounted with mode 0400, and the Job does not run as root (`deleteSite` in
    /// `controllers/frappesite_jobs.go`; 5.2.7 mounts it with 0444).
    pub drops_site_as_group: bool,
    /// Whether a FrappeBench has `spec.security` (CRD). The profile 2.5 speaks of 2.4.0 too, which lacks it;
    /// 2.5.0 has it.
    pub has_bench_security: bool,
    /// Whether a FrappeBench has `spec.storageSize`, which the API server fills in (CRD). Up to 2.5.0 the volume of
    /// a bench always has 10Gi.
    pub has_bench_storage: bool,
    /// Whether `imageConfig.pullSecrets` of a FrappeBench reach any pod. In 2.3.0 to 2.5.0 nothing reads them;
    /// 2.6.4 has `WithImagePullSecrets` in `pkg/resources`, and nothing calls it (seen running).
    pub passes_pull_secrets: bool,
    /// When it runs a site's init Job again.
    pub reruns_init: RerunsInit,
    /// Whether the init Job of a site may also be `<site>-site-init`. The code of 5.2 has both names
    /// (`controllers/frappesite_jobs.go`).
    pub has_site_init: bool,
    /// The endings of the Secrets that it makes for a site (`controllers/frappesite_jobs.go`).
    pub makes_secrets: &'static [&'static str],
    /// Whether the Deployments of a bench get the image that it states later
    /// (`controllers/frappebench_deployments.go`). Earlier versions leave a Deployment that is there
    /// (`ensureGunicornDeployment` in `controllers/frappebench_resources.go`).
    pub follows_images: bool,
    /// Whether it needs get, list and watch on pods: without them ten init Jobs that fail stop it for every
    /// site (2.6.4, seen running).
    pub reads_pods: bool,
    /// The folder of a bench's volume in which its Jobs keep the sites, if not the volume itself
    /// (`WithVolumeMountSubPath` in `controllers/frappesite_jobs.go` of 5.2, commit 1efa67c; 2.6.4 has
    /// `WithVolumeMount` there, and earlier versions mount no folder either).
    pub sites_folder: Option<&'static str>,
    /// The endings of the names of a bench's Deployments (`handleFinalizer` in
    /// `controllers/frappebench_controller.go` of 2.6.4).
    pub deployments: &'static [&'static str],
    /// Whether the phase of a FrappeSite never stops changing between Provisioning and Ready (2.3.0, seen
    /// running: about 4 times a second). `status.siteURL` comes with the first Ready and stays.
    pub phase_flips: bool,
}

/// Which apps a new site gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Apps {
    /// This app, whatever the site states.
    Always(&'static str),
    /// Those that the site states.
    Stated,
}

/// The version of the API of frappe-operator's objects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Api {
    /// `vyogo.tech/v1alpha1`.
    V1Alpha1,
    /// `vyogo.tech/v1`.
    V1,
}

impl Api {
    /// The word after the group.
    pub fn word(self) -> &'static str {
        match self {
            Self::V1Alpha1 => "v1alpha1",
            Self::V1 => "v1",
        }
    }
}

/// When frappe-operator runs a site's init Job again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RerunsInit {
    /// Never: the Job stays for ever.
    Never,
    /// When the FrappeSite changes after the Job is gone, an hour after its end. A change before that reaches
    /// the status, never the site: a site that is Ready at its newest generation is passed over (`Reconcile` in
    /// `controllers/frappesite_controller.go` and `DefaultJobTTL` in `pkg/resources/job_builder.go`; 2.6.4 seen
    /// running).
    OnAnyChange,
    /// When the annotation `frappe.io/site-version` changes, and only then for a site that is Ready and has the
    /// annotation (`controllers/frappesite_jobs.go` of 5.2, commit 1efa67c).
    OnSiteVersion,
}

impl Frappe {
    /// The names of the versions for which a condition holds, the oldest first.
    pub fn versions_that(does: impl Fn(&Frappe) -> bool) -> String {
        let profiles = FrappeVersion::ALL.map(FrappeVersion::profile);
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
        FrappeVersion::ALL.map(FrappeVersion::profile).into_iter().find(|it| it.id == id).unwrap()
    }
}

/// Earlier releases than 5 are installed from a checkout of their source.
const OF_THE_SOURCE: Installation = Installation {
    place: Some("from a checkout of its source"),
    crds: &["kubectl apply --server-side --force-conflicts -f config/crd/bases"],
    operator: &[
        "helm upgrade frappe-operator helm/frappe-operator --namespace frappe-operator-system \
         --reset-then-reuse-values --wait",
    ],
    data_plane: None,
};

/// Releases of 5 are in the chart repository of the project (docs/upgrade-guide.md of 5.2.0).
const OF_THE_REPOSITORY: Installation = Installation {
    place: None,
    crds: &[
        "helm repo add frappe-operator https://vyogotech.github.io/frappe-operator/helm-repo",
        "helm show crds frappe-operator/frappe-operator --version {release} \
         | kubectl apply --server-side --force-conflicts -f -",
    ],
    operator: &[
        "helm upgrade frappe-operator frappe-operator/frappe-operator --version {release} \
         --namespace frappe-operator-system --reset-then-reuse-values --wait",
    ],
    data_plane: None,
};

const DEPLOYMENTS: &[&str] = &[
    "gunicorn",
    "nginx",
    "socketio",
    "scheduler",
    "worker-default",
    "worker-long",
    "worker-short",
];

const V2_3: Frappe = Frappe {
    version: FrappeVersion::V2_3,
    id: "2.3",
    releases: Releases::these(&["2.3.0"]),
    installation: OF_THE_SOURCE,
    api: Api::V1Alpha1,
    is_preview: false,
    names: Scheme::FrappeOperator23,
    grants_everything: true,
    oldest_frappe: 16,
    oldest_frappe_in_part: false,
    apps: Apps::Always("erpnext"),
    takes_connection: false,
    needs_connection: false,
    has_deletion_policy: false,
    takes_encryption_key: false,
    scales_components: false,
    needs_redis_type: false,
    domain_is_site_name: false,
    no_postgres: Some("it cannot connect a site to a database by a Secret"),
    no_sqlite: "it installs erpnext on every site, which does not support SQLite",
    drops_site: false,
    drops_site_as_group: false,
    has_bench_security: false,
    has_bench_storage: false,
    passes_pull_secrets: false,
    reruns_init: RerunsInit::Never,
    has_site_init: false,
    makes_secrets: &[],
    follows_images: false,
    reads_pods: false,
    sites_folder: None,
    deployments: DEPLOYMENTS,
    phase_flips: true,
};

const V2_5: Frappe = Frappe {
    version: FrappeVersion::V2_5,
    id: "2.5",
    releases: Releases::these(&["2.4.0", "2.5.0"]),
    installation: OF_THE_SOURCE,
    api: Api::V1Alpha1,
    is_preview: false,
    names: Scheme::FrappeOperator23,
    // It adopts a Grant as it finds it, and Frappe needs no more than its 17 privileges.
    grants_everything: false,
    oldest_frappe: 15,
    oldest_frappe_in_part: true,
    apps: Apps::Always("erpnext"),
    takes_connection: true,
    needs_connection: false,
    has_deletion_policy: false,
    takes_encryption_key: false,
    scales_components: false,
    needs_redis_type: false,
    domain_is_site_name: false,
    no_postgres: Some("it installs erpnext on every site, which does not support PostgreSQL"),
    no_sqlite: "it installs erpnext on every site, which does not support SQLite",
    drops_site: false,
    drops_site_as_group: false,
    has_bench_security: false,
    has_bench_storage: false,
    passes_pull_secrets: false,
    reruns_init: RerunsInit::Never,
    has_site_init: false,
    makes_secrets: &[],
    follows_images: false,
    reads_pods: false,
    sites_folder: None,
    deployments: DEPLOYMENTS,
    phase_flips: false,
};

const V2_6: Frappe = Frappe {
    version: FrappeVersion::V2_6,
    id: "2.6",
    releases: Releases::since(&["2.6.4"], "2.6"),
    installation: OF_THE_SOURCE,
    api: Api::V1Alpha1,
    is_preview: false,
    names: Scheme::FrappeOperator26,
    grants_everything: false,
    oldest_frappe: 15,
    oldest_frappe_in_part: true,
    apps: Apps::Stated,
    takes_connection: false,
    needs_connection: false,
    has_deletion_policy: false,
    takes_encryption_key: false,
    scales_components: false,
    needs_redis_type: false,
    domain_is_site_name: false,
    no_postgres: Some("every site that it connects to a database by a Secret fails"),
    no_sqlite: "its init Job ends with \"Unsupported DB provider\"",
    drops_site: true,
    drops_site_as_group: true,
    has_bench_security: true,
    has_bench_storage: true,
    passes_pull_secrets: false,
    reruns_init: RerunsInit::OnAnyChange,
    has_site_init: false,
    makes_secrets: &["-init-secrets"],
    follows_images: true,
    reads_pods: true,
    sites_folder: None,
    deployments: DEPLOYMENTS,
    phase_flips: false,
};

const V5_2: Frappe = Frappe {
    version: FrappeVersion::V5_2,
    id: "5.2",
    releases: Releases::since(&["5.2.7"], "5.2"),
    // The CRDs of 2.x are deleted first, and all their objects with them.
    installation: OF_THE_REPOSITORY,
    api: Api::V1,
    is_preview: true,
    // It computes none, since every site is connected by a Secret.
    names: Scheme::Sha256,
    grants_everything: false,
    // Its script passes `--no-setup-db` always, and `--db-user` only to a bench that knows it.
    oldest_frappe: 15,
    oldest_frappe_in_part: true,
    apps: Apps::Stated,
    takes_connection: true,
    needs_connection: true,
    has_deletion_policy: true,
    takes_encryption_key: true,
    scales_components: true,
    needs_redis_type: true,
    domain_is_site_name: true,
    no_postgres: None,
    no_sqlite: "its init Job ends with \"Unsupported DB provider\"",
    // Only a FrappeSite with `deletionPolicy: Delete`, which is never rendered.
    drops_site: false,
    drops_site_as_group: false,
    has_bench_security: true,
    has_bench_storage: true,
    // 2.6.4 passes them to no pod. The code of 5.2 that would read them could not be read.
    passes_pull_secrets: false,
    reruns_init: RerunsInit::OnSiteVersion,
    has_site_init: true,
    makes_secrets: &["-init-secrets", "-deletion-secret", "-encryption-key"],
    // As in 2.6.4. The code of 5.2 could not be read.
    follows_images: true,
    // The rights of 5.2.7 lack pods, which the code lists when an init Job has failed.
    reads_pods: true,
    sites_folder: Some("frappe-sites"),
    deployments: DEPLOYMENTS,
    phase_flips: false,
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_version_is_listed() {
        let schema = schemars::schema_for!(FrappeVersion).to_value();
        assert_eq!(schema["oneOf"].as_array().unwrap().len(), FrappeVersion::ALL.len(), "{schema}");
    }

    #[test]
    fn a_profile_is_known_by_the_version_that_definitions_state() {
        for version in FrappeVersion::ALL {
            let profile = version.profile();
            assert_eq!(profile.version, version);
            assert_eq!(serde_json::to_value(version).unwrap(), profile.id);
        }
    }
}
