//! The controller makes a new key, as it does every month.

use super::project::{CLUSTER, Project, site};
use super::samples::files;
use super::stage::{FRANKFURT, LIMIT, Stage};
use cluster::eventually;
use sitewright::secret::Certificate;

pub(crate) fn a_new_certificate_seals_what_is_new(stage: &Stage) {
    let project = Project::begin(stage, "renewed", "{mode: sealed}", FRANKFURT);
    project.deliver();
    let before = stage.secret("renewed", "acme-admin");
    let fingerprint = |pem: &str| Certificate::of_pem("a.pem", pem).unwrap().fingerprint;
    let (rendered, records) = (project.root.join("rendered"), "sites/production/acme.secrets.yaml");
    let (manifests, recorded) = (files(&rendered), project.read(records));

    // When its certificate is there, nothing is sealed again,
    let renewed = stage.controller.renew_key(stage.kubectl());
    assert_ne!(fingerprint(&renewed), fingerprint(FRANKFURT));
    project.define("_sealing/2.pem", &renewed);
    project.sitewright("render");
    assert!(files(&rendered) == manifests, "a new certificate changed a manifest");
    assert!(project.read(records) == recorded, "a new certificate changed a record");

    // what was sealed for the old key opens: the controller makes a Secret again that somebody deletes,
    stage.kubectl().run("delete secret acme-admin --namespace=renewed");
    let again = eventually("the Secret is there again", LIMIT, || {
        stage.find("renewed", "acme-admin").filter(|it| it.uid != before.uid).ok_or("not yet")
    });
    assert_eq!((&again.values, &again.shape), (&before.values, &before.shape));

    // and what is made from now on is sealed for the new key, and opens.
    project.define("globex.yaml", &site("globex"));
    project.sitewright("secrets rotate acme/acme-admin");
    project.deliver();
    let record = |site: &str, secret: &str| project.record(site, secret)["sealedFor"].clone();
    assert_eq!(record("acme", "acme-db-credentials"), fingerprint(FRANKFURT));
    for (site, secret) in [("acme", "acme-admin"), ("globex", "globex-admin")] {
        assert_eq!(record(site, secret), fingerprint(&renewed), "{secret}");
        assert!(stage.secret("renewed", secret).password().is_minted(), "{secret}");
    }
    assert_ne!(stage.secret("renewed", "acme-admin").password(), before.password());
    let listed = project.sitewright(&format!("secrets list {CLUSTER}/acme"));
    assert_eq!(listed.matches("1.pem (an older key)").count(), 1, "{listed}");
}
