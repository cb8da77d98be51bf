//! The risks of the marks that GitOps engines heed, and of what no other rule knows.

use crate::language::Engine::{Argocd, Flux};
use crate::risk::Condition::{NoEngine, OtherEngine, Retired, Unprotected};
use crate::risk::Level::{None, Rollout};
use crate::risk::On::Goes;
use crate::risk::{ARGO_MARK as ARGO, FLUX_MARK as FLUX, Risks, Rule, Table, Ties, field, on};

const BY_FLUX: &str = "Flux may prune it from now on";
const BY_ARGO: &str = "Argo CD may prune it from now on";
const NO_ENGINE: &str =
    "`gitops.engine` is none: an engine that still delivers it may prune it from now on";
const ENGINE: &str = "state the engine that delivers it";
const PROTECT: &str = "`protect: true` keeps it";

/// Asked before every other rule: the cluster's engine does not look at the mark. Their cases are among the others.
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

/// Asked after every other rule.
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

    /// An object with these marks: of Flux, of Argo CD, of both.
    fn marked(by_flux: bool, by_argo: bool, lifecycle: &str) -> String {
        let flux = if by_flux { "disabled" } else { "null" };
        let argo = if by_argo { "\"Prune=false,Delete=false\"" } else { "null" };
        format!(
            "{{metadata: {{annotations: {{{PRUNE}: {flux}, {OPTIONS}: {argo}, \
         sitewright/lifecycle: {lifecycle}}}}}}}"
        )
    }

    /// The mark of an engine goes.
    fn unmarked(
        kind: &'static str,
        engine: Engine,
        lifecycle: &str,
        level: Level,
        words: &'static str,
    ) -> Case {
        let (flux, argo) = (engine == Flux, engine == Argocd);
        let mark = if flux { PRUNE } else { OPTIONS };
        let before = marked(flux, argo, "null");
        let after = marked(false, false, lifecycle);
        annotation(kind, &before, &after, mark, level, words).engine(engine)
    }

    /// The mark of an engine comes back to what is retired.
    fn marked_again(kind: &'static str, engine: Engine) -> Case {
        let (flux, argo) = (engine == Flux, engine == Argocd);
        let mark = if flux { PRUNE } else { OPTIONS };
        let before = marked(false, false, "retired");
        let after = marked(flux, argo, "retired");
        annotation(kind, &before, &after, mark, None, "").engine(engine)
    }

    pub(super) fn cases() -> Vec<Case> {
        let mut cases = Vec::new();
        for (engine, words) in [(Flux, "Flux may prune it"), (Argocd, "Argo CD may prune it")] {
            let of = |kind, lifecycle, words| unmarked(kind, engine, lifecycle, Rollout, words);
            cases.extend([
                of("Grant", "null", words),
                of("Grant", "null", "; `protect: true` keeps it"),
                of("FrappeSite", "null", "; `protect: true` keeps it"),
                of("Backup", "null", "; `protect: true` keeps it"),
                // Whether it is protected plays no part any more.
                of("Grant", "retired", words).without_advice(),
                // What would take data along had its marks whatever the definition said.
                of("FrappeSite", "retired", "and frappe-operator 2.6 drops its database"),
                of("FrappeSite", "retired", "; state `data: keep`"),
                of("FrappeSite", "retired", words).under("frappe-operator", "2.3").without_advice(),
                of("Backup", "retired", "; state `data: keep`"),
                of("PhysicalBackup", "retired", "; state `data: keep`"),
                of("Backup", "retired", words).with(IN_STORE).without_advice(),
                of("PhysicalBackup", "retired", words).with(IN_STORE).without_advice(),
                marked_again("Grant", engine),
                marked_again("FrappeSite", engine),
                marked_again("Backup", engine),
                // No engine that could prune is stated.
                of("Grant", "null", "`gitops.engine` is none").engine(Engine::None),
                of("Grant", "retired", "`gitops.engine` is none").engine(Engine::None),
            ]);
        }
        let both = marked(true, true, "null");
        let of = |after: &str, mark, level, words| {
            annotation("FrappeSite", &both, after, mark, level, words)
        };
        let (flux, argo) = (marked(true, false, "null"), marked(false, true, "null"));
        let neither = marked(false, false, "retired");
        cases.extend([
            // The other engine's.
            of(&neither, OPTIONS, None, ""),
            of(&neither, PRUNE, None, "").engine(Argocd),
            of(&flux, OPTIONS, None, "").engine(Engine::None),
            of(&argo, PRUNE, None, "").engine(Engine::None),
            // One engine follows another: either mark protects.
            annotation("Grant", &flux, &argo, PRUNE, None, "").engine(Argocd),
            annotation("Grant", &argo, &flux, OPTIONS, None, ""),
            of(&marked(true, true, "retired"), "sitewright/lifecycle", None, ""),
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
