//! What a FrappeSite means by a field that it leaves out. A render states it, and nothing changes by that.
//!
//! The fields of mariadb-operator's objects are not here: it compares a reference as a whole, so a namespace that is
//! added later is refused.

use super::value::{at, put, string, text};
use crate::source::node::{Entry, Node, Value};

/// Adds to an object what it means without saying it, where the rendered object says it.
pub(super) fn add(live: &mut Node, rendered: &Node) {
    let Some(kind) = text(live, &["kind"]).map(str::to_owned) else { return };
    let of = |path: &[&str]| text(live, path).unwrap_or_default().to_owned();
    let (namespace, name) = (of(&["metadata", "namespace"]), of(&["metadata", "name"]));
    // `getMariaDBInstance` in `controllers/database/mariadb_provider.go` of frappe-operator.
    let server = match of(&["spec", "dbConfig", "mode"]).as_str() {
        "dedicated" => format!("{name}-mariadb"),
        _ => "frappe-mariadb".to_owned(),
    };
    let class = of(&["spec", "ingress", "className"]);
    if ["FrappeSite", "FrappeBench"].contains(&kind.as_str()) {
        namespaces(live, rendered, &namespace);
    }
    if kind != "FrappeSite" {
        return;
    }
    let implied: [(&[&str], String); 6] = [
        (&["spec", "benchRef", "namespace"], namespace.clone()),
        // The Secret that the operator makes for a site that names none.
        (&["spec", "adminPasswordSecretRef", "name"], format!("{name}-admin")),
        (&["spec", "adminPasswordSecretRef", "namespace"], namespace.clone()),
        (&["spec", "dbConfig", "mariadbRef", "name"], server),
        (&["spec", "dbConfig", "mariadbRef", "namespace"], namespace),
        (&["spec", "ingressClassName"], class),
    ];
    for (path, value) in implied {
        let is_said = at(live, path).is_some();
        if !is_said && text(rendered, path) == Some(&value) {
            put(live, path, string(&value));
        }
    }
}

/// A reference to a Secret without a namespace means the object's own.
fn namespaces(live: &mut Node, rendered: &Node, namespace: &str) {
    match (&mut live.value, &rendered.value) {
        (Value::Map(entries), Value::Map(_)) => {
            for entry in entries {
                let Some(rendered) = rendered.get(&entry.key) else { continue };
                namespaces(&mut entry.node, rendered, namespace);
                let is_reference = entry.key.ends_with("SecretRef");
                let is_same = text(rendered, &["namespace"]) == Some(namespace);
                if let Value::Map(below) = &mut entry.node.value
                    && is_reference
                    && is_same
                    && !below.iter().any(|it| &*it.key == "namespace")
                {
                    below.push(Entry::new("namespace", string(namespace)));
                }
            }
        }
        (Value::List(items), Value::List(rendered)) => {
            for (item, rendered) in items.iter_mut().zip(rendered) {
                namespaces(item, rendered, namespace);
            }
        }
        _ => {}
    }
}
