//! A Cluster that sitewright renders: its fields, how they are resolved, and what its template sees.

use super::super::Owner;
use super::super::image::StatedImage;
use super::backup::{self, Recovery};
use super::context::InstanceContext;
use super::settings::Settings;
use crate::diagnostic::{Checked, Code, Diagnostic, both};
use crate::language::{
    BootstrapFrom, Image, Metrics, ParameterName, ParameterValue, PodMonitor, ResourceName,
    Resources, Size, Version, release_numbers,
};
use crate::layers::{Origin, require};

/// The repository of CloudNativePG's images of PostgreSQL, and the variant that the operator runs by
/// itself (source: `DefaultImageName` in `pkg/versions/versions.go` of 1.30.0).
const IMAGES: &str = "ghcr.io/cloudnative-pg/postgresql";
const VARIANT: &str = "system-trixie";

/// An account has the name of its database, so `sameuser` lets each account into its own database and
/// into no other. CloudNativePG writes the rules of its own accounts before these, and its default
/// rule, which lets every account into every database, after them (source: `hbaTemplateString` in
/// `pkg/postgres/configuration.go` of 1.30.0).
pub(super) const HOST_RULES: [&str; 2] =
    ["host sameuser all all scram-sha-256", "host all all all reject"];

/// A Cluster that sitewright renders.
#[derive(Debug)]
pub(super) struct Instance {
    /// The container image.
    pub(super) image: Image,
    /// How many instances: the primary and its replicas.
    pub(super) instances: u32,
    /// The size of each volume.
    pub(super) storage_size: Size,
    /// The StorageClass of the volumes. `None` means the cluster's default.
    pub(super) storage_class_name: Option<ResourceName>,
    /// CPU and memory.
    pub(super) resources: Option<Resources>,
    /// Settings of the server.
    pub(super) settings: Settings,
    /// The PodMonitor by which Prometheus finds the instances.
    pub(super) monitor: Option<PodMonitor>,
    /// The backup from which it starts when it is new.
    pub(super) recovery: Option<Recovery>,
}

/// The stated fields of an instance.
#[derive(Default)]
pub(super) struct StatedInstance {
    pub(super) image: Option<Image>,
    pub(super) version: Option<Version>,
    pub(super) instances: Option<u32>,
    pub(super) storage_size: Option<Size>,
    pub(super) storage_class_name: Option<ResourceName>,
    pub(super) resources: Option<Resources>,
    pub(super) settings: Option<Settings>,
    pub(super) max_connections: Option<u32>,
    pub(super) metrics: Option<Metrics>,
    pub(super) bootstrap_from: Option<BootstrapFrom>,
}

impl StatedInstance {
    /// The instance. `prefix` leads to its fields in the definition.
    pub(super) fn resolve(self, origin: &Origin, prefix: &[&'static str]) -> Checked<Instance> {
        let path = |field: &'static str| [prefix, &[field]].concat();
        let image = StatedImage { image: self.image, version: self.version, example: "18.4" };
        let image =
            image.resolve(origin, prefix, |version| format!("{IMAGES}:{version}-{VARIANT}"));
        let why = "such as 50Gi; a volume can grow later, but never shrink";
        let storage = require(self.storage_size, origin, &path("storageSize"), why);
        let settings = settings(self.settings, self.max_connections, origin, prefix);
        let monitor = monitor(self.metrics, origin, prefix);
        let recovery = Recovery::new(self.bootstrap_from, origin, prefix);
        let both_of = both(both(image, storage), both(settings, both(monitor, recovery)))?;
        let ((image, storage_size), (settings, (monitor, recovery))) = both_of;
        Ok(Instance {
            image,
            instances: self.instances.unwrap_or(1),
            storage_size,
            storage_class_name: self.storage_class_name,
            resources: self.resources,
            settings,
            monitor,
            recovery,
        })
    }
}

/// `maxConnections` is the setting `max_connections` too.
fn settings(
    stated: Option<Settings>,
    max_connections: Option<u32>,
    origin: &Origin,
    prefix: &[&'static str],
) -> Checked<Settings> {
    let mut settings = stated.unwrap_or_default();
    let name = ParameterName::new("max_connections");
    let value = max_connections.map(|count| ParameterValue::new(&count.to_string()));
    let (Ok(name), Some(Ok(value))) = (name, value) else { return Ok(settings) };
    if let Some(span) = origin.layers.stated(&[prefix, &["settings", "max_connections"]].concat()) {
        let message = "`max_connections` is stated twice: here and as `maxConnections`";
        // SW107: `max_connections` is stated twice.
        let problem = Diagnostic::new(Code::Conflict, span, message)
            .related(origin.span(&["maxConnections"]), "stated here too")
            .help("keep `maxConnections`, which the sites' connections are checked against");
        return Err(vec![problem]);
    }
    settings.insert(name, value);
    Ok(settings)
}

/// Every instance has an exporter, whatever is stated. `metrics` decides whether Prometheus is told.
fn monitor(
    metrics: Option<Metrics>,
    origin: &Origin,
    prefix: &[&'static str],
) -> Checked<Option<PodMonitor>> {
    let metrics = metrics.unwrap_or_default();
    if metrics.enabled.unwrap_or(false) {
        return Ok(Some(metrics.pod_monitor.unwrap_or_default()));
    }
    let Some(span) = origin.key_here(&[prefix, &["metrics", "podMonitor"]].concat()) else {
        return Ok(None);
    };
    let message = "`metrics.podMonitor` has no effect without metrics";
    let help = "state `metrics.enabled: true`, or remove it";
    // SW106: a field that has no effect here.
    Err(vec![Diagnostic::new(Code::NoEffect, span, message).help(help)])
}

impl Instance {
    /// What the templates of the server `name` see.
    pub(super) fn context<'a>(
        &'a self,
        name: ResourceName,
        owner: Owner<'a>,
    ) -> InstanceContext<'a> {
        let recovery = self.recovery.as_ref();
        let recovery = recovery.map(|recovery| backup::bootstrap(recovery, owner.common));
        let (bootstrap_from, external_clusters) = recovery.unzip();
        InstanceContext {
            plugins: backup::plugin(owner, &name),
            bootstrap_from,
            external_clusters,
            name,
            namespace: owner.common.namespace.as_str(),
            instances: self.instances,
            image: self.image.as_str(),
            storage_size: self.storage_size.as_str(),
            storage_class_name: self.storage_class_name.as_ref().map(|name| name.as_str()),
            resources: self.resources.as_ref(),
            parameters: &self.settings,
            host_rules: HOST_RULES,
        }
    }

    /// The numbers of the version of PostgreSQL that the image's tag starts with. CloudNativePG
    /// refuses an image without one, because it could not tell an upgrade (source: `FromTag` in
    /// `pkg/postgres/version` of cloudnative-pg/machinery).
    pub(super) fn version(&self) -> Option<Vec<u32>> {
        let (name, _) = self.image.split_once('@').unwrap_or((&self.image, ""));
        let last = name.rsplit_once('/').map_or(name, |(_, last)| last);
        let (_, tag) = last.split_once(':')?;
        let is_version = tag.starts_with(|c: char| c.is_ascii_digit());
        is_version.then(|| release_numbers(tag)).flatten()
    }
}
