//! Marks that GitOps engines heed, and what no other rule knows.

use super::super::condition::Condition::{
    DropsSites, Has, NoEngine, OtherEngine, Retired, Unprotected,
};
use super::super::finding::Level::{None, Rollout};
use super::On::Goes;
use super::{Rule, field, on};
use crate::language::Engine::{Argocd, Flux};

const FLUX: &str = "metadata.annotations.kustomize.toolkit.fluxcd.io/prune";
const ARGO: &str = "metadata.annotations.argocd.argoproj.io/sync-options";
const VOLUME: &str = "spec.storage.persistentVolumeClaim";

const DROPS: &str =
    "nothing keeps it from being pruned any more, and {frappe} drops its database with it";
const BACKUPS: &str = "nothing keeps it from being pruned any more, and its volume with it";
const KEEP_DATA: &str = "leave `data` at keep";
const BY_FLUX: &str = "Flux may prune it from now on";
const BY_ARGO: &str = "Argo CD may prune it from now on";
const NO_ENGINE: &str =
    "`gitops.engine` is none: an engine that still delivers it may prune it from now on";
const ENGINE: &str = "state the engine that delivers it";
const PROTECT: &str = "`protect: true` keeps it";

#[rustfmt::skip]
pub(super) const RULES: &[Rule] = &[
    // The cluster's engine does not look at it.
    field("*", FLUX, &[OtherEngine(Flux)], None, "", ""),
    field("*", ARGO, &[OtherEngine(Argocd)], None, "", ""),
    // Only `data: delete` takes the marks off these.
    field("FrappeSite", FLUX, &[Unprotected, Retired, DropsSites], Rollout, DROPS, KEEP_DATA),
    field("FrappeSite", ARGO, &[Unprotected, Retired, DropsSites], Rollout, DROPS, KEEP_DATA),
    field("Backup PhysicalBackup", FLUX, &[Unprotected, Retired, Has(VOLUME)], Rollout, BACKUPS, KEEP_DATA),
    field("Backup PhysicalBackup", ARGO, &[Unprotected, Retired, Has(VOLUME)], Rollout, BACKUPS, KEEP_DATA),
    field("*", FLUX, &[Unprotected, NoEngine], Rollout, NO_ENGINE, ENGINE),
    field("*", ARGO, &[Unprotected, NoEngine], Rollout, NO_ENGINE, ENGINE),
    field("*", FLUX, &[Unprotected, Retired], Rollout, BY_FLUX, ""),
    field("*", ARGO, &[Unprotected, Retired], Rollout, BY_ARGO, ""),
    field("*", FLUX, &[Unprotected], Rollout, BY_FLUX, PROTECT),
    field("*", ARGO, &[Unprotected], Rollout, BY_ARGO, PROTECT),
    field("*", "metadata.annotations.kustomize.toolkit.fluxcd.io/reconcile", &[], Rollout, "Flux applies the object's changes no more, or again", ""),
    field("*", "metadata.annotations.kustomize.toolkit.fluxcd.io/ssa", &[], Rollout, "Flux applies the object's changes in another way, or no more", ""),
    field("*", "metadata", &[], None, "", ""),
    on("*", Goes, &[], Rollout, "it is removed", ""),
];
