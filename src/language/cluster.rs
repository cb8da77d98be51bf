//! `kind: Cluster`, `kind: Defaults` and the project's own settings.

use super::values::{
    Branch, Folder, ForeignPath, GitUrl, Image, KubernetesVersion, LabelValue, Namespace, Portion,
    RemoteKey, RepositoryPath, ResourceName, Url, Word,
};
use super::{Bench, DatabaseServer, Ingress, SecretRef, Site, Tls};
use crate::operator::{CloudNativePgVersion, FrappeVersion, MariadbVersion, Operator, Profiles};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A cluster: the operators that run in it, and defaults for every definition in its folder.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Cluster {
    /// The versions of the operators. They decide names and fields, so they have no default.
    pub operators: Option<Operators>,
    /// The first two numbers of the Kubernetes version, such as "1.33". Only some features need it,
    /// such as `data: delete` of a server.
    pub kubernetes: Option<KubernetesVersion>,
    /// The GitOps engine that applies the manifests.
    pub gitops: Option<Gitops>,
    /// How sitewright keeps passwords, and how they reach the cluster.
    pub secrets: Option<Secrets>,
    /// Whether each site gets a SiteDatabase. In its status, the reconciler of sitewright says whether the
    /// database of the site is ready, where it is, and the last error. Default: false.
    pub status: Option<bool>,
    /// The namespace of every definition without `namespace`.
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
    /// The version of frappe-operator. It decides the names of databases, so a new version can
    /// change them.
    pub frappe: Option<FrappeVersion>,
    /// The version of mariadb-operator.
    pub mariadb: Option<MariadbVersion>,
    /// The version of CloudNativePG, for `provider: postgres`.
    pub cloudnative_pg: Option<CloudNativePgVersion>,
    /// Permissions that frappe-operator's own manifest lacks. With this field, `sitewright gitops`
    /// writes a ClusterRole that lets frappe-operator read the objects of mariadb-operator. With
    /// frappe-operator 2.6 and 5.2, the ClusterRole also covers pods.
    pub rbac: Option<Rbac>,
    /// The value of `FRAPPE_DEFAULT_FSGROUP` in frappe-operator's Deployment. It is the group of
    /// every bench without a group. This field only tells sitewright the value and changes nothing
    /// in the cluster. Default: the variable is not set. No way of installing the operator sets it.
    #[schemars(range(max = 2_147_483_647))]
    pub frappe_default_fs_group: Option<u32>,
}

impl Operators {
    /// Whether the version of an operator is stated.
    pub fn state(&self, operator: Operator) -> bool {
        match operator {
            Operator::Frappe => self.frappe.is_some(),
            Operator::Mariadb => self.mariadb.is_some(),
            Operator::CloudNativePg => self.cloudnative_pg.is_some(),
        }
    }

    /// The profiles of the stated versions. `None` without frappe-operator, which every cluster has.
    pub fn profiles(&self) -> Option<Profiles> {
        let frappe = self.frappe?.profile();
        Some(Profiles {
            frappe,
            mariadb: self.mariadb.map(MariadbVersion::profile),
            cloudnative_pg: self.cloudnative_pg.map(CloudNativePgVersion::profile),
        })
    }
}

/// The engine that applies a cluster's manifests, and where it finds them.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Gitops {
    /// The GitOps engine. Default: none.
    pub engine: Option<Engine>,
    /// The address of this project's Git repository. `sitewright gitops` needs it.
    pub repository: Option<GitUrl>,
    /// The branch of the repository. Default: main.
    pub branch: Option<Branch>,
    /// The folder of the project in the repository. Default: the root of the repository.
    pub path: Option<RepositoryPath>,
    /// The unit that the engine applies and waits for: a whole cluster, or each definition.
    /// Default: cluster.
    pub delivery: Option<Delivery>,
    /// The namespace of the engine. Default: flux-system or argocd.
    pub namespace: Option<Namespace>,
    /// For Flux: the Secret with the credentials for the repository.
    pub credentials: Option<SecretRef>,
    /// For Argo CD: the cluster to which it applies the manifests. Default: the cluster in which it
    /// runs.
    pub destination: Option<Destination>,
    /// What `sitewright gitops` writes to run the reconciler. It needs `status: true`. Without this field,
    /// `sitewright gitops` writes only the type of the SiteDatabases.
    pub reconciler: Option<Reconciler>,
}

/// The reconciler: the program that writes the status of SiteDatabases. It runs in the cluster.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Reconciler {
    /// Its image, with a tag or a digest. It has no default, because you build it yourself (docs/gitops.md).
    pub image: Option<Image>,
    /// The Secret in its namespace with which the cluster pulls the image.
    pub image_pull_secret: Option<SecretRef>,
    /// Its namespace. Default: sitewright-system.
    pub namespace: Option<Namespace>,
    /// Whether a PodMonitor shows its metrics to Prometheus. Default: false.
    pub pod_monitor: Option<bool>,
    /// Whether a PrometheusRule has alerts for failed sites and for the reconciler itself. Default: false.
    pub alerts: Option<bool>,
    /// The `release` label by which a Prometheus selects the PodMonitor and the PrometheusRule.
    pub prometheus_release: Option<LabelValue>,
}

/// The unit that the engine applies and waits for. If an object waits for one object of a unit, it
/// waits for the whole unit.
#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Delivery {
    /// The whole folder of a cluster is one unit.
    #[default]
    Cluster,
    /// Each site, database server and bench is a unit of its own.
    Site,
}

/// A cluster as Argo CD knows it. Write one of the two fields.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Destination {
    /// The address of the cluster's API server.
    pub server: Option<Url>,
    /// The name under which the cluster was added to Argo CD.
    pub name: Option<Word>,
}

/// The permission of one operator to read the objects of another.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Rbac {
    /// The ServiceAccount that frappe-operator runs as. The default is the account of its
    /// `config/default`. Its install.yaml and its Helm chart create other accounts
    /// (docs/gitops.md).
    pub service_account: Option<ServiceAccount>,
}

/// A ServiceAccount.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ServiceAccount {
    /// The name of the ServiceAccount. Default: frappe-operator-controller-manager.
    pub name: Option<ResourceName>,
    /// The namespace of the ServiceAccount. Default: frappe-operator-system.
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
    /// No engine, or one that needs no labels and annotations, such as kubectl.
    None,
}

impl Engine {
    /// The word for it in definitions.
    pub const fn name(self) -> &'static str {
        match self {
            Engine::Flux => "flux",
            Engine::Argocd => "argocd",
            Engine::None => "none",
        }
    }
}

/// How the passwords of a cluster are kept, and how they reach it.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Secrets {
    /// How Secrets reach the cluster. Manifests refer to them by fixed names in every mode.
    /// Default: plain.
    pub mode: Option<SecretMode>,
    /// Whether a sealed value is bound to the name and the namespace of its Secret. Default: strict.
    pub scope: Option<SecretScope>,
    /// The store of External Secrets, for the mode external.
    pub external: Option<ExternalSecrets>,
    /// The decryption of the Secrets, for the mode sops.
    pub sops: Option<SopsSecrets>,
}

/// How Secrets reach a cluster.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum SecretMode {
    /// As SealedSecrets, which sitewright seals with a certificate of `_sealing/`.
    Sealed,
    /// As Secrets in `.sitewright/secrets/`, which Git ignores. You review them, apply them by
    /// hand, or pipe them to kubeseal.
    Plain,
    /// From a store, through External Secrets.
    External,
    /// As Secrets in the format of SOPS, which sitewright encrypts for the age recipients of
    /// `_sealing/`, and Flux decrypts.
    Sops,
}

/// The scope of a sealed value, in the words of sealed-secrets.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum SecretScope {
    /// The value is bound to the Secret's namespace and name.
    Strict,
    /// The value is bound to the Secret's namespace.
    NamespaceWide,
    /// The value is not bound: it opens under any name in any namespace.
    ClusterWide,
}

impl SecretScope {
    /// Every scope.
    pub const ALL: [Self; 3] = [Self::Strict, Self::NamespaceWide, Self::ClusterWide];
}

/// The decryption of Secrets in the format of SOPS.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SopsSecrets {
    /// For `engine: flux`: the Secret in the engine's namespace with the age identity, in a key that
    /// ends with `.agekey`. Default: sops-age.
    pub key_secret: Option<ResourceName>,
}

/// A store that External Secrets reads and writes.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ExternalSecrets {
    /// The SecretStore or ClusterSecretStore.
    pub store: Option<SecretStore>,
    /// The start of each key in the store, such as `erp/`. Default: nothing.
    pub prefix: Option<RemoteKey>,
    /// The separator between the parts of a key in the store: `/`, or `-` for a store that does not
    /// accept `/`. Default: `/`.
    pub separator: Option<Separator>,
}

/// A SecretStore of External Secrets.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SecretStore {
    /// The kind of the store. Default: ClusterSecretStore.
    pub kind: Option<StoreKind>,
    /// The name of the store.
    pub name: Option<ResourceName>,
}

/// The kind of a store.
#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema, PartialEq, Eq, Serialize)]
pub enum StoreKind {
    /// A ClusterSecretStore: one store for all namespaces.
    #[default]
    ClusterSecretStore,
    /// A SecretStore in each namespace that has Secrets.
    SecretStore,
}

/// The separator between the parts of a key in a store.
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

/// Defaults for every definition in a folder and below it.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Defaults {
    /// Defaults for sites: any field except `siteName`.
    pub site: Option<Site>,
    /// Defaults for database servers.
    pub database_server: Option<DatabaseServer>,
    /// Defaults for benches.
    pub bench: Option<Bench>,
}

/// `sitewright.yaml`: the project's own settings.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Settings {
    /// The version of the definition language. Default: 1, which is the only version.
    #[schemars(range(min = 1, max = 1))]
    pub language: Option<u32>,
    /// The version of the output format. Default: 1, which is the only version.
    #[schemars(range(min = 1, max = 1))]
    pub output_format: Option<u32>,
    /// The folder of definitions. Default: sites.
    pub sites: Option<Folder>,
    /// The folder of manifests. Default: rendered.
    pub rendered: Option<Folder>,
    /// The folder of templates. Default: templates.
    pub templates: Option<Folder>,
    /// The folder of the GitOps engine's own objects. Default: gitops.
    pub gitops: Option<Folder>,
    /// How many files sitewright writes for a definition. Another layout changes no object.
    /// Default: object.
    pub layout: Option<Layout>,
    /// Whether each folder of manifests has a kustomization.yaml that lists its files. Default: false.
    pub kustomizations: Option<bool>,
    /// How many sites, database servers and benches one change may remove: a count, or a share of
    /// them such as 5%. Default: any number.
    pub max_removals: Option<Portion>,
    /// The files in the folder of manifests that somebody else writes, such as production/extra/*.yaml. `*` stands for any
    /// text within a name, and `**` for any folders. sitewright keeps these files and does not report them. Default: none.
    pub allow_foreign: Option<Vec<ForeignPath>>,
}

/// How many files sitewright writes for a definition.
#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum Layout {
    /// One file for each object.
    #[default]
    Object,
    /// One file for all objects of a definition, `manifests.yaml`. Use it for large changes, because
    /// GitHub shows at most 300 files of a pull request.
    Site,
}
