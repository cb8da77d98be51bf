//! What is read: the forms of dumps, and what is kept of an object.

use crate::support::{SERVER, objects, read, text};
use serde_json::json;
use sitewright::live::{FieldManager, Operation, Owner};
use sitewright::source::node::Value;

/// As an API server gives it.
fn live() -> serde_json::Value {
    json!({
        "apiVersion": "k8s.mariadb.com/v1alpha1",
        "kind": "Database",
        "metadata": {
            "annotations": {
                "kubectl.kubernetes.io/last-applied-configuration": "{}",
                "argocd.argoproj.io/tracking-id": "a",
                "argocd.argoproj.io/sync-wave": "1",
            },
            "creationTimestamp": "2026-11-28T09:15:00Z",
            "deletionTimestamp": "2026-11-28T09:15:00Z",
            "finalizers": ["database.k8s.mariadb.com/finalizer"],
            "generation": 1,
            "labels": {
                "app.kubernetes.io/instance": "a",
                "kustomize.toolkit.fluxcd.io/name": "a",
                "kustomize.toolkit.fluxcd.io/prune": "disabled",
            },
            "managedFields": [{
                "apiVersion": "k8s.mariadb.com/v1alpha1",
                "fieldsType": "FieldsV1",
                "fieldsV1": {"f:spec": {"f:name": {}}},
                "manager": "kubectl-edit",
                "operation": "Update",
                "time": "2026-11-28T09:15:00Z",
            }],
            "name": "acme-db",
            "namespace": "frappe",
            "ownerReferences": [{"apiVersion": "v1", "kind": "FrappeSite", "name": "acme", "uid": "1"}],
            "resourceVersion": "1",
            "selfLink": "/a",
            "uid": "1",
        },
        "spec": {"name": "acme"},
        "status": {"conditions": []},
    })
}

#[test]
fn an_object_is_taken_apart() {
    for form in [live().to_string(), serde_yaml::to_string(&live()).unwrap()] {
        let [object] = objects(form).try_into().unwrap();
        let keys = |key: &str| {
            let map = object.node.get("metadata").and_then(|it| it.get(key)).unwrap();
            map.entries().iter().map(|entry| entry.key.to_string()).collect::<Vec<_>>()
        };
        assert_eq!(keys("annotations"), ["argocd.argoproj.io/sync-wave"]);
        assert_eq!(keys("labels"), ["kustomize.toolkit.fluxcd.io/prune"]);
        let metadata = object.node.get("metadata").unwrap();
        let keys: Vec<_> = metadata.entries().iter().map(|entry| &*entry.key).collect();
        assert_eq!(keys, ["annotations", "labels", "name", "namespace"]);
        let keys: Vec<_> = object.node.entries().iter().map(|entry| &*entry.key).collect();
        assert_eq!(keys, ["apiVersion", "kind", "metadata", "spec"]);
        assert_eq!(object.key.to_string(), "Database frappe/acme-db");
        assert_eq!(
            (object.key.group.as_str(), object.version.as_str()),
            ("k8s.mariadb.com", "v1alpha1")
        );
        assert_eq!(object.owners, [Owner { kind: "FrappeSite".into(), name: "acme".into() }]);
        assert_eq!(object.finalizers, ["database.k8s.mariadb.com/finalizer"]);
        assert!(object.is_deleted);
        let manager = FieldManager {
            manager: "kubectl-edit".into(),
            operation: Operation::Update,
            time: Some("2026-11-28T09:15:00Z".into()),
            fields: r#"{"f:spec":{"f:name":{}}}"#.into(),
        };
        assert_eq!(object.managers, [manager]);
    }
}

#[test]
fn the_data_of_a_secret_is_never_held() {
    let secret = json!({
        "data": {"password": "aHVudGVyMg=="}, "stringData": {"other": "hunter2"}, "type": "Opaque",
        "apiVersion": "v1", "kind": "Secret", "metadata": {"name": "a"},
    });
    for form in [secret.to_string(), serde_yaml::to_string(&secret).unwrap()] {
        let [object] = objects(form).try_into().unwrap();
        let shown = format!("{object:?}");
        assert!(!shown.contains("unter2") && !shown.contains("aHVud"), "{shown}");
        let data = object.node.get("data").unwrap().entries();
        assert_eq!((&*data[0].key, &data[0].node.value), ("password", &Value::Null));
    }
}

#[test]
fn places_are_lines_of_the_file() {
    let second = SERVER.replace("name: a", "name: c");
    let lines = |text: String| objects(text).iter().map(|it| it.place.line).collect::<Vec<_>>();
    assert_eq!(lines(format!("# a\n---\n{SERVER}---\n# b\n\n{second}")), [3, 13]);
    assert_eq!(lines(format!("{SERVER}---\n{second}").replace('\n', "\r\n")), [1, 9]);
    let item = |text: &str| format!("- {}", text.trim_end().replace('\n', "\n  "));
    let (one, two) = (item(SERVER), item(&second));
    assert_eq!(lines(format!("apiVersion: v1\nitems:\n{one}\n{two}\nkind: List\n")), [3, 10]);
    let json = format!("{:#}", json!({"items": [live(), {"kind": "Pod", "apiVersion": "v1"}]}));
    assert_eq!(lines(json), [3]);
}

#[test]
fn kinds_that_nobody_wants_are_counted() {
    let pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\n";
    let event = "{\"kind\": \"Pod\", \"apiVersion\": \"metrics.k8s.io/v1\"}\n";
    let found =
        read(vec![text("one", format!("{pod}---\n{pod}---\n{SERVER}")), text("two", event)]);
    assert_eq!(found.diagnostics, []);
    let summary = found.value.summary;
    assert_eq!(summary.objects, 1);
    let left_alone: Vec<_> = summary.left_alone.into_iter().collect();
    let of = |group: &str| ("Pod".to_owned(), group.to_owned());
    assert_eq!(left_alone, [(of(""), 2), (of("metrics.k8s.io"), 1)]);
}

#[test]
fn a_byte_order_mark_and_typed_lists_are_read() {
    assert_eq!(objects(format!("\u{feff}{SERVER}")).len(), 1);
    let list = json!({"kind": "DatabaseList", "apiVersion": "k8s.mariadb.com/v1alpha1", "items": [live()]});
    assert_eq!(objects(list.to_string()).len(), 1);
    assert_eq!(objects(format!("\u{feff}{list:#}")).len(), 1);
    assert_eq!(objects(serde_yaml::to_string(&list).unwrap()).len(), 1);
}
