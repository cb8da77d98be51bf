//! Flux's two layers together apply the tree, and neither applies what is the other's: kustomize itself says
//! so.

use crate::project::{REPOSITORY, delivery, of, project, put};
use crate::samples::{files, samples};
use crate::tools::needed;
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

/// What a layer makes of a folder.
struct Layer {
    applies: BTreeSet<String>,
    /// Flux neither applies nor prunes them here.
    ignores: BTreeSet<String>,
}

/// What Flux makes of a folder: a kustomization of every file in it, with the patches stated.
fn built(folder: &Path, patches: &Value) -> Layer {
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
    let mut layer = Layer { applies: BTreeSet::new(), ignores: BTreeSet::new() };
    for document in documents {
        let object = <Value as serde::Deserialize>::deserialize(document).unwrap();
        if object.is_null() {
            continue;
        }
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let metadata = &object["metadata"];
        let is_ignored = metadata["annotations"]["kustomize.toolkit.fluxcd.io/ssa"] == "Ignore";
        let set = if is_ignored { &mut layer.ignores } else { &mut layer.applies };
        let of = [text(&object["kind"]), text(&metadata["namespace"]), text(&metadata["name"])];
        set.insert(of.join(" "));
    }
    layer
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
    let mut retired = 0;
    for sample in samples().iter().take(6) {
        let rendered = sample.root.join("rendered");
        for cluster in std::fs::read_dir(&rendered).unwrap() {
            let copy = tempfile::tempdir().unwrap();
            let mut count = 0;
            for (path, bytes) in files(&cluster.unwrap().path()) {
                let mut text = String::from_utf8(bytes).unwrap();
                // As if every second site were retired.
                if path.ends_with("frappesite.yaml") {
                    count += 1;
                    if count % 2 == 0 {
                        text = retire(&text);
                    }
                }
                put(&copy.path().join(path), &text);
            }
            let whole = built(copy.path(), &serde_json::json!([]));
            let (data, sites) = (built(copy.path(), &data), built(copy.path(), &sites));
            assert!(data.applies.is_disjoint(&sites.applies), "{}", sample.name);
            assert_eq!(&data.applies | &sites.applies, whole.applies, "{}", sample.name);
            // Each knows of every FrappeSite.
            let is_site = |object: &&String| object.starts_with("FrappeSite ");
            let all: BTreeSet<String> = whole.applies.iter().filter(is_site).cloned().collect();
            assert!(sites.applies.iter().all(|object| is_site(&object)));
            assert_eq!(data.ignores, sites.applies, "{}", sample.name);
            assert_eq!(sites.ignores, &all - &sites.applies, "{}", sample.name);
            retired += sites.ignores.len();
        }
    }
    assert!(retired > 3, "{retired} retired sites");
}

/// The manifest of a FrappeSite, retired.
fn retire(text: &str) -> String {
    let mark = "    sitewright/lifecycle: retired\n";
    match text.split_once("  annotations:\n") {
        Some((before, after)) => format!("{before}  annotations:\n{mark}{after}"),
        None => text.replacen("spec:\n", &format!("  annotations:\n{mark}spec:\n"), 1),
    }
}
