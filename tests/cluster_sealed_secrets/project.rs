//! Projects: what they render, and a small one that a story changes.

use super::stage::Stage;
use serde_json::Value;
use sitewright::output::layout;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The only cluster of a story's project.
pub(crate) const CLUSTER: &str = "production";

/// A project of one cluster with the site `acme` on the server `db`.
pub(crate) struct Project<'a> {
    pub(crate) stage: &'a Stage,
    pub(crate) root: PathBuf,
    pub(crate) namespace: String,
}

impl<'a> Project<'a> {
    /// `secrets` is what the cluster says of Secrets, in one line; `certificate` is the one to seal with.
    pub(crate) fn begin(
        stage: &'a Stage,
        namespace: &str,
        secrets: &str,
        certificate: &str,
    ) -> Self {
        let root = stage.plane.workplace().folder(&format!("projects/{namespace}"));
        let project = Self { stage, root, namespace: namespace.to_owned() };
        project.define(
            "_cluster.yaml",
            &format!(
                "kind: Cluster\n\
                 operators: {{frappe: \"2.6\", mariadb: \"26.6\"}}\n\
                 gitops: {{engine: flux, repository: https://example.com/fleet}}\n\
                 namespace: {namespace}\n\
                 secrets: {secrets}\n"
            ),
        );
        project.define("_sealing/1.pem", certificate);
        project.define(
            "b15.yaml",
            "kind: Bench\nfrappeVersion: version-16\napps: [{name: erpnext, source: image}]\n",
        );
        project.define("db.yaml", "kind: DatabaseServer\nstorageSize: 9Gi\n");
        project.define("acme.yaml", &site("acme"));
        project
    }

    /// Writes a file of the cluster's folder.
    pub(crate) fn define(&self, name: &str, text: &str) {
        write(&self.root.join("sites").join(CLUSTER).join(name), text);
    }

    /// A file of the project.
    pub(crate) fn read(&self, path: &str) -> String {
        fs::read_to_string(self.root.join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    /// A file of the project, which is YAML.
    pub(crate) fn yaml(&self, path: &str) -> Value {
        serde_yaml::from_str(&self.read(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    /// What is recorded of the password of a site's Secret.
    pub(crate) fn record(&self, site: &str, secret: &str) -> Value {
        let records = self.yaml(&format!("sites/{CLUSTER}/{site}.secrets.yaml"));
        records[secret]["password"].clone()
    }

    /// Runs the program, with words that spaces separate; what it wrote.
    pub(crate) fn sitewright(&self, words: &str) -> String {
        sitewright(&self.root, words, "")
    }

    /// The SealedSecrets that are rendered.
    pub(crate) fn sealed(&self) -> Vec<Value> {
        sealed(&objects(&self.root.join("rendered"), CLUSTER))
    }

    /// Renders, applies the SealedSecrets, and waits until the controller has made a Secret of each.
    pub(crate) fn deliver(&self) {
        self.sitewright("render");
        self.stage.open(&self.sealed());
    }
}

/// The definition of a site on the shared server.
pub(crate) fn site(name: &str) -> String {
    format!("kind: Site\nsiteName: {name}.example.com\nbench: b15\ndatabase: {{server: db}}\n")
}

/// Runs the program in a project, which must succeed; what it wrote.
pub(crate) fn sitewright(root: &Path, words: &str, input: &str) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sitewright"));
    command.current_dir(root).args(words.split_whitespace());
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "sitewright {words}: {said}");
    String::from_utf8(output.stdout).unwrap()
}

/// The objects that are rendered for a cluster.
pub(crate) fn objects(rendered: &Path, cluster: &str) -> Vec<Value> {
    let files = super::samples::files(&rendered.join(cluster));
    let texts = files.values().map(|bytes| std::str::from_utf8(bytes).unwrap());
    let objects = texts.flat_map(layout::objects_of);
    objects.map(|text| serde_yaml::from_str(text).unwrap()).collect()
}

/// The SealedSecrets among objects.
pub(crate) fn sealed(objects: &[Value]) -> Vec<Value> {
    objects.iter().filter(|object| object["kind"] == "SealedSecret").cloned().collect()
}

pub(crate) fn write(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}
