//! Names that change: of definitions, and of the Secret of a site's database user.

use crate::opening::{key, open, text};
use crate::project::{CERTIFICATE, Project, RECORDS, SITE, is_minted, tree};
use sitewright::secret::{Certificate, seal};
use std::fs;

const USER: &str = "rendered/production/acme/user.yaml";

/// A project whose passwords were recorded and rendered by an earlier version, as the mode of the cluster has
/// them: the Secret of the site's user has its former name.
pub(crate) fn old(project: Project) -> Project {
    project.run("render", 0);
    let records = project.read(RECORDS).replace("acme-db-credentials", "acme-db-password");
    let certificate = Certificate::of_pem("a.pem", CERTIFICATE).unwrap();
    // A value is bound to its Secret's name.
    let sealed = seal(&certificate, "frappe/acme-db-password", &[b'o'; 32]).unwrap();
    let place = project.record("acme-db-credentials")["sealed"].as_str().map(str::to_owned);
    let records = match place {
        Some(place) => records.replace(&place, &sealed),
        None => records,
    };
    project.put(RECORDS, &records);
    let clear_text = ".sitewright/secrets/production/acme";
    let new = project.path(&format!("{clear_text}/acme-db-credentials.yaml"));
    if new.exists() {
        let old = format!("{clear_text}/acme-db-password.yaml");
        let secret = fs::read_to_string(&new).unwrap();
        project.put(&old, &secret.replace("acme-db-credentials", "acme-db-password"));
        fs::remove_file(new).unwrap();
    }
    project.run("render", 0);
    project
}

const MODES: [&str; 3] =
    ["{mode: sealed}", "{mode: plain}", "{mode: external, external: {store: {name: vault}}}"];

fn project(mode: &str) -> Project {
    let project = Project::new(mode);
    project.put("sites/production/_sealing/2026-11.pem", CERTIFICATE);
    project
}

/// The name of the Secret that the User reads.
fn secret(project: &Project) -> String {
    text(&project.yaml(USER)["spec"]["passwordSecretKeyRef"]["name"]).to_owned()
}

#[test]
fn a_new_site_has_a_secret_that_no_operator_makes() {
    for mode in MODES {
        let project = project(mode);
        project.run("render", 0);
        assert_eq!(secret(&project), "acme-db-credentials", "{mode}");
        assert!(project.record("acme-db-credentials")["generation"] == 1, "{mode}");
        let everything = tree(&project.path("rendered"));
        let named =
            everything.values().any(|file| String::from_utf8_lossy(file).contains("db-password"));
        assert!(!named, "{mode}");
    }
}

#[test]
fn a_recorded_password_keeps_the_name_of_its_secret() {
    for mode in MODES {
        let project = old(project(mode));
        assert_eq!(secret(&project), "acme-db-password", "{mode}");
        let before = tree(project.0.path());
        project.run("render", 0);
        project.run("check", 0);
        // A change of the site is no reason for another name.
        project.put("sites/production/acme.yaml", &format!("{SITE}labels: {{a: b}}\n"));
        project.run("render", 0);
        project.put("sites/production/acme.yaml", SITE);
        project.run("render", 0);
        assert!(tree(project.0.path()) == before, "{mode}");
        let listed = project.run("secrets list", 0);
        assert!(listed.contains("acme-db-password/password"), "{mode}: {listed}");
        let explained = project.run("explain acme", 0);
        assert!(explained.contains("frappe/acme-db-password: password"), "{mode}: {explained}");
    }
}

#[test]
fn a_rotation_moves_a_password_to_the_new_name() {
    for mode in MODES {
        let project = old(project(mode));
        let said = project.run("secrets rotate acme/acme-db-password", 0);
        for expected in [
            "acme/acme-db-credentials/password: generation 2",
            "its Secret was acme-db-password",
            "set `db_password` in its site_config.json",
        ] {
            assert!(said.contains(expected), "{mode}: {said}");
        }
        let records = project.read(RECORDS);
        assert!(!records.contains("acme-db-password"), "{mode}: {records}");
        assert_eq!(project.record("acme-db-credentials")["generation"], 2, "{mode}");
        project.run("render", 0);
        project.run("check", 0);
        project.run("secrets verify", 0);
        assert_eq!(secret(&project), "acme-db-credentials", "{mode}");
        for (path, file) in tree(project.0.path()) {
            let shown = path.display();
            assert!(!shown.to_string().contains("db-password"), "{mode}: {shown}");
            assert!(!String::from_utf8_lossy(&file).contains("db-password"), "{mode}: {shown}");
        }
        if mode == MODES[0] {
            assert!(is_minted(project.opened("db-credentials").as_bytes()));
        }
    }
}

#[test]
fn a_sealed_secret_of_the_former_name_is_taken_over_under_it() {
    let certificate = Certificate::of_pem("a.pem", CERTIFICATE).unwrap();
    let document = |name: &str, value: &[u8]| {
        let sealed = seal(&certificate, &format!("frappe/{name}"), value).unwrap();
        format!(
            "apiVersion: bitnami.com/v1alpha1\nkind: SealedSecret\nmetadata:\n  name: {name}\n  \
             namespace: frappe\nspec:\n  encryptedData:\n    password: {sealed}\n"
        )
    };
    let project = Project::sealed();
    project.put("sealed.yaml", &document("acme-db-password", b"in use"));
    project.run("secrets adopt sealed.yaml", 0);
    project.run("render", 0);
    assert_eq!(
        (secret(&project), project.opened("db-password")),
        ("acme-db-password".into(), "in use".into())
    );
    // Another value of a recorded password keeps its name too, and the name of a new one does not fit it.
    project.put("sealed.yaml", &document("acme-db-password", b"another"));
    project.run("secrets adopt sealed.yaml", 0);
    assert_eq!(project.record("acme-db-password")["generation"], 2);
    project.put("sealed.yaml", &document("acme-db-credentials", b"another"));
    assert!(project.run("secrets adopt sealed.yaml", 2).contains("error[SW710]"));
    let opened = open(
        &key("frankfurt"),
        "frappe/acme-db-password",
        text(&project.record("acme-db-password")["sealed"]),
    );
    assert_eq!(opened.as_deref(), Some(&b"another"[..]));
}

#[test]
fn a_site_of_another_name_starts_empty_and_says_so() {
    for layout in ["object", "site"] {
        // With its records: no password of the old name is of any use.
        let project = Project::sealed();
        project.put("sitewright.yaml", &format!("kind: Project\nlayout: {layout}\n"));
        project.run("render", 0);
        let rename = |from: &str, to: &str| {
            let path = |name: &str| project.path(&format!("sites/production/{name}"));
            fs::rename(path(from), path(to)).unwrap();
        };
        rename("acme.yaml", "globex.yaml");
        rename("acme.secrets.yaml", "globex.secrets.yaml");
        for command in ["check", "render", "render --locked"] {
            let said = project.run(command, 2);
            assert!(said.contains("error[SW702]"), "{command}: {said}");
            assert!(said.contains("a new site or server, which starts empty"), "{command}: {said}");
        }
        // Without: the old ones are left, or gone.
        rename("globex.secrets.yaml", "acme.secrets.yaml");
        let warning = "warning[SW607]: `production/globex` is a new site, which starts empty: the one of \
                       the siteName `erp.acme.com` is `production/acme`, which goes";
        let said = project.run("check", 3);
        assert!(said.contains(warning), "{said}");
        fs::remove_file(project.path(RECORDS)).unwrap();
        let said = project.run("render", 0);
        assert!(said.contains(warning), "{said}");
        assert!(!project.run("render", 0).contains("SW607"));
    }
    // A file in another folder is the same site.
    let project = Project::sealed();
    project.run("render", 0);
    fs::create_dir(project.path("sites/production/retail")).unwrap();
    for name in ["acme.yaml", "acme.secrets.yaml"] {
        let path = |folder: &str| project.path(&format!("sites/{folder}/{name}"));
        fs::rename(path("production"), path("production/retail")).unwrap();
    }
    let said = project.run("render", 0);
    assert!(!said.contains("warning"), "{said}");
}
