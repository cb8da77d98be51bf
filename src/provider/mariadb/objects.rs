//! The types of mariadb-operator's objects, and an object of one of them.

use super::APP;
use crate::cluster::Common;
use crate::language::ResourceName;
use crate::object::{Invariant, Manifest, ObjectKind, ObjectType, Part, Stands, invariants};

/// The invariants for the server of a database, a user or a grant. `mariaDbRef` is immutable and is
/// compared as a whole.
const OF_DATABASE: &[Invariant] = invariants! {
    spec.mariaDbRef.name = database.server.name;
    spec.mariaDbRef.namespace = database.server.namespace;
    spec.mariaDbRef.kind = database.server.kind;
};

/// The invariants for the server of a backup.
const OF_BACKUP: &[Invariant] = invariants! {
    spec.mariaDbRef.name = backup.server.name;
    spec.mariaDbRef.namespace = backup.server.namespace;
    spec.mariaDbRef.kind = backup.server.kind;
};

pub(super) const MARIADB: ObjectType = ObjectType {
    template: "mariadb/mariadb.yaml.j2",
    kind: ObjectKind::Mariadb,
    app: APP,
    component: "server",
    stands: Stands::ForItsName,
    is_protected: true,
    wave: -1,
    invariants: &[invariants! {
        spec.rootPasswordSecretKeyRef.name = instance.rootPassword.name;
        spec.rootPasswordSecretKeyRef.key = instance.rootPassword.key;
        spec.myCnf = instance.myCnf;
    }],
};

pub(super) const EXTERNAL_MARIADB: ObjectType = ObjectType {
    template: "mariadb/externalmariadb.yaml.j2",
    kind: ObjectKind::ExternalMariadb,
    app: APP,
    component: "server",
    stands: Stands::ForItsName,
    is_protected: true,
    wave: -1,
    invariants: &[invariants! {
        spec.host = external.host;
        spec.username = external.username;
        spec.passwordSecretKeyRef.name = external.password.name;
        spec.passwordSecretKeyRef.key = external.password.key;
        spec.tls.enabled = external.tls.enabled;
        spec.tls.mutual = external.tls.mutual;
        spec.tls.serverCASecretRef.name = external.tls.serverCa;
        spec.tls.clientCertSecretRef.name = external.tls.clientCert;
    }],
};

/// The Service with the name of a server outside the cluster, for an operator that only connects to
/// names of the cluster.
pub(super) const SERVICE: ObjectType = ObjectType {
    template: "mariadb/service.yaml.j2",
    kind: ObjectKind::Service,
    app: APP,
    component: "address",
    stands: Stands::No,
    is_protected: true,
    wave: -1,
    invariants: &[],
};

pub(super) const DATABASE: ObjectType = ObjectType {
    template: "mariadb/database.yaml.j2",
    kind: ObjectKind::Database,
    app: APP,
    component: "database",
    stands: Stands::No,
    is_protected: true,
    wave: 0,
    invariants: &[
        OF_DATABASE,
        invariants! {
            spec.name = database.name;
        },
    ],
};

pub(super) const USER: ObjectType = ObjectType {
    template: "mariadb/user.yaml.j2",
    kind: ObjectKind::User,
    app: APP,
    component: "user",
    stands: Stands::No,
    is_protected: true,
    wave: 0,
    invariants: &[
        OF_DATABASE,
        invariants! {
            spec.name = database.name;
            spec.passwordSecretKeyRef.name = database.password.name;
            spec.passwordSecretKeyRef.key = database.password.key;
        },
    ],
};

/// A Grant without a database applies to all databases, because `*` is the default of its schema.
pub(super) const GRANT: ObjectType = ObjectType {
    template: "mariadb/grant.yaml.j2",
    kind: ObjectKind::Grant,
    app: APP,
    component: "grant",
    stands: Stands::No,
    is_protected: true,
    wave: 1,
    invariants: &[
        OF_DATABASE,
        invariants! {
            spec.username = database.name;
            spec.database = database.pattern;
        },
    ],
};

/// It is applied after the databases that it reads.
pub(super) const BACKUP: ObjectType = ObjectType {
    template: "mariadb/backup.yaml.j2",
    kind: ObjectKind::Backup,
    app: APP,
    component: "backup",
    stands: Stands::No,
    is_protected: true,
    wave: 2,
    invariants: &[
        OF_BACKUP,
        invariants! {
            spec.databases = backup.databases;
        },
    ],
};

/// It copies the whole server.
pub(super) const PHYSICAL_BACKUP: ObjectType = ObjectType {
    template: "mariadb/physicalbackup.yaml.j2",
    kind: ObjectKind::PhysicalBackup,
    app: APP,
    component: "backup",
    stands: Stands::No,
    is_protected: true,
    wave: 2,
    invariants: &[OF_BACKUP],
};

/// All types.
pub(super) const ALL: [&ObjectType; 8] =
    [&MARIADB, &EXTERNAL_MARIADB, &SERVICE, &DATABASE, &USER, &GRANT, &BACKUP, &PHYSICAL_BACKUP];

/// An object of a definition. `reads` are the Secrets whose passwords it reads.
pub(super) fn object(
    of: &'static ObjectType,
    owner: &Common,
    name: ResourceName,
    reads: Vec<ResourceName>,
) -> Manifest {
    Manifest {
        of,
        part: Part::Definition,
        namespace: owner.namespace.clone(),
        name,
        reads: reads.into(),
        // The `cleanupPolicy` and the retention policy of an object decide which data is deleted
        // with it.
        outlives: false,
    }
}
