//! Flux's kustomize-controller with the two Kustomizations of the pack, each with `prune: true` and never
//! `force`.
//!
//! Source: the documentation of kustomize-controller ("Prune"), and `ResourceManager.Delete` and
//! `shouldSkipApply` of fluxcd/pkg/ssa, which look into the labels and annotations of the live object.

use super::cluster::{Cluster, Key, Object, Tree};
use super::{Controller, Reach, Synced};
use std::collections::BTreeSet;

const PRUNE: &str = "kustomize.toolkit.fluxcd.io/prune";
/// By this label it knows what it applied; the documentation calls it an owner label.
pub(crate) const OWNER: &str = "kustomize.toolkit.fluxcd.io/name";

fn is_kept(live: &Object) -> bool {
    let is_disabled = |value: Option<&String>| value.is_some_and(|value| value == "disabled");
    is_disabled(live.annotations.get(PRUNE)) || is_disabled(live.labels.get(PRUNE))
}

/// Which objects a Kustomization is for. `tests/gitops/layers.rs` reads it from the pack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Data,
    Sites,
}

/// What a Kustomization makes of an object in its path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Applied,
    /// Another one applies it. It stays in the inventory.
    Ignored,
    Omitted,
}

/// A Kustomization with its inventory.
#[derive(Clone, Debug)]
pub(crate) struct Layer {
    kind: Kind,
    name: String,
    pub(crate) inventory: BTreeSet<Key>,
}

impl Layer {
    fn new(kind: Kind, name: String) -> Self {
        Self { kind, name, inventory: BTreeSet::new() }
    }

    fn part(&self, object: &Object) -> Part {
        let component = object.labels.get("app.kubernetes.io/component");
        let is_site = component.is_some_and(|component| component == "site");
        let lifecycle = object.annotations.get("sitewright/lifecycle");
        let is_retired = lifecycle.is_some_and(|lifecycle| lifecycle == "retired");
        match (self.kind, is_site, is_retired) {
            (Kind::Data, false, _) | (Kind::Data, true, true) => Part::Applied,
            (Kind::Sites, true, false) => Part::Applied,
            (_, true, _) => Part::Ignored,
            (Kind::Sites, false, _) => Part::Omitted,
        }
    }

    /// Applies, and then prunes. The real one applies and prunes nothing as long as an object is refused;
    /// here it goes on, so that more goes.
    fn sync(&mut self, cluster: &mut Cluster, tree: &Tree, synced: &mut Synced) {
        // A commit has no empty folder: the path is not found then.
        if tree.is_empty() {
            return;
        }
        let mut wanted = BTreeSet::new();
        for (key, object) in tree {
            let part = self.part(object);
            if part != Part::Omitted {
                wanted.insert(key.clone());
            }
            if part == Part::Applied {
                let mut object = Object::clone(object);
                object.labels.insert(OWNER.to_owned(), self.name.clone());
                let is_taken = cluster.apply(object).is_ok();
                let list = if is_taken { &mut synced.applied } else { &mut synced.refused };
                list.push(key.clone());
            }
        }
        self.prune(cluster, wanted);
    }

    /// Deletes what the inventory had and `wanted` has not. What it may not delete, it forgets.
    fn prune(&mut self, cluster: &mut Cluster, wanted: BTreeSet<Key>) {
        for key in self.inventory.difference(&wanted) {
            let is_ours = |live: &Object| live.labels.get(OWNER) == Some(&self.name);
            if cluster.live(key).is_some_and(|live| is_ours(live) && !is_kept(live)) {
                cluster.delete(key);
            }
        }
        self.inventory = wanted;
    }
}

/// The controller.
#[derive(Clone, Debug)]
pub(crate) struct Flux {
    pub(crate) data: Layer,
    pub(crate) sites: Layer,
}

impl Flux {
    pub(crate) fn new(cluster: &str) -> Self {
        Self {
            data: Layer::new(Kind::Data, format!("{cluster}-data")),
            sites: Layer::new(Kind::Sites, format!("{cluster}-sites")),
        }
    }
}

impl Controller for Flux {
    fn name(&self) -> &'static str {
        "flux"
    }

    fn keeps(&self, live: &Object) -> bool {
        is_kept(live)
    }

    /// By `dependsOn`, the sites never see a commit before the data.
    fn sync(&mut self, cluster: &mut Cluster, tree: &Tree, reach: Reach) -> Synced {
        let mut synced = Synced::default();
        self.data.sync(cluster, tree, &mut synced);
        if reach == Reach::All {
            self.sites.sync(cluster, tree, &mut synced);
        }
        synced
    }

    /// The Kustomizations are deleted, and their `deletionPolicy` is not `Orphan`.
    fn remove(&mut self, cluster: &mut Cluster) {
        for layer in [&mut self.sites, &mut self.data] {
            layer.prune(cluster, BTreeSet::new());
        }
    }
}
