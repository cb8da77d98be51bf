//! What GitOps engines heed: protection, order, and nothing that replaces.

use crate::read::{Cluster, Object, POSTGRES_DATABASE, clusters, definition, text};
use std::collections::BTreeSet;

const FLUX_PRUNE: &str = "kustomize.toolkit.fluxcd.io/prune";
const ARGO_OPTIONS: &str = "argocd.argoproj.io/sync-options";
const ARGO_WAVE: &str = "argocd.argoproj.io/sync-wave";

/// Whether the definition of an object takes the protection off.
fn retired(cluster: &Cluster, object: &Object) -> bool {
    let definition = definition(&cluster.sites.parent().unwrap().join(object.source()));
    definition.get("lifecycle").map(text) == Some("retired")
}

/// What holds data is kept from pruning in the words of the cluster's engine, and in no other's.
#[test]
fn data_is_protected() {
    const HOLD_DATA: [&str; 9] = [
        "MariaDB",
        "ExternalMariaDB",
        "Database",
        "User",
        "Grant",
        POSTGRES_DATABASE,
        "DatabaseRole",
        "FrappeBench",
        "FrappeSite",
    ];
    let mut engines = BTreeSet::new();
    for cluster in clusters() {
        for object in HOLD_DATA.iter().flat_map(|kind| cluster.of(kind)) {
            let protected = !retired(&cluster, object);
            let (flux, argo) = (object.annotation(FLUX_PRUNE), object.annotation(ARGO_OPTIONS));
            // frappe-operator 2.6 drops a site's database with its FrappeSite: no engine may take it.
            let stays = object.kind() == "FrappeSite" && cluster.frappe == "2.6";
            let expected = match cluster.engine.as_str() {
                _ if stays => (Some("disabled"), Some("Prune=false,Delete=false")),
                "flux" if protected => (Some("disabled"), None),
                "argocd" if protected => (None, Some("Prune=false,Delete=false")),
                _ => (None, None),
            };
            assert_eq!((flux, argo), expected, "{}", object.shown);
            engines.insert((cluster.engine.clone(), protected));
        }
    }
    for engine in ["flux", "argocd", "none"] {
        assert!(engines.contains(&(engine.to_owned(), true)), "no sample uses {engine}");
    }
    assert!(engines.contains(&("flux".to_owned(), false)), "no sample retires anything");
}

/// Waves order the creation, and backwards the deletion.
#[test]
fn waves_order_what_needs_what() {
    fn wave(kind: &str) -> i64 {
        match kind {
            "Secret" | "SealedSecret" | "ExternalSecret" => -2,
            "MariaDB" | "ExternalMariaDB" | "Service" => -1,
            "Database" | "User" => 0,
            "Grant" | "FrappeBench" => 1,
            "FrappeSite" | "Backup" | "PhysicalBackup" => 2,
            other => panic!("no wave is known for a {other}"),
        }
    }
    let mut seen = BTreeSet::new();
    for cluster in clusters() {
        for object in &cluster.objects {
            let stated = object.annotation(ARGO_WAVE);
            if cluster.engine != "argocd" {
                assert_eq!(stated, None, "{}", object.shown);
                continue;
            }
            let stated: i64 = stated.unwrap_or_else(|| panic!("{}", object.shown)).parse().unwrap();
            assert_eq!(stated, wave(object.kind()), "{}", object.shown);
            seen.insert(stated);
        }
    }
    assert!(seen.is_superset(&[-1, 0, 1, 2].into()), "waves of the samples: {seen:?}");
}

/// Engines that replace an object delete it first, and its data with it.
#[test]
fn nothing_asks_to_be_replaced() {
    const NEVER: [&str; 3] = ["Replace=", "Force=", "kustomize.toolkit.fluxcd.io/force"];
    for object in clusters().iter().flat_map(|cluster| &cluster.objects) {
        for word in NEVER {
            assert!(!object.text.contains(word), "{}: {word}", object.shown);
        }
    }
}
