//! The cluster into which objects are imported: one of the project's, or a new one.

use super::index::{FRAPPE, Index, MARIADB, POSTGRES};
use super::outcome::Request;
use super::value::{at, boolean, put, string, text};
use crate::cluster::Cluster;
use crate::diagnostic::{Code, Diagnostic};
use crate::language::{Engine, ObjectName};
use crate::live::LiveObject;
use crate::operator::frappe::Api;
use crate::operator::{
    CloudNativePgVersion, FrappeVersion, MariadbVersion, Operator, Profiles, listed,
};
use crate::source::node::{Node, Value};
use std::collections::BTreeMap;

/// The cluster into which objects are imported.
#[derive(Clone, Debug)]
pub(super) struct Target {
    /// Its name.
    pub(super) name: String,
    /// The profiles of its operators.
    pub(super) profiles: Profiles,
    /// The engine that applies its manifests.
    pub(super) engine: Engine,
    /// The namespace of definitions that state none.
    pub(super) namespace: Option<String>,
    /// Whether each site gets a SiteDatabase.
    pub(super) status: bool,
    /// Whether the project does not define it yet.
    pub(super) is_new: bool,
}

impl Target {
    /// The cluster that a request means, among those of the project.
    pub(super) fn find(
        request: &Request,
        clusters: &[Cluster],
        index: &Index,
    ) -> Result<Self, Vec<Diagnostic>> {
        let names: Vec<String> =
            clusters.iter().map(|cluster| format!("`--cluster {}`", cluster.name)).collect();
        let name = match (request.cluster, clusters) {
            (Some(name), _) => name,
            (None, [only]) => &only.name,
            (None, _) => {
                let message = "it is not clear into which cluster the objects are imported";
                let help = match names.as_slice() {
                    [] => "write `--cluster NAME`: the name of its folder below the definitions"
                        .to_owned(),
                    names => format!("write {}, or the name of a new cluster", listed(names)),
                };
                // SW830: no cluster to import into.
                return Err(vec![
                    Diagnostic::of_path(Code::ImportCluster, "import", message).help(help),
                ]);
            }
        };
        match clusters.iter().find(|cluster| cluster.name == name) {
            Some(cluster) => known(request, cluster),
            None => new(request, name, index),
        }
    }

    /// The definition of a new cluster.
    pub(super) fn definition(&self, secrets: Option<Node>) -> Node {
        let mut node = super::value::map();
        put(&mut node, &["kind"], string("Cluster"));
        for operator in Operator::ALL {
            if let Some(version) = self.profiles.version(operator) {
                put(&mut node, &["operators", operator.field()], string(version));
            }
        }
        let engine = match self.engine {
            Engine::Flux => Some("flux"),
            Engine::Argocd => Some("argocd"),
            Engine::None => None,
        };
        if let Some(engine) = engine {
            put(&mut node, &["gitops", "engine"], string(engine));
        }
        if let Some(secrets) = secrets {
            put(&mut node, &["secrets"], secrets);
        }
        if self.status {
            put(&mut node, &["status"], boolean(true));
        }
        if let Some(namespace) = &self.namespace {
            put(&mut node, &["namespace"], string(namespace));
        }
        node
    }
}

/// A cluster that the project defines.
fn known(request: &Request, cluster: &Cluster) -> Result<Target, Vec<Diagnostic>> {
    let path = format!("{}/_cluster.yaml", cluster.name);
    let stated = [(Operator::Frappe, request.frappe), (Operator::Mariadb, request.mariadb)];
    let other = stated.into_iter().find(|(operator, version)| {
        version.is_some_and(|version| cluster.profiles.version(*operator) != Some(version))
    });
    if let Some((operator, _)) = other {
        let message = format!("the cluster states another version of {}", operator.name());
        let help =
            "leave the option out: the versions of a cluster are those of its `_cluster.yaml`";
        // SW831: a version that is not known, or not that of the cluster.
        return Err(vec![Diagnostic::of_path(Code::ImportVersion, path, message).help(help)]);
    }
    let definition = cluster.definition.node.as_ref();
    let namespace = definition.and_then(|node| text(node, &["namespace"]));
    Ok(Target {
        name: cluster.name.clone(),
        profiles: cluster.profiles,
        engine: cluster.engine,
        namespace: namespace.map(str::to_owned),
        status: cluster.status,
        is_new: false,
    })
}

/// A cluster that the project does not define yet.
fn new(request: &Request, name: &str, index: &Index) -> Result<Target, Vec<Diagnostic>> {
    let mut problems = Vec::new();
    if let Err(complaint) = ObjectName::new(name) {
        // SW830: no cluster to import into.
        problems.push(
            Diagnostic::of_path(Code::ImportCluster, name, complaint.message).help(complaint.help),
        );
    }
    let frappe = version(Operator::Frappe, request.frappe, || frappe(index))
        .map_err(|problem| problems.push(*problem));
    let has = |of: &str| index.objects().iter().any(|object| object.key.group == of);
    let mariadb = (!has(POSTGRES) || has(MARIADB) || request.mariadb.is_some()).then(|| {
        let found = || release(index, "mariadb-operator", Operator::Mariadb);
        version(Operator::Mariadb, request.mariadb, found)
    });
    let mariadb = mariadb.transpose().map_err(|problem| problems.push(*problem));
    let (Ok(frappe), Ok(mariadb)) = (frappe, mariadb) else { return Err(problems) };
    let frappe =
        FrappeVersion::ALL.map(FrappeVersion::profile).into_iter().find(|it| it.id == frappe);
    let mariadb = MariadbVersion::ALL
        .map(MariadbVersion::profile)
        .into_iter()
        .find(|it| Some(it.id) == mariadb);
    // It has one supported version.
    let cloudnative_pg = has(POSTGRES).then(|| CloudNativePgVersion::V1_30.profile());
    match frappe {
        Some(frappe) if problems.is_empty() => Ok(Target {
            name: name.to_owned(),
            profiles: Profiles { frappe, mariadb, cloudnative_pg },
            engine: engine(index.objects()),
            namespace: most_common(index),
            status: index.all("SiteDatabase").next().is_some(),
            is_new: true,
        }),
        _ => Err(problems),
    }
}

/// The stated version of an operator, or the one that the objects show.
fn version(
    operator: Operator,
    stated: Option<&str>,
    found: impl Fn() -> Option<&'static str>,
) -> Result<&'static str, Box<Diagnostic>> {
    let versions = operator.versions();
    let field = operator.field();
    let choices: Vec<String> = versions.iter().map(|id| format!("`--{field} {id}`")).collect();
    let refuse = |message: String, help: String| {
        // SW831: a version that is not known, or not that of the cluster.
        Box::new(Diagnostic::of_path(Code::ImportVersion, "import", message).help(help))
    };
    let Some(stated) = stated else {
        let message = format!("no object shows which version of {} runs", operator.name());
        let help = format!("write {}: it decides names and fields", listed(&choices));
        return found().ok_or_else(|| refuse(message, help));
    };
    versions.into_iter().find(|id| *id == stated).ok_or_else(|| {
        let message = format!("{} `{stated}` is not supported", operator.name());
        let instead = match operator {
            Operator::Frappe => FrappeVersion::instead_of(stated),
            Operator::Mariadb | Operator::CloudNativePg => None,
        };
        refuse(message, instead.unwrap_or_else(|| format!("write {}", listed(&choices))))
    })
}

/// The version of frappe-operator by its objects: their API, or a field that one version alone has.
fn frappe(index: &Index) -> Option<&'static str> {
    let profiles = FrappeVersion::ALL.map(FrappeVersion::profile);
    let of = |does: &dyn Fn(&LiveObject) -> bool| {
        let objects = index.objects().iter();
        objects.filter(|object| object.key.group == FRAPPE).any(does)
    };
    let of_api = |api: Api| {
        let found: Vec<_> = profiles.iter().filter(|profile| profile.api == api).collect();
        match found.as_slice() {
            [only] => Some(only.id),
            _ => None,
        }
    };
    if of(&|object| object.version == Api::V1.word()) {
        return of_api(Api::V1);
    }
    release(index, "frappe-operator", Operator::Frappe)
}

/// The version of an operator by the image of its Deployment, if that was read too.
fn release(index: &Index, program: &str, operator: Operator) -> Option<&'static str> {
    let deployments = index.objects().iter().filter(|object| object.key.kind == "Deployment");
    let images = deployments.flat_map(|object| {
        let containers = at(&object.node, &["spec", "template", "spec", "containers"]);
        match containers.map(|node| &node.value) {
            Some(Value::List(containers)) => {
                containers.iter().filter_map(|container| text(container, &["image"])).collect()
            }
            _ => Vec::new(),
        }
    });
    let tags = images.filter_map(|image: &str| {
        let (repository, tag) = image.rsplit_once(':')?;
        repository.ends_with(&format!("/{program}")).then(|| tag.trim_start_matches('v'))
    });
    tags.filter_map(|tag| operator.of_release(tag)).next()
}

/// The engine that applies the objects, by the annotations that sitewright gives its objects.
fn engine(objects: &[LiveObject]) -> Engine {
    let has = |annotation: &str| {
        let of = |object: &LiveObject| {
            at(&object.node, &["metadata", "annotations", annotation]).is_some()
        };
        objects.iter().any(of)
    };
    match () {
        () if has("argocd.argoproj.io/sync-wave") => Engine::Argocd,
        () if has("kustomize.toolkit.fluxcd.io/prune") => Engine::Flux,
        () => Engine::None,
    }
}

/// The namespace that has the most sites, or the most objects if there are no sites.
fn most_common(index: &Index) -> Option<String> {
    let count = |kind: &str| {
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        for live in index.all(kind) {
            *counts.entry(live.namespace()).or_default() += 1;
        }
        // Of several, the first.
        let most = counts.into_iter().rev().max_by_key(|(_, count)| *count);
        most.map(|(namespace, _)| namespace.to_owned())
    };
    ["FrappeSite", "FrappeBench", "MariaDB", "ExternalMariaDB"].into_iter().find_map(count)
}
