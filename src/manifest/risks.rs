//! The risks of the annotations that GitOps engines obey, and of everything that no other rule covers.

use crate::language::Engine::{Argocd, Flux};
use crate::risk::Condition::{NoEngine, OtherEngine, Retired, Unprotected};
use crate::risk::Level::{None, Rollout};
use crate::risk::On::Goes;
use crate::risk::{
    ARGO_PROTECTION as ARGO, FLUX_PROTECTION as FLUX, Risks, Rule, Table, Ties, field, on,
};

const BY_FLUX: &str = "Flux may prune it from now on";
const BY_ARGO: &str = "Argo CD may prune it from now on";
const NO_ENGINE: &str =
    "`gitops.engine` is none: an engine that still delivers it may prune it from now on";
const ENGINE: &str = "state the engine that delivers it";
const PROTECT: &str = "`protect: true` keeps it";

/// These rules come before all others: the cluster's engine ignores the annotation of another
/// engine. Their cases are among those of [`RISKS`].
pub(crate) static OTHER_ENGINES: Risks = Risks {
    tables: &[Table {
        rules: &[
            field("*", FLUX, &[OtherEngine(Flux)], None, "", ""),
            field("*", ARGO, &[OtherEngine(Argocd)], None, "", ""),
        ],
        #[cfg(test)]
        cases: Vec::new,
    }],
    ties: Ties::NONE,
    unordered: &[],
};

/// These rules come after all others.
pub(crate) static RISKS: Risks = Risks {
    tables: &[Table {
        rules: RULES,
        #[cfg(test)]
        cases: tests::cases,
    }],
    ties: Ties::NONE,
    unordered: &[],
};

#[rustfmt::skip]
const RULES: &[Rule] = &[
    field("*", FLUX, &[Unprotected, NoEngine], Rollout, NO_ENGINE, ENGINE),
    field("*", ARGO, &[Unprotected, NoEngine], Rollout, NO_ENGINE, ENGINE),
    field("*", FLUX, &[Unprotected, Retired], Rollout, BY_FLUX, ""),
    field("*", ARGO, &[Unprotected, Retired], Rollout, BY_ARGO, ""),
    field("*", FLUX, &[Unprotected], Rollout, BY_FLUX, PROTECT),
    field("*", ARGO, &[Unprotected], Rollout, BY_ARGO, PROTECT),
    field("*", "metadata.annotations.kustomize.toolkit.fluxcd.io/reconcile", &[], Rollout, "Flux stops applying the object's changes, or starts again", ""),
    field("*", "metadata.annotations.kustomize.toolkit.fluxcd.io/ssa", &[], Rollout, "Flux applies the object's changes in another way, or stops applying them", ""),
    field("*", "metadata", &[], None, "", ""),
    on("*", Goes, &[], Rollout, "it is removed", ""),
];

#[cfg(test)]
mod tests {
    use crate::language::Engine::{self, Argocd, Flux};
    use crate::risk::Level::{self, None, Rollout};
    use crate::risk::case::{Case, annotation, goes, spec};

    const PRUNE: &str = "kustomize.toolkit.fluxcd.io/prune";
    const OPTIONS: &str = "argocd.argoproj.io/sync-options";

    const IN_STORE: &str = "{spec: {storage: {persistentVolumeClaim: null, s3: {bucket: b}}}}";

    /// An object that is protected against Flux, against Argo CD, or both.
    fn protected(by_flux: bool, by_argo: bool, lifecycle: &str) -> String {
        let flux = if by_flux { "disabled" } else { "null" };
        let argo = if by_argo { "\"Prune=false,Delete=false\"" } else { "null" };
        format!(
            "{{metadata: {{annotations: {{{PRUNE}: {flux}, {OPTIONS}: {argo}, \
         sitewright/lifecycle: {lifecycle}}}}}}}"
        )
    }

    /// The change that removes an engine's protection.
    fn unprotected(
        kind: &'static str,
        engine: Engine,
        lifecycle: &str,
        level: Level,
        words: &'static str,
    ) -> Case {
        let (flux, argo) = (engine == Flux, engine == Argocd);
        let annotation_key = if flux { PRUNE } else { OPTIONS };
        let before = protected(flux, argo, "null");
        let after = protected(false, false, lifecycle);
        annotation(kind, &before, &after, annotation_key, level, words).engine(engine)
    }

    /// The change that protects a retired object again.
    fn protected_again(kind: &'static str, engine: Engine) -> Case {
        let (flux, argo) = (engine == Flux, engine == Argocd);
        let annotation_key = if flux { PRUNE } else { OPTIONS };
        let before = protected(false, false, "retired");
        let after = protected(flux, argo, "retired");
        annotation(kind, &before, &after, annotation_key, None, "").engine(engine)
    }

    pub(super) fn cases() -> Vec<Case> {
        let mut cases = Vec::new();
        for (engine, words) in [(Flux, "Flux may prune it"), (Argocd, "Argo CD may prune it")] {
            let of = |kind, lifecycle, words| unprotected(kind, engine, lifecycle, Rollout, words);
            cases.extend([
                of("Grant", "null", words),
                of("Grant", "null", "; `protect: true` keeps it"),
                of("FrappeSite", "null", "; `protect: true` keeps it"),
                of("Backup", "null", "; `protect: true` keeps it"),
                // `protect` has no effect on a retired definition.
                of("Grant", "retired", words).without_advice(),
                // An object whose removal deletes data is always protected.
                of("FrappeSite", "retired", "and frappe-operator 2.6 drops its database"),
                of("FrappeSite", "retired", "; state `data: keep`"),
                of("FrappeSite", "retired", words).under("frappe-operator", "2.3").without_advice(),
                of("Backup", "retired", "; state `data: keep`"),
                of("PhysicalBackup", "retired", "; state `data: keep`"),
                of("Backup", "retired", words).with(IN_STORE).without_advice(),
                of("PhysicalBackup", "retired", words).with(IN_STORE).without_advice(),
                protected_again("Grant", engine),
                protected_again("FrappeSite", engine),
                protected_again("Backup", engine),
                // No engine that could prune is stated.
                of("Grant", "null", "`gitops.engine` is none").engine(Engine::None),
                of("Grant", "retired", "`gitops.engine` is none").engine(Engine::None),
            ]);
        }
        let both = protected(true, true, "null");
        let of = |after: &str, annotation_key, level, words| {
            annotation("FrappeSite", &both, after, annotation_key, level, words)
        };
        let (flux, argo) = (protected(true, false, "null"), protected(false, true, "null"));
        let neither = protected(false, false, "retired");
        cases.extend([
            // The annotation of the other engine.
            of(&neither, OPTIONS, None, ""),
            of(&neither, PRUNE, None, "").engine(Argocd),
            of(&flux, OPTIONS, None, "").engine(Engine::None),
            of(&argo, PRUNE, None, "").engine(Engine::None),
            // One engine replaces the other. Each annotation protects.
            annotation("Grant", &flux, &argo, PRUNE, None, "").engine(Argocd),
            annotation("Grant", &argo, &flux, OPTIONS, None, ""),
            of(&protected(true, true, "retired"), "sitewright/lifecycle", None, ""),
        ]);
        cases.extend([
            other("kustomize.toolkit.fluxcd.io/reconcile", Rollout, "or starts again"),
            other("kustomize.toolkit.fluxcd.io/ssa", Rollout, "in another way"),
            other("team", None, ""),
            spec("Other", "{a: b}", "{a: c}", "a", Rollout, "acts on it"),
            goes("Other", &[], Rollout, "it is removed"),
        ]);
        cases
    }

    fn other(name: &str, level: Level, words: &'static str) -> Case {
        let after = format!("{{metadata: {{annotations: {{{name}: x}}}}}}");
        annotation("Grant", "{}", &after, name, level, words)
    }
}
