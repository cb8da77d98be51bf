//! The types of CloudNativePG's objects, and an object of one of them.

use super::APP;
use crate::cluster::Common;
use crate::language::ResourceName;
use crate::object::{Manifest, ObjectKind, ObjectType, Part, Stands, invariants};

pub(super) const CLUSTER: ObjectType = ObjectType {
    template: "postgres/cluster.yaml.j2",
    kind: ObjectKind::Cluster,
    app: APP,
    component: "server",
    stands: Stands::ForItsName,
    is_protected: true,
    wave: -1,
    // Without these rules every site's account reaches every site's database.
    // In the folder of another server's backups it would overwrite them, or start with their data.
    invariants: &[invariants! {
        spec.postgresql.pg_hba = instance.hostRules;
        spec.plugins = instance.plugins;
        spec.externalClusters = instance.externalClusters;
        spec.bootstrap.recovery.source = instance.bootstrapFrom.source;
    }],
};

pub(super) const POD_MONITOR: ObjectType = ObjectType {
    template: "postgres/podmonitor.yaml.j2",
    kind: ObjectKind::PodMonitor,
    app: APP,
    component: "metrics",
    stands: Stands::No,
    is_protected: true,
    wave: -1,
    invariants: &[],
};

pub(super) const DATABASE: ObjectType = ObjectType {
    template: "postgres/database.yaml.j2",
    kind: ObjectKind::PostgresDatabase,
    app: APP,
    component: "database",
    stands: Stands::No,
    is_protected: true,
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
    app: APP,
    component: "user",
    stands: Stands::No,
    is_protected: true,
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

/// In front of another server it would lead sites to other data.
pub(super) const POOLER: ObjectType = ObjectType {
    template: "postgres/pooler.yaml.j2",
    kind: ObjectKind::Pooler,
    app: APP,
    component: "pooler",
    stands: Stands::No,
    is_protected: true,
    wave: 0,
    invariants: &[invariants! {
        spec.cluster.name = pooler.server;
    }],
};

/// It is there before the Cluster that names it.
pub(super) const OBJECT_STORE: ObjectType = ObjectType {
    template: "postgres/objectstore.yaml.j2",
    kind: ObjectKind::ObjectStore,
    app: APP,
    component: "backup",
    stands: Stands::No,
    is_protected: true,
    wave: -2,
    invariants: &[invariants! {
        spec.configuration.destinationPath = store.destinationPath;
    }],
};

/// It is applied after the Cluster that it saves.
pub(super) const SCHEDULED_BACKUP: ObjectType = ObjectType {
    template: "postgres/scheduledbackup.yaml.j2",
    kind: ObjectKind::ScheduledBackup,
    app: APP,
    component: "backup",
    stands: Stands::No,
    is_protected: true,
    wave: 2,
    invariants: &[invariants! {
        spec.cluster.name = backup.server;
    }],
};

/// All types.
pub(super) const ALL: [&ObjectType; 7] =
    [&CLUSTER, &POD_MONITOR, &POOLER, &DATABASE, &DATABASE_ROLE, &OBJECT_STORE, &SCHEDULED_BACKUP];

/// The objects of a server. The operator deletes the volumes of a Cluster together with it, whatever
/// is stated.
pub(super) fn of_server(
    owner: &Common,
    name: &ResourceName,
    has_monitor: bool,
) -> impl Iterator<Item = Manifest> {
    let cluster = object(&CLUSTER, owner, name.clone(), true);
    let monitor = has_monitor.then(|| object(&POD_MONITOR, owner, name.clone(), false));
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
        part: Part::Definition,
        outlives: holds_data && !owner.drops_data,
        ..object_of_part(of, owner, Part::Definition, name)
    }
}

/// An object that belongs to a Cluster. It stays in the cluster as long as the Cluster does.
pub(super) fn object_of_part(
    of: &'static ObjectType,
    owner: &Common,
    part: Part,
    name: ResourceName,
) -> Manifest {
    Manifest {
        of,
        part,
        namespace: owner.namespace.clone(),
        name,
        reads: Box::default(),
        outlives: !owner.drops_data,
    }
}
