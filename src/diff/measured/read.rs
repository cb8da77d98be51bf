//! Changes that nobody measured, and what the sources of the operators make of them.

use super::objects::{Rendered, changed, patch};
use super::speaking;
use crate::diff::risk::Level;
use crate::diff::rules::{RULES, Rule};
use crate::operator::Mariadb;
use serde_json::{Value as Json, json};

/// A change of an object, by patches of it: the first makes what it was before.
struct Case {
    kind: &'static str,
    before: Json,
    after: Json,
    /// The field that is looked at.
    field: &'static str,
    level: Level,
    mariadb: &'static Mariadb,
}

fn case(
    kind: &'static str,
    before: Json,
    after: Json,
    (field, level): (&'static str, Level),
) -> Case {
    Case { kind, before, after, field, level, mariadb: Mariadb::of("26.6") }
}

/// A change of `spec` alone.
fn spec(
    kind: &'static str,
    before: Json,
    after: Json,
    (field, level): (&'static str, Level),
) -> Case {
    case(kind, json!({"spec": before}), json!({"spec": after}), (field, level))
}

impl Case {
    fn on_25_10(self) -> Self {
        Self { mariadb: Mariadb::of("25.10"), ..self }
    }
}

fn of_servers() -> Vec<Case> {
    use Level::{Blocked, Rollout};
    let server = |before, after, field, level| spec("MariaDB", before, after, (field, level));
    let galera = || json!({"replicas": 3, "galera": {"enabled": true}});
    let replication = || json!({"replicas": 3, "replication": {"enabled": true}});
    let started = || json!({"bootstrapFrom": {"backupRef": {"name": "old"}}});
    let affinity = |is_on: bool| json!({"affinity": {"antiAffinityEnabled": is_on}});
    let budget = |count: i64| json!({"podDisruptionBudget": {"maxUnavailable": count}});
    let with_budget = |mut server: Json| {
        patch(&mut server, &budget(1));
        server
    };
    let root = json!({"rootPasswordSecretKeyRef": {"generate": null}});
    let generate = json!({"rootPasswordSecretKeyRef": {"generate": true}});
    vec![
        server(root, generate, "spec.rootPasswordSecretKeyRef.generate", Blocked),
        server(
            json!({}),
            json!({"primaryConnection": {"secretName": "c"}}),
            "spec.primaryConnection",
            Blocked,
        ),
        server(
            json!({}),
            json!({"secondaryConnection": {"secretName": "c"}}),
            "spec.secondaryConnection",
            Blocked,
        ),
        // Where a backup came from.
        server(
            started(),
            json!({"bootstrapFrom": {"targetRecoveryTime": "2026-01-01T00:00:00Z"}}),
            "spec.bootstrapFrom.targetRecoveryTime",
            Blocked,
        ),
        server(
            started(),
            json!({"bootstrapFrom": {"stagingStorage": {"volume": {"emptyDir": {}}}}}),
            "spec.bootstrapFrom.stagingStorage",
            Blocked,
        ),
        server(
            started(),
            json!({"bootstrapFrom": {"backupRef": {"name": "new"}}}),
            "spec.bootstrapFrom.backupRef.name",
            Blocked,
        ),
        server(started(), json!({"bootstrapFrom": null}), "spec.bootstrapFrom", Blocked),
        server(json!({}), started(), "spec.bootstrapFrom", Level::DataLoss),
        // Pods.
        server(affinity(true), affinity(false), "spec.affinity.antiAffinityEnabled", Blocked),
        server(json!({}), affinity(true), "spec.affinity", Rollout),
        server(
            json!({}),
            json!({"volumeMounts": [{"name": "x", "mountPath": "/x"}]}),
            "spec.volumeMounts",
            Blocked,
        )
        .on_25_10(),
        server(
            json!({}),
            json!({"volumeMounts": [{"name": "x", "mountPath": "/x"}]}),
            "spec.volumeMounts",
            Rollout,
        ),
        server(
            json!({}),
            json!({"volumes": [{"name": "x", "emptyDir": {}}]}),
            "spec.volumes",
            Blocked,
        )
        .on_25_10(),
        server(
            json!({}),
            json!({"imagePullSecrets": [{"name": "x"}]}),
            "spec.imagePullSecrets",
            Blocked,
        )
        .on_25_10(),
        server(
            json!({}),
            json!({"imagePullSecrets": [{"name": "x"}]}),
            "spec.imagePullSecrets",
            Rollout,
        ),
        // Topologies.
        server(json!({}), galera(), "spec.galera", Blocked),
        server(json!({}), galera(), "spec.replicas", Rollout),
        server(
            galera(),
            json!({"galera": {"enabled": false}, "replicas": 1}),
            "spec.galera.enabled",
            Blocked,
        ),
        server(galera(), json!({"galera": null, "replicas": 1}), "spec.galera", Blocked),
        server(
            json!({"galera": {"enabled": false}}),
            json!({"galera": null}),
            "spec.galera",
            Rollout,
        ),
        server(
            galera(),
            json!({"galera": {"replicaThreads": 2}}),
            "spec.galera.replicaThreads",
            Rollout,
        ),
        server(json!({}), replication(), "spec.replication", Blocked),
        server(
            galera(),
            json!({"galera": null, "replication": {"enabled": true}}),
            "spec.replication",
            Blocked,
        ),
        server(galera(), json!({"replication": {"enabled": true}}), "spec.replication", Blocked),
        server(
            galera(),
            json!({"galera": {"config": {"reuseStorageVolume": true}}}),
            "spec.galera.config",
            Blocked,
        ),
        server(
            galera(),
            json!({"galera": {"gtidDomainId": 7}}),
            "spec.galera.gtidDomainId",
            Blocked,
        ),
        server(galera(), json!({"galera": {"serverId": 7}}), "spec.galera.serverId", Blocked),
        server(
            replication(),
            json!({"replication": {"gtidDomainId": 7}}),
            "spec.replication.gtidDomainId",
            Blocked,
        ),
        server(
            replication(),
            json!({"replication": {"serverIdStartIndex": 7}}),
            "spec.replication.serverIdStartIndex",
            Blocked,
        ),
        // Replicas.
        server(galera(), json!({"replicas": 5}), "spec.replicas", Rollout),
        server(galera(), json!({"replicas": 4}), "spec.replicas", Blocked),
        server(
            galera(),
            json!({"replicas": 4, "replicasAllowEvenNumber": true}),
            "spec.replicas",
            Rollout,
        ),
        server(galera(), json!({"replicas": 1}), "spec.replicas", Blocked),
        server(replication(), json!({"replicas": 2}), "spec.replicas", Rollout),
        server(replication(), json!({"replicas": 0}), "spec.replicas", Blocked),
        server(replication(), json!({"replicas": null}), "spec.replicas", Blocked),
        // Budgets.
        server(json!({}), budget(1), "spec.podDisruptionBudget", Rollout),
        server(budget(1), budget(0), "spec.podDisruptionBudget.maxUnavailable", Blocked),
        server(
            budget(1),
            json!({"podDisruptionBudget": null}),
            "spec.podDisruptionBudget",
            Blocked,
        ),
        server(galera(), budget(1), "spec.podDisruptionBudget", Blocked),
        server(json!({}), with_budget(galera()), "spec.podDisruptionBudget", Rollout),
    ]
}

fn of_backups() -> Vec<Case> {
    use Level::{Blocked, None, Rollout};
    let mut cases = Vec::new();
    for kind in ["Backup", "PhysicalBackup"] {
        let backup = |before, after, field, level| spec(kind, before, after, (field, level));
        let pull = || json!({"imagePullSecrets": [{"name": "x"}]});
        let staging = |size: &str| json!({"stagingStorage": {"persistentVolumeClaim": {"resources": {"requests": {"storage": size}}}}});
        const STAGED: &str = "spec.stagingStorage.persistentVolumeClaim.resources.requests.storage";
        cases.extend([
            backup(
                json!({}),
                json!({"serviceAccountName": "x"}),
                "spec.serviceAccountName",
                Blocked,
            ),
            backup(json!({}), json!({"priorityClassName": "x"}), "spec.priorityClassName", Blocked),
            backup(json!({}), pull(), "spec.imagePullSecrets", Blocked).on_25_10(),
            backup(json!({}), pull(), "spec.imagePullSecrets", Rollout),
            backup(staging("1Gi"), staging("2Gi"), STAGED, Blocked),
            backup(staging("1Gi"), json!({"stagingStorage": null}), "spec.stagingStorage", Blocked),
            // As a whole, it is judged by itself.
            backup(json!({}), json!({"schedule": null}), "spec.schedule", Rollout),
        ]);
    }
    let retention = |time: &str| json!({"maxRetention": time});
    let kept = |kind, before, after, level| spec(kind, before, after, ("spec.maxRetention", level));
    let affinity = |is_on: bool| json!({"affinity": {"antiAffinityEnabled": is_on}});
    cases.extend([
        spec(
            "Backup",
            affinity(true),
            affinity(false),
            ("spec.affinity.antiAffinityEnabled", Blocked),
        ),
        kept("Backup", json!({}), retention("48h"), Blocked),
        // The operator has written that by then.
        kept("Backup", json!({}), retention("720h0m0s"), None),
        kept("Backup", retention("48h"), retention("720h"), Blocked),
        kept("Backup", retention("720h"), json!({"maxRetention": null}), Blocked),
        kept("PhysicalBackup", retention("48h"), retention("72h"), Rollout),
        kept("PhysicalBackup", retention("48h"), json!({"maxRetention": null}), Rollout),
    ]);
    cases
}

fn of_users() -> Vec<Case> {
    use Level::{Blocked, Credential};
    let key = || json!({"name": "a", "key": "b"});
    let by_hash = || json!({"passwordSecretKeyRef": null, "passwordHashSecretKeyRef": key()});
    let by_plugin = || json!({"passwordSecretKeyRef": null, "passwordPlugin": {"pluginNameSecretKeyRef": key()}});
    let user = |before, after, field, level| spec("User", before, after, (field, level));
    vec![
        user(
            by_hash(),
            json!({"passwordSecretKeyRef": key()}),
            "spec.passwordSecretKeyRef",
            Blocked,
        ),
        user(json!({}), by_hash(), "spec.passwordHashSecretKeyRef", Credential),
        user(json!({}), by_hash(), "spec.passwordSecretKeyRef", Credential),
        user(json!({}), by_plugin(), "spec.passwordPlugin", Credential),
        user(
            by_plugin(),
            json!({"passwordHashSecretKeyRef": key()}),
            "spec.passwordHashSecretKeyRef",
            Blocked,
        ),
    ]
}

/// Of kinds that the webhook of mariadb-operator does not see, and of one that nobody measured.
fn of_others() -> Vec<Case> {
    use Level::{Blocked, Credential};
    const WIDER: [&str; 2] = [
        "metadata.annotations.sealedsecrets.bitnami.com/namespace-wide",
        "metadata.annotations.sealedsecrets.bitnami.com/cluster-wide",
    ];
    let sealed = |text: &str| json!({"encryptedData": {"password": text}});
    let scope = |name: &str| json!({"metadata": {"annotations": {name: "true"}}});
    let read = |key: &str| json!({"data": key});
    let store = |name: &str| json!({"secretStoreRef": {"name": name}});
    let services = |router: &str| json!({"services": [{"name": "rw", "router": router}]});
    let server = |name: &str| json!({"mariaDbRef": {"name": name}});
    let class = json!({"storageClassName": "other"});
    vec![
        spec("FrappeBench", json!({}), class, ("spec.storageClassName", Blocked)),
        spec("MaxScale", server("a"), server("b"), ("spec.mariaDbRef.name", Blocked)),
        spec("MaxScale", services("a"), services("b"), ("spec.services.[rw].router", Blocked)),
        spec("SealedSecret", sealed("a"), sealed("b"), ("spec.encryptedData.password", Blocked))
            .on_25_10(),
        spec("SealedSecret", sealed("a"), sealed("b"), ("spec.encryptedData.password", Credential)),
        spec("ExternalSecret", read("a"), read("b"), ("spec.data", Blocked)).on_25_10(),
        spec("ExternalSecret", read("a"), read("b"), ("spec.data", Credential)),
        spec("ExternalSecret", store("a"), store("b"), ("spec.secretStoreRef.name", Blocked))
            .on_25_10(),
        spec("ExternalSecret", store("a"), store("b"), ("spec.secretStoreRef.name", Credential)),
        case(
            "SealedSecret",
            json!({}),
            scope("sealedsecrets.bitnami.com/namespace-wide"),
            (WIDER[0], Blocked),
        ),
        case(
            "SealedSecret",
            json!({}),
            scope("sealedsecrets.bitnami.com/cluster-wide"),
            (WIDER[1], Blocked),
        ),
    ]
}

/// An object as it is rendered, or one that has nothing but the name of a server's root password.
fn object(rendered: &Rendered, kind: &str) -> Json {
    match kind {
        "MaxScale" | "SealedSecret" | "ExternalSecret" => json!({
            "apiVersion": "example.com/v1", "kind": kind,
            "metadata": {"name": "db-root", "namespace": "erp"}, "spec": {},
        }),
        kind => rendered.object(kind),
    }
}

#[test]
fn what_was_read_is_judged_so_and_every_rule_that_was_read_has_a_case() {
    let rendered = Rendered::new();
    let mut wrong = Vec::new();
    let mut spoke: Vec<&Rule> = Vec::new();
    for case in [of_servers(), of_backups(), of_users(), of_others()].into_iter().flatten() {
        let mut before = object(&rendered, case.kind);
        patch(&mut before, &case.before);
        let mut after = before.clone();
        patch(&mut after, &case.after);
        let change = changed(&before, &after, case.mariadb);
        let found = change.as_ref().and_then(|change| {
            change.findings.iter().find(|finding| finding.field.as_deref() == Some(case.field))
        });
        let level = found.map(|finding| finding.level);
        if level != Some(case.level) {
            let Case { kind, field, after, .. } = &case;
            wrong.push(format!("{level:?}, not {:?}: {kind} {field} by {after}", case.level));
        }
        spoke.extend(change.iter().flat_map(|change| speaking(change, case.mariadb)));
    }
    let read = RULES.iter().filter(|rule| rule.source.is_some());
    let without = read.filter(|rule| !spoke.contains(rule));
    wrong.extend(without.map(|rule| format!("no change is judged by {rule:?}")));
    assert!(wrong.is_empty(), "{wrong:#?}");
}
