//! What is filled into the objects of mariadb-operator, except servers.

use super::row::{Filled, Given, by_default, by_operator};
use crate::operator::Operator;

/// A value that mariadb-operator writes by a patch, before it looks at the object any further.
pub(super) const fn patched(path: &'static str, value: Given, source: &'static str) -> Filled {
    by_operator(Operator::Mariadb, path, value, source)
}

// Into these three kinds the operator writes nothing but a finalizer.

pub(super) const DATABASE: &[Filled] = &[
    by_default("spec.mariaDbRef.waitForIt", Given::Bool(true)),
    by_default("spec.characterSet", Given::Text("utf8")),
    by_default("spec.collate", Given::Text("utf8_general_ci")),
];

pub(super) const USER: &[Filled] = &[
    by_default("spec.mariaDbRef.waitForIt", Given::Bool(true)),
    by_default("spec.maxUserConnections", Given::Int(10)),
];

pub(super) const GRANT: &[Filled] = &[
    by_default("spec.mariaDbRef.waitForIt", Given::Bool(true)),
    by_default("spec.database", Given::Text("*")),
    by_default("spec.table", Given::Text("*")),
    by_default("spec.grantOption", Given::Bool(false)),
];

pub(super) const EXTERNAL: &[Filled] = &[by_default("spec.port", Given::Int(3306))];

const OF_BACKUPS: &str = "`SetDefaults` and `SetExternalDefaults` in `api/v1alpha1/backup_types.go` of 25.10.4 and 26.6.0";

pub(super) const BACKUP: &[Filled] = &[
    by_default("spec.mariaDbRef.waitForIt", Given::Bool(true)),
    by_default("spec.schedule.suspend", Given::Bool(false)),
    by_default("spec.logLevel", Given::Text("info")),
    by_default("spec.restartPolicy", Given::Text("OnFailure")),
    patched("spec.compression", Given::Text("none"), OF_BACKUPS),
    patched("spec.maxRetention", Given::Text("720h0m0s"), OF_BACKUPS),
    patched("spec.backoffLimit", Given::Int(5), OF_BACKUPS),
    // It is true on a server with Galera. An object does not say which topology its server has.
    patched("spec.ignoreGlobalPriv", Given::Any(&Given::Bool(false)), OF_BACKUPS),
    patched("spec.serviceAccountName", Given::Named(""), OF_BACKUPS),
];

const OF_PHYSICAL: &str =
    "`SetDefaults` in `api/v1alpha1/physicalbackup_types.go` of 25.10.4 and 26.6.0";

pub(super) const PHYSICAL_BACKUP: &[Filled] = &[
    by_default("spec.mariaDbRef.waitForIt", Given::Bool(true)),
    by_default("spec.schedule.suspend", Given::Bool(false)),
    by_default("spec.logLevel", Given::Text("info")),
    by_default("spec.restartPolicy", Given::Text("OnFailure")),
    patched("spec.target", Given::Text("Replica"), OF_PHYSICAL),
    patched("spec.maxRetention", Given::Text("720h0m0s"), OF_PHYSICAL),
    patched("spec.timeout", Given::Text("1h0m0s"), OF_PHYSICAL),
    patched("spec.compression", Given::Text("none"), OF_PHYSICAL),
    patched("spec.backoffLimit", Given::Int(5), OF_PHYSICAL),
    patched("spec.successfulJobsHistoryLimit", Given::Int(5), OF_PHYSICAL),
    patched("spec.failedJobsHistoryLimit", Given::Int(5), OF_PHYSICAL)
        .only(|scene| scene.profiles.mariadb.is_some_and(|profile| profile.keeps_failed_jobs)),
    patched("spec.serviceAccountName", Given::Named(""), OF_PHYSICAL),
];
