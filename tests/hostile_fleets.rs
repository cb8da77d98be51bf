//! Fleets of names made to collide: whatever compiles keeps its tenants apart.

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_yaml::Value;
    use sitewright::Compiled;
    use sitewright::diagnostic::Reported;
    use sitewright::project::Project;
    use sitewright::secret::Missing;
    use std::collections::{BTreeMap, BTreeSet};
    use std::fs;
    use std::path::Path;

    /// A site: its namespace, its name, its siteName, and which database it asks for.
    type Site = (usize, String, String, Mode);

    #[derive(Clone, Copy, Debug)]
    enum Mode {
        /// On the server of its own namespace.
        Near,
        /// On the server that both namespaces share.
        Far,
        Dedicated,
        External,
    }

    const NAMESPACES: [&str; 2] = ["a", "a-b"];

    fn site() -> impl Strategy<Value = Site> {
        let name = "(a|a-b|ab|a--b|frappe|db|shared|a-mariadb|x[0-9a-f]{2})";
        let site_name = "(a\\.b|a-b|a--b|ab|a\\.b\\.c|a-b\\.c|x[0-9]\\.example\\.com)";
        let mode = prop_oneof![
            3 => Just(Mode::Near),
            3 => Just(Mode::Far),
            1 => Just(Mode::Dedicated),
            1 => Just(Mode::External),
        ];
        (0..NAMESPACES.len(), name, site_name, mode)
    }

    fn put(root: &Path, path: &str, text: &str) {
        let path = root.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn write(root: &Path, operator: &str, sites: &[Site]) {
        let cluster = format!(
            "kind: Cluster\noperators: {{frappe: \"{operator}\", mariadb: \"26.6\"}}\ngitops: {{engine: flux}}\n"
        );
        put(root, "sites/c/_cluster.yaml", &cluster);
        put(root, "sites/c/shared.yaml", "kind: DatabaseServer\nnamespace: a\nstorageSize: 1Gi\n");
        let external = "kind: DatabaseServer\nnamespace: a\nexternal: {host: db.example.com, tls: {enabled: false}}\n";
        put(root, "sites/c/outside.yaml", external);
        for namespace in NAMESPACES {
            let folder = format!("sites/c/{namespace}-folder");
            let defaults = format!(
                "kind: Defaults\nsite: {{namespace: {namespace}, bench: bench, apps: [erpnext], ingress: {{enabled: false}}}}\n\
                 databaseServer: {{namespace: {namespace}}}\nbench: {{namespace: {namespace}}}\n"
            );
            put(root, &format!("{folder}/_defaults.yaml"), &defaults);
            put(
                root,
                &format!("{folder}/bench.yaml"),
                "kind: Bench\nfrappeVersion: version-16\napps: [{name: erpnext, source: image}]\n",
            );
            put(root, &format!("{folder}/db.yaml"), "kind: DatabaseServer\nstorageSize: 1Gi\n");
        }
        for (number, (namespace, name, site_name, mode)) in sites.iter().enumerate() {
            let namespace = NAMESPACES[*namespace];
            let database = match mode {
                Mode::Near => format!("{{server: {namespace}/db}}"),
                Mode::Far => "{server: a/shared}".to_owned(),
                Mode::Dedicated => "{mode: dedicated}".to_owned(),
                Mode::External => "{mode: external, server: outside}".to_owned(),
            };
            let text = format!("kind: Site\nsiteName: {site_name}\ndatabase: {database}\n");
            // Folders of their own, so that two definitions can have one name.
            put(root, &format!("sites/c/{namespace}-folder/n{number}/{name}.yaml"), &text);
        }
    }

    /// Whether a database-level grant of this pattern opens a database of this name: `_` is any
    /// character, `%` any text, `\` takes the next one literally (MariaDB's documentation of GRANT).
    fn opens(pattern: &[u8], name: &[u8]) -> bool {
        match (pattern, name) {
            ([], []) => true,
            ([b'\\', literal, rest @ ..], [first, after @ ..]) if literal == first => {
                opens(rest, after)
            }
            ([b'\\', ..], _) => false,
            ([b'%', rest @ ..], _) => (0..=name.len()).any(|skip| opens(rest, &name[skip..])),
            ([b'_', rest @ ..], [_, after @ ..]) => opens(rest, after),
            ([literal, rest @ ..], [first, after @ ..]) if literal == first => opens(rest, after),
            _ => false,
        }
    }

    #[test]
    fn an_unescaped_grant_opens_the_neighbour() {
        assert!(opens(b"_a1_site", b"xa1ysite"));
        assert!(!opens(b"\\_a1\\_site", b"xa1ysite"));
        assert!(opens(b"\\_a1\\_site", b"_a1_site"));
    }

    /// The server of an object, and a field of its spec.
    fn on(object: &Value, field: &str) -> (String, String) {
        let spec = &object["spec"];
        (
            serde_yaml::to_string(&spec["mariaDbRef"]).unwrap(),
            spec[field].as_str().unwrap().to_owned(),
        )
    }

    fn apart(objects: &[Value]) -> Result<(), TestCaseError> {
        let of = |kind: &'static str| {
            objects.iter().filter(move |object| object["kind"].as_str() == Some(kind))
        };
        let databases: Vec<_> = of("Database").map(|object| on(object, "name")).collect();
        let users: Vec<_> = of("User").map(|object| on(object, "name")).collect();
        prop_assert_eq!(databases.iter().collect::<BTreeSet<_>>().len(), databases.len());
        prop_assert_eq!(users.iter().collect::<BTreeSet<_>>().len(), users.len());
        let mut opened = BTreeMap::new();
        for grant in of("Grant") {
            let (server, pattern) = on(grant, "database");
            let name = &on(grant, "username").1;
            prop_assert!(pattern.len() <= 64);
            for (other, database) in databases.iter().filter(|(other, _)| *other == server) {
                if opens(pattern.as_bytes(), database.as_bytes()) {
                    let twin = opened.insert((other.clone(), database.clone()), name.clone());
                    prop_assert_eq!(twin, None, "{} is open to two", database);
                    prop_assert_eq!(name, database);
                }
            }
        }
        prop_assert_eq!(opened.len(), databases.len());
        let secrets: Vec<_> = of("User")
            .map(|user| {
                let name = user["spec"]["passwordSecretKeyRef"]["name"].as_str().unwrap();
                (user["metadata"]["namespace"].as_str().unwrap(), name)
            })
            .collect();
        prop_assert_eq!(secrets.iter().collect::<BTreeSet<_>>().len(), secrets.len());
        let places: Vec<_> = objects
            .iter()
            .map(|object| {
                let metadata = &object["metadata"];
                [&object["kind"], &metadata["namespace"], &metadata["name"]]
                    .map(|value| value.as_str().unwrap())
            })
            .collect();
        prop_assert_eq!(places.iter().collect::<BTreeSet<_>>().len(), places.len());
        Ok(())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(300))]

        #[test]
        fn what_compiles_keeps_tenants_apart(
            operator in prop_oneof![Just("2.3"), Just("2.6")],
            sites in prop::collection::vec(site(), 1..7),
        ) {
            let root = tempfile::tempdir().unwrap();
            write(root.path(), operator, &sites);
            let Reported { value: project, diagnostics } = Project::read(root.path()).unwrap();
            match sitewright::compile(&project, Missing::Ignore, diagnostics) {
                Ok(Reported { value: Compiled { fleet, files, .. }, .. }) => {
                    prop_assert_eq!(fleet.sites.len(), sites.len());
                    let objects: Vec<Value> =
                        files.values().map(|bytes| serde_yaml::from_slice(bytes).unwrap()).collect();
                    apart(&objects)?;
                }
                Err(diagnostics) => {
                    // Each refusal is one that such names can earn.
                    let known = ["SW301", "SW302", "SW304", "SW305", "SW307"];
                    for problem in &diagnostics {
                        prop_assert!(known.contains(&problem.code.id()), "{:?}", problem);
                    }
                }
            }
        }
    }
}
