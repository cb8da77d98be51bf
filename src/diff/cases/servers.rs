//! MariaDB, ExternalMariaDB and MaxScale.

use super::{Case, comes, goes, same, spec};
use crate::diff::finding::Level::{Blocked, Credential, DataLoss, None, Rollout};

const RETIRED: &str = "{metadata: {annotations: {sitewright/lifecycle: retired}}}";
const DELETES: &str =
    "{spec: {storage: {pvcRetentionPolicy: {whenDeleted: Delete, whenScaled: Retain}}}}";
const GALERA: &str = "{replicas: 3, galera: {enabled: true}}";
const REPLICATION: &str = "{replicas: 3, replication: {enabled: true}}";

pub(super) fn cases() -> Vec<Case> {
    [storage(), fixed(), pods(), topologies(), replicas(), budgets(), others(), outside()]
        .into_iter()
        .flatten()
        .collect()
}

fn of(
    before: &str,
    after: &str,
    field: &str,
    level: crate::diff::finding::Level,
    words: &'static str,
) -> Case {
    spec("MariaDB", before, after, field, level, words)
}

fn storage() -> Vec<Case> {
    let size =
        |after, level, words| of("{storage: {size: 10Gi}}", after, "storage.size", level, words);
    vec![
        size("{storage: {size: 9Gi}}", DataLoss, "cannot shrink"),
        size("{storage: {size: 10239Mi}}", DataLoss, "cannot shrink"),
        size("{storage: {size: 10G}}", DataLoss, "cannot shrink"),
        size("{storage: {size: 10241Mi}}", Rollout, "the volumes grow"),
        same("MariaDB", "{storage: {size: 10Gi}}", "{storage: {size: 10240Mi}}"),
        of(
            "{}",
            "{storage: {storageClassName: other}}",
            "storage.storageClassName",
            Blocked,
            "immutable",
        ),
        of(
            "{}",
            "{storage: {pvcRetentionPolicy: {whenDeleted: Delete}}}",
            "storage.pvcRetentionPolicy",
            DataLoss,
            "deletes the server's volumes",
        ),
        of(
            "{}",
            "{storage: {pvcRetentionPolicy: {whenScaled: Delete}}}",
            "storage.pvcRetentionPolicy",
            Rollout,
            "acts on it",
        ),
        of(
            "{storage: {pvcRetentionPolicy: {whenDeleted: Retain, whenScaled: Retain}}}",
            "{storage: {pvcRetentionPolicy: {whenDeleted: Delete, whenScaled: Delete}}}",
            "storage.pvcRetentionPolicy.whenDeleted",
            DataLoss,
            "deletes the server's volumes",
        ),
        of(
            "{storage: {pvcRetentionPolicy: {whenDeleted: Retain, whenScaled: Retain}}}",
            "{storage: {pvcRetentionPolicy: {whenDeleted: Delete, whenScaled: Delete}}}",
            "storage.pvcRetentionPolicy.whenScaled",
            Rollout,
            "a replica",
        ),
        of(
            "{storage: {pvcRetentionPolicy: {whenDeleted: Delete}}}",
            "{storage: {pvcRetentionPolicy: {whenDeleted: Retain}}}",
            "storage.pvcRetentionPolicy.whenDeleted",
            Rollout,
            "acts on it",
        ),
        of("{}", "{storage: {ephemeral: true}}", "storage.ephemeral", Blocked, "at birth"),
        comes("MariaDB", "{}", None, ""),
        comes("MariaDB", DELETES, DataLoss, "deletes the server's volumes"),
        goes("MariaDB", &[], DataLoss, "every site on it fails"),
        goes("MariaDB", &[RETIRED], Rollout, "retired before"),
        goes("MariaDB", &[RETIRED, DELETES], DataLoss, "deletes the server's volumes"),
        goes("MariaDB", &[DELETES], DataLoss, "deletes the server's volumes"),
    ]
}

/// What a server keeps from its birth.
fn fixed() -> Vec<Case> {
    const STARTED: &str = "{bootstrapFrom: {backupRef: {name: old}}}";
    vec![
        of(
            "{}",
            "{rootPasswordSecretKeyRef: {name: other}}",
            "rootPasswordSecretKeyRef.name",
            Blocked,
            "at birth",
        ),
        of(
            "{}",
            "{rootPasswordSecretKeyRef: null}",
            "rootPasswordSecretKeyRef",
            Blocked,
            "at birth",
        ),
        of("{}", "{rootEmptyPassword: true}", "rootEmptyPassword", Blocked, "at birth"),
        of("{}", "{serviceAccountName: x}", "serviceAccountName", Blocked, "at birth"),
        of(
            STARTED,
            "{bootstrapFrom: {targetRecoveryTime: \"2026-01-01T00:00:00Z\"}}",
            "bootstrapFrom.targetRecoveryTime",
            Blocked,
            "immutable",
        ),
        of(
            STARTED,
            "{bootstrapFrom: {stagingStorage: {volume: {emptyDir: {}}}}}",
            "bootstrapFrom.stagingStorage",
            Blocked,
            "immutable",
        ),
        of(
            STARTED,
            "{bootstrapFrom: {backupRef: {name: new}}}",
            "bootstrapFrom.backupRef.name",
            Blocked,
            "immutable",
        ),
        of(STARTED, "{bootstrapFrom: null}", "bootstrapFrom", Blocked, "immutable"),
        of("{}", STARTED, "bootstrapFrom", DataLoss, "restores the backup over the data"),
        of("{}", "{timeZone: UTC}", "timeZone", Blocked, "immutable"),
        of("{}", "{database: d}", "database", Blocked, "immutable"),
        of("{}", "{username: u}", "username", Blocked, "immutable"),
        of("{}", "{connection: {secretName: c}}", "connection", Blocked, "immutable"),
        of("{}", "{primaryConnection: {secretName: c}}", "primaryConnection", Blocked, "immutable"),
        of(
            "{}",
            "{secondaryConnection: {secretName: c}}",
            "secondaryConnection",
            Blocked,
            "immutable",
        ),
    ]
}

fn pods() -> Vec<Case> {
    const VOLUMES: &str = "{volumes: [{name: x, emptyDir: {}}]}";
    const MOUNTS: &str = "{volumeMounts: [{name: x, mountPath: /x}]}";
    const PULL: &str = "{imagePullSecrets: [{name: x}]}";
    const FIXED: &str = "run mariadb-operator 26.6";
    vec![
        of(
            "{affinity: {antiAffinityEnabled: true}}",
            "{affinity: {antiAffinityEnabled: false}}",
            "affinity.antiAffinityEnabled",
            Blocked,
            "immutable",
        ),
        of("{}", "{affinity: {antiAffinityEnabled: true}}", "affinity", Rollout, "acts on it"),
        of("{}", VOLUMES, "volumes", Blocked, FIXED).mariadb("25.10"),
        of("{}", VOLUMES, "volumes", Rollout, "acts on it"),
        of("{}", MOUNTS, "volumeMounts", Blocked, FIXED).mariadb("25.10"),
        of("{}", MOUNTS, "volumeMounts", Rollout, "acts on it"),
        of("{}", PULL, "imagePullSecrets", Blocked, FIXED).mariadb("25.10"),
        of("{}", PULL, "imagePullSecrets", Rollout, "acts on it"),
        of(
            "{}",
            "{resources: {requests: {cpu: 5}}}",
            "resources.requests.cpu",
            Rollout,
            "restarts",
        ),
        same(
            "MariaDB",
            "{resources: {requests: {cpu: 1, memory: 2Gi}}}",
            "{resources: {requests: {cpu: 1000m, memory: 2048Mi}}}",
        ),
    ]
}

fn topologies() -> Vec<Case> {
    const SWITCH: &str = "cannot switch the topology";
    vec![
        of("{}", GALERA, "galera", Blocked, SWITCH),
        of("{}", GALERA, "replicas", Rollout, "come or go"),
        of(GALERA, "{galera: {enabled: false}, replicas: 1}", "galera.enabled", Blocked, SWITCH),
        of(GALERA, "{galera: null, replicas: 1}", "galera", Blocked, SWITCH),
        of("{galera: {enabled: false}}", "{galera: null}", "galera", Rollout, "acts on it"),
        of(GALERA, "{galera: {replicaThreads: 2}}", "galera.replicaThreads", Rollout, "acts on it"),
        of("{}", REPLICATION, "replication", Blocked, SWITCH),
        of(GALERA, "{galera: null, replication: {enabled: true}}", "replication", Blocked, SWITCH),
        of(GALERA, "{replication: {enabled: true}}", "replication", Blocked, SWITCH),
        of(
            REPLICATION,
            "{replication: {semiSyncEnabled: true}}",
            "replication.semiSyncEnabled",
            Rollout,
            "acts on it",
        ),
        of(
            GALERA,
            "{galera: {config: {reuseStorageVolume: true}}}",
            "galera.config",
            Blocked,
            "at birth",
        ),
        of(GALERA, "{galera: {gtidDomainId: 7}}", "galera.gtidDomainId", Blocked, "immutable"),
        of(GALERA, "{galera: {serverId: 7}}", "galera.serverId", Blocked, "immutable"),
        of(
            REPLICATION,
            "{replication: {gtidDomainId: 7}}",
            "replication.gtidDomainId",
            Blocked,
            "immutable",
        ),
        of(
            REPLICATION,
            "{replication: {serverIdStartIndex: 7}}",
            "replication.serverIdStartIndex",
            Blocked,
            "immutable",
        ),
    ]
}

fn replicas() -> Vec<Case> {
    const COUNT: &str = "does not take this number";
    let to = |before, after, level, words| of(before, after, "replicas", level, words);
    vec![
        to("{}", "{replicas: 2}", Blocked, COUNT),
        to("{replicas: 1}", "{replicas: null}", Rollout, "come or go"),
        to(GALERA, "{replicas: 5}", Rollout, "come or go"),
        to(GALERA, "{replicas: 4}", Blocked, COUNT),
        to(GALERA, "{replicas: 4, replicasAllowEvenNumber: true}", Rollout, "come or go"),
        to(GALERA, "{replicas: 1}", Blocked, COUNT),
        to(REPLICATION, "{replicas: 2}", Rollout, "come or go"),
        to(REPLICATION, "{replicas: 0}", Blocked, COUNT),
        to(REPLICATION, "{replicas: null}", Blocked, COUNT),
    ]
}

fn budgets() -> Vec<Case> {
    const STATED: &str = "{podDisruptionBudget: {maxUnavailable: 1}}";
    const ONCE: &str = "makes a PodDisruptionBudget once";
    vec![
        of("{}", STATED, "podDisruptionBudget", Rollout, "acts on it"),
        of(
            STATED,
            "{podDisruptionBudget: {maxUnavailable: 0}}",
            "podDisruptionBudget.maxUnavailable",
            Blocked,
            ONCE,
        ),
        of(STATED, "{podDisruptionBudget: null}", "podDisruptionBudget", Blocked, ONCE),
        of(GALERA, STATED, "podDisruptionBudget", Blocked, ONCE),
        of(
            REPLICATION,
            STATED,
            "podDisruptionBudget",
            Blocked,
            "delete the PodDisruptionBudget `db`",
        ),
        of(
            "{}",
            "{replicas: 3, galera: {enabled: true}, podDisruptionBudget: {maxUnavailable: 1}}",
            "podDisruptionBudget",
            Rollout,
            "acts on it",
        ),
    ]
}

fn others() -> Vec<Case> {
    const OPENS: &str = "may let others in";
    let image = |before, after, level, words| {
        let of_image = |tag| format!("{{image: \"{tag}\"}}");
        of(&of_image(before), &of_image(after), "image", level, words)
    };
    vec![
        image("mariadb:10.11", "mariadb:10.6", DataLoss, "of a newer version"),
        image("mariadb:10.11-jammy", "mariadb:10.6-jammy", DataLoss, "of a newer version"),
        image("mariadb:10.11.8-jammy", "mariadb:10.11.6-jammy", Rollout, "another image"),
        image("mariadb:10.11-jammy", "mariadb:11.4-noble", Rollout, "another image"),
        of("{}", "{args: [--skip-grant-tables]}", "args", Credential, OPENS),
        of("{}", "{command: [x]}", "command", Credential, OPENS),
        of("{}", "{myCnfConfigMapKeyRef: {name: x}}", "myCnfConfigMapKeyRef", Credential, OPENS),
        of("{}", "{myCnf: other}", "myCnf", Rollout, "other settings"),
        of("{}", "{suspend: true}", "suspend", Rollout, "acts on it"),
        comes("MariaDB", "{spec: {rootEmptyPassword: true}}", Credential, "log in as root"),
        comes("MariaDB", "{spec: {rootEmptyPassword: false}}", None, ""),
        comes("MariaDB", "{spec: {args: [--skip-grant-tables]}}", Credential, OPENS),
        comes("MariaDB", "{spec: {command: [x]}}", Credential, OPENS),
        comes("MariaDB", "{spec: {myCnfConfigMapKeyRef: {name: x}}}", Credential, OPENS),
        spec("MaxScale", REF, "{mariaDbRef: {name: b}}", "mariaDbRef.name", Blocked, "immutable"),
        spec(
            "MaxScale",
            "{services: [{name: rw, router: a}]}",
            "{services: [{name: rw, router: b}]}",
            "services.[rw].router",
            Blocked,
            "routers and ports",
        ),
    ]
}

const REF: &str = "{mariaDbRef: {name: a}}";

/// Servers outside the cluster.
fn outside() -> Vec<Case> {
    const KIND: &str = "ExternalMariaDB";
    const BEFORE: &str = "{host: a, port: 3306, username: a, passwordSecretKeyRef: {name: a}}";
    const NONE_THERE: &str = "has none of the databases";
    let of = |after, field, level, words| spec(KIND, BEFORE, after, field, level, words);
    let tls = |before, after, field, level, words| spec(KIND, before, after, field, level, words);
    const ON: &str = "{tls: {enabled: true}}";
    vec![
        of("{host: b}", "host", DataLoss, NONE_THERE),
        of("{port: 3307}", "port", DataLoss, NONE_THERE),
        of("{username: b}", "username", Credential, "another account"),
        of(
            "{passwordSecretKeyRef: {name: b}}",
            "passwordSecretKeyRef.name",
            Credential,
            "elsewhere",
        ),
        tls(ON, "{tls: {enabled: false}}", "tls.enabled", Credential, "in clear text"),
        tls(ON, "{tls: null}", "tls", Credential, "in clear text"),
        tls(ON, "{tls: {mutual: false}}", "tls.mutual", Credential, "in another way"),
        tls("{}", ON, "tls", Credential, "in another way"),
        tls(
            "{tls: {enabled: false}}",
            "{tls: {mutual: false}}",
            "tls.mutual",
            Credential,
            "another",
        ),
        spec(
            "Service",
            "{externalName: a}",
            "{externalName: b}",
            "externalName",
            DataLoss,
            NONE_THERE,
        ),
        goes("Service", &[], Rollout, "out of service"),
        goes(KIND, &[], DataLoss, "nothing looks after the databases"),
        goes(KIND, &[RETIRED], Rollout, "retired before"),
    ]
}
