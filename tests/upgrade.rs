//! `sitewright upgrade`: what it writes and what it refuses.

#[cfg(test)]
mod tests {
    use serde_json::Value;
    use std::fs;
    use std::path::PathBuf;
    use std::process::{Command, Output};
    use tempfile::TempDir;

    /// A project in a temporary folder.
    struct Project(TempDir);

    impl Project {
        fn path(&self, path: &str) -> PathBuf {
            self.0.path().join(path)
        }

        fn put(&self, path: &str, text: impl AsRef<str>) {
            let path = self.path(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text.as_ref()).unwrap();
        }
    }

    /// A cluster whose file has everything that an edit must keep.
    const CLUSTER: &str = "# The cluster.\r\nkind: Cluster\r\noperators: {frappe: 'FRAPPE', # ours\r\n  \
                           mariadb: \"25.10\"}   # theirs\r\nnamespace: erp\r\n";

    /// A project of frappe-operator 2.5 and others, with a site in each mode.
    fn project(frappe: &str) -> Project {
        let project = Project(tempfile::tempdir().unwrap());
        let outside = "external:\n  host: db.acme.com\n  username: root\n  \
                       passwordSecretRef: {name: root}\n  \
                       tls: {enabled: true, mutual: false, serverCASecretRef: {name: ca}}\n";
        for (path, text) in [
            ("eu/_cluster", CLUSTER.replace("FRAPPE", frappe)),
            ("eu/_defaults", "kind: Defaults\nsite: {bench: b16, apps: [erpnext]}\n".to_owned()),
            ("eu/b16", "kind: Bench\nmanaged: false\nfrappeVersion: version-16\n".to_owned()),
            (
                "eu/main",
                "kind: DatabaseServer\ntopology: replication\nstorageSize: 5Gi\n".to_owned(),
            ),
            ("eu/single", "kind: DatabaseServer\nstorageSize: 5Gi\n".to_owned()),
            ("eu/outside", format!("kind: DatabaseServer\n{outside}")),
            (
                "eu/shared",
                "kind: Site\nsiteName: a.acme.com\ndatabase: {server: single}\n".to_owned(),
            ),
            (
                "eu/alone",
                "kind: Site\nsiteName: b.acme.com\ndatabase: {mode: dedicated}\n".to_owned(),
            ),
        ] {
            project.put(&format!("sites/{path}.yaml"), text);
        }
        project
    }

    /// Adds a site on the server outside the cluster.
    fn with_outside(project: Project) -> Project {
        let site = "kind: Site # c\nsiteName: c.acme.com\ndatabase:\n  # d\n  mode: external\n  server: outside # e\n";
        project.put("sites/eu/far.yaml", site);
        project
    }

    fn run(project: &Project, arguments: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_sitewright"));
        command.arg("-C").arg(project.path("")).args(arguments).output().unwrap()
    }

    /// What a command prints, which must end like this.
    #[track_caller]
    fn printed(project: &Project, arguments: &[&str], code: i32) -> Value {
        let output = run(project, &[arguments, &["--format", "json"]].concat());
        let out = String::from_utf8(output.stdout).unwrap();
        assert_eq!(output.status.code(), Some(code), "{arguments:?} {out}");
        serde_json::from_str(&out).unwrap()
    }

    fn render(project: &Project) {
        printed(project, &["render"], 0);
    }

    /// Every definition with its text.
    fn definitions(project: &Project) -> Vec<(String, String)> {
        let files =
            fs::read_dir(project.path("sites/eu")).unwrap().map(|entry| entry.unwrap().path());
        let mut found: Vec<_> = files
            .map(|path| {
                (
                    path.file_name().unwrap().to_string_lossy().into_owned(),
                    fs::read_to_string(&path).unwrap(),
                )
            })
            .collect();
        found.sort();
        found
    }

    /// The only diagnostic of a refused upgrade, which changes no definition.
    #[track_caller]
    fn refused(project: &Project, arguments: &[&str]) -> (String, String, String) {
        let before = definitions(project);
        let mut found = printed(project, &[&["upgrade", "eu"], arguments].concat(), 2);
        assert_eq!(definitions(project), before);
        let diagnostics = found["diagnostics"].as_array_mut().unwrap();
        assert_eq!(diagnostics.len(), 1, "{diagnostics:#?}");
        let text = |key: &str| diagnostics[0][key].as_str().unwrap().to_owned();
        (text("code"), text("message"), text("help"))
    }

    #[test]
    fn the_version_changes_and_every_other_byte_stays() {
        let project = project("2.5");
        render(&project);
        let before = definitions(&project);
        // Given a dry run, then nothing is written, and the same is said as by the real one.
        let dry = printed(&project, &["upgrade", "eu", "--mariadb", "26.6", "--dry-run"], 0);
        assert_eq!(definitions(&project), before);
        let wet = printed(&project, &["upgrade", "eu", "--mariadb", "26.6"], 0);
        assert_eq!(
            (&dry["result"]["written"], &wet["result"]["written"]),
            (&false.into(), &true.into())
        );
        assert_eq!(dry["result"]["steps"], wet["result"]["steps"]);
        assert_eq!(wet["result"]["files"], serde_json::json!(["sites/eu/_cluster.yaml"]));
        let cluster = fs::read_to_string(project.path("sites/eu/_cluster.yaml")).unwrap();
        assert_eq!(cluster, CLUSTER.replace("FRAPPE", "2.5").replace("25.10", "26.6"));
        let others = |all: Vec<(String, String)>| -> Vec<_> {
            all.into_iter().filter(|(path, _)| path != "_cluster.yaml").collect()
        };
        assert_eq!(others(definitions(&project)), others(before));
        // Then the containers beside the server with replicas are replaced, and of no other.
        let commands = wet["result"]["steps"].to_string();
        assert_eq!(commands.matches("patch mariadb main ").count(), 2, "{commands}");
        assert_eq!(commands.matches("patch mariadb").count(), 2, "{commands}");
    }

    #[test]
    fn the_diff_is_what_a_render_changes() {
        let project = project("2.5");
        render(&project);
        fs::rename(project.path("rendered"), project.path("before")).unwrap();
        render(&project);
        let upgraded = printed(&project, &["upgrade", "eu", "--frappe", "2.6"], 0);
        render(&project);
        let before = project.path("before");
        let diff = printed(&project, &["diff", "--base", before.to_str().unwrap()], 0);
        assert_eq!(upgraded["result"]["diff"], diff["result"]);
        assert!(!diff["result"]["definitions"].as_array().unwrap().is_empty());
    }

    #[test]
    fn sites_that_would_look_for_other_databases_are_kept_or_refused() {
        let project = with_outside(project("2.3"));
        render(&project);
        // Given a version that lets sitewright decide the name, then its old name is stated first.
        let (code, message, help) = refused(&project, &["--frappe", "2.5"]);
        assert_eq!(code, "SW902");
        let name = "_1c8453ac_c_acme_com";
        assert!(message.contains("`eu/far` would look for") && message.contains(name), "{message}");
        assert!(help.contains("--keep-databases"), "{help}");
        printed(&project, &["upgrade", "eu", "--frappe", "2.5", "--keep-databases"], 0);
        let site = fs::read_to_string(project.path("sites/eu/far.yaml")).unwrap();
        assert!(site.ends_with(&format!("server: outside # e\n  name: {name}\n")), "{site}");
        render(&project);
        let database = fs::read_to_string(project.path("rendered/eu/far/database.yaml")).unwrap();
        assert!(database.contains(&format!("name: {name}")), "{database}");
        // Given a version that computes the same name, then it accepts the stated one.
        printed(&project, &["upgrade", "eu", "--frappe", "2.6", "--dry-run"], 0);
    }

    #[test]
    fn a_name_that_the_new_version_does_not_read_cannot_be_kept() {
        let project = with_outside(project("2.5"));
        render(&project);
        for more in [&[][..], &["--keep-databases"]] {
            let (code, _, help) = refused(&project, &[&["--frappe", "2.6"], more].concat());
            assert_eq!(code, "SW902");
            assert!(help.contains("computes the name and reads no other"), "{help}");
        }
    }

    /// The texts of the steps, each with its commands.
    fn steps(found: &Value) -> Vec<(String, Vec<String>)> {
        let texts = |list: &Value| -> Vec<String> {
            list.as_array().unwrap().iter().map(|it| it.as_str().unwrap().to_owned()).collect()
        };
        let steps = found["result"]["steps"].as_array().unwrap();
        let step =
            |step: &Value| (step["text"].as_str().unwrap().to_owned(), texts(&step["commands"]));
        steps.iter().map(step).collect()
    }

    /// `tests/cluster_upgrade/` walks these steps on an API server.
    #[test]
    fn another_api_of_frappe_operator_is_a_migration() {
        for (engine, stop, start) in [
            ("none", None, None),
            ("flux", Some("{\"suspend\": true}"), Some("{\"suspend\": null}")),
            ("argocd", Some("{\"automated\": null}"), Some("-R -f gitops/eu")),
        ] {
            let project = with_outside(project("2.5"));
            let delivery = match engine {
                "none" => String::new(),
                _ => format!(
                    "gitops: {{engine: {engine}, repository: https://github.com/acme/fleet}}\n"
                ),
            };
            project.put("sites/eu/_cluster.yaml", CLUSTER.replace("FRAPPE", "2.5") + &delivery);
            render(&project);
            let found =
                printed(&project, &["upgrade", "eu", "--frappe", "5.2", "--keep-databases"], 0);
            let steps = steps(&found);
            let step = |start: &str| {
                let found = steps.iter().position(|(text, _)| text.starts_with(start));
                found.unwrap_or_else(|| panic!("no step {start:?} in {steps:#?}"))
            };
            // The old operator is gone before a finalizer or an object is touched, and the delivery before that.
            let order = [
                "Record the `encryption_key`",
                "Render and commit to a branch",
                "Stop the delivery",
                "Stop frappe-operator 2.5",
                "Save all objects",
                "Remove the finalizers",
                "Delete the objects, and keep",
                "Look at what is left",
                "Delete the CRDs",
                "Delete the Deployments",
                "Copy the files",
                "Install the CRDs",
                "Upgrade frappe-operator to 5.2.7",
                "Make these benches again",
                "Merge the branch",
                "Start the delivery",
                "Wait until",
            ];
            assert_eq!(order.map(step), std::array::from_fn(|at| at), "{engine}");
            assert_eq!(steps.len(), order.len());
            for (name, words) in [("Stop the delivery", stop), ("Start the delivery", start)] {
                let commands = &steps[step(name)].1;
                let has = |words: &str| commands.last().is_some_and(|it| it.contains(words));
                assert!(words.map_or(commands.is_empty(), has), "{engine}: {commands:?}");
            }
            let delete = &steps[step("Delete the objects, and keep")].1;
            assert!(
                delete.iter().all(|command| command.ends_with("--all --cascade=orphan")),
                "{delete:?}"
            );
            assert_eq!(steps[step("Record")].1.len(), 3);
        }
    }

    #[test]
    fn a_version_that_cannot_be_reached_is_refused() {
        let project = project("2.5");
        render(&project);
        for (arguments, words, help) in [
            (["--frappe", "9.9"], "is not supported", "write `2.6`"),
            (["--frappe", "2.6.2"], "is not supported", "installs no apps"),
            (["--frappe", "2.6.4"], "is not supported", "write `2.6`, which stands for"),
            (["--frappe", "2.5"], "states frappe-operator 2.5 already", "write `2.6`"),
            (["--frappe", "2.3"], "is older than 2.5", "nobody tried"),
        ] {
            let (code, message, found) = refused(&project, &arguments);
            assert_eq!(code, "SW901");
            assert!(message.contains(words) && found.contains(help), "{message} {found}");
        }
        project.put(
            "sites/eu/_cluster.yaml",
            "kind: Cluster\noperators: {frappe: \"2.6\", cloudnativePg: \"1.30\"}\nnamespace: erp\n",
        );
        for site in ["shared", "alone", "main", "single", "outside"] {
            fs::remove_file(project.path(&format!("sites/eu/{site}.yaml"))).unwrap();
        }
        render(&project);
        let (code, message, _) = refused(&project, &["--mariadb", "26.6"]);
        assert_eq!(code, "SW901");
        assert!(message.contains("has no mariadb-operator"), "{message}");
    }

    #[test]
    fn manifests_that_are_out_of_date_are_refused() {
        let project = project("2.5");
        // Given a project that was never rendered,
        assert_eq!(refused(&project, &["--mariadb", "26.6"]).0, "SW903");
        render(&project);
        // or a change that was not.
        let site = project.path("sites/eu/alone.yaml");
        let text = fs::read_to_string(&site).unwrap();
        fs::write(&site, text + "domain: d.acme.com\n").unwrap();
        assert_eq!(refused(&project, &["--mariadb", "26.6"]).0, "SW903");
    }

    #[test]
    fn what_is_wrong_with_the_project_is_said_first() {
        let project = project("2.5");
        render(&project);
        let found = printed(&project, &["upgrade", "us", "--mariadb", "26.6"], 2);
        assert_eq!(found["diagnostics"][0]["code"], "SW209");
        project.put("sites/eu/alone.yaml", "kind: Site\n");
        assert_eq!(refused(&project, &["--mariadb", "26.6"]).0, "SW105");
    }
}
