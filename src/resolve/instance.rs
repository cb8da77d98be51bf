//! Resolves the fields of a MariaDB that sitewright renders, which `kind: DatabaseServer` and
//! dedicated sites share.

use super::backup;
use super::fleet::{Instance, MyCnf};
use super::origin::Origin;
use super::{Resolver, require};
use crate::diagnostic::{Code, Diagnostic};
use crate::language::{
    self, BootstrapFrom, Image, Metrics, PodDisruptionBudget, ResourceName, Resources, Size,
    Topology, Version,
};

/// The stated fields of an instance.
#[derive(Default)]
pub(super) struct Stated {
    pub(super) image: Option<Image>,
    pub(super) version: Option<Version>,
    pub(super) storage_size: Option<Size>,
    pub(super) storage_class_name: Option<ResourceName>,
    pub(super) resources: Option<Resources>,
    pub(super) my_cnf: Option<MyCnf>,
    pub(super) topology: Option<Topology>,
    pub(super) replicas: Option<u32>,
    pub(super) metrics: Option<Metrics>,
    pub(super) pod_disruption_budget: Option<PodDisruptionBudget>,
    pub(super) bootstrap_from: Option<BootstrapFrom>,
}

/// Resolves an instance and reports its problems. `prefix` leads to its fields in the definition.
pub(super) fn instance(
    stated: Stated,
    origin: &Origin,
    prefix: &[&'static str],
    resolver: &Resolver,
    problems: &mut Vec<Diagnostic>,
) -> Option<Instance> {
    let path = |field: &'static str| [prefix, &[field]].concat();
    let image = image(stated.image, stated.version, origin, &path, resolver, problems);
    let why = "such as 50Gi; it can grow later, never shrink";
    let storage = require(stated.storage_size, origin, &path("storageSize"), why, problems);
    let topology = stated.topology.unwrap_or(Topology::Standalone);
    let metrics = stated.metrics.unwrap_or_default();
    let enabled = metrics.enabled.unwrap_or(false);
    if let Some(span) = origin.key_here(&[&path("metrics")[..], &["serviceMonitor"]].concat())
        && !enabled
    {
        let message = "`metrics.serviceMonitor` has no effect without metrics";
        let help = "state `metrics.enabled: true`, or remove it";
        problems.push(Diagnostic::new(Code::NoEffect, span, message).help(help));
    }
    let budget = stated.pod_disruption_budget;
    if let Some(language::PodDisruptionBudget { min_available, max_unavailable }) = &budget
        && min_available.is_some() == max_unavailable.is_some()
    {
        let message = "a PodDisruptionBudget states one of `minAvailable` and `maxUnavailable`";
        let span = origin.span(&path("podDisruptionBudget"));
        let help = "unset the other with `null` where another layer states it: the operator \
                    refuses both, and neither";
        problems.push(Diagnostic::new(Code::Conflict, span, message).help(help));
    }
    Some(Instance {
        bootstrap: backup::bootstrap(stated.bootstrap_from, origin, prefix, problems),
        image: image?,
        storage_size: storage?,
        storage_class_name: stated.storage_class_name,
        resources: stated.resources,
        my_cnf: stated.my_cnf.unwrap_or_default(),
        topology,
        replicas: stated.replicas.unwrap_or(if topology == Topology::Standalone { 1 } else { 3 }),
        metrics: enabled,
        service_monitor: metrics.service_monitor.filter(|_| enabled),
        pod_disruption_budget: budget,
    })
}

/// The stated image, or the image of the stated version. If both are stated, it is not clear which
/// is meant, so that is an error.
fn image(
    image: Option<Image>,
    version: Option<Version>,
    origin: &Origin,
    path: &impl Fn(&'static str) -> Vec<&'static str>,
    resolver: &Resolver,
    problems: &mut Vec<Diagnostic>,
) -> Option<Image> {
    let version_path = path("version");
    let Some(image) = image else {
        let version = require(version, origin, &version_path, "such as \"10.11\"", problems)?;
        return Image::new(&format!("mariadb:{version}")).ok();
    };
    let version_span = version.and_then(|_| origin.layers.span(&version_path));
    if let Some(span) = version_span.filter(|span| span.file != resolver.base.built_in.span.file) {
        problems.push(
            Diagnostic::new(
                Code::Conflict,
                origin.span(&path("image")),
                "`image` and `version` are both stated",
            )
            .related(span, "the version")
            .help("keep one; unset the other with `null` where another layer states it"),
        );
        return None;
    }
    Some(image)
}
