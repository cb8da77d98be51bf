//! What a GitOps engine must know of the kinds that are rendered for PostgreSQL.

use super::super::DeliveredKind;
use crate::object::ObjectKind;

/// Every kind. Argo CD's own check of a Cluster calls it Degraded while a configuration is applied or
/// the primary is switched, and a Degraded object fails a sync.
pub(super) const KINDS: [DeliveredKind; 4] = [
    DeliveredKind {
        kind: ObjectKind::Cluster,
        group: "postgresql.cnpg.io",
        version: "v1",
        ready: Some(
            "has(status.conditions) && status.conditions.exists(e, e.type == 'Ready' && e.status == 'True')",
        ),
        health: include_str!("health/ready.lua"),
    },
    applied(ObjectKind::PostgresDatabase),
    applied(ObjectKind::DatabaseRole),
    DeliveredKind {
        kind: ObjectKind::PodMonitor,
        group: "monitoring.coreos.com",
        version: "v1",
        ready: None,
        health: include_str!("health/none.lua"),
    },
];

/// A kind whose objects have no condition. `applied` is of the generation that the operator has seen.
const fn applied(kind: ObjectKind) -> DeliveredKind {
    DeliveredKind {
        kind,
        group: "postgresql.cnpg.io",
        version: "v1",
        ready: Some(
            "has(status.applied) && status.applied && has(status.observedGeneration) && \
             status.observedGeneration == metadata.generation",
        ),
        health: include_str!("health/applied.lua"),
    }
}
