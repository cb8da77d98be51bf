//! Layering: against a plain model of it over arbitrary layers, and through a whole project.

use proptest::prelude::*;
use serde_json::{Map, Value as Json, json};
use sitewright::Compiled;
use sitewright::diagnostic::{Diagnostic, FileId, Reported};
use sitewright::language::{Kind, json_schema};
use sitewright::layers::{Layered, Layers};
use sitewright::project::Project;
use sitewright::secret::Missing;
use sitewright::source::node::{Node, Value};
use sitewright::source::yaml;
use std::collections::BTreeMap;

#[cfg(test)]
mod support {
    use super::*;

    /// Maps of few keys, so that layers meet.
    pub(crate) fn layer() -> impl Strategy<Value = Json> {
        let leaf = prop_oneof![
            Just(Json::Null),
            any::<bool>().prop_map(Json::from),
            (0..9i64).prop_map(Json::from),
            "[a-c]".prop_map(Json::from),
            prop::collection::vec(0..3i64, 0..3).prop_map(Json::from),
        ];
        let value = leaf.prop_recursive(3, 16, 4, |inner| map(inner).prop_map(Json::Object));
        map(value).prop_map(Json::Object)
    }

    fn map(value: impl Strategy<Value = Json>) -> impl Strategy<Value = Map<String, Json>> {
        prop::collection::btree_map("[a-d]", value, 0..4).prop_map(|map| map.into_iter().collect())
    }

    /// Layers in which a key is a map everywhere or nowhere, as the language has it.
    pub(crate) fn typed(nulls: bool) -> impl Strategy<Value = Json> {
        let null = if nulls { 1 } else { 0 };
        let field = |key: &'static str, value: BoxedStrategy<Json>| {
            let value = prop_oneof![
                3 => Just(None),
                null => Just(Some(Json::Null)),
                4 => value.prop_map(Some),
            ];
            value.prop_map(move |value| value.map(|value| (key.to_owned(), value)))
        };
        let fields = move |below: BoxedStrategy<Json>| {
            let leaf = || (0..9i64).prop_map(Json::from).boxed();
            (field("a", leaf()), field("b", leaf()), field("m", below.clone()), field("n", below))
                .prop_map(|(a, b, m, n)| [a, b, m, n].into_iter().flatten().collect::<Json>())
                .boxed()
        };
        let inner = (0..9i64).prop_map(|number| json!({"a": number})).boxed();
        fields(fields(inner))
    }

    /// The model: maps merge key by key, anything else replaces.
    pub(crate) fn merged(weak: &Json, strong: &Json) -> Json {
        let (Json::Object(weak), Json::Object(strong)) = (weak, strong) else {
            return strong.clone();
        };
        let mut out = weak.clone();
        for (key, value) in strong {
            let value = weak.get(key).map_or(value.clone(), |below| merged(below, value));
            out.insert(key.clone(), value);
        }
        Json::Object(out)
    }

    /// The same over built-in defaults, which come back where null unsets.
    pub(crate) fn with_defaults(defaults: &Json, above: &Json) -> Json {
        match (defaults, above) {
            (defaults, Json::Null) => defaults.clone(),
            (Json::Object(defaults), Json::Object(above)) => {
                let mut out = defaults.clone();
                for (key, value) in above {
                    let value = match defaults.get(key) {
                        Some(default) => with_defaults(default, value),
                        None => value.clone(),
                    };
                    out.insert(key.clone(), value);
                }
                Json::Object(out)
            }
            (_, above) => above.clone(),
        }
    }

    /// Every value that is no map, or an empty one, with its path.
    pub(crate) fn leaves(value: &Json, path: &str, out: &mut Vec<(String, Json)>) {
        match value {
            Json::Object(map) if !map.is_empty() => {
                for (key, value) in map {
                    let below = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                    leaves(value, &below, out);
                }
            }
            _ => out.push((path.to_owned(), value.clone())),
        }
    }

    pub(crate) fn json(node: &Node) -> Json {
        match &node.value {
            Value::Null => Json::Null,
            Value::Bool(value) => json!(value),
            Value::Int(value) => json!(value),
            Value::Float(value) => json!(value),
            Value::String(text) => json!(text),
            Value::List(items) => items.iter().map(json).collect(),
            Value::Map(entries) => {
                entries.iter().map(|entry| (entry.key.to_string(), json(&entry.node))).collect()
            }
        }
    }

    pub(crate) fn put(root: &std::path::Path, path: &str, text: &str) {
        let path = root.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    /// What a project comes to: its manifests, or what is wrong with it.
    pub(crate) fn outcome(
        root: &std::path::Path,
    ) -> Result<BTreeMap<String, String>, Vec<(&'static str, String)>> {
        let said = |found: Vec<Diagnostic>| -> Vec<(&'static str, String)> {
            found.iter().map(|it| (it.code.id(), it.message.to_string())).collect()
        };
        let read = Project::read(root).map_err(|unread| said(unread.diagnostics))?;
        let compiled = sitewright::compile(&read.value, Missing::Ignore, read.diagnostics);
        let Compiled { files, .. } = compiled.map_err(said)?.value;
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        Ok(files.into_iter().map(|(path, bytes)| (path, text(bytes))).collect())
    }

    /// The paths of all fields below a schema, those in lists left out.
    pub(crate) fn fields(schema: &Json, path: &[String], out: &mut Vec<Vec<String>>) {
        let schema = schema["anyOf"].get(0).unwrap_or(schema);
        for (name, field) in schema["properties"].as_object().into_iter().flatten() {
            let below = [path, std::slice::from_ref(name)].concat();
            fields(field, &below, out);
            out.push(below);
        }
    }

    /// A definition whose maps lead to a field, without it.
    pub(crate) fn without(definition: &Json, path: &[String]) -> Json {
        let mut definition = definition.clone();
        let (last, parents) = path.split_last().unwrap();
        let map = parents.iter().fold(&mut definition, |map, key| {
            let map = map.as_object_mut().unwrap();
            map.entry(key.clone()).or_insert_with(|| json!({}))
        });
        map.as_object_mut().unwrap().shift_remove(last);
        definition
    }

    /// The same with a null in its place.
    pub(crate) fn unset(definition: &Json, path: &[String]) -> Json {
        let mut definition = without(definition, path);
        let (last, parents) = path.split_last().unwrap();
        let map = parents.iter().fold(&mut definition, |map, key| &mut map[key]);
        map.as_object_mut().unwrap().insert(last.clone(), Json::Null);
        definition
    }

    /// The files of a project with all kinds. Definitions state everything themselves, so that no layer states what
    /// a weaker one does.
    pub(crate) fn project() -> Vec<(&'static str, Kind, Json)> {
        let s3 =
            json!({"bucket": "acme", "endpoint": "s3.acme.com", "credentials": {"name": "s3"}});
        let backup = json!({"schedule": "@daily", "storage": {"s3": s3}});
        let app = json!({"name": "erpnext", "source": "image"});
        let cluster = json!({
            "kind": "Cluster", "operators": {"frappe": "2.6", "mariadb": "26.6"}, "gitops": {"engine": "flux"},
        });
        let bench = json!({
            "kind": "Bench", "namespace": "frappe", "frappeVersion": "version-16", "apps": [app],
        });
        let server = json!({
            "kind": "DatabaseServer", "namespace": "frappe", "storageSize": "9Gi", "maxConnections": 400,
            "backup": backup,
        });
        let shared = json!({
            "kind": "Site", "siteName": "a.io", "namespace": "frappe", "bench": "bench", "plan": "gold",
            "apps": ["erpnext"], "database": {"server": "db"}, "ingress": {"className": "nginx"},
        });
        let dedicated = json!({
            "kind": "Site", "siteName": "b.io", "namespace": "frappe", "bench": "bench", "apps": ["erpnext"],
            "backup": backup,
            "database": {"mode": "dedicated", "storageSize": "5Gi", "metrics": {"enabled": true}},
        });
        vec![
            ("sitewright.yaml", Kind::Project, json!({"kind": "Project", "language": 1})),
            ("sites/eu/_cluster.yaml", Kind::Cluster, cluster),
            ("sites/eu/_defaults.yaml", Kind::Defaults, json!({"kind": "Defaults"})),
            ("sites/eu/gold.yaml", Kind::Plan, json!({"kind": "Plan"})),
            ("sites/eu/bench.yaml", Kind::Bench, bench),
            ("sites/eu/db.yaml", Kind::DatabaseServer, server),
            ("sites/eu/acme.yaml", Kind::Site, shared),
            ("sites/eu/globex.yaml", Kind::Site, dedicated),
        ]
    }
}

use support::{
    fields, json, layer, leaves, merged, outcome, project, put, typed, unset, with_defaults,
    without,
};

proptest! {
    #[test]
    fn layers_merge_as_the_model_does(layers in prop::collection::vec(layer(), 1..5)) {
        let texts: Vec<String> = layers.iter().map(Json::to_string).collect();
        let nodes: Vec<Node> = texts
            .iter()
            .enumerate()
            .map(|(number, text)| yaml::read(text, FileId(number as u32)).unwrap())
            .collect();
        let layered = Layered::merge(&nodes.iter().collect::<Vec<_>>());
        let model = layers.iter().skip(1).fold(layers[0].clone(), |weak, strong| merged(&weak, strong));
        let mut expected = Vec::new();
        leaves(&model, "", &mut expected);
        expected.sort_by(|(one, _), (other, _)| one.cmp(other));
        let found: Vec<(String, Json)> =
            layered.leaves().into_iter().map(|(path, node)| (path, json(node))).collect();
        prop_assert_eq!(&found, &expected);

        // The strongest layer that states a value is its origin, also for who asks for it alone.
        let stack = Layers::new(nodes.iter().collect());
        for (path, node) in layered.leaves() {
            let keys: Vec<&str> = path.split('.').filter(|key| !key.is_empty()).collect();
            let alone = stack.get(&keys).map(|value| value.leaves());
            prop_assert_eq!(alone, Some(vec![(String::new(), node)]), "{}", path);
            prop_assert_eq!(stack.span(&keys), Some(node.span), "{}", path);
            let pointer = format!("/{}", path.replace('.', "/"));
            let strongest = layers.iter().rposition(|layer| {
                path.is_empty() || layer.pointer(&pointer).is_some()
            });
            prop_assert_eq!(strongest, Some(node.span.file.0 as usize), "{}", path);
            let text = &texts[node.span.file.0 as usize];
            let stated: Json = serde_json::from_str(&text[node.span.range()]).unwrap();
            prop_assert_eq!(stated, json(node), "{}", path);
        }
    }
}

proptest! {
    /// Over built-in defaults, what is unset in the end is what they say.
    #[test]
    fn a_null_brings_the_default_back(
        defaults in typed(false),
        layers in prop::collection::vec(typed(true), 0..4),
    ) {
        let texts = [&defaults].into_iter().chain(&layers).map(Json::to_string);
        let nodes: Vec<Node> = texts
            .enumerate()
            .map(|(number, text)| yaml::read(&text, FileId(number as u32)).unwrap())
            .collect();
        let above = layers.iter().fold(json!({}), |weak, strong| merged(&weak, strong));
        let mut expected = Vec::new();
        leaves(&with_defaults(&defaults, &above), "", &mut expected);
        expected.sort_by(|(one, _), (other, _)| one.cmp(other));
        let stack = Layers::over_defaults(nodes.iter().collect());
        let leaves = stack.merged().leaves();
        let found: Vec<(String, Json)> =
            leaves.iter().map(|(path, node)| (path.clone(), json(node))).collect();
        prop_assert_eq!(&found, &expected);
        // Also for who asks for one value alone.
        for (path, node) in leaves {
            let keys: Vec<&str> = path.split('.').filter(|key| !key.is_empty()).collect();
            let alone = stack.get(&keys).map(|value| value.leaves());
            prop_assert_eq!(alone, Some(vec![(String::new(), node)]), "{}", path);
        }
    }
}

#[test]
fn every_layer_is_stronger_than_the_one_before() {
    let root = tempfile::tempdir().unwrap();
    let connections = |number: u32| format!("database:\n    maxUserConnections: {number}\n");
    let defaults = |number| format!("kind: Defaults\nsite:\n  {}", connections(number));
    put(
        root.path(),
        "sites/eu/_cluster.yaml",
        "kind: Cluster\nnamespace: frappe\noperators: {frappe: \"2.6\", mariadb: \"26.6\"}\ntls: {enabled: true}\n",
    );
    put(
        root.path(),
        "sites/eu/bench.yaml",
        "kind: Bench\nfrappeVersion: version-16\napps: [{name: erpnext, source: image}]\n",
    );
    put(root.path(), "sites/eu/db.yaml", "kind: DatabaseServer\nstorageSize: 9Gi\n");
    let site = |plan: &str, own: &str| {
        format!(
            "kind: Site\nsiteName: a.example.com\nbench: bench\n{plan}database:\n  server: db\n{own}"
        )
    };
    let steps = [
        ("built-in", None, 100),
        ("the top folder's defaults", Some(("sites/_defaults.yaml", defaults(1))), 1),
        ("the cluster's defaults", Some(("sites/eu/_defaults.yaml", defaults(2))), 2),
        ("the folder's defaults", Some(("sites/eu/a/_defaults.yaml", defaults(3))), 3),
        (
            "the plan",
            Some((
                "sites/gold.yaml",
                "kind: Plan\ndatabase:\n  maxUserConnections: 4\n".to_owned(),
            )),
            4,
        ),
        ("the definition", None, 5),
    ];
    for (step, file, expected) in steps {
        if let Some((path, text)) = &file {
            put(root.path(), path, text);
        }
        let plan = if expected >= 4 && expected != 100 { "plan: gold\n" } else { "" };
        let own = if expected == 5 { "  maxUserConnections: 5\n" } else { "" };
        put(root.path(), "sites/eu/a/acme.yaml", &site(plan, own));
        let Reported { value: project, diagnostics } = Project::read(root.path()).unwrap();
        let Compiled { fleet, .. } = sitewright::compile(&project, Missing::Ignore, diagnostics)
            .unwrap_or_else(|found| panic!("{step}: {found:?}"))
            .value;
        assert_eq!(fleet.sites[0].database.max_connections(), expected, "{step}");
        // From the cluster, which nothing else states.
        assert!(fleet.sites[0].tls.enabled);
    }
}

/// A field that is unset in the only layer that states it is a field that nobody states, whichever it is.
#[test]
fn a_null_is_the_same_as_no_value_in_every_field() {
    let files = project();
    let root = tempfile::tempdir().unwrap();
    let mut tried = 0;
    files.iter().for_each(|(path, _, text)| put(root.path(), path, &text.to_string()));
    assert!(outcome(root.path()).is_ok(), "{:?}", outcome(root.path()));
    for (path, kind, text) in &files {
        let mut paths = Vec::new();
        fields(&json_schema(*kind), &[], &mut paths);
        for (table, key) in [("labels", "x"), ("annotations", "x"), ("myCnf", "max_connections")] {
            let tables: Vec<_> =
                paths.iter().filter(|path| path.last().unwrap() == table).cloned().collect();
            paths.extend(tables.into_iter().map(|path| [path, vec![key.to_owned()]].concat()));
        }
        for field in paths.iter().filter(|field| field[0] != "kind") {
            put(root.path(), path, &without(text, field).to_string());
            let left_out = outcome(root.path());
            put(root.path(), path, &unset(text, field).to_string());
            let nulled = outcome(root.path());
            assert!(
                nulled == left_out,
                "{path} {field:?}: {:?} {:?}",
                nulled.err(),
                left_out.err()
            );
            tried += 1;
        }
        put(root.path(), path, &text.to_string());
    }
    assert!(tried > 600, "{tried}");
}

/// What weaker layers state is unset too, and the default holds again.
#[test]
fn null_unsets_what_weaker_layers_state() {
    let root = tempfile::tempdir().unwrap();
    let root = root.path();
    project().iter().for_each(|(path, _, text)| put(root, path, &text.to_string()));
    let weaker = json!({
        "kind": "Defaults",
        "site": {
            "plan": "none", "lifecycle": "retired", "protect": false, "labels": {"team": "a"},
            "database": {"maxUserConnections": 5, "version": "11.4", "myCnf": {"port": 3306}},
            "ingress": {"enabled": false, "className": "nginx"},
        },
    });
    put(root, "sites/_defaults.yaml", &weaker.to_string());
    // An empty section states nothing.
    let empty = json!({"kind": "Defaults", "site": null, "bench": null, "databaseServer": null});
    put(root, "sites/eu/_defaults.yaml", &empty.to_string());
    let site = |more: Json| {
        let mut site = json!({
            "kind": "Site", "siteName": "b.io", "namespace": "frappe", "bench": "bench", "apps": ["erpnext"],
        });
        site.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        put(root, "sites/eu/globex.yaml", &site.to_string());
        put(root, "sites/eu/acme.yaml", &json!({"kind": "Plan"}).to_string());
        outcome(root).map(|files| {
            files.into_iter().filter(|(path, _)| path.contains("/globex/")).collect::<Vec<_>>()
        })
    };
    let unset = site(json!({
        "plan": null, "lifecycle": null, "protect": null, "labels": null,
        "database": {
            "mode": "dedicated", "maxUserConnections": null, "version": null, "myCnf": {"port": null},
            "storageSize": null,
        },
        "ingress": {"enabled": null},
    }));
    let whole = site(json!({
        "plan": null, "lifecycle": null, "protect": null, "labels": {"team": null},
        "database": {
            "mode": "dedicated", "maxUserConnections": null, "version": null, "myCnf": null,
        },
        "ingress": null,
    }));
    let default = |class: Json| {
        site(json!({
            "plan": null, "lifecycle": "active", "protect": true, "labels": {"team": null},
            "database": {
                "mode": "dedicated", "maxUserConnections": 100, "version": "10.11", "storageSize": "10Gi",
                "myCnf": {"port": null},
            },
            "ingress": {"enabled": true, "className": class},
        }))
    };
    assert_eq!(unset, default(json!("nginx")));
    assert_eq!(whole, default(Json::Null));
    assert!(unset.is_ok_and(|files| files.len() == 5));
}
