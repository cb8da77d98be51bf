//! A project with passwords, and what is looked at in it.

use crate::opening::{key, text, unseal};
use serde_yaml::Value;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;

pub(crate) const CERTIFICATE: &str = include_str!("../../sites/frankfurt/_sealing/2026-11.pem");
pub(crate) const SITE: &str = "kind: Site\nsiteName: erp.acme.com\n";
pub(crate) const RECORDS: &str = "sites/production/acme.secrets.yaml";
pub(crate) const ADMIN: &str = ".sitewright/secrets/production/acme/acme-admin.yaml";

pub(crate) fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A project with a shared server, a bench and the site `acme`.
pub(crate) struct Project(pub(crate) TempDir);

impl Project {
    /// `secrets` is the cluster's, in one line.
    pub(crate) fn new(secrets: &str) -> Self {
        let project = Self(tempfile::tempdir().unwrap());
        project.cluster("26.6", secrets);
        project.put(
            "sites/production/b15.yaml",
            "kind: Bench\nfrappeVersion: version-16\napps: [{name: erpnext, source: image}]\n",
        );
        project.put("sites/production/db.yaml", "kind: DatabaseServer\nstorageSize: 9Gi\n");
        let defaults =
            "kind: Defaults\nsite: {bench: b15, apps: [erpnext], database: {server: db}}\n";
        project.put("sites/_defaults.yaml", defaults);
        project.put("sites/production/acme.yaml", SITE);
        project
    }

    pub(crate) fn sealed() -> Self {
        let project = Self::new("{mode: sealed}");
        project.put("sites/production/_sealing/2026-11.pem", CERTIFICATE);
        project
    }

    pub(crate) fn cluster(&self, mariadb: &str, secrets: &str) {
        let text = format!(
            "kind: Cluster\noperators: {{frappe: \"2.6\", mariadb: \"{mariadb}\"}}\n\
             namespace: frappe\nsecrets: {secrets}\n"
        );
        self.put("sites/production/_cluster.yaml", &text);
    }

    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.0.path().join(path)
    }

    pub(crate) fn put(&self, path: &str, text: &str) {
        fs::create_dir_all(self.path(path).parent().unwrap()).unwrap();
        fs::write(self.path(path), text).unwrap();
    }

    pub(crate) fn read(&self, path: &str) -> String {
        fs::read_to_string(self.path(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    pub(crate) fn yaml(&self, path: &str) -> Value {
        serde_yaml::from_str(&self.read(path)).unwrap()
    }

    /// Runs sitewright, which must end with this code; both outputs.
    #[track_caller]
    pub(crate) fn run(&self, arguments: &str, code: i32) -> String {
        self.run_with(&[], arguments, code)
    }

    /// The same with more variables in its environment.
    #[track_caller]
    pub(crate) fn run_with(&self, env: &[(&str, String)], arguments: &str, code: i32) -> String {
        let output = Command::new(env!("CARGO_BIN_EXE_sitewright"))
            .current_dir(self.0.path())
            .envs(env.iter().cloned())
            .args(arguments.split(' '))
            .output()
            .unwrap();
        let said = [output.stdout, output.stderr].concat();
        let said = String::from_utf8(said).unwrap();
        assert_eq!(output.status.code(), Some(code), "{arguments}: {said}");
        said
    }

    /// The facts of a password of `acme`.
    pub(crate) fn record(&self, secret: &str) -> Value {
        self.yaml(RECORDS)[secret]["password"].clone()
    }

    /// The password in a manifest in clear text.
    pub(crate) fn clear_text(&self, path: &str) -> String {
        text(&self.yaml(path)["stringData"]["password"]).to_owned()
    }

    /// What opens of a rendered SealedSecret of `acme`.
    pub(crate) fn opened(&self, suffix: &str) -> String {
        let path = format!("rendered/production/acme/sealedsecret-{suffix}.yaml");
        let [(_, value)] = &unseal(&key("frankfurt"), &self.yaml(&path))[..] else { panic!() };
        String::from_utf8(value.clone()).unwrap()
    }
}

pub(crate) fn tree(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    pub(crate) fn walk(folder: &Path, found: &mut BTreeMap<PathBuf, Vec<u8>>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, found);
            } else {
                found.insert(path.clone(), fs::read(path).unwrap());
            }
        }
    }
    let mut found = BTreeMap::new();
    walk(folder, &mut found);
    found
}

pub(crate) fn copy(from: &Path, to: &Path) {
    for path in tree(from).keys() {
        let target = to.join(path.strip_prefix(from).unwrap());
        fs::create_dir_all(target.parent().unwrap()).unwrap();
        fs::copy(path, target).unwrap();
    }
}

pub(crate) fn is_minted(value: &[u8]) -> bool {
    value.len() == 32 && value.iter().all(u8::is_ascii_alphanumeric)
}

/// A document.
pub(crate) fn yaml(text: &str) -> Value {
    serde_yaml::from_str(text).unwrap()
}
