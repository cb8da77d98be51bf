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
    let beside = ["plugin-barman-cloud/0.14.0", "prometheus-operator/0.93.0"].map(str::to_owned);
    newest.chain(profiles.cloudnative_pg.into_iter().flat_map(|_| beside.clone())).collect()
}
