//! The context of the templates of mariadb-operator's objects.

use super::backup::BootstrapContext;
use crate::language::{PodDisruptionBudget, ResourceName, Resources, ServiceMonitor, Topology};
use crate::object::{KeyReference, Reference};
use minijinja::Value;
use serde::Serialize;

/// `database`: the Database, its User and its Grant. It is `none` for a database that already
/// exists.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct DatabaseContext<'a> {
    /// The name of the database and of its user.
    pub(super) name: &'a str,
    /// The name as a pattern for grants, in which `_` is a wildcard and `\_` is not.
    pub(super) pattern: String,
    /// The privileges of the user in the database.
    pub(super) privileges: &'static Value,
    pub(super) max_user_connections: u32,
    /// `Skip` or `Delete`: what happens to the database when its object is deleted.
    pub(super) cleanup_policy: &'static str,
    /// What happens to the user when its object is deleted.
    pub(super) user_cleanup_policy: &'static str,
    /// The server.
    pub(super) server: Reference,
    /// The Secret with the user's password.
    pub(super) password: KeyReference,
}

/// `instance`: a MariaDB that sitewright renders.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct InstanceContext<'a> {
    pub(super) name: ResourceName,
    pub(super) namespace: &'a str,
    pub(super) root_password: KeyReference,
    pub(super) image: &'a str,
    pub(super) storage_size: &'a str,
    pub(super) storage_class_name: Option<&'a str>,
    pub(super) resources: Option<&'a Resources>,
    /// The complete option file.
    pub(super) my_cnf: String,
    /// Whether the volumes are deleted together with the server.
    pub(super) drops_data: bool,
    /// `standalone`, `replication` or `galera`.
    pub(super) topology: Topology,
    pub(super) replicas: u32,
    pub(super) metrics: bool,
    /// The fields in the form of the MariaDB object.
    pub(super) service_monitor: Option<&'a ServiceMonitor>,
    pub(super) pod_disruption_budget: Option<&'a PodDisruptionBudget>,
    pub(super) bootstrap_from: Option<BootstrapContext<'a>>,
}
