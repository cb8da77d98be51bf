//! A small fleet that is changed.

use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;

pub(crate) const CLUSTER: &str = "sites/eu/_cluster.yaml";
pub(crate) const ACME: &str = "sites/eu/acme.yaml";
pub(crate) const BIG: &str = "sites/eu/big.yaml";
pub(crate) const DB: &str = "sites/eu/db.yaml";
pub(crate) const BENCH: &str = "sites/eu/b15.yaml";

/// A rendered project: a shared server, another one, a server outside the cluster, a bench, a shared
/// site, a dedicated one.
pub(crate) struct Project(pub(crate) TempDir);

impl Project {
    pub(crate) fn new() -> Self {
        let project = Self(tempfile::tempdir().unwrap());
        let certificate =
            Path::new(env!("CARGO_MANIFEST_DIR")).join("sites/frankfurt/_sealing/2026-11.pem");
        for (path, text) in [
            (
                CLUSTER,
                "kind: Cluster\noperators: {frappe: \"2.6\", mariadb: \"26.6\", frappeDefaultFsGroup: 1000}\n\
                 namespace: erp\ngitops: {engine: flux}\nsecrets: {mode: sealed}\n",
            ),
            ("sites/eu/_sealing/1.pem", &*fs::read_to_string(certificate).unwrap()),
            (
                BENCH,
                "kind: Bench\nfrappeVersion: version-15\nimage: {repository: erp, tag: v15.9.0}\n\
                 apps: [{name: erpnext, source: image}, {name: hrms, source: image}]\n",
            ),
            (
                "sites/eu/b16.yaml",
                "kind: Bench\nfrappeVersion: version-16\napps: [{name: erpnext, source: image}]\n",
            ),
            (
                DB,
                "kind: DatabaseServer\nstorageSize: 100Gi\nversion: \"10.11\"\n\
                 resources: {requests: {cpu: \"1\", memory: 2Gi}}\n",
            ),
            ("sites/eu/db2.yaml", "kind: DatabaseServer\nstorageSize: 100Gi\n"),
            (
                "sites/_defaults.yaml",
                "kind: Defaults\nsite: {bench: b15, apps: [erpnext], database: {server: db}}\n",
            ),
            (ACME, "kind: Site\nsiteName: erp.acme.com\n"),
            (
                BIG,
                "kind: Site\nsiteName: erp.big.com\n\
                 database: {mode: dedicated, server: null, storageSize: 50Gi, version: \"10.11\"}\n",
            ),
        ] {
            project.put(path, text);
        }
        project.run("render -q", 0);
        project
    }

    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.0.path().join(path)
    }

    pub(crate) fn put(&self, path: &str, text: &str) {
        fs::create_dir_all(self.path(path).parent().unwrap()).unwrap();
        fs::write(self.path(path), text).unwrap();
    }

    /// Replaces a text that is there.
    #[track_caller]
    pub(crate) fn edit(&self, path: &str, from: &str, to: &str) {
        let text = fs::read_to_string(self.path(path)).unwrap();
        assert!(text.contains(from), "{path} has no {from:?}");
        self.put(path, &text.replace(from, to));
    }

    pub(crate) fn append(&self, path: &str, more: &str) {
        let text = fs::read_to_string(self.path(path)).unwrap();
        self.put(path, &(text + more));
    }

    pub(crate) fn remove(&self, path: &str) {
        fs::remove_file(self.path(path)).unwrap();
    }

    /// Forgets every password, and the manifests that carry them.
    pub(crate) fn forget_passwords(&self) {
        for definition in ["acme", "big", "db", "db2"] {
            self.remove(&format!("sites/eu/{definition}.secrets.yaml"));
        }
        fs::remove_dir_all(self.path("rendered")).unwrap();
    }

    /// Runs sitewright, which must end with this code; what it prints.
    #[track_caller]
    pub(crate) fn run(&self, arguments: &str, code: i32) -> String {
        let output = Command::new(env!("CARGO_BIN_EXE_sitewright"))
            .current_dir(self.0.path())
            .args(arguments.split(' '))
            .output()
            .unwrap();
        let said = String::from_utf8(output.stdout).unwrap();
        let err = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(code), "{arguments}: {said}{err}");
        assert!(!err.contains("panicked"), "{err}");
        said
    }

    #[track_caller]
    pub(crate) fn git(&self, arguments: &str) -> String {
        let output = Command::new("git")
            .current_dir(self.0.path())
            .args(["-c", "user.name=a", "-c", "user.email=a@example.com"])
            .args(arguments.split(' '))
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .output()
            .unwrap();
        assert!(output.status.success(), "git {arguments}: {output:?}");
        String::from_utf8(output.stdout).unwrap()
    }

    /// The result of a diff in JSON.
    #[track_caller]
    pub(crate) fn diff(&self, arguments: &str) -> Value {
        let said = self.run(format!("diff --format json {arguments}").trim(), 0);
        let mut document: Value = serde_json::from_str(&said).unwrap();
        document["result"].take()
    }
}
