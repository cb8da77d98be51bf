//! A site whose Secret is missing: the SealedSecret or the ExternalSecret says why.

use crate::objects::{external_secret, sealed_secret, site_of};
use crate::reconciler::Reconciler;
use crate::stage::{Stage, database_status, ready};
use crate::statuses;

#[test]
fn a_secret_that_is_not_there_is_named() {
    let Some(stage) = Stage::enter("secrets") else { return };
    let sealed = sealed_secret("secrets", "acme-db");
    let external = external_secret("secrets", "globex-db");
    let sites = [("acme", &sealed), ("globex", &external)];
    stage.apply(&sites.map(|(name, secret)| site_of("secrets", name, &[secret])));
    let mut reconciler = Reconciler::start(&stage.plane, "secrets", &["--grace", "1s"]);
    reconciler.wait_until_ready();

    // No object at all.
    let missing = stage.wait_for_phase("acme", "Pending");
    let error = "SealedSecret secrets/acme-db: it does not exist";
    assert_eq!(database_status(&missing)["lastError"], error);
    let missing = stage.wait_for_phase("globex", "Pending");
    let error = "ExternalSecret secrets/globex-db: it does not exist";
    assert_eq!(database_status(&missing)["lastError"], error);

    // Objects that their controllers refuse. Both try again, so it takes the grace period to call it a failure.
    stage.apply(&[sealed.clone(), external.clone()]);
    let key = "no key could decrypt secret (password)";
    stage.set(&sealed, &statuses::synced("False", key));
    let vault = "could not get secret data from provider";
    stage.set(&external, &statuses::ready("False", "SecretSyncedError", vault));
    for (name, object, error) in [
        ("acme", "SealedSecret secrets/acme-db", key),
        ("globex", "ExternalSecret secrets/globex-db", vault),
    ] {
        let failed = stage.wait_for_phase(name, "Failed");
        assert_eq!(database_status(&failed)["lastError"], format!("{object}: {error}"));
        assert_eq!(ready(&failed)["reason"], "ProvisioningFailed");
    }

    stage.set(&sealed, &statuses::synced("True", ""));
    stage.set(&external, &statuses::ready("True", "SecretSynced", "secret synced"));
    for (name, _) in sites {
        let site = stage.wait_for_phase(name, "Ready");
        assert!(database_status(&site)["lastError"].is_null(), "{site}");
    }
}
