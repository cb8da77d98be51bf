//! Checks what happens to a server's volumes when the server is deleted with `data: delete`.

use super::super::Owner;
use crate::diagnostic::{Code, Diagnostic};
use crate::operator::kubernetes::VOLUME_RETENTION;

/// Older versions of Kubernetes keep the volumes of a server even if `data: delete` is stated.
pub(super) fn stay(owner: Owner) -> Option<Diagnostic> {
    let Owner { common, cluster, .. } = owner;
    let since = &VOLUME_RETENTION;
    if !common.drops_data || cluster.kubernetes.is_some_and(|version| version.has(since)) {
        return None;
    }
    let span = common.origin.span(&["data"]);
    let Some(version) = cluster.kubernetes else {
        let message = format!(
            "before Kubernetes {since}, `data: delete` leaves the server's volumes, and the cluster states no version of Kubernetes"
        );
        // SW420: a feature that only some versions of Kubernetes have.
        return Some(
            Diagnostic::new(Code::UnknownKubernetes, span, message)
                .related(cluster.definition.span(), "the cluster")
                .help(format!(
                    "state in `_cluster.yaml` which version runs, such as `kubernetes: \"{since}\"`"
                )),
        );
    };
    let stated = cluster.definition.node.as_ref().and_then(|node| node.get("kubernetes"));
    let stated = stated.map_or_else(|| cluster.definition.span(), |stated| stated.span);
    let message = format!(
        "`data: delete` of a server needs Kubernetes {since}: {version} would leave the volumes"
    );
    // SW419: a feature that this version of Kubernetes does not have.
    Some(Diagnostic::new(Code::NeedsKubernetes, span, message).related(stated, "stated here").help(
        "state `data: keep`, and delete the PersistentVolumeClaims of the server by hand once \
                 it is gone",
    ))
}
