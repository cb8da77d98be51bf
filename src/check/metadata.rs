//! Labels and annotations that users may not set: ours, and those that make an engine delete data.

use crate::diagnostic::{Code, Diagnostic};
use crate::manifest::{ANNOTATIONS, LABELS};
use crate::resolve::{Common, Fleet};

/// What keys start with that only templates and sitewright set. The controller of SealedSecrets reads the scope
/// of a ciphertext from annotations, and opens none in another.
const PREFIXES: [&str; 2] = ["sitewright/", "sealedsecrets.bitnami.com/"];

pub(super) fn check(fleet: &Fleet) -> Vec<Diagnostic> {
    let servers = fleet.servers.iter().map(|server| &server.common);
    let benches = fleet.benches.iter().map(|bench| &bench.common);
    let sites = fleet.sites.iter().map(|site| &site.common);
    servers.chain(benches).chain(sites).flat_map(reserved).collect()
}

fn reserved(common: &Common) -> Vec<Diagnostic> {
    let labels = common.labels.keys().map(|key| ("labels", key.as_str(), LABELS));
    let annotations =
        common.annotations.keys().map(|key| ("annotations", key.as_str(), ANNOTATIONS));
    labels
        .chain(annotations)
        .filter(|(_, key, taken)| {
            taken.contains(key) || PREFIXES.iter().any(|prefix| key.starts_with(prefix))
        })
        .map(|(field, key, taken)| {
            let message = format!("`{key}` is left to sitewright");
            let help = match field {
                _ if !taken.contains(&key) => {
                    "remove it: these say what an object is, and in which scope it was sealed"
                }
                "labels" => "remove it: users' labels have another prefix or none",
                _ => "remove it: `protect`, `lifecycle` and the cluster's `gitops.engine` decide this",
            };
            Diagnostic::new(Code::BadValue, common.origin.span(&[field, key]), message).help(help)
        })
        .collect()
}
