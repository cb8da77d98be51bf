//! A site and its PostgreSQL server in two namespaces: two Secrets with one password.

use crate::documents::{open_document, recipient};
use crate::opening::text;
use crate::project::{CERTIFICATE, Project, RECORDS, is_minted, tree};
use serde_yaml::Value;
use sitewright::secret::{Certificate, seal};
use std::fs;

const SERVER: &str = "sites/production/db.yaml";
const ROLE: &str = "acme-db-credentials";
const SITE: &str = "acme-db-connection";

/// A project whose server is in the namespace `databases`, and its site in `erp`.
fn project(secrets: &str) -> Project {
    let project = Project::new(secrets);
    let text = format!(
        "kind: Cluster\noperators: {{frappe: \"5.2\", cloudnativePg: \"1.30\"}}\nnamespace: erp\n\
         secrets: {secrets}\n"
    );
    project.put("sites/production/_cluster.yaml", &text);
    let defaults = "kind: Defaults\nsite: {bench: b15, apps: [], database: {provider: postgres, server: db}}\n";
    project.put("sites/_defaults.yaml", defaults);
    server(&project, "databases");
    project
}

fn server(project: &Project, namespace: &str) {
    let text = format!(
        "kind: DatabaseServer\nprovider: postgres\nmanaged: false\nnamespace: {namespace}\n"
    );
    project.put(SERVER, &text);
}

fn sealed() -> Project {
    let project = project("{mode: sealed}");
    project.put("sites/production/_sealing/2026-11.pem", CERTIFICATE);
    project
}

fn generations(project: &Project) -> [Value; 2] {
    [ROLE, SITE].map(|secret| project.record(secret)["generation"].clone())
}

/// The one password of both Secrets.
fn password(project: &Project) -> String {
    let [role, site] = ["db-credentials", "db-connection"].map(|suffix| project.opened(suffix));
    assert_eq!(role, site);
    role
}

/// The files that kubeseal makes of two Secrets.
fn offered(values: [(&str, &str, &str); 2]) -> [String; 2] {
    let certificate = Certificate::of_pem("a.pem", CERTIFICATE).unwrap();
    values.map(|(namespace, secret, value)| {
        let sealed = seal(&certificate, &format!("{namespace}/{secret}"), value.as_bytes()).unwrap();
        format!(
            "apiVersion: bitnami.com/v1alpha1\nkind: SealedSecret\nmetadata: {{name: {secret}, namespace: \
             {namespace}}}\nspec: {{encryptedData: {{password: {sealed}}}}}\n"
        )
    })
}

#[test]
fn both_secrets_are_made_and_rotated_together() {
    let project = sealed();
    project.run("render", 0);
    let first = password(&project);
    assert!(is_minted(first.as_bytes()));
    let folder = "rendered/production/acme";
    let at = |suffix: &str| project.yaml(&format!("{folder}/sealedsecret-{suffix}.yaml"));
    let (role, site) = (at("db-credentials"), at("db-connection"));
    assert_eq!(role["metadata"]["namespace"], "databases");
    assert_eq!(site["metadata"]["namespace"], "erp");
    assert_eq!(role["spec"]["template"]["type"], "kubernetes.io/basic-auth");
    let stated = &site["spec"]["template"]["data"];
    assert_eq!(stated["host"], "db-rw.databases.svc.cluster.local");
    assert_eq!((&stated["type"], &stated["port"]), (&"postgres".into(), &"5432".into()));
    for file in ["database", "databaserole"] {
        let object = project.yaml(&format!("{folder}/{file}.yaml"));
        assert_eq!(object["metadata"]["namespace"], "databases", "{file}");
    }
    let frappe = project.yaml(&format!("{folder}/frappesite.yaml"));
    assert_eq!(frappe["spec"]["dbConfig"]["connectionSecretRef"]["name"], SITE);
    assert_eq!(frappe["metadata"]["namespace"], "erp");
    project.run("secrets verify", 0);
    for (name, generation) in [(ROLE, 2), (SITE, 3)] {
        let before = password(&project);
        project.run(&format!("secrets rotate acme/{name}"), 0);
        project.run("render", 0);
        assert_ne!(password(&project), before);
        assert_eq!(generations(&project), [Value::from(generation), Value::from(generation)]);
    }
    assert_eq!(project.record("acme-admin")["generation"], 1);
}

#[test]
fn a_secret_that_comes_later_needs_a_rotation() {
    let project = sealed();
    server(&project, "erp");
    project.run("render", 0);
    let before = project.opened("db-credentials");
    project.run("render", 0);
    // The record of the role is for the Secret in the namespace of the site.
    server(&project, "databases");
    assert!(project.run("render", 2).contains("error[SW702]"));
    // As if the other Secret had never been recorded.
    project.run("secrets rotate acme/acme-db-credentials", 0);
    project.run("render", 0);
    assert_ne!(password(&project), before);
    let records = project.read(RECORDS);
    let start = records.find("acme-db-connection:").unwrap();
    let end = records.find("acme-db-credentials:").unwrap();
    project.put(RECORDS, &[&records[..start], &records[end..]].concat());
    fs::remove_dir_all(project.path("rendered")).unwrap();
    let tree_before = tree(&project.path("sites"));
    let said = project.run("render", 2);
    assert!(
        said.contains("error[SW716]: the Secret `acme-db-credentials` has a recorded value"),
        "{said}"
    );
    assert_eq!(tree(&project.path("sites")), tree_before);
    project.run("secrets rotate acme/acme-db-credentials", 0);
    project.run("render", 0);
    password(&project);
}

#[test]
fn both_secrets_are_adopted_in_one_call() {
    let project = sealed();
    project.run("render", 0);
    let [role, site] = offered([("databases", ROLE, "secret"), ("erp", SITE, "secret")]);
    project.put("role.yaml", &role);
    project.put("site.yaml", &site);
    let before = tree(&project.path("sites"));
    for file in ["role.yaml", "site.yaml"] {
        let said = project.run(&format!("secrets adopt {file}"), 2);
        assert!(said.contains("error[SW710]") && said.contains("the same password"), "{said}");
        assert_eq!(tree(&project.path("sites")), before, "{file}");
    }
    project.run("secrets adopt role.yaml site.yaml", 0);
    project.run("render", 0);
    assert_eq!(password(&project), "secret");
    assert_eq!(generations(&project), [Value::from(2), Value::from(2)]);
}

#[test]
fn a_store_has_the_value_once() {
    let project = project("{mode: external, external: {store: {name: vault}}}");
    project.run("render", 0);
    let folder = "rendered/production/acme";
    let key = |suffix: &str| {
        let object = project.yaml(&format!("{folder}/externalsecret-{suffix}.yaml"));
        text(&object["spec"]["data"][0]["remoteRef"]["key"]).to_owned()
    };
    assert_eq!(key("db-credentials"), "production/databases/acme-db-credentials/password/1");
    assert_eq!(key("db-connection"), key("db-credentials"));
    for (suffix, is_there) in [("db-credentials", true), ("db-connection", false)] {
        let file = project.path(&format!("{folder}/pushsecret-{suffix}.yaml"));
        assert_eq!(file.exists(), is_there, "{suffix}");
    }
}

#[test]
fn sops_encrypts_one_value_for_both() {
    let project = project("{mode: sops}");
    project.put("sites/production/_sealing/first.age.pub", &format!("{}\n", recipient("first")));
    project.run("render", 0);
    let opened = || {
        [ROLE, SITE].map(|secret| {
            open_document("first", text(&project.record(secret)["sealed"])).unwrap().password
        })
    };
    let [role, site] = opened();
    assert_eq!(role, site);
    project.run("secrets rotate acme/acme-db-connection", 0);
    let [again, other] = opened();
    assert!(again == other && again != role);
}

#[test]
fn a_password_in_clear_text_is_in_both_files() {
    let project = project("{mode: plain}");
    project.run("render", 0);
    let value = |secret: &str| {
        project.clear_text(&format!(".sitewright/secrets/production/acme/{secret}.yaml"))
    };
    assert_eq!(value(ROLE), value(SITE));
    // Without records, the values of this machine are kept.
    let before = value(ROLE);
    fs::remove_file(project.path(RECORDS)).unwrap();
    project.run("render", 0);
    assert_eq!((value(ROLE), value(SITE)), (before.clone(), before));
}
