//! What is filled into the objects of CloudNativePG.

use super::row::{Filled, Given, by_default, by_operator};
use crate::operator::Operator;

/// A value that CloudNativePG's webhook writes.
const fn admitted(path: &'static str, value: Given) -> Filled {
    const SOURCE: &str = "`setDefaults` in `api/v1/cluster_defaults.go` of 1.30.0";
    by_operator(Operator::CloudNativePg, path, value, SOURCE)
}

/// A value that the webhook writes because its language has no absent one.
const fn structural(path: &'static str, value: Given) -> Filled {
    Filled { source: "the webhook of 1.30.0, seen running", ..admitted(path, value) }
}

pub(super) const CLUSTER: &[Filled] = &[
    structural("spec.resources", Given::Map),
    by_default("spec.instances", Given::Int(1)),
    by_default("spec.enablePDB", Given::Bool(true)),
    by_default("spec.enableSuperuserAccess", Given::Bool(false)),
    by_default("spec.externalClusters[].plugin.enabled", Given::Bool(true)),
    by_default("spec.externalClusters[].plugin.isWALArchiver", Given::Bool(false)),
    by_default("spec.failoverDelay", Given::Int(0)),
    by_default("spec.logLevel", Given::Text("info")),
    by_default("spec.maxSyncReplicas", Given::Int(0)),
    by_default("spec.minSyncReplicas", Given::Int(0)),
    admitted("spec.monitoring", Given::Map),
    by_default("spec.monitoring.disableDefaultQueries", Given::Bool(false)),
    by_default("spec.monitoring.enablePodMonitor", Given::Bool(false)),
    by_default("spec.plugins[].enabled", Given::Bool(true)),
    by_default("spec.plugins[].isWALArchiver", Given::Bool(false)),
    by_default("spec.postgresGID", Given::Int(26)),
    by_default("spec.postgresUID", Given::Int(26)),
    by_default("spec.primaryUpdateMethod", Given::Text("restart")),
    by_default("spec.primaryUpdateStrategy", Given::Text("unsupervised")),
    by_default("spec.replicationSlots", Given::Map),
    by_default("spec.replicationSlots.highAvailability", Given::Map),
    by_default("spec.replicationSlots.highAvailability.enabled", Given::Bool(true)),
    by_default("spec.replicationSlots.highAvailability.slotPrefix", Given::Text("_cnpg_")),
    admitted(
        "spec.replicationSlots.synchronizeReplicas",
        Given::Block(&[("enabled", Given::Bool(true))]),
    ),
    by_default("spec.replicationSlots.synchronizeReplicas.enabled", Given::Bool(true)),
    by_default("spec.replicationSlots.updateInterval", Given::Int(30)),
    by_default("spec.smartShutdownTimeout", Given::Int(180)),
    by_default("spec.startDelay", Given::Int(3600)),
    by_default("spec.stopDelay", Given::Int(1800)),
    by_default("spec.storage.resizeInUseVolumes", Given::Bool(true)),
    by_default("spec.switchoverDelay", Given::Int(3600)),
    // The image of the operator's own settings.
    admitted("spec.imageName", Given::Any(&Given::Text("ghcr.io/cloudnative-pg/postgresql:18.1")))
        .only(|scene| scene.at("spec.imageCatalogRef").is_none()),
    admitted("spec.bootstrap", Given::Map),
    admitted("spec.bootstrap.initdb", Given::Map).only(|scene| {
        let other = ["spec.bootstrap.recovery", "spec.bootstrap.pg_basebackup"];
        other.iter().all(|path| scene.at(path).is_none())
    }),
    admitted("spec.bootstrap.initdb.database", Given::Text("app")),
    admitted("spec.bootstrap.initdb.owner", Given::Same("spec.bootstrap.initdb.database")),
    admitted("spec.bootstrap.initdb.encoding", Given::Text("UTF8")),
    admitted("spec.bootstrap.initdb.localeCollate", Given::Text("C")),
    admitted("spec.bootstrap.initdb.localeCType", Given::Text("C")),
    admitted("spec.bootstrap.recovery.database", Given::Text("app")),
    admitted("spec.bootstrap.recovery.owner", Given::Same("spec.bootstrap.recovery.database")),
    admitted("spec.affinity", Given::Map),
    admitted("spec.affinity.podAntiAffinityType", Given::Text("preferred")),
    // The operator's settings name the ConfigMap.
    admitted("spec.monitoring.customQueriesConfigMap", Given::Any(&Given::Texts(&[])))
        .only(|scene| !scene.is_on("spec.monitoring.disableDefaultQueries")),
    admitted("spec.probes", Given::Map),
    admitted("spec.probes.liveness", Given::Map),
    admitted(
        "spec.probes.liveness.isolationCheck",
        Given::Block(&[
            ("enabled", Given::Bool(true)),
            ("requestTimeout", Given::Int(1000)),
            ("connectionTimeout", Given::Int(1000)),
        ]),
    ),
];

/// A setting of PostgreSQL that the webhook states.
macro_rules! parameters {
    ($($name:literal $value:literal;)+) => {
        &[
            admitted("spec.postgresql", Given::Map),
            structural("spec.postgresql.syncReplicaElectionConstraint", Given::Block(&[("enabled", Given::Bool(false))])),
            admitted("spec.postgresql.parameters", Given::Map),
            $(Filled {
                source: "`CnpgConfigurationSettings` in `pkg/postgres/configuration.go` of 1.30.0",
                ..admitted(concat!("spec.postgresql.parameters.", $name), Given::Text($value))
            },)+
        ]
    };
}

pub(super) const PARAMETERS: &[Filled] = parameters! {
    "archive_mode" "on";
    "archive_timeout" "5min";
    "dynamic_shared_memory_type" "posix";
    "full_page_writes" "on";
    "log_destination" "csvlog";
    "log_directory" "/controller/log";
    "log_filename" "postgres";
    "log_rotation_age" "0";
    "log_rotation_size" "0";
    "log_truncate_on_rotation" "false";
    "logging_collector" "on";
    "max_parallel_workers" "32";
    "max_replication_slots" "32";
    "max_worker_processes" "32";
    "shared_memory_type" "mmap";
    "shared_preload_libraries" "";
    "ssl_max_protocol_version" "TLSv1.3";
    "ssl_min_protocol_version" "TLSv1.3";
    "wal_keep_size" "512MB";
    "wal_level" "logical";
    "wal_log_hints" "on";
    "wal_receiver_timeout" "5s";
    "wal_sender_timeout" "5s";
};

pub(super) const DATABASE: &[Filled] = &[
    by_default("spec.ensure", Given::Text("present")),
    by_default("spec.databaseReclaimPolicy", Given::Text("retain")),
];

pub(super) const ROLE: &[Filled] = &[
    by_default("spec.ensure", Given::Text("present")),
    by_default("spec.inherit", Given::Bool(true)),
    by_default("spec.connectionLimit", Given::Int(-1)),
    by_default("spec.databaseRoleReclaimPolicy", Given::Text("retain")),
];

pub(super) const POOLER: &[Filled] = &[
    by_default("spec.type", Given::Text("rw")),
    by_default("spec.instances", Given::Int(1)),
    by_default("spec.pgbouncer.poolMode", Given::Text("session")),
    by_default("spec.pgbouncer.paused", Given::Bool(false)),
];

pub(super) const SCHEDULED_BACKUP: &[Filled] = &[
    by_default("spec.backupOwnerReference", Given::Text("none")),
    by_default("spec.method", Given::Text("barmanObjectStore")),
];
