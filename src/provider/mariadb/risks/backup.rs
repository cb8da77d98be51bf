//! The risks of Backup and PhysicalBackup.

use super::{DEFAULTED, FIXED_PODS, IMMUTABLE, NEWER, PODS, RECREATE};
use crate::risk::Condition::{Has, Protected, Restates, Retired, Unprotected};
use crate::risk::Level::{Blocked, DataLoss, None, Rollout};
use crate::risk::On::Goes;
use crate::risk::{ARGO_PROTECTION, FLUX_PROTECTION, Rule, Table, field, on};

const UNPROTECTED: &str = "its engine may prune it from now on, and its volume is deleted with it";
const KEEP_DATA: &str = "state `data: keep`";
const VOLUME: &str = "spec.storage.persistentVolumeClaim";

const JOBS: &str =
    "api/v1alpha1/base_types.go and physicalbackup_types.go of mariadb-operator 26.6.0";
const JOBS_25: &str =
    "api/v1alpha1/base_types.go and physicalbackup_types.go of mariadb-operator 25.10.4";

pub(super) const TABLE: Table = Table {
    rules: RULES,
    #[cfg(test)]
    cases: tests::cases,
};

#[rustfmt::skip]
const RULES: &[Rule] = &[
    field("Backup PhysicalBackup", "spec.mariaDbRef", &[], Blocked, IMMUTABLE, RECREATE),
    field("Backup PhysicalBackup", "spec.storage", &[], Blocked, IMMUTABLE, RECREATE),
    field("Backup PhysicalBackup", "spec.stagingStorage", &[], Blocked, IMMUTABLE, RECREATE),
    field("Backup PhysicalBackup", "spec.restartPolicy", &[], Blocked, IMMUTABLE, RECREATE),
    field("Backup PhysicalBackup", "spec.serviceAccountName", &[], Blocked, DEFAULTED, RECREATE).read_in(JOBS),
    field("Backup PhysicalBackup", "spec.priorityClassName", &[], Blocked, IMMUTABLE, RECREATE).read_in(JOBS),
    field("Backup PhysicalBackup", "spec.imagePullSecrets", &[FIXED_PODS], Blocked, IMMUTABLE, NEWER).read_in(JOBS_25),
    field("Backup PhysicalBackup", "spec.maxRetention", &[Restates("720h")], None, "", ""),
    field("Backup", "spec.maxRetention", &[], Blocked, DEFAULTED, RECREATE),
    field("Backup", "spec.affinity.antiAffinityEnabled", &[], Blocked, IMMUTABLE, RECREATE).read_in(PODS),
    field("PhysicalBackup", "spec.schedule.cron", &[], Blocked, IMMUTABLE, RECREATE),
    // Only `data: delete` removes the protection.
    field("Backup PhysicalBackup", FLUX_PROTECTION, &[Unprotected, Retired, Has(VOLUME)], Rollout, UNPROTECTED, KEEP_DATA),
    field("Backup PhysicalBackup", ARGO_PROTECTION, &[Unprotected, Retired, Has(VOLUME)], Rollout, UNPROTECTED, KEEP_DATA),
    on("Backup PhysicalBackup", Goes, &[Has(VOLUME), Protected, Has("spec.schedule")], Rollout, "it stays in the cluster with its volume, and goes on taking backups", ""),
    on("Backup PhysicalBackup", Goes, &[Has(VOLUME), Protected], Rollout, "it stays in the cluster with its volume", ""),
    on("Backup PhysicalBackup", Goes, &[Has(VOLUME)], DataLoss, "the volume with the backups is deleted with it", "copy the backups first, then let the change pass with `--allow`"),
    on("Backup PhysicalBackup", Goes, &[], Rollout, "no more backups are taken", ""),
];

#[cfg(test)]
mod tests {
    use crate::risk::Level::{Blocked, DataLoss, None, Rollout};
    use crate::risk::case::{Case, goes, same, spec};

    pub(super) fn cases() -> Vec<Case> {
        let both = ["Backup", "PhysicalBackup"].into_iter().flat_map(of_both);
        both.chain(of_one()).chain(going()).collect()
    }

    fn of_both(kind: &'static str) -> Vec<Case> {
        const PULL: &str = "{imagePullSecrets: [{name: x}]}";
        const STAGED: &str = "{stagingStorage: \
                          {persistentVolumeClaim: {resources: {requests: {storage: 1Gi}}}}}";
        let of =
            |before, after, field, level, words| spec(kind, before, after, field, level, words);
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
            of(
                "{}",
                "{serviceAccountName: x}",
                "serviceAccountName",
                Blocked,
                "when it creates the object",
            ),
            of("{}", "{priorityClassName: x}", "priorityClassName", Blocked, "immutable"),
            of("{}", PULL, "imagePullSecrets", Blocked, "immutable")
                .under("mariadb-operator", "25.10"),
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
        let kept = |kind, before, after, level, words| {
            spec(kind, before, after, "maxRetention", level, words)
        };
        const UNSET: &str = "{maxRetention: null}";
        const DAYS: &str = "{maxRetention: 48h}";
        const MONTH: &str = "{maxRetention: 720h}";
        vec![
            kept("Backup", UNSET, DAYS, Blocked, "when it creates the object"),
            kept("Backup", DAYS, MONTH, Blocked, "when it creates the object"),
            kept("Backup", MONTH, UNSET, Blocked, "when it creates the object"),
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

    /// The removal of a backup. As rendered, it has a volume, a schedule and the protection of its engine.
    fn going() -> Vec<Case> {
        const ONCE: &str = "{spec: {schedule: null}}";
        const IN_STORE: &str = "{spec: {storage: {persistentVolumeClaim: null, s3: {bucket: b}}}}";
        const UNPROTECTED: &str = "{metadata: {annotations: {kustomize.toolkit.fluxcd.io/prune: null, \
                            argocd.argoproj.io/sync-options: null}}}";
        const RETIRED: &str = "{metadata: {annotations: {sitewright/lifecycle: retired}}}";
        let of = |kind| {
            vec![
                goes(kind, &[], Rollout, "goes on taking backups"),
                goes(kind, &[RETIRED], Rollout, "goes on taking backups"),
                goes(kind, &[ONCE], Rollout, "stays in the cluster with its volume; "),
                goes(kind, &[UNPROTECTED], DataLoss, "the volume with the backups"),
                goes(kind, &[UNPROTECTED, RETIRED], DataLoss, "the volume with the backups"),
                goes(kind, &[UNPROTECTED, ONCE], DataLoss, "the volume with the backups"),
                goes(kind, &[IN_STORE], Rollout, "no more backups"),
                goes(kind, &[IN_STORE, UNPROTECTED], Rollout, "no more backups"),
                goes(kind, &[IN_STORE, ONCE], Rollout, "no more backups"),
            ]
        };
        ["Backup", "PhysicalBackup"].into_iter().flat_map(of).collect()
    }
}
