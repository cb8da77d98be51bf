//! A MariaDB that sitewright renders, for a `kind: DatabaseServer` or for a dedicated site: its
//! fields, how they are resolved, and what its template sees.

use super::super::backup::{self, Bootstrap};
use super::super::image::StatedImage;
use super::context::InstanceContext;
use super::my_cnf::{MyCnf, option_file};
use super::{backup as backups, names};
use crate::cluster::Common;
use crate::diagnostic::{Checked, Code, Diagnostic, both};
use crate::language::{
    BootstrapFrom, Image, Metrics, PodDisruptionBudget, ResourceName, Resources, ServiceMonitor,
    Size, Topology, Version,
};
use crate::layers::{Origin, require};
use crate::object::KeyReference;

/// A MariaDB that sitewright renders, for a `kind: DatabaseServer` or for a dedicated site.
#[derive(Debug)]
pub(super) struct Instance {
    /// The container image.
    pub(super) image: Image,
    /// The size of each volume.
    pub(super) storage_size: Size,
    /// The StorageClass of the volumes. `None` means the cluster's default.
    pub(super) storage_class_name: Option<ResourceName>,
    /// CPU and memory.
    pub(super) resources: Option<Resources>,
    /// Settings of the `[mariadb]` section.
    pub(super) my_cnf: MyCnf,
    /// How replicas work together.
    pub(super) topology: Topology,
    /// How many replicas.
    pub(super) replicas: u32,
    /// Whether an exporter runs.
    pub(super) metrics: bool,
    /// The ServiceMonitor by which Prometheus finds the exporter.
    pub(super) service_monitor: Option<ServiceMonitor>,
    /// How many replicas may be down while nodes are drained. Exactly one of its fields is stated.
    pub(super) pod_disruption_budget: Option<PodDisruptionBudget>,
    /// The backup from which it starts when it is new.
    pub(super) bootstrap: Option<Bootstrap>,
}

/// The stated fields of an instance.
#[derive(Default)]
pub(super) struct StatedInstance {
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

impl StatedInstance {
    /// The instance. `prefix` leads to its fields in the definition.
    pub(super) fn resolve(self, origin: &Origin, prefix: &[&'static str]) -> Checked<Instance> {
        let path = |field: &'static str| [prefix, &[field]].concat();
        let image = StatedImage { image: self.image, version: self.version, example: "10.11" };
        let image = image.resolve(origin, prefix, |version| format!("mariadb:{version}"));
        let why = "such as 50Gi; a volume can grow later, but never shrink";
        let storage = require(self.storage_size, origin, &path("storageSize"), why);
        let bootstrap = backup::bootstrap(self.bootstrap_from, origin, prefix);
        let found = [
            monitor_without_metrics(self.metrics.as_ref(), origin, prefix),
            two_budgets(self.pod_disruption_budget.as_ref(), origin, prefix),
        ];
        let found: Vec<Diagnostic> = found.into_iter().flatten().collect();
        let sound = if found.is_empty() { Ok(()) } else { Err(found) };
        let both_of = both(both(image, storage), both(bootstrap, sound))?;
        let ((image, storage_size), (bootstrap, ())) = both_of;
        let topology = self.topology.unwrap_or(Topology::Standalone);
        let replicas = if topology == Topology::Standalone { 1 } else { 3 };
        let metrics = self.metrics.unwrap_or_default();
        let enabled = metrics.enabled.unwrap_or(false);
        Ok(Instance {
            bootstrap,
            image,
            storage_size,
            storage_class_name: self.storage_class_name,
            resources: self.resources,
            my_cnf: self.my_cnf.unwrap_or_default(),
            topology,
            replicas: self.replicas.unwrap_or(replicas),
            metrics: enabled,
            service_monitor: metrics.service_monitor.filter(|_| enabled),
            pod_disruption_budget: self.pod_disruption_budget,
        })
    }
}

fn monitor_without_metrics(
    metrics: Option<&Metrics>,
    origin: &Origin,
    prefix: &[&str],
) -> Option<Diagnostic> {
    let span = origin.key_here(&[prefix, &["metrics", "serviceMonitor"]].concat())?;
    let is_on = metrics.and_then(|metrics| metrics.enabled).unwrap_or(false);
    let message = "`metrics.serviceMonitor` has no effect without metrics";
    let help = "state `metrics.enabled: true`, or remove it";
    // SW106: a field that has no effect here.
    (!is_on).then(|| Diagnostic::new(Code::NoEffect, span, message).help(help))
}

fn two_budgets(
    budget: Option<&PodDisruptionBudget>,
    origin: &Origin,
    prefix: &[&str],
) -> Option<Diagnostic> {
    let budget = budget?;
    (budget.min_available.is_some() == budget.max_unavailable.is_some()).then(|| {
        let message = "a PodDisruptionBudget needs either `minAvailable` or `maxUnavailable`";
        let span = origin.span(&[prefix, &["podDisruptionBudget"]].concat());
        let help = "state exactly one; if another layer states the other one, unset it with `null`";
        // SW107: fields that exclude each other.
        Diagnostic::new(Code::Conflict, span, message).help(help)
    })
}

impl Instance {
    /// What the template of the server `name` sees.
    pub(super) fn context<'a>(
        &'a self,
        name: ResourceName,
        owner: &'a Common,
    ) -> InstanceContext<'a> {
        let root_password =
            KeyReference { name: names::root_secret(&name), key: "password".into() };
        InstanceContext {
            root_password,
            name,
            namespace: owner.namespace.as_str(),
            drops_data: owner.drops_data,
            image: self.image.as_str(),
            storage_size: self.storage_size.as_str(),
            storage_class_name: self.storage_class_name.as_ref().map(|name| name.as_str()),
            resources: self.resources.as_ref(),
            my_cnf: option_file(&self.my_cnf),
            topology: self.topology,
            replicas: self.replicas,
            metrics: self.metrics,
            service_monitor: self.service_monitor.as_ref(),
            pod_disruption_budget: self.pod_disruption_budget.as_ref(),
            bootstrap_from: (self.bootstrap.as_ref()).map(|from| backups::bootstrap(from, owner)),
        }
    }
}
