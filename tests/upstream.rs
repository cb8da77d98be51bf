//! What `examples/upstream` renders means what frappe-operator's authors publish: every field of
//! theirs is in ours with the same meaning, and every difference is in a table here with its reason.

#[cfg(test)]
mod tests {
    use serde_yaml::Value;
    use std::collections::{BTreeMap, BTreeSet};
    use std::fs;
    use std::path::Path;

    /// Fields that only ours have: the end of the file's path, the field, its value, the reason.
    const ADDED: &[(&str, &str, &str, &str)] = &[
        (
            "frappesite.yaml",
            "benchRef.namespace",
            "default",
            "what an empty one means: the site's own",
        ),
        (
            "dev-site/frappesite.yaml",
            "domain",
            "dev.localhost",
            "the operator's default, the siteName, without looking it up in the cluster",
        ),
        ("site1/frappesite.yaml", "domain", "site1.example.com", "as above"),
        (
            "site1/frappesite.yaml",
            "apps.0",
            "erpnext",
            "up to 2.5 the operator installs it in every site, 2.6 asks for it",
        ),
        ("enterprise-site/frappesite.yaml", "domain", "enterprise.example.com", "as above"),
        (
            "dev-site/frappesite.yaml",
            "adminPasswordSecretRef.name",
            "dev-site-admin",
            "the Secret that the operator would make under this name",
        ),
        ("site1/frappesite.yaml", "adminPasswordSecretRef.name", "site1-admin", "as above"),
        (
            "enterprise-site/frappesite.yaml",
            "adminPasswordSecretRef.name",
            "enterprise-site-admin",
            "as above",
        ),
        (
            "autoscaling-site/frappesite.yaml",
            "adminPasswordSecretRef.name",
            "autoscaling-site-admin",
            "as above",
        ),
        (
            "frappesite.yaml",
            "adminPasswordSecretRef.namespace",
            "default",
            "2.3 fails on an empty one",
        ),
        ("dev-site/frappesite.yaml", "ingressClassName", "nginx", "2.3 reads the class only here"),
        ("site1/frappesite.yaml", "ingressClassName", "nginx", "as above"),
        ("enterprise-site/frappesite.yaml", "ingressClassName", "nginx", "as above"),
        (
            "autoscaling-site/frappesite.yaml",
            "ingress.enabled",
            "true",
            "the operator makes an Ingress unless it is told not to",
        ),
        (
            "dev-site/frappesite.yaml",
            "tls.enabled",
            "false",
            "what the operator writes back where nothing is stated",
        ),
        ("autoscaling-site/frappesite.yaml", "tls.enabled", "false", "as above"),
        (
            "enterprise-site/frappesite.yaml",
            "dbConfig.mariadbRef.name",
            "enterprise-site-mariadb",
            "the name that the operator would give the server it makes; we render that server",
        ),
        ("enterprise-site/frappesite.yaml", "dbConfig.mariadbRef.namespace", "default", "as above"),
        (
            "frappebench.yaml",
            "domainConfig.autoDetect",
            "false",
            "our sites state their domain, so there is nothing to detect",
        ),
        (
            "frappebench.yaml",
            "imageConfig.tag",
            "v15.90.1",
            "a release that the operator can start",
        ),
        ("frappebench.yaml", "workerAutoscaling.short.staticReplicas", "1", "the schema's default"),
        ("frappebench.yaml", "workerAutoscaling.long.staticReplicas", "1", "the schema's default"),
        ("frappebench.yaml", "workerAutoscaling.default.minReplicas", "0", "the schema's default"),
        ("frappebench.yaml", "workerAutoscaling.default.maxReplicas", "10", "the schema's default"),
        ("frappebench.yaml", "workerAutoscaling.default.queueLength", "5", "the schema's default"),
        (
            "frappebench.yaml",
            "workerAutoscaling.default.pollingInterval",
            "30",
            "the schema's default",
        ),
        (
            "frappebench.yaml",
            "workerAutoscaling.default.cooldownPeriod",
            "60",
            "the schema's default",
        ),
        ("mariadb.yaml", "rootPasswordSecretKeyRef.generate", "false", "the schema's default"),
        (
            "mariadb.yaml",
            "imagePullPolicy",
            "IfNotPresent",
            "what Kubernetes takes for an image with a tag",
        ),
        ("mariadb.yaml", "replicasAllowEvenNumber", "false", "the schema's default"),
        ("mariadb.yaml", "suspend", "false", "the schema's default"),
        ("mariadb.yaml", "updateStrategy.type", "ReplicasFirstPrimaryLast", "the schema's default"),
        ("mariadb.yaml", "tls.enabled", "true", "the operator's default"),
        ("mariadb.yaml", "tls.required", "false", "the operator's default"),
    ];

    /// Fields that only theirs have, with the place where ours state them and the reason.
    const MOVED: &[(&str, &str, &str, &str)] = &[
        (
            "enterprise-site/frappesite.yaml",
            "dbConfig.storageSize",
            "storage.size",
            "with its mariadbRef stated, the operator makes no server",
        ),
        (
            "enterprise-site/frappesite.yaml",
            "dbConfig.resources.requests.cpu",
            "resources.requests.cpu",
            "as above",
        ),
        (
            "enterprise-site/frappesite.yaml",
            "dbConfig.resources.requests.memory",
            "resources.requests.memory",
            "as above",
        ),
        (
            "enterprise-site/frappesite.yaml",
            "dbConfig.resources.limits.cpu",
            "resources.limits.cpu",
            "as above",
        ),
        (
            "enterprise-site/frappesite.yaml",
            "dbConfig.resources.limits.memory",
            "resources.limits.memory",
            "as above",
        ),
    ];
    const MOVED_TO: &str = "frappe-2-5/enterprise-site/mariadb.yaml";

    type Fields = BTreeMap<String, String>;

    fn root() -> &'static Path {
        Path::new(env!("CARGO_MANIFEST_DIR"))
    }

    fn read(path: &Path) -> Value {
        let text = fs::read_to_string(path).unwrap_or_else(|error| panic!("{path:?}: {error}"));
        serde_yaml::from_str(&text).unwrap()
    }

    /// The fields of a spec with their meaning: quantities by value, option files as settings.
    fn fields(value: &Value, path: &str, out: &mut Fields) {
        let below =
            |key: &str| if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") };
        match value {
            Value::Mapping(map) => {
                for (key, value) in map {
                    fields(value, &below(key.as_str().unwrap()), out);
                }
            }
            Value::Sequence(items) => {
                for (index, value) in items.iter().enumerate() {
                    fields(value, &below(&index.to_string()), out);
                }
            }
            Value::String(text) if path == "myCnf" => option_file(text, out),
            Value::String(text) => _ = out.insert(path.to_owned(), meaning(path, text)),
            Value::Bool(value) => _ = out.insert(path.to_owned(), value.to_string()),
            Value::Number(value) => {
                _ = out.insert(path.to_owned(), meaning(path, &value.to_string()))
            }
            other => panic!("{path}: {other:?}"),
        }
    }

    fn meaning(path: &str, text: &str) -> String {
        match path.rsplit('.').next() {
            Some("cpu" | "memory" | "size" | "storageSize") => quantity(text).to_string(),
            _ if path.starts_with("myCnf.") => setting(path, text).1,
            _ => text.to_owned(),
        }
    }

    /// A quantity in thousandths.
    fn quantity(text: &str) -> u128 {
        let split = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
        let (number, unit) = text.split_at(split);
        let factor = match unit {
            "m" => 1,
            "" => 1000,
            "Mi" => 1000 << 20,
            "Gi" => 1000 << 30,
            other => panic!("the unit {other}"),
        };
        number.parse::<u128>().unwrap() * factor
    }

    fn option_file(text: &str, out: &mut Fields) {
        let mut section = "";
        for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
            if line.starts_with('[') {
                section = line;
                continue;
            }
            let (name, value) = line.split_once('=').unwrap_or((line, "ON"));
            let (name, value) = setting(name, value);
            out.insert(format!("myCnf.{section}.{name}"), value);
        }
    }

    /// A setting by its meaning: `-` is `_`, switches have many words, `skip_x` is `x` switched off.
    fn setting(name: &str, value: &str) -> (String, String) {
        let name = name.replace('-', "_");
        let value = match value {
            "1" | "TRUE" | "ON" => "ON",
            "0" | "FALSE" | "OFF" => "OFF",
            other => other,
        };
        match (name.strip_prefix("skip_"), value) {
            (Some(name), "ON") => (name.to_owned(), "OFF".to_owned()),
            _ => (name, value.to_owned()),
        }
    }

    fn spec(object: &Value) -> Fields {
        let mut out = Fields::new();
        fields(&object["spec"], "", &mut out);
        out
    }

    fn ours(file: &str) -> Fields {
        spec(&read(&root().join("examples/upstream/rendered").join(file)))
    }

    #[test]
    fn every_field_means_the_same_or_differs_for_a_reason() {
        let published = read(&root().join("tests/upstream/published.yaml"));
        let published = published.as_mapping().unwrap();
        assert_eq!(published.len(), 6);
        let mut used = BTreeSet::new();
        let mut found = Vec::new();
        for (file, object) in published {
            let file = file.as_str().unwrap();
            let (theirs, ours) = (spec(object), ours(file));
            for (field, value) in &theirs {
                let moved =
                    MOVED.iter().find(|(end, path, ..)| file.ends_with(end) && path == field);
                let stated = match moved {
                    Some((.., to, _)) => {
                        used.insert((file, *to));
                        self::ours(MOVED_TO).get(*to).cloned()
                    }
                    None => ours.get(field).cloned(),
                };
                if stated.as_ref() != Some(value) {
                    found.push(format!("{file}: {field} is {value} there, {stated:?} here"));
                }
                if moved.is_some() && ours.contains_key(field) {
                    found.push(format!(
                        "{file}: {field} is said to stand elsewhere, and is here too"
                    ));
                }
            }
            for (field, value) in ours.iter().filter(|(field, _)| !theirs.contains_key(*field)) {
                let listed =
                    ADDED.iter().find(|(end, path, ..)| file.ends_with(end) && path == field);
                match listed {
                    Some((end, path, expected, _)) if expected == value => {
                        _ = used.insert((end, path))
                    }
                    _ => found
                        .push(format!("{file}: {field}: {value} is only here, without a reason")),
                }
            }
        }
        for (end, path, ..) in ADDED {
            if !used.contains(&(*end, *path)) {
                found.push(format!("{end}: {path} is listed and no difference any more"));
            }
        }
        let moved = used.iter().filter(|(file, _)| file.starts_with("frappe-2-5/")).count();
        assert_eq!(moved, MOVED.len(), "a moved field that is published no more");
        assert!(found.is_empty(), "{found:#?}");
    }

    #[test]
    fn objects_have_the_published_names() {
        for (file, kind, name) in [
            ("frappe-2-5/dev-site/frappesite.yaml", "FrappeSite", "dev-site"),
            ("frappe-2-6/site1/frappesite.yaml", "FrappeSite", "site1"),
            ("frappe-2-5/enterprise-site/frappesite.yaml", "FrappeSite", "enterprise-site"),
            ("frappe-2-5/enterprise-site/mariadb.yaml", "MariaDB", "enterprise-site-mariadb"),
            ("frappe-2-5/autoscaling-site/frappesite.yaml", "FrappeSite", "autoscaling-site"),
            ("frappe-2-5/autoscaling-bench/frappebench.yaml", "FrappeBench", "autoscaling-bench"),
            ("frappe-2-5/frappe-mariadb/mariadb.yaml", "MariaDB", "frappe-mariadb"),
        ] {
            let object = read(&root().join("examples/upstream/rendered").join(file));
            assert_eq!(object["kind"].as_str(), Some(kind), "{file}");
            assert_eq!(object["metadata"]["name"].as_str(), Some(name), "{file}");
            assert_eq!(object["metadata"]["namespace"].as_str(), Some("default"), "{file}");
        }
    }
}
