//! The mode sops, without the program: what is recorded and rendered, who can open it, and what changes
//! with a rotation or another recipient. `tests/cluster_sops/` asks the program itself.

use crate::documents::{Document, identity_file, open_document, recipient};
use crate::given;
use crate::opening::text;
use crate::project::{Project, RECORDS, is_minted, tree};
use base64ct::{Base64, Encoding};
use serde_yaml::Value;
use std::collections::BTreeSet;
use std::fs;

const ADMIN: &str = "rendered/production/acme/secret-admin.yaml";
const CREDENTIALS: &str = "rendered/production/acme/secret-db-credentials.yaml";
const SECRETS: [&str; 2] = ["acme-admin", "acme-db-credentials"];

fn project() -> Project {
    let project = Project::new("{mode: sops}");
    add(&project, "first");
    project.run("render", 0);
    project
}

/// Adds a recipient to the cluster.
fn add(project: &Project, name: &str) {
    let path = format!("sites/production/_sealing/{name}.age.pub");
    project.put(&path, &format!("{}\n", recipient(name)));
}

fn open(project: &Project, identity: &str, secret: &str) -> Option<Document> {
    open_document(identity, text(&project.record(secret)["sealed"]))
}

fn password(project: &Project, secret: &str) -> String {
    open(project, "first", secret).unwrap().password
}

/// The file of an identity, as the environment names it.
fn identity(name: &str) -> [(&'static str, String); 1] {
    [("SOPS_AGE_KEY_FILE", identity_file(name).to_str().unwrap().to_owned())]
}

#[test]
fn a_password_is_rendered_as_it_is_recorded() {
    let project = project();
    let mut seen = BTreeSet::new();
    for (secret, path) in SECRETS.into_iter().zip([ADMIN, CREDENTIALS]) {
        let record = project.record(secret);
        assert_eq!((text(&record["mode"]), &record["generation"]), ("sops", &Value::from(1)));
        let Document { password, data_key } = open(&project, "first", secret).unwrap();
        assert!(is_minted(password.as_bytes()));
        assert!(seen.insert(password.into_bytes()) && seen.insert(data_key), "made twice");
        assert!(open(&project, "second", secret).is_none());
        let object = project.yaml(path);
        assert_eq!(object["kind"], "Secret");
        assert!(text(&object["stringData"]["password"]).starts_with("ENC[AES256_GCM,"));
        assert_eq!(object["sops"]["encrypted_regex"], "^(data|stringData)$");
        assert_eq!(object["sops"]["mac_only_encrypted"], true);
        // What mariadb-operator reads, it has to watch.
        let label = object["metadata"]["labels"].get("k8s.mariadb.com/watch");
        assert_eq!(label.is_some(), secret != "acme-admin");
    }
    // An unchanged record renders the same bytes.
    let before = tree(project.0.path());
    for command in ["render", "render --force", "render --locked", "check", "secrets verify"] {
        project.run(command, 0);
        assert_eq!(tree(project.0.path()), before, "{command}");
    }
    assert!(!project.path(".sitewright").exists());
}

#[test]
fn labels_change_without_a_key() {
    let project = project();
    let before = project.yaml(ADMIN);
    let site = project.read("sites/production/acme.yaml") + "labels: {team: blue}\n";
    project.put("sites/production/acme.yaml", &site);
    project.run("render", 0);
    let after = project.yaml(ADMIN);
    assert_eq!(after["metadata"]["labels"]["team"], "blue");
    assert_eq!((&after["sops"], &after["stringData"]), (&before["sops"], &before["stringData"]));
}

#[test]
fn a_rotation_needs_no_identity_and_is_a_new_credential() {
    let project = project();
    let [admin, credentials] = SECRETS.map(|secret| password(&project, secret));
    project.run("secrets rotate acme/acme-admin", 0);
    assert_ne!(password(&project, "acme-admin"), admin);
    assert_eq!(password(&project, "acme-db-credentials"), credentials);
    assert_eq!(project.record("acme-admin")["generation"], 2);
    let said = project.run("diff --deny credential", 4);
    assert!(said.contains("the password changes"), "{said}");
    assert!(!said.contains("acme-db-credentials") && !said.contains("ENC["), "{said}");
    project.run("render", 0);
    assert_eq!(project.yaml(ADMIN)["metadata"]["annotations"]["sitewright/generation"], "2");
    project.run("secrets verify", 0);
}

#[test]
fn a_recipient_is_added_and_removed_with_an_identity() {
    let project = project();
    let passwords = SECRETS.map(|secret| password(&project, secret));

    // Whoever is added cannot open what is recorded, and the error names both ways.
    add(&project, "second");
    let before = tree(&project.path("sites"));
    let refused = |command: &str, env: &[(&str, String)], code: &str| {
        let said = project.run_with(env, command, 2);
        assert!(said.contains(code), "{command}: {said}");
        assert_eq!(tree(&project.path("sites")), before, "{command}");
        said
    };
    for (command, code) in [("render", "SW714"), ("secrets adopt rendered/production", "SW710")] {
        let said = refused(command, &[], code);
        for way in ["SOPS_AGE_KEY_FILE=KEY_FILE sitewright secrets adopt", "sops updatekeys "] {
            assert!(said.contains(way), "{command}: {said}");
        }
    }
    let adopt = "secrets adopt rendered/production";
    let said = refused(adopt, &identity("second"), "no identity opens it");
    assert!(said.contains("SOPS_AGE_KEY_FILE"), "{said}");
    let nowhere = [("SOPS_AGE_KEY_FILE", "nowhere".to_owned())];
    refused(adopt, &nowhere, "the file that SOPS_AGE_KEY_FILE names: entity not found");

    // With the identity, the passwords stay, and both open them.
    project.run_with(&identity("first"), adopt, 0);
    for (secret, expected) in SECRETS.into_iter().zip(&passwords) {
        for name in ["first", "second"] {
            assert_eq!(open(&project, name, secret).unwrap().password, *expected, "{name}");
        }
        assert_eq!(project.record(secret)["generation"], 1);
    }
    let said = project.run("diff --deny credential", 4);
    assert!(said.contains("the password is encrypted for other recipients"), "{said}");
    assert!(!said.contains("the password changes"), "{said}");
    project.run("render", 0);
    project.run("secrets verify", 0);

    // Whoever is removed opens nothing more.
    fs::remove_file(project.path("sites/production/_sealing/first.age.pub")).unwrap();
    let said = project.run("check", 2);
    assert!(said.contains("SW714") && said.contains("which is no recipient of"), "{said}");
    project.run_with(&identity("second"), adopt, 0);
    project.run("render", 0);
    for (secret, expected) in SECRETS.into_iter().zip(&passwords) {
        assert!(open(&project, "first", secret).is_none());
        assert_eq!(open(&project, "second", secret).unwrap().password, *expected);
    }
}

#[test]
fn a_rotation_encrypts_for_the_recipients_of_now() {
    let project = project();
    let old = password(&project, "acme-admin");
    add(&project, "second");
    project.run("secrets rotate acme db", 0);
    project.run("render", 0);
    for name in ["first", "second"] {
        assert_ne!(open(&project, name, "acme-admin").unwrap().password, old);
    }
    project.run("secrets verify", 0);
}

#[test]
fn a_lost_record_is_restored_from_its_manifest() {
    let project = project();
    let before = tree(&project.path("sites"));
    fs::remove_file(project.path(RECORDS)).unwrap();
    assert!(project.run("render", 2).contains("SW713"));
    project.run("secrets adopt rendered/production/acme", 0);
    assert_eq!(tree(&project.path("sites")), before);
    // An older manifest replaces no record.
    let older = project.read(ADMIN);
    project.run("secrets rotate acme/acme-admin", 0);
    let rotated = project.read(RECORDS);
    project.put("older.yaml", &older);
    project.run("secrets adopt older.yaml", 0);
    assert_eq!(project.read(RECORDS), rotated);
}

#[test]
fn what_is_no_whole_ciphertext_is_refused() {
    let project = project();
    let records = project.read(RECORDS);
    let sealed = text(&project.record("acme-admin")["sealed"]).to_owned();
    for damaged in [&sealed[4..], &sealed[..sealed.len() - 40], "AAAA", ""] {
        project.put(RECORDS, &records.replace(&sealed, damaged));
        let said = project.run("secrets verify", 2);
        assert!(said.contains("SW70"), "{damaged}: {said}");
    }
    let scoped = records.replacen("    label: ", "    scope: strict\n    label: ", 1);
    project.put(RECORDS, &scoped);
    assert!(project.run("check", 2).contains("a value of SOPS has no scope"));
    // A manifest that differs from its record.
    project.put(RECORDS, &records);
    let other = project.read(CREDENTIALS);
    project.put(ADMIN, &other);
    project.run("secrets verify", 1);
}

/// Without a key, nobody sees that a value was exchanged.
#[test]
fn an_identity_verifies_values_and_their_macs() {
    let project = project();
    let records = project.read(RECORDS);
    let sealed = SECRETS.map(|secret| text(&project.record(secret)["sealed"]).to_owned());
    let [document, other] =
        sealed.each_ref().map(|text| String::from_utf8(Base64::decode_vec(text).unwrap()).unwrap());
    let field = |document: &str, name: &str| {
        let document: Value = serde_yaml::from_str(document).unwrap();
        text(&document[name]).to_owned()
    };
    for name in ["value", "mac"] {
        let changed = document.replace(&field(&document, name), &field(&other, name));
        let changed = records.replace(&sealed[0], &Base64::encode_string(changed.as_bytes()));
        assert_ne!(changed, records);
        project.put(RECORDS, &changed);
        project.run("render", 0);
        project.run("secrets verify", 0);
        let said = project.run_with(&identity("first"), "secrets verify", 2);
        assert!(said.contains("SW705") && said.contains("acme-admin/password"), "{said}");
        assert!(!said.contains("acme-db-credentials"), "{said}");
        // What an identity does not open, it cannot judge.
        project.run_with(&identity("second"), "secrets verify", 0);
    }
    project.put(RECORDS, &records);
    project.run("render", 0);
    project.run_with(&identity("first"), "secrets verify", 0);
    let nowhere = [("SOPS_AGE_KEY_FILE", "nowhere".to_owned())];
    let said = project.run_with(&nowhere, "secrets verify", 2);
    assert!(said.contains("is not verified: the file that SOPS_AGE_KEY_FILE names"), "{said}");
}

#[test]
fn what_a_third_party_gave_is_encrypted_beside_what_is_not_secret() {
    const VALUE: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
    let project = Project::new("{mode: sops}");
    add(&project, "first");
    project.put("sites/production/db.yaml", given::SERVER);
    given::set(&project, "production/db/db-backup-s3", VALUE.as_bytes(), 0);
    project.run("render", 0);
    let object = project.yaml("rendered/production/db/secret-backup-s3.yaml");
    let data = &object["stringData"];
    assert_eq!(data["access-key-id"], "AKIA1");
    assert!(text(&data["secret-access-key"]).starts_with("ENC[AES256_GCM,"));
    assert_eq!(object["sops"]["encrypted_regex"], "^secret-access-key$");
    project.run("secrets verify", 0);
    // What is not secret changes without a key.
    project.put("sites/production/db.yaml", &given::SERVER.replace("AKIA1", "AKIA2"));
    project.run("render", 0);
    let after = project.yaml("rendered/production/db/secret-backup-s3.yaml");
    assert_eq!(after["stringData"]["access-key-id"], "AKIA2");
    assert_eq!(after["stringData"]["secret-access-key"], data["secret-access-key"]);
}
