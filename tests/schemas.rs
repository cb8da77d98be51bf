//! Every object of the samples against the schema of its kind, with unknown fields refused as an API
//! server's strict decoding does: for the kinds of Kubernetes, sealed-secrets and External Secrets by
//! schemas of ours in `tests/schemas/`, for the operators' kinds by their own CRDs, those of exactly
//! the versions that a cluster states.
//!
//! The CRDs are not part of this repository: `SITEWRIGHT_CRDS_BY_VERSION` names a folder that holds them.

#[cfg(test)]
mod samples;
#[cfg(test)]
mod tools;
#[cfg(test)]
mod versions;

#[cfg(test)]
mod tests {
    use super::samples::{Sample, files, samples};
    use super::tools::needed;
    use super::versions::crds_of;
    use jsonschema::Validator;
    use serde_json::{Map, Value, json};
    use sitewright::output::layout;
    use sitewright::project::Project;
    use std::collections::{BTreeMap, BTreeSet};
    use std::path::Path;

    /// `apiVersion` and `kind`.
    type Kind = (String, String);

    /// A CRD's schema with unknown fields refused, and in the words of plain JSON Schema.
    fn closed(schema: &Value) -> Value {
        let Value::Object(fields) = schema else {
            return match schema {
                Value::Array(items) => items.iter().map(closed).collect(),
                other => other.clone(),
            };
        };
        let mut out: Map<String, Value> = fields
            .iter()
            .map(|(key, value)| {
                let value = match (key.as_str(), value) {
                    ("properties", Value::Object(properties)) => {
                        let each = properties.iter().map(|(name, sub)| (name.clone(), closed(sub)));
                        Value::Object(each.collect())
                    }
                    ("default" | "enum" | "required" | "description" | "example", value) => {
                        value.clone()
                    }
                    (_, value) => closed(value),
                };
                (key.clone(), value)
            })
            .collect();
        let is = |key: &str| fields.get(key) == Some(&json!(true));
        if is("x-kubernetes-int-or-string") {
            out.remove("type");
            out.insert("type".to_owned(), json!(["integer", "string"]));
        }
        if is("nullable")
            && let Some(Value::String(one)) = out.get("type").cloned()
        {
            out.insert("type".to_owned(), json!([one, "null"]));
        }
        let is_closed = out.contains_key("properties") && !out.contains_key("additionalProperties");
        if is_closed && !is("x-kubernetes-preserve-unknown-fields") {
            out.insert("additionalProperties".to_owned(), json!(false));
        }
        Value::Object(out)
    }

    /// The schemas of a folder of CRDs.
    fn of_crds(folder: &Path) -> BTreeMap<Kind, Validator> {
        let mut schemas = BTreeMap::new();
        for (path, bytes) in files(folder) {
            let crd: Value = match path.ends_with(".yaml") {
                true => serde_yaml::from_slice(&bytes).unwrap(),
                false => continue,
            };
            for version in crd["spec"]["versions"].as_array().unwrap() {
                let mut schema = closed(&version["schema"]["openAPIV3Schema"]);
                // What the API server checks of it is not in the CRD.
                schema["properties"]["metadata"] = json!({"type": "object"});
                let group = crd["spec"]["group"].as_str().unwrap();
                let api = format!("{group}/{}", version["name"].as_str().unwrap());
                let kind = crd["spec"]["names"]["kind"].as_str().unwrap().to_owned();
                schemas.insert((api, kind), jsonschema::validator_for(&schema).unwrap());
            }
        }
        assert!(!schemas.is_empty(), "{} holds no CRD", folder.display());
        schemas
    }

    /// The schemas in this repository, and that of its own kind.
    fn ours() -> BTreeMap<Kind, Validator> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/schemas");
        let all = files(&folder);
        let parts: Value = serde_json::from_slice(&all["common.json"]).unwrap();
        let schemas = all.iter().filter(|(path, _)| *path != "common.json");
        schemas
            .map(|(path, bytes)| {
                let mut schema: Value = serde_json::from_slice(bytes).unwrap();
                schema["$defs"] = parts.clone();
                let text = |key: &str| {
                    schema["properties"][key]["const"].as_str().unwrap_or_else(|| panic!("{path}"))
                };
                let kind = (text("apiVersion").to_owned(), text("kind").to_owned());
                (kind, jsonschema::validator_for(&schema).unwrap())
            })
            .chain(of_crds(&Path::new(env!("CARGO_MANIFEST_DIR")).join("api/crds")))
            .collect()
    }

    /// Every rendered object, with the file that it is in.
    fn objects() -> Vec<(String, Value)> {
        let samples = samples();
        samples.iter().flat_map(|sample| of_cluster(sample, "")).collect()
    }

    /// The objects of a sample whose paths start so.
    fn of_cluster(sample: &Sample, start: &str) -> Vec<(String, Value)> {
        let mut found = Vec::new();
        let of = |folder| files(&sample.root.join(folder)).into_iter();
        for (path, bytes) in of("rendered").chain(of("gitops")) {
            if !path.starts_with(start) {
                continue;
            }
            let text = std::str::from_utf8(&bytes).unwrap();
            for object in layout::objects_of(text) {
                let shown = format!("{}: {path}", sample.name);
                found.push((shown, serde_yaml::from_str(object).unwrap()));
            }
        }
        found
    }

    /// The objects of every cluster of the samples, by the CRDs of the versions that it states.
    fn by_crds() -> BTreeMap<Vec<String>, Vec<(String, Value)>> {
        let mut found: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for sample in samples() {
            let project = Project::read(&sample.root).unwrap().value;
            for cluster in &sitewright::resolved(&project).value.clusters {
                let objects = of_cluster(&sample, &format!("{}/", cluster.name));
                found.entry(crds_of(cluster)).or_default().extend(objects);
            }
        }
        found
    }

    fn kind(object: &Value) -> Kind {
        let text = |key: &str| object[key].as_str().unwrap_or_default().to_owned();
        (text("apiVersion"), text("kind"))
    }

    /// What schemas refuse of these objects, and the kinds that they know.
    fn refused(
        schemas: &BTreeMap<Kind, Validator>,
        objects: &[(String, Value)],
    ) -> (Vec<String>, BTreeSet<Kind>) {
        let (mut refused, mut seen) = (Vec::new(), BTreeSet::new());
        for (path, object) in objects {
            let Some(schema) = schemas.get(&kind(object)) else { continue };
            seen.insert(kind(object));
            for error in schema.iter_errors(object) {
                refused.push(format!("{path}: {}: {error}", error.instance_path()));
            }
        }
        (refused, seen)
    }

    fn is_of_operators((api, _): &Kind) -> bool {
        const GROUPS: [&str; 5] = [
            "k8s.mariadb.com",
            "vyogo.tech",
            "postgresql.cnpg.io",
            "barmancloud.cnpg.io",
            "monitoring.coreos.com",
        ];
        api.split('/').next().is_some_and(|group| GROUPS.contains(&group))
    }

    #[test]
    fn other_kinds_fit_their_schemas() {
        let (refused, seen) = refused(&ours(), &objects());
        assert!(refused.is_empty(), "{}", refused.join("\n"));
        let rendered: BTreeSet<Kind> = objects().iter().map(|(_, object)| kind(object)).collect();
        let without: Vec<_> =
            rendered.iter().filter(|kind| !is_of_operators(kind) && !seen.contains(kind)).collect();
        assert!(without.is_empty(), "no schema in tests/schemas: {without:?}");
        let unused: Vec<_> = ours().into_keys().filter(|kind| !rendered.contains(kind)).collect();
        assert!(unused.is_empty(), "a schema of what nothing renders: {unused:?}");
    }

    #[test]
    fn operators_kinds_fit_their_crds() {
        let Some(folder) = needed("crds-by-version") else { return };
        let (mut refused, mut seen) = (Vec::new(), BTreeSet::new());
        for (versions, objects) in by_crds() {
            let crds = versions.iter().flat_map(|version| of_crds(&folder.join(version)));
            let (wrong, known) = self::refused(&crds.collect(), &objects);
            refused.extend(wrong.into_iter().map(|wrong| format!("{versions:?}: {wrong}")));
            seen.extend(known);
        }
        assert!(refused.is_empty(), "{}", refused.join("\n"));
        let rendered: BTreeSet<Kind> = objects().iter().map(|(_, object)| kind(object)).collect();
        let without: Vec<_> =
            rendered.iter().filter(|kind| is_of_operators(kind) && !seen.contains(kind)).collect();
        assert!(without.is_empty(), "no CRD of {without:?}");
        let all = seen.iter().map(|(_, kind)| kind.as_str()).collect::<BTreeSet<_>>();
        for expected in
            ["Backup", "PhysicalBackup", "MariaDB", "ExternalMariaDB", "Cluster", "FrappeBench"]
        {
            assert!(all.contains(expected), "no sample renders a {expected}");
        }
    }

    /// The schemas can refuse: a field that nobody knows, a type that is wrong.
    #[test]
    fn what_does_not_fit_is_refused() {
        let schemas = ours();
        let service = &schemas[&("v1".to_owned(), "Service".to_owned())];
        let mut object = json!({
            "apiVersion": "v1", "kind": "Service", "metadata": {"name": "a", "namespace": "b"},
            "spec": {"type": "ExternalName", "externalName": "db.acme.com"},
        });
        assert!(service.is_valid(&object));
        object["spec"]["externalname"] = json!("db.acme.com");
        assert!(!service.is_valid(&object));
        let crd =
            json!({"type": "object", "properties": {"port": {"x-kubernetes-int-or-string": true}}});
        let crd = jsonschema::validator_for(&closed(&crd)).unwrap();
        assert!(crd.is_valid(&json!({"port": "a"})) && crd.is_valid(&json!({"port": 1})));
        assert!(
            !crd.is_valid(&json!({"port": 1, "prot": 2})) && !crd.is_valid(&json!({"port": true}))
        );
    }
}
