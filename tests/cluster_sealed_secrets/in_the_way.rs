//! A Secret of the name is there already, and somebody else made it: frappe-operator, for instance, where
//! it sees a site before its Secret.

use super::project::Project;
use super::secret::{Secret, announced};
use super::stage::{FRANKFURT, LIMIT, Stage};
use cluster::eventually;
use serde_json::json;
use sitewright::secret::{Certificate, seal};

/// Lets the controller replace a Secret that it did not make (source: `isAnnotatedToBeManaged` in
/// `pkg/controller/controller.go` of sealed-secrets 0.40).
const MANAGED: &str = "sealedsecrets.bitnami.com/managed";

/// The controller says so and gives up: when the Secret is gone, it does not look again. A SealedSecret
/// that is applied anew, as GitOps does with one that was deleted, gets its Secret.
pub(crate) fn a_secret_that_is_in_the_way_stays_as_it_is(stage: &Stage) {
    let project = Project::begin(stage, "taken", "{mode: sealed}", FRANKFURT);
    let foreign = make_foreign(stage, "taken", "acme-admin");

    project.sitewright("render");
    stage.apply(&project.sealed());
    let why = wait_until_given_up(stage, "taken");
    let message = "Resource \"acme-admin\" already exists and is not managed by SealedSecret";
    assert_eq!(why, format!("failed update: {message}"));
    assert_eq!(stage.secret("taken", "acme-admin"), foreign);
    // It holds up no other.
    let other = wait_for_secret(stage, "acme-db-credentials", "");

    stage.kubectl().run("delete secret acme-admin --namespace=taken");
    // The controller sees deletions in their order: when it has made this one again, it has seen both.
    stage.kubectl().run("delete secret acme-db-credentials --namespace=taken");
    wait_for_secret(stage, "acme-db-credentials", &other.uid);
    assert_eq!(stage.find("taken", "acme-admin"), None);
    assert_eq!(stage.wait_until_refused("taken", "acme-admin"), why);

    stage.kubectl().run("delete sealedsecret acme-admin --namespace=taken");
    stage.open(&project.sealed());
    assert!(stage.secret("taken", "acme-admin").password().is_minted());
}

/// Applied without an order, frappe-operator makes `acme-db-password` before the controller does anything. The
/// Secret of a new site has another name; that of an old record is lost until somebody lends a hand.
pub(crate) fn what_an_operator_makes_first_is_in_no_new_sites_way(stage: &Stage) {
    let raced = make_foreign(stage, "raced", "acme-db-password");
    let project = Project::begin(stage, "raced", "{mode: sealed}", FRANKFURT);
    project.deliver();
    assert!(stage.secret("raced", "acme-db-credentials").password().is_minted());
    assert_eq!(stage.secret("raced", "acme-db-password"), raced);

    let certificate = Certificate::of_pem("1.pem", FRANKFURT).unwrap();
    let metadata = json!({"name": "acme-db-password", "namespace": "raced"});
    stage.apply(&[json!({
        "apiVersion": "bitnami.com/v1alpha1",
        "kind": "SealedSecret",
        "metadata": metadata,
        "spec": {
            "encryptedData": {
                "password": seal(&certificate, "raced/acme-db-password", b"ours").unwrap(),
            },
            "template": {"metadata": metadata},
        },
    })]);
    let why = stage.wait_until_refused("raced", "acme-db-password");
    assert!(why.contains("already exists and is not managed by SealedSecret"), "{why}");
    assert_eq!(stage.secret("raced", "acme-db-password"), raced);
}

/// As docs/secret-modes.md has it, for a Secret that must not be missing for a moment.
pub(crate) fn a_secret_that_is_handed_over_is_replaced_in_place(stage: &Stage) {
    let project = Project::begin(stage, "handed", "{mode: sealed}", FRANKFURT);
    let foreign = make_foreign(stage, "handed", "acme-admin");
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

fn make_foreign(stage: &Stage, namespace: &str, name: &str) -> Secret {
    stage.apply(&[json!({
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {
            "name": name,
            "namespace": namespace,
            "labels": {"made-by": "somebody-else"},
        },
        "stringData": {"password": "somebody else's", "more": "of it"},
    })]);
    stage.secret(namespace, name)
}

/// Waits for a Secret of `taken` that has another uid.
fn wait_for_secret(stage: &Stage, name: &str, uid: &str) -> Secret {
    eventually(&format!("{name} is made"), LIMIT, || {
        stage.find("taken", name).filter(|secret| secret.uid != uid).ok_or("not yet")
    })
}
