//! What templates see of a cluster.

use crate::resolve::Cluster;
use serde::Serialize;

/// `cluster`: the cluster and its operators.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ClusterContext<'a> {
    /// The name of the cluster's folder.
    name: &'a str,
    /// The version of frappe-operator, such as `2.6`.
    frappe_operator: &'static str,
    /// The version of mariadb-operator, such as `26.6`.
    mariadb_operator: &'static str,
    /// Whether frappe-operator needs to read pods.
    reads_pods: bool,
    /// Whether the phase of a FrappeSite never becomes stable, so that its health is judged by its
    /// URL.
    phase_flips: bool,
}

impl<'a> ClusterContext<'a> {
    pub(crate) fn new(cluster: &'a Cluster) -> Self {
        Self {
            name: &cluster.name,
            frappe_operator: cluster.frappe.id,
            mariadb_operator: cluster.mariadb.id,
            reads_pods: cluster.frappe.reads_pods,
            phase_flips: cluster.frappe.phase_flips,
        }
    }
}
