//! Which release stands for a version that a cluster states, as folders of CRDs.

use sitewright::cluster::Cluster;

/// The folders of a cluster's operators below `SITEWRIGHT_CRDS_BY_VERSION`: those of the newest release that
/// each profile was read from.
pub(crate) fn crds_of(cluster: &Cluster) -> Vec<String> {
    let profiles = cluster.profiles;
    let operators = [
        ("frappe-operator", Some(profiles.frappe.releases)),
        ("mariadb-operator", profiles.mariadb.map(|profile| profile.releases)),
        ("cloudnative-pg", profiles.cloudnative_pg.map(|profile| profile.releases)),
    ];
    let newest = operators.into_iter().filter_map(|(operator, releases)| {
        Some(format!("{operator}/{}", releases?.newest().unwrap()))
    });
    // No definition states a version of the plugin for backups, or of the Prometheus operator.
    let plugin = profiles.cloudnative_pg.map(|_| "plugin-barman-cloud/0.14.0".to_owned());
    let has_monitors = profiles.cloudnative_pg.is_some() || cluster.reconciler.is_some();
    let monitors = has_monitors.then(|| "prometheus-operator/0.93.0".to_owned());
    newest.chain(plugin).chain(monitors).collect()
}
