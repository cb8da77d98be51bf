//! Projects whose delivery is looked at.

use crate::statuses::{NEWEST, Versions};
use serde_json::Value;
use sitewright::diagnostic::{self, Code, Reported};
use sitewright::project::Project;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use tempfile::TempDir;

pub(crate) const REPOSITORY: &str = "https://github.com/acme/fleet";

/// A cluster with a shared server, a bench, and sites in two folders.
pub(crate) fn project(gitops: &str) -> TempDir {
    project_of(NEWEST, gitops)
}

/// The same with these versions of the operators.
pub(crate) fn project_of(versions: Versions, gitops: &str) -> TempDir {
    let root = tempfile::tempdir().unwrap();
    let Versions { frappe, mariadb } = versions;
    let cluster = format!(
        "kind: Cluster\nnamespace: erp\ngitops: {gitops}\n\
         operators: {{frappe: \"{frappe}\", mariadb: \"{mariadb}\", cloudnativePg: \"1.30\", rbac: {{}}}}\n"
    );
    let site = |name: &str| format!("kind: Site\nsiteName: {name}.example\n");
    for (path, text) in [
        ("_cluster.yaml", cluster),
        (
            "_defaults.yaml",
            "kind: Defaults\nsite: {bench: b15, apps: [erpnext], database: {server: db}}\n"
                .to_owned(),
        ),
        (
            "b15.yaml",
            "kind: Bench\nfrappeVersion: version-16\napps: [{name: erpnext, source: image}]\n"
                .to_owned(),
        ),
        ("db.yaml", "kind: DatabaseServer\nstorageSize: 1Gi\n".to_owned()),
        ("acme.yaml", site("acme")),
        ("retail/globex.yaml", site("globex")),
        (
            "retail/north/initech.yaml",
            site("initech") + "database: {mode: dedicated, server: null}\n",
        ),
    ] {
        put(&root.path().join("sites/eu").join(path), &text);
    }
    root
}

pub(crate) fn put(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

/// What `sitewright gitops` writes, by file, or what it says instead.
pub(crate) fn delivery(root: &Path) -> Result<BTreeMap<String, Value>, String> {
    let Reported { value: project, mut diagnostics } = Project::read(root).unwrap();
    let (fleet, plans) = sitewright::fleet(&project).add_to(&mut diagnostics);
    let files = sitewright::gitops::files(&fleet, &plans.with_manifests(&fleet), &project)
        .add_to(&mut diagnostics);
    // Every command warns once of a cluster whose version is a preview.
    let before = diagnostics.len();
    diagnostics.retain(|found| found.code != Code::Preview);
    let previews = fleet.clusters.iter().filter(|it| it.profiles.frappe.is_preview).count();
    assert_eq!(before - diagnostics.len(), previews);
    let said = diagnostic::text(&diagnostics, &project.sources, false);
    if !said.is_empty() {
        return Err(said);
    }
    let read = |bytes: Vec<u8>| serde_yaml::from_slice(&bytes).unwrap();
    Ok(files.into_iter().map(|(path, bytes)| (path, read(bytes))).collect())
}

/// The objects of a kind, by name.
pub(crate) fn of<'o>(
    objects: &'o BTreeMap<String, Value>,
    kind: &str,
) -> BTreeMap<&'o str, &'o Value> {
    let of_kind = objects.values().filter(|object| object["kind"] == kind);
    of_kind.map(|object| (object["metadata"]["name"].as_str().unwrap(), object)).collect()
}
