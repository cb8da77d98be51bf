//! What a GitOps engine must know of the kinds that are rendered for PostgreSQL.

use super::super::DeliveredKind;
use crate::object::ObjectKind;

/// Every kind. Argo CD's own check of a Cluster calls it Degraded while a configuration is applied or
/// the primary is switched, and a Degraded object fails a sync.
pub(super) const KINDS: [DeliveredKind; 2] = [
    DeliveredKind {
        kind: ObjectKind::Cluster,
        group: "postgresql.cnpg.io",
        version: "v1",
        ready: Some(
            "has(status.conditions) && status.conditions.exists(e, e.type == 'Ready' && e.status == 'True')",
        ),
        health: include_str!("health/ready.lua"),
    },
    DeliveredKind {
        kind: ObjectKind::PodMonitor,
        group: "monitoring.coreos.com",
        version: "v1",
        ready: None,
        health: include_str!("health/none.lua"),
    },
];
