//! Projects whose sites have a SiteDatabase.

use serde_json::Value;
use sitewright::diagnostic::{self, Reported};
use sitewright::output::{Scope, layout};
use sitewright::project::Project;
use sitewright::secret::Missing;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use tempfile::TempDir;

/// Operators of databases, as `operators` states them.
pub(crate) const MARIADB: &str = "mariadb: \"26.6\"";
pub(crate) const POSTGRES: &str = "cloudnativePg: \"1.30\"";

/// Engines, as a Cluster states them.
pub(crate) const FLUX: &str = "gitops: {engine: flux, repository: https://github.com/acme/fleet}\n";
pub(crate) const ARGO: &str =
    "gitops: {engine: argocd, repository: https://github.com/acme/fleet}\n";

/// A Cluster with this version of frappe-operator and these databases.
pub(crate) fn cluster(frappe: &str, databases: &str, more: &str) -> String {
    format!(
        "kind: Cluster\nnamespace: erp\noperators: {{frappe: \"{frappe}\", {databases}}}\n{more}"
    )
}

/// A project with a bench, and with these definitions.
pub(crate) fn root(cluster: &str, definitions: &[(&str, &str)]) -> TempDir {
    let root = tempfile::tempdir().unwrap();
    let bench = "kind: Bench\nfrappeVersion: version-16\nimage: {repository: erp, tag: v16.0.0}\n\
                 apps: [{name: erpnext, source: image}, {name: hrms, source: image}]\n";
    let shared = [("_cluster.yaml", cluster), ("b16.yaml", bench)];
    for (path, text) in shared.iter().chain(definitions) {
        put(&root.path().join("sites/eu").join(path), text);
    }
    root
}

pub(crate) fn put(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

/// The rendered objects of a project, by the paths of their files.
pub(crate) fn rendered(root: &Path) -> BTreeMap<String, Value> {
    let Reported { value: project, diagnostics } = Project::read(root).unwrap();
    let everything = Scope::everything();
    let compiled = sitewright::compile(&project, Missing::Mint(&everything), diagnostics);
    let compiled =
        compiled.unwrap_or_else(|it| panic!("{}", diagnostic::text(&it, &project.sources, false)));
    let mut objects = BTreeMap::new();
    for (path, bytes) in compiled.value.files {
        let text = String::from_utf8(bytes).unwrap();
        for object in layout::objects_of(&text) {
            objects.insert(path.to_string(), serde_yaml::from_str(object).unwrap());
        }
    }
    objects
}

/// The SiteDatabase of a site.
pub(crate) fn report<'o>(objects: &'o BTreeMap<String, Value>, site: &str) -> &'o Value {
    &objects[&format!("eu/{site}/sitedatabase.yaml")]
}

/// The objects of the delivery.
pub(crate) fn gitops(root: &Path) -> Vec<Value> {
    let Reported { value: project, mut diagnostics } = Project::read(root).unwrap();
    let (fleet, plans) = sitewright::fleet(&project).add_to(&mut diagnostics);
    let files = sitewright::gitops::files(&fleet, &plans.with_manifests(&fleet), &project)
        .add_to(&mut diagnostics);
    diagnostics.retain(diagnostic::Diagnostic::is_error);
    let said = diagnostic::text(&diagnostics, &project.sources, false);
    assert!(said.is_empty(), "{said}");
    files.into_values().map(|bytes| serde_yaml::from_slice(&bytes).unwrap()).collect()
}
