//! The health checks, run as Argo CD and Flux run them over statuses as the operators write them.

use crate::project::{REPOSITORY, delivery, of, project};
use crate::samples::files;
use mlua::{Lua, LuaSerdeExt as _};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// What an engine is to make of a status.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Health {
    Waits,
    Healthy,
    Failed,
}
use Health::{Failed, Healthy, Waits};

fn condition(kind: &str, status: &str, reason: &str) -> Value {
    json!({"conditions": [
        {"type": "Progressing", "status": "True", "reason": "Other", "message": "of another type"},
        {"type": kind, "status": status, "reason": reason, "message": "line one\nline two"},
    ]})
}

/// Statuses of a kind (none, nothing said yet, in progress, ready, failed), with what Flux and what Argo
/// CD are to make of each. Sources: `pkg/condition` of mariadb-operator 25.10, `FrappeSiteStatus` of
/// frappe-operator 2.3 and 2.6, the API references of sealed-secrets and External Secrets.
fn statuses(kind: &str) -> Vec<(Value, Health, Health)> {
    let none = (Value::Null, Waits, Waits);
    let empty = (json!({"conditions": []}), Waits, Waits);
    match kind {
        "MariaDB" | "ExternalMariaDB" | "Database" | "User" | "Grant" => vec![
            none,
            (json!({}), Waits, Waits),
            empty,
            (condition("Ready", "False", "Provisioning"), Waits, Waits),
            // The reason lies at times: the status counts.
            (condition("Ready", "False", "Healthy"), Waits, Waits),
            (condition("Ready", "True", "Created"), Healthy, Healthy),
            // They retry for ever.
            (condition("Ready", "False", "Failed"), Waits, Waits),
        ],
        // What runs at night holds nothing up; a failure is shown where people look.
        "Backup" | "PhysicalBackup" => vec![
            (Value::Null, Healthy, Healthy),
            (json!({"conditions": []}), Healthy, Healthy),
            (condition("Complete", "False", "JobRunning"), Healthy, Healthy),
            (condition("Complete", "True", "JobComplete"), Healthy, Healthy),
            (condition("Complete", "True", "JobFailed"), Healthy, Failed),
        ],
        "FrappeSite" | "FrappeBench" => vec![
            none,
            (json!({}), Waits, Waits),
            empty,
            (json!({"phase": "Provisioning", "benchReady": true}), Waits, Waits),
            (json!({"phase": "Ready"}), Healthy, Healthy),
            (json!({"phase": "Failed"}), Failed, Failed),
        ],
        "SealedSecret" => vec![
            none,
            empty,
            (condition("Synced", "True", ""), Healthy, Healthy),
            (condition("Synced", "False", ""), Failed, Failed),
        ],
        "ExternalSecret" | "PushSecret" => vec![
            none,
            empty,
            (condition("Ready", "False", "SecretSyncedError"), Waits, Waits),
            (condition("Ready", "True", "SecretSynced"), Healthy, Healthy),
        ],
        "Password" => vec![(Value::Null, Healthy, Healthy)],
        other => panic!("no status of a {other} is recorded"),
    }
}

/// The kinds that templates render, with their `apiVersion`; a Service is one that every engine knows.
fn rendered() -> BTreeSet<(String, String)> {
    let templates = files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("templates"));
    let templates = templates.into_iter().filter(|(path, _)| !path.starts_with("gitops/"));
    let kinds = templates.map(|(path, bytes)| {
        let text = String::from_utf8(bytes).unwrap();
        let of = |key: &str| {
            let value = text.lines().find_map(|line| line.strip_prefix(key));
            value.unwrap_or_else(|| panic!("{path}: no {key}")).to_owned()
        };
        (of("apiVersion: "), of("kind: "))
    });
    kinds.filter(|(_, kind)| kind != "Service").collect()
}

/// The expressions of a Kustomization, by kind.
fn expressions() -> BTreeMap<(String, String), Value> {
    let root = project(&format!("{{engine: flux, repository: {REPOSITORY}}}"));
    let objects = delivery(root.path()).unwrap();
    let kustomizations = of(&objects, "Kustomization");
    let lists: BTreeSet<String> =
        kustomizations.values().map(|it| it["spec"]["healthCheckExprs"].to_string()).collect();
    let [list] = lists.iter().collect::<Vec<_>>()[..] else { panic!("{lists:?}") };
    let list: Vec<Value> = serde_json::from_str(list).unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    list.into_iter().map(|it| ((text(&it["apiVersion"]), text(&it["kind"])), it)).collect()
}

/// Whether an expression is true of an object. It sees the object's fields as variables; one that fails
/// is as good as one that is false (source: `runtime/cel` of fluxcd/pkg).
fn is_true(expression: &Value, object: &Value) -> bool {
    let Some(text) = expression.as_str() else { return false };
    let program = cel::Program::compile(text).unwrap_or_else(|error| panic!("{text}: {error:?}"));
    let mut context = cel::Context::default();
    for (field, value) in object.as_object().unwrap() {
        context.add_variable(field.clone(), value.clone()).unwrap();
    }
    matches!(program.execute(&context), Ok(cel::Value::Bool(true)))
}

fn object((api, kind): &(String, String), status: &Value) -> Value {
    let mut object = json!({
        "apiVersion": api, "kind": kind, "metadata": {"name": "a", "generation": 1}, "spec": {},
    });
    if !status.is_null() {
        object["status"] = status.clone();
    }
    object
}

#[test]
fn flux_waits_for_every_kind() {
    let expressions = expressions();
    assert_eq!(expressions.keys().cloned().collect::<BTreeSet<_>>(), rendered());
    for (kind, checks) in &expressions {
        for (status, expected, _) in statuses(&kind.1) {
            let object = object(kind, &status);
            // The order in which Flux asks.
            let found = if is_true(&checks["inProgress"], &object) {
                Waits
            } else if is_true(&checks["failed"], &object) {
                Failed
            } else if is_true(&checks["current"], &object) {
                Healthy
            } else {
                Waits
            };
            assert_eq!(found, expected, "{} {status}", kind.1);
        }
    }
}

/// What the documentation of Flux shows would take a status that says nothing yet for a healthy one.
#[test]
fn an_empty_list_of_conditions_is_seen() {
    let kind = ("k8s.mariadb.com/v1alpha1".to_owned(), "Database".to_owned());
    let object = object(&kind, &json!({"conditions": []}));
    let documented = "status.conditions.filter(e, e.type == 'Ready').all(e, e.status == 'True')";
    assert!(is_true(&json!(documented), &object));
    assert!(!is_true(&expressions()[&kind]["current"], &object));
}

#[test]
fn argo_cd_waits_for_the_operators_kinds() {
    let root = project(&format!("{{engine: argocd, repository: {REPOSITORY}}}"));
    let objects = delivery(root.path()).unwrap();
    let config = of(&objects, "ConfigMap")["argocd-cm"];
    // By this label Argo CD knows its own configuration.
    assert_eq!(config["metadata"]["labels"]["app.kubernetes.io/part-of"], "argocd");
    let checks = config["data"].as_object().unwrap();
    let is_ours = |api: &str| api.starts_with("k8s.mariadb.com/") || api.starts_with("vyogo.tech/");
    let mut expected = BTreeSet::new();
    for kind in rendered().iter().filter(|(api, _)| is_ours(api)) {
        let group = kind.0.split('/').next().unwrap();
        let key = format!("resource.customizations.health.{group}_{}", kind.1);
        let check = checks[&key].as_str().unwrap_or_else(|| panic!("no {key}"));
        for (status, _, expected) in statuses(&kind.1) {
            let lua = Lua::new();
            // A status without nulls: a field that is not there is nil, as in Argo CD.
            let object = lua.to_value(&object(kind, &status)).unwrap();
            lua.globals().set("obj", object).unwrap();
            let health: mlua::Table = lua.load(check).eval().unwrap();
            let found: String = health.get("status").unwrap();
            let found = match found.as_str() {
                "Progressing" => Waits,
                "Healthy" => Healthy,
                "Degraded" => Failed,
                other => panic!("{other}"),
            };
            assert_eq!(found, expected, "{} {status}", kind.1);
            assert!(!health.get::<String>("message").unwrap().is_empty());
        }
        expected.insert(key);
    }
    assert_eq!(checks.keys().cloned().collect::<BTreeSet<_>>(), expected);
}

/// Argo CD may apply exactly what is rendered.
#[test]
fn the_project_allows_every_kind_and_no_other() {
    let root = project(&format!("{{engine: argocd, repository: {REPOSITORY}}}"));
    let objects = delivery(root.path()).unwrap();
    let spec = &of(&objects, "AppProject")["eu"]["spec"];
    let allowed: BTreeSet<(String, String)> = spec["namespaceResourceWhitelist"]
        .as_array()
        .unwrap()
        .iter()
        .map(|kind| {
            let text = |key: &str| kind[key].as_str().unwrap().to_owned();
            (text("group"), text("kind"))
        })
        .collect();
    let group = |api: &str| api.rsplit_once('/').map_or("", |(group, _)| group).to_owned();
    let mut expected: BTreeSet<(String, String)> =
        rendered().into_iter().map(|(api, kind)| (group(&api), kind)).collect();
    expected.insert((String::new(), "Service".to_owned()));
    assert_eq!(allowed, expected);
    assert_eq!(spec["clusterResourceWhitelist"], json!([]));
}
