//! What is filled into a MariaDB.

use super::mariadb::patched;
use super::row::{Filled, Given, by_default};

const SOURCE: &str = "`SetDefaults` in `api/v1alpha1/mariadb_types.go` of 25.10.4 and 26.6.0";

pub(super) const SERVER: &[Filled] = &[
    by_default("spec.port", Given::Int(3306)),
    by_default("spec.replicas", Given::Int(1)),
    by_default("spec.replicasAllowEvenNumber", Given::Bool(false)),
    by_default("spec.suspend", Given::Bool(false)),
    by_default("spec.rootPasswordSecretKeyRef.generate", Given::Bool(false)),
    by_default("spec.updateStrategy.type", Given::Text("ReplicasFirstPrimaryLast")),
    by_default("spec.bootstrapFrom.logLevel", Given::Text("info"))
        .only(|scene| scene.profiles.mariadb.is_some_and(|profile| profile.logs_restores)),
    // The image of the operator's own environment.
    patched(
        "spec.image",
        Given::Any(&Given::Text("docker-registry1.mariadb.com/library/mariadb:11.8")),
        SOURCE,
    ),
    patched("spec.rootEmptyPassword", Given::Bool(false), SOURCE),
    patched(
        "spec.rootPasswordSecretKeyRef",
        Given::Block(&[
            ("name", Given::Named("-root")),
            ("key", Given::Text("password")),
            ("generate", Given::Bool(true)),
        ]),
        SOURCE,
    )
    .only(|scene| !scene.is_on("spec.rootEmptyPassword")),
    patched("spec.myCnfConfigMapKeyRef", Given::Map, SOURCE)
        .only(|scene| scene.at("spec.myCnf").is_some()),
    patched("spec.myCnfConfigMapKeyRef.name", Given::Named("-config"), SOURCE),
    patched("spec.myCnfConfigMapKeyRef.key", Given::Text("my.cnf"), SOURCE),
    // A block without `enabled` stays as it is, and means no TLS.
    patched("spec.tls", Given::Block(&[("enabled", Given::Bool(true))]), SOURCE),
    patched(
        "spec.updateStrategy",
        Given::Block(&[
            ("type", Given::Text("ReplicasFirstPrimaryLast")),
            ("autoUpdateDataPlane", Given::Bool(false)),
        ]),
        SOURCE,
    ),
    patched("spec.bootstrapFrom.backupContentType", Given::Text("Logical"), SOURCE),
    // A volume that a restore from an object store uses. A restore from a volume states its own.
    patched(
        "spec.bootstrapFrom.volume",
        Given::Any(&Given::Block(&[("emptyDir", Given::Map)])),
        SOURCE,
    )
    .only(|scene| {
        let content = scene.at("spec.bootstrapFrom.backupContentType").and_then(|it| it.as_str());
        scene.at("spec.bootstrapFrom.s3").is_some() && content == Some("Physical")
    }),
    patched("spec.storage.ephemeral", Given::Bool(false), SOURCE),
    patched("spec.storage.resizeInUseVolumes", Given::Bool(true), SOURCE)
        .only(|scene| !scene.is_on("spec.storage.ephemeral")),
    patched("spec.storage.waitForVolumeResize", Given::Bool(true), SOURCE)
        .only(|scene| !scene.is_on("spec.storage.ephemeral")),
    patched("spec.storage.volumeClaimTemplate", Given::Map, SOURCE)
        .only(|scene| scene.at("spec.storage.size").is_some()),
    patched("spec.storage.volumeClaimTemplate.resources", Given::Map, SOURCE),
    patched("spec.storage.volumeClaimTemplate.resources.requests", Given::Map, SOURCE),
    patched(
        "spec.storage.volumeClaimTemplate.resources.requests.storage",
        Given::Same("spec.storage.size"),
        SOURCE,
    ),
    patched(
        "spec.storage.volumeClaimTemplate.accessModes",
        Given::Texts(&["ReadWriteOnce"]),
        SOURCE,
    ),
    patched(
        "spec.storage.volumeClaimTemplate.storageClassName",
        Given::Same("spec.storage.storageClassName"),
        SOURCE,
    ),
    patched("spec.serviceAccountName", Given::Named(""), SOURCE),
];

pub(super) const METRICS: &[Filled] = &[
    exported("spec.metrics.exporter", Given::Map),
    exported(
        "spec.metrics.exporter.image",
        Given::Any(&Given::Text("prom/mysqld-exporter:v0.15.1")),
    ),
    exported("spec.metrics.exporter.port", Given::Int(9104)),
    exported("spec.metrics.username", Given::Named("-metrics")),
    exported("spec.metrics.passwordSecretKeyRef", Given::Map),
    exported("spec.metrics.passwordSecretKeyRef.name", Given::Named("-metrics-password")),
    exported("spec.metrics.passwordSecretKeyRef.key", Given::Text("password")),
    exported("spec.metrics.passwordSecretKeyRef.generate", Given::Bool(true)),
];

const fn exported(path: &'static str, value: Given) -> Filled {
    patched(path, value, SOURCE).only(|scene| scene.is_on("spec.metrics.enabled"))
}

/// The agent and the first container of a pod with replicas. Their images are those of the operator.
macro_rules! beside_replicas {
    ($field:ident: $($row:expr,)+) => {
        &[
            $($row,)+
            $field(concat!("spec.", stringify!($field), ".initContainer"), Given::Map),
            $field(concat!("spec.", stringify!($field), ".initContainer.image"), IMAGE),
            $field(concat!("spec.", stringify!($field), ".agent"), Given::Map),
            $field(concat!("spec.", stringify!($field), ".agent.image"), IMAGE),
            $field(concat!("spec.", stringify!($field), ".agent.port"), Given::Int(5555)),
            $field(concat!("spec.", stringify!($field), ".agent.probePort"), Given::Int(5566)),
            $field(
                concat!("spec.", stringify!($field), ".agent.kubernetesAuth"),
                Given::Block(&[("enabled", Given::Bool(true))]),
            ),
            $field(concat!("spec.", stringify!($field), ".agent.gracefulShutdownTimeout"), Given::Text("1s")),
        ]
    };
}

const IMAGE: Given = Given::Any(&Given::Text(
    "docker-registry3.mariadb.com/mariadb-operator/mariadb-operator:26.6.0",
));

const fn replication(path: &'static str, value: Given) -> Filled {
    const SOURCE: &str = "`SetDefaults` in `api/v1alpha1/mariadb_replication_types.go` and `base_types.go` of 25.10.4 and 26.6.0";
    patched(path, value, SOURCE).only(|scene| scene.is_on("spec.replication.enabled"))
}

pub(super) const REPLICATION: &[Filled] = beside_replicas! { replication:
    replication("spec.replication.primary", Given::Map),
    // A failover changes it.
    replication("spec.replication.primary.podIndex", Given::Any(&Given::Int(0))),
    replication("spec.replication.primary.autoFailover", Given::Bool(true)),
    replication("spec.replication.primary.autoFailoverDelay", Given::Text("0s")),
    replication("spec.replication.replica", Given::Map),
    replication("spec.replication.replica.replPasswordSecretKeyRef", Given::Map),
    replication("spec.replication.replica.replPasswordSecretKeyRef.name", Given::Named("-repl-password")),
    replication("spec.replication.replica.replPasswordSecretKeyRef.key", Given::Text("password")),
    replication("spec.replication.replica.replPasswordSecretKeyRef.generate", Given::Bool(true)),
    replication("spec.replication.replica.gtid", Given::Text("CurrentPos")),
    replication("spec.replication.replica.syncTimeout", Given::Text("10s")),
    replication("spec.replication.gtidStrictMode", Given::Bool(true)),
    replication("spec.replication.semiSyncEnabled", Given::Bool(true)),
    replication("spec.replication.standaloneProbes", Given::Bool(false)),
};

const fn galera(path: &'static str, value: Given) -> Filled {
    const SOURCE: &str = "`SetDefaults` in `api/v1alpha1/mariadb_galera_types.go` and `base_types.go` of 25.10.4 and 26.6.0";
    patched(path, value, SOURCE).only(|scene| scene.is_on("spec.galera.enabled"))
}

const fn recovered(path: &'static str, value: Given) -> Filled {
    galera(path, value).only(|scene| scene.is_on("spec.galera.recovery.enabled"))
}

pub(super) const GALERA: &[Filled] = beside_replicas! { galera:
    galera("spec.galera.primary", Given::Map),
    // A failover changes it.
    galera("spec.galera.primary.podIndex", Given::Any(&Given::Int(0))),
    galera("spec.galera.primary.autoFailover", Given::Bool(true)),
    galera("spec.galera.sst", Given::Text("mariabackup")),
    galera("spec.galera.availableWhenDonor", Given::Bool(false)),
    // It comes from the operator's environment.
    galera("spec.galera.galeraLibPath", Given::Any(&Given::Text("/usr/lib/galera/libgalera_smm.so"))),
    galera("spec.galera.replicaThreads", Given::Int(1)),
    galera("spec.galera.config", Given::Map),
    galera("spec.galera.config.reuseStorageVolume", Given::Bool(false)),
    galera(
        "spec.galera.config.volumeClaimTemplate",
        Given::Block(&[
            ("resources", Given::Block(&[("requests", Given::Block(&[("storage", Given::Text("100Mi"))]))])),
            ("accessModes", Given::Texts(&["ReadWriteOnce"])),
        ]),
    ),
    galera("spec.galera.recovery", Given::Block(&[("enabled", Given::Bool(true))])),
    recovered("spec.galera.recovery.minClusterSize", Given::Int(1)),
    recovered("spec.galera.recovery.clusterMonitorInterval", Given::Text("10s")),
    recovered("spec.galera.recovery.clusterHealthyTimeout", Given::Text("30s")),
    recovered("spec.galera.recovery.clusterBootstrapTimeout", Given::Text("10m0s")),
    recovered("spec.galera.recovery.clusterUpscaleTimeout", Given::Text("5m0s")),
    recovered("spec.galera.recovery.clusterDownscaleTimeout", Given::Text("5m0s")),
    recovered("spec.galera.recovery.podRecoveryTimeout", Given::Text("5m0s")),
    recovered("spec.galera.recovery.podSyncTimeout", Given::Text("5m0s")),
};
