//! A project with sites, and a program that plays kubectl.

use serde_json::{Value, json};
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use tempfile::TempDir;

/// Plays kubectl: it accepts one form of a call, and prints the file `answer`. If there is none, it fails with what the
/// file `error` says.
const KUBECTL: &str = r#"#!/bin/sh
here=$(dirname "$0")
if [ "$1" = --context ]; then echo "$2" >"$here/context"; shift 2; fi
[ "$*" = "get sitedatabases.v1alpha1.sitewright.dev --all-namespaces --chunk-size=500 --output=json" ] \
  || { echo "$*" >"$here/wrong"; exit 9; }
if [ -f "$here/answer" ]; then cat "$here/answer"; touch "$here/asked"; exit; fi
cat "$here/error" >&2
exit 1
"#;

/// The file of the Cluster.
const CLUSTER: &str = "sites/eu/_cluster.yaml";

pub(crate) struct Project(TempDir);

impl Project {
    /// A cluster `eu` with these sites. It states `status: true`.
    pub(crate) fn new(sites: impl IntoIterator<Item = String>) -> Self {
        let project = Self(tempfile::tempdir().unwrap());
        let made = project.run(&["init", "-q", "--cluster", "eu", "--namespace", "erp"]);
        assert!(made.status.success());
        fs::remove_file(project.path("sites/eu/demo.yaml")).unwrap();
        project.put(CLUSTER, &format!("{}status: true\n", project.cluster()));
        for name in sites {
            let text = format!("kind: Site\nsiteName: {name}.example.com\n");
            fs::write(project.path(&format!("sites/eu/{name}.yaml")), text).unwrap();
        }
        project.put("bin/kubectl", KUBECTL);
        let kubectl = project.path("bin/kubectl");
        fs::set_permissions(kubectl, fs::Permissions::from_mode(0o755)).unwrap();
        project
    }

    fn cluster(&self) -> String {
        fs::read_to_string(self.path(CLUSTER)).unwrap()
    }

    /// Removes `status: true`.
    pub(crate) fn states_no_status(&self) {
        self.put(CLUSTER, self.cluster().strip_suffix("status: true\n").unwrap());
    }

    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.0.path().join(path)
    }

    /// Writes a file as a whole: a run sees the old text or the new one.
    pub(crate) fn put(&self, path: &str, text: &str) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        let new = path.with_extension("new");
        fs::write(&new, text).unwrap();
        fs::rename(new, path).unwrap();
    }

    /// What the cluster has from now on.
    pub(crate) fn answers(&self, objects: &[Value]) {
        self.put("bin/answer", &list(objects));
    }

    /// From now on, kubectl fails with this message.
    pub(crate) fn fails(&self, message: &str) {
        self.put("bin/error", message);
        let _ = fs::remove_file(self.path("bin/answer"));
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_sitewright"));
        let path = std::env::var("PATH").unwrap();
        let path = format!("{}:{path}", self.path("bin").display());
        command.args(arguments).current_dir(self.0.path()).env("PATH", path);
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    /// What a run printed to standard output. It must end with this code.
    #[track_caller]
    pub(crate) fn out(&self, arguments: &[&str], code: i32) -> String {
        let output = self.run(arguments);
        let error = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "{error}");
        String::from_utf8(output.stdout).unwrap()
    }

    /// What a run printed to standard error. It must end with 2 and print no result.
    #[track_caller]
    pub(crate) fn refused(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert_eq!(output.status.code(), Some(2));
        assert_eq!(String::from_utf8_lossy(&output.stdout), "");
        String::from_utf8(output.stderr).unwrap()
    }

    /// The calls of kubectl had the one form.
    pub(crate) fn asked_only_for_site_databases(&self) {
        let wrong: &Path = &self.path("bin/wrong");
        assert!(!wrong.exists(), "{}", fs::read_to_string(wrong).unwrap());
    }
}

/// A List as kubectl prints it.
pub(crate) fn list(objects: &[Value]) -> String {
    format!("{:#}\n", json!({"apiVersion": "v1", "items": objects, "kind": "List", "metadata": {}}))
}

/// A SiteDatabase with a status, as an API server gives it.
pub(crate) fn site_database(name: &str, phase: &str, error: Option<&str>) -> Value {
    let is_ready = if phase == "Ready" { "True" } else { "False" };
    json!({
        "apiVersion": sitewright_api::API_VERSION,
        "kind": sitewright_api::KIND,
        "metadata": {"name": name, "namespace": "erp", "generation": 1, "uid": "1d6c"},
        "spec": {
            "siteName": format!("{name}.example.com"), "provider": "mariadb", "mode": "shared",
            "objects": (0..6).map(|number| json!({
                "apiVersion": "k8s.mariadb.com/v1alpha1", "kind": "Grant",
                "name": format!("{name}-{number}"),
            })).collect::<Vec<_>>(),
        },
        "status": {
            "observedGeneration": 1,
            "databaseStatus": {
                "phase": phase, "host": "db", "port": 3306, "database": name, "lastError": error,
            },
            "conditions": [{
                "type": "Ready", "status": is_ready, "observedGeneration": 1,
                "lastTransitionTime": "2026-11-28T09:00:00Z", "reason": "DatabaseReady", "message": "",
            }],
        },
    })
}
