//! Which release stands for a version that a cluster states, as folders of CRDs.

use sitewright::cluster::Cluster;

/// The folders of a cluster's operators below `SITEWRIGHT_CRDS_BY_VERSION`. `2.6` is 2.6.4: earlier releases
/// are not supported.
pub(crate) fn crds_of(cluster: &Cluster) -> [String; 2] {
    let release = |operator: &str, stated: &str| {
        let exact = match (operator, stated) {
            ("mariadb-operator", "25.10") => "25.10.4",
            ("mariadb-operator", "26.6") => "26.6.0",
            ("frappe-operator", "2.3") => "2.3.0",
            ("frappe-operator", "2.5") => "2.5.0",
            ("frappe-operator", "2.6") => "2.6.4",
            other => panic!("which CRDs are those of {other:?}?"),
        };
        format!("{operator}/{exact}")
    };
    [release("mariadb-operator", cluster.mariadb.id), release("frappe-operator", cluster.frappe.id)]
}
