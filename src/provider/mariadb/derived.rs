//! The names that mariadb-operator derives from a definition's name (source:
//! `api/v1alpha1/mariadb_keys.go` of 26.6).

use super::super::Service;
use super::super::backup::Backup;
use super::instance::Instance;
use crate::language::{BackupKind, Topology};
use crate::object::{CRON_JOB, DerivedName, JOB, LABEL, SERVICE, STATEFUL_SET, Taker, derived};

/// A table of names.
type Table = &'static [DerivedName];

/// A PhysicalBackup creates Jobs that append the time, in fifteen characters, to its name
/// (`getObjectName` in `internal/controller/physicalbackup_controller.go` of mariadb-operator
/// 26.6).
const PHYSICAL_BACKUP: Taker = Taker { kind: "PhysicalBackup", most: LABEL - 15 };

const SERVER: Table = derived! {
    "" STATEFUL_SET "the server";
    "" SERVICE "the server";
    "-internal" SERVICE "the server's pods";
};
const REPLICATED: Table = derived! {
    "-primary" SERVICE "the server for writes";
    "-secondary" SERVICE "the server for reads";
};
/// One name for each pod. There are at most 99 pods.
const GALERA: Table = derived! {
    "-0-recovery" JOB "the server after a crash";
};
const GALERA_OF_MANY: Table = derived! {
    "-10-recovery" JOB "the server after a crash";
};
const METRICS: Table = derived! {
    "-metrics" SERVICE "the server's metrics";
};
pub(super) const OUTSIDE: Table = derived! {
    "" SERVICE "the server outside the cluster";
};
/// The names of a server that is called `<site>-mariadb`.
const DEDICATED: Table = derived! {
    "-mariadb" STATEFUL_SET "the site's server";
    "-mariadb" SERVICE "the site's server";
    "-mariadb-internal" SERVICE "the pods of the site's server";
};
const DEDICATED_METRICS: Table = derived! {
    "-mariadb-metrics" SERVICE "the metrics of the site's server";
};
const LOGICAL: Table = derived! {
    "-backup" CRON_JOB "the backups";
    "-backup-last" JOB "the last backup";
};
const PHYSICAL: Table = derived! {
    "-backup" PHYSICAL_BACKUP "the backups";
    "-backup-last" PHYSICAL_BACKUP "the last backup";
};

/// The names of a server that sitewright renders.
pub(super) fn of_instance(instance: &Instance) -> Vec<Table> {
    let mut tables = vec![SERVER];
    tables.extend(instance.metrics.then_some(METRICS));
    tables.extend((instance.topology != Topology::Standalone).then_some(REPLICATED));
    let galera = match instance.replicas {
        0..=10 => GALERA,
        _ => GALERA_OF_MANY,
    };
    tables.extend((instance.topology == Topology::Galera).then_some(galera));
    tables
}

/// The names of a dedicated site's server.
pub(super) fn of_own_server(instance: &Instance) -> Vec<Table> {
    [DEDICATED].into_iter().chain(instance.metrics.then_some(DEDICATED_METRICS)).collect()
}

/// The names of backups.
pub(super) fn of_backup(backup: Option<&Backup>) -> Vec<Table> {
    let table = backup.map(|backup| match backup.kind {
        BackupKind::Logical => LOGICAL,
        BackupKind::Physical => PHYSICAL,
    });
    table.into_iter().collect()
}

/// The Service to which writes go in a server with several replicas.
pub(super) const PRIMARY: &str = "-primary";

/// The Services of a server (source: `api/v1alpha1` of mariadb-operator, the keys of MariaDB's
/// Services): one for its pods, and with several replicas one for writes and one for reads.
pub(super) const SERVICES: &[Service] =
    &[Service { ending: "-internal", purpose: "its pods", reason: None, is_reserved: false }];
pub(super) const REPLICATED_SERVICES: &[Service] = &[
    Service { ending: "-internal", purpose: "its pods", reason: None, is_reserved: false },
    Service { ending: PRIMARY, purpose: "writes", reason: Some(SEVERAL), is_reserved: false },
    Service { ending: "-secondary", purpose: "reads", reason: Some(SEVERAL), is_reserved: false },
];
const SEVERAL: (&[&str], &str) = (&["topology"], "which has several replicas");
