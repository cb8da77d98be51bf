//! Backup and PhysicalBackup.

use super::{Case, goes, same, spec};
use crate::diff::finding::Level::{Blocked, DataLoss, None, Rollout};

pub(super) fn cases() -> Vec<Case> {
    let both = ["Backup", "PhysicalBackup"].into_iter().flat_map(of_both);
    both.chain(of_one()).chain(going()).collect()
}

fn of_both(kind: &'static str) -> Vec<Case> {
    const PULL: &str = "{imagePullSecrets: [{name: x}]}";
    const STAGED: &str = "{stagingStorage: \
                          {persistentVolumeClaim: {resources: {requests: {storage: 1Gi}}}}}";
    let of = |before, after, field, level, words| spec(kind, before, after, field, level, words);
    let volume = |size| {
        format!(
            "{{storage: {{persistentVolumeClaim: {{resources: {{requests: {{storage: {size}}}}}}}}}}}"
        )
    };
    let size = "persistentVolumeClaim.resources.requests.storage";
    vec![
        of("{}", "{mariaDbRef: {name: other}}", "mariaDbRef.name", Blocked, "immutable"),
        of("{}", &volume("20Gi"), &format!("storage.{size}"), Blocked, "immutable"),
        same(kind, &volume("10Gi"), &volume("10240Mi")),
        of("{}", STAGED, "stagingStorage", Blocked, "immutable"),
        of(STAGED, "{stagingStorage: null}", "stagingStorage", Blocked, "immutable"),
        of(
            STAGED,
            &STAGED.replace("1Gi", "2Gi"),
            &format!("stagingStorage.{size}"),
            Blocked,
            "immutable",
        ),
        of("{}", "{restartPolicy: Never}", "restartPolicy", Blocked, "immutable"),
        of("{}", "{serviceAccountName: x}", "serviceAccountName", Blocked, "at birth"),
        of("{}", "{priorityClassName: x}", "priorityClassName", Blocked, "immutable"),
        of("{}", PULL, "imagePullSecrets", Blocked, "immutable").mariadb("25.10"),
        of("{}", PULL, "imagePullSecrets", Rollout, "acts on it"),
        // As a whole, it is judged by itself.
        of("{}", "{schedule: null}", "schedule", Rollout, "acts on it"),
        // The operator has written it by then.
        of("{maxRetention: null}", "{maxRetention: 720h}", "maxRetention", None, ""),
        of("{maxRetention: null}", "{maxRetention: 720h0m0s}", "maxRetention", None, ""),
        same(kind, "{maxRetention: 720h}", "{maxRetention: 720h0m0s}"),
    ]
}

fn of_one() -> Vec<Case> {
    let kept =
        |kind, before, after, level, words| spec(kind, before, after, "maxRetention", level, words);
    const UNSET: &str = "{maxRetention: null}";
    const DAYS: &str = "{maxRetention: 48h}";
    const MONTH: &str = "{maxRetention: 720h}";
    vec![
        kept("Backup", UNSET, DAYS, Blocked, "at birth"),
        kept("Backup", DAYS, MONTH, Blocked, "at birth"),
        kept("Backup", MONTH, UNSET, Blocked, "at birth"),
        kept("PhysicalBackup", UNSET, DAYS, Rollout, "acts on it"),
        kept("PhysicalBackup", DAYS, MONTH, Rollout, "acts on it"),
        kept("PhysicalBackup", DAYS, UNSET, Rollout, "acts on it"),
        spec(
            "Backup",
            "{affinity: {antiAffinityEnabled: true}}",
            "{affinity: {antiAffinityEnabled: false}}",
            "affinity.antiAffinityEnabled",
            Blocked,
            "immutable",
        ),
        spec(
            "Backup",
            "{}",
            "{schedule: {cron: \"0 5 * * *\"}}",
            "schedule.cron",
            Rollout,
            "acts on it",
        ),
        spec(
            "PhysicalBackup",
            "{}",
            "{schedule: {cron: \"0 5 * * *\"}}",
            "schedule.cron",
            Blocked,
            "immutable",
        ),
    ]
}

/// As it is rendered, one has a volume, a schedule and the marks of its engine.
fn going() -> Vec<Case> {
    const ONCE: &str = "{spec: {schedule: null}}";
    const IN_STORE: &str = "{spec: {storage: {persistentVolumeClaim: null, s3: {bucket: b}}}}";
    const UNMARKED: &str = "{metadata: {annotations: {kustomize.toolkit.fluxcd.io/prune: null, \
                            argocd.argoproj.io/sync-options: null}}}";
    const RETIRED: &str = "{metadata: {annotations: {sitewright/lifecycle: retired}}}";
    let of = |kind| {
        vec![
            goes(kind, &[], Rollout, "goes on taking backups"),
            goes(kind, &[RETIRED], Rollout, "goes on taking backups"),
            goes(kind, &[ONCE], Rollout, "stays in the cluster with its volume; "),
            goes(kind, &[UNMARKED], DataLoss, "the volume with the backups"),
            goes(kind, &[UNMARKED, RETIRED], DataLoss, "the volume with the backups"),
            goes(kind, &[UNMARKED, ONCE], DataLoss, "the volume with the backups"),
            goes(kind, &[IN_STORE], Rollout, "no more backups"),
            goes(kind, &[IN_STORE, UNMARKED], Rollout, "no more backups"),
            goes(kind, &[IN_STORE, ONCE], Rollout, "no more backups"),
        ]
    };
    ["Backup", "PhysicalBackup"].into_iter().flat_map(of).collect()
}
