//! The cluster of the project, made from its manifests.

pub(crate) use super::project::Project;
use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};

impl Project {
    /// The project of an example, with its manifests in the first commit.
    pub(crate) fn example(name: &str) -> Self {
        let project = Self(tempfile::tempdir().unwrap());
        let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples").join(name);
        copy(&example.join("sites"), &project.path("sites"));
        project.run("render -q", 0);
        project.git("init -q -b main");
        project.commit("first", "2026-11-01T08:00:00Z");
        project
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
        manifests(&self.path("rendered"), &mut objects);
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

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let (path, to) = (entry.as_ref().unwrap().path(), to.join(entry.unwrap().file_name()));
        match path.is_dir() {
            true => copy(&path, &to),
            false => _ = fs::copy(path, to).unwrap(),
        }
    }
}
