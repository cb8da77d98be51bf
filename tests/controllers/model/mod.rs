//! Models in memory: a cluster, and Flux. `tests/cluster_flux/model.rs` compares this Flux with the real one.

pub(crate) mod cluster;
pub(crate) mod flux;

use cluster::{Cluster, Key, Object, Tree};

/// How far a commit gets before the next one takes its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reach {
    /// To the layer of the data, while that of the sites still waits.
    Data,
    /// To everything.
    All,
}

/// What a controller made of a commit.
#[derive(Clone, Debug, Default)]
pub(crate) struct Synced {
    pub(crate) applied: Vec<Key>,
    /// What the API server refused.
    pub(crate) refused: Vec<Key>,
}

/// A GitOps controller.
pub(crate) trait Controller {
    fn name(&self) -> &'static str;
    /// Whether it leaves a live object that no commit has any more.
    fn keeps(&self, live: &Object) -> bool;
    /// Makes a cluster what a commit says, as far as the commit gets.
    fn sync(&mut self, cluster: &mut Cluster, tree: &Tree, reach: Reach) -> Synced;
    /// Deletes the controller's own object, and all that follows from it.
    fn remove(&mut self, cluster: &mut Cluster);
}
