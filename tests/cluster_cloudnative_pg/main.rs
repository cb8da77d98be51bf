//! CloudNativePG's own webhook, behind a real API server, takes what is rendered for PostgreSQL, and
//! answers changes of it as the risks of a diff say.

#[cfg(test)]
#[path = "../tools/mod.rs"]
mod tools;

#[cfg(test)]
mod tests {
    use super::tools::needed;
    use cluster::{CloudNativePg, ControlPlane, Kubectl, Output, Programs};
    use serde_json::{Value, json};
    use sitewright::diagnostic::{self, Reported};
    use sitewright::import::filled::even_out;
    use sitewright::live::{self, Input, LiveObject, Options};
    use sitewright::operator::{CloudNativePgVersion, FrappeVersion, Profiles};
    use sitewright::output::Scope;
    use sitewright::project::Project;
    use sitewright::secret::Missing;
    use sitewright::source::node::{Node, Value as Plain};
    use std::collections::BTreeSet;
    use std::fs;
    use std::path::Path;

    /// What the tests of `src/diff/measured` hold the rules of a diff against.
    const ANSWERS: &str = include_str!("../../src/diff/measured/cloudnative-pg-1.30.json");
    /// The groups of the kinds of CloudNativePG, and of its plugin for backups.
    const GROUPS: [&str; 2] = ["postgresql.cnpg.io", "barmancloud.cnpg.io"];
    const NAMESPACE: &str = "erp";
    /// A server with everything that a definition can state of one.
    const PROJECT: [(&str, &str); 3] = [
        (
            "_cluster.yaml",
            "kind: Cluster\nnamespace: erp\noperators: {frappe: \"2.6\", cloudnativePg: \"1.30\"}\n",
        ),
        (
            "pg.yaml",
            "kind: DatabaseServer\nprovider: postgres\nstorageSize: 50Gi\nstorageClassName: fast\n\
             version: \"17.6\"\nresources: {requests: {cpu: \"1\", memory: 2Gi}}\n\
             settings: {work_mem: 4MB, auto_explain.log_min_duration: 10s}\nmaxConnections: 200\n\
             metrics: {enabled: true}\n\
             pooler: {instances: 2, resources: {requests: {memory: 64Mi}}, settings: {query_timeout: \"60\"}}\n\
             backup:\n  schedule: \"@daily\"\n  resources: {requests: {memory: 1Gi}}\n  \
             storage: {s3: {bucket: backups, endpoint: \"minio:9000\", tls: false, region: eu-central-1, \
             accessKeyId: AKIAIOSFODNN7EXAMPLE}}\n",
        ),
        (
            "restored.yaml",
            "kind: DatabaseServer\nprovider: postgres\nstorageSize: 50Gi\n\
             bootstrapFrom:\n  targetRecoveryTime: \"2026-11-20T03:00:00Z\"\n  \
             s3: {bucket: backups, endpoint: s3.example.com, prefix: eu/erp/pg, \
             credentials: {name: store}}\n",
        ),
    ];

    /// An API server that asks CloudNativePG's webhook, with a namespace.
    fn start() -> Option<(ControlPlane, CloudNativePg)> {
        let programs = needed("cluster")?;
        let plane = ControlPlane::start(&Programs::of(&programs));
        let webhook = CloudNativePg::start(&plane);
        plane.kubectl().run(&format!("create namespace {NAMESPACE}"));
        Some((plane, webhook))
    }

    /// The objects of CloudNativePG that are rendered: for the project above, and for sites
    /// (`src/render/on_postgres.rs`).
    fn rendered() -> Vec<Value> {
        let root = tempfile::tempdir().unwrap();
        let sites = root.path().join("sites/eu");
        fs::create_dir_all(&sites).unwrap();
        for (name, text) in PROJECT {
            fs::write(sites.join(name), text).unwrap();
        }
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/postgres/rendered");
        let folders = |path: &Path| fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path());
        let of_sites = folders(&folder).flat_map(|of| folders(&of).collect::<Vec<_>>());
        let of_sites = of_sites.map(|path| fs::read(path).unwrap());
        let objects = compiled(root.path()).into_iter().chain(of_sites);
        let objects = objects.map(|bytes| serde_yaml::from_slice(&bytes).unwrap());
        let is_ours = |object: &Value| GROUPS.contains(&group(object));
        objects.filter(is_ours).collect()
    }

    fn compiled(root: &Path) -> Vec<Vec<u8>> {
        let Reported { value: project, diagnostics } = Project::read(root).unwrap();
        let everything = Scope::everything();
        let compiled = sitewright::compile(&project, Missing::Mint(&everything), diagnostics);
        let said = |found: &[_]| diagnostic::text(found, &project.sources, false);
        let compiled = compiled.unwrap_or_else(|found| panic!("{}", said(&found))).value;
        compiled.files.into_values().collect()
    }

    fn try_apply(kubectl: &Kubectl, object: &Value) -> Output {
        let arguments = ["apply", "--server-side", "--validate=strict", "-f", "-"];
        let manager = "--field-manager=sitewright";
        kubectl.try_with(&[&arguments[..], &[manager]].concat(), &object.to_string())
    }

    #[test]
    fn the_webhook_takes_what_is_rendered_and_warns_of_nothing() {
        let Some((plane, _webhook)) = start() else { return };
        let kubectl = plane.kubectl();
        for object in rendered() {
            for again in [false, true] {
                let before = kubectl.find(&resource(&object), NAMESPACE, &name(&object));
                let answer = try_apply(kubectl, &object);
                assert!(answer.success, "{}", answer.stderr);
                assert_eq!(answer.stderr, "");
                let after = kubectl.find(&resource(&object), NAMESPACE, &name(&object)).unwrap();
                let version = |object: &Value| object["metadata"]["resourceVersion"].clone();
                assert_eq!(before.is_some_and(|it| version(&it) == version(&after)), again);
                contains("", &after["spec"], &object["spec"]);
            }
        }
    }

    /// The objects of a list, as an import reads a dump.
    fn read(objects: &[Value]) -> Vec<LiveObject> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("dump.json");
        fs::write(&path, json!({"kind": "List", "apiVersion": "v1", "items": objects}).to_string())
            .unwrap();
        let options = Options { wanted: &|_, _| true, managers: false, statuses: false };
        let inputs = vec![Input::named(path.to_str().unwrap(), Path::new(""))];
        let Reported { value, diagnostics } = live::read(inputs, &options, &Some);
        assert!(diagnostics.is_empty(), "{diagnostics:?}");
        value.objects
    }

    /// An import must not take for a person's what the webhook and the API server write.
    #[test]
    fn the_table_of_filled_values_has_what_the_webhook_fills_in() {
        let Some((plane, _webhook)) = start() else { return };
        let kubectl = plane.kubectl();
        let profiles = Profiles {
            frappe: FrappeVersion::V5_2.profile(),
            mariadb: None,
            cloudnative_pg: Some(CloudNativePgVersion::V1_30.profile()),
        };
        let (mut filled, mut wrong) = (0, Vec::new());
        for object in rendered() {
            let answer = try_apply(kubectl, &object);
            assert!(answer.success, "{}", answer.stderr);
            let kept = kubectl.find(&resource(&object), NAMESPACE, &name(&object)).unwrap();
            let [mut sent, mut kept] = [object, kept].map(|it| read(&[it]).remove(0).node);
            filled += usize::from(sent != kept);
            even_out(&mut kept, &mut sent, profiles);
            differences("", Some(&kept), Some(&sent), &mut wrong);
        }
        assert!(filled > 0);
        assert!(wrong.is_empty(), "{wrong:#?}");
    }

    /// The fields in which two values differ.
    fn differences(path: &str, one: Option<&Node>, other: Option<&Node>, found: &mut Vec<String>) {
        match [one, other].map(|node| node.map(|node| &node.value)) {
            [Some(Plain::Map(_)), Some(Plain::Map(_))] => {
                let entries = one.into_iter().chain(other).flat_map(Node::entries);
                for key in entries.map(|entry| &*entry.key).collect::<BTreeSet<&str>>() {
                    let [one, other] = [one, other].map(|node| node.and_then(|node| node.get(key)));
                    differences(&format!("{path}.{key}"), one, other, found);
                }
            }
            [Some(Plain::List(one)), Some(Plain::List(other))] if one.len() == other.len() => {
                for (one, other) in one.iter().zip(other) {
                    differences(&format!("{path}[]"), Some(one), Some(other), found);
                }
            }
            [one, other] if one != other => found.push(format!("{path}: {one:?} and {other:?}")),
            _ => {}
        }
    }

    #[test]
    fn the_webhook_answers_changes_as_it_was_measured() {
        let Some((plane, _webhook)) = start() else { return };
        let kubectl = plane.kubectl();
        let objects = rendered();
        let answers: Value = serde_json::from_str(ANSWERS).unwrap();
        let mut wrong = Vec::new();
        for (number, change) in answers["changes"].as_array().unwrap().iter().enumerate() {
            let kind = change["kind"].as_str().unwrap().split('.').next().unwrap();
            let found = objects.iter().find(|object| object["kind"] == kind);
            let mut object = found.unwrap_or_else(|| panic!("no object for {change}")).clone();
            patch(&mut object, &change["given"]);
            object["metadata"]["name"] = json!(format!("it-{number}"));
            let given = try_apply(kubectl, &object);
            assert!(given.success, "{change}: {}", given.stderr);
            if !change["status"].is_null() {
                kubectl.set_status(&object, &change["status"]);
            }
            set(&mut object, change["field"].as_str().unwrap(), &change["to"]);
            let answer = try_apply(kubectl, &object);
            let said = if answer.success { "accepted" } else { "refused" };
            if change["answer"] != said {
                wrong.push(format!("{said}: {change} {}", answer.stderr));
            }
            // A refusal is the webhook's or the schema's, and no fault of the test.
            let is_refusal =
                answer.stderr.contains("is invalid") || answer.stderr.contains("denied");
            assert!(answer.success || is_refusal, "{change}: {}", answer.stderr);
        }
        assert!(wrong.is_empty(), "{wrong:#?}");
    }

    fn name(object: &Value) -> String {
        object["metadata"]["name"].as_str().unwrap().to_owned()
    }

    fn group(object: &Value) -> &str {
        object["apiVersion"].as_str().unwrap().split_once('/').map_or("", |(group, _)| group)
    }

    /// Such as `clusters.postgresql.cnpg.io`.
    fn resource(object: &Value) -> String {
        let kind = object["kind"].as_str().unwrap().to_ascii_lowercase();
        format!("{kind}s.{}", group(object))
    }

    /// Asserts that everything that was sent was kept. The webhook adds more.
    fn contains(path: &str, kept: &Value, sent: &Value) {
        match sent {
            Value::Object(fields) => {
                for (key, value) in fields {
                    contains(&format!("{path}.{key}"), &kept[key], value);
                }
            }
            other => assert_eq!(kept, other, "{path}"),
        }
    }

    /// A merge patch (RFC 7386).
    fn patch(object: &mut Value, by: &Value) {
        let Value::Object(fields) = by else { return };
        for (key, value) in fields {
            match value {
                Value::Object(_) => patch(&mut object[key.as_str()], value),
                value => object[key.as_str()] = value.clone(),
            }
        }
    }

    /// Sets a field, or takes it away with `null`.
    fn set(object: &mut Value, field: &str, to: &Value) {
        let (above, last) = field.rsplit_once('.').unwrap();
        let map = above.split('.').fold(object, |node, key| &mut node[key]);
        match to {
            Value::Null => _ = map.as_object_mut().unwrap().remove(last),
            to => map[last] = to.clone(),
        }
    }
}
