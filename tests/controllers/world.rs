//! Clusters under their controllers, one commit after the other, and what may go when.

use crate::argocd::Argocd;
use crate::cluster::{Cluster, Gone, Key, Object, Tree};
use crate::commit::{Commit, Fate, Rendered};
use crate::flux::Flux;
use sitewright::language::{Engine, FrappeOperator};
use std::collections::{BTreeMap, BTreeSet};

/// A GitOps controller.
pub(crate) trait Controller {
    fn name(&self) -> &'static str;
    /// Whether it leaves a live object that no commit has any more.
    fn keeps(&self, live: &Object) -> bool;
    /// Makes a cluster what a commit says; the objects that were refused.
    fn sync(&mut self, cluster: &mut Cluster, tree: &Tree) -> Vec<Key>;
    /// Deletes the controller's own object, and all that follows from it.
    fn remove(&mut self, cluster: &mut Cluster);
}

/// Kinds that hold data or carry a Secret.
pub(crate) const HELD: [&str; 9] = [
    "Database",
    "MariaDB",
    "FrappeSite",
    "FrappeBench",
    "ExternalMariaDB",
    "SealedSecret",
    "ExternalSecret",
    "PushSecret",
    "Password",
];

/// A cluster under one controller.
struct Side {
    controller: Box<dyn Controller>,
    cluster: Cluster,
    /// What was said of each object when it was last applied.
    applied: BTreeMap<Key, Fate>,
}

/// How often what happened.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Tally {
    /// An object went, retired as it was.
    pub(crate) pruned: usize,
    /// An object went, retired in a commit that was superseded. It never was protected.
    pub(crate) unseen: usize,
    /// Data went by one of the holes that are known.
    pub(crate) known: usize,
    /// An object was refused.
    pub(crate) refused: usize,
}

/// All clusters, each under Flux and, by itself, under Argo CD: whatever the engine that is stated,
/// somebody may have pointed the other one there.
#[derive(Default)]
pub(crate) struct World {
    sides: BTreeMap<(String, &'static str), Side>,
    /// What was last accepted of each object of a cluster.
    stated: BTreeMap<(String, Key), Fate>,
    pub(crate) tally: Tally,
    /// What went, in that order: controller, kind and name.
    pub(crate) went: Vec<String>,
}

impl World {
    /// A commit was merged; the controllers may see it, or only a later one.
    pub(crate) fn accept(&mut self, commit: &Commit) {
        for (name, rendered) in &commit.clusters {
            for (key, fate) in &rendered.fates {
                self.stated.insert((name.clone(), key.clone()), *fate);
            }
        }
    }

    /// The controllers see the last commit that was merged. What went against the rules.
    pub(crate) fn sync(&mut self, commit: &Commit) -> Vec<String> {
        let mut names: BTreeSet<String> = commit.clusters.keys().cloned().collect();
        names.extend(self.sides.keys().map(|(name, _)| name.clone()));
        let mut wrong = Vec::new();
        for name in names {
            let rendered = commit.clusters.get(&name).cloned().unwrap_or_else(|| Rendered {
                frappe: FrappeOperator::V2_3,
                tree: Tree::new(),
                fates: BTreeMap::new(),
            });
            let controllers: [Box<dyn Controller>; 2] =
                [Box::new(Flux::default()), Box::new(Argocd)];
            for controller in controllers {
                let side =
                    self.sides.entry((name.clone(), controller.name())).or_insert_with(|| {
                        let cluster = Cluster::new(rendered.frappe);
                        Side { controller, cluster, applied: BTreeMap::new() }
                    });
                // Where another operator comes, either may be the one that sees an object go.
                side.cluster.frappe = side.cluster.frappe.max(rendered.frappe);
                let refused = side.controller.sync(&mut side.cluster, &rendered.tree);
                side.cluster.frappe = rendered.frappe;
                for (key, fate) in &rendered.fates {
                    if !refused.contains(key) {
                        side.applied.insert(key.clone(), *fate);
                    }
                }
                self.tally.refused += refused.len();
                for gone in std::mem::take(&mut side.cluster.gone) {
                    let Key { kind, name: object, .. } = &gone.live.key;
                    self.went.push(format!("{} {kind} {object}", side.controller.name()));
                    let stated = self.stated.get(&(name.clone(), gone.live.key.clone()));
                    let found = judge(side, &gone, stated.copied(), &mut self.tally);
                    wrong.extend(found.map(|why| {
                        format!("{name} under {}: {}: {why}", side.controller.name(), gone.live.key)
                    }));
                }
            }
        }
        wrong
    }

    /// Somebody deletes the Kustomizations and the Applications. What went although the engine was the
    /// one that is stated, and the definition protected.
    pub(crate) fn remove_engines(&mut self) -> Vec<String> {
        let mut wrong = Vec::new();
        for ((name, engine), side) in &mut self.sides {
            side.controller.remove(&mut side.cluster);
            for gone in std::mem::take(&mut side.cluster.gone) {
                let fate = side.applied[&gone.live.key];
                if is_held(&gone) && is_marked(engine, fate) && !fate.retired {
                    wrong.push(format!("{name} without {engine}: {}", gone.live.key));
                }
            }
        }
        wrong
    }

    /// The live objects of a cluster under a controller.
    pub(crate) fn live(&self, name: &str, controller: &'static str) -> Vec<String> {
        let side = self.sides.get(&(name.to_owned(), controller));
        let objects = side.into_iter().flat_map(|side| side.cluster.objects());
        objects.map(|live| format!("{} {}", live.key.kind, live.key.name)).collect()
    }
}

fn is_held(gone: &Gone) -> bool {
    HELD.contains(&gone.live.key.kind.as_str())
}

/// Whether an active definition has marks that this controller heeds.
fn is_marked(controller: &str, fate: Fate) -> bool {
    let engine = match fate.engine {
        Engine::Flux => "flux",
        Engine::Argocd => "argocd",
        Engine::None => "",
    };
    fate.protect && engine == controller
}

/// Why an object should not have gone, or its data with it.
fn judge(side: &Side, gone: &Gone, stated: Option<Fate>, tally: &mut Tally) -> Option<String> {
    let applied = side.applied.get(&gone.live.key).copied();
    let was_retired = applied.is_some_and(|fate| fate.retired);
    // Nobody at the gate knows what controllers saw. Marks do: what has them live stays.
    let unseen = stated.is_some_and(|fate| fate.retired);
    if is_held(gone) {
        match (was_retired, unseen) {
            (true, _) => tally.pruned += 1,
            (false, true) => tally.unseen += 1,
            (false, false) => return Some("it went, and was never retired".to_owned()),
        }
    }
    let loss = gone.loss.as_ref()?;
    if stated.is_some_and(|fate| fate.data_goes) {
        return None;
    }
    // The one hole that marks cannot close: 2.6 comes, and nobody lets the engine see that before the
    // FrappeSite goes, which 2.3 would have let go without harm and so had no mark.
    let is_known = applied.is_none_or(|fate| fate.frappe < FrappeOperator::V2_6);
    if gone.live.key.kind == "FrappeSite" && is_known {
        tally.known += 1;
        return None;
    }
    Some(loss.clone())
}
