//! Labels and annotations that users may not set: ours, and those that make an engine delete data.

use crate::diagnostic::{Code, Diagnostic};
use crate::resolve::{Common, Fleet};

/// Labels that every object carries, and the one by which Argo CD tracks what it owns.
const LABELS: [&str; 5] = [
    "app.kubernetes.io/managed-by",
    "app.kubernetes.io/name",
    "app.kubernetes.io/component",
    "app.kubernetes.io/part-of",
    "app.kubernetes.io/instance",
];

/// Annotations that decide about order, pruning and re-creation. `force` and `Replace` delete and
/// re-create an object whose immutable field changed, and a Database's deletion can drop its data.
const ANNOTATIONS: [&str; 5] = [
    "argocd.argoproj.io/sync-options",
    "argocd.argoproj.io/sync-wave",
    "kustomize.toolkit.fluxcd.io/prune",
    "kustomize.toolkit.fluxcd.io/force",
    "kubectl.kubernetes.io/last-applied-configuration",
];

pub(super) fn check(fleet: &Fleet) -> Vec<Diagnostic> {
    let servers = fleet.servers.iter().map(|server| &server.common);
    let benches = fleet.benches.iter().map(|bench| &bench.common);
    let sites = fleet.sites.iter().map(|site| &site.common);
    servers.chain(benches).chain(sites).flat_map(reserved).collect()
}

fn reserved(common: &Common) -> Vec<Diagnostic> {
    let labels = common.labels.keys().map(|key| ("labels", key.as_str(), &LABELS));
    let annotations =
        common.annotations.keys().map(|key| ("annotations", key.as_str(), &ANNOTATIONS));
    labels
        .chain(annotations)
        .filter(|(_, key, taken)| taken.contains(key))
        .map(|(field, key, _)| {
            let message = format!("`{key}` is set by sitewright");
            let help = match field {
                "labels" => "remove it: users' labels have another prefix or none",
                _ => "remove it: `protect`, `lifecycle` and the cluster's `gitops.engine` decide this",
            };
            Diagnostic::new(Code::BadValue, common.origin.span(&[field, key]), message).help(help)
        })
        .collect()
}
