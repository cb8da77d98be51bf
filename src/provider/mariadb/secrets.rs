//! The Secrets that mariadb-operator reads.

use super::APP;
use crate::cluster::Cluster;
use crate::language::{Namespace, ResourceName};
use crate::object::{SecretPurpose, SecretSpec};

/// The label by which mariadb-operator watches a Secret, so that it sees a change at once (source:
/// `WatchLabel` of mariadb-operator 25.10).
pub(super) const WATCH: &str = "k8s.mariadb.com/watch";

/// The root password of a server that has a definition of its own.
pub(super) const ROOT: SecretPurpose = root("root");

/// The root password of the server of a dedicated site.
pub(super) const DEDICATED_ROOT: SecretPurpose = root("mariadb-root");

const fn root(suffix: &'static str) -> SecretPurpose {
    SecretPurpose {
        holds: "password",
        of: "the server's root",
        suffix,
        former: None,
        follows: "the operator changes the account; whoever else logs in as root has to be told",
        kind: "Opaque",
        app: APP,
        watch_label: Some(WATCH),
    }
}

/// The root password of a server. mariadb-operator 25.10 sets it only once, when it creates the
/// server.
pub(super) fn root_secret(
    purpose: &'static SecretPurpose,
    cluster: &Cluster,
    namespace: &Namespace,
    name: ResourceName,
) -> SecretSpec {
    let fixed =
        cluster.profiles.mariadb.filter(|it| !it.rotates_root_password).map(
            |_| "mariadb-operator 25.10 sets a server's root password once and cannot change it",
        );
    SecretSpec::password(purpose, namespace, name).fixed(fixed)
}
