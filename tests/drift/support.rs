//! A small project in a Git repository, and its cluster.

use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use tempfile::TempDir;

pub(crate) const CERTIFICATE: &str = include_str!("../../sites/frankfurt/_sealing/2026-11.pem");

/// A project with a cluster `eu` that Flux serves: a server, a bench and a site. The first commit has its
/// manifests.
pub(crate) struct Project(TempDir);

/// What a run printed.
pub(crate) struct Ran {
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Project {
    pub(crate) fn new() -> Self {
        let project = Self(tempfile::tempdir().unwrap());
        project.run("init -q --cluster eu --namespace erp", 0);
        fs::remove_file(project.path("sites/eu/demo.yaml")).unwrap();
        project.edit("sites/eu/_cluster.yaml", "mode: plain", "mode: sealed");
        project.put("sites/eu/_sealing/1.pem", CERTIFICATE);
        project.run("new site acme -q", 0);
        project.run("render -q", 0);
        project.git("init -q -b main");
        project.commit("first", "2026-11-01T08:00:00Z");
        project
    }

    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.0.path().join(path)
    }

    pub(crate) fn put(&self, path: &str, text: &str) {
        fs::create_dir_all(self.path(path).parent().unwrap()).unwrap();
        fs::write(self.path(path), text).unwrap();
    }

    pub(crate) fn read(&self, path: &str) -> String {
        fs::read_to_string(self.path(path)).unwrap()
    }

    /// Replaces a text that is there.
    #[track_caller]
    pub(crate) fn edit(&self, path: &str, from: &str, to: &str) {
        let text = self.read(path);
        assert!(text.contains(from), "{path} has no {from:?}: {text}");
        self.put(path, &text.replace(from, to));
    }

    pub(crate) fn git(&self, arguments: &str) {
        self.git_at(arguments, "2026-11-01T08:00:00Z");
    }

    fn git_at(&self, arguments: &str, time: &str) {
        let output = Command::new("git")
            .current_dir(self.0.path())
            .args(["-c", "user.name=a", "-c", "user.email=a@example.com"])
            .args(arguments.split(' '))
            .envs([("GIT_CONFIG_GLOBAL", "/dev/null"), ("GIT_COMMITTER_DATE", time)])
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }

    pub(crate) fn commit(&self, message: &str, time: &str) {
        self.git("add -A");
        self.git_at(&format!("commit -q -m {message}"), time);
    }

    /// Runs sitewright, which must end with this code.
    #[track_caller]
    pub(crate) fn run(&self, arguments: &str, code: i32) -> Ran {
        self.run_with(arguments, code, None, "")
    }

    /// The same with a folder that is first on the PATH, and an input.
    #[track_caller]
    pub(crate) fn run_with(
        &self,
        arguments: &str,
        code: i32,
        programs: Option<&Path>,
        input: &str,
    ) -> Ran {
        let mut command = Command::new(env!("CARGO_BIN_EXE_sitewright"));
        command.current_dir(self.0.path()).args(arguments.split(' '));
        if let Some(folder) = programs {
            let path = std::env::var("PATH").unwrap();
            command.env("PATH", format!("{}:{path}", folder.display()));
        }
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut stdin = child.stdin.take().unwrap();
        let input = input.to_owned();
        // A run that refuses its arguments reads no input.
        let writer = std::thread::spawn(move || {
            let _ = std::io::Write::write_all(&mut stdin, input.as_bytes());
        });
        let output = child.wait_with_output().unwrap();
        writer.join().unwrap();
        let out = String::from_utf8(output.stdout).unwrap();
        let err = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(code), "{arguments}: {out}{err}");
        assert!(!err.contains("panicked"), "{err}");
        Ran { out, err }
    }

    /// The drift of a cluster, as the text for people.
    #[track_caller]
    pub(crate) fn text(&self, cluster: &Cluster, code: i32) -> String {
        self.run_with("drift -", code, None, &cluster.dump()).out
    }

    /// The drift of a cluster, as the document for machines.
    #[track_caller]
    pub(crate) fn json(&self, cluster: &Cluster, code: i32) -> Value {
        let ran = self.run_with("drift - --format json", code, None, &cluster.dump());
        serde_json::from_str::<Value>(&ran.out).unwrap()["result"].take()
    }

    /// The cluster as Flux leaves it when it has applied the manifests as they are.
    pub(crate) fn applied(&self) -> Cluster {
        let mut objects = Vec::new();
        manifests(&self.path("rendered/eu"), &mut objects);
        assert!(objects.len() > 5);
        Cluster(objects.into_iter().map(live).collect())
    }
}

/// The objects of a cluster.
#[derive(Clone)]
pub(crate) struct Cluster(pub(crate) Vec<Value>);

impl Cluster {
    /// The output of `kubectl get … -o json --show-managed-fields`.
    pub(crate) fn dump(&self) -> String {
        let list = json!({"apiVersion": "v1", "kind": "List", "metadata": {}, "items": self.0});
        format!("{list:#}\n")
    }

    #[track_caller]
    pub(crate) fn object(&mut self, kind: &str, name: &str) -> &mut Value {
        let is_it = |it: &&mut Value| it["kind"] == kind && it["metadata"]["name"] == name;
        self.0.iter_mut().find(is_it).unwrap_or_else(|| panic!("no {kind} {name}"))
    }

    pub(crate) fn remove(&mut self, kind: &str, name: &str) -> Value {
        let is_it = |it: &Value| it["kind"] == kind && it["metadata"]["name"] == name;
        let at = self.0.iter().position(is_it).unwrap();
        self.0.remove(at)
    }

    /// Sets a field below `spec`, as `kubectl edit` does.
    pub(crate) fn edit(&mut self, kind: &str, name: &str, field: &str, value: Value) {
        let object = self.object(kind, name);
        object["spec"][field] = value;
        let api = object["apiVersion"].clone();
        let key = format!("f:{field}");
        let managers = object["metadata"]["managedFields"].as_array_mut().unwrap();
        managers[0]["fieldsV1"]["f:spec"].as_object_mut().unwrap().remove(&key);
        managers.push(json!({
            "manager": "kubectl-edit", "operation": "Update", "time": "2026-11-20T09:15:00Z",
            "apiVersion": api, "fieldsType": "FieldsV1",
            "fieldsV1": {"f:spec": {key: {}}},
        }));
    }
}

fn manifests(folder: &Path, found: &mut Vec<Value>) {
    let mut entries: Vec<PathBuf> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        match path.is_dir() {
            true => manifests(&path, found),
            false => found.push(serde_yaml::from_str(&fs::read_to_string(path).unwrap()).unwrap()),
        }
    }
}

/// A manifest as an API server returns it: with fields of the server, a status, defaults, and the fields of its
/// manager.
fn live(mut object: Value) -> Value {
    let fields =
        json!({"f:metadata": owned(&object["metadata"]), "f:spec": owned(&object["spec"])});
    let api = object["apiVersion"].clone();
    let metadata = object["metadata"].as_object_mut().unwrap();
    metadata.insert("uid".to_owned(), "1d6c".into());
    metadata.insert("resourceVersion".to_owned(), "77".into());
    metadata.insert("finalizers".to_owned(), json!(["example.com/finalizer"]));
    let manager = json!({
        "manager": "kustomize-controller", "operation": "Apply", "time": "2026-11-02T10:00:00Z",
        "apiVersion": api, "fieldsType": "FieldsV1", "fieldsV1": fields,
    });
    metadata.insert("managedFields".to_owned(), json!([manager]));
    object["spec"]["aDefaultOfTheServer"] = json!({"a": 1});
    object["status"] = json!({"conditions": [{"type": "Ready", "status": "True"}]});
    object
}

/// The fields of a value as `fieldsV1`. Lists are owned as a whole.
fn owned(value: &Value) -> Value {
    match value {
        Value::Object(fields) => {
            fields.iter().map(|(key, value)| (format!("f:{key}"), owned(value))).collect()
        }
        _ => json!({}),
    }
}
