//! Passwords from their making to the manifests that carry them: what is recorded, what is kept, what
//! is refused, and that every sealed value opens.

use crate::given;
use crate::opening::{key, open, text, unseal};
use crate::project::{
    CERTIFICATE, Project, RECORDS, SITE, copy, is_minted, repository, tree, yaml,
};
use serde_yaml::Value;
use sitewright::secret::{Certificate, seal};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::process::Command;

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
            "error[SW701]: `production/acme` has no record of acme-db-credentials/password, \
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
    let opened = (project.opened("admin"), project.opened("db-credentials"));
    let labels = format!("{SITE}labels: {{team: blue}}\nprotect: false\n");
    project.put("sites/production/acme.yaml", &labels);
    let said = project.run("render", 0);
    assert!(said.contains("~ production/acme/sealedsecret-admin.yaml"), "{said}");
    assert_eq!(project.read(RECORDS), before);
    assert_eq!((project.opened("admin"), project.opened("db-credentials")), opened);
    // A newer certificate seals what is new, and nothing else.
    let newer = fs::read_to_string(repository().join("sites/mumbai/_sealing/2026-11.pem"));
    project.put("sites/production/_sealing/2026-12.pem", &newer.unwrap());
    project.run("render", 0);
    assert_eq!(project.read(RECORDS), before);
    let listed = project.run("secrets list", 0);
    assert!(listed.contains("acme-admin/password"), "{listed}");
    assert_eq!(listed.matches("2026-11.pem (an older key)").count(), 3, "{listed}");
    // A server of its own needs one password more.
    project.put("sites/production/acme.yaml", &format!("{SITE}database: {{mode: dedicated}}\n"));
    project.run("render", 0);
    assert_eq!(
        project.record("acme-admin")["sealed"],
        yaml(&before)["acme-admin"]["password"]["sealed"]
    );
    let root = project.record("acme-mariadb-root");
    let opened = open(&key("mumbai"), "frappe/acme-mariadb-root", text(&root["sealed"]));
    assert!(opened.is_some_and(|value| is_minted(&value)));
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
    let (before, old) = (project.yaml(RECORDS), project.opened("db-credentials"));
    let said = project.run("secrets rotate acme/acme-db-credentials", 0);
    assert!(said.contains("acme-db-credentials/password: generation 2"), "{said}");
    assert!(said.contains("site_config.json"), "{said}");
    assert_eq!(project.record("acme-admin"), before["acme-admin"]["password"]);
    project.run("check", 1);
    project.run("secrets verify", 1);
    project.run("render", 0);
    project.run("secrets verify", 0);
    assert!(project.opened("db-credentials") != old);
    let annotation = |path: &str, name: &str| {
        let object = project.yaml(&format!("rendered/production/acme/{path}.yaml"));
        text(&object["metadata"]["annotations"][format!("sitewright/{name}")]).to_owned()
    };
    assert_eq!(annotation("user", "db-credentials-generation"), "2");
    assert_eq!(annotation("frappesite", "admin-generation"), "1");
    let sealed = project.yaml("rendered/production/acme/sealedsecret-db-credentials.yaml");
    let annotations = &sealed["spec"]["template"]["metadata"]["annotations"];
    assert_eq!(text(&annotations["sitewright/generation"]), "2");
    // A whole site, and one key.
    project.run("secrets rotate sites/production/acme.yaml", 0);
    project.run("secrets rotate production/acme/acme-admin/password --format json", 0);
    assert_eq!(project.record("acme-db-credentials")["generation"], 3);
    assert_eq!(project.record("acme-admin")["generation"], 3);
}

#[test]
fn what_cannot_be_rotated_is_refused_whole() {
    let project = Project::sealed();
    project.cluster("25.10", "{mode: sealed}");
    project.put("sites/production/acme.yaml", &format!("{SITE}database: {{mode: dedicated}}\n"));
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
    for file in ["acme", "db"] {
        project.run(&format!("secrets list {file}"), 0);
    }
    project.run("secrets rotate db", 0);
}

#[test]
fn a_record_with_another_key_is_told_where_it_stands() {
    let project = Project::sealed();
    project.run("render", 0);
    project.put(RECORDS, &project.read(RECORDS).replace("password:", "passwords:"));
    let said = project.run("check", 2);
    let message = "the record of `acme-admin` has the key `passwords`, but the key of the Secret is `password`";
    assert!(said.contains(message), "{said}");
    assert!(said.contains("rename the key to `password`"), "{said}");
}

#[test]
fn records_that_nothing_uses_stay_until_they_are_pruned() {
    let project = Project::sealed();
    project.put("sites/production/acme.yaml", &format!("{SITE}database: {{mode: dedicated}}\n"));
    project.run("render", 0);
    let root = project.record("acme-mariadb-root");
    project.put("sites/production/acme.yaml", SITE);
    let said = project.run("render", 0);
    assert!(
        said.contains("warning[SW706]: acme-mariadb-root/password is not used by any definition"),
        "{said}"
    );
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
    // A server that is somebody else's from now on.
    project.put("sites/production/db.yaml", "kind: DatabaseServer\nmanaged: false\n");
    let said = project.run("render", 0);
    assert!(said.contains("db-root/password is not used by any definition"), "{said}");
}

#[test]
fn a_store_that_changes_meanwhile_is_not_overwritten() {
    use sitewright::secret::store;
    let project = Project::sealed();
    project.run("render", 0);
    let read = sitewright::project::Project::read(project.0.path()).unwrap().value;
    let mut edit = store::Edit::new(&read.stores);
    edit.records("production/acme").clear();
    let changes = edit.changes("sites", &read.sources);
    project.run("secrets rotate acme", 0);
    let rotated = project.read(RECORDS);
    let problem = store::write(project.0.path(), "sites", &changes).unwrap_err();
    assert_eq!(problem.code.id(), "SW605");
    assert_eq!(project.read(RECORDS), rotated);
    assert!(!project.path("sites/.sitewright-staging").exists());
}

#[test]
fn no_value_follows_the_highest_generation() {
    let project = Project::sealed();
    project.put("sites/production/db.yaml", given::SERVER);
    given::set(&project, "db-backup-s3", b"given", 0);
    project.run("render", 0);
    let last = |path: &str| {
        let records = project.read(path).replace("generation: 1\n", "generation: 4294967295\n");
        project.put(path, &records);
    };
    last(RECORDS);
    last("sites/production/db.secrets.yaml");
    project.run("render", 0);
    project.run("check", 0);
    let before = tree(&project.path("sites"));
    for name in ["acme/acme-admin", "production/acme", "acme/acme-db-credentials"] {
        let said = project.run(&format!("secrets rotate {name}"), 2);
        assert!(said.contains("error[SW709]"), "{said}");
        assert!(said.contains("has the highest possible generation"), "{said}");
    }
    let said = given::set(&project, "db-backup-s3", b"another", 2);
    assert!(said.contains("has the highest possible generation"), "{said}");
    let certificate = Certificate::of_pem("a.pem", CERTIFICATE).unwrap();
    let sealed = seal(&certificate, "frappe/acme-admin", b"another").unwrap();
    let document = format!(
        "apiVersion: bitnami.com/v1alpha1\nkind: SealedSecret\nmetadata: {{name: acme-admin, \
         namespace: frappe}}\nspec: {{encryptedData: {{password: {sealed}}}}}\n"
    );
    project.put("sealed.yaml", &document);
    let said = project.run("secrets adopt sealed.yaml", 2);
    assert!(
        said.contains("error[SW710]") && said.contains("highest possible generation"),
        "{said}"
    );
    assert_eq!(tree(&project.path("sites")), before);
    // One more than can be counted is no number of values.
    project.put(RECORDS, &project.read(RECORDS).replace("4294967295", "4294967296"));
    project.run("check", 2);
}

/// The passwords that somebody with the key can read get new values, sealed for the newer key; the others stay.
#[test]
fn what_is_sealed_for_a_leaked_key_is_rotated() {
    let project = Project::sealed();
    project.run("render", 0);
    let newer = "tests/keys/public-and-worthless.mumbai.2027-06.pem";
    let newer = fs::read_to_string(repository().join(newer)).unwrap();
    project.put("sites/production/_sealing/2027-06.pem", &newer);
    project.put("sites/production/globex.yaml", "kind: Site\nsiteName: erp.globex.com\n");
    project.run("render", 0);
    let sealed_for = || -> BTreeMap<String, (String, u64)> {
        let listed = project.run("secrets list --format json", 0);
        let listed: serde_json::Value = serde_json::from_str(&listed).unwrap();
        let entries = listed["result"]["passwords"].as_array().unwrap().iter();
        let entry = |entry: &serde_json::Value| {
            let name = format!("{}/{}", entry["definition"], entry["secret"]);
            let key = entry["sealedFor"].as_str().unwrap().to_owned();
            (name.replace('"', ""), (key, entry["generation"].as_u64().unwrap()))
        };
        entries.map(entry).collect()
    };
    let before = sealed_for();
    let leaked = &before["production/acme/acme-admin"].0;
    let is_leaked = |name: &str| before[name].0 == *leaked;
    let count = before.keys().filter(|name| is_leaked(name)).count();
    assert!(count == 3 && before.len() == 5, "{before:?}");
    let short = &leaked[..12];
    project.run(&format!("secrets rotate --sealed-for {short}"), 4);
    project.run(&format!("secrets rotate --sealed-for {short} --dry-run"), 0);
    assert_eq!(sealed_for(), before);
    project.run(&format!("secrets rotate --sealed-for {short} --limit {count}"), 0);
    for (name, (key, generation)) in sealed_for() {
        assert_ne!(key, *leaked, "{name}");
        assert_eq!(generation, if is_leaked(&name) { 2 } else { 1 }, "{name}");
    }
    project.run(&format!("secrets rotate --sealed-for {short}"), 2);
}
