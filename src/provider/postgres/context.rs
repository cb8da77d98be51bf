//! The context of the templates of CloudNativePG's objects.

use super::settings::Settings;
use crate::language::{PodMonitor, ResourceName, Resources};
use serde::Serialize;

/// `instance`: a Cluster that sitewright renders.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct InstanceContext<'a> {
    pub(super) name: ResourceName,
    pub(super) namespace: &'a str,
    pub(super) instances: u32,
    pub(super) image: &'a str,
    pub(super) storage_size: &'a str,
    pub(super) storage_class_name: Option<&'a str>,
    pub(super) resources: Option<&'a Resources>,
    /// The settings of the server, without those that CloudNativePG adds.
    pub(super) parameters: &'a Settings,
    /// Who may log in from which host, as lines of pg_hba.conf.
    pub(super) host_rules: [&'static str; 2],
}

/// `monitor`: the PodMonitor of a server. Without one it is `none`.
#[derive(Serialize)]
#[serde(transparent)]
pub(super) struct MonitorContext<'a>(pub(super) Option<&'a PodMonitor>);
