//! Argo CD: an Application that syncs and prunes by itself, with `PruneLast=true` and without
//! `allowEmpty`.
//!
//! Source: Argo CD's documentation of sync options and sync waves, and `pruneObject` and `getSyncTasks`
//! of its gitops-engine, which look at the live object.

use crate::model::cluster::{Cluster, Key, Object, Tree};
use crate::model::{Controller, Reach, Synced};

const TRACKING: &str = "argocd.argoproj.io/tracking-id";
const OPTIONS: &str = "argocd.argoproj.io/sync-options";
const WAVE: &str = "argocd.argoproj.io/sync-wave";
const NAME: &str = "fleet";

/// The controller.
#[derive(Clone, Debug, Default)]
pub(crate) struct Argocd;

fn id(key: &Key) -> String {
    format!("{NAME}:{}/{}:{}/{}", key.group, key.kind, key.namespace, key.name)
}

fn has(live: &Object, wanted: &str) -> bool {
    let options = live.annotations.get(OPTIONS).map_or("", String::as_str);
    options.split(',').any(|option| option.trim() == wanted)
}

fn wave(object: &Object) -> i32 {
    object.annotations.get(WAVE).and_then(|wave| wave.parse().ok()).unwrap_or(0)
}

/// What it tracks and `keep` does not want: `PruneLast` makes one wave of it, after all others.
fn tracked(cluster: &Cluster, keep: impl Fn(&Object) -> bool) -> Vec<Key> {
    let is_ours = |live: &&Object| live.annotations.get(TRACKING) == Some(&id(&live.key));
    let found = cluster.objects().filter(is_ours).filter(|live| !keep(live));
    found.map(|live| live.key.clone()).collect()
}

impl Controller for Argocd {
    fn name(&self) -> &'static str {
        "argocd"
    }

    fn keeps(&self, live: &Object) -> bool {
        has(live, "Prune=false")
    }

    /// One Application syncs the whole. The real one stops at a wave with an object that is refused; here it
    /// goes on, so that more goes.
    fn sync(&mut self, cluster: &mut Cluster, tree: &Tree, _: Reach) -> Synced {
        // Without `allowEmpty`, nothing is taken for a mistake.
        if tree.is_empty() {
            return Synced::default();
        }
        let mut objects: Vec<_> = tree.values().collect();
        objects.sort_by_key(|object| wave(object));
        let mut synced = Synced::default();
        for object in objects {
            let mut object = Object::clone(object);
            object.annotations.insert(TRACKING.to_owned(), id(&object.key));
            let key = object.key.clone();
            let is_taken = cluster.apply(object).is_ok();
            let list = if is_taken { &mut synced.applied } else { &mut synced.refused };
            list.push(key);
        }
        for key in tracked(cluster, |live| tree.contains_key(&live.key) || self.keeps(live)) {
            cluster.delete(&key);
        }
        synced
    }

    /// The Application is deleted, with everything that is its own.
    fn remove(&mut self, cluster: &mut Cluster) {
        for key in tracked(cluster, |live| has(live, "Delete=false")) {
            cluster.delete(&key);
        }
    }
}
