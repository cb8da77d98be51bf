//! Clusters under their controllers, one commit after the other, and what may go when.

use crate::argocd::Argocd;
use crate::commit::{Commit, Fate, Rendered};
use crate::model::cluster::{Cluster, Gone, Key, Object, Tree};
use crate::model::flux::Flux;
use crate::model::{Controller, Reach};
use sitewright::language::Engine;
use sitewright::operator::FrappeVersion;
use std::collections::{BTreeMap, BTreeSet};

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
    /// Sites whose file went, and of which something went that was retired.
    ended: BTreeSet<Definition>,
}

/// A namespace and a definition's name.
type Definition = (String, String);

fn definition(object: &Object) -> Definition {
    let name = object.labels.get("app.kubernetes.io/part-of").cloned().unwrap_or_default();
    (object.key.namespace.clone(), name)
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

    /// The controllers see the last commit that was merged, as far as it gets. What went against the rules.
    pub(crate) fn sync(&mut self, commit: &Commit, reach: Reach) -> Vec<String> {
        let mut names: BTreeSet<String> = commit.clusters.keys().cloned().collect();
        names.extend(self.sides.keys().map(|(name, _)| name.clone()));
        let mut wrong = Vec::new();
        for name in names {
            let rendered = commit.clusters.get(&name).cloned().unwrap_or_else(|| Rendered {
                frappe: FrappeVersion::V2_3,
                drops_outside: true,
                tree: Tree::new(),
                fates: BTreeMap::new(),
            });
            let controllers: [Box<dyn Controller>; 2] =
                [Box::new(Flux::new(&name)), Box::new(Argocd)];
            for controller in controllers {
                let key = (name.clone(), controller.name());
                let side = self.sides.entry(key).or_insert_with(|| Side {
                    controller,
                    cluster: Cluster::new(rendered.frappe),
                    applied: BTreeMap::new(),
                    ended: BTreeSet::new(),
                });
                self.tally.refused += side.sync(&rendered, reach);
                let gone = std::mem::take(&mut side.cluster.gone);
                let under = format!("{name} under {}", side.controller.name());
                for gone in &gone {
                    let Key { kind, name: object, .. } = &gone.live.key;
                    self.went.push(format!("{} {kind} {object}", side.controller.name()));
                    let stated = self.stated.get(&(name.clone(), gone.live.key.clone()));
                    let found = match rendered.tree.contains_key(&gone.live.key) {
                        true => Some("it went, and its file is there".to_owned()),
                        false => judge(side, gone, stated.copied(), &mut self.tally),
                    };
                    wrong.extend(found.map(|why| format!("{under}: {}: {why}", gone.live.key)));
                }
                let torn = side.torn(&rendered.tree, &gone, reach).into_iter();
                wrong.extend(torn.map(|key| format!("{under}: {key}: it is all that is left")));
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

impl Side {
    /// Makes the cluster what a commit says, as far as it gets; how many objects were refused.
    fn sync(&mut self, rendered: &Rendered, reach: Reach) -> usize {
        // Where another operator comes, either may be the one that sees an object go.
        if rendered.frappe.profile().drops_site {
            self.cluster.frappe = rendered.frappe;
        }
        self.cluster.drops_outside = rendered.drops_outside;
        let synced = self.controller.sync(&mut self.cluster, &rendered.tree, reach);
        self.cluster.frappe = rendered.frappe;
        for key in synced.applied {
            let fate = rendered.fates[&key];
            self.applied.insert(key, fate);
        }
        synced.refused.len()
    }

    /// FrappeSites that stay in the cluster although what was retired with them went. What drops its data with
    /// its deletion has both engines' marks and is to stay.
    fn torn(&mut self, tree: &Tree, gone: &[Gone], reach: Reach) -> Vec<Key> {
        let is_site = |object: &Object| object.key.kind == "FrappeSite";
        let stated: BTreeSet<Definition> =
            tree.values().filter(|object| is_site(object)).map(|it| definition(it)).collect();
        let went = gone.iter().filter(|gone| self.applied[&gone.live.key].retired);
        self.ended.extend(went.map(|gone| definition(&gone.live)));
        self.ended.retain(|definition| !stated.contains(definition));
        // The layer of the sites may be about to take it.
        if reach != Reach::All {
            return Vec::new();
        }
        let outlives = |live: &Object| {
            let marks = ["kustomize.toolkit.fluxcd.io/prune", "argocd.argoproj.io/sync-options"];
            marks.iter().all(|mark| live.annotations.contains_key(*mark))
        };
        let live = self.cluster.objects().filter(|live| is_site(live) && !outlives(live));
        let torn = live.filter(|live| self.ended.contains(&definition(live)));
        torn.map(|live| live.key.clone()).collect()
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
    let is_known = applied.is_none_or(|fate| !fate.frappe.profile().drops_site);
    if gone.live.key.kind == "FrappeSite" && is_known {
        tally.known += 1;
        return None;
    }
    Some(loss.clone())
}
