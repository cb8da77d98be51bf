//! What a GitOps engine must know of mariadb-operator's kinds.

use super::super::DeliveredKind;
use crate::language::{Namespace, ResourceName};
use crate::object::ObjectKind;
use sitewright_api::ObjectRef;

/// The API group of mariadb-operator.
pub(super) const GROUP: &str = "k8s.mariadb.com";

/// The version of the API of its kinds.
const VERSION: &str = "v1alpha1";

/// An object of mariadb-operator.
pub(super) fn object(kind: &str, namespace: &Namespace, name: &ResourceName) -> ObjectRef {
    ObjectRef {
        api_version: format!("{GROUP}/{VERSION}"),
        kind: kind.to_owned(),
        namespace: Some(namespace.to_string()),
        name: name.to_string(),
        ready: None,
    }
}

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
        version: VERSION,
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
        version: VERSION,
        ready: None,
        health: include_str!("health/scheduled.lua"),
    }
}
