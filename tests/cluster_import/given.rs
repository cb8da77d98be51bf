//! Clusters to import: what a project renders for each, and which versions it states.

use super::samples::{Sample, files, samples};
use super::versions::crds_of;
use serde_json::{Value, json};
use sitewright::language::{Engine, SecretMode};
use sitewright::output::layout;
use sitewright::project::Project;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::process::Command;

#[path = "../../benches/support/fleet.rs"]
mod fleet;

/// A kind, a namespace and a name.
pub(crate) type Id = (String, String, String);

/// The identity of an object.
pub(crate) fn id(object: &Value) -> Id {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let metadata = &object["metadata"];
    (text(&object["kind"]), text(&metadata["namespace"]), text(&metadata["name"]))
}

/// A cluster of a project.
pub(crate) struct Given {
    /// Such as `examples/minimal: production`.
    pub(crate) name: String,
    /// The name of its folder.
    pub(crate) folder: String,
    /// The options of `import` that state the versions of its operators.
    pub(crate) operators: Vec<(&'static str, &'static str)>,
    /// The field manager of its engine.
    pub(crate) manager: &'static str,
    pub(crate) objects: Vec<Value>,
    /// How Secrets reach it.
    pub(crate) mode: SecretMode,
    /// Which versions of the operators run there, as folders of CRDs.
    versions: Vec<String>,
    /// Its sealing certificates: their names and texts.
    certificates: Vec<(String, Vec<u8>)>,
    /// The templates of an example's project. Those of the repository are the built-in ones.
    templates: Vec<(String, Vec<u8>)>,
}

impl Given {
    /// The namespaces of its objects, as kubectl reads them.
    pub(crate) fn namespaces(&self) -> String {
        let names = self.objects.iter().map(|object| id(object).1).filter(|name| !name.is_empty());
        let namespace =
            |name| json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}});
        Self::list(names.collect::<BTreeSet<_>>().into_iter().map(namespace).collect())
    }

    /// Its objects as kubectl reads them.
    pub(crate) fn stream(&self) -> String {
        Self::list(self.objects.clone())
    }

    /// Objects as kubectl reads them.
    pub(crate) fn list(items: Vec<Value>) -> String {
        json!({"apiVersion": "v1", "kind": "List", "items": items}).to_string()
    }

    /// The types of its objects as `kubectl get` takes them, with one that nobody imports.
    pub(crate) fn kinds(&self) -> String {
        let kind = |object: &Value| {
            let version = object["apiVersion"].as_str().unwrap();
            let kind = object["kind"].as_str().unwrap().to_lowercase();
            version.split_once('/').map_or(kind.clone(), |(group, _)| format!("{kind}.{group}"))
        };
        let kinds: BTreeSet<String> = self.objects.iter().map(kind).collect();
        kinds.into_iter().chain(["namespaces".to_owned()]).collect::<Vec<_>>().join(",")
    }

    /// Gives the certificates to the same cluster of another project.
    pub(crate) fn put_certificates(&self, root: &Path) {
        let folder = root.join("sites").join(&self.folder).join("_sealing");
        for (name, text) in &self.certificates {
            fs::create_dir_all(&folder).unwrap();
            fs::write(folder.join(name), text).unwrap();
        }
    }

    /// Gives the templates to another project. What they write has no field in a definition.
    pub(crate) fn put_templates(&self, root: &Path) {
        for (path, text) in &self.templates {
            let path = root.join("templates").join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
    }

    /// The objects of the manifests below a folder.
    pub(crate) fn objects_below(folder: &Path) -> Vec<Value> {
        let read = |bytes: Vec<u8>| {
            let objects = layout::objects_of(std::str::from_utf8(&bytes).unwrap()).into_iter();
            objects.map(|text| serde_yaml::from_str(text).unwrap()).collect::<Vec<Value>>()
        };
        files(folder).into_values().flat_map(read).collect()
    }
}

/// Every cluster of the repository and of the examples, as their committed manifests are.
///
/// What SOPS encrypts is left out: no cluster has the ciphertext.
pub(crate) fn sampled() -> Vec<Given> {
    samples().iter().flat_map(|Sample { name, root }| clusters(name, root)).collect()
}

/// The clusters of a generated fleet.
pub(crate) fn generated(sites: usize) -> Vec<Given> {
    let folder = tempfile::tempdir().unwrap();
    fleet::write(folder.path(), sites).unwrap();
    let mut render = Command::new(env!("CARGO_BIN_EXE_sitewright"));
    let status = render.arg("-C").arg(folder.path()).args(["render", "-q"]).status();
    assert!(status.unwrap().success());
    clusters(&format!("{sites} sites"), folder.path())
}

/// Clusters with the same versions share an API server.
pub(crate) fn by_versions(clusters: Vec<Given>) -> BTreeMap<Vec<String>, Vec<Given>> {
    let mut groups: BTreeMap<Vec<String>, Vec<Given>> = BTreeMap::new();
    for cluster in clusters {
        groups.entry(cluster.versions.clone()).or_default().push(cluster);
    }
    groups
}

/// The clusters of a project that is rendered.
fn clusters(name: &str, root: &Path) -> Vec<Given> {
    let project = Project::read(root).unwrap().value;
    let fleet = sitewright::resolved(&project).value;
    let clusters = fleet.clusters.iter().filter(|it| it.secrets.mode != SecretMode::Sops);
    let given = clusters.map(|cluster| {
        let profiles = cluster.profiles;
        let mut versions = crds_of(cluster);
        versions.push("external-secrets/2.9.0".to_owned());
        let mariadb = profiles.mariadb.map(|profile| ("--mariadb", profile.id));
        Given {
            name: format!("{name}: {}", cluster.name),
            folder: cluster.name.clone(),
            operators: [("--frappe", profiles.frappe.id)].into_iter().chain(mariadb).collect(),
            manager: match cluster.engine {
                Engine::Flux => "kustomize-controller",
                Engine::Argocd => "argocd-controller",
                Engine::None => "kubectl",
            },
            objects: Given::objects_below(&root.join("rendered").join(&cluster.name)),
            mode: cluster.secrets.mode,
            versions,
            certificates: texts(&root.join("sites").join(&cluster.name).join("_sealing")),
            templates: match root == Path::new(env!("CARGO_MANIFEST_DIR")) {
                true => Vec::new(),
                false => texts(&root.join("templates")),
            },
        }
    });
    given.collect()
}

/// The files of a folder that may be missing.
fn texts(folder: &Path) -> Vec<(String, Vec<u8>)> {
    if folder.is_dir() { files(folder).into_iter().collect() } else { Vec::new() }
}
