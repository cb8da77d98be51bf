//! What a GitOps engine must know of mariadb-operator's kinds.

use super::super::DeliveredKind;
use crate::object::ObjectKind;

/// The API group of mariadb-operator.
pub(super) const GROUP: &str = "k8s.mariadb.com";

/// Every kind but Service, which engines know.
pub(super) const KINDS: [DeliveredKind; 7] = [
    waited_for(ObjectKind::Mariadb),
    waited_for(ObjectKind::ExternalMariadb),
    waited_for(ObjectKind::Database),
    waited_for(ObjectKind::User),
    waited_for(ObjectKind::Grant),
    scheduled(ObjectKind::Backup),
    scheduled(ObjectKind::PhysicalBackup),
];

/// A kind whose objects are ready when their condition `Ready` says so.
const fn waited_for(kind: ObjectKind) -> DeliveredKind {
    DeliveredKind {
        kind,
        group: GROUP,
        version: "v1alpha1",
        ready: Some(
            "has(status.conditions) && status.conditions.exists(e, e.type == 'Ready' && e.status == 'True')",
        ),
        health: include_str!("health/ready.lua"),
    }
}

/// A kind of backups. A night's failed backup is for monitoring, and holds back no site.
const fn scheduled(kind: ObjectKind) -> DeliveredKind {
    DeliveredKind {
        kind,
        group: GROUP,
        version: "v1alpha1",
        ready: None,
        health: include_str!("health/scheduled.lua"),
    }
}
