//! `kind: Bench`: the processes and apps that serve sites. The fields are FrappeBench's.

use super::values::{
    DomainSuffix, GitUrl, Image, ImageTag, LabelValue, Memory, MetadataKey, Namespace, ObjectName,
    ResourceName, Size, Url, Word,
};
use super::{Lifecycle, Resources, SecretRef};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A bench: one version of Frappe with its apps.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Bench {
    /// The Kubernetes namespace of the bench and its sites.
    pub namespace: Option<Namespace>,
    /// Whether sitewright renders the bench. `false`: somebody else owns the bench, and sites only
    /// refer to it. Default: true.
    pub managed: Option<bool>,
    /// The version of the Frappe framework, such as version-15.
    pub frappe_version: Option<Word>,
    /// The apps that the bench offers to its sites.
    pub apps: Option<Vec<App>>,
    /// The image of every component.
    pub image: Option<BenchImage>,
    /// Replicas of each component.
    pub component_replicas: Option<ComponentReplicas>,
    /// CPU and memory of each component.
    pub component_resources: Option<ComponentResources>,
    /// Redis or Dragonfly.
    pub redis: Option<Redis>,
    /// Workers that scale with their queue, through KEDA.
    pub worker_autoscaling: Option<WorkerAutoscaling>,
    /// The domains of sites that do not state `domain`.
    pub domain: Option<BenchDomain>,
    /// Frappe Package Manager repositories.
    pub fpm: Option<Fpm>,
    /// Apps from Git.
    pub git: Option<Git>,
    /// The StorageClass of the bench's volume.
    pub storage_class_name: Option<ResourceName>,
    /// The users and groups that the bench's pods run as. It needs frappe-operator 2.6
    /// or 5.2.
    pub security: Option<BenchSecurity>,
    /// Labels for the bench.
    pub labels: Option<BTreeMap<MetadataKey, LabelValue>>,
    /// Annotations for the bench.
    pub annotations: Option<BTreeMap<MetadataKey, String>>,
    /// `retired`: active sites may no longer refer to the bench.
    pub lifecycle: Option<Lifecycle>,
    /// Whether the bench has an annotation against pruning. The bench's volume holds the files of its
    /// sites. Default: true.
    pub protect: Option<bool>,
}

/// The users and groups that a bench's pods run as.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct BenchSecurity {
    /// The security context of every pod of the bench and of its sites' Jobs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pod_security_context: Option<PodSecurityContext>,
}

/// The fields of Kubernetes' PodSecurityContext that frappe-operator passes on. The operator fills
/// in its own defaults for missing fields, except for Redis.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PodSecurityContext {
    /// The group that owns volumes and Secrets. Frappe's own images use 1000. The Job that drops a
    /// site reads its Secret as this group.
    #[schemars(range(max = 2_147_483_647))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fs_group: Option<u32>,
    /// When the files of a volume are given to the group. `Always` takes long for a volume with
    /// many files. The operator's default: Always.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fs_group_change_policy: Option<FsGroupChangePolicy>,
    /// The user that processes run as. Frappe's own images use 1000.
    #[schemars(range(max = 2_147_483_647))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub run_as_user: Option<u32>,
    /// The group that processes run as.
    #[schemars(range(max = 2_147_483_647))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub run_as_group: Option<u32>,
    /// Whether Kubernetes refuses to start a container that would run as root.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub run_as_non_root: Option<bool>,
    /// The system calls that processes may make.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seccomp_profile: Option<SeccompProfile>,
}

/// The system calls that processes may make.
#[derive(Clone, Debug, Deserialize, JsonSchema, Serialize)]
pub struct SeccompProfile {
    /// The type of the profile. The Pod Security Standard `restricted` asks for `RuntimeDefault`.
    #[serde(rename = "type")]
    pub kind: SeccompType,
}

/// A seccomp profile that every node has.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema, PartialEq, Eq, Serialize)]
pub enum SeccompType {
    /// The profile of the container runtime.
    RuntimeDefault,
    /// No profile: every system call is allowed.
    Unconfined,
}

/// When the files of a volume are given to a pod's group.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema, PartialEq, Eq, Serialize)]
pub enum FsGroupChangePolicy {
    /// At every start of a pod.
    Always,
    /// Only when the root folder of the volume belongs to another group.
    OnRootMismatch,
}

/// An app of a bench.
#[derive(Clone, Debug, Deserialize, JsonSchema, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct App {
    /// The name of the app, such as erpnext.
    pub name: Word,
    /// Where the app comes from.
    pub source: AppSource,
    /// The organisation, for the source fpm.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub org: Option<Word>,
    /// The version, for the source fpm.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<Word>,
    /// The repository, for the source git.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub git_url: Option<GitUrl>,
    /// The branch, for the source git.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub git_branch: Option<Word>,
}

/// Where an app comes from.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum AppSource {
    /// A package of a Frappe Package Manager repository.
    Fpm,
    /// A Git repository.
    Git,
    /// The image already contains the app.
    Image,
}

/// The image of a bench's components.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct BenchImage {
    /// The repository, such as frappe/erpnext.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub repository: Option<Image>,
    /// The tag, such as v15.90.1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tag: Option<ImageTag>,
    /// When nodes pull it. Default: IfNotPresent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pull_policy: Option<PullPolicy>,
    /// Secrets for private registries. No version of frappe-operator passes them on. Its pods use
    /// the pull secrets of the default ServiceAccount of the namespace.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pull_secrets: Option<Vec<PullSecret>>,
}

/// A Secret for a private registry.
#[derive(Clone, Debug, Deserialize, JsonSchema, Serialize)]
pub struct PullSecret {
    /// The name of the Secret.
    pub name: ResourceName,
}

/// When nodes pull an image.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema, PartialEq, Eq, Serialize)]
pub enum PullPolicy {
    /// At every start of a container.
    Always,
    /// Never.
    Never,
    /// When the node does not have it.
    IfNotPresent,
}

/// Replicas of each component. Default: 1 for each.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ComponentReplicas {
    /// Web processes.
    #[schemars(range(min = 1))]
    pub gunicorn: Option<u32>,
    /// Proxies.
    #[schemars(range(min = 1))]
    pub nginx: Option<u32>,
    /// Websocket servers.
    #[schemars(range(min = 1))]
    pub socketio: Option<u32>,
    /// Workers of the queue default.
    pub worker_default: Option<u32>,
    /// Workers of the queue long.
    pub worker_long: Option<u32>,
    /// Workers of the queue short.
    pub worker_short: Option<u32>,
}

/// CPU and memory of each component.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ComponentResources {
    /// Web processes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gunicorn: Option<Resources>,
    /// Proxies.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nginx: Option<Resources>,
    /// The scheduler.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scheduler: Option<Resources>,
    /// Websocket servers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub socketio: Option<Resources>,
    /// Workers of the queue default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub worker_default: Option<Resources>,
    /// Workers of the queue long.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub worker_long: Option<Resources>,
    /// Workers of the queue short.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub worker_short: Option<Resources>,
}

/// Redis or Dragonfly.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Redis {
    /// The key-value store. Default: redis.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub kind: Option<RedisKind>,
    /// The image.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image: Option<Image>,
    /// The memory limit for keys, such as 4Gi. Keys are evicted beyond it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_memory: Option<Memory>,
    /// CPU and memory.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resources: Option<Resources>,
    /// The size of the volume.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub storage_size: Option<Size>,
    /// The Secret of a Redis outside the cluster.
    #[serde(skip_serializing)]
    pub connection_secret_ref: Option<SecretRef>,
}

/// The key-value store of a bench.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum RedisKind {
    /// Redis.
    Redis,
    /// Dragonfly.
    Dragonfly,
}

/// Workers that scale with their queue.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct WorkerAutoscaling {
    /// Workers of the queue default.
    pub default: Option<Scaling>,
    /// Workers of the queue long.
    pub long: Option<Scaling>,
    /// Workers of the queue short.
    pub short: Option<Scaling>,
}

/// How the workers of one queue scale.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Scaling {
    /// Whether KEDA scales them. Default: true.
    pub enabled: Option<bool>,
    /// The minimum of workers. Default: 0.
    pub min_replicas: Option<u32>,
    /// The maximum of workers. Default: 10.
    #[schemars(range(min = 1))]
    pub max_replicas: Option<u32>,
    /// How many jobs in the queue one worker serves. Default: 5.
    #[schemars(range(min = 1))]
    pub queue_length: Option<u32>,
    /// Seconds that KEDA waits before it scales down. Default: 60.
    pub cooldown_period: Option<u32>,
    /// Seconds between two checks of the queue's length. Default: 30.
    #[schemars(range(min = 1))]
    pub polling_interval: Option<u32>,
    /// The number of workers when KEDA does not scale them. Default: 1.
    pub static_replicas: Option<u32>,
}

/// The domains of sites that do not state `domain`.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct BenchDomain {
    /// The suffix that is added to the siteName, such as .example.com. It is not added to a
    /// siteName that already ends with it.
    pub suffix: Option<DomainSuffix>,
    /// Whether the operator looks for a domain in the cluster. It has no effect on rendered sites,
    /// which always state their domain. Default: false.
    pub auto_detect: Option<bool>,
    /// The Service of the Ingress controller, in which the operator looks for a domain.
    pub ingress_controller_ref: Option<ServiceRef>,
}

/// A Service.
#[derive(Clone, Debug, Deserialize, JsonSchema, Serialize)]
pub struct ServiceRef {
    /// The name of the Service.
    pub name: ObjectName,
    /// The namespace of the Service.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub namespace: Option<Namespace>,
}

/// Frappe Package Manager repositories.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Fpm {
    /// The repositories.
    pub repositories: Option<Vec<FpmRepository>>,
    /// The name of the repository to which packages are published.
    pub default_repo: Option<Word>,
}

/// A Frappe Package Manager repository.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct FpmRepository {
    /// The name of the repository.
    pub name: Word,
    /// The address of the repository.
    pub url: Url,
    /// The order of search: a lower number is searched first. Default: 50.
    pub priority: Option<u32>,
    /// The Secret with the user name and the password of the repository.
    pub auth_secret_ref: Option<SecretRef>,
}

/// Apps from Git.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Git {
    /// Whether the bench may clone apps.
    pub enabled: Option<bool>,
}
