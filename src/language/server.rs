//! `kind: DatabaseServer`.

use super::values::{
    AccountName, Duration, Host, Image, LabelValue, MetadataKey, Namespace, ParameterName,
    ParameterValue, Portion, ResourceName, SecretKey, SettingName, Size, Version,
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
    /// Whether sitewright renders the server. `false`: somebody else owns the server, and sites
    /// only refer to it. Default: true.
    pub managed: Option<bool>,
    /// The version of the database system. Default: 10.11 of MariaDB, 18.4 of PostgreSQL.
    pub version: Option<Version>,
    /// The image, instead of `version`.
    pub image: Option<Image>,
    /// How its replicas work together. Default: standalone.
    pub topology: Option<Topology>,
    /// The number of replicas. Default: 1 when standalone, 3 otherwise.
    #[schemars(range(min = 1, max = 99))]
    pub replicas: Option<u32>,
    /// The number of instances of a PostgreSQL server: a primary and its replicas. Default: 1.
    #[schemars(range(min = 1, max = 99))]
    pub instances: Option<u32>,
    /// The size of each volume. It can grow and never shrink.
    pub storage_size: Option<Size>,
    /// The StorageClass of the volumes. It can never change.
    pub storage_class_name: Option<ResourceName>,
    /// CPU and memory.
    pub resources: Option<Resources>,
    /// Settings of the `[mariadb]` section, added to the built-in ones.
    pub my_cnf: Option<BTreeMap<SettingName, SettingText>>,
    /// Settings of a PostgreSQL server, as postgresql.conf names them. Each value is a text, such as
    /// "256MB".
    pub settings: Option<BTreeMap<ParameterName, ParameterValue>>,
    /// The server's setting `max_connections`. The `maxUserConnections` of all its sites together may not
    /// exceed it.
    #[schemars(range(min = 10, max = 100_000))]
    pub max_connections: Option<u32>,
    /// The maximum number of sites that refer to the server.
    pub max_sites: Option<u32>,
    /// A pooler of connections (PgBouncer) in front of a PostgreSQL server. The sites of the server
    /// connect to it.
    pub pooler: Option<Pooler>,
    /// Metrics for Prometheus.
    pub metrics: Option<Metrics>,
    /// How many replicas may be down while nodes are drained.
    pub pod_disruption_budget: Option<PodDisruptionBudget>,
    /// Backups of the whole server.
    pub backup: Option<Backup>,
    /// The backup from which a new server starts. It can never change.
    pub bootstrap_from: Option<BootstrapFrom>,
    /// A server outside the cluster.
    pub external: Option<External>,
    /// Labels for every object of the server.
    pub labels: Option<BTreeMap<MetadataKey, LabelValue>>,
    /// Annotations for every object of the server.
    pub annotations: Option<BTreeMap<MetadataKey, String>>,
    /// `retired` removes the protection. Write it in a change before the one that deletes the file
    /// (docs/lifecycle.md). Active sites may not refer to a retired server.
    pub lifecycle: Option<Lifecycle>,
    /// What happens to the volumes of a retired server when its file is deleted. `delete` needs
    /// Kubernetes 1.32. Default: keep.
    pub data: Option<Data>,
    /// Whether the server has an annotation against pruning. Default: true.
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

/// A pooler of connections (PgBouncer). It keeps the state of a session, as Frappe needs it.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Pooler {
    /// The number of its instances. Default: 1.
    #[schemars(range(min = 1, max = 99))]
    pub instances: Option<u32>,
    /// CPU and memory of an instance.
    pub resources: Option<Resources>,
    /// Settings of PgBouncer, as pgbouncer.ini names them. Each value is a text, such as "50".
    pub settings: Option<BTreeMap<ParameterName, ParameterValue>>,
}

/// Metrics for Prometheus.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Metrics {
    /// Whether Prometheus gets metrics. For MariaDB, the operator then runs an exporter. PostgreSQL
    /// always has an exporter, and sitewright then renders a PodMonitor. Default: false.
    pub enabled: Option<bool>,
    /// The ServiceMonitor by which Prometheus finds the exporter. The operator creates it.
    pub service_monitor: Option<ServiceMonitor>,
    /// The PodMonitor by which Prometheus finds the instances of a PostgreSQL server.
    pub pod_monitor: Option<PodMonitor>,
}

/// A PodMonitor of the Prometheus operator.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PodMonitor {
    /// The `release` label by which a Prometheus selects it.
    pub prometheus_release: Option<LabelValue>,
    /// The label of the pods that becomes the name of the Prometheus job.
    pub job_label: Option<LabelValue>,
    /// The time between two scrapes, such as 30s.
    pub interval: Option<Duration>,
    /// The time after which a scrape fails, such as 10s.
    pub scrape_timeout: Option<Duration>,
}

/// A ServiceMonitor of the Prometheus operator.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ServiceMonitor {
    /// The `release` label by which a Prometheus selects it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prometheus_release: Option<LabelValue>,
    /// The name of the Prometheus job.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub job_label: Option<LabelValue>,
    /// The time between two scrapes, such as 30s.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub interval: Option<Duration>,
    /// The time after which a scrape fails, such as 10s.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scrape_timeout: Option<Duration>,
}

/// How many replicas may be down while nodes are drained. Write one of the two fields.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PodDisruptionBudget {
    /// How many replicas must stay up: a count or a share.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min_available: Option<Portion>,
    /// How many replicas may be down: a count or a share.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_unavailable: Option<Portion>,
}

/// A server outside the cluster.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct External {
    /// The host name or address of the server.
    pub host: Option<Host>,
    /// The port of the server. Default: 3306.
    #[schemars(range(min = 1))]
    pub port: Option<u16>,
    /// The account with which mariadb-operator creates databases and users. Default: root.
    pub username: Option<AccountName>,
    /// The account's password. Default: the key `password` of the Secret `<server>-root`.
    pub password_secret_ref: Option<SecretKeyRef>,
    /// Encryption of mariadb-operator's own connection to the server. The operator sets the
    /// passwords of users over it. Without encryption the passwords cross the network in clear
    /// text. Write `enabled: false` to accept that.
    pub tls: Option<ExternalTls>,
}

/// Encryption of mariadb-operator's connection to a server outside the cluster. Its Secrets are in the
/// namespace of the server.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ExternalTls {
    /// Whether the connection is encrypted. Default: true, if the definition has `tls`.
    pub enabled: Option<bool>,
    /// Whether the operator presents a client certificate to the server. Default: true with
    /// `clientCertSecretRef`, false without it.
    pub mutual: Option<bool>,
    /// The Secret with the certificate of the server's certificate authority, in its key `ca.crt`.
    /// The server's own certificate must contain the name in `host`.
    #[serde(rename = "serverCASecretRef")]
    pub server_ca_secret_ref: Option<SecretRef>,
    /// The Secret with the operator's client certificate and key, in its keys `tls.crt` and
    /// `tls.key`.
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
