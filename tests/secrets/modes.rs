//! The modes: clear text for its owner, what kubeseal made of it, and a store's own values.

use crate::opening::text;
use crate::project::{ADMIN, CERTIFICATE, Project, RECORDS, is_minted, tree, yaml};
use serde_yaml::Value;
use sitewright::secret::{Certificate, seal};
use std::fs;
use std::process::Command;

#[test]
#[cfg(unix)]
fn clear_text_is_its_owners_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let project = Project::new("{mode: plain}");
    project.run("render", 0);
    let mode = |path: &str| fs::metadata(project.path(path)).unwrap().permissions().mode() & 0o777;
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
#[cfg(unix)]
fn a_shelter_that_was_opened_is_closed_again() {
    use std::os::unix::fs::PermissionsExt as _;
    const FOLDER: &str = ".sitewright/secrets";
    let project = Project::new("{mode: plain}");
    project.run("render", 0);
    fs::remove_file(project.path(".sitewright/secrets/.gitignore")).unwrap();
    for (path, mode) in [(FOLDER, 0o755), (ADMIN, 0o644)] {
        fs::set_permissions(project.path(path), fs::Permissions::from_mode(mode)).unwrap();
    }
    project.run("render", 0);
    let mode = |path: &str| fs::metadata(project.path(path)).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(FOLDER), mode(ADMIN)), (0o700, 0o600));
    assert_eq!(project.read(".sitewright/secrets/.gitignore"), "*\n");
    // What was committed meanwhile is told, although nothing is to be written.
    for arguments in [&["init", "-q"][..], &["add", "-f", FOLDER]] {
        let git = Command::new("git").arg("-C").arg(project.0.path()).args(arguments).status();
        assert!(git.unwrap().success());
    }
    assert!(project.run("render", 2).contains("error[SW711]: Git tracks"));
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
    // A repository that Git will not read, as one of another user.
    project.put(".git/config", "[broken\n");
    let said = project.run("secrets rotate acme", 2);
    assert!(said.contains("error[SW711]: Git does not say"), "{said}");
}

/// A SealedSecret as kubeseal prints it.
pub(crate) fn sealed_secret(secret: &str, scope: &str, values: &[(&str, &str)]) -> String {
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
    let user = ".sitewright/secrets/production/acme/acme-db-credentials.yaml";
    let user = project.clear_text(user);
    let both = sealed_secret("acme-admin", "strict", &[("password", &password)])
        + &sealed_secret("acme-db-credentials", "strict", &[("password", &user)]);
    fs::create_dir(project.path("sealed")).unwrap();
    assert!(project.run("secrets adopt sealed", 2).contains("error[SW710]: no file in it"));
    project.put("sealed/below/both.yaml", &both);
    let said = project.run("secrets adopt sealed", 0);
    assert!(said.contains("2 passwords adopted, 0 already recorded"), "{said}");
    assert!(!project.path(ADMIN).exists());
    project.run("render", 0);
    assert_eq!(project.opened("admin"), password);
    assert_eq!(project.opened("db-credentials"), user);
    let record = project.record("acme-admin");
    assert_eq!(record["generation"], 1, "the same value, sealed at last");
    assert_eq!(text(&record["policy"]), "alphanumeric-32");
    project.run("secrets verify", 0);
    let said = project.run("secrets adopt sealed/below/both.yaml", 0);
    assert!(said.contains("0 passwords adopted, 2 already recorded"), "{said}");
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
        (
            sealed_secret("other-admin", "strict", &[("password", "x")]),
            "sitewright makes no Secret",
        ),
        (
            sealed_secret("acme-admin", "cluster-wide", &[("password", "x")]),
            "is sealed with the scope cluster-wide",
        ),
        (sealed_secret("acme-admin", "strict", &[("pass", "x")]), "has no key `pass`"),
        (sealed_secret("acme-admin", "strict", &[]), "has no key `password`"),
        (fits().replace("kind: SealedSecret", "kind: Secret"), "this is not a SealedSecret"),
        (fits().replace("  namespace: frappe\n", ""), "has no `metadata.name`"),
        (fits().replace("password: Ag", "password: Aw"), "the value is invalid"),
        (fits().replace("password: Ag", "password: !"), ""),
        (
            "# nothing\n".to_owned(),
            "the file contains no SealedSecret, and no Secret that sops encrypted",
        ),
    ] {
        // Beside one that fits: nothing is taken by halves.
        project.put("sealed.yaml", &(fits() + "---\n" + &document));
        let alone =
            expected == "the file contains no SealedSecret, and no Secret that sops encrypted";
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
    let project = Project::new("{mode: external, external: {store: {name: vault}, prefix: erp/}}");
    project.run("render", 0);
    let object =
        |kind: &str| project.yaml(&format!("rendered/production/acme/{kind}-db-credentials.yaml"));
    let key = |generation: u32| {
        Value::from(format!("erp/production/frappe/acme-db-credentials/password/{generation}"))
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
    project.run("secrets rotate acme/acme-db-credentials", 0);
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
