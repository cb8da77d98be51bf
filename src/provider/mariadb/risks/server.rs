//! The risks of MariaDB and MaxScale.

use super::super::topology::{has_budget, takes_its_replicas, topology};
use super::{DEFAULTED, FIXED_PODS, IMMUTABLE, LEAVE, NEWER, PODS, RECREATE};
use crate::risk::Condition::{self, Has, Is, Older, Own, Retired, Smaller, WasSet};
use crate::risk::Level::{Blocked, Credential, DataLoss, Rollout};
use crate::risk::On::{Comes, Goes};
use crate::risk::{MIGRATE, Predicate, RETIRE, RETIRED, Rule, Table, field, on};

const OPENS: &str = "other people than before may be able to log in to the server";
const STATE: &str = "state settings in `myCnf` of the definition, where sitewright checks them";
const VOLUMES_GO: &str = "removing the object deletes the server's volumes";
const KEEP_VOLUMES: &str = "keep `whenDeleted: Retain`";
const TOPOLOGY: &str = "the operator cannot switch the topology of a server that exists";
const NEW_SERVER: &str = "make a new server of that topology, and restore a backup into it";
const BUDGET: &str = "the operator makes a PodDisruptionBudget once, and never changes it";
const DELETE_BUDGET: &str = "after the change, delete the PodDisruptionBudget `{name}` in the cluster: the operator \
                             makes it again";

const WHEN_DELETED: &str = "spec.storage.pvcRetentionPolicy.whenDeleted";

/// How many numbers of a version of MariaDB decide the form of its data files.
const DATA_FILES: usize = 2;

/// A server's topology does not take this number of replicas.
const WRONG_COUNT: Condition = Own(&Predicate {
    name: "WRONG_COUNT",
    holds: |scene| scene.object().is_some_and(|server| !takes_its_replicas(server)),
});
/// Replication or Galera of a server is switched on or off.
const SWITCHED: Condition = Own(&Predicate {
    name: "SWITCHED",
    holds: |scene| {
        scene.change.base.as_ref().map(topology) != scene.change.head.as_ref().map(topology)
    },
});
/// The operator has made a PodDisruptionBudget for the server already.
const HAS_BUDGET: Condition = Own(&Predicate {
    name: "HAS_BUDGET",
    holds: |scene| scene.change.base.as_ref().is_some_and(has_budget),
});

const MARIADB: &str = "api/v1alpha1/mariadb_types.go of mariadb-operator 26.6.0";
const GALERA: &str = "api/v1alpha1/mariadb_galera_types.go of mariadb-operator 26.6.0";
const REPLICATION: &str = "api/v1alpha1/mariadb_replication_types.go of mariadb-operator 26.6.0";
const PODS_25: &str = "api/v1alpha1/base_types.go of mariadb-operator 25.10.4";
const MAXSCALE: &str = "api/v1alpha1/maxscale_types.go of mariadb-operator 26.6.0";
const BUDGETS: &str =
    "reconcileDefaultPDB in internal/controller/mariadb_controller.go of mariadb-operator 26.6.0";

pub(super) const TABLE: Table = Table {
    rules: RULES,
    #[cfg(test)]
    cases: tests::cases,
};

#[rustfmt::skip]
const RULES: &[Rule] = &[
    field("MariaDB", "spec.storage.size", &[Smaller], DataLoss, "a volume cannot shrink: the change is refused, and a new server would be empty", "keep the old size"),
    field("MariaDB", "spec.storage.size", &[], Rollout, "the volumes grow", ""),
    field("MariaDB", "spec.storage.storageClassName", &[], Blocked, IMMUTABLE, MIGRATE),
    field("MariaDB", "spec.storage.pvcRetentionPolicy.whenScaled", &[], Rollout, "the field decides whether the volume of a replica is deleted when the replica is removed", ""),
    field("MariaDB", "spec.storage.pvcRetentionPolicy", &[Is(WHEN_DELETED, "Delete")], DataLoss, VOLUMES_GO, KEEP_VOLUMES),
    field("MariaDB", "spec.storage.ephemeral", &[], Blocked, DEFAULTED, LEAVE),
    field("MariaDB", "spec.rootPasswordSecretKeyRef", &[], Blocked, DEFAULTED, LEAVE),
    field("MariaDB", "spec.rootEmptyPassword", &[], Blocked, DEFAULTED, LEAVE),
    field("MariaDB", "spec.serviceAccountName", &[], Blocked, DEFAULTED, LEAVE),
    field("MariaDB", "spec.affinity.antiAffinityEnabled", &[], Blocked, IMMUTABLE, LEAVE).read_in(PODS),
    field("MariaDB", "spec.bootstrapFrom.targetRecoveryTime", &[], Blocked, IMMUTABLE, LEAVE).read_in(MARIADB),
    field("MariaDB", "spec.bootstrapFrom.stagingStorage", &[], Blocked, IMMUTABLE, LEAVE).read_in(MARIADB),
    field("MariaDB", "spec.bootstrapFrom", &[WasSet], Blocked, IMMUTABLE, LEAVE).read_in(MARIADB),
    field("MariaDB", "spec.bootstrapFrom", &[], DataLoss, "the operator restores the backup over the data that the server has by now", "make a new server that starts from the backup"),
    field("MariaDB", "spec.timeZone", &[], Blocked, IMMUTABLE, LEAVE),
    field("MariaDB", "spec.database", &[], Blocked, IMMUTABLE, LEAVE),
    field("MariaDB", "spec.username", &[], Blocked, IMMUTABLE, LEAVE),
    field("MariaDB", "spec.connection", &[], Blocked, IMMUTABLE, LEAVE),
    field("MariaDB", "spec.primaryConnection", &[], Blocked, IMMUTABLE, LEAVE).read_in(MARIADB),
    field("MariaDB", "spec.secondaryConnection", &[], Blocked, IMMUTABLE, LEAVE).read_in(MARIADB),
    field("MariaDB", "spec.volumes", &[FIXED_PODS], Blocked, IMMUTABLE, NEWER).read_in(PODS_25),
    field("MariaDB", "spec.volumeMounts", &[FIXED_PODS], Blocked, IMMUTABLE, NEWER).read_in(PODS_25),
    field("MariaDB", "spec.imagePullSecrets", &[FIXED_PODS], Blocked, IMMUTABLE, NEWER).read_in(PODS_25),
    field("MariaDB", "spec.galera", &[SWITCHED], Blocked, TOPOLOGY, NEW_SERVER),
    field("MariaDB", "spec.galera.config", &[], Blocked, DEFAULTED, LEAVE).read_in(GALERA),
    field("MariaDB", "spec.galera.gtidDomainId", &[], Blocked, IMMUTABLE, LEAVE).read_in(GALERA),
    field("MariaDB", "spec.galera.serverId", &[], Blocked, IMMUTABLE, LEAVE).read_in(GALERA),
    field("MariaDB", "spec.replication", &[SWITCHED], Blocked, TOPOLOGY, NEW_SERVER),
    field("MariaDB", "spec.replication.gtidDomainId", &[], Blocked, IMMUTABLE, LEAVE).read_in(REPLICATION),
    field("MariaDB", "spec.replication.serverIdStartIndex", &[], Blocked, IMMUTABLE, LEAVE).read_in(REPLICATION),
    field("MariaDB", "spec.podDisruptionBudget", &[HAS_BUDGET], Blocked, BUDGET, DELETE_BUDGET).read_in(BUDGETS),
    field("MariaDB", "spec.image", &[Older(DATA_FILES)], DataLoss, "MariaDB cannot read the data files of a newer version", "restore a backup into a server of the older version"),
    field("MariaDB", "spec.image", &[], Rollout, "the server restarts with another image", ""),
    field("MariaDB", "spec.replicas", &[WRONG_COUNT], Blocked, "the server's topology does not allow this number of replicas: the change is refused", "state one replica without a topology, several with replication, an odd number with Galera"),
    field("MariaDB", "spec.replicas", &[], Rollout, "replicas are added or removed", ""),
    field("MariaDB", "spec.resources", &[], Rollout, "the server restarts", ""),
    field("MariaDB", "spec.args", &[], Credential, OPENS, STATE),
    field("MariaDB", "spec.command", &[], Credential, OPENS, STATE),
    field("MariaDB", "spec.myCnfConfigMapKeyRef", &[], Credential, OPENS, STATE),
    field("MariaDB", "spec.myCnf", &[], Rollout, "the server restarts with other settings", ""),
    on("MariaDB", Comes, &[Is(WHEN_DELETED, "Delete")], DataLoss, VOLUMES_GO, KEEP_VOLUMES),
    on("MariaDB", Comes, &[Is("spec.rootEmptyPassword", "true")], Credential, "anybody can log in as root", "leave it out"),
    on("MariaDB", Comes, &[Has("spec.args")], Credential, OPENS, STATE),
    on("MariaDB", Comes, &[Has("spec.command")], Credential, OPENS, STATE),
    on("MariaDB", Comes, &[Has("spec.myCnfConfigMapKeyRef")], Credential, OPENS, STATE),
    on("MariaDB", Goes, &[Is(WHEN_DELETED, "Delete")], DataLoss, VOLUMES_GO, KEEP_VOLUMES),
    on("MariaDB", Goes, &[Retired], Rollout, RETIRED, ""),
    on("MariaDB", Goes, &[], DataLoss, "the server is deleted, and every site on it fails; its volumes stay", RETIRE),

    field("MaxScale", "spec.mariaDbRef", &[], Blocked, IMMUTABLE, RECREATE).read_in(MAXSCALE),
    field("MaxScale", "spec.services", &[], Blocked, "routers and ports of services are immutable: the change is refused", RECREATE).read_in(MAXSCALE),
];

#[cfg(test)]
mod tests {
    use super::DATA_FILES;
    use crate::risk::Level::{Blocked, Credential, DataLoss, None, Rollout};
    use crate::risk::case::{Case, comes, goes, same, spec};
    use crate::risk::is_older;

    const RETIRED: &str = "{metadata: {annotations: {sitewright/lifecycle: retired}}}";
    const DELETES: &str =
        "{spec: {storage: {pvcRetentionPolicy: {whenDeleted: Delete, whenScaled: Retain}}}}";
    const GALERA: &str = "{replicas: 3, galera: {enabled: true}}";
    const REPLICATION: &str = "{replicas: 3, replication: {enabled: true}}";

    pub(super) fn cases() -> Vec<Case> {
        [storage(), fixed(), pods(), topologies(), replicas(), budgets(), others()]
            .into_iter()
            .flatten()
            .collect()
    }

    fn of(
        before: &str,
        after: &str,
        field: &str,
        level: crate::risk::Level,
        words: &'static str,
    ) -> Case {
        spec("MariaDB", before, after, field, level, words)
    }

    #[expect(clippy::too_many_lines, reason = "a table of cases")]
    fn storage() -> Vec<Case> {
        let size = |after, level, words| {
            of("{storage: {size: 10Gi}}", after, "storage.size", level, words)
        };
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
                "volume of a replica",
            ),
            of(
                "{storage: {pvcRetentionPolicy: {whenDeleted: Delete}}}",
                "{storage: {pvcRetentionPolicy: {whenDeleted: Retain}}}",
                "storage.pvcRetentionPolicy.whenDeleted",
                Rollout,
                "acts on it",
            ),
            of(
                "{}",
                "{storage: {ephemeral: true}}",
                "storage.ephemeral",
                Blocked,
                "when it creates the object",
            ),
            comes("MariaDB", "{}", None, ""),
            comes("MariaDB", DELETES, DataLoss, "deletes the server's volumes"),
            goes("MariaDB", &[], DataLoss, "every site on it fails"),
            goes("MariaDB", &[RETIRED], Rollout, "retired before"),
            goes("MariaDB", &[RETIRED, DELETES], DataLoss, "deletes the server's volumes"),
            goes("MariaDB", &[DELETES], DataLoss, "deletes the server's volumes"),
        ]
    }

    /// Cases of fields that cannot change after the creation of a server.
    #[expect(clippy::too_many_lines, reason = "a table of cases")]
    fn fixed() -> Vec<Case> {
        const STARTED: &str = "{bootstrapFrom: {backupRef: {name: old}}}";
        vec![
            of(
                "{}",
                "{rootPasswordSecretKeyRef: {name: other}}",
                "rootPasswordSecretKeyRef.name",
                Blocked,
                "when it creates the object",
            ),
            of(
                "{}",
                "{rootPasswordSecretKeyRef: null}",
                "rootPasswordSecretKeyRef",
                Blocked,
                "when it creates the object",
            ),
            of(
                "{}",
                "{rootEmptyPassword: true}",
                "rootEmptyPassword",
                Blocked,
                "when it creates the object",
            ),
            of(
                "{}",
                "{serviceAccountName: x}",
                "serviceAccountName",
                Blocked,
                "when it creates the object",
            ),
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
            of(
                "{}",
                "{primaryConnection: {secretName: c}}",
                "primaryConnection",
                Blocked,
                "immutable",
            ),
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
            of("{}", VOLUMES, "volumes", Blocked, FIXED).under("mariadb-operator", "25.10"),
            of("{}", VOLUMES, "volumes", Rollout, "acts on it"),
            of("{}", MOUNTS, "volumeMounts", Blocked, FIXED).under("mariadb-operator", "25.10"),
            of("{}", MOUNTS, "volumeMounts", Rollout, "acts on it"),
            of("{}", PULL, "imagePullSecrets", Blocked, FIXED).under("mariadb-operator", "25.10"),
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
            of("{}", GALERA, "replicas", Rollout, "added or removed"),
            of(
                GALERA,
                "{galera: {enabled: false}, replicas: 1}",
                "galera.enabled",
                Blocked,
                SWITCH,
            ),
            of(GALERA, "{galera: null, replicas: 1}", "galera", Blocked, SWITCH),
            of("{galera: {enabled: false}}", "{galera: null}", "galera", Rollout, "acts on it"),
            of(
                GALERA,
                "{galera: {replicaThreads: 2}}",
                "galera.replicaThreads",
                Rollout,
                "acts on it",
            ),
            of("{}", REPLICATION, "replication", Blocked, SWITCH),
            of(
                GALERA,
                "{galera: null, replication: {enabled: true}}",
                "replication",
                Blocked,
                SWITCH,
            ),
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
                "when it creates the object",
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
        const COUNT: &str = "does not allow this number";
        let to = |before, after, level, words| of(before, after, "replicas", level, words);
        vec![
            to("{}", "{replicas: 2}", Blocked, COUNT),
            to("{replicas: 1}", "{replicas: null}", Rollout, "added or removed"),
            to(GALERA, "{replicas: 5}", Rollout, "added or removed"),
            to(GALERA, "{replicas: 4}", Blocked, COUNT),
            to(GALERA, "{replicas: 4, replicasAllowEvenNumber: true}", Rollout, "added or removed"),
            to(GALERA, "{replicas: 1}", Blocked, COUNT),
            to(REPLICATION, "{replicas: 2}", Rollout, "added or removed"),
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
        const OPENS: &str = "may be able to log in";
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
            of(
                "{}",
                "{myCnfConfigMapKeyRef: {name: x}}",
                "myCnfConfigMapKeyRef",
                Credential,
                OPENS,
            ),
            of("{}", "{myCnf: other}", "myCnf", Rollout, "other settings"),
            of("{}", "{suspend: true}", "suspend", Rollout, "acts on it"),
            comes("MariaDB", "{spec: {rootEmptyPassword: true}}", Credential, "log in as root"),
            comes("MariaDB", "{spec: {rootEmptyPassword: false}}", None, ""),
            comes("MariaDB", "{spec: {args: [--skip-grant-tables]}}", Credential, OPENS),
            comes("MariaDB", "{spec: {command: [x]}}", Credential, OPENS),
            comes("MariaDB", "{spec: {myCnfConfigMapKeyRef: {name: x}}}", Credential, OPENS),
            spec(
                "MaxScale",
                REF,
                "{mariaDbRef: {name: b}}",
                "mariaDbRef.name",
                Blocked,
                "immutable",
            ),
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

    #[test]
    fn versions_of_servers_are_compared_by_what_their_data_files_mean() {
        let older = |old, new| is_older(old, new, DATA_FILES);
        for (old, new) in [
            ("mariadb:10.11.6", "mariadb:10.6"),
            ("mariadb:10.11-jammy", "mariadb:10.6-jammy"),
            ("mariadb:10.11-jammy", "mariadb:10.6"),
            ("mariadb:11.8-ubi9", "mariadb:11.4-ubi9"),
            ("mariadb:11.8@sha256:1a", "mariadb:10.6@sha256:9a"),
            ("registry.example:5000/db/maria:11.8", "registry.example:5000/db/maria:11.4"),
        ] {
            assert!(older(old, new) && !older(new, old), "{old} {new}");
        }
        for (one, other) in [
            ("docker.io/library/mariadb:10.11.6", "mariadb:10.11"),
            ("mariadb:10.11.8-jammy", "mariadb:10.11.6-noble"),
            ("mariadb:10.11", "mariadb:lts-ubi9"),
            ("mariadb:10.11@sha256:9a", "mariadb:10.11@sha256:1a"),
            ("registry.example:5000/mariadb", "registry.example:5001/mariadb"),
        ] {
            assert!(!older(one, other) && !older(other, one), "{one} {other}");
        }
    }
}
