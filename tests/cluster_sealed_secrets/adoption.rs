//! `secrets adopt`: what somebody else sealed, from the file to the Secret.

use super::project::{CLUSTER, Project, write};
use super::secret::Hidden;
use super::stage::{FRANKFURT, MUMBAI, Stage};
use serde_json::{Value, json};
use sitewright::secret::{Certificate, seal};

/// A password that is in use, made by the mode plain, goes on as a sealed one.
pub(crate) fn what_was_clear_text_is_adopted_sealed(stage: &Stage) {
    let project = Project::begin(stage, "adopted", "{mode: plain}", FRANKFURT);
    project.sitewright("render");
    assert!(project.sealed().is_empty());
    let clear = project.yaml(&format!(".sitewright/secrets/{CLUSTER}/acme/acme-admin.yaml"));
    let clear = clear["stringData"]["password"].as_str().unwrap();
    let certificate = Certificate::of_pem("a.pem", FRANKFURT).unwrap();
    let ciphertext = seal(&certificate, "adopted/acme-admin", clear.as_bytes()).unwrap();
    adopt(&project, &sealed_secret(&project, None, &ciphertext));

    project.deliver();
    let secret = stage.secret("adopted", "acme-admin");
    assert_eq!(*secret.password(), Hidden::of(clear.as_bytes()));
    assert_eq!(secret.generation(), "1", "the same value, sealed at last");

    // Another value is a new one.
    let other = "correct horse battery staple";
    let ciphertext = seal(&certificate, "adopted/acme-admin", other.as_bytes()).unwrap();
    adopt(&project, &sealed_secret(&project, None, &ciphertext));
    project.deliver();
    let adopted = stage.secret("adopted", "acme-admin");
    assert_eq!(*adopted.password(), Hidden::of(other.as_bytes()));
    assert_eq!((adopted.generation(), &adopted.uid), ("2", &secret.uid));
}

/// A value that Python's `cryptography` sealed for every name in every namespace.
pub(crate) fn what_another_program_sealed_is_adopted(stage: &Stage) {
    let vectors: Value = serde_json::from_str(include_str!("../keys/vectors.json")).unwrap();
    let mut vectors = vectors.as_array().unwrap().iter();
    let vector = vectors.find(|vector| vector["label"] == "").unwrap();
    let scope = "cluster-wide";
    let secrets = format!("{{mode: sealed, scope: {scope}}}");
    let project = Project::begin(stage, "foreign", &secrets, MUMBAI);
    project.deliver();
    let before = stage.secret("foreign", "acme-admin");

    let ciphertext = vector["sealed"].as_str().unwrap();
    adopt(&project, &sealed_secret(&project, Some(scope), ciphertext));
    project.deliver();
    let after = stage.secret("foreign", "acme-admin");
    assert_eq!(*after.password(), Hidden::of(vector["value"].as_str().unwrap().as_bytes()));
    assert_eq!((after.generation(), &after.uid), ("2", &before.uid));
}

fn adopt(project: &Project, sealed: &Value) {
    write(&project.root.join("sealed.json"), &sealed.to_string());
    let said = project.sitewright("secrets adopt sealed.json");
    assert!(said.contains("1 password adopted"), "{said}");
}

/// What kubeseal prints for the password of `acme`'s administrator.
fn sealed_secret(project: &Project, scope: Option<&str>, ciphertext: &str) -> Value {
    let annotations: Value = match scope {
        Some(scope) => json!({format!("sealedsecrets.bitnami.com/{scope}"): "true"}),
        None => json!({}),
    };
    let metadata = json!({
        "name": "acme-admin", "namespace": project.namespace, "annotations": annotations,
    });
    json!({
        "apiVersion": "bitnami.com/v1alpha1",
        "kind": "SealedSecret",
        "metadata": metadata,
        "spec": {"encryptedData": {"password": ciphertext}, "template": {"metadata": metadata}},
    })
}
