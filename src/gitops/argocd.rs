//! Argo CD: an AppProject that allows only the kinds that are rendered, an ApplicationSet for the
//! folders, and the health checks on which its sync waves wait.

use super::{Delivered, DeliveryObject, labels};
use crate::cluster::ArgoDestination;
use crate::diagnostic::Diagnostic;
use crate::language::Delivery;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

type Texts = BTreeMap<&'static str, String>;

#[derive(Clone, Serialize)]
struct Project {
    name: String,
    namespace: String,
    description: String,
    repository: String,
    branch: String,
    /// The cluster as Argo CD knows it, with one of the allowed namespaces.
    destination: Texts,
    /// The cluster with each of the allowed namespaces.
    destinations: Vec<Texts>,
}

#[derive(Clone, Serialize)]
struct Directory {
    path: String,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    exclude: bool,
}

#[derive(Clone, Serialize)]
struct Applications {
    directories: Vec<Directory>,
    /// The name and the folder of each Application, as Go templates.
    name: String,
    path: &'static str,
    recurse: bool,
}

#[derive(Clone, Serialize)]
struct Context {
    labels: Texts,
    project: Project,
    applications: Applications,
}

pub(super) fn objects(delivered: &Delivered) -> Result<Vec<DeliveryObject>, Box<Diagnostic>> {
    let cluster = delivered.cluster;
    let settings = &cluster.delivery;
    let destination: Texts = match &settings.destination {
        ArgoDestination::Server(server) => [("server", server.clone())].into(),
        ArgoDestination::Name(name) => [("name", name.clone())].into(),
    };
    let with = |namespace: &str| {
        let mut destination = destination.clone();
        destination.insert("namespace", namespace.to_owned());
        destination
    };
    let project = Project {
        name: cluster.name.clone(),
        namespace: settings.namespace.clone(),
        description: format!("Frappe sites of {}, rendered by sitewright", cluster.name),
        repository: delivered.repository()?.to_string(),
        branch: settings.branch.clone(),
        destinations: delivered.namespaces_used().into_iter().map(with).collect(),
        // Every object states its own namespace. But an AppProject that names namespaces refuses an
        // Application without one (source: `IsDestinationPermitted` of Argo CD, tried with 3.2.11).
        destination: delivered
            .namespaces_used()
            .into_iter()
            .next()
            .map_or(destination.clone(), with),
    };
    let applications = match settings.by {
        Delivery::Cluster => whole(delivered),
        Delivery::Site => each(delivered),
    };
    let (name, namespace) = (project.name.clone(), project.namespace.clone());
    let context = Context { labels: labels(cluster), project, applications };
    let object = |template, kind, name: &str| {
        DeliveryObject::new(template, kind, Some(&namespace), name, context.clone())
    };
    Ok(vec![
        object("gitops/appproject.yaml.j2", "AppProject", &name),
        object("gitops/applicationset.yaml.j2", "ApplicationSet", &name),
        object("gitops/configmap.yaml.j2", "ConfigMap", "argocd-cm"),
    ])
}

const PATH: &str = "{{ .path.path }}";

/// One Application for the cluster's folder.
fn whole(delivered: &Delivered) -> Applications {
    let name = delivered.cluster.name.clone();
    let path = format!("{}/{name}", delivered.folder);
    let directories = vec![Directory { path, exclude: false }];
    Applications { directories, name, path: PATH, recurse: true }
}

/// One Application for each definition's folder. A pattern matches one level of folders (source:
/// Argo CD's documentation of the Git generator). So each group folder is excluded and has a
/// pattern of its own for its content.
fn each(delivered: &Delivered) -> Applications {
    let cluster = &delivered.cluster.name;
    let paths: Vec<String> =
        delivered.units.iter().map(|unit| unit.common().origin.definition.path()).collect();
    let mut groups = BTreeSet::new();
    for path in &paths {
        let mut folder = path.as_str();
        while let Some((above, _)) = folder.rsplit_once('/') {
            groups.insert(above);
            folder = above;
        }
    }
    let shown = |path: &str| format!("{}/{path}", delivered.folder);
    let mut directories: Vec<Directory> = groups
        .iter()
        .map(|group| Directory { path: shown(&format!("{group}/*")), exclude: false })
        .collect();
    let is_definition = |group: &&&str| paths.iter().any(|path| path == **group);
    let only_groups = groups.iter().filter(|group| **group != cluster && !is_definition(group));
    directories.extend(only_groups.map(|group| Directory { path: shown(group), exclude: true }));
    // Names of definitions have no dots. So the folders below the folder of manifests, joined by
    // dots, are unique names.
    let depth = delivered.folder.split('/').count();
    let name = format!("{{{{ join \".\" (slice .path.segments {depth}) }}}}");
    Applications { directories, name, path: PATH, recurse: false }
}
