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

/// `database`: the Database and its DatabaseRole. It is `none` for a database that already exists.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct DatabaseContext<'a> {
    /// The name of the database, of its owner and of the role.
    pub(super) name: &'a str,
    pub(super) namespace: &'a str,
    /// The name of the Cluster.
    pub(super) server: ResourceName,
    /// How many connections the role may hold. -1 means unlimited.
    pub(super) connection_limit: i64,
    /// `retain` or `delete`: what happens to the database and the role when their objects are
    /// deleted.
    pub(super) reclaim_policy: &'static str,
    /// The Secret with the role's password.
    pub(super) password_secret: ResourceName,
    /// Whether the role may do more than own its database. It is always false.
    pub(super) privileged: bool,
    /// The roles whose privileges it has. There are none.
    pub(super) in_roles: Option<&'a [&'a str]>,
}

/// `monitor`: the PodMonitor of a server. Without one it is `none`.
#[derive(Serialize)]
#[serde(transparent)]
pub(super) struct MonitorContext<'a>(pub(super) Option<&'a PodMonitor>);
