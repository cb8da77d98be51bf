//! A Secret of the name is there already, and somebody else made it: frappe-operator, for instance, where
//! it sees a site before its Secret.

use super::project::Project;
use super::secret::Secret;
use super::stage::{FRANKFURT, LIMIT, Stage};
use cluster::eventually;
use serde_json::{Value, json};

/// Lets the controller replace a Secret that it did not make (source: `isAnnotatedToBeManaged` in
/// `pkg/controller/controller.go` of sealed-secrets 0.40).
const MANAGED: &str = "sealedsecrets.bitnami.com/managed";

/// The controller says so and gives up: when the Secret is gone, it does not look again. A SealedSecret
/// that is applied anew, as GitOps does with one that was deleted, gets its Secret.
pub(crate) fn a_secret_that_is_in_the_way_stays_as_it_is(stage: &Stage) {
    let project = Project::begin(stage, "taken", "{mode: sealed}", FRANKFURT);
    let foreign = make_foreign(stage, "taken", json!({}));

    project.sitewright("render");
    stage.apply(&project.sealed());
    let why = stage.wait_until_refused("taken", "acme-admin");
    let message = "Resource \"acme-admin\" already exists and is not managed by SealedSecret";
    assert_eq!(why, format!("failed update: {message}"));
    eventually("the controller gives up", LIMIT, || {
        let log = stage.controller.process().log();
        let mut lines = log.lines().filter(|line| line.contains("taken/acme-admin"));
        lines.find(|line| line.contains("giving up")).map(drop).ok_or("not yet")
    });
    assert_eq!(stage.secret("taken", "acme-admin"), foreign);
    // It holds up no other.
    let remade = wait_for_secret(stage, "acme-db-password", "");

    stage.kubectl().run("delete secret acme-admin --namespace=taken");
    // The controller sees deletions in their order: when it has made this one again, it has seen both.
    stage.kubectl().run("delete secret acme-db-password --namespace=taken");
    wait_for_secret(stage, "acme-db-password", &remade.uid);
    assert_eq!(stage.find("taken", "acme-admin"), None);
    assert_eq!(stage.wait_until_refused("taken", "acme-admin"), why);

    stage.kubectl().run("delete sealedsecret acme-admin --namespace=taken");
    stage.open(&project.sealed());
    assert!(stage.secret("taken", "acme-admin").password().is_minted());
}

/// A Secret of an older installation, which its owner hands over.
pub(crate) fn a_secret_that_says_so_is_taken_over(stage: &Stage) {
    let project = Project::begin(stage, "handed", "{mode: sealed}", FRANKFURT);
    let foreign = make_foreign(stage, "handed", json!({MANAGED: "true"}));
    project.deliver();
    let secret = stage.secret("handed", "acme-admin");
    assert_eq!(secret.uid, foreign.uid);
    assert!(secret.password().is_minted(), "{secret:?}");
    let sealed = stage.sealed_secret("handed", "acme-admin").unwrap();
    // Its keys, labels and annotations are gone, and the SealedSecret is its owner.
    assert_eq!(secret.shape, super::secret::announced(&sealed));
}

fn make_foreign(stage: &Stage, namespace: &str, annotations: Value) -> Secret {
    stage.apply(&[json!({
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {
            "name": "acme-admin",
            "namespace": namespace,
            "labels": {"made-by": "somebody-else"},
            "annotations": annotations,
        },
        "stringData": {"password": "somebody else's", "more": "of it"},
    })]);
    stage.secret(namespace, "acme-admin")
}

/// Waits for a Secret of `taken` that has another uid.
fn wait_for_secret(stage: &Stage, name: &str, uid: &str) -> Secret {
    eventually(&format!("{name} is made"), LIMIT, || {
        stage.find("taken", name).filter(|secret| secret.uid != uid).ok_or("not yet")
    })
}
