//! Takes an object apart: what a person writes, and what the API server, operators and GitOps engines add.

use super::object::{FieldManager, LiveObject, Operation, Owner, Place};
use crate::risk::Key;
use crate::source::node::{Entry, Node, Value};
use serde::ser::{Serialize, SerializeMap as _, SerializeSeq as _, Serializer};

/// The annotation in which `kubectl apply` keeps what it applied last.
pub(super) const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";

/// Labels with which a GitOps engine or a packager marks what it owns. They are not wishes of a person.
const LABELS: &[&str] = &[
    "kustomize.toolkit.fluxcd.io/name",
    "kustomize.toolkit.fluxcd.io/namespace",
    "kustomize.toolkit.fluxcd.io/checksum",
    "helm.toolkit.fluxcd.io/name",
    "helm.toolkit.fluxcd.io/namespace",
    // Argo CD tracks with it, unless it is told to use the annotation below.
    "app.kubernetes.io/instance",
];

/// Annotations that programs write.
const ANNOTATIONS: &[&str] = &[
    LAST_APPLIED,
    "argocd.argoproj.io/tracking-id",
    "kustomize.toolkit.fluxcd.io/checksum",
    "meta.helm.sh/release-name",
    "meta.helm.sh/release-namespace",
    "config.k8s.io/owning-inventory",
    "deployment.kubernetes.io/revision",
    // frappe-operator 2.6.4 and later.
    "frappe.vyogo.tech/requeue-attempt",
];

/// An object without what no person writes. `key` and `version` are already read from it. With `statuses`, what
/// is reported about it is kept apart.
pub(super) fn clean(
    node: Node,
    key: Key,
    version: String,
    place: Place,
    statuses: bool,
) -> LiveObject {
    let is_secret = key.kind == "Secret" && key.group.is_empty();
    let mut object = LiveObject {
        key,
        version,
        node: Value::Null.into(),
        place,
        owners: Vec::new(),
        finalizers: Vec::new(),
        managers: Vec::new(),
        reported: statuses.then(Box::default),
        is_deleted: false,
    };
    let Value::Map(entries) = node.value else { return object };
    let mut kept = Vec::with_capacity(entries.len());
    for Entry { key, key_span, mut node } in entries {
        match &*key {
            "status" => {
                if let Some(reported) = &mut object.reported {
                    reported.status = node;
                }
                continue;
            }
            "metadata" => node = metadata(node, &mut object),
            "data" | "stringData" if is_secret => without_values(&mut node),
            _ => {}
        }
        kept.push(Entry { key, key_span, node });
    }
    object.node = Value::Map(kept).into();
    object
}

/// Keeps the metadata that a person writes, and moves the other metadata into the fields of `object`.
fn metadata(node: Node, object: &mut LiveObject) -> Node {
    let Value::Map(entries) = node.value else { return node };
    let mut kept = Vec::with_capacity(4);
    for mut entry in entries {
        match &*entry.key {
            "name" | "namespace" => kept.push(entry),
            "labels" | "annotations" => {
                let added = if &*entry.key == "labels" { LABELS } else { ANNOTATIONS };
                if let Value::Map(entries) = &mut entry.node.value {
                    entries.retain(|entry| !added.contains(&&*entry.key));
                }
                if !entry.node.entries().is_empty() {
                    kept.push(entry);
                }
            }
            "ownerReferences" => object.owners = list(&entry.node).filter_map(owner).collect(),
            "finalizers" => {
                let texts = list(&entry.node).filter_map(Node::as_str);
                object.finalizers = texts.map(str::to_owned).collect();
            }
            "managedFields" => object.managers = list(&entry.node).filter_map(manager).collect(),
            "generation" => {
                if let (Some(reported), Value::Int(it)) = (&mut object.reported, entry.node.value) {
                    reported.generation = Some(it);
                }
            }
            "deletionTimestamp" => object.is_deleted = entry.node.value != Value::Null,
            _ => {}
        }
    }
    Value::Map(kept).into()
}

/// Replaces the values of a Secret, unless they are ciphertext. The names of its keys stay.
fn without_values(data: &mut Node) {
    match &mut data.value {
        Value::Map(entries) => {
            for entry in entries.iter_mut().filter(|entry| !is_ciphertext(&entry.node)) {
                entry.node = Value::Null.into();
            }
        }
        other => *other = Value::Null,
    }
}

/// Whether a value is one that sops encrypted, as a folder of manifests has it.
fn is_ciphertext(node: &Node) -> bool {
    node.as_str().is_some_and(|text| text.starts_with("ENC[AES256_GCM,"))
}

fn list(node: &Node) -> impl Iterator<Item = &Node> {
    let items: &[Node] = if let Value::List(items) = &node.value { items } else { &[] };
    items.iter()
}

fn text(node: &Node, key: &str) -> Option<String> {
    Some(node.get(key)?.as_str()?.to_owned())
}

fn owner(node: &Node) -> Option<Owner> {
    Some(Owner { kind: text(node, "kind")?, name: text(node, "name")? })
}

fn manager(node: &Node) -> Option<FieldManager> {
    Some(FieldManager {
        manager: text(node, "manager")?,
        operation: match text(node, "operation")?.as_str() {
            "Apply" => Operation::Apply,
            _ => Operation::Update,
        },
        time: text(node, "time"),
        fields: node.get("fieldsV1").map(json_of).unwrap_or_default().into(),
    })
}

/// A node as JSON.
pub(super) fn json_of(node: &Node) -> String {
    // Maps with text for keys always have a JSON form.
    serde_json::to_string(&Json(node)).unwrap_or_default()
}

struct Json<'n>(&'n Node);

impl Serialize for Json<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match &self.0.value {
            Value::Null => to.serialize_unit(),
            Value::Bool(truth) => to.serialize_bool(*truth),
            Value::Int(number) => to.serialize_i64(*number),
            Value::Float(number) => to.serialize_f64(*number),
            Value::String(text) => to.serialize_str(text),
            Value::List(items) => {
                let mut list = to.serialize_seq(Some(items.len()))?;
                for item in items {
                    list.serialize_element(&Json(item))?;
                }
                list.end()
            }
            Value::Map(entries) => {
                let mut map = to.serialize_map(Some(entries.len()))?;
                for entry in entries {
                    map.serialize_entry(&*entry.key, &Json(&entry.node))?;
                }
                map.end()
            }
        }
    }
}
