//! FrappeBench.

use super::APP;
use crate::language::{AppSource, ResourceName, Resources, Scaling};
use crate::layers::Idle;
use crate::object::{Manifest, ObjectKind, ObjectType, Part, SecretReference, Stands, Variables};
use crate::operator::Frappe;
use crate::resolve::Bench;
use minijinja::{Value, value::Serde};
use serde::Serialize;
use std::collections::BTreeMap;

/// Benches start before the sites that run on them.
pub(super) const BENCH: ObjectType = ObjectType {
    template: "frappe/frappebench.yaml.j2",
    kind: ObjectKind::FrappeBench,
    app: APP,
    component: "bench",
    stands: Stands::ForItsName,
    is_protected: true,
    wave: 1,
    invariants: &[],
};

pub(crate) fn bench_manifests(bench: &Bench) -> Vec<Manifest> {
    let manifest = Manifest {
        of: &BENCH,
        part: Part::Definition,
        namespace: bench.common.namespace.clone(),
        name: ResourceName::from(&bench.common.name),
        reads: Box::default(),
        outlives: false,
    };
    if bench.managed { vec![manifest] } else { Vec::new() }
}

/// `bench`: FrappeBench's fields under their own names, with the defaults of its schema.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct BenchContext<'a> {
    name: &'a str,
    namespace: &'a str,
    frappe_version: Option<&'a str>,
    apps: Vec<App<'a>>,
    image_config: Option<&'a crate::language::BenchImage>,
    /// The version of the API of the FrappeBench.
    api: &'static str,
    component_replicas: Option<Replicas>,
    /// The replicas of each component, if the operator scales components one by one.
    component_autoscaling: Option<BTreeMap<&'static str, ComponentScaling>>,
    component_resources: Option<&'a crate::language::ComponentResources>,
    redis_config: Option<Redis<'a>>,
    worker_autoscaling: Option<Autoscaling>,
    domain_config: DomainConfig<'a>,
    fpm_config: Option<FpmConfig<'a>>,
    /// Whether apps may be cloned. `none` leaves the decision to the operator.
    git_enabled: Option<bool>,
    storage_class_name: Option<&'a str>,
    security: Option<&'a crate::language::BenchSecurity>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct App<'a> {
    name: &'a str,
    source: AppSource,
    #[serde(skip_serializing_if = "Option::is_none")]
    org: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    git_url: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    git_branch: Option<&'a str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Replicas {
    gunicorn: u32,
    nginx: u32,
    socketio: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    worker_default: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    worker_long: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    worker_short: Option<u32>,
}

/// A component with a fixed number of replicas.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ComponentScaling {
    enabled: bool,
    static_replicas: u32,
    min_replicas: u32,
    max_replicas: u32,
    cooldown_period: u32,
    polling_interval: u32,
    provider: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Redis<'a> {
    r#type: crate::language::RedisKind,
    #[serde(skip_serializing_if = "Option::is_none")]
    image: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_memory: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    storage_size: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    resources: Option<&'a Resources>,
    #[serde(skip_serializing_if = "Option::is_none")]
    connection_secret_ref: Option<SecretReference>,
}

#[derive(Serialize)]
struct Autoscaling {
    #[serde(skip_serializing_if = "Option::is_none")]
    default: Option<Scaler>,
    #[serde(skip_serializing_if = "Option::is_none")]
    long: Option<Scaler>,
    #[serde(skip_serializing_if = "Option::is_none")]
    short: Option<Scaler>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Scaler {
    enabled: bool,
    min_replicas: u32,
    max_replicas: u32,
    queue_length: u32,
    cooldown_period: u32,
    polling_interval: u32,
    static_replicas: u32,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct DomainConfig<'a> {
    auto_detect: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    suffix: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ingress_controller_ref: Option<&'a crate::language::ServiceRef>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct FpmConfig<'a> {
    repositories: Vec<Repository<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    default_repo: Option<&'a str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Repository<'a> {
    name: &'a str,
    url: &'a str,
    priority: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    auth_secret_ref: Option<SecretReference>,
}

/// What the templates of a bench see of Frappe.
pub(crate) fn bench_variables(bench: &Bench, frappe: &Frappe) -> Variables {
    let fields = &bench.fields;
    let unstated = crate::language::Redis::default();
    let unstated_redis = frappe.needs_redis_type.then_some(&unstated);
    let stated_redis = fields.redis.as_ref().or(unstated_redis);
    let domain = fields.domain.as_ref();
    let context = BenchContext {
        name: bench.common.name.as_str(),
        namespace: bench.common.namespace.as_str(),
        frappe_version: fields.frappe_version.as_ref().map(|version| version.as_str()),
        apps: fields.apps.iter().flatten().map(app).collect(),
        image_config: fields.image.as_ref(),
        api: frappe.api.word(),
        component_replicas: replicas(fields).filter(|_| !frappe.scales_components),
        component_autoscaling: fixed(fields).filter(|_| frappe.scales_components),
        component_resources: fields.component_resources.as_ref(),
        redis_config: stated_redis.map(|stated| redis(stated, bench)),
        worker_autoscaling: fields.worker_autoscaling.as_ref().map(|queues| Autoscaling {
            default: queues.default.as_ref().map(scaler),
            long: queues.long.as_ref().map(scaler),
            short: queues.short.as_ref().map(scaler),
        }),
        domain_config: DomainConfig {
            auto_detect: domain.and_then(|domain| domain.auto_detect).unwrap_or(false),
            suffix: domain.and_then(|d| d.suffix.as_ref()).map(|suffix| suffix.as_str()),
            ingress_controller_ref: domain.and_then(|d| d.ingress_controller_ref.as_ref()),
        },
        fpm_config: fields.fpm.as_ref().map(|fpm| FpmConfig {
            repositories: fpm
                .repositories
                .iter()
                .flatten()
                .map(|repository| Repository {
                    name: repository.name.as_str(),
                    url: repository.url.as_str(),
                    priority: repository.priority.unwrap_or(50),
                    auth_secret_ref: secret(repository.auth_secret_ref.as_ref(), bench),
                })
                .collect(),
            default_repo: fpm.default_repo.as_ref().map(|name| name.as_str()),
        }),
        git_enabled: fields.git.as_ref().and_then(|git| git.enabled),
        storage_class_name: fields.storage_class_name.as_ref().map(|name| name.as_str()),
        security: fields.security.as_ref(),
    };
    [("bench", Value::from(Serde(context)))].into()
}

fn redis<'a>(stated: &'a crate::language::Redis, bench: &Bench) -> Redis<'a> {
    Redis {
        r#type: stated.kind.unwrap_or(crate::language::RedisKind::Redis),
        image: stated.image.as_ref().map(|image| image.as_str()),
        max_memory: stated.max_memory.as_ref().map(|memory| memory.as_str()),
        storage_size: stated.storage_size.as_ref().map(|size| size.as_str()),
        resources: stated.resources.as_ref(),
        connection_secret_ref: secret(stated.connection_secret_ref.as_ref(), bench),
    }
}

/// A Secret in the namespace of the bench.
fn secret(stated: Option<&crate::language::SecretRef>, bench: &Bench) -> Option<SecretReference> {
    let name = stated?.name.clone()?;
    Some(SecretReference { name, namespace: bench.common.namespace.clone() })
}

fn app(app: &crate::language::App) -> App<'_> {
    App {
        name: app.name.as_str(),
        source: app.source,
        org: app.org.as_ref().map(|word| word.as_str()),
        version: app.version.as_ref().map(|word| word.as_str()),
        git_url: app.git_url.as_ref().map(|url| url.as_str()),
        git_branch: app.git_branch.as_ref().map(|word| word.as_str()),
    }
}

/// The defaults of FrappeBench's schema, which apply only if the map is present. When workers scale
/// with their queue, these replicas are FrappeBench's older setting, so only stated replicas are
/// written.
fn replicas(fields: &crate::language::Bench) -> Option<Replicas> {
    let stated = fields.component_replicas.as_ref()?;
    let worker = |replicas: Option<u32>| match fields.worker_autoscaling {
        Some(_) => replicas,
        None => Some(replicas.unwrap_or(1)),
    };
    Some(Replicas {
        gunicorn: stated.gunicorn.unwrap_or(1),
        nginx: stated.nginx.unwrap_or(1),
        socketio: stated.socketio.unwrap_or(1),
        worker_default: worker(stated.worker_default),
        worker_long: worker(stated.worker_long),
        worker_short: worker(stated.worker_short),
    })
}

/// The stated replicas of each component, with the defaults of FrappeBench's schema of 5.2.7.
fn fixed(fields: &crate::language::Bench) -> Option<BTreeMap<&'static str, ComponentScaling>> {
    let stated = fields.component_replicas.as_ref()?;
    let replicas = [
        ("gunicorn", stated.gunicorn),
        ("nginx", stated.nginx),
        ("socketio", stated.socketio),
        ("worker-default", stated.worker_default),
        ("worker-long", stated.worker_long),
        ("worker-short", stated.worker_short),
    ];
    let scaling = |replicas: Option<u32>| ComponentScaling {
        enabled: false,
        static_replicas: replicas.unwrap_or(1),
        min_replicas: 1,
        max_replicas: 10,
        cooldown_period: 60,
        polling_interval: 30,
        provider: "hpa",
    };
    Some(replicas.map(|(component, replicas)| (component, scaling(replicas))).into())
}

/// The defaults of FrappeBench's schema.
fn scaler(stated: &Scaling) -> Scaler {
    Scaler {
        enabled: stated.enabled.unwrap_or(true),
        min_replicas: stated.min_replicas.unwrap_or(0),
        max_replicas: stated.max_replicas.unwrap_or(10),
        queue_length: stated.queue_length.unwrap_or(5),
        cooldown_period: stated.cooldown_period.unwrap_or(60),
        polling_interval: stated.polling_interval.unwrap_or(30),
        static_replicas: stated.static_replicas.unwrap_or(1),
    }
}

/// The fields that have no effect on a bench.
pub(crate) fn idle_on_bench(bench: &Bench) -> Vec<Idle> {
    // Some fields have an effect even when somebody else owns the bench: the suffix is part of the
    // sites' domains, and the version and the apps decide what the operator can start and install.
    const OF_A_BENCH: [&[&str]; 8] = [
        &["image"],
        &["componentReplicas"],
        &["componentResources"],
        &["redis"],
        &["workerAutoscaling"],
        &["fpm"],
        &["git"],
        &["storageClassName"],
    ];
    let place = "on a bench with `managed: false`";
    let help = "remove it, or remove `managed: false`";
    let of_a_bench = OF_A_BENCH.map(|path| Idle { path, help, place });
    if bench.managed { Vec::new() } else { of_a_bench.into() }
}

/// The resources that a bench states for its pods, with the paths of their fields.
pub(crate) fn resources_of_bench<'f>(bench: &'f Bench) -> Vec<(Vec<&'static str>, &'f Resources)> {
    let fields = &bench.fields;
    let redis = fields.redis.as_ref().and_then(|redis| redis.resources.as_ref());
    let redis = redis.map(|stated| (vec!["redis", "resources"], stated));
    let components = fields.component_resources.iter().flat_map(|stated| {
        [
            ("gunicorn", &stated.gunicorn),
            ("nginx", &stated.nginx),
            ("scheduler", &stated.scheduler),
            ("socketio", &stated.socketio),
            ("workerDefault", &stated.worker_default),
            ("workerLong", &stated.worker_long),
            ("workerShort", &stated.worker_short),
        ]
    });
    let components = components.filter_map(|(component, stated)| {
        Some((vec!["componentResources", component], stated.as_ref()?))
    });
    components.chain(redis).collect()
}
