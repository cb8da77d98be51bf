//! What the reconciler needs in a cluster: the type SiteDatabase, and the Deployment with its rights.
//!
//! The objects of the Deployment are in a folder of their own, which kubectl applies after the namespaces.

use super::{Delivered, DeliveryObject, labels};
use crate::cluster::ReconcilerSettings;
use crate::resolve::Unit;
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeMap;

/// The name of all its objects.
const NAME: &str = "sitewright-reconciler";

/// The folder of its objects.
const FOLDER: &str = "reconciler";

/// What it reads: API groups and resources.
const READS: &[Reads] = &[
    reads(sitewright_api::GROUP, &[sitewright_api::PLURAL]),
    reads("vyogo.tech", &["frappesites", "frappebenches"]),
    reads("k8s.mariadb.com", &["mariadbs", "externalmariadbs", "databases", "users", "grants"]),
    reads("postgresql.cnpg.io", &["clusters", "databases", "databaseroles"]),
    reads("bitnami.com", &["sealedsecrets"]),
    reads("external-secrets.io", &["externalsecrets"]),
];

/// Resources of an API group.
#[derive(Serialize)]
struct Reads {
    group: &'static str,
    resources: &'static [&'static str],
}

const fn reads(group: &'static str, resources: &'static [&'static str]) -> Reads {
    Reads { group, resources }
}

#[derive(Serialize)]
struct TypeContext {
    labels: BTreeMap<&'static str, String>,
    crd: Crd,
}

#[derive(Serialize)]
struct Crd {
    name: &'static str,
    spec: Value,
}

#[derive(Clone, Serialize)]
struct Context {
    labels: BTreeMap<&'static str, String>,
    reconciler: Reconciler,
}

/// `reconciler`: what runs, where, and what it may do.
#[derive(Clone, Serialize)]
#[serde(rename_all = "camelCase")]
struct Reconciler {
    name: &'static str,
    namespace: String,
    image: String,
    /// `none` if the cluster pulls the image without a Secret.
    image_pull_secret: Option<String>,
    /// What it may read.
    reads: &'static [Reads],
    /// The API group of SiteDatabase, and the name of its resources.
    group: &'static str,
    plural: &'static str,
    memory: Memory,
    /// The labels of the objects that Prometheus selects.
    monitor_labels: BTreeMap<&'static str, String>,
}

#[derive(Clone, Serialize)]
struct Memory {
    request: String,
    limit: String,
}

/// The objects of a cluster whose sites have a SiteDatabase.
pub(super) fn objects(delivered: &Delivered) -> Vec<DeliveryObject> {
    let cluster = delivered.cluster;
    if !cluster.status {
        return Vec::new();
    }
    let name = sitewright_api::CRD_NAME;
    let crd = Crd { name, spec: sitewright_api::crd()["spec"].take() };
    let context = TypeContext { labels: labels(cluster), crd };
    let template = "gitops/customresourcedefinition.yaml.j2";
    let type_of = DeliveryObject::new(template, "CustomResourceDefinition", None, name, context);
    let deployed = cluster.reconciler.iter().flat_map(|settings| deployed(delivered, settings));
    [type_of].into_iter().chain(deployed).collect()
}

/// What runs the reconciler.
fn deployed(delivered: &Delivered, settings: &ReconcilerSettings) -> Vec<DeliveryObject> {
    let labels = labels(delivered.cluster);
    let release = settings.prometheus_release.iter().map(|name| ("release", name.to_string()));
    let context = Context {
        reconciler: Reconciler {
            name: NAME,
            namespace: settings.namespace.to_string(),
            image: settings.image.to_string(),
            image_pull_secret: settings.image_pull_secret.as_ref().map(ToString::to_string),
            reads: READS,
            group: sitewright_api::GROUP,
            plural: sitewright_api::PLURAL,
            memory: Memory::of(sites(delivered)),
            monitor_labels: labels.clone().into_iter().chain(release).collect(),
        },
        labels,
    };
    let namespace = Some(settings.namespace.as_str());
    let object = |template, kind, namespace| {
        let object = DeliveryObject::new(template, kind, namespace, NAME, context.clone());
        DeliveryObject { folder: Some(FOLDER), ..object }
    };
    let mut objects = vec![
        object("gitops/reconciler/serviceaccount.yaml.j2", "ServiceAccount", namespace),
        object("gitops/reconciler/clusterrole.yaml.j2", "ClusterRole", None),
        object("gitops/reconciler/clusterrolebinding.yaml.j2", "ClusterRoleBinding", None),
        object("gitops/reconciler/deployment.yaml.j2", "Deployment", namespace),
    ];
    if settings.pod_monitor {
        objects.push(object("gitops/reconciler/podmonitor.yaml.j2", "PodMonitor", namespace));
    }
    if settings.alerts {
        let template = "gitops/reconciler/prometheusrule.yaml.j2";
        objects.push(object(template, "PrometheusRule", namespace));
    }
    objects
}

fn sites(delivered: &Delivered) -> usize {
    delivered.units.iter().filter(|unit| matches!(unit, Unit::Site(_))).count()
}

impl Memory {
    /// The memory for a number of sites. The reconciler needs 40 MiB, and 4 KiB for each site. The limit is at least
    /// twice as much, in powers of two, so that few changes of a fleet change it.
    fn of(sites: usize) -> Self {
        const BASE: usize = 40 << 10;
        const SITE: usize = 4;
        let needed = (BASE + SITE * sites).div_ceil(1 << 10);
        let limit = (2 * needed).next_power_of_two();
        Self { request: format!("{}Mi", limit / 2), limit: format!("{limit}Mi") }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_memory_grows_with_the_fleet_in_few_steps() {
        let of = |sites| {
            let Memory { request, limit } = Memory::of(sites);
            format!("{request} {limit}")
        };
        assert_eq!(of(0), "64Mi 128Mi");
        assert_eq!(of(6_000), "64Mi 128Mi");
        assert_eq!(of(10_000), "128Mi 256Mi");
        assert_eq!(of(100_000), "512Mi 1024Mi");
    }
}
