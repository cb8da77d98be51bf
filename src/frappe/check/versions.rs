//! Finds fields that the cluster's version of frappe-operator does not have, and versions that nobody
//! saw running.

use crate::diagnostic::{Code, Diagnostic};
use crate::operator::Frappe;
use crate::operator::frappe::RerunsInit;
use crate::resolve::{Bench, Fleet, Site};

pub(super) fn check(fleet: &Fleet) -> Vec<Diagnostic> {
    let previews = previews(fleet);
    let of_sites = fleet.sites.iter().flat_map(|site| {
        let frappe = fleet.cluster(&site.common).profiles.frappe;
        let version = site_version(site, frappe).into_iter();
        version.chain(other_domain(site, fleet.bench(site.bench), frappe))
    });
    let managed = fleet.benches.iter().filter(|bench| bench.managed);
    let of_benches = managed.filter_map(|bench| {
        worker_autoscaling(bench, fleet.cluster(&bench.common).profiles.frappe)
    });
    previews.into_iter().chain(of_sites).chain(of_benches).collect()
}

/// One warning for each cluster.
fn previews(fleet: &Fleet) -> Vec<Diagnostic> {
    let of = |cluster: &crate::cluster::Cluster| {
        let frappe = cluster.profiles.frappe;
        frappe.is_preview.then(|| {
            let message = format!("frappe-operator {} is supported as a preview", frappe.id);
            // SW425: a version of frappe-operator that is supported as a preview.
            Diagnostic::new(Code::Preview, cluster.definition.span(), message)
                .label("nobody has seen a site become ready under it")
                .help(
                    "try it on a cluster without data first, and compare what the operator does with \
                     docs/versions.md",
                )
        })
    };
    fleet.clusters.iter().filter_map(of).collect()
}

/// The version of a site, where nothing reads it.
fn site_version(site: &Site, frappe: &Frappe) -> Option<Diagnostic> {
    let reads = |frappe: &Frappe| frappe.reruns_init == RerunsInit::OnSiteVersion;
    site.site_version.as_ref().filter(|_| !reads(frappe))?;
    let message = format!("frappe-operator {} does not read the version of a site", frappe.id);
    let versions = Frappe::versions_that(reads);
    // SW403: a feature that this operator version does not have.
    Some(
        Diagnostic::new(Code::NeedsOperator, site.common.origin.span(&["siteVersion"]), message)
            .help(format!("remove it, or run frappe-operator {versions}")),
    )
}

/// A domain that differs from the siteName, whether the site states it or its bench has a suffix.
fn other_domain(site: &Site, bench: &Bench, frappe: &Frappe) -> Option<Diagnostic> {
    let (domain, name) = (site.domain.as_str(), site.site_name.as_str());
    if !frappe.domain_is_site_name || domain == name {
        return None;
    }
    let message = format!(
        "frappe-operator {} serves a site well only under its siteName, `{name}`, and its domain is `{domain}`",
        frappe.id
    );
    let origin = &site.common.origin;
    let stated = origin.layers.stated(&["domain"]);
    let problem = |span| {
        Diagnostic::new(Code::NeedsOperator, span, message).label("the two have to be the same")
    };
    Some(match stated {
        Some(span) => problem(span).help(format!(
            "remove `domain`, and add the domain by a SiteDomain of frappe-operator; or name a new site `{domain}`"
        )),
        None => problem(origin.span(&["siteName"]))
            .related(bench.common.origin.span(&["domain", "suffix"]), "the suffix of its bench")
            .help(format!("state `domain: {name}`; or name a new site `{domain}`")),
    })
}

/// Workers that scale with their queue. Which metadata the operator needs for the queues of Redis is
/// not known.
fn worker_autoscaling(bench: &Bench, frappe: &Frappe) -> Option<Diagnostic> {
    bench.fields.worker_autoscaling.as_ref().filter(|_| frappe.scales_components)?;
    let message =
        format!("the FrappeBench of frappe-operator {} has no `workerAutoscaling`", frappe.id);
    let versions = Frappe::versions_that(|other| !other.scales_components);
    let span = bench.common.origin.span(&["workerAutoscaling"]);
    Some(Diagnostic::new(Code::NeedsOperator, span, message).help(format!(
        "state fixed numbers of workers in `componentReplicas`, or run frappe-operator {versions}"
    )))
}
