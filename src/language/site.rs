//! `kind: Site`. `kind: Plan` and the `site:` of `kind: Defaults` have the same fields.

use super::shared::{Acknowledgement, Data, Lifecycle, Provider, Resources, SecretRef};
use super::values::{
    AppName, DatabaseName, Host, Image, LabelValue, MetadataKey, Namespace, ObjectName,
    ParameterName, ParameterValue, ResourceName, ServerName, SettingName, SiteName, Size, Version,
    Word,
};
use super::{Backup, BootstrapFrom, Domain, Metrics, PodDisruptionBudget, SettingText};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A Frappe site with its database.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Site {
    /// The name of the site in Frappe, such as erp.acme.com. The name of the database is made from
    /// it. If you change the siteName, the site starts with an empty database, and the data stays in
    /// the old one.
    pub site_name: Option<SiteName>,
    /// The host name of the site's Ingress. Default: the siteName, with the bench's domain suffix
    /// if the bench has one.
    pub domain: Option<Domain>,
    /// The Kubernetes namespace of every object that is rendered for the site.
    pub namespace: Option<Namespace>,
    /// The Bench in the same namespace that runs the site.
    pub bench: Option<ObjectName>,
    /// The apps that are installed when the site is created. The bench must have each of them.
    /// frappe-operator 2.6 and 5.2 install the apps of this list. 2.3 and 2.5 install erpnext and
    /// nothing else. If you add an app later, change `siteVersion` under 5.2, or install the app by
    /// hand under other versions.
    pub apps: Option<Vec<AppName>>,
    /// A word. When you change it, frappe-operator 5.2 runs the site's init Job again. The Job
    /// migrates the site, installs new apps and writes new passwords into it. For a site that is
    /// ready, nothing else runs the Job. Default: "1".
    pub site_version: Option<Word>,
    /// A Plan: a named set of defaults.
    pub plan: Option<ObjectName>,
    /// The database of the site.
    pub database: Option<Database>,
    /// Backups of the site's database.
    pub backup: Option<Backup>,
    /// How the site is reached from outside the cluster.
    pub ingress: Option<Ingress>,
    /// Encryption of the Ingress.
    pub tls: Option<Tls>,
    /// The site's Administrator.
    pub admin: Option<Admin>,
    /// What the site uses although its authors do not support it.
    pub acknowledge: Option<Vec<Acknowledgement>>,
    /// Labels for every object of the site.
    pub labels: Option<BTreeMap<MetadataKey, LabelValue>>,
    /// Annotations for every object of the site.
    pub annotations: Option<BTreeMap<MetadataKey, String>>,
    /// `retired` removes the protection, asks for no Ingress, and takes a last backup if the site has
    /// `backup`. Delete the file in a later change, after the engine has applied this one in the
    /// cluster (docs/lifecycle.md).
    pub lifecycle: Option<Lifecycle>,
    /// What happens to the data of a retired site when its file is deleted. Default: keep.
    pub data: Option<Data>,
    /// Whether the objects that hold the site's data have an annotation against pruning. Default:
    /// true.
    pub protect: Option<bool>,
}

/// The database of a site.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Database {
    /// The database system. Default: mariadb.
    pub provider: Option<Provider>,
    /// `shared`: a database on a DatabaseServer of the cluster. `dedicated`: a server for this site
    /// alone. `external`: a server outside the cluster. Default: shared.
    pub mode: Option<Mode>,
    /// The name of the database and of its user. Write it to keep the name if a new version of
    /// frappe-operator would use another one. `sitewright upgrade --keep-databases` writes it. A
    /// version that computes the name accepts only the computed name. Default: computed from the
    /// namespace, the site's name and the siteName.
    pub name: Option<DatabaseName>,
    /// The name of the DatabaseServer, for the modes shared and external.
    pub server: Option<ServerName>,
    /// The size of a dedicated server's volume. It can grow and never shrink. Default: 10Gi.
    pub storage_size: Option<Size>,
    /// The StorageClass of a dedicated server's volume. It can never change.
    pub storage_class_name: Option<ResourceName>,
    /// CPU and memory of a dedicated server.
    pub resources: Option<Resources>,
    /// The version of a dedicated server. Default: 10.11 of MariaDB, 18.4 of PostgreSQL.
    pub version: Option<Version>,
    /// The image of a dedicated server, instead of `version`.
    pub image: Option<Image>,
    /// Settings of a dedicated server's `[mariadb]` section, added to the built-in ones.
    pub my_cnf: Option<BTreeMap<SettingName, SettingText>>,
    /// The number of instances of a dedicated PostgreSQL server. Default: 1.
    #[schemars(range(min = 1, max = 99))]
    pub instances: Option<u32>,
    /// Settings of a dedicated PostgreSQL server, as postgresql.conf names them.
    pub settings: Option<BTreeMap<ParameterName, ParameterValue>>,
    /// Metrics of a dedicated server for Prometheus.
    pub metrics: Option<Metrics>,
    /// How many replicas of a dedicated server may be down while nodes are drained.
    pub pod_disruption_budget: Option<PodDisruptionBudget>,
    /// The backup from which a new dedicated server starts. It can never change.
    pub bootstrap_from: Option<BootstrapFrom>,
    /// How many connections the site's database user may hold. 0 means unlimited. Default: 100.
    #[schemars(range(max = 100_000))]
    pub max_user_connections: Option<u32>,
    /// A database that already exists, for the mode external. sitewright creates no database and no
    /// user for it.
    pub connection: Option<Connection>,
}

/// A database that exists already.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Connection {
    /// A Secret in the site's namespace with the keys `username`, `password` and `database`. It
    /// also needs `host` and `port` if the definition does not have them.
    pub secret_name: Option<ResourceName>,
    /// The server's host.
    pub host: Option<Host>,
    /// The server's port. Default: 3306 of MariaDB, 5432 of PostgreSQL.
    #[schemars(range(min = 1))]
    pub port: Option<u16>,
}

/// How a site is reached from outside the cluster.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Ingress {
    /// Whether the operator makes an Ingress. Default: true.
    pub enabled: Option<bool>,
    /// The IngressClass.
    pub class_name: Option<ResourceName>,
    /// Annotations of the Ingress.
    pub annotations: Option<BTreeMap<MetadataKey, String>>,
}

/// Encryption of an Ingress.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Tls {
    /// Whether the Ingress serves HTTPS. Default: false.
    pub enabled: Option<bool>,
    /// The cert-manager issuer that makes the certificate.
    pub issuer: Option<ResourceName>,
    /// A Secret that already holds the certificate.
    pub secret_name: Option<ResourceName>,
}

/// A site's Administrator.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Admin {
    /// The Secret with the password in its key `password`. Default: `<site>-admin`.
    pub secret_ref: Option<SecretRef>,
}

/// Which kind of server holds a site's database.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// A server of the cluster that many sites share.
    Shared,
    /// A server for this site alone.
    Dedicated,
    /// A server outside the cluster.
    External,
}

impl Mode {
    /// Every mode.
    pub const ALL: [Self; 3] = [Self::Shared, Self::Dedicated, Self::External];

    /// The word for it in definitions.
    pub const fn name(self) -> &'static str {
        match self {
            Mode::Shared => "shared",
            Mode::Dedicated => "dedicated",
            Mode::External => "external",
        }
    }
}
