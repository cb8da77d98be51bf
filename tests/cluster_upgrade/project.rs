//! A project under frappe-operator 2.6, with a site in each mode.

use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Its sites: on a server of the cluster, on a server of its own, and on one outside the cluster.
pub(crate) const SITES: [&str; 3] = ["alone", "far", "shared"];

pub(crate) struct Project(PathBuf);

impl Project {
    pub(crate) fn new(folder: PathBuf) -> Self {
        let outside = "{host: db.acme.com, username: root, passwordSecretRef: {name: root}, \
                       tls: {enabled: true, mutual: false, serverCASecretRef: {name: ca}}}";
        for (name, text) in [
            (
                "_cluster",
                "kind: Cluster\noperators: {frappe: \"2.6\", mariadb: \"26.6\", rbac: {}}\n\
                 gitops: {engine: flux, repository: https://github.com/acme/fleet}\n\
                 namespace: erp\n"
                    .to_owned(),
            ),
            ("_defaults", "kind: Defaults\nsite: {bench: b15, apps: [erpnext]}\n".to_owned()),
            (
                "b15",
                "kind: Bench\nfrappeVersion: version-15\n\
                 apps: [{name: erpnext, source: image}]\nimage: {repository: frappe/erpnext, tag: v15.90.1}\n".to_owned(),
            ),
            ("main", "kind: DatabaseServer\nstorageSize: 5Gi\n".to_owned()),
            ("outside", format!("kind: DatabaseServer\nexternal: {outside}\n")),
            ("shared", "kind: Site\nsiteName: a.acme.com\ndatabase: {server: main}\n".to_owned()),
            ("alone", "kind: Site\nsiteName: b.acme.com\ndatabase: {mode: dedicated}\n".to_owned()),
            (
                "far",
                "kind: Site\nsiteName: c.acme.com\ndatabase: {mode: external, server: outside}\n"
                    .to_owned(),
            ),
        ] {
            let path = folder.join(format!("sites/eu/{name}.yaml"));
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        Self(folder)
    }

    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.0.join(path)
    }

    /// Runs sitewright there, which must end with this code; what it prints as JSON.
    pub(crate) fn run(&self, arguments: &[&str], code: i32) -> Value {
        let output = Command::new(Path::new(env!("CARGO_BIN_EXE_sitewright")))
            .arg("-C")
            .arg(&self.0)
            .args(arguments)
            .output()
            .unwrap();
        let out = String::from_utf8(output.stdout).unwrap();
        let err = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "{arguments:?}\n{out}\n{err}");
        serde_json::from_str(&out).unwrap_or_default()
    }
}
