//! The key with which Frappe encrypts fields of a site, under frappe-operator 5.2.

use crate::documents::{identity_file, recipient};
use crate::given;
use crate::modes::sealed_secret;
use crate::opening::text;
use crate::project::{Project, RECORDS, tree};
use base64ct::{Base64Url, Encoding};
use serde_yaml::Value;

const SECRET: &str = "acme-fernet-key";
const KEY: &str = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MC0=";

/// A project under frappe-operator 5.2.
fn project(secrets: &str) -> Project {
    let project = Project::new(secrets);
    let text = format!(
        "kind: Cluster\noperators: {{frappe: \"5.2\", mariadb: \"26.6\"}}\nnamespace: frappe\n\
         secrets: {secrets}\n"
    );
    project.put("sites/production/_cluster.yaml", &text);
    project
}

fn sealed() -> Project {
    let project = project("{mode: sealed}");
    project.put("sites/production/_sealing/2026-11.pem", crate::project::CERTIFICATE);
    project
}

/// The facts of the key.
fn record(project: &Project) -> Value {
    project.yaml(RECORDS)[SECRET]["encryption_key"].clone()
}

/// A SealedSecret with an encryption key.
fn offered(value: &str) -> String {
    sealed_secret(SECRET, "strict", &[("encryption_key", value)])
}

#[test]
fn it_is_made_once_and_never_rotated() {
    let project = sealed();
    project.run("render", 0);
    assert_eq!(text(&record(&project)["policy"]), "fernet-key");
    let key = project.opened("fernet-key");
    assert_eq!((key.len(), Base64Url::decode_vec(&key).unwrap().len()), (44, 32));
    let before = tree(project.0.path());
    for name in ["acme/acme-fernet-key", "acme"] {
        let said = project.run(&format!("secrets rotate {name}"), 2);
        assert!(said.contains("error[SW709]") && said.contains("no other key"), "{said}");
        assert_eq!(tree(project.0.path()), before, "{name}");
    }
    let said = project.run("secrets rotate acme/acme-admin", 0);
    assert!(said.contains("change `siteVersion`"), "{said}");
    let said = project.run("secrets rotate acme/acme-db-credentials", 0);
    assert!(said.contains("change `siteVersion`"), "{said}");
    project.run("render", 0);
    assert_eq!(project.opened("fernet-key"), key);
    project.run("secrets verify", 0);
}

/// The key of a site that exists already, and nothing that Frappe could not use.
#[test]
fn the_key_of_a_site_that_exists_is_adopted() {
    let project = sealed();
    let before = tree(&project.path("sites"));
    for (value, why) in [
        (format!("{KEY}\n"), "with an end of line"),
        (KEY.trim_end_matches('=').to_owned(), "without padding"),
        ("correct horse".to_owned(), "a password"),
        ("x".repeat(32), "as long as a password of ours"),
    ] {
        project.put("key.yaml", &offered(&value));
        let said = project.run("secrets adopt key.yaml", 2);
        assert!(said.contains("error[SW710]") && said.contains("is no encryption key"), "{said}");
        assert_eq!(tree(&project.path("sites")), before, "{why}");
    }
    project.put("key.yaml", &offered(KEY));
    project.run("secrets adopt key.yaml", 0);
    project.run("render", 0);
    assert_eq!(project.opened("fernet-key"), KEY);
    assert_eq!(text(&record(&project)["policy"]), "adopted");
    assert_eq!(record(&project)["generation"], 1);
    project.run("secrets verify", 0);
    // Another key is another generation, which a diff calls a loss of data.
    project.put("other.yaml", &offered(&KEY.replace('M', "N")));
    project.run("secrets adopt other.yaml", 0);
    assert_eq!(record(&project)["generation"], 2);
}

#[test]
fn a_record_of_another_length_is_damaged() {
    let project = sealed();
    project.run("render", 0);
    let recorded = text(&record(&project)["sealed"]).to_owned();
    let other = text(&project.yaml(RECORDS)["acme-admin"]["password"]["sealed"]).to_owned();
    let records = project.read(RECORDS).replace(&recorded, &other);
    project.put(RECORDS, &records);
    let said = project.run("check", 2);
    assert!(said.contains("error[SW705]") && said.contains("44 characters"), "{said}");
}

#[test]
fn sops_encrypts_it_and_an_identity_checks_it() {
    let project = project("{mode: sops}");
    project.put("sites/production/_sealing/first.age.pub", &recipient("first"));
    project.run("render", 0);
    assert_eq!(text(&record(&project)["policy"]), "fernet-key");
    let path = identity_file("first").to_str().unwrap().to_owned();
    let identity = [("SOPS_AGE_KEY_FILE", path)];
    project.run_with(&identity, "secrets verify", 0);
    let said = project.run("secrets rotate acme/acme-fernet-key", 2);
    assert!(said.contains("error[SW709]"), "{said}");
}

#[test]
fn a_store_gets_it_from_its_owner() {
    let project = project("{mode: external, external: {store: {name: vault}, prefix: erp/}}");
    project.run("render", 0);
    let rendered = |kind: &str| format!("rendered/production/acme/{kind}-fernet-key.yaml");
    let object = project.yaml(&rendered("externalsecret"));
    let key = "erp/production/frappe/acme-fernet-key/encryption_key/1";
    assert_eq!(object["spec"]["data"][0]["remoteRef"]["key"], key);
    assert_eq!(object["spec"]["data"][0]["secretKey"], "encryption_key");
    for kind in ["password", "pushsecret"] {
        assert!(!project.path(&rendered(kind)).exists(), "no generator makes such a key");
    }
}

/// A database that exists already may hold a site, whose key nobody may replace.
#[test]
fn for_a_database_that_exists_it_is_given() {
    let project = sealed();
    let site = "kind: Site\nsiteName: erp.acme.com\napps: []\ndatabase:\n  server: null\n  \
                mode: external\n  connection: {secretName: legacy, host: db.acme.com}\n";
    project.put("sites/production/acme.yaml", site);
    let name = "production/acme/acme-fernet-key";
    let said = project.run("render", 3);
    assert!(said.contains("encryption_key` in the site's site_config.json"), "{said}");
    assert!(said.contains(&format!("secrets set {name} < FILE")), "{said}");
    for bad in ["correct horse", "correct-horse", &KEY[1..]] {
        let said = given::set(&project, name, bad.as_bytes(), 2);
        assert!(said.contains("error[SW104]") && said.contains("no encryption key"), "{said}");
    }
    given::set(&project, name, format!("{KEY}\n").as_bytes(), 0);
    project.run("render", 0);
    assert_eq!(project.opened("fernet-key"), KEY);
    assert_eq!(text(&record(&project)["policy"]), "given");
    let said = project.run("secrets rotate acme/acme-fernet-key", 2);
    assert!(said.contains("error[SW709]") && said.contains("no other key"), "{said}");
}
