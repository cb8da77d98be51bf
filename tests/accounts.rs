//! No output shows the account of an address, wherever somebody put one: in any field of any kind, in what is
//! not read as a definition, or on the command line. What is printed of it would stand in logs for everybody.

#[cfg(test)]
mod tests {
    use serde_json::{Map, Value, json};
    use sitewright::diagnostic::{self, Reported};
    use sitewright::language::{Kind, json_schema};
    use sitewright::project::{Project, Refused};
    use sitewright::secret::Missing;
    use std::fs;
    use std::path::Path;
    use std::process::Command;
    use tempfile::TempDir;

    const USER: &str = "user7f3";
    const TOKEN: &str = "tok9c1";
    const ADDRESSES: [&str; 3] = [
        "https://user7f3:tok9c1@git.example.com/acme/app",
        "ssh://user7f3:tok9c1@git.example.com/acme/app",
        "https://user7f3:x/tok9c1@git.example.com/acme/app",
    ];

    fn put(root: &Path, path: &str, text: &str) {
        let path = root.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// A definition of each kind that is right by itself, and its file.
    fn definition(kind: Kind) -> (&'static str, Value) {
        match kind {
            Kind::Site => (
                "sites/eu/acme.yaml",
                json!({"kind": "Site", "siteName": "erp.acme.com", "bench": "b15", "plan": "gold"}),
            ),
            Kind::DatabaseServer => {
                ("sites/eu/db.yaml", json!({"kind": "DatabaseServer", "storageSize": "9Gi"}))
            }
            Kind::Bench => {
                ("sites/eu/b15.yaml", json!({"kind": "Bench", "frappeVersion": "version-15"}))
            }
            Kind::Plan => ("sites/gold.yaml", json!({"kind": "Plan"})),
            Kind::Cluster => (
                "sites/eu/_cluster.yaml",
                json!({
                    "kind": "Cluster",
                    "operators": {"frappe": "2.6", "mariadb": "26.6"},
                    "namespace": "erp",
                }),
            ),
            Kind::Defaults => (
                "sites/_defaults.yaml",
                json!({"kind": "Defaults", "site": {"database": {"server": "db"}}}),
            ),
            Kind::Project => ("sitewright.yaml", json!({"kind": "Project"})),
            Kind::AcceptedDrift => ("drift.yaml", json!({"kind": "AcceptedDrift"})),
            Kind::ProjectRules => ("rules.yaml", json!({"kind": "ProjectRules"})),
        }
    }

    fn project() -> TempDir {
        let root = tempfile::tempdir().unwrap();
        for kind in Kind::ALL {
            let (path, text) = definition(kind);
            put(root.path(), path, &text.to_string());
        }
        root
    }

    /// A place in a definition: a key, any key of a table, or the items of a list.
    #[derive(Clone, Debug)]
    enum Step {
        Key(String),
        AnyKey,
        Item,
    }

    /// Every place of a schema that holds a value of its own.
    fn places(schema: &Value, path: &mut Vec<Step>, found: &mut Vec<Vec<Step>>) {
        for choice in ["anyOf", "oneOf"] {
            for schema in schema[choice].as_array().into_iter().flatten() {
                places(schema, path, found);
            }
        }
        let mut below = |step: Step, schema: &Value| {
            path.push(step);
            places(schema, path, found);
            path.pop();
        };
        for (key, schema) in schema["properties"].as_object().into_iter().flatten() {
            below(Step::Key(key.clone()), schema);
        }
        for (_, schema) in schema["patternProperties"].as_object().into_iter().flatten() {
            below(Step::AnyKey, schema);
        }
        for (field, step) in [("additionalProperties", Step::AnyKey), ("items", Step::Item)] {
            if schema[field].is_object() {
                below(step, &schema[field]);
            }
        }
        found.push(path.clone());
    }

    /// A value with another one at a place.
    fn with(value: Value, place: &[Step], key: &str, new: &str) -> Value {
        let Some((first, rest)) = place.split_first() else { return new.into() };
        let name = match first {
            Step::Item => return json!([with(Value::Null, rest, key, new)]),
            Step::Key(name) => name.as_str(),
            Step::AnyKey => key,
        };
        let mut map: Map<String, Value> = value.as_object().cloned().unwrap_or_default();
        let below = map.get(name).cloned().unwrap_or_default();
        map.insert(name.to_owned(), with(below, rest, key, new));
        map.into()
    }

    #[track_caller]
    fn shows_no_account(said: &str, what: impl Fn() -> String) {
        let is_shown = said.contains(USER) || said.contains(TOKEN);
        assert!(!is_shown, "{}: {said}", what());
    }

    /// What a run says of a project, in both formats; whether it compiles.
    fn said(root: &Path) -> (String, bool) {
        let (sources, diagnostics, compiles) = match Project::read(root) {
            Err(Refused { sources, diagnostics }) => (sources, diagnostics, false),
            Ok(Reported { value: project, diagnostics }) => {
                let compiled = sitewright::compile(&project, Missing::Ignore, diagnostics);
                let compiles = compiled.is_ok();
                let diagnostics = compiled.map_or_else(|found| found, |it| it.diagnostics);
                (project.sources, diagnostics, compiles)
            }
        };
        let text = diagnostic::text(&diagnostics, &sources, false);
        (text + &diagnostic::json(&diagnostics, &sources).to_string(), compiles)
    }

    #[test]
    fn no_diagnostic_shows_an_account_from_any_field() {
        let root = project();
        assert!(said(root.path()).1);
        let (mut tried, mut refused) = (0, 0);
        for kind in Kind::ALL {
            let (path, whole) = definition(kind);
            let mut all = Vec::new();
            places(&json_schema(kind), &mut Vec::new(), &mut all);
            for (at, place) in all.iter().enumerate() {
                let address = ADDRESSES[at % ADDRESSES.len()];
                // As the value, and as a key where any may stand.
                let mut values = vec![with(whole.clone(), place, "any", address)];
                if place.iter().any(|step| matches!(step, Step::AnyKey)) {
                    values.push(with(whole.clone(), place, address, "value"));
                }
                for value in values {
                    let line = value.to_string();
                    // In one line with all the rest, line by line, and as JSON may write a slash.
                    let lines = serde_yaml::to_string(&value).unwrap();
                    for text in [line.replace("//", "\\/\\/"), line, lines] {
                        put(root.path(), path, &text);
                        let (said, compiles) = said(root.path());
                        shows_no_account(&said, || format!("{path}: {text}"));
                        tried += 1;
                        refused += usize::from(!compiles);
                    }
                }
            }
            put(root.path(), path, &whole.to_string());
        }
        assert!(tried > 1000 && refused > tried / 2, "{refused} of {tried}");
    }

    /// Runs the program; both outputs, and whether it went well.
    fn run(root: &Path, arguments: &[&str]) -> (String, bool) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_sitewright"));
        let output = command.current_dir(root).args(arguments).output().unwrap();
        let said = [output.stdout, output.stderr].concat();
        (String::from_utf8(said).unwrap(), output.status.success())
    }

    #[test]
    fn no_command_shows_an_account_from_the_command_line() {
        for address in ADDRESSES {
            let assigned = format!("{address}=data-loss");
            let option = format!("--{address}");
            for arguments in [
                &["init", "--gitops", "flux", "--repository", address][..],
                &["init", "--gitops", "argocd", "--repository", address],
                &["init", "--gitops", address, "--repository", address],
                &["init", "--cluster", address],
                &["init", address],
                &["render", address],
                &["render", "--out", address, "nothing"],
                &["render", &option],
                &["check", "--out", address, "nothing"],
                &["diff", "--base", address],
                &["diff", "--deny", "data-loss", "--allow", &assigned],
                &["diff", "--deny", address],
                &["drift", address],
                &["drift", "sites", "--cluster", address],
                &["drift", "sites", "--today", address],
                &["drift", "--kubectl", "--context", address],
                &["gitops", address],
                &["explain", address],
                &["schema", address],
                &["new", "site", address],
                &["new", "site", "acme", "--site-name", address],
                &["secrets", "list", address],
                &["secrets", "rotate", address],
                &["secrets", "set", address],
                &["secrets", "adopt", address],
                &["secrets", "adopt", "-", "--cluster", address],
                &["--jobs", address, "check"],
                &["-C", address, "check"],
                &[address],
            ] {
                let empty = arguments[0] == "init" || arguments.contains(&"-C");
                let root = if empty { tempfile::tempdir().unwrap() } else { project() };
                for format in ["text", "json"] {
                    let arguments = [arguments, &["--format", format]].concat();
                    let (said, is_fine) = run(root.path(), &arguments);
                    shows_no_account(&said, || format!("{arguments:?}"));
                    assert!(!is_fine && !said.is_empty(), "{arguments:?}: {said}");
                }
                if empty {
                    assert_eq!(fs::read_dir(root.path()).unwrap().count(), 0, "{arguments:?}");
                }
            }
        }
    }

    /// An annotation may hold any text, and so may a template.
    #[test]
    fn what_is_said_of_sound_definitions_shows_no_account() {
        for address in ADDRESSES {
            let root = project();
            let annotated = |kind, address: &str| {
                let (path, mut value) = definition(kind);
                value["annotations"] = json!({"example.com/home": address});
                put(root.path(), path, &value.to_string());
            };
            for kind in [Kind::Site, Kind::DatabaseServer, Kind::Bench] {
                annotated(kind, "https://git.example.com");
            }
            assert!(run(root.path(), &["render"]).1);
            for kind in [Kind::Site, Kind::DatabaseServer, Kind::Bench] {
                annotated(kind, address);
            }
            for arguments in [
                &["diff"][..],
                &["diff", "--format", "json"],
                &["diff", "--format", "markdown"],
                &["diff", "--format", "sarif"],
                &["explain", "acme"],
                &["explain", "acme", "--format", "json"],
                &["explain", "acme", "--context"],
                &["explain", "db"],
                &["explain", "b15"],
                &["render"],
                &["secrets", "list"],
            ] {
                let (said, is_fine) = run(root.path(), arguments);
                assert!(is_fine, "{arguments:?}: {said}");
                shows_no_account(&said, || format!("{arguments:?}"));
            }
            // The manifests themselves are what was asked for.
            let printed = run(root.path(), &["render", "--stdout"]).0;
            assert!(printed.contains(address), "{printed}");
            let broken = format!("kind: User\nhome: {address}\nbroken: {{{{ nothing }}}}\n");
            for (path, text) in [
                ("templates/mariadb/user.yaml.j2", broken.as_str()),
                ("templates/mariadb/user.yaml.j2", &format!("{{% if {address:?} %}}")),
                ("templates/mariadb/user.yaml.j2", &format!("home: {address}: {{\n")),
                ("sites/eu/acme.secrets.yaml", &format!("acme-admin: {address}\n")),
                (
                    "sites/eu/acme.yaml",
                    &format!("# {address}\nkind: Site\n\tsiteName: {address}\n"),
                ),
                ("sites/eu/_sealing/1.pem", address),
            ] {
                let root = project();
                put(root.path(), path, text);
                for format in ["text", "json"] {
                    let (said, is_fine) = run(root.path(), &["render", "--format", format]);
                    shows_no_account(&said, || format!("{path}: {text}"));
                    assert!(!is_fine, "{path}: {said}");
                }
            }
        }
    }
}
