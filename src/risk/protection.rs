//! The annotations of an object that decide what happens to it when its file is removed.

use super::object::Object;
use crate::object::LIFECYCLE;

/// The annotation with which Flux keeps an object whose file is removed.
pub(crate) const FLUX_PROTECTION: &str = "metadata.annotations.kustomize.toolkit.fluxcd.io/prune";
/// The annotation with which Argo CD keeps an object whose file is removed.
pub(crate) const ARGO_PROTECTION: &str = "metadata.annotations.argocd.argoproj.io/sync-options";

/// Whether an object states that its definition is retired.
pub(super) fn is_retired(object: &Object) -> bool {
    object.text(&["metadata", "annotations", LIFECYCLE]) == Some("retired")
}

/// Whether an object states that a GitOps engine keeps it in the cluster when its file is removed.
pub(super) fn is_protected(object: &Object) -> bool {
    let of = |annotation| object.text(&["metadata", "annotations", annotation]);
    let by_flux = of("kustomize.toolkit.fluxcd.io/prune") == Some("disabled");
    let by_argo = of("argocd.argoproj.io/sync-options").unwrap_or_default().contains("Prune=false");
    by_flux || by_argo
}
