//! What every object carries: labels that say whose it is, and what its GitOps engine heeds.
//!
//! Protection (source: the documentation of Argo CD's sync options and of Flux's kustomize-controller):
//! `Prune=false` alone does not stop the deletion of a whole Application, so `Delete=false` goes with
//! it. Nothing here ever asks an engine to replace an object: that deletes it first.

use crate::diagnostic::Span;
use crate::language::Engine;
use crate::provider::Manifest;
use crate::resolve::{Cluster, Common};
use crate::source::node::{Entry, Node, Value};
use std::collections::BTreeMap;

/// Labels that every object carries, the one by which Argo CD tracks what it owns, and the marks that
/// Flux heeds as labels too (source: `AnyInMetadata` in fluxcd/pkg/ssa looks into both).
pub const LABELS: &[&str] = &[
    "app.kubernetes.io/managed-by",
    "app.kubernetes.io/name",
    "app.kubernetes.io/component",
    "app.kubernetes.io/part-of",
    "app.kubernetes.io/instance",
    "kustomize.toolkit.fluxcd.io/prune",
    "kustomize.toolkit.fluxcd.io/force",
];

/// Annotations that decide about order, pruning and re-creation. `force` and `Replace` delete and
/// re-create an object whose immutable field changed, and a Database's deletion can drop its data. A
/// hook is deleted and made anew by every sync; Argo CD takes Helm's for its own. Whoever could write
/// [`LIFECYCLE`] could claim that an object was retired, and a diff would let it go.
pub const ANNOTATIONS: &[&str] = &[
    "argocd.argoproj.io/sync-options",
    "argocd.argoproj.io/sync-wave",
    "argocd.argoproj.io/hook",
    "argocd.argoproj.io/hook-delete-policy",
    "helm.sh/hook",
    "helm.sh/hook-delete-policy",
    "kustomize.toolkit.fluxcd.io/prune",
    "kustomize.toolkit.fluxcd.io/force",
    "kubectl.kubernetes.io/last-applied-configuration",
    LIFECYCLE,
];

/// The annotation of what is on its way out: that it was retired is known as long as it is there.
pub const LIFECYCLE: &str = "sitewright/lifecycle";

/// Adds labels and annotations; what a template wrote itself stays where it is not ours.
///
/// `rotations` says, by the suffix of a Secret's name, how many passwords the object has read from it:
/// a rotation is then a change of the object itself, which its operator and a reviewer see.
pub fn mark(
    object: &mut Node,
    manifest: &Manifest,
    common: &Common,
    cluster: &Cluster,
    rotations: &[(&str, u32)],
) {
    let span = object.span;
    let Value::Map(entries) = &mut object.value else { return };
    let Some(metadata) = entries.iter_mut().find(|entry| &*entry.key == "metadata") else { return };
    let labels = labels(manifest, common);
    let mut annotations = annotations(manifest, common, cluster);
    for (suffix, generation) in rotations {
        annotations.insert(format!("sitewright/{suffix}-generation"), generation.to_string());
    }
    let mut fields: Vec<Entry> = Vec::with_capacity(4);
    if let Value::Map(stated) = &mut metadata.node.value {
        for key in ["name", "namespace"] {
            fields.extend(stated.iter().position(|e| &*e.key == key).map(|at| stated.remove(at)));
        }
        fields.extend(merged("labels", labels, stated, span));
        fields.extend(merged("annotations", annotations, stated, span));
        fields.append(stated);
    }
    metadata.node.value = Value::Map(fields);
}

fn labels(manifest: &Manifest, common: &Common) -> BTreeMap<String, String> {
    let mut labels = BTreeMap::new();
    for (key, value) in &common.labels {
        labels.insert(key.to_string(), value.to_string());
    }
    let ours = [
        ("managed-by", "sitewright"),
        ("name", manifest.role.app),
        ("component", manifest.role.component),
        ("part-of", common.name.as_str()),
    ];
    for (key, value) in ours {
        labels.insert(format!("app.kubernetes.io/{key}"), value.to_owned());
    }
    labels
}

fn annotations(
    manifest: &Manifest,
    common: &Common,
    cluster: &Cluster,
) -> BTreeMap<String, String> {
    let mut annotations = BTreeMap::new();
    for (key, value) in &common.annotations {
        annotations.insert(key.to_string(), value.clone());
    }
    const FLUX: (&str, &str) = ("kustomize.toolkit.fluxcd.io/prune", "disabled");
    const ARGO: (&str, &str) = ("argocd.argoproj.io/sync-options", "Prune=false,Delete=false");
    let protected = common.protect && !common.retired();
    let mut add = |key: &str, value: String| annotations.insert(key.to_owned(), value);
    if common.retired() {
        add(LIFECYCLE, "retired".to_owned());
    }
    if cluster.engine == Engine::Argocd {
        add("argocd.argoproj.io/sync-wave", manifest.role.wave.to_string());
    }
    // A mark works once it is live: what must not go under any engine has both from the start.
    for (engine, (mark, value)) in [(Engine::Flux, FLUX), (Engine::Argocd, ARGO)] {
        if manifest.outlives || (protected && cluster.engine == engine) {
            add(mark, value.to_owned());
        }
    }
    annotations
}

/// The entry of `key`: ours, and what the template stated beside it; taken out of `stated`.
fn merged(
    key: &str,
    ours: BTreeMap<String, String>,
    stated: &mut Vec<Entry>,
    span: Span,
) -> Option<Entry> {
    let mut all: BTreeMap<String, Node> = BTreeMap::new();
    if let Some(at) = stated.iter().position(|entry| &*entry.key == key)
        && let Value::Map(entries) = stated.remove(at).node.value
    {
        all.extend(entries.into_iter().map(|entry| (entry.key.into_string(), entry.node)));
    }
    for (key, value) in ours {
        all.insert(key, Node { span, value: Value::String(value.into()) });
    }
    let entries: Vec<Entry> = all
        .into_iter()
        .map(|(key, node)| Entry { key: key.into(), key_span: span, node })
        .collect();
    let node = Node { span, value: Value::Map(entries) };
    (!node.entries().is_empty()).then(|| Entry { key: key.into(), key_span: span, node })
}
