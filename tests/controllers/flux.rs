//! Flux's kustomize-controller: a Kustomization with `prune: true`, and never `force`.
//!
//! Source: the documentation of kustomize-controller ("Prune"), and `ResourceManager.Delete` of
//! fluxcd/pkg/ssa, which looks into the labels and annotations of the live object.

use crate::cluster::{Cluster, Key, Object, Tree};
use crate::world::Controller;
use std::collections::BTreeSet;

const PRUNE: &str = "kustomize.toolkit.fluxcd.io/prune";
/// By this label it knows what it applied; the documentation calls it an owner label.
const OWNER: &str = "kustomize.toolkit.fluxcd.io/name";
const NAME: &str = "fleet";

fn is_kept(live: &Object) -> bool {
    let is_disabled = |value: Option<&String>| value.is_some_and(|value| value == "disabled");
    is_disabled(live.annotations.get(PRUNE)) || is_disabled(live.labels.get(PRUNE))
}

/// The controller with the inventory of its Kustomization.
#[derive(Clone, Debug, Default)]
pub(crate) struct Flux {
    inventory: BTreeSet<Key>,
}

impl Flux {
    /// Deletes what the inventory had and `wanted` has not. What it may not delete, it forgets.
    fn prune(&mut self, cluster: &mut Cluster, wanted: BTreeSet<Key>) {
        for key in self.inventory.difference(&wanted) {
            let is_ours = |live: &Object| live.labels.get(OWNER).is_some_and(|name| name == NAME);
            if cluster.live(key).is_some_and(|live| is_ours(live) && !is_kept(live)) {
                cluster.delete(key);
            }
        }
        self.inventory = wanted;
    }
}

impl Controller for Flux {
    fn name(&self) -> &'static str {
        "flux"
    }

    fn keeps(&self, live: &Object) -> bool {
        is_kept(live)
    }

    /// The real one prunes nothing as long as an object is refused; here it goes on, so that more
    /// goes.
    fn sync(&mut self, cluster: &mut Cluster, tree: &Tree) -> Vec<Key> {
        let mut refused = Vec::new();
        for (key, object) in tree {
            let mut object = Object::clone(object);
            object.labels.insert(OWNER.to_owned(), NAME.to_owned());
            if cluster.apply(object).is_err() {
                refused.push(key.clone());
            }
        }
        self.prune(cluster, tree.keys().cloned().collect());
        refused
    }

    /// The Kustomization is deleted, and its `deletionPolicy` is not `Orphan`.
    fn remove(&mut self, cluster: &mut Cluster) {
        self.prune(cluster, BTreeSet::new());
    }
}
