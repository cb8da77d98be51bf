//! The context of the templates of CloudNativePG's objects.

use super::settings::Settings;
use crate::language::{PodMonitor, ResourceName, Resources};
use crate::object::KeyReference;
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
    /// The plugin that takes the backups, in the form of the Cluster.
    pub(super) plugins: Option<[PluginContext; 1]>,
    /// The backup from which it starts.
    pub(super) bootstrap_from: Option<BootstrapContext<'a>>,
    /// The server that was backed up, in the form of the Cluster.
    pub(super) external_clusters: Option<[OriginContext; 1]>,
}

/// `instance.plugins`: the store of a Cluster's backups.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PluginContext {
    pub(super) name: &'static str,
    pub(super) enabled: bool,
    #[serde(rename = "isWALArchiver")]
    pub(super) is_wal_archiver: bool,
    pub(super) parameters: PluginParameters,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PluginParameters {
    pub(super) barman_object_name: ResourceName,
    /// The name of the server's folder in the store.
    pub(super) server_name: String,
}

/// `instance.bootstrapFrom`: the backup from which a Cluster starts.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct BootstrapContext<'a> {
    pub(super) source: &'static str,
    pub(super) target_time: Option<&'a str>,
}

/// `instance.externalClusters`: the server that was backed up.
#[derive(Serialize)]
pub(super) struct OriginContext {
    pub(super) name: &'static str,
    pub(super) plugin: PluginContext,
}

/// `store`: an object store, of backups or of the backup from which a server starts.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct StoreContext<'a> {
    pub(super) name: ResourceName,
    pub(super) namespace: &'a str,
    /// The folder above the folders of servers.
    pub(super) destination_path: String,
    pub(super) endpoint_url: String,
    pub(super) access_key_id: KeyReference,
    pub(super) secret_access_key: KeyReference,
    pub(super) region: Option<KeyReference>,
    pub(super) compression: Option<&'static str>,
    /// How long backups are kept, in days: such as `30d`.
    pub(super) retention_policy: Option<String>,
    /// CPU and memory of the container that writes backups.
    pub(super) resources: Option<&'a Resources>,
}

/// `backup`: the ScheduledBackup of a Cluster.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct BackupContext<'a> {
    pub(super) name: ResourceName,
    pub(super) namespace: &'a str,
    /// The name of the Cluster.
    pub(super) server: ResourceName,
    /// With a field for seconds before the five others.
    pub(super) schedule: String,
    pub(super) plugin: &'static str,
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

/// `pooler`: the Pooler of a server. Without one it is `none`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PoolerContext<'a> {
    pub(super) name: ResourceName,
    pub(super) namespace: &'a str,
    /// The name of the Cluster.
    pub(super) server: ResourceName,
    pub(super) instances: u32,
    pub(super) resources: Option<&'a Resources>,
    /// The settings of PgBouncer, without those that CloudNativePG adds.
    pub(super) parameters: &'a Settings,
}

/// `monitor`: the PodMonitor of a server. Without one it is `none`.
#[derive(Serialize)]
#[serde(transparent)]
pub(super) struct MonitorContext<'a>(pub(super) Option<&'a PodMonitor>);
