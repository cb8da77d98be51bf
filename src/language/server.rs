//! `kind: DatabaseServer`.

use super::values::{
    AccountName, Duration, Host, Image, LabelValue, MetadataKey, Namespace, Portion, ResourceName,
    SecretKey, SettingName, Size, Version,
};
use super::{Backup, BootstrapFrom, Data, Lifecycle, Provider, Resources, SecretRef, SettingText};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A server that holds the databases of many sites.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct DatabaseServer {
    /// The database system. Default: mariadb.
    pub provider: Option<Provider>,
    /// The Kubernetes namespace of the server.
    pub namespace: Option<Namespace>,
    /// Whether it is rendered, or only referred to because somebody else owns it. Default: true.
    pub managed: Option<bool>,
    /// The MariaDB version. Default: 10.11.
    pub version: Option<Version>,
    /// The image, instead of `version`.
    pub image: Option<Image>,
    /// How its replicas work together. Default: standalone.
    pub topology: Option<Topology>,
    /// How many replicas. Default: 1 when standalone, 3 otherwise.
    #[schemars(range(min = 1, max = 99))]
    pub replicas: Option<u32>,
    /// The size of each volume; it can grow, never shrink.
    pub storage_size: Option<Size>,
    /// The StorageClass of the volumes; it can never change.
    pub storage_class_name: Option<ResourceName>,
    /// CPU and memory.
    pub resources: Option<Resources>,
    /// Settings of the `[mariadb]` section, added to the built-in ones.
    pub my_cnf: Option<BTreeMap<SettingName, SettingText>>,
    /// MariaDB's `max_connections`; the sites' promised connections are checked against it.
    #[schemars(range(min = 10, max = 100_000))]
    pub max_connections: Option<u32>,
    /// How many sites may refer to the server.
    pub max_sites: Option<u32>,
    /// Metrics for Prometheus.
    pub metrics: Option<Metrics>,
    /// How many replicas a drained node may take down.
    pub pod_disruption_budget: Option<PodDisruptionBudget>,
    /// Backups of the whole server.
    pub backup: Option<Backup>,
    /// The backup from which a new server starts; it can never change.
    pub bootstrap_from: Option<BootstrapFrom>,
    /// A server outside the cluster.
    pub external: Option<External>,
    /// Labels for every object of the server.
    pub labels: Option<BTreeMap<MetadataKey, LabelValue>>,
    /// Annotations for every object of the server.
    pub annotations: Option<BTreeMap<MetadataKey, String>>,
    /// `retired` takes the protection off, before the file goes; no active site may refer to it.
    pub lifecycle: Option<Lifecycle>,
    /// What becomes of the volumes of a retired server once its file goes; `delete` needs Kubernetes 1.32.
    /// Default: keep.
    pub data: Option<Data>,
    /// Whether GitOps engines may not prune the server. Default: true.
    pub protect: Option<bool>,
}

/// How a server's replicas work together.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Topology {
    /// One replica.
    Standalone,
    /// A primary and its replicas.
    Replication,
    /// A Galera cluster.
    Galera,
}

/// Metrics for Prometheus.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Metrics {
    /// Whether the operator runs an exporter. Default: false.
    pub enabled: Option<bool>,
    /// The ServiceMonitor by which Prometheus finds it; the operator makes it.
    pub service_monitor: Option<ServiceMonitor>,
}

/// A ServiceMonitor of the Prometheus operator.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ServiceMonitor {
    /// The `release` label by which a Prometheus selects it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prometheus_release: Option<LabelValue>,
    /// The name of the job.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub job_label: Option<LabelValue>,
    /// Between two looks, such as 30s.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub interval: Option<Duration>,
    /// After which a look is given up, such as 10s.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scrape_timeout: Option<Duration>,
}

/// How many replicas a drained node may take down: one of the two.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PodDisruptionBudget {
    /// How many stay up: a count or a share.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min_available: Option<Portion>,
    /// How many go down: a count or a share.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_unavailable: Option<Portion>,
}

/// A server outside the cluster.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct External {
    /// Its host.
    pub host: Option<Host>,
    /// Its port. Default: 3306.
    #[schemars(range(min = 1))]
    pub port: Option<u16>,
    /// The account that makes databases and users. Default: root.
    pub username: Option<AccountName>,
    /// The account's password. Default: the key `password` of the Secret `<server>-root`.
    pub password_secret_ref: Option<SecretKeyRef>,
    /// Encryption of mariadb-operator's own connection to it, by which it sets the passwords of users. Without
    /// it the passwords cross the network in clear text; `enabled: false` says that this is meant.
    pub tls: Option<ExternalTls>,
}

/// Encryption of mariadb-operator's connection to a server outside the cluster. Its Secrets are in the
/// namespace of the server.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ExternalTls {
    /// Whether the connection is encrypted. Default: true, where `tls` is stated.
    pub enabled: Option<bool>,
    /// Whether the operator shows the server a certificate of its own. Default: true where
    /// `clientCertSecretRef` is stated, false otherwise.
    pub mutual: Option<bool>,
    /// The Secret with the certificate of the server's authority in its key `ca.crt`. The server's own
    /// certificate must hold the name that `host` states.
    #[serde(rename = "serverCASecretRef")]
    pub server_ca_secret_ref: Option<SecretRef>,
    /// The Secret with the operator's certificate and key in its keys `tls.crt` and `tls.key`.
    pub client_cert_secret_ref: Option<SecretRef>,
}

/// A key of a Secret in the same namespace.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SecretKeyRef {
    /// The Secret's name.
    pub name: Option<ResourceName>,
    /// The key. Default: password.
    pub key: Option<SecretKey>,
}
