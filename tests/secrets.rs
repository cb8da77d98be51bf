//! Passwords from their making to the manifests that carry them: what is recorded, what is kept, what
//! is refused, and that every sealed value opens.

#[cfg(test)]
mod opening;

#[cfg(test)]
mod tests {
    use crate::opening::{key, open, text, unseal};
    use serde_yaml::Value;
    use sitewright::secret::{Certificate, seal};
    use std::collections::{BTreeMap, BTreeSet};
    use std::fs;
    use std::path::{Path, PathBuf};
    use std::process::Command;
    use tempfile::TempDir;

    const CERTIFICATE: &str = include_str!("../sites/frankfurt/_sealing/2026-11.pem");
    const SITE: &str = "kind: Site\nsiteName: erp.acme.com\n";
    const RECORDS: &str = "sites/production/acme.secrets.yaml";
    const ADMIN: &str = ".sitewright/secrets/production/acme/acme-admin.yaml";

    fn repository() -> &'static Path {
        Path::new(env!("CARGO_MANIFEST_DIR"))
    }

    /// A project with a shared server, a bench and the site `acme`.
    struct Project(TempDir);

    impl Project {
        /// `secrets` is the cluster's, in one line.
        fn new(secrets: &str) -> Self {
            let project = Self(tempfile::tempdir().unwrap());
            project.cluster("26.6", secrets);
            project.put("sites/production/b15.yaml", "kind: Bench\nfrappeVersion: version-15\n");
            project.put("sites/production/db.yaml", "kind: DatabaseServer\nstorageSize: 9Gi\n");
            let defaults = "kind: Defaults\nsite: {bench: b15, database: {server: db}}\n";
            project.put("sites/_defaults.yaml", defaults);
            project.put("sites/production/acme.yaml", SITE);
            project
        }

        fn sealed() -> Self {
            let project = Self::new("{mode: sealed}");
            project.put("sites/production/_sealing/2026-11.pem", CERTIFICATE);
            project
        }

        fn cluster(&self, mariadb: &str, secrets: &str) {
            let text = format!(
                "kind: Cluster\noperators: {{frappe: \"2.6\", mariadb: \"{mariadb}\"}}\n\
                 namespace: frappe\nsecrets: {secrets}\n"
            );
            self.put("sites/production/_cluster.yaml", &text);
        }

        fn path(&self, path: &str) -> PathBuf {
            self.0.path().join(path)
        }

        fn put(&self, path: &str, text: &str) {
            fs::create_dir_all(self.path(path).parent().unwrap()).unwrap();
            fs::write(self.path(path), text).unwrap();
        }

        fn read(&self, path: &str) -> String {
            fs::read_to_string(self.path(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
        }

        fn yaml(&self, path: &str) -> Value {
            serde_yaml::from_str(&self.read(path)).unwrap()
        }

        /// Runs sitewright, which must end with this code; both outputs.
        #[track_caller]
        fn run(&self, arguments: &str, code: i32) -> String {
            let output = Command::new(env!("CARGO_BIN_EXE_sitewright"))
                .current_dir(self.0.path())
                .args(arguments.split(' '))
                .output()
                .unwrap();
            let said = [output.stdout, output.stderr].concat();
            let said = String::from_utf8(said).unwrap();
            assert_eq!(output.status.code(), Some(code), "{arguments}: {said}");
            said
        }

        /// The facts of a password of `acme`.
        fn record(&self, secret: &str) -> Value {
            self.yaml(RECORDS)[secret]["password"].clone()
        }

        /// The password in a manifest in clear text.
        fn clear_text(&self, path: &str) -> String {
            text(&self.yaml(path)["stringData"]["password"]).to_owned()
        }

        /// What opens of a rendered SealedSecret of `acme`.
        fn opened(&self, suffix: &str) -> String {
            let path = format!("rendered/production/acme/sealedsecret-{suffix}.yaml");
            let [(_, value)] = &unseal(&key("frankfurt"), &self.yaml(&path))[..] else { panic!() };
            String::from_utf8(value.clone()).unwrap()
        }
    }

    fn tree(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
        fn walk(folder: &Path, found: &mut BTreeMap<PathBuf, Vec<u8>>) {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    walk(&path, found);
                } else {
                    found.insert(path.clone(), fs::read(path).unwrap());
                }
            }
        }
        let mut found = BTreeMap::new();
        walk(folder, &mut found);
        found
    }

    fn copy(from: &Path, to: &Path) {
        for path in tree(from).keys() {
            let target = to.join(path.strip_prefix(from).unwrap());
            fs::create_dir_all(target.parent().unwrap()).unwrap();
            fs::copy(path, target).unwrap();
        }
    }

    fn is_minted(value: &[u8]) -> bool {
        value.len() == 32 && value.iter().all(u8::is_ascii_alphanumeric)
    }

    /// Opens every SealedSecret of a rendered sample fleet; the number of them.
    fn all_open(rendered: &Path) -> usize {
        let mut seen = BTreeSet::new();
        let keys = ["frankfurt", "mumbai"].map(|cluster| (cluster, key(cluster)));
        for (path, bytes) in tree(rendered) {
            let object: Value = serde_yaml::from_slice(&bytes).unwrap();
            if object["kind"] != "SealedSecret" {
                continue;
            }
            let below = path.strip_prefix(rendered).unwrap();
            let (_, key) = keys.iter().find(|(cluster, _)| below.starts_with(cluster)).unwrap();
            for (name, value) in unseal(key, &object) {
                assert_eq!(name, "password");
                assert!(is_minted(&value), "{}", below.display());
                assert!(seen.insert(value), "{}: a password twice", below.display());
            }
            // What mariadb-operator reads, it has to watch.
            let watched = !text(&object["metadata"]["name"]).ends_with("-admin");
            let labels = &object["spec"]["template"]["metadata"]["labels"];
            assert_eq!(labels["k8s.mariadb.com/watch"].as_str(), watched.then_some(""));
        }
        seen.len()
    }

    #[test]
    fn every_value_of_the_sample_fleet_opens() {
        let committed = all_open(&repository().join("rendered"));
        assert_eq!(committed, 45);
        // And so when all of them are made anew.
        let fresh = tempfile::tempdir().unwrap();
        copy(&repository().join("sites"), &fresh.path().join("sites"));
        for path in tree(fresh.path()).keys() {
            if path.to_string_lossy().ends_with(".secrets.yaml") {
                fs::remove_file(path).unwrap();
            }
        }
        let status = Command::new(env!("CARGO_BIN_EXE_sitewright"))
            .arg("-C")
            .arg(fresh.path())
            .args(["render", "-q"])
            .status();
        assert!(status.unwrap().success());
        assert_eq!(all_open(&fresh.path().join("rendered")), committed);
        let (old, new) = (repository().join("rendered"), fresh.path().join("rendered"));
        let path = "frankfurt/helpdesk/sealedsecret-admin.yaml";
        assert_ne!(fs::read(old.join(path)).unwrap(), fs::read(new.join(path)).unwrap());
    }

    #[test]
    fn values_sealed_by_another_implementation_open_the_same_way() {
        // Made with Python's `cryptography` from the description of the published format.
        let vectors = fs::read_to_string(repository().join("tests/keys/vectors.json")).unwrap();
        let vectors: Vec<BTreeMap<String, String>> = serde_json::from_str(&vectors).unwrap();
        assert_eq!(vectors.len(), 5);
        let key = key("mumbai");
        for vector in &vectors {
            let opened = open(&key, &vector["label"], &vector["sealed"]);
            assert_eq!(opened.as_deref(), Some(vector["value"].as_bytes()), "{vector:?}");
            assert_eq!(open(&key, "another/label", &vector["sealed"]), None);
        }
        let certificate = repository().join("sites/mumbai/_sealing/2026-11.pem");
        let certificate =
            Certificate::of_pem("a.pem", &fs::read_to_string(certificate).unwrap()).unwrap();
        for label in ["frappe/acme-admin", "frappe", ""] {
            let sealed = seal(&certificate, label, b"a value").unwrap();
            assert_eq!(open(&key, label, &sealed).as_deref(), Some(&b"a value"[..]));
            assert_ne!(seal(&certificate, label, b"a value").unwrap(), sealed);
        }
        // As OpenSSH and Python print it.
        assert_eq!(certificate.fingerprint, "SHA256:m0HXdmQtp5e0k3aYLEHC/KewN3qD42mpBN5nbRpn1ws");
    }

    #[test]
    fn nothing_is_made_where_that_is_refused() {
        let project = Project::sealed();
        for command in ["check", "render --locked", "render --stdout", "secrets verify"] {
            let said = project.run(command, 3);
            for expected in [
                "error[SW701]: `production/acme` has no record of acme-db-password/password, \
                 acme-admin/password",
                "run `sitewright render production/db` and commit db.secrets.yaml",
            ] {
                assert!(said.contains(expected), "{command}: {said}");
            }
        }
        assert!(!project.path("rendered").exists() && !project.path(RECORDS).exists());
        // Another error weighs more.
        project.put("sites/production/bad.yaml", "kind: Sight\n");
        project.run("check", 2);
        fs::remove_file(project.path("sites/production/bad.yaml")).unwrap();
        project.run("render", 0);
        project.run("render --locked", 0);
        project.run("check", 0);
        // Elsewhere in the fleet, what is not asked for may be missing.
        project.put("sites/production/globex.yaml", "kind: Site\nsiteName: erp.globex.com\n");
        project.run("render --locked production/acme", 0);
        project.run("render --locked production/globex", 3);
    }

    #[test]
    fn what_fits_is_kept_byte_for_byte() {
        let project = Project::sealed();
        project.run("render", 0);
        let before = project.read(RECORDS);
        let opened = (project.opened("admin"), project.opened("db-password"));
        let labels = format!("{SITE}labels: {{team: blue}}\nprotect: false\n");
        project.put("sites/production/acme.yaml", &labels);
        let said = project.run("render", 0);
        assert!(said.contains("~ production/acme/sealedsecret-admin.yaml"), "{said}");
        assert_eq!(project.read(RECORDS), before);
        assert_eq!((project.opened("admin"), project.opened("db-password")), opened);
        // A newer certificate seals what is new, and nothing else.
        let newer = fs::read_to_string(repository().join("sites/mumbai/_sealing/2026-11.pem"));
        project.put("sites/production/_sealing/2026-12.pem", &newer.unwrap());
        project.run("render", 0);
        assert_eq!(project.read(RECORDS), before);
        let listed = project.run("secrets list", 0);
        assert!(listed.contains("acme-admin/password"), "{listed}");
        assert_eq!(listed.matches("2026-11.pem (an older key)").count(), 3, "{listed}");
        // A server of its own needs one password more.
        project
            .put("sites/production/acme.yaml", &format!("{SITE}database: {{mode: dedicated}}\n"));
        project.run("render", 0);
        assert_eq!(
            project.record("acme-admin")["sealed"],
            yaml(&before)["acme-admin"]["password"]["sealed"]
        );
        let root = project.record("acme-mariadb-root");
        let opened = open(&key("mumbai"), "frappe/acme-mariadb-root", text(&root["sealed"]));
        assert!(opened.is_some_and(|value| is_minted(&value)));
    }

    fn yaml(text: &str) -> Value {
        serde_yaml::from_str(text).unwrap()
    }

    #[test]
    fn each_scope_binds_as_the_controller_reads_it() {
        for (scope, label) in
            [("strict", "frappe/acme-admin"), ("namespace-wide", "frappe"), ("cluster-wide", "")]
        {
            let project = Project::sealed();
            project.cluster("26.6", &format!("{{mode: sealed, scope: {scope}}}"));
            project.run("render", 0);
            assert!(is_minted(project.opened("admin").as_bytes()));
            let record = project.record("acme-admin");
            assert_eq!((text(&record["scope"]), text(&record["label"])), (scope, label));
            assert!(open(&key("frankfurt"), label, text(&record["sealed"])).is_some());
        }
    }

    #[test]
    fn a_rotation_changes_one_value_and_shows_where_it_is_used() {
        let project = Project::sealed();
        project.run("render", 0);
        let (before, old) = (project.yaml(RECORDS), project.opened("db-password"));
        let said = project.run("secrets rotate acme/acme-db-password", 0);
        assert!(said.contains("acme-db-password/password: generation 2"), "{said}");
        assert!(said.contains("site_config.json"), "{said}");
        assert_eq!(project.record("acme-admin"), before["acme-admin"]["password"]);
        project.run("check", 1);
        project.run("secrets verify", 1);
        project.run("render", 0);
        project.run("secrets verify", 0);
        assert!(project.opened("db-password") != old);
        let annotation = |path: &str, name: &str| {
            let object = project.yaml(&format!("rendered/production/acme/{path}.yaml"));
            text(&object["metadata"]["annotations"][format!("sitewright/{name}")]).to_owned()
        };
        assert_eq!(annotation("user", "db-password-generation"), "2");
        assert_eq!(annotation("frappesite", "admin-generation"), "1");
        let sealed = project.yaml("rendered/production/acme/sealedsecret-db-password.yaml");
        let annotations = &sealed["spec"]["template"]["metadata"]["annotations"];
        assert_eq!(text(&annotations["sitewright/generation"]), "2");
        // A whole site, and one key.
        project.run("secrets rotate sites/production/acme.yaml", 0);
        project.run("secrets rotate production/acme/acme-admin/password --format json", 0);
        assert_eq!(project.record("acme-db-password")["generation"], 3);
        assert_eq!(project.record("acme-admin")["generation"], 3);
    }

    #[test]
    fn what_cannot_be_rotated_is_refused_whole() {
        let project = Project::sealed();
        project.cluster("25.10", "{mode: sealed}");
        project
            .put("sites/production/acme.yaml", &format!("{SITE}database: {{mode: dedicated}}\n"));
        let said = project.run("secrets rotate acme/acme-admin", 2);
        assert!(said.contains("SW709") && said.contains("no record yet"), "{said}");
        project.run("render", 0);
        let before = tree(&project.path("sites"));
        for name in ["production/acme", "db", "acme/acme-mariadb-root"] {
            let said = project.run(&format!("secrets rotate {name}"), 2);
            assert!(said.contains("error[SW709]") && said.contains("25.10"), "{said}");
        }
        let said = project.run("secrets rotate production/acne", 2);
        assert!(said.contains("error[SW209]"), "{said}");
        assert_eq!(tree(&project.path("sites")), before);
        project.cluster("26.6", "{mode: sealed}");
        project.run("secrets rotate db", 0);
    }

    #[test]
    fn records_that_nothing_uses_stay_until_they_are_pruned() {
        let project = Project::sealed();
        project
            .put("sites/production/acme.yaml", &format!("{SITE}database: {{mode: dedicated}}\n"));
        project.run("render", 0);
        let root = project.record("acme-mariadb-root");
        project.put("sites/production/acme.yaml", SITE);
        let said = project.run("render", 0);
        assert!(said.contains("warning[SW706]: acme-mariadb-root/password is used by"), "{said}");
        assert!(!project.path("rendered/production/acme/sealedsecret-mariadb-root.yaml").exists());
        assert_eq!(project.record("acme-mariadb-root"), root);
        // What a broken definition wants is not known.
        project.put("sites/production/acme.yaml", "kind: Site\nsitename: x\n");
        project.run("secrets prune", 2);
        project.put("sites/production/acme.yaml", SITE);
        project.run("secrets prune", 0);
        assert!(project.record("acme-mariadb-root").is_null());
        assert!(!project.record("acme-admin").is_null());
        fs::remove_file(project.path("sites/production/acme.yaml")).unwrap();
        project.run("render", 0);
        assert!(project.path(RECORDS).exists());
        project.run("secrets prune", 0);
        assert!(!project.path(RECORDS).exists());
        assert!(project.path("sites/production/db.secrets.yaml").exists());
    }

    #[test]
    #[cfg(unix)]
    fn clear_text_is_its_owners_alone() {
        use std::os::unix::fs::PermissionsExt as _;
        let project = Project::new("{mode: plain}");
        project.run("render", 0);
        let mode =
            |path: &str| fs::metadata(project.path(path)).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(".sitewright/secrets"), 0o700);
        assert_eq!(mode(".sitewright/secrets/production/acme"), 0o700);
        assert_eq!(mode(ADMIN), 0o600);
        assert_eq!(project.read(".sitewright/secrets/.gitignore"), "*\n");
        let password = project.clear_text(ADMIN);
        assert!(is_minted(password.as_bytes()));
        assert_eq!(text(&project.record("acme-admin")["mode"]), "plain");
        // A rotation replaces it; a change of the Secret keeps it.
        project.run("secrets rotate acme/acme-admin", 0);
        let rotated = project.clear_text(ADMIN);
        assert_ne!(rotated, password);
        project.run("render", 0);
        assert_eq!(project.clear_text(ADMIN), rotated);
        // Whoever has the records alone gets no other password.
        fs::remove_dir_all(project.path(".sitewright")).unwrap();
        let records = project.read(RECORDS);
        project.run("render", 0);
        project.run("check", 0);
        assert_eq!(project.read(RECORDS), records);
        assert!(!project.path(ADMIN).exists());
    }

    #[test]
    fn a_password_made_before_a_run_was_cut_off_is_used() {
        let project = Project::new("{mode: plain}");
        project.run("render", 0);
        let password = project.clear_text(ADMIN);
        fs::remove_file(project.path(RECORDS)).unwrap();
        project.run("render", 0);
        assert_eq!(project.clear_text(ADMIN), password);
    }

    #[test]
    fn clear_text_is_refused_where_git_tracks_it() {
        let project = Project::new("{mode: plain}");
        project.run("render", 0);
        for arguments in [&["init", "-q"][..], &["add", "-f", ".sitewright"]] {
            let git = Command::new("git").arg("-C").arg(project.0.path()).args(arguments).status();
            assert!(git.unwrap().success());
        }
        let said = project.run("secrets rotate acme", 2);
        assert!(said.contains("error[SW711]: Git tracks `.sitewright/secrets/"), "{said}");
        let said = project.run("secrets verify", 2);
        assert!(said.contains("error[SW712]"), "{said}");
    }

    /// A SealedSecret as kubeseal prints it.
    fn sealed_secret(secret: &str, scope: &str, values: &[(&str, &str)]) -> String {
        let certificate = Certificate::of_pem("a.pem", CERTIFICATE).unwrap();
        let (label, annotations) = match scope {
            "strict" => (format!("frappe/{secret}"), String::new()),
            _ => (
                String::new(),
                format!("  annotations:\n    sealedsecrets.bitnami.com/{scope}: \"true\"\n"),
            ),
        };
        let values: String = values
            .iter()
            .map(|(key, value)| {
                let sealed = seal(&certificate, &label, value.as_bytes()).unwrap();
                format!("    {key}: {sealed}\n")
            })
            .collect();
        format!(
            "---\napiVersion: bitnami.com/v1alpha1\nkind: SealedSecret\nmetadata:\n  \
             creationTimestamp: null\n  name: {secret}\n  namespace: frappe\n{annotations}spec:\n  \
             encryptedData:\n{values}  template:\n    metadata:\n      name: {secret}\n"
        )
    }

    #[test]
    fn what_kubeseal_sealed_is_adopted_and_rendered() {
        let project = Project::new("{mode: plain}");
        project.put("sites/production/_sealing/2026-11.pem", CERTIFICATE);
        project.run("render", 0);
        let password = project.clear_text(ADMIN);
        let user = ".sitewright/secrets/production/acme/acme-db-password.yaml";
        let user = project.clear_text(user);
        let both = sealed_secret("acme-admin", "strict", &[("password", &password)])
            + &sealed_secret("acme-db-password", "strict", &[("password", &user)]);
        project.put("sealed/both.yaml", &both);
        let said = project.run("secrets adopt sealed", 0);
        assert!(said.contains("2 passwords adopted, 0 recorded before"), "{said}");
        assert!(!project.path(ADMIN).exists());
        project.run("render", 0);
        assert_eq!(project.opened("admin"), password);
        assert_eq!(project.opened("db-password"), user);
        let record = project.record("acme-admin");
        assert_eq!(record["generation"], 1, "the same value, sealed at last");
        assert_eq!(text(&record["policy"]), "alphanumeric-32");
        project.run("secrets verify", 0);
        let said = project.run("secrets adopt sealed/both.yaml", 0);
        assert!(said.contains("0 passwords adopted, 2 recorded before"), "{said}");
        // Another value is a rotation by other means. JSON is what kubeseal prints by default.
        let other = sealed_secret("acme-admin", "strict", &[("password", "correct horse")]);
        let other: Value = yaml(other.trim_start_matches("---"));
        project.put("other.json", &serde_json::to_string_pretty(&other).unwrap());
        project.run("secrets adopt other.json", 0);
        let record = project.record("acme-admin");
        assert_eq!((text(&record["policy"]), &record["generation"]), ("adopted", &Value::from(2)));
        project.run("render", 0);
        assert_eq!(project.opened("admin"), "correct horse");
    }

    #[test]
    fn only_what_fits_is_adopted() {
        let project = Project::sealed();
        project.run("render", 0);
        let before = tree(&project.path("sites"));
        let fits = || sealed_secret("acme-admin", "strict", &[("password", "x")]);
        for (document, expected) in [
            (sealed_secret("other-admin", "strict", &[("password", "x")]), "no site or server has"),
            (
                sealed_secret("acme-admin", "cluster-wide", &[("password", "x")]),
                "is sealed cluster-wide",
            ),
            (sealed_secret("acme-admin", "strict", &[("pass", "x")]), "has no key `pass`"),
            (sealed_secret("acme-admin", "strict", &[]), "has no key `password`"),
            (fits().replace("kind: SealedSecret", "kind: Secret"), "is no SealedSecret"),
            (fits().replace("  namespace: frappe\n", ""), "states no `metadata.name`"),
            (fits().replace("password: Ag", "password: Aw"), "the value cannot be right"),
            (fits().replace("password: Ag", "password: !"), ""),
            ("# nothing\n".to_owned(), "no SealedSecret stands in it"),
        ] {
            // Beside one that fits: nothing is taken by halves.
            project.put("sealed.yaml", &(fits() + "---\n" + &document));
            let alone = expected == "no SealedSecret stands in it";
            if alone {
                project.put("sealed.yaml", &document);
            }
            let said = project.run("secrets adopt sealed.yaml", 2);
            assert!(said.contains(expected) && said.contains("sealed.yaml"), "{expected}: {said}");
            assert_eq!(tree(&project.path("sites")), before, "{expected}");
        }
    }

    #[test]
    fn a_store_makes_and_keeps_the_value_itself() {
        let project =
            Project::new("{mode: external, external: {store: {name: vault}, prefix: erp/}}");
        project.run("render", 0);
        let object =
            |kind: &str| project.yaml(&format!("rendered/production/acme/{kind}-db-password.yaml"));
        let key = |generation: u32| {
            Value::from(format!("erp/production/frappe/acme-db-password/password/{generation}"))
        };
        let remote = |generation: u32| {
            let (push, pull) = (object("pushsecret"), object("externalsecret"));
            assert_eq!(push["spec"]["data"][0]["match"]["remoteRef"]["remoteKey"], key(generation));
            assert_eq!(pull["spec"]["data"][0]["remoteRef"]["key"], key(generation));
            (push, pull)
        };
        let (push, pull) = remote(1);
        assert_eq!(object("password")["spec"]["symbols"], 0);
        assert_eq!(push["spec"]["updatePolicy"], "IfNotExists");
        assert_eq!(push["spec"]["deletionPolicy"], "None");
        assert_eq!(pull["spec"]["target"]["deletionPolicy"], "Retain");
        let labels = &pull["spec"]["target"]["template"]["metadata"]["labels"];
        assert_eq!(labels["k8s.mariadb.com/watch"], "");
        assert_eq!(text(&project.record("acme-admin")["mode"]), "external");
        project.run("secrets rotate acme/acme-db-password", 0);
        project.run("render", 0);
        remote(2);
        project.run("secrets verify", 0);
        assert!(!project.path(".sitewright").exists());
    }

    #[test]
    fn verify_finds_clear_text_in_the_tree() {
        let project = Project::sealed();
        project.run("render", 0);
        project.run("secrets verify", 0);
        project.put("extra/smtp.yaml", "kind: Secret\nstringData:\n  password: hunter2\n");
        let said = project.run("secrets verify", 2);
        assert!(said.contains("error[SW712]: `extra/smtp.yaml`"), "{said}");
        assert!(!said.contains("hunter2"), "{said}");
        fs::remove_dir_all(project.path("extra")).unwrap();
        let path = "rendered/production/acme/sealedsecret-admin.yaml";
        fs::remove_file(project.path(path)).unwrap();
        let said = project.run("secrets verify", 1);
        assert!(said.contains("missing   production/acme/sealedsecret-admin.yaml"), "{said}");
    }

    #[test]
    fn a_store_that_changes_meanwhile_is_not_overwritten() {
        use sitewright::secret::store;
        let project = Project::sealed();
        project.run("render", 0);
        let mut diagnostics = Vec::new();
        let read = sitewright::project::Project::read(project.0.path(), &mut diagnostics).unwrap();
        let wanted = [("production/acme".to_owned(), BTreeMap::new())].into();
        let changes = store::changes("sites", wanted, &read.stores, &read.sources);
        project.run("secrets rotate acme", 0);
        let rotated = project.read(RECORDS);
        let problem = store::write(project.0.path(), "sites", &changes).unwrap_err();
        assert_eq!(problem.code.id(), "SW605");
        assert_eq!(project.read(RECORDS), rotated);
        assert!(!project.path("sites/.sitewright-staging").exists());
    }
}
