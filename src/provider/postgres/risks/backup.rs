//! The risks of ScheduledBackup and ObjectStore.

use super::{IMMUTABLE, LEAVE, days};
use crate::risk::Condition::{self, Own, Protected, To};
use crate::risk::Level::{Blocked, Credential, DataLoss, Rollout};
use crate::risk::On::Goes;
use crate::risk::{FieldChange, Predicate, Rule, Table, field, on};

const MOVES: &str = "the server saves its data and its log in another place from now on; nothing there can be restored \
                     before the next backup, and what was saved stays at the old place";
const NEXT_BACKUP: &str = "make a backup as soon as the change has arrived";
const OTHER_KEY: &str = "the server writes its backups with another access key";

/// Backups are kept for a shorter time.
const SHORTER: Condition =
    Own(&Predicate { name: "SHORTER", holds: |scene| scene.field.is_some_and(is_shorter) });

pub(super) const TABLE: Table = Table {
    rules: RULES,
    #[cfg(test)]
    cases: tests::cases,
};

#[rustfmt::skip]
const RULES: &[Rule] = &[
    field("ScheduledBackup", "spec.cluster", &[], Blocked, IMMUTABLE, "keep the old value; another server needs a ScheduledBackup with another name"),
    field("ScheduledBackup", "spec.suspend", &[To("true")], Rollout, "no more backups are taken", "keep `suspend: false`"),
    field("ScheduledBackup", "spec.immediate", &[], Rollout, "the operator reads the field only when it makes the object: nothing changes", ""),
    field("ScheduledBackup", "spec.method", &[], Rollout, "the server has the plugin and nothing else: backups by another method fail", LEAVE),
    field("ScheduledBackup", "spec.pluginConfiguration", &[], Rollout, "the server has the plugin Barman Cloud and nothing else: backups by another one fail", LEAVE),
    on("ScheduledBackup", Goes, &[Protected], Rollout, "it stays in the cluster, and goes on taking backups", "delete it there when no more backups are wanted"),
    on("ScheduledBackup", Goes, &[], Rollout, "no more backups are taken", ""),

    field("ObjectStore", "spec.configuration.destinationPath", &[], Rollout, MOVES, NEXT_BACKUP),
    field("ObjectStore", "spec.configuration.endpointURL", &[], Rollout, MOVES, NEXT_BACKUP),
    field("ObjectStore", "spec.configuration.s3Credentials", &[], Credential, OTHER_KEY, ""),
    field("ObjectStore", "spec.retentionPolicy", &[SHORTER], DataLoss, "the plugin deletes the backups that are older", "copy the backups that are still wanted, and let the change pass with `--allow`"),
    field("ObjectStore", "spec.retentionPolicy", &[], Rollout, "backups are kept for another time", ""),
    field("ObjectStore", "spec.instanceSidecarConfiguration", &[], Rollout, "the instances restart", ""),
    on("ObjectStore", Goes, &[Protected], Rollout, "it stays in the cluster, and what was saved stays in its bucket", "delete it there when no Cluster names it any more"),
    on("ObjectStore", Goes, &[], Rollout, "what was saved stays in its bucket; a Cluster that still names it starts no instance and saves no log", ""),
];

/// Whether the time after a change is shorter. A time that is not stated never ends, and a time that
/// cannot be read may be shorter.
fn is_shorter(field: &FieldChange) -> bool {
    let time = |node: &Option<crate::source::node::Node>| node.as_ref()?.as_str().map(days);
    match (time(&field.old), time(&field.new)) {
        (_, None) => false,
        (None, Some(_)) => true,
        (Some(old), Some(new)) => old.zip(new).is_none_or(|(old, new)| new < old),
    }
}

#[cfg(test)]
mod tests {
    use crate::risk::Level::{self, Blocked, Credential, DataLoss, Rollout};
    use crate::risk::case::{Case, goes, spec};

    const UNPROTECTED: &str = "{metadata: {annotations: {kustomize.toolkit.fluxcd.io/prune: null, \
                            argocd.argoproj.io/sync-options: null}}}";

    pub(super) fn cases() -> Vec<Case> {
        [schedules(), stores(), times(), going()].into_iter().flatten().collect()
    }

    fn schedules() -> Vec<Case> {
        let of = |before, after, field, level, words| {
            spec("ScheduledBackup", before, after, field, level, words)
        };
        vec![
            of("{}", "{cluster: {name: other}}", "cluster.name", Blocked, "immutable"),
            of("{}", "{schedule: \"0 0 5 * * *\"}", "schedule", Rollout, "acts on it"),
            of("{}", "{suspend: true}", "suspend", Rollout, "no more backups"),
            of("{suspend: true}", "{suspend: false}", "suspend", Rollout, "acts on it"),
            of("{}", "{immediate: false}", "immediate", Rollout, "nothing changes"),
            of("{}", "{method: volumeSnapshot}", "method", Rollout, "by another method fail"),
            of(
                "{}",
                "{pluginConfiguration: {name: other}}",
                "pluginConfiguration.name",
                Rollout,
                "by another one fail",
            ),
        ]
    }

    /// A change of where backups are kept.
    fn stores() -> Vec<Case> {
        let of = |field: &str, level, words| {
            let to = |value| format!("{{configuration: {{{field}: {value}}}}}");
            let field = format!("configuration.{field}");
            spec("ObjectStore", &to("a"), &to("b"), &field, level, words)
        };
        let sidecar = |memory| {
            format!(
                "{{instanceSidecarConfiguration: {{resources: {{requests: {{memory: {memory}}}}}}}}}"
            )
        };
        vec![
            of("destinationPath", Rollout, "in another place"),
            of("endpointURL", Rollout, "in another place"),
            of("s3Credentials", Credential, "another access key"),
            of("data", Rollout, "acts on it"),
            spec(
                "ObjectStore",
                &sidecar("1Gi"),
                &sidecar("2Gi"),
                "instanceSidecarConfiguration.resources.requests.memory",
                Rollout,
                "the instances restart",
            ),
        ]
    }

    fn times() -> Vec<Case> {
        let of = |before, after, level: Level, words| {
            let policy = |time| format!("{{retentionPolicy: {time}}}");
            spec("ObjectStore", &policy(before), &policy(after), "retentionPolicy", level, words)
        };
        const DELETES: &str = "deletes the backups";
        const ANOTHER: &str = "for another time";
        vec![
            of("30d", "29d", DataLoss, DELETES),
            of("29d", "30d", Rollout, ANOTHER),
            of("5w", "1m", DataLoss, DELETES),
            of("30d", "5w", Rollout, ANOTHER),
            of("4w", "28d", Rollout, ANOTHER),
            of("1m", "31d", Rollout, ANOTHER),
            of("null", "30d", DataLoss, DELETES),
            of("30d", "null", Rollout, ANOTHER),
            of("30d", "soon", DataLoss, DELETES),
        ]
    }

    fn going() -> Vec<Case> {
        let of = |kind, protected, unprotected| {
            [goes(kind, &[], Rollout, protected), goes(kind, &[UNPROTECTED], Rollout, unprotected)]
        };
        let schedules =
            of("ScheduledBackup", "goes on taking backups", "no more backups are taken");
        let stores = of("ObjectStore", "stays in the cluster, and", "saves no log");
        schedules.into_iter().chain(stores).collect()
    }
}
