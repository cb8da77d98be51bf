//! What is known of a cluster besides its manifests.

use crate::language::Engine;
use crate::operator;

/// What runs in a cluster after the change.
#[derive(Clone, Copy, Debug)]
pub struct Operators {
    /// What mariadb-operator does.
    pub mariadb: &'static operator::Mariadb,
    /// What frappe-operator does.
    pub frappe: &'static operator::Frappe,
    /// What applies the manifests.
    pub engine: Engine,
}

/// The same, or nothing of a cluster that no definition states any more.
#[derive(Clone, Copy, Debug)]
pub(super) struct Known(pub(super) Option<Operators>);

impl Known {
    /// Whether the cluster is known to do something.
    pub(super) fn has(self, does: impl Fn(Operators) -> bool) -> bool {
        self.0.is_some_and(does)
    }

    /// Whether the cluster does something, or is not known.
    pub(super) fn may(self, does: impl Fn(Operators) -> bool) -> bool {
        self.0.is_none_or(does)
    }

    /// frappe-operator, with its version.
    pub(super) fn frappe(self) -> String {
        self.0.map_or_else(
            || "frappe-operator".to_owned(),
            |it| format!("frappe-operator {}", it.frappe.id),
        )
    }

    /// mariadb-operator, with its version.
    pub(super) fn mariadb(self) -> String {
        self.0.map_or_else(
            || "mariadb-operator".to_owned(),
            |it| format!("mariadb-operator {}", it.mariadb.id),
        )
    }

    /// The mark by which the cluster's engine leaves a live object.
    pub(super) fn mark(self) -> &'static str {
        match self.0.map(|it| it.engine) {
            Some(Engine::Flux) => "`kustomize.toolkit.fluxcd.io/prune: disabled`",
            Some(Engine::Argocd) => "`argocd.argoproj.io/sync-options: Prune=false,Delete=false`",
            Some(Engine::None) | None => "its engine's mark against pruning",
        }
    }
}
