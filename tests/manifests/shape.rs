//! What every file is: one whole object of ours, which readers agree about.

use crate::read::{clusters, text};
use serde_yaml::{Mapping, Value};
use sitewright::diagnostic::FileId;
use sitewright::source::node::{self, Node};
use std::collections::BTreeSet;

/// Both readers see the same in every file.
#[test]
fn two_readers_agree() {
    for object in clusters().iter().flat_map(|cluster| &cluster.objects) {
        let ours = sitewright::source::yaml::read(&object.text, FileId(0));
        let ours = ours.unwrap_or_else(|problems| panic!("{}: {problems:?}", object.shown));
        assert_eq!(plain(&ours), object.value, "{}", object.shown);
    }
}

fn plain(node: &Node) -> Value {
    match &node.value {
        node::Value::Null => Value::Null,
        node::Value::Bool(value) => Value::from(*value),
        node::Value::Int(value) => Value::from(*value),
        node::Value::Float(value) => Value::from(*value),
        node::Value::String(value) => Value::from(&**value),
        node::Value::List(items) => Value::from_iter(items.iter().map(plain)),
        node::Value::Map(entries) => {
            let entries = entries.iter().map(|e| (Value::from(&*e.key), plain(&e.node)));
            Value::Mapping(entries.collect::<Mapping>())
        }
    }
}

/// The first line names the definition; folders mirror it.
#[test]
fn files_say_where_they_come_from() {
    for cluster in clusters() {
        for object in &cluster.objects {
            let source = object.source();
            let definition = cluster.sites.parent().unwrap().join(source);
            assert!(definition.is_file(), "{}: {source}", object.shown);
            let (_, path) = object.shown.split_once(": rendered/").unwrap();
            let (folder, _) = path.rsplit_once('/').unwrap();
            assert_eq!(source, format!("{folder}.yaml"), "{}", object.shown);
        }
    }
}

#[test]
fn objects_are_whole_and_ours() {
    for object in clusters().iter().flat_map(|cluster| &cluster.objects) {
        let keys: Vec<&str> = object.value.as_mapping().unwrap().keys().map(text).collect();
        let expected: &[&str] = match object.kind() {
            "Secret" => &["apiVersion", "kind", "metadata", "type", "stringData", "sops"],
            _ => &["apiVersion", "kind", "metadata", "spec"],
        };
        assert_eq!(keys, expected, "{}", object.shown);
        let labels = object.at("metadata.labels").unwrap();
        let label = |name: &str| labels.get(format!("app.kubernetes.io/{name}")).map(text);
        assert_eq!(label("managed-by"), Some("sitewright"), "{}", object.shown);
        for name in ["name", "component", "part-of"] {
            assert!(label(name).is_some(), "{}: {name}", object.shown);
        }
        // Argo CD tracks what it owns with it.
        assert_eq!(label("instance"), None, "{}", object.shown);
    }
}

/// Kubernetes knows one object by kind, namespace and name.
#[test]
fn no_object_stands_twice() {
    for cluster in clusters() {
        let mut seen = BTreeSet::new();
        for object in &cluster.objects {
            assert!(seen.insert((object.kind(), object.key())), "{}", object.shown);
        }
    }
}

/// No password and no other secret is ever in git in clear text.
#[test]
fn no_secrets_in_clear_text() {
    for object in clusters().iter().flat_map(|cluster| &cluster.objects) {
        if object.kind() != "Secret" {
            continue;
        }
        // SOPS encrypted it.
        for field in ["stringData.password", "sops.mac"] {
            assert!(object.text(field).starts_with("ENC["), "{}: {field}", object.shown);
        }
    }
}
