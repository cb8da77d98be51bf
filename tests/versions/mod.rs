//! Which release stands for a version that a cluster states, as folders of CRDs.

use sitewright::cluster::Cluster;

/// The folders of a cluster's operators below `SITEWRIGHT_CRDS_BY_VERSION`: those of the newest release that
/// each profile was read from.
pub(crate) fn crds_of(cluster: &Cluster) -> [String; 2] {
    let profiles = cluster.profiles;
    let (mariadb, frappe) = (profiles.mariadb.unwrap().releases, profiles.frappe.releases);
    [("mariadb-operator", mariadb), ("frappe-operator", frappe)]
        .map(|(operator, releases)| format!("{operator}/{}", releases.newest().unwrap()))
}
