//! The marks of an object that say what becomes of it when its file goes.

use super::object::Object;
use crate::object::LIFECYCLE;

/// The field by which Flux leaves an object in the cluster.
pub(crate) const FLUX_MARK: &str = "metadata.annotations.kustomize.toolkit.fluxcd.io/prune";
/// The field by which Argo CD leaves an object in the cluster.
pub(crate) const ARGO_MARK: &str = "metadata.annotations.argocd.argoproj.io/sync-options";

/// Whether an object says that its definition is on its way out.
pub(super) fn is_retired(object: &Object) -> bool {
    object.text(&["metadata", "annotations", LIFECYCLE]) == Some("retired")
}

/// Whether an object says that a GitOps engine leaves it in the cluster when its file is gone.
pub(super) fn is_protected(object: &Object) -> bool {
    let of = |annotation| object.text(&["metadata", "annotations", annotation]);
    let by_flux = of("kustomize.toolkit.fluxcd.io/prune") == Some("disabled");
    let by_argo = of("argocd.argoproj.io/sync-options").unwrap_or_default().contains("Prune=false");
    by_flux || by_argo
}
