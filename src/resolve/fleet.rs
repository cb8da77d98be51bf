//! The resolved fleet: every value decided, every reference followed, nothing optional that is not.

use super::backup::{Backup, Bootstrap};
use super::origin::Origin;
use crate::language::{
    AppName, Bench as BenchFields, Definition, Delivery, Domain, Engine, GitUrl, Host, Image,
    LabelValue, Lifecycle, MetadataKey, Mode, Namespace, ObjectName, PodDisruptionBudget,
    ResourceName, Resources, SecretMode, SecretScope, ServiceMonitor, SettingName, SettingText,
    SiteName, Size, StoreKind, Topology,
};
use crate::naming::SqlName;
use crate::operator;
use std::collections::BTreeMap;

/// Labels of users.
pub type Labels = BTreeMap<MetadataKey, LabelValue>;
/// Annotations of users.
pub type Annotations = BTreeMap<MetadataKey, String>;
/// Settings of a my.cnf section.
pub type MyCnf = BTreeMap<SettingName, SettingText>;

/// Everything that is rendered, or referred to; each list in the order of the definitions' paths.
#[derive(Debug, Default)]
pub struct Fleet<'p> {
    /// The clusters.
    pub clusters: Vec<Cluster<'p>>,
    /// The database servers.
    pub servers: Vec<Server<'p>>,
    /// The benches.
    pub benches: Vec<Bench<'p>>,
    /// The sites.
    pub sites: Vec<Site<'p>>,
}

/// A number into one of [`Fleet`]'s lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Index(pub usize);

impl<'p> Fleet<'p> {
    /// The cluster of something.
    pub fn cluster(&self, common: &Common<'p>) -> &Cluster<'p> {
        &self.clusters[common.cluster.0]
    }

    /// A server.
    pub fn server(&self, index: Index) -> &Server<'p> {
        &self.servers[index.0]
    }

    /// A bench.
    pub fn bench(&self, index: Index) -> &Bench<'p> {
        &self.benches[index.0]
    }
}

/// A cluster.
#[derive(Debug)]
pub struct Cluster<'p> {
    /// Its definition.
    pub definition: &'p Definition,
    /// Its folder's name.
    pub name: String,
    /// What its frappe-operator does.
    pub frappe: &'static operator::Frappe,
    /// What its mariadb-operator does.
    pub mariadb: &'static operator::Mariadb,
    /// The group that frappe-operator gives the pods of benches that state none, where it is told one.
    pub frappe_default_fs_group: Option<u32>,
    /// The version of Kubernetes, when stated.
    pub kubernetes: Option<operator::Kubernetes>,
    /// What applies the manifests.
    pub engine: Engine,
    /// How they get there.
    pub delivery: DeliverySettings,
    /// The ServiceAccount of frappe-operator that is to read the objects of mariadb-operator: its name
    /// and its namespace.
    pub reader: Option<(String, String)>,
    /// How Secrets reach it.
    pub secrets: SecretSettings,
}

/// How manifests get to a cluster.
#[derive(Debug)]
pub struct DeliverySettings {
    /// The repository of the project, when stated.
    pub repository: Option<GitUrl>,
    /// Its branch.
    pub branch: String,
    /// The folder of the project in it; empty for the repository itself.
    pub path: String,
    /// What is delivered by itself.
    pub by: Delivery,
    /// The engine's namespace.
    pub namespace: String,
    /// Flux: the Secret with which it reads the repository.
    pub credentials: Option<ResourceName>,
    /// Argo CD: the cluster as it knows it.
    pub destination: ArgoDestination,
}

/// A cluster as Argo CD knows it.
#[derive(Debug)]
pub enum ArgoDestination {
    /// By the address of its API server.
    Server(String),
    /// By the name under which it was added.
    Name(String),
}

/// How Secrets reach a cluster.
#[derive(Debug)]
pub struct SecretSettings {
    /// By which way.
    pub mode: SecretMode,
    /// What sealed values are bound to.
    pub scope: SecretScope,
    /// The store of the mode external.
    pub store: Option<RemoteStore>,
}

/// A store that External Secrets reads and writes.
#[derive(Debug)]
pub struct RemoteStore {
    /// Its kind.
    pub kind: StoreKind,
    /// Its name.
    pub name: ResourceName,
    /// What each key in it starts with.
    pub prefix: String,
    /// What stands between the parts of a key.
    pub separator: &'static str,
}

impl RemoteStore {
    /// The key in the store that consists of these parts.
    pub fn key(&self, parts: &[&str]) -> String {
        format!("{}{}", self.prefix, parts.join(self.separator))
    }
}

/// What sites, servers and benches have in common.
#[derive(Debug)]
pub struct Common<'p> {
    /// Who stated what.
    pub origin: Origin<'p>,
    /// The cluster.
    pub cluster: Index,
    /// The object's name.
    pub name: ObjectName,
    /// The object's namespace.
    pub namespace: Namespace,
    /// The user's labels.
    pub labels: Labels,
    /// The user's annotations.
    pub annotations: Annotations,
    /// Whether it is in service.
    pub lifecycle: Lifecycle,
    /// Whether what holds its data may not be pruned.
    pub protect: bool,
    /// Whether its data goes with it; only what is retired says so.
    pub drops_data: bool,
}

impl Common<'_> {
    /// Whether it is on its way out.
    pub fn retired(&self) -> bool {
        self.lifecycle == Lifecycle::Retired
    }

    /// `namespace/name`.
    pub fn full_name(&self) -> String {
        format!("{}/{}", self.namespace, self.name)
    }
}

/// A MariaDB of ours: what `kind: DatabaseServer` and a dedicated site both ask for.
#[derive(Debug)]
pub struct Instance {
    /// The container image.
    pub image: Image,
    /// The size of each volume.
    pub storage_size: Size,
    /// The StorageClass of the volumes; `None` for the cluster's default.
    pub storage_class_name: Option<ResourceName>,
    /// CPU and memory.
    pub resources: Option<Resources>,
    /// Settings of the `[mariadb]` section.
    pub my_cnf: MyCnf,
    /// How replicas work together.
    pub topology: Topology,
    /// How many replicas.
    pub replicas: u32,
    /// Whether an exporter runs.
    pub metrics: bool,
    /// The ServiceMonitor by which Prometheus finds the exporter.
    pub service_monitor: Option<ServiceMonitor>,
    /// How many replicas a drained node may take down; exactly one of its fields is stated.
    pub pod_disruption_budget: Option<PodDisruptionBudget>,
    /// What it starts from, when it is new.
    pub bootstrap: Option<Bootstrap>,
}

/// A database system that somebody renders: what the language can say and nobody renders yet never
/// gets into a fleet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum System {
    /// MariaDB.
    Mariadb,
}

impl System {
    /// Every system.
    pub const ALL: [System; 1] = [System::Mariadb];
}

/// A database server.
#[derive(Debug)]
pub struct Server<'p> {
    /// What all objects have.
    pub common: Common<'p>,
    /// The database system.
    pub system: System,
    /// Where it runs.
    pub place: ServerPlace,
    /// The server's `max_connections`, when stated.
    pub max_connections: Option<u32>,
    /// How many sites it takes, when stated.
    pub max_sites: Option<u32>,
    /// Backups of all of it.
    pub backup: Option<Box<Backup>>,
}

/// Where a server runs.
#[derive(Debug)]
pub enum ServerPlace {
    /// In the cluster, rendered by us.
    Managed(Box<Instance>),
    /// In the cluster, owned by somebody else.
    Referenced(Topology),
    /// Outside the cluster.
    External(ExternalServer),
}

/// A server outside the cluster.
#[derive(Debug)]
pub struct ExternalServer {
    /// Whether the ExternalMariaDB is rendered by us.
    pub managed: bool,
    /// Its host.
    pub host: Host,
    /// Its port.
    pub port: u16,
    /// The account that makes databases and users.
    pub username: String,
    /// The Secret with the account's password.
    pub password_secret: String,
    /// The key in that Secret.
    pub password_key: String,
    /// How mariadb-operator's connection to it is encrypted.
    pub tls: ExternalTls,
}

/// How mariadb-operator's connection to a server outside the cluster is encrypted.
#[derive(Debug)]
pub enum ExternalTls {
    /// Not at all, since nothing is stated.
    Unstated,
    /// Not at all, as stated.
    Off,
    /// By a certificate of the server.
    On {
        /// The Secret with the certificate of the server's authority.
        server_ca: String,
        /// The Secret with a certificate that the operator shows the server.
        client: Option<String>,
    },
}

/// A bench.
#[derive(Debug)]
pub struct Bench<'p> {
    /// What all objects have.
    pub common: Common<'p>,
    /// Whether it is rendered by us.
    pub managed: bool,
    /// Its fields; those that FrappeBench needs are there when it is managed.
    pub fields: BenchFields,
}

/// A site.
#[derive(Debug)]
pub struct Site<'p> {
    /// What all objects have.
    pub common: Common<'p>,
    /// What Frappe answers to.
    pub site_name: SiteName,
    /// The host name of its Ingress.
    pub domain: Domain,
    /// The bench that runs it.
    pub bench: Index,
    /// The apps that it gets, where that is stated.
    pub apps: Option<Vec<AppName>>,
    /// The database system.
    pub system: System,
    /// Where its data lives.
    pub database: Database,
    /// How many connections its user may hold; 0 is unlimited.
    pub max_user_connections: u32,
    /// Backups of its database.
    pub backup: Option<Box<Backup>>,
    /// How it is reached.
    pub ingress: Ingress,
    /// Encryption of the Ingress.
    pub tls: Tls,
    /// The Secret with the Administrator's password.
    pub admin_secret: String,
    /// Whether that Secret is one of ours.
    pub admin_secret_is_ours: bool,
    /// How the Secret with the password of its database's user is called.
    pub user_secret: UserSecret,
}

/// The name of the Secret with the password of a site's database user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UserSecret {
    /// `<site>-db-credentials`, a name that no operator makes by itself.
    Current,
    /// `<site>-db-password`. frappe-operator makes a Secret of this name where it finds none, so applied
    /// without an order it may come first, and then the SealedSecret fails for good. A site whose password
    /// was recorded under this name keeps it until it is rotated: a sealed value is bound to its Secret's
    /// name, and the site learns a new password only by hand.
    Former,
}

impl UserSecret {
    /// What follows the site's name and a dash.
    pub const fn suffix(self) -> &'static str {
        match self {
            UserSecret::Current => "db-credentials",
            UserSecret::Former => "db-password",
        }
    }

    /// Whether a Secret has the name that this is of a site.
    pub fn is_name(self, secret: &str, site: &str) -> bool {
        let start = secret.strip_suffix(self.suffix()).and_then(|start| start.strip_suffix('-'));
        start == Some(site)
    }
}

/// Where a site's data lives.
#[derive(Debug)]
pub enum Database {
    /// On a server of the cluster.
    Shared {
        /// The server.
        server: Index,
        /// The database's name, which is its user's too.
        name: SqlName,
    },
    /// On a server of its own.
    Dedicated {
        /// The server.
        instance: Box<Instance>,
        /// The database's name, which is its user's too.
        name: SqlName,
    },
    /// On a server outside the cluster.
    External {
        /// The server.
        server: Index,
        /// The database's name, which is its user's too.
        name: SqlName,
    },
    /// In a database that exists already.
    Connected(Connection),
}

impl Database {
    /// The mode in which the language states it.
    pub fn mode(&self) -> Mode {
        match self {
            Database::Shared { .. } => Mode::Shared,
            Database::Dedicated { .. } => Mode::Dedicated,
            Database::External { .. } | Database::Connected(_) => Mode::External,
        }
    }

    /// The DatabaseServer it refers to.
    pub fn server(&self) -> Option<Index> {
        match self {
            Database::Shared { server, .. } | Database::External { server, .. } => Some(*server),
            Database::Dedicated { .. } | Database::Connected(_) => None,
        }
    }

    /// The name of the database and its user, where we state it.
    pub fn sql_name(&self) -> Option<&SqlName> {
        match self {
            Database::Shared { name, .. }
            | Database::Dedicated { name, .. }
            | Database::External { name, .. } => Some(name),
            Database::Connected(_) => None,
        }
    }
}

/// A database that exists already.
#[derive(Debug)]
pub struct Connection {
    /// The Secret with its credentials.
    pub secret_name: ResourceName,
    /// Its server's host, when the Secret does not hold it.
    pub host: Option<Host>,
    /// Its server's port, when the Secret does not hold it.
    pub port: Option<u16>,
}

/// How a site is reached.
#[derive(Debug)]
pub struct Ingress {
    /// Whether there is an Ingress.
    pub enabled: bool,
    /// Its class.
    pub class_name: Option<ResourceName>,
    /// Its annotations.
    pub annotations: Annotations,
}

/// Encryption of an Ingress.
#[derive(Debug)]
pub struct Tls {
    /// Whether the Ingress serves HTTPS.
    pub enabled: bool,
    /// The cert-manager issuer.
    pub issuer: Option<ResourceName>,
    /// A Secret that holds the certificate.
    pub secret_name: Option<ResourceName>,
}
