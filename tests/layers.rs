//! Layering: against a plain model of it over arbitrary layers, and through a whole project.

use proptest::prelude::*;
use serde_json::{Map, Value as Json, json};
use sitewright::Compiled;
use sitewright::diagnostic::{FileId, Sources};
use sitewright::project::Project;
use sitewright::resolve::{Layered, Layers};
use sitewright::secret::Missing;
use sitewright::source::node::{Node, Value};
use sitewright::source::yaml;

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
}

use support::{json, layer, leaves, merged, put};

proptest! {
    #[test]
    fn layers_merge_as_the_model_does(layers in prop::collection::vec(layer(), 1..5)) {
        let texts: Vec<String> = layers.iter().map(Json::to_string).collect();
        let nodes: Vec<Node> = texts
            .iter()
            .enumerate()
            .map(|(number, text)| yaml::read(text, FileId(number as u32)).0.unwrap())
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
        let mut diagnostics = Vec::new();
        let project = Project::read(root.path(), &mut diagnostics).unwrap();
        let Compiled { fleet, .. } =
            sitewright::compile(&project, Missing::Ignore, &mut diagnostics)
                .unwrap_or_else(|| panic!("{step}: {diagnostics:?}"));
        assert_eq!(fleet.sites[0].max_user_connections, expected, "{step}");
        // From the cluster, which nothing else states.
        assert!(fleet.sites[0].tls.enabled);
    }
}

#[test]
fn null_unsets_what_a_weaker_layer_states() {
    let root = tempfile::tempdir().unwrap();
    put(
        root.path(),
        "sites/eu/_cluster.yaml",
        "kind: Cluster\nnamespace: frappe\noperators: {frappe: \"2.6\", mariadb: \"26.6\"}\ningress: {className: nginx}\n",
    );
    put(
        root.path(),
        "sites/eu/bench.yaml",
        "kind: Bench\nfrappeVersion: version-16\napps: [{name: erpnext, source: image}]\n",
    );
    put(
        root.path(),
        "sites/eu/acme.yaml",
        "kind: Site\nsiteName: a.example.com\nbench: bench\ningress: {className: null}\ndatabase: {mode: dedicated, storageSize: null}\n",
    );
    let mut diagnostics = Vec::new();
    let project = Project::read(root.path(), &mut diagnostics).unwrap();
    assert!(sitewright::compile(&project, Missing::Ignore, &mut diagnostics).is_none());
    let [problem] = diagnostics.as_slice() else { panic!("{diagnostics:?}") };
    assert_eq!(problem.code.id(), "SW105");
    let sources: &Sources = &project.sources;
    let text = sitewright::diagnostic::text(&diagnostics, sources, false);
    assert!(text.contains("sites/eu/acme.yaml:5:42"), "{text}");

    put(
        root.path(),
        "sites/eu/acme.yaml",
        "kind: Site\nsiteName: a.example.com\nbench: bench\ningress: {className: null}\ndatabase: {mode: dedicated}\n",
    );
    let mut diagnostics = Vec::new();
    let project = Project::read(root.path(), &mut diagnostics).unwrap();
    let Compiled { fleet, .. } =
        sitewright::compile(&project, Missing::Ignore, &mut diagnostics).unwrap();
    assert!(fleet.sites[0].ingress.class_name.is_none());
}
