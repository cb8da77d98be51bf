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

/// The Services of a server.
pub(super) const SERVICES: &[Service] = &[
    Service { ending: WRITES, purpose: "writes", reason: None },
    Service { ending: "-ro", purpose: "reads from replicas", reason: None },
    Service { ending: "-r", purpose: "reads", reason: None },
];
