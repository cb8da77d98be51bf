//! The names that CloudNativePG derives from a definition's name (source: `validateName` in
//! `internal/webhook/v1/cluster_webhook.go` and `api/v1/cluster_funcs.go` of 1.30.0).

use super::super::Service;
use crate::object::{DerivedName, Taker, derived};

/// The webhook refuses a longer name.
const CLUSTER: Taker = Taker { kind: "Cluster", most: 50 };

/// The names of a server that sitewright renders. Services, pods and Jobs have longer names, which
/// fit where the Cluster's own name fits.
pub(super) const SERVER: &[DerivedName] = derived! {
    "" CLUSTER "the server";
};

/// The name of a dedicated site's server.
pub(super) const DEDICATED: &[DerivedName] = derived! {
    "-postgres" CLUSTER "the site's server";
};

/// What follows a server's name in the name of its Service for writes.
pub(super) const WRITES: &str = "-rw";

/// What follows a server's name in the name of its Pooler, and of the Service of that.
pub(super) const POOLER: &str = "-pooler-rw";

const SERVICE_FOR_WRITES: Service =
    Service { ending: WRITES, purpose: "writes", reason: None, is_reserved: false };
const SERVICE_OF_REPLICAS: Service =
    Service { ending: "-ro", purpose: "reads from replicas", reason: None, is_reserved: false };
const SERVICE_FOR_READS: Service =
    Service { ending: "-r", purpose: "reads", reason: None, is_reserved: false };
/// No Cluster may have the name of a Pooler (source: the description of `cluster` in
/// `api/v1/pooler_types.go` of 1.30.0).
const SERVICE_OF_POOLER: Service = Service {
    ending: POOLER,
    purpose: "its pooler",
    reason: Some((&["pooler"], "which has a pooler")),
    is_reserved: true,
};

/// The Services of a server.
pub(super) const SERVICES: &[Service] =
    &[SERVICE_FOR_WRITES, SERVICE_OF_REPLICAS, SERVICE_FOR_READS];
/// The Services of a server with a pooler.
pub(super) const SERVICES_WITH_POOLER: &[Service] =
    &[SERVICE_FOR_WRITES, SERVICE_OF_REPLICAS, SERVICE_FOR_READS, SERVICE_OF_POOLER];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::object::SERVICE;

    #[test]
    fn a_service_fits_where_its_cluster_does() {
        for Service { ending, .. } in SERVICES_WITH_POOLER {
            assert!(CLUSTER.most + ending.len() <= SERVICE.most, "{ending}");
        }
    }
}
