//! The types of CloudNativePG's objects, and an object of one of them.

use super::APP;
use crate::cluster::Common;
use crate::language::ResourceName;
use crate::object::{Manifest, ObjectKind, ObjectType, Part, Stands, invariants};

pub(super) const CLUSTER: ObjectType = ObjectType {
    template: "postgres/cluster.yaml.j2",
    kind: ObjectKind::Cluster,
    component: "server",
    stands: Stands::ForItsName,
    wave: -1,
    // Without these rules every site's account reaches every site's database.
    invariants: &[invariants! {
        spec.postgresql.pg_hba = instance.hostRules;
    }],
};

pub(super) const POD_MONITOR: ObjectType = ObjectType {
    template: "postgres/podmonitor.yaml.j2",
    kind: ObjectKind::PodMonitor,
    component: "metrics",
    stands: Stands::No,
    wave: -1,
    invariants: &[],
};

/// All types.
pub(super) const ALL: [&ObjectType; 2] = [&CLUSTER, &POD_MONITOR];

/// An object of a definition. If `holds_data` is true, its deletion deletes data.
pub(super) fn object(
    of: &'static ObjectType,
    owner: &Common,
    name: ResourceName,
    holds_data: bool,
) -> Manifest {
    Manifest {
        of,
        app: APP,
        part: Part::Definition,
        namespace: owner.namespace.clone(),
        name,
        suffix: None,
        reads: Box::default(),
        outlives: holds_data && !owner.drops_data,
    }
}
