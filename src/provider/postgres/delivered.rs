//! What a GitOps engine must know of the kinds that are rendered for PostgreSQL.

use super::super::DeliveredKind;
use super::GROUP;
use crate::language::{Namespace, ResourceName};
use crate::object::ObjectKind;
use sitewright_api::ObjectRef;

/// The version of the API of CloudNativePG's kinds.
const VERSION: &str = "v1";

/// An object of CloudNativePG.
pub(super) fn object(kind: ObjectKind, namespace: &Namespace, name: &ResourceName) -> ObjectRef {
    ObjectRef {
        api_version: format!("{GROUP}/{VERSION}"),
        kind: kind.as_str().to_owned(),
        namespace: Some(namespace.to_string()),
        name: name.to_string(),
        ready: None,
    }
}

/// Every kind. Argo CD's own check of a Cluster calls it Degraded while a configuration is applied or
/// the primary is switched, and a Degraded object fails a sync.
pub(super) const KINDS: [DeliveredKind; 7] = [
    DeliveredKind {
        kind: ObjectKind::Cluster,
        group: GROUP,
        version: VERSION,
        ready: Some(
            "has(status.conditions) && status.conditions.exists(e, e.type == 'Ready' && e.status == 'True')",
        ),
        health: include_str!("health/ready.lua"),
    },
    applied(ObjectKind::PostgresDatabase),
    applied(ObjectKind::DatabaseRole),
    // A person pauses a pooler on purpose, so nothing waits for the end of that.
    DeliveredKind {
        kind: ObjectKind::Pooler,
        group: GROUP,
        version: VERSION,
        ready: Some("has(status.phase) && status.phase in ['active', 'paused']"),
        health: include_str!("health/pooler.lua"),
    },
    // A night's failed backup is for monitoring, and holds back no site.
    DeliveredKind {
        kind: ObjectKind::ScheduledBackup,
        group: GROUP,
        version: VERSION,
        ready: None,
        health: include_str!("health/scheduled.lua"),
    },
    without_health(ObjectKind::ObjectStore, "barmancloud.cnpg.io"),
    without_health(ObjectKind::PodMonitor, "monitoring.coreos.com"),
];

/// A kind whose status tells nothing of its objects' health.
const fn without_health(kind: ObjectKind, group: &'static str) -> DeliveredKind {
    let health = include_str!("health/none.lua");
    DeliveredKind { kind, group, version: "v1", ready: None, health }
}

/// A kind whose objects have no condition. `applied` is of the generation that the operator has seen.
const fn applied(kind: ObjectKind) -> DeliveredKind {
    DeliveredKind {
        kind,
        group: GROUP,
        version: VERSION,
        ready: Some(
            "has(status.applied) && status.applied && has(status.observedGeneration) && \
             status.observedGeneration == metadata.generation",
        ),
        health: include_str!("health/applied.lua"),
    }
}
