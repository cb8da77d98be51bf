//! Clusters to apply: what a project renders for each, and which versions it states.

use super::samples::{Sample, files, samples};
use super::versions::crds_of;
use base64ct::{Base64, Encoding};
use cluster::{Programs, Sops};
use serde_json::{Value, json};
use sitewright::diagnostic::{self, Reported};
use sitewright::output::{Scope, layout};
use sitewright::project::Project;
use sitewright::secret::Missing;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

#[path = "../../benches/support/fleet.rs"]
mod fleet;

/// A cluster of a project.
pub(crate) struct GivenCluster {
    /// Such as `examples/minimal: production`.
    pub(crate) name: String,
    /// Which versions of the operators run there, as folders of CRDs.
    versions: Vec<String>,
    pub(crate) objects: Vec<Value>,
}

impl GivenCluster {
    /// The namespaces of its objects, as kubectl reads them.
    pub(crate) fn namespaces(&self) -> String {
        let names =
            self.objects.iter().filter_map(|object| object["metadata"]["namespace"].as_str());
        let names: BTreeSet<&str> = names.collect();
        let namespace =
            |name| json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}});
        list(names.into_iter().map(namespace).collect())
    }

    /// Its objects as kubectl reads them.
    pub(crate) fn stream(&self) -> String {
        list(self.objects.clone())
    }
}

fn list(items: Vec<Value>) -> String {
    json!({"apiVersion": "v1", "kind": "List", "items": items}).to_string()
}

/// Every cluster of the repository and of the examples, as their committed manifests are. What SOPS
/// encrypted is in clear text, since it reaches an API server so.
pub(crate) fn sampled(programs: &Path) -> Vec<GivenCluster> {
    let identity = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/keys/sops/public-and-worthless.first.agekey");
    let sops = Sops::of(&Programs::of(programs), &identity);
    let of = |sample: &Sample| compiled(&sample.name, &sample.root);
    let mut clusters: Vec<GivenCluster> = samples().iter().flat_map(of).collect();
    let objects = clusters.iter_mut().flat_map(|cluster| &mut cluster.objects);
    for object in objects.filter(|object| object.get("sops").is_some()) {
        *object = decrypted(object, &sops);
    }
    clusters
}

/// A Secret in clear text, as the API server keeps it.
fn decrypted(object: &Value, sops: &Sops) -> Value {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("secret.json"), object.to_string()).unwrap();
    let clear = sops.run(folder.path(), &["decrypt", "secret.json"]).unwrap();
    let mut clear: Value = serde_json::from_str(&clear).unwrap();
    let fields = clear.as_object_mut().unwrap();
    let Some(Value::Object(texts)) = fields.remove("stringData") else { panic!("{object}") };
    let texts = texts.into_iter().map(|(key, text)| {
        (key, Value::String(Base64::encode_string(text.as_str().unwrap().as_bytes())))
    });
    fields.insert("data".to_owned(), Value::Object(texts.collect()));
    clear
}

/// The clusters of a generated fleet, which is written to an empty folder and rendered there.
pub(crate) fn generated(folder: &Path, sites: usize) -> Vec<GivenCluster> {
    fleet::write(folder, sites).unwrap();
    let mut render = std::process::Command::new(env!("CARGO_BIN_EXE_sitewright"));
    let rendered = render.arg("-C").arg(folder).args(["render", "-q"]).status().unwrap();
    assert!(rendered.success());
    compiled(&format!("{sites} sites"), folder)
}

/// Clusters with the same versions share an API server.
pub(crate) fn by_versions(clusters: Vec<GivenCluster>) -> BTreeMap<Vec<String>, Vec<GivenCluster>> {
    let mut groups: BTreeMap<Vec<String>, Vec<GivenCluster>> = BTreeMap::new();
    for cluster in clusters {
        groups.entry(cluster.versions.clone()).or_default().push(cluster);
    }
    groups
}

/// The clusters of a project, with the manifests that its folder has.
fn compiled(name: &str, root: &Path) -> Vec<GivenCluster> {
    let Reported { value: project, diagnostics } = Project::read(root).unwrap();
    let everything = Scope::everything();
    let compiled = sitewright::compile(&project, Missing::Mint(&everything), diagnostics);
    let said = |found: &[_]| diagnostic::text(found, &project.sources, false);
    let compiled = compiled.unwrap_or_else(|found| panic!("{name}: {}", said(&found))).value;
    let versions = compiled.fleet.clusters.iter().map(|cluster| {
        let mut versions = crds_of(cluster);
        versions.push("external-secrets/2.9.0".to_owned());
        (cluster.name.clone(), versions)
    });
    let versions: Vec<_> = versions.collect();
    let files = files(&root.join("rendered"));
    let clusters = versions.into_iter().map(|(cluster, versions)| {
        let objects = objects(&files, &cluster);
        GivenCluster { name: format!("{name}: {cluster}"), versions, objects }
    });
    clusters.collect()
}

/// The objects of a cluster.
fn objects(files: &BTreeMap<String, Vec<u8>>, cluster: &str) -> Vec<Value> {
    let start = format!("{cluster}/");
    let files = files.iter().filter(|(path, _)| path.starts_with(&start));
    let texts = files.map(|(_, bytes)| std::str::from_utf8(bytes).unwrap());
    let objects = texts.flat_map(layout::objects_of);
    let objects = objects.map(|text| serde_yaml::from_str(text).unwrap());
    // A list of files for kustomize is no object of the cluster.
    objects.filter(|object: &Value| object["kind"] != "Kustomization").collect()
}
