//! The Secrets with the passwords of a server.

use crate::cluster::Cluster;
use crate::language::{Namespace, ResourceName};
use crate::object::SecretSpec;

/// The root password of a server. mariadb-operator 25.10 sets it only once, when it creates the
/// server.
pub(super) fn root_secret(
    cluster: &Cluster,
    namespace: &Namespace,
    name: ResourceName,
    suffix: &'static str,
) -> SecretSpec {
    let fixed = (!cluster.mariadb.rotates_root_password).then_some(
        "mariadb-operator 25.10 sets a server's root password once and cannot change it",
    );
    SecretSpec::password(namespace, name, suffix, "the server's root")
        .watched()
        .fixed(fixed)
        .followed_by(
            "the operator changes the account; whoever else logs in as root has to be told",
        )
}
