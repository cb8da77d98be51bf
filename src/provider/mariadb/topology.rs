//! What a MariaDB says of its replicas (source: `validateHA` in
//! `internal/webhook/v1alpha1/mariadb_webhook.go`, the rule on `spec` in `api/v1alpha1/mariadb_types.go`, and
//! `reconcilePodDisruptionBudget` in `internal/controller/mariadb_controller.go` of mariadb-operator 26.6.0).

use crate::risk::Object;
use crate::source::node::Value;

/// How the replicas of a server get the same data. With neither it is a server of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Topology {
    galera: bool,
    replication: bool,
}

impl Topology {
    fn has_replicas(self) -> bool {
        self.galera || self.replication
    }
}

pub(super) fn topology(server: &Object) -> Topology {
    let is_on = |block| is_true(server, &["spec", block, "enabled"]);
    Topology { galera: is_on("galera"), replication: is_on("replication") }
}

fn is_true(server: &Object, path: &[&str]) -> bool {
    server.at(path).is_some_and(|node| node.value == Value::Bool(true))
}

/// Whether a server may have as many replicas as it states.
pub(super) fn takes_its_replicas(server: &Object) -> bool {
    let count = match server.at(&["spec", "replicas"]).map(|node| &node.value) {
        Some(Value::Int(count)) => *count,
        _ => 1,
    };
    let topology = topology(server);
    let is_odd = count % 2 == 1 || is_true(server, &["spec", "replicasAllowEvenNumber"]);
    topology.has_replicas() == (count > 1) && (!topology.galera || is_odd)
}

/// Whether the operator has made a PodDisruptionBudget for a server: the one that is stated, or one of its own
/// for a server with replicas.
pub(super) fn has_budget(server: &Object) -> bool {
    server.at(&["spec", "podDisruptionBudget"]).is_some() || topology(server).has_replicas()
}
