//! The commands that take over a password which a cluster has and no record: whoever runs them has the rights to read
//! the Secret. The value goes from one program to the next, and is in no file.

use super::backend;
use super::need::Need;
use crate::cluster::Cluster;
use crate::resolve::Fleet;

/// A Secret in the cluster, and its key with the password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InUse<'a> {
    /// Its name. Its namespace is that of the password.
    pub secret: &'a str,
    /// The key.
    pub key: &'a str,
}

/// What to do so that a password with a value in use gets its record.
pub fn taking_over(need: &Need, from: InUse, fleet: &Fleet) -> String {
    let cluster: &Cluster = &fleet.clusters[need.cluster.0];
    let (namespace, key) = (&need.wanted.namespace, need.key());
    let InUse { secret, key: from } = from;
    let value = format!(
        "kubectl -n {namespace} get secret {secret} -o go-template='{{{{index .data \"{from}\" | base64decode}}}}'"
    );
    if backend::must_be_given(need, fleet) {
        return format!("run `{value} | sitewright secrets set {}`", need.path());
    }
    let manifest = format!(
        "{value} | kubectl -n {namespace} create secret generic {} --dry-run=client -o yaml --from-file={key}=/dev/stdin",
        need.wanted.name
    );
    backend::of(cluster.secrets.mode).taking_over(need, &manifest, cluster)
}
