//! The resolved fleet. Every value is decided, every reference is followed, and a field is optional
//! only if it may really be absent.

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

/// Everything that is rendered or referred to. Each list has the order of the definitions' paths.
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

/// An index into one of [`Fleet`]'s lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Index(pub usize);

impl<'p> Fleet<'p> {
    /// The cluster of a definition.
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
    /// The profile of its frappe-operator.
    pub frappe: &'static operator::Frappe,
    /// The profile of its mariadb-operator.
    pub mariadb: &'static operator::Mariadb,
    /// The group that frappe-operator gives the pods of benches that state none, if it is
    /// configured.
    pub frappe_default_fs_group: Option<u32>,
    /// The version of Kubernetes, when stated.
    pub kubernetes: Option<operator::Kubernetes>,
    /// The engine that applies the manifests.
    pub engine: Engine,
    /// How the manifests get to the cluster.
    pub delivery: DeliverySettings,
    /// The name and namespace of the ServiceAccount of frappe-operator that must be able to read
    /// the objects of mariadb-operator.
    pub reader: Option<(String, String)>,
    /// How Secrets reach the cluster.
    pub secrets: SecretSettings,
}

/// How manifests get to a cluster.
#[derive(Debug)]
pub struct DeliverySettings {
    /// The repository of the project, when stated.
    pub repository: Option<GitUrl>,
    /// Its branch.
    pub branch: String,
    /// The folder of the project in the repository. It is empty for the root of the repository.
    pub path: String,
    /// The unit that the engine applies and waits for.
    pub by: Delivery,
    /// The engine's namespace.
    pub namespace: String,
    /// For Flux: the Secret with the credentials for the repository.
    pub credentials: Option<ResourceName>,
    /// For Argo CD: the cluster to which it applies the manifests.
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
    /// The mode.
    pub mode: SecretMode,
    /// The scope of sealed values.
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
    /// The start of each key in the store.
    pub prefix: String,
    /// The separator between the parts of a key.
    pub separator: &'static str,
}

impl RemoteStore {
    /// The key in the store that consists of these parts.
    pub fn key(&self, parts: &[&str]) -> String {
        format!("{}{}", self.prefix, parts.join(self.separator))
    }
}

/// The fields that sites, servers and benches share.
#[derive(Debug)]
pub struct Common<'p> {
    /// Where each value is stated.
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
    /// Whether the objects that hold its data are protected against pruning.
    pub protect: bool,
    /// Whether its data is deleted with it. Only a retired definition can state that.
    pub drops_data: bool,
}

impl Common<'_> {
    /// Whether it is retired.
    pub fn retired(&self) -> bool {
        self.lifecycle == Lifecycle::Retired
    }

    /// `namespace/name`.
    pub fn full_name(&self) -> String {
        format!("{}/{}", self.namespace, self.name)
    }
}

/// A MariaDB that sitewright renders, for a `kind: DatabaseServer` or for a dedicated site.
#[derive(Debug)]
pub struct Instance {
    /// The container image.
    pub image: Image,
    /// The size of each volume.
    pub storage_size: Size,
    /// The StorageClass of the volumes. `None` means the cluster's default.
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
    /// How many replicas may be down while nodes are drained. Exactly one of its fields is stated.
    pub pod_disruption_budget: Option<PodDisruptionBudget>,
    /// The backup from which it starts when it is new.
    pub bootstrap: Option<Bootstrap>,
}

/// A database system that has a provider. The language also knows systems without a provider, which
/// never get into a fleet.
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
    /// The maximum number of its sites, when stated.
    pub max_sites: Option<u32>,
    /// Backups of the whole server.
    pub backup: Option<Box<Backup>>,
}

/// Where a server runs.
#[derive(Debug)]
pub enum ServerPlace {
    /// In the cluster, rendered by sitewright.
    Managed(Box<Instance>),
    /// In the cluster, owned by somebody else.
    Referenced(Topology),
    /// Outside the cluster.
    External(ExternalServer),
}

/// A server outside the cluster.
#[derive(Debug)]
pub struct ExternalServer {
    /// Whether sitewright renders the ExternalMariaDB.
    pub managed: bool,
    /// Its host.
    pub host: Host,
    /// Its port.
    pub port: u16,
    /// The account with which mariadb-operator creates databases and users.
    pub username: String,
    /// The Secret with the account's password.
    pub password_secret: String,
    /// The key in that Secret.
    pub password_key: String,
    /// How mariadb-operator's connection to the server is encrypted.
    pub tls: ExternalTls,
}

/// How mariadb-operator's connection to a server outside the cluster is encrypted.
#[derive(Debug)]
pub enum ExternalTls {
    /// Not encrypted, because nothing is stated.
    Unstated,
    /// Not encrypted, as the definition states.
    Off,
    /// Encrypted with the server's certificate.
    On {
        /// The Secret with the certificate of the server's certificate authority.
        server_ca: String,
        /// The Secret with the operator's client certificate.
        client: Option<String>,
    },
}

/// A bench.
#[derive(Debug)]
pub struct Bench<'p> {
    /// What all objects have.
    pub common: Common<'p>,
    /// Whether sitewright renders the bench.
    pub managed: bool,
    /// Its fields. A managed bench has all fields that FrappeBench requires.
    pub fields: BenchFields,
}

/// A site.
#[derive(Debug)]
pub struct Site<'p> {
    /// What all objects have.
    pub common: Common<'p>,
    /// The name of the site in Frappe.
    pub site_name: SiteName,
    /// The host name of its Ingress.
    pub domain: Domain,
    /// The bench that runs it.
    pub bench: Index,
    /// The apps of the site, when stated.
    pub apps: Option<Vec<AppName>>,
    /// The database system.
    pub system: System,
    /// Where its data lives.
    pub database: Database,
    /// How many connections its database user may hold. 0 means unlimited.
    pub max_user_connections: u32,
    /// Backups of its database.
    pub backup: Option<Box<Backup>>,
    /// How it is reached from outside the cluster.
    pub ingress: Ingress,
    /// Encryption of the Ingress.
    pub tls: Tls,
    /// The Secret with the Administrator's password.
    pub admin_secret: String,
    /// Whether sitewright creates that Secret.
    pub admin_secret_is_ours: bool,
    /// The name of the Secret with the password of its database user.
    pub user_secret: UserSecret,
}

/// The name of the Secret with the password of a site's database user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UserSecret {
    /// `<site>-db-credentials`. No operator creates a Secret of this name.
    Current,
    /// `<site>-db-password`. frappe-operator creates a Secret of this name if there is none. If
    /// objects are applied without an order, the operator may create it first, and then the
    /// SealedSecret fails permanently. A password that was recorded under this name keeps it until
    /// it is rotated: a sealed value is bound to its Secret's name, and a new password must be set
    /// in the site by hand.
    Former,
}

impl UserSecret {
    /// The suffix of the name, after the site's name and a dash.
    pub const fn suffix(self) -> &'static str {
        match self {
            UserSecret::Current => "db-credentials",
            UserSecret::Former => "db-password",
        }
    }

    /// Whether a Secret of a site has this name.
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
    /// The mode that the definition states.
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

    /// The name of the database and its user, if sitewright decides it.
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
    /// Its server's host, if the Secret does not contain it.
    pub host: Option<Host>,
    /// Its server's port, if the Secret does not contain it.
    pub port: Option<u16>,
}

/// How a site is reached from outside the cluster.
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
