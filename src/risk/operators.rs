//! The facts about a cluster that its manifests do not have.

use crate::language::Engine;
use crate::operator::{Operator, Profiles};

/// The operators and the engine of a cluster after the change.
#[derive(Clone, Copy, Debug)]
pub struct Operators {
    /// The profiles of its operators.
    pub profiles: Profiles,
    /// The engine that applies the manifests.
    pub engine: Engine,
}

/// The operators that are known to run in a cluster. `None` for a cluster that no definition states
/// any more.
#[derive(Clone, Copy, Debug)]
pub(crate) struct KnownOperators(pub(crate) Option<Operators>);

impl KnownOperators {
    /// Whether the cluster is known to do something.
    pub(crate) fn has(self, does: impl Fn(Operators) -> bool) -> bool {
        self.0.is_some_and(does)
    }

    /// Whether the cluster does something, or is not known.
    pub(crate) fn may(self, does: impl Fn(Operators) -> bool) -> bool {
        self.0.is_none_or(does)
    }

    /// A text in which each operator's name in braces is replaced by the name and its version in
    /// this cluster. If the version is not known, only the braces are removed.
    pub(super) fn versioned(self, text: &str) -> String {
        Operator::ALL.into_iter().fold(text.to_owned(), |text, operator| {
            let name = operator.name();
            let version = self.0.and_then(|it| it.profiles.version(operator));
            let shown = version.map(|version| format!("{name} {version}"));
            text.replace(&format!("{{{name}}}"), shown.as_deref().unwrap_or(name))
        })
    }

    /// The annotation with which the cluster's engine keeps a live object.
    pub(super) fn protection(self) -> &'static str {
        match self.0.map(|it| it.engine) {
            Some(Engine::Flux) => "`kustomize.toolkit.fluxcd.io/prune: disabled`",
            Some(Engine::Argocd) => "`argocd.argoproj.io/sync-options: Prune=false,Delete=false`",
            Some(Engine::None) | None => "its engine's annotation against pruning",
        }
    }
}
