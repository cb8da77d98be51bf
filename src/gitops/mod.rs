//! The delivery of a cluster's manifests: the objects that its GitOps engine needs to find them,
//! and the objects that an administrator of the cluster applies once: its namespaces and the
//! permissions of frappe-operator.
//!
//! These objects are not part of the manifests. Otherwise a change of the manifests could change
//! which manifests the cluster accepts.

mod argocd;
mod flux;
mod reconciler;
mod refuse;

use crate::cluster::{Cluster, Index};
use crate::diagnostic::{Checked, Code, Diagnostic, FileId, Reported, Span};
use crate::language::{Engine, GitUrl};
use crate::manifest::{self, Identity};
use crate::output::{Files, with_header};
use crate::plan::{ClusterContext, WithManifests};
use crate::project::Project;
use crate::provider::{self, DeliveredKind, ReadRights};
use crate::render::once_a_place;
use crate::resolve::{Fleet, Unit};
use crate::site_database;
use minijinja::{Value, context, value::Serde};
use rayon::prelude::*;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet, HashSet};

/// One object.
struct DeliveryObject {
    /// The folder below the cluster's. `None` for that folder itself.
    folder: Option<&'static str>,
    template: &'static str,
    kind: &'static str,
    /// `None` for an object without a namespace.
    namespace: Option<String>,
    name: String,
    context: Value,
}

impl DeliveryObject {
    fn new(
        template: &'static str,
        kind: &'static str,
        namespace: Option<&str>,
        name: &str,
        context: impl Serialize + Send + Sync + 'static,
    ) -> Self {
        Self {
            folder: None,
            template,
            kind,
            namespace: namespace.map(str::to_owned),
            name: name.to_owned(),
            context: Value::from(Serde(context)),
        }
    }

    /// The name of the file, such as `kustomization-production-data.yaml`. The kind distinguishes
    /// two objects with the same name.
    fn file(&self) -> String {
        let folder = self.folder.map(|folder| format!("{folder}/")).unwrap_or_default();
        format!("{folder}{}-{}.yaml", self.kind.to_ascii_lowercase(), self.name)
    }
}

/// The labels of every object, which name its owner.
fn labels(cluster: &Cluster) -> BTreeMap<&'static str, String> {
    BTreeMap::from([
        ("app.kubernetes.io/managed-by", "sitewright".to_owned()),
        ("app.kubernetes.io/name", "delivery".to_owned()),
        ("app.kubernetes.io/part-of", cluster.name.clone()),
    ])
}

/// The files of every cluster's delivery, by their paths below the delivery folder.
pub fn files(fleet: &Fleet, units: &WithManifests, project: &Project) -> Reported<Files> {
    let (mut files, mut diagnostics, mut problems) = (Files::new(), Vec::new(), Vec::new());
    for cluster in &fleet.clusters {
        let delivered = Delivered::new(fleet, units, cluster, project);
        let objects = match delivered.objects() {
            Ok(objects) => objects,
            Err(problem) => {
                diagnostics.push(*problem);
                continue;
            }
        };
        let source = project.sources.path(cluster.definition.file);
        let of_cluster = of_cluster(cluster);
        // With `delivery: site`, each site has two objects.
        let bodies: Vec<_> = objects
            .par_iter()
            .map(|object| (object.file(), written(object, &of_cluster, cluster, project)))
            .collect();
        for (file, body) in bodies {
            match body {
                Ok(body) => {
                    files.insert(format!("{}/{file}", cluster.name), with_header(source, &body));
                }
                Err(found) => problems.extend(found),
            }
        }
    }
    diagnostics.extend(once_a_place(problems));
    Reported { value: files, diagnostics }
}

/// A kind of objects of a provider, as the templates of the delivery see it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Kind {
    api_version: String,
    group: &'static str,
    kind: &'static str,
    ready: Option<&'static str>,
    health: &'static str,
}

impl Kind {
    fn new(of: &DeliveredKind) -> Self {
        let DeliveredKind { kind, group, version, ready, health } = *of;
        let api_version = format!("{group}/{version}");
        Self { api_version, group, kind: kind.as_str(), ready, health }
    }
}

/// What all templates of a cluster's delivery see. An object can depend on the versions of the
/// operators: its permissions and health checks do.
fn of_cluster(cluster: &Cluster) -> Value {
    let operators = Value::from(Serde(ClusterContext::new(cluster)));
    let of_providers = provider::of_cluster(cluster).flat_map(|it| it.delivered_kinds());
    let of_status = cluster.status.then_some(&site_database::DELIVERED);
    let kinds: Vec<_> = of_providers.chain(of_status).map(Kind::new).collect();
    context! { cluster => operators, kinds => Value::from(Serde(kinds)) }
}

/// The text of an object. `of_cluster` is what all templates of the cluster's delivery see.
fn written(
    object: &DeliveryObject,
    of_cluster: &Value,
    cluster: &Cluster,
    project: &Project,
) -> Checked<String> {
    let DeliveryObject { template, kind, namespace, name, context, .. } = object;
    let context = context! { ..of_cluster.clone(), ..context.clone() };
    let text = project.templates.render(template, &context).map_err(|problem| vec![*problem])?;
    let shown = format!("{} (as written for {})", project.templates.shown(template), cluster.name);
    let identity = Identity { kind, namespace: namespace.as_deref(), name };
    let node = manifest::read_object(&text, identity, &shown)?;
    match refuse::recreates(&node) {
        None => Ok(manifest::write(node)),
        Some(found) => {
            let shown = project.templates.shown(template);
            let message = format!("`{found}` makes an engine delete objects and create them again");
            let help = "remove it: the deletion of a Database can drop its data";
            // SW503: a template lets an engine delete objects and create them again.
            Err(vec![Diagnostic::of_path(Code::TemplateObject, shown, message).help(help)])
        }
    }
}

/// A cluster and the manifests that are delivered to it.
struct Delivered<'a> {
    fleet: &'a Fleet<'a>,
    cluster: &'a Cluster<'a>,
    /// The definitions that have manifests.
    units: Vec<Unit<'a, 'a>>,
    /// The namespaces in which only objects of definitions of other namespaces are.
    other_namespaces: Vec<&'a str>,
    /// The files of these definitions.
    files: HashSet<FileId>,
    /// The folder of manifests in the repository.
    folder: String,
    /// Whether each definition's folder has a `kustomization.yaml`.
    listed: bool,
}

impl<'a> Delivered<'a> {
    fn new(
        fleet: &'a Fleet<'a>,
        units: &'a WithManifests,
        cluster: &'a Cluster<'a>,
        project: &Project,
    ) -> Self {
        let is_here = |unit: &Unit| std::ptr::eq(fleet.cluster(unit.common()), cluster);
        let rendered = &project.folders.rendered;
        let folder = match cluster.delivery.path.as_str() {
            "" => rendered.clone(),
            path => format!("{path}/{rendered}"),
        };
        let index = fleet.clusters.iter().position(|it| std::ptr::eq(it, cluster));
        let other_namespaces =
            index.map(|index| units.other_namespaces(Index(index)).collect()).unwrap_or_default();
        let units: Vec<Unit> = units.units(fleet).filter(is_here).collect();
        let files = units.iter().map(|unit| unit.common().origin.definition.file).collect();
        Self {
            fleet,
            cluster,
            units,
            other_namespaces,
            files,
            folder,
            listed: project.output.kustomizations,
        }
    }

    /// Whether a definition has manifests that are delivered.
    fn has(&self, unit: Unit) -> bool {
        self.files.contains(&unit.common().origin.definition.file)
    }

    fn objects(&self) -> Result<Vec<DeliveryObject>, Box<Diagnostic>> {
        let mut objects = self.namespaces();
        objects.extend(self.rights());
        objects.extend(reconciler::objects(self));
        match self.cluster.engine {
            Engine::Flux => objects.extend(flux::objects(self)?),
            Engine::Argocd => objects.extend(argocd::objects(self)?),
            Engine::None => {}
        }
        Ok(objects)
    }

    /// The repository. It has no default, because only the user knows it.
    fn repository(&self) -> Result<&'a GitUrl, Box<Diagnostic>> {
        self.cluster.delivery.repository.as_ref().ok_or_else(|| {
            let name = &self.cluster.name;
            let message =
                format!("`gitops.repository` is missing: the engine of `{name}` reads the manifests from Git");
            let span = self.cluster.definition.span();
            let help = "state the address at which the cluster reaches this repository, such as https://github.com/acme/fleet";
            // SW105: `gitops.repository` is missing.
            Box::new(Diagnostic::new(Code::MissingField, span, message).help(help))
        })
    }

    /// Where the cluster states a field of `gitops`.
    fn span(&self, field: &str) -> Span {
        let definition = self.cluster.definition;
        let gitops = definition.node.as_ref().and_then(|node| node.get("gitops"));
        gitops.and_then(|node| node.get(field)).map_or(definition.span(), |node| node.span)
    }

    /// The namespaces of all definitions and objects.
    fn namespaces_used(&self) -> BTreeSet<&'a str> {
        let of_definitions = self.units.iter().map(|unit| unit.common().namespace.as_str());
        of_definitions.chain(self.other_namespaces.iter().copied()).collect()
    }

    fn namespaces(&self) -> Vec<DeliveryObject> {
        #[derive(Serialize)]
        struct Context {
            labels: BTreeMap<&'static str, String>,
            namespace: String,
        }
        let object = |name: &str| {
            let context = Context { labels: labels(self.cluster), namespace: name.to_owned() };
            DeliveryObject::new("gitops/namespace.yaml.j2", "Namespace", None, name, context)
        };
        let of_reconciler = self.cluster.reconciler.iter().map(|it| it.namespace.as_str());
        let all: BTreeSet<&str> = self.namespaces_used().into_iter().chain(of_reconciler).collect();
        all.into_iter().map(object).collect()
    }

    /// The permissions that frappe-operator's own manifest lacks, if the cluster asks for them.
    fn rights(&self) -> Vec<DeliveryObject> {
        #[derive(Clone, Serialize)]
        struct Account {
            name: String,
            namespace: String,
        }
        #[derive(Clone, Serialize)]
        #[serde(rename_all = "camelCase")]
        struct Rbac {
            name: &'static str,
            group: &'static str,
            resources: &'static [&'static str],
            service_account: Account,
        }
        #[derive(Clone, Serialize)]
        struct Context {
            labels: BTreeMap<&'static str, String>,
            rbac: Rbac,
        }
        let Some((name, namespace)) = &self.cluster.reader else { return Vec::new() };
        let of = |ReadRights { role, group, resources }: &ReadRights| {
            let service_account = Account { name: name.clone(), namespace: namespace.clone() };
            let rbac = Rbac { name: role, group, resources, service_account };
            let context = Context { labels: labels(self.cluster), rbac };
            let object =
                |template, kind| DeliveryObject::new(template, kind, None, role, context.clone());
            [
                object("gitops/clusterrole.yaml.j2", "ClusterRole"),
                object("gitops/clusterrolebinding.yaml.j2", "ClusterRoleBinding"),
            ]
        };
        let mut roles: Vec<_> = provider::of_cluster(self.cluster)
            .filter_map(|provider| provider.read_by_frappe())
            .collect();
        // Every role has the right to read pods. Where no provider needs one, this role has it alone.
        if roles.is_empty() && self.cluster.profiles.frappe.reads_pods {
            roles.push(&ReadRights {
                role: "frappe-operator-reads-pods",
                group: "",
                resources: &[],
            });
        }
        roles.into_iter().flat_map(of).collect()
    }
}
