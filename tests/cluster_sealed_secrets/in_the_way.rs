//! A Secret of the name is there already, and somebody else made it: frappe-operator, for instance, where
//! it sees a site before its Secret.

use super::project::Project;
use super::secret::{Secret, announced};
use super::stage::{FRANKFURT, LIMIT, Stage};
use cluster::eventually;
use serde_json::json;

/// Lets the controller replace a Secret that it did not make (source: `isAnnotatedToBeManaged` in
/// `pkg/controller/controller.go` of sealed-secrets 0.40).
const MANAGED: &str = "sealedsecrets.bitnami.com/managed";

/// The controller says so and gives up: when the Secret is gone, it does not look again. A SealedSecret
/// that is applied anew, as GitOps does with one that was deleted, gets its Secret.
pub(crate) fn a_secret_that_is_in_the_way_stays_as_it_is(stage: &Stage) {
    let project = Project::begin(stage, "taken", "{mode: sealed}", FRANKFURT);
    let foreign = make_foreign(stage, "taken");

    project.sitewright("render");
    stage.apply(&project.sealed());
    let why = wait_until_given_up(stage, "taken");
    let message = "Resource \"acme-admin\" already exists and is not managed by SealedSecret";
    assert_eq!(why, format!("failed update: {message}"));
    assert_eq!(stage.secret("taken", "acme-admin"), foreign);
    // It holds up no other.
    let other = wait_for_secret(stage, "acme-db-password", "");

    stage.kubectl().run("delete secret acme-admin --namespace=taken");
    // The controller sees deletions in their order: when it has made this one again, it has seen both.
    stage.kubectl().run("delete secret acme-db-password --namespace=taken");
    wait_for_secret(stage, "acme-db-password", &other.uid);
    assert_eq!(stage.find("taken", "acme-admin"), None);
    assert_eq!(stage.wait_until_refused("taken", "acme-admin"), why);

    stage.kubectl().run("delete sealedsecret acme-admin --namespace=taken");
    stage.open(&project.sealed());
    assert!(stage.secret("taken", "acme-admin").password().is_minted());
}

/// As docs/secrets.md has it, for a Secret that must not be missing for a moment.
pub(crate) fn a_secret_that_is_handed_over_is_replaced_in_place(stage: &Stage) {
    let project = Project::begin(stage, "handed", "{mode: sealed}", FRANKFURT);
    let foreign = make_foreign(stage, "handed");
    project.sitewright("render");
    stage.apply(&project.sealed());
    wait_until_given_up(stage, "handed");

    stage.kubectl().run(&format!("annotate secret acme-admin --namespace=handed {MANAGED}=true"));
    stage.kubectl().run("delete sealedsecret acme-admin --namespace=handed");
    stage.open(&project.sealed());

    let secret = stage.secret("handed", "acme-admin");
    assert_eq!(secret.uid, foreign.uid);
    assert!(secret.password().is_minted(), "{secret:?}");
    // Its keys, labels and annotations are gone, and the SealedSecret is its owner.
    let sealed = stage.sealed_secret("handed", "acme-admin").unwrap();
    assert_eq!(secret.shape, announced(&sealed));
}

/// Waits until the controller has tried for the last time; what it says.
fn wait_until_given_up(stage: &Stage, namespace: &str) -> String {
    let why = stage.wait_until_refused(namespace, "acme-admin");
    let key = format!("key={namespace}/acme-admin");
    eventually("the controller gives up", LIMIT, || {
        let log = stage.controller.process().log();
        let mut lines = log.lines().filter(|line| line.contains(&key));
        lines.find(|line| line.contains("giving up")).map(drop).ok_or("not yet")
    });
    why
}

fn make_foreign(stage: &Stage, namespace: &str) -> Secret {
    stage.apply(&[json!({
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {
            "name": "acme-admin",
            "namespace": namespace,
            "labels": {"made-by": "somebody-else"},
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
