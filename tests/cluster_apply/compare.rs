//! What was sent beside what the API server returns, field by field.

use cluster::Kubectl;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// What the API server adds to every object's metadata.
const OF_THE_SERVER: [&str; 5] =
    ["creationTimestamp", "generation", "managedFields", "resourceVersion", "uid"];

/// Fields that the API server fills although nothing states them: the kind, the field, the value and why
/// it is not rendered.
const ACCEPTED: [(&str, &str, &str, &str); 11] = [
    ("Database", ".spec.mariaDbRef.waitForIt", "true", IGNORED),
    ("User", ".spec.mariaDbRef.waitForIt", "true", IGNORED),
    ("Grant", ".spec.mariaDbRef.waitForIt", "true", IGNORED),
    ("FrappeBench", ".spec.storageSize", "\"10Gi\"", UNSTATED),
    ("FrappeBench", ".spec.componentReplicas.workerDefault", "1", UNSTATED),
    ("FrappeBench", ".spec.componentReplicas.workerLong", "1", UNSTATED),
    ("FrappeBench", ".spec.componentReplicas.workerShort", "1", UNSTATED),
    ("MariaDB", ".spec.bootstrapFrom.logLevel", "\"info\"", UNSTATED),
    ("Password", ".spec.encoding", "\"raw\"", AS_IT_IS),
    ("PushSecret", ".spec.data[].conversionStrategy", "\"None\"", AS_IT_IS),
    ("Service", ".spec.sessionAffinity", "\"None\"", "it has no meaning for an ExternalName"),
];
/// mariadb-operator compares the reference as a whole, so it has one form for ever.
const IGNORED: &str =
    "Database, User and Grant ignore it (`api/v1alpha1` of mariadb-operator 26.6)";

/// Objects by kind, namespace and name.
pub(crate) struct Sent(BTreeMap<String, Value>);

impl Sent {
    pub(crate) fn read(objects: &[Value]) -> Self {
        Self(objects.iter().map(|object| (id(object), object.clone())).collect())
    }

    /// The same objects as the API server has them.
    pub(crate) fn returned(&self, kubectl: &Kubectl) -> Self {
        let kinds: BTreeSet<String> = self.0.values().map(resource).collect();
        let mut found = BTreeMap::new();
        for kind in kinds {
            for object in kubectl.items(&format!("{kind} --all-namespaces")) {
                let id = id(&object);
                if self.0.contains_key(&id) {
                    found.insert(id, object);
                }
            }
        }
        Self(found)
    }

    pub(crate) fn resource_versions(&self) -> Vec<(String, String)> {
        self.0.keys().map(|id| (id.clone(), self.resource_version(id).unwrap())).collect()
    }

    pub(crate) fn resource_version(&self, id: &str) -> Option<String> {
        self.0.get(id)?["metadata"]["resourceVersion"].as_str().map(str::to_owned)
    }
}

fn id(object: &Value) -> String {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let metadata = &object["metadata"];
    format!("{} {}/{}", resource(object), text(&metadata["namespace"]), text(&metadata["name"]))
}

/// `KIND.VERSION.GROUP`, as kubectl takes it.
fn resource(object: &Value) -> String {
    let kind = object["kind"].as_str().unwrap();
    match object["apiVersion"].as_str().unwrap().split_once('/') {
        Some((group, version)) => format!("{kind}.{version}.{group}"),
        None => kind.to_owned(),
    }
}

/// The rows of [`ACCEPTED`] that no difference needed.
pub(crate) fn unused(used: &BTreeSet<usize>) -> Vec<String> {
    let rows = ACCEPTED.iter().enumerate().filter(|(index, _)| !used.contains(index));
    rows.map(|(_, (kind, field, _, why))| format!("{kind} {field}: {why}")).collect()
}

/// No definition states a version of External Secrets, so only what every template needs is stated.
const AS_IT_IS: &str = "the default takes the value as it is";
/// A number of workers, a claim's size, what a restore logs: nothing that the fleet depends on.
const UNSTATED: &str = "no definition states it, so the operator's default holds";

/// Every difference that is not accepted, a line each. `used` gets the accepted ones.
pub(crate) fn differences(sent: &Sent, taken: &Sent, used: &mut BTreeSet<usize>) -> Vec<String> {
    let mut found = Vec::new();
    for (id, object) in &sent.0 {
        let Some(taken) = taken.0.get(id) else {
            found.push(format!("{id}: nothing"));
            continue;
        };
        let kind = object["kind"].as_str().unwrap();
        let mut lines = Vec::new();
        compare("", object, taken, &mut lines);
        for Difference { path, value, line } in lines {
            let accepts = |(of, field, accepted, _): &(&str, &str, &str, &str)| {
                *of == kind && *field == path && value.as_deref() == Some(accepted)
            };
            match ACCEPTED.iter().position(accepts) {
                Some(row) => _ = used.insert(row),
                None => found.push(format!("{id}: {line}")),
            }
        }
    }
    found
}

struct Difference {
    path: String,
    /// What the API server added, as JSON; nothing for any other difference.
    value: Option<String>,
    line: String,
}

fn compare(path: &str, sent: &Value, taken: &Value, found: &mut Vec<Difference>) {
    let differ = |path: String, line: String| Difference { path, value: None, line };
    if let (Value::Array(sent), Value::Array(taken)) = (sent, taken)
        && sent.len() == taken.len()
    {
        let path = format!("{path}[]");
        for (sent, taken) in sent.iter().zip(taken) {
            compare(&path, sent, taken, found);
        }
        return;
    }
    let (Value::Object(sent), Value::Object(taken)) = (sent, taken) else {
        if sent != taken {
            let line = format!("{path}: {taken}, where {sent} was sent");
            found.push(differ(path.to_owned(), line));
        }
        return;
    };
    for (key, value) in sent {
        let path = format!("{path}.{key}");
        match taken.get(key) {
            Some(taken) => compare(&path, value, taken, found),
            None => {
                let line = format!("{path}: nothing, where {value} was sent");
                found.push(differ(path, line));
            }
        }
    }
    for (key, value) in taken.iter().filter(|(key, _)| !sent.contains_key(*key)) {
        let is_of_the_server = match path {
            ".metadata" => OF_THE_SERVER.contains(&key.as_str()),
            "" => key == "status",
            _ => false,
        };
        if !is_of_the_server {
            let (path, value) = (format!("{path}.{key}"), value.to_string());
            let line = format!("{path}: {value}, where nothing was sent");
            found.push(Difference { path, value: Some(value), line });
        }
    }
}
