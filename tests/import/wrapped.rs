//! Rendered objects as a cluster would give them: with everything that the API server, the operators and the engine add.

use serde_json::{Map, Value, json};
use sitewright::import::filled::{Scene, TABLE};
use sitewright::language::Engine;
use sitewright::operator::Profiles;
use sitewright::source::node::{Entry, Node, Value as Plain};
use std::collections::BTreeMap;

/// The clear text that a Secret of the cluster has. No import may ever show it.
pub(crate) const CLEAR_TEXT: &str = "Y2xlYXItdGV4dC10aGF0LW11c3Qtbm90LWxlYWs=";

/// An object's kind, namespace and name.
pub(crate) type Id = (String, String, String);

/// The identity of an object.
pub(crate) fn id(object: &Value) -> Id {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let metadata = &object["metadata"];
    (text(&object["kind"]), text(&metadata["namespace"]), text(&metadata["name"]))
}

/// Objects by their identity.
pub(crate) fn by_id(objects: Vec<Value>) -> BTreeMap<Id, Value> {
    let count = objects.len();
    let found: BTreeMap<Id, Value> =
        objects.into_iter().map(|object| (id(&object), object)).collect();
    assert_eq!(found.len(), count, "two objects of one identity");
    found
}

/// These objects as the API server returns them, with the Secrets that controllers made of them.
pub(crate) fn wrapped(objects: &[Value], profiles: Profiles, engine: Engine) -> Vec<Value> {
    let mut found = Vec::new();
    for (number, object) in objects.iter().enumerate() {
        let mut live = object.clone();
        fill(&mut live, profiles);
        found.extend(secret_of(&live));
        found.push(dressed(live, number, engine));
    }
    found
}

/// The table's values where nobody stated any, in the order in which API server and operators write them.
fn fill(object: &mut Value, profiles: Profiles) {
    let Value::String(api) = &object["apiVersion"] else { panic!("{object}") };
    let group = api.split_once('/').map_or("", |(group, _)| group).to_owned();
    let Some(of) = TABLE.iter().find(|of| of.group == group && object["kind"] == of.kind) else {
        return;
    };
    let mut known = node(object);
    for row in of.rows() {
        let scene = Scene { object: &known, profiles };
        let Some(value) = row.value.of(scene).filter(|_| (row.only)(scene)) else { continue };
        if put(object, &row.path.split('.').collect::<Vec<_>>(), &json(&value)) {
            known = node(object);
        }
    }
}

/// Writes a value at every place of a path that exists but for its last key. Returns whether there is such a place.
fn put(value: &mut Value, path: &[&str], filled: &Value) -> bool {
    let (first, rest) = path.split_first().unwrap();
    let key = first.strip_suffix("[]").unwrap_or(first);
    if rest.is_empty() {
        let Value::Object(fields) = value else { return false };
        let is_new = !fields.contains_key(key);
        fields.entry(key).or_insert_with(|| filled.clone());
        return is_new;
    }
    let below: Vec<&mut Value> = match (key, value) {
        ("*", Value::Object(fields)) => fields.values_mut().collect(),
        (key, Value::Object(fields)) => match fields.get_mut(key) {
            Some(Value::Array(items)) => items.iter_mut().collect(),
            found => found.into_iter().collect(),
        },
        _ => Vec::new(),
    };
    // Each of them gets the value, also after the first that is new.
    below.into_iter().filter_map(|value| put(value, rest, filled).then_some(())).count() > 0
}

/// Metadata and a status as of a cluster to which an engine applied the object.
fn dressed(mut object: Value, number: usize, engine: Engine) -> Value {
    let applied = object.to_string();
    let finalizer = match object["kind"].as_str().unwrap() {
        "Database" => Some("database.k8s.mariadb.com/finalizer"),
        "User" => Some("user.k8s.mariadb.com/finalizer"),
        "Grant" => Some("grant.k8s.mariadb.com/finalizer"),
        "FrappeSite" => Some("vyogo.tech/site-finalizer"),
        _ => None,
    };
    let metadata = object["metadata"].as_object_mut().unwrap();
    let time = "2026-11-01T08:30:00Z";
    metadata.insert("uid".into(), json!(format!("9d3c5a52-1111-4222-8333-{number:012}")));
    metadata.insert("resourceVersion".into(), json!((1000 + number).to_string()));
    metadata.insert("generation".into(), json!(3));
    metadata.insert("creationTimestamp".into(), json!(time));
    metadata.extend(finalizer.map(|it| ("finalizers".to_owned(), json!([it]))));
    let fields = json!({"f:spec": {".": {}}});
    let writer = |manager: &str, operation: &str| {
        json!({
            "apiVersion": "v1", "fieldsType": "FieldsV1", "fieldsV1": fields, "manager": manager,
            "operation": operation, "time": time,
        })
    };
    let applier = match engine {
        Engine::Flux => "kustomize-controller",
        Engine::Argocd => "argocd-controller",
        Engine::None => "kubectl",
    };
    let managers = [writer(applier, "Apply"), writer("mariadb-operator", "Update")];
    metadata.insert("managedFields".into(), managers.to_vec().into());
    let below = |metadata: &mut Map<String, Value>, field: &str, added: &[(&str, &str)]| {
        let map = metadata.entry(field).or_insert_with(|| json!({})).as_object_mut().unwrap();
        map.extend(added.iter().map(|(key, value)| ((*key).to_owned(), json!(value))));
    };
    let labels: &[(&str, &str)] = match engine {
        Engine::Flux => &[
            ("kustomize.toolkit.fluxcd.io/name", "fleet"),
            ("kustomize.toolkit.fluxcd.io/namespace", "flux-system"),
        ],
        Engine::Argocd => &[("app.kubernetes.io/instance", "fleet")],
        Engine::None => &[],
    };
    if !labels.is_empty() {
        below(metadata, "labels", labels);
    }
    let last = "kubectl.kubernetes.io/last-applied-configuration";
    below(metadata, "annotations", &[(last, &applied)]);
    if object["kind"] == "SealedSecret" {
        // kubeseal writes it, and the API server keeps it.
        object["spec"]["template"]["metadata"]["creationTimestamp"] = Value::Null;
    }
    object["status"] = json!({
        "conditions": [{"type": "Ready", "status": "True", "reason": "Created", "lastTransitionTime": time}],
        "observedGeneration": 3,
    });
    object
}

/// The Secret that a controller makes of an object.
fn secret_of(object: &Value) -> Option<Value> {
    let kind = object["kind"].as_str()?;
    if !["SealedSecret", "ExternalSecret"].contains(&kind) {
        return None;
    }
    let (_, namespace, name) = id(object);
    Some(json!({
        "apiVersion": "v1", "kind": "Secret", "type": "Opaque", "data": {"password": CLEAR_TEXT},
        "metadata": {
            "name": name, "namespace": namespace,
            "ownerReferences": [{"apiVersion": "v1", "kind": kind, "name": name, "uid": "x", "controller": true}],
        },
    }))
}

/// Objects as `kubectl get -o json` prints them.
pub(crate) fn list(objects: &[Value]) -> Value {
    json!({"apiVersion": "v1", "kind": "List", "metadata": {"resourceVersion": ""}, "items": objects})
}

/// A value as YAML, with the keys of each map in the order of their letters, as kubectl prints them. Every text is
/// quoted, because kubectl reads more words as something else than other programs do.
pub(crate) fn yaml(value: &Value, indent: usize, out: &mut String) {
    let margin = "  ".repeat(indent);
    match value {
        Value::Object(fields) if !fields.is_empty() => {
            for (key, value) in fields.iter().collect::<BTreeMap<_, _>>() {
                *out += &format!("\n{margin}{}:", json!(key));
                yaml(value, indent + 1, out);
            }
        }
        Value::Array(items) if !items.is_empty() => {
            for item in items {
                *out += &format!("\n{margin}-");
                yaml(item, indent + 1, out);
            }
        }
        other => *out += &format!(" {other}"),
    }
}

fn node(value: &Value) -> Node {
    Node::from(match value {
        Value::Null => Plain::Null,
        Value::Bool(value) => Plain::Bool(*value),
        Value::Number(number) => match number.as_i64() {
            Some(number) => Plain::Int(number),
            None => Plain::Float(number.as_f64().unwrap()),
        },
        Value::String(text) => Plain::String(text.as_str().into()),
        Value::Array(items) => Plain::List(items.iter().map(node).collect()),
        Value::Object(fields) => {
            Plain::Map(fields.iter().map(|(key, value)| Entry::new(key, node(value))).collect())
        }
    })
}

fn json(node: &Node) -> Value {
    match &node.value {
        Plain::Null => Value::Null,
        Plain::Bool(value) => json!(value),
        Plain::Int(value) => json!(value),
        Plain::Float(value) => json!(value),
        Plain::String(value) => json!(value),
        Plain::List(items) => items.iter().map(json).collect(),
        Plain::Map(entries) => Value::Object(
            entries.iter().map(|entry| (entry.key.to_string(), json(&entry.node))).collect(),
        ),
    }
}
