//! The health checks, run as Argo CD and Flux run them over the statuses that operators write.

use crate::project::{REPOSITORY, delivery, of, project, project_of};
use crate::samples::files;
use crate::statuses::Verdict::{Current, Failed, Waits};
use crate::statuses::{ALL, Case, NEWEST, PREVIEW, Verdict, Versions, cases};
use mlua::{Lua, LuaSerdeExt as _};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// The kinds that templates render under these versions, with their `apiVersion`, but for those of
/// Kubernetes itself. Every engine knows when a Service and a Secret are ready.
fn rendered(versions: Versions) -> BTreeSet<(String, String)> {
    let templates = files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("templates"));
    // `tests/site_databases` has the checks of SiteDatabases, which are rendered only where a cluster asks for them.
    let others = ["gitops/", "status/"];
    let templates =
        templates.into_iter().filter(|(path, _)| !others.iter().any(|it| path.starts_with(it)));
    let kinds = templates.map(|(path, bytes)| {
        let text = String::from_utf8(bytes).unwrap();
        let of = |key: &str| -> Vec<String> {
            text.lines().filter_map(|line| line.strip_prefix(key)).map(str::to_owned).collect()
        };
        let api = match &of("apiVersion: ")[..] {
            [api] => api.clone(),
            // The newer API, and the one before it.
            [v1, other] if v1.ends_with("/v1") => {
                if versions == PREVIEW {
                    v1.clone()
                } else {
                    other.clone()
                }
            }
            other => panic!("{path}: {other:?}"),
        };
        let [kind] = &of("kind: ")[..] else { panic!("{path}: not one kind") };
        (api, kind.clone())
    });
    kinds.filter(|(_, kind)| kind != "Service" && kind != "Secret").collect()
}

/// The expressions of a Kustomization, by kind.
fn expressions(versions: Versions) -> BTreeMap<(String, String), Value> {
    let root = project_of(versions, &format!("{{engine: flux, repository: {REPOSITORY}}}"));
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

fn object(case: &Case) -> Value {
    let metadata = json!({"name": "a", "generation": case.generation()});
    let mut object = json!({"kind": case.kind, "metadata": metadata, "spec": {}});
    if !case.status.is_null() {
        object["status"] = case.status.clone();
    }
    object
}

/// The table of statuses has cases for every kind that is rendered, and for no other.
#[test]
fn every_kind_has_statuses() {
    for versions in ALL {
        let rendered = rendered(versions).into_iter();
        let rendered: BTreeSet<String> = rendered.map(|(_, kind)| kind).collect();
        let kinds: BTreeSet<String> =
            cases(versions).iter().map(|case| case.kind.to_owned()).collect();
        assert_eq!(kinds, rendered);
    }
}

/// `tests/cluster_health` asks Flux itself.
#[test]
fn flux_waits_for_every_kind() {
    for versions in ALL {
        let expressions = expressions(versions);
        assert_eq!(expressions.keys().cloned().collect::<BTreeSet<_>>(), rendered(versions));
        for case in cases(versions) {
            assert_eq!(
                verdict(checks_of(&expressions, &case), &object(&case)),
                case.flux,
                "{case}"
            );
        }
    }
}

/// Whether a case is about a kind.
fn is_of(case: &Case, api: &str, kind: &str) -> bool {
    let group = api.split('/').next().unwrap_or_default();
    case.kind == kind && case.group.is_none_or(|of| of == group)
}

/// The expressions for the kind of a case.
fn checks_of<'e>(expressions: &'e BTreeMap<(String, String), Value>, case: &Case) -> &'e Value {
    let found = expressions.iter().find(|((api, kind), _)| is_of(case, api, kind));
    found.unwrap_or_else(|| panic!("{case}")).1
}

/// What Flux makes of an object, in the order in which it asks (source:
/// `runtime/cel/status_evaluator.go` of fluxcd/pkg).
fn verdict(checks: &Value, object: &Value) -> Verdict {
    let seen = &object["status"]["observedGeneration"];
    let is_old = !seen.is_null() && *seen != object["metadata"]["generation"];
    if is_old || is_true(&checks["inProgress"], object) {
        Waits
    } else if is_true(&checks["failed"], object) {
        Failed
    } else if is_true(&checks["current"], object) {
        Current
    } else {
        Waits
    }
}

/// A site that cannot get ready and is retired holds up no other. Only what Flux decides before it asks stays:
/// an operator that keeps a generation has to see the retirement.
#[test]
fn flux_waits_for_nothing_that_is_retired() {
    for versions in ALL {
        let expressions = expressions(versions);
        for case in cases(versions) {
            let mut retired = object(&case);
            retired["metadata"]["annotations"] = json!({"sitewright/lifecycle": "retired"});
            let seen = &retired["status"]["observedGeneration"];
            let is_old = !seen.is_null() && *seen != retired["metadata"]["generation"];
            let expected = if is_old { Waits } else { Current };
            assert_eq!(verdict(checks_of(&expressions, &case), &retired), expected, "{case}");
        }
    }
}

/// Flux compares the generations itself. Argo CD does not, and neither does kubectl, so the expressions do
/// it again.
#[test]
fn an_expression_sees_a_change_by_itself() {
    let expressions = expressions(NEWEST);
    for ((_, kind), checks) in &expressions {
        let changed = |case: &Case| case.kind == kind && case.changed && kind.starts_with("Frappe");
        for case in cases(NEWEST).iter().filter(|case| changed(case)) {
            assert!(!is_true(&checks["current"], &object(case)), "{case}");
        }
    }
}

/// What the documentation of Flux shows would take a status that says nothing yet for a healthy one.
#[test]
fn an_empty_list_of_conditions_is_seen() {
    let is_it = |case: &Case| case.kind == "Database" && case.name == "no-condition";
    let object = object(&cases(NEWEST).into_iter().find(is_it).unwrap());
    let documented = "status.conditions.filter(e, e.type == 'Ready').all(e, e.status == 'True')";
    assert!(is_true(&json!(documented), &object));
    let kind = ("k8s.mariadb.com/v1alpha1".to_owned(), "Database".to_owned());
    assert!(!is_true(&expressions(NEWEST)[&kind]["current"], &object));
}

#[test]
fn argo_cd_waits_for_the_operators_kinds() {
    for versions in ALL {
        let root = project_of(versions, &format!("{{engine: argocd, repository: {REPOSITORY}}}"));
        let objects = delivery(root.path()).unwrap();
        let config = of(&objects, "ConfigMap")["argocd-cm"];
        // By this label Argo CD knows its own configuration.
        assert_eq!(config["metadata"]["labels"]["app.kubernetes.io/part-of"], "argocd");
        let checks = config["data"].as_object().unwrap();
        let mut expected = BTreeSet::new();
        for (api, kind) in rendered(versions) {
            let group = api.split('/').next().unwrap();
            // Argo CD has its own checks of these, and they do.
            if ["bitnami.com", "external-secrets.io", "generators.external-secrets.io"]
                .contains(&group)
            {
                continue;
            }
            let key = format!("resource.customizations.health.{group}_{kind}");
            let check = checks[&key].as_str().unwrap_or_else(|| panic!("no {key}"));
            for case in cases(versions).iter().filter(|case| is_of(case, &api, &kind)) {
                assert_eq!(health(check, &object(case)), case.argocd, "{case}");
            }
            expected.insert(key);
        }
        assert_eq!(checks.keys().cloned().collect::<BTreeSet<_>>(), expected);
    }
}

/// What a check in Lua makes of an object, as Argo CD runs it.
fn health(check: &str, object: &Value) -> Verdict {
    let lua = Lua::new();
    // A field that is not there is nil, as in Argo CD.
    let object = lua.to_value(object).unwrap();
    lua.globals().set("obj", object).unwrap();
    let health: mlua::Table = lua.load(check).eval().unwrap();
    assert!(!health.get::<String>("message").unwrap().is_empty());
    match health.get::<String>("status").unwrap().as_str() {
        "Progressing" => Waits,
        "Healthy" => Current,
        "Degraded" => Failed,
        other => panic!("{other}"),
    }
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
        rendered(NEWEST).into_iter().map(|(api, kind)| (group(&api), kind)).collect();
    expected.insert((String::new(), "Service".to_owned()));
    assert_eq!(allowed, expected);
    assert_eq!(spec["clusterResourceWhitelist"], json!([]));
}
