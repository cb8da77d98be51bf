//! The Secrets that mariadb-operator reads.

use super::APP;
use crate::cluster::Cluster;
use crate::language::{Namespace, ResourceName};
use crate::object::SecretSpec;

/// The label by which mariadb-operator watches a Secret, so that it sees a change at once (source:
/// `WatchLabel` of mariadb-operator 25.10).
pub(super) const WATCH: &str = "k8s.mariadb.com/watch";

/// The root password of a server. mariadb-operator 25.10 sets it only once, when it creates the
/// server.
pub(super) fn root_secret(
    cluster: &Cluster,
    namespace: &Namespace,
    name: ResourceName,
    suffix: &'static str,
) -> SecretSpec {
    let fixed =
        cluster.profiles.mariadb.filter(|it| !it.rotates_root_password).map(
            |_| "mariadb-operator 25.10 sets a server's root password once and cannot change it",
        );
    SecretSpec::password(namespace, name, suffix, "the server's root")
        .watched(WATCH)
        .of_app(APP)
        .fixed(fixed)
        .followed_by(
            "the operator changes the account; whoever else logs in as root has to be told",
        )
}
