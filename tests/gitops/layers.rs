//! Flux's two layers together are the tree, and nothing is in both: kustomize itself says so.

use crate::project::{REPOSITORY, delivery, of, project, put};
use crate::samples::{files, samples};
use crate::tools::needed;
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

/// What Flux makes of a folder: a kustomization of every file in it, with the patches stated.
fn built(folder: &Path, patches: &Value) -> BTreeSet<String> {
    let resources: Vec<String> =
        files(folder).into_keys().filter(|path| path != "kustomization.yaml").collect();
    let kustomization = serde_json::json!({
        "apiVersion": "kustomize.config.k8s.io/v1beta1", "kind": "Kustomization",
        "resources": resources, "patches": patches,
    });
    put(&folder.join("kustomization.yaml"), &kustomization.to_string());
    let output = Command::new("kubectl").arg("kustomize").arg(folder).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    let documents = serde_yaml::Deserializer::from_str(&text);
    documents
        .map(|document| <Value as serde::Deserialize>::deserialize(document).unwrap())
        .filter(|object| !object.is_null())
        .map(|object| {
            let text = |value: &Value| value.as_str().unwrap().to_owned();
            let metadata = &object["metadata"];
            [text(&object["kind"]), text(&metadata["namespace"]), text(&metadata["name"])].join(" ")
        })
        .collect()
}

/// Whether kubectl's kustomize knows patches by selector, as Flux's does.
fn has_patches() -> bool {
    if needed("kubectl").is_none() {
        return false;
    }
    let output = Command::new("kubectl").args(["version", "--client"]).output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let version = text.lines().find_map(|line| line.strip_prefix("Kustomize Version: v"));
    let major: u32 =
        version.and_then(|version| version.split('.').next()?.parse().ok()).unwrap_or(0);
    major >= 5 || needed("kubectl with kustomize 5").is_some()
}

#[test]
fn the_layers_are_the_whole_tree_without_overlap() {
    if !has_patches() {
        return;
    }
    let root = project(&format!("{{engine: flux, repository: {REPOSITORY}}}"));
    let objects = delivery(root.path()).unwrap();
    let kustomizations = of(&objects, "Kustomization");
    let patches = |name: &str| kustomizations[name]["spec"]["patches"].clone();
    let (data, sites) = (patches("eu-data"), patches("eu-sites"));
    for sample in samples().iter().take(6) {
        let rendered = sample.root.join("rendered");
        for cluster in std::fs::read_dir(&rendered).unwrap() {
            let copy = tempfile::tempdir().unwrap();
            for (path, bytes) in files(&cluster.unwrap().path()) {
                put(&copy.path().join(path), std::str::from_utf8(&bytes).unwrap());
            }
            let whole = built(copy.path(), &serde_json::json!([]));
            let (data, sites) = (built(copy.path(), &data), built(copy.path(), &sites));
            assert!(data.is_disjoint(&sites), "{}", sample.name);
            assert_eq!(&data | &sites, whole, "{}", sample.name);
            assert!(sites.iter().all(|object| object.starts_with("FrappeSite ")));
            assert!(!data.iter().any(|object| object.starts_with("FrappeSite ")));
        }
    }
}
