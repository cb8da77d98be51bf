//! The types of CloudNativePG's objects, and an object of one of them.

use super::APP;
use super::instance::Instance;
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

pub(super) const DATABASE: ObjectType = ObjectType {
    template: "postgres/database.yaml.j2",
    kind: ObjectKind::PostgresDatabase,
    component: "database",
    stands: Stands::No,
    wave: 0,
    invariants: &[invariants! {
        spec.cluster.name = database.server;
        spec.name = database.name;
        spec.owner = database.name;
    }],
};

/// A role that may do more than own its database could reach the others.
pub(super) const DATABASE_ROLE: ObjectType = ObjectType {
    template: "postgres/databaserole.yaml.j2",
    kind: ObjectKind::DatabaseRole,
    component: "user",
    stands: Stands::No,
    wave: 0,
    invariants: &[invariants! {
        spec.cluster.name = database.server;
        spec.name = database.name;
        spec.passwordSecret.name = database.passwordSecret;
        spec.superuser = database.privileged;
        spec.createdb = database.privileged;
        spec.createrole = database.privileged;
        spec.replication = database.privileged;
        spec.bypassrls = database.privileged;
        spec.inRoles = database.inRoles;
    }],
};

/// All types.
pub(super) const ALL: [&ObjectType; 4] = [&CLUSTER, &POD_MONITOR, &DATABASE, &DATABASE_ROLE];

/// The objects of a server. The operator deletes the volumes of a Cluster together with it, whatever
/// is stated.
pub(super) fn of_server(
    owner: &Common,
    name: &ResourceName,
    instance: &Instance,
) -> impl Iterator<Item = Manifest> {
    let cluster = object(&CLUSTER, owner, name.clone(), true);
    let monitor = instance.monitor.as_ref();
    let monitor = monitor.map(|_| object(&POD_MONITOR, owner, name.clone(), false));
    [cluster].into_iter().chain(monitor)
}

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
