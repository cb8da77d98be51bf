//! kubectl of the cluster's own version, as the cluster's administrator.

use crate::api::Api;
use serde_json::Value;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Arc, OnceLock};

/// What a run of kubectl answered.
#[derive(Clone, Debug)]
pub struct Output {
    /// Whether it ended with 0.
    pub success: bool,
    /// What it wrote to stdout.
    pub stdout: String,
    /// What it wrote to stderr.
    pub stderr: String,
}

/// Runs kubectl against one cluster.
#[derive(Clone, Debug)]
pub struct Kubectl {
    program: PathBuf,
    kubeconfig: PathBuf,
    /// Started by the first that asks.
    api: Arc<OnceLock<Api>>,
}

impl Kubectl {
    pub(crate) fn new(program: PathBuf, kubeconfig: PathBuf) -> Self {
        Self { program, kubeconfig, api: Arc::default() }
    }

    pub(crate) fn program(&self) -> &Path {
        &self.program
    }

    /// The file that says how the cluster is reached.
    pub fn kubeconfig(&self) -> &Path {
        &self.kubeconfig
    }

    /// Runs it with words that spaces separate, whatever it answers.
    pub fn try_run(&self, words: &str) -> Output {
        self.try_with(&words.split_whitespace().collect::<Vec<_>>(), "")
    }

    /// Runs it with arguments and an input, whatever it answers.
    pub fn try_with(&self, arguments: &[&str], input: &str) -> Output {
        let mut command = Command::new(&self.program);
        command.args(arguments).env("KUBECONFIG", &self.kubeconfig);
        // Discovery is cached below the home folder: every cluster gets a cache of its own.
        let cache = self.kubeconfig.with_file_name("kubectl-cache");
        command.env("KUBECACHEDIR", cache);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("kubectl starts");
        let mut stdin = child.stdin.take().expect("a pipe");
        let input = input.to_owned();
        // In a thread: kubectl may write much before it has read all.
        let writer = std::thread::spawn(move || {
            // It may end without reading.
            let _ = stdin.write_all(input.as_bytes());
        });
        let output = child.wait_with_output().expect("kubectl ends");
        writer.join().expect("the input is written");
        Output {
            success: output.status.success(),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    /// Runs it, and fails the test unless it ends with 0; what it wrote to stdout.
    pub fn run(&self, words: &str) -> String {
        self.with(&words.split_whitespace().collect::<Vec<_>>(), "")
    }

    /// Runs it with an input, and fails the test unless it ends with 0; what it wrote to stdout.
    pub fn with(&self, arguments: &[&str], input: &str) -> String {
        let output = self.try_with(arguments, input);
        assert!(output.success, "kubectl {arguments:?}: {}\n{}", output.stderr, output.stdout);
        output.stdout
    }

    /// The answer of a `get` or the like, with `-o json`.
    pub fn json(&self, words: &str) -> Value {
        let text = self.run(&format!("{words} -o json"));
        serde_json::from_str(&text).unwrap_or_else(|problem| panic!("{words}: {problem}: {text}"))
    }

    /// The objects of a `get` of several, in all namespaces where `words` say so. None where the API
    /// server does not know the kind.
    pub fn items(&self, words: &str) -> Vec<Value> {
        match self.json(&format!("get {words}"))["items"].take() {
            Value::Array(items) => items,
            other => panic!("{words}: no list, but {other}"),
        }
    }

    /// An object; nothing where there is none. It is read without a kubectl of its own, so a test may ask
    /// as often as it likes.
    pub fn find(&self, kind: &str, namespace: &str, name: &str) -> Option<Value> {
        let api = self.api();
        let path = api.path(self, kind, Some(namespace), Some(name));
        let path = path.unwrap_or_else(|| panic!("the API server serves no {kind}"));
        api.get(&path).unwrap_or_else(|problem| panic!("{problem}"))
    }

    /// The objects of a kind in one namespace or in all, read as [`Kubectl::find`] does. None where the API
    /// server does not serve the kind, or is gone.
    pub fn list(&self, kind: &str, namespace: Option<&str>) -> Vec<Value> {
        let api = self.api();
        let Some(path) = api.path(self, kind, namespace, None) else { return Vec::new() };
        let Ok(Some(mut list)) = api.get(&path) else { return Vec::new() };
        let (kind, version) = (list["kind"].take(), list["apiVersion"].take());
        let kind = kind.as_str().and_then(|kind| kind.strip_suffix("List")).unwrap_or_default();
        let Value::Array(mut items) = list["items"].take() else { return Vec::new() };
        for item in &mut items {
            // Kinds of the core do not say in a list what they are.
            item["kind"] = kind.into();
            item["apiVersion"] = version.clone();
        }
        items
    }

    fn api(&self) -> &Api {
        self.api.get_or_init(|| Api::start(self))
    }

    /// Applies manifests, a stream of YAML, as [`Kubectl::apply_as`] with the manager `sitewright`.
    pub fn apply(&self, manifests: &str) -> String {
        self.apply_as("sitewright", manifests)
    }

    /// Applies manifests on the server's side, with unknown and duplicate fields refused, as a field
    /// manager; what kubectl says of each object.
    pub fn apply_as(&self, manager: &str, manifests: &str) -> String {
        let manager = format!("--field-manager={manager}");
        self.with(&["apply", "--server-side", "--validate=strict", &manager, "-f", "-"], manifests)
    }
}
