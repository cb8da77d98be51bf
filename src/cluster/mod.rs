//! A cluster: which versions of the operators run in it, how manifests and Secrets reach it, and the
//! fields that all of its definitions share.

mod common;
mod settings;

pub use common::{Annotations, Common, Index, Labels};
pub(crate) use settings::cluster;

use crate::language::{
    Definition, Delivery, Engine, GitUrl, Image, LabelValue, Namespace, ResourceName, SecretMode,
    SecretScope, StoreKind,
};
use crate::operator;

/// A cluster.
#[derive(Debug)]
pub struct Cluster<'p> {
    /// Its definition.
    pub definition: &'p Definition,
    /// Its folder's name.
    pub name: String,
    /// The profiles of its operators.
    pub profiles: operator::Profiles,
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
    /// the objects of the databases' operator.
    pub reader: Option<(String, String)>,
    /// How Secrets reach the cluster.
    pub secrets: SecretSettings,
    /// Whether each site gets a SiteDatabase.
    pub status: bool,
    /// What runs the reconciler. `None` if the delivery does not run it.
    pub reconciler: Option<ReconcilerSettings>,
}

/// What runs the reconciler in a cluster.
#[derive(Debug)]
pub struct ReconcilerSettings {
    /// Its image.
    pub image: Image,
    /// The Secret with which the cluster pulls the image.
    pub image_pull_secret: Option<ResourceName>,
    /// Its namespace.
    pub namespace: Namespace,
    /// Whether Prometheus reads its metrics by a PodMonitor.
    pub pod_monitor: bool,
    /// Whether there are alerts.
    pub alerts: bool,
    /// The `release` label by which a Prometheus selects the objects.
    pub prometheus_release: Option<LabelValue>,
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
    /// For Flux: the Secret with the age identity that decrypts the manifests, in the mode sops.
    pub key_secret: Option<String>,
    /// The keys that no label and no annotation may have.
    pub reserved_keys: &'static [&'static str],
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
