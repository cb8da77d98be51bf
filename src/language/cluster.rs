//! `kind: Cluster`, `kind: Defaults` and the project's own settings.

use super::values::{
    Branch, Folder, GitUrl, KubernetesVersion, Namespace, Portion, RemoteKey, RepositoryPath,
    ResourceName, Url, Word,
};
use super::{Bench, DatabaseServer, Ingress, SecretRef, Site, Tls};
use crate::operator::{FrappeVersion, MariadbVersion};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A cluster: what runs there, and defaults for everything in its folder.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Cluster {
    /// The operators' versions: they decide names and fields, so they have no default.
    pub operators: Option<Operators>,
    /// The version of Kubernetes by its first two numbers, such as "1.33". What needs a certain one, such as
    /// `data: delete` of a server, asks for it.
    pub kubernetes: Option<KubernetesVersion>,
    /// What applies the manifests.
    pub gitops: Option<Gitops>,
    /// Where passwords come from.
    pub secrets: Option<Secrets>,
    /// The namespace of everything that states none.
    pub namespace: Option<Namespace>,
    /// Defaults for the sites' Ingress.
    pub ingress: Option<Ingress>,
    /// Defaults for the sites' TLS.
    pub tls: Option<Tls>,
}

/// The versions of a cluster's operators.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Operators {
    /// frappe-operator. It decides the names of databases: changing it can move them.
    pub frappe: Option<FrappeVersion>,
    /// mariadb-operator.
    pub mariadb: Option<MariadbVersion>,
    /// What frappe-operator's own manifest lacks: `sitewright gitops` then writes a ClusterRole that lets
    /// it read the objects of mariadb-operator, and under 2.6 pods.
    pub rbac: Option<Rbac>,
    /// The `FRAPPE_DEFAULT_FSGROUP` that frappe-operator's Deployment sets: the group of all benches that
    /// state none. This only says so, it sets nothing. Default: it is not set, as in every way of installing
    /// it.
    #[schemars(range(max = 2_147_483_647))]
    pub frappe_default_fs_group: Option<u32>,
}

/// What applies a cluster's manifests, and where it finds them.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Gitops {
    /// The engine. Default: none.
    pub engine: Option<Engine>,
    /// The Git repository of this project; `sitewright gitops` needs it.
    pub repository: Option<GitUrl>,
    /// Its branch. Default: main.
    pub branch: Option<Branch>,
    /// The folder of the project in the repository. Default: the repository itself.
    pub path: Option<RepositoryPath>,
    /// What is delivered by itself. Default: cluster.
    pub delivery: Option<Delivery>,
    /// The namespace of the engine. Default: flux-system or argocd.
    pub namespace: Option<Namespace>,
    /// Flux: the Secret with which it reads the repository.
    pub credentials: Option<SecretRef>,
    /// Argo CD: the cluster as it is called there. Default: the one it runs in.
    pub destination: Option<Destination>,
}

/// What is delivered by itself: what waits for one thing waits for all that is delivered with it.
#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Delivery {
    /// A cluster's folder as a whole.
    #[default]
    Cluster,
    /// Each site, database server and bench.
    Site,
}

/// A cluster as Argo CD knows it: by one of the two.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Destination {
    /// The address of its API server.
    pub server: Option<Url>,
    /// The name under which it was added.
    pub name: Option<Word>,
}

/// What lets an operator read the objects of another.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Rbac {
    /// The account that frappe-operator runs as. The default is that of its `config/default`; its install.yaml
    /// and its Helm chart make others (docs/gitops.md).
    pub service_account: Option<ServiceAccount>,
}

/// A ServiceAccount.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ServiceAccount {
    /// Its name. Default: frappe-operator-controller-manager.
    pub name: Option<ResourceName>,
    /// Its namespace. Default: frappe-operator-system.
    pub namespace: Option<Namespace>,
}

/// A GitOps engine.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Engine {
    /// Flux.
    Flux,
    /// Argo CD.
    Argocd,
    /// Something that needs no marks, such as kubectl.
    None,
}

/// Where a cluster's passwords come from.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Secrets {
    /// How Secrets reach the cluster. Manifests refer to them by fixed names in every mode.
    /// Default: plain.
    pub mode: Option<SecretMode>,
    /// What a sealed value is bound to. Default: strict.
    pub scope: Option<SecretScope>,
    /// The store of the mode external.
    pub external: Option<ExternalSecrets>,
}

/// How Secrets reach a cluster.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum SecretMode {
    /// As SealedSecrets, sealed here with a certificate of `_sealing/`.
    Sealed,
    /// As Secrets in `.sitewright/secrets/`, which Git ignores: to review, to apply by hand, or to
    /// pipe to kubeseal.
    Plain,
    /// From a store, through External Secrets.
    External,
}

/// What a sealed value is bound to, as sealed-secrets calls it.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum SecretScope {
    /// The Secret's namespace and name.
    Strict,
    /// The Secret's namespace.
    NamespaceWide,
    /// Nothing: it opens under any name in any namespace.
    ClusterWide,
}

impl SecretScope {
    /// Every scope.
    pub const ALL: [Self; 3] = [Self::Strict, Self::NamespaceWide, Self::ClusterWide];
}

/// A store that External Secrets reads and writes.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ExternalSecrets {
    /// The SecretStore or ClusterSecretStore.
    pub store: Option<SecretStore>,
    /// What each key in the store starts with, such as `erp/`. Default: nothing.
    pub prefix: Option<RemoteKey>,
    /// What stands between the parts of a key in the store: `/`, or `-` where the store takes no `/`.
    /// Default: `/`.
    pub separator: Option<Separator>,
}

/// A SecretStore of External Secrets.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SecretStore {
    /// Its kind. Default: ClusterSecretStore.
    pub kind: Option<StoreKind>,
    /// Its name.
    pub name: Option<ResourceName>,
}

/// The kind of a store.
#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema, PartialEq, Eq, Serialize)]
pub enum StoreKind {
    /// One for all namespaces.
    #[default]
    ClusterSecretStore,
    /// One in each namespace that has Secrets.
    SecretStore,
}

/// What stands between the parts of a key in a store.
#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema, PartialEq, Eq)]
pub enum Separator {
    /// `/`.
    #[default]
    #[serde(rename = "/")]
    Slash,
    /// `-`.
    #[serde(rename = "-")]
    Hyphen,
}

impl Separator {
    /// The text.
    pub fn as_str(self) -> &'static str {
        match self {
            Separator::Slash => "/",
            Separator::Hyphen => "-",
        }
    }
}

/// Defaults for everything in a folder and below it.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Defaults {
    /// For sites: any field but siteName.
    pub site: Option<Site>,
    /// For database servers.
    pub database_server: Option<DatabaseServer>,
    /// For benches.
    pub bench: Option<Bench>,
}

/// `sitewright.yaml`: the project's own settings.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Settings {
    /// The version of the definition language. Default: 1, the only one.
    #[schemars(range(min = 1, max = 1))]
    pub language: Option<u32>,
    /// The version of the output's format. Default: 1, the only one.
    #[schemars(range(min = 1, max = 1))]
    pub output_format: Option<u32>,
    /// The folder of definitions. Default: sites.
    pub sites: Option<Folder>,
    /// The folder of manifests. Default: rendered.
    pub rendered: Option<Folder>,
    /// The folder of templates. Default: templates.
    pub templates: Option<Folder>,
    /// The folder of what delivers the manifests. Default: gitops.
    pub gitops: Option<Folder>,
    /// How many files a definition makes. Switching it changes no object. Default: object.
    pub layout: Option<Layout>,
    /// Whether each folder of manifests has a kustomization.yaml that lists its files. Default: false.
    pub kustomizations: Option<bool>,
    /// How many sites, database servers and benches one change may take away: a count, or a share of
    /// them such as 5%. Default: any number.
    pub max_removals: Option<Portion>,
}

/// How many files a definition makes.
#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum Layout {
    /// One for each object.
    #[default]
    Object,
    /// One for all of them, `manifests.yaml`: a pull request shows 300 files at most.
    Site,
}
