//! Finds sites whose deletion would never finish.

use crate::diagnostic::{Code, Diagnostic};
use crate::language::Mode;
use crate::resolve::{Fleet, Site};

pub(super) fn check(fleet: &Fleet) -> Vec<Diagnostic> {
    fleet.sites.iter().filter_map(|site| unreadable_secret(fleet, site)).collect()
}

/// The Job that drops a site reads the server's root password from a Secret that only root and the
/// group of its pod may read. Only a site on a shared server of the cluster has such a Job. A
/// dedicated database stays in the cluster, and the operator creates no Job for a server outside
/// the cluster (source: `deleteSite` in `controllers/frappesite_jobs.go`).
fn unreadable_secret(fleet: &Fleet, site: &Site) -> Option<Diagnostic> {
    let cluster = fleet.cluster(&site.common);
    let has_job = site.database.mode() == Mode::Shared;
    if !site.common.drops_data || !has_job || !cluster.profiles.frappe.drops_site_as_group {
        return None;
    }
    let bench = fleet.bench(site.bench);
    let security = bench.fields.security.as_ref();
    let context = security.and_then(|security| security.pod_security_context.as_ref());
    if context.is_some_and(|context| context.fs_group.is_some())
        || cluster.frappe_default_fs_group.is_some()
    {
        return None;
    }
    let message = "the Job that drops the site cannot read its Secret: its pod has no `fsGroup`";
    // SW418: a site whose deletion would never finish.
    Some(
        Diagnostic::new(Code::NoFsGroup, site.common.origin.span(&["data"]), message)
            .label("the FrappeSite would wait for this Job forever")
            .related(bench.common.origin.definition.span(), "its bench")
            .help(
                "state `security: {podSecurityContext: {fsGroup: 1000}}` in the bench; where frappe-operator \
                 sets FRAPPE_DEFAULT_FSGROUP, state `operators.frappeDefaultFsGroup` in the Cluster",
            ),
    )
}
