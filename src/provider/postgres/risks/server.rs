//! The risks of Cluster and PodMonitor.

use super::{IMMUTABLE, LEAVE, REPLACED};
use crate::language::release_numbers;
use crate::risk::Condition::{
    self, Gone, Is, Older, Own, Protected, Retired, Smaller, To, Unprotected,
};
use crate::risk::Level::{Blocked, Credential, DataLoss, None, Rollout};
use crate::risk::On::{Comes, Goes};
use crate::risk::{
    ARGO_PROTECTION, FLUX_PROTECTION, FieldChange, Predicate, RETIRE, Rule, Table, field, on,
};

const VOLUMES_GO: &str = "CloudNativePG deletes the server's volumes together with the object";
const UNPROTECTED: &str =
    "its engine may prune it from now on, and CloudNativePG deletes its volumes with it";
const KEEP_DATA: &str = "state `data: keep`";
const BACK_UP: &str =
    "make a backup, test that it can be restored, and let the change pass with `--allow`";
const SHRINKS: &str =
    "a volume cannot shrink: the change is refused, and a new server would be empty";
const OPENS: &str =
    "other accounts than before may be able to log in to the databases of the server";
const SUPERUSER: &str =
    "whoever reads the Secret `{name}-superuser` reads and writes every database of the server";
const FROM_BIRTH: &str =
    "the operator reads the field only when it makes the server: the change does nothing";
const NEW_SERVER: &str = "make a new server with the new value, and move the data";

const BIRTH: &str =
    "createPrimaryInstance in internal/controller/cluster_create.go of CloudNativePG 1.30.0";
const MAJOR: usize = 1;
/// The oldest major version that CloudNativePG upgrades a server to (source: `validateImageChange`).
const OLDEST_UPGRADE: u32 = 16;

/// The image is one of a newer major version.
const NEWER: Condition = Own(&Predicate {
    name: "NEWER",
    holds: |scene| scene.field.and_then(majors).is_some_and(|(old, new)| old < new),
});
/// The image is one of a version that no server is upgraded to.
const NO_UPGRADE: Condition = Own(&Predicate {
    name: "NO_UPGRADE",
    holds: |scene| scene.field.and_then(majors).is_some_and(|(_, new)| new < OLDEST_UPGRADE),
});

pub(super) const TABLE: Table = Table {
    rules: RULES,
    #[cfg(test)]
    cases: tests::cases,
};

#[rustfmt::skip]
const RULES: &[Rule] = &[
    field("Cluster", "spec.storage.size", &[Smaller], DataLoss, SHRINKS, "keep the old size"),
    field("Cluster", "spec.storage.size", &[], Rollout, "the volumes grow", ""),
    field("Cluster", "spec.storage.storageClass", &[], Rollout, "only volumes of new instances get the new StorageClass", ""),
    field("Cluster", "spec.walStorage", &[Gone], Blocked, "the volumes of the write-ahead log cannot be given up: the change is refused", LEAVE),
    field("Cluster", "spec.walStorage.size", &[Smaller], Blocked, "a volume cannot shrink: the change is refused", LEAVE),
    field("Cluster", "spec.tablespaces", &[Gone], Blocked, "tablespaces cannot be removed: the change is refused", LEAVE),
    field("Cluster", "spec.postgresUID", &[], Blocked, IMMUTABLE, LEAVE),
    field("Cluster", "spec.postgresGID", &[], Blocked, IMMUTABLE, LEAVE),
    field("Cluster", "spec.serviceAccountName", &[REPLACED], Blocked, IMMUTABLE, LEAVE),
    field("Cluster", "spec.replicationSlots.highAvailability.slotPrefix", &[], Blocked, "the prefix is immutable while slots are in use: the change is refused", LEAVE),
    field("Cluster", "spec.bootstrap", &[], Blocked, FROM_BIRTH, NEW_SERVER).read_in(BIRTH),
    field("Cluster", "spec.externalClusters", &[], Blocked, FROM_BIRTH, NEW_SERVER).read_in(BIRTH),
    field("Cluster", "spec.plugins", &[Gone], Rollout, "the instances restart, and nothing saves the server's data and log any more", "make sure that another backup is there"),
    field("Cluster", "spec.plugins", &[], Rollout, "the instances restart, and save the server's data and log as the plugin says", ""),
    field("Cluster", "spec.imageName", &[Older(MAJOR)], Blocked, "PostgreSQL cannot read the data files of a newer major version: the change is refused", "restore a dump into a server of the older version"),
    field("Cluster", "spec.imageName", &[NEWER, NO_UPGRADE], Blocked, "CloudNativePG upgrades a server only to PostgreSQL 16 and newer: the change is refused", "state 16 or newer"),
    field("Cluster", "spec.imageName", &[NEWER], Rollout, "CloudNativePG upgrades the data files with pg_upgrade: every site on the server is down meanwhile, the replicas are made anew, and nothing leads back", "make a backup first, and test that it can be restored"),
    field("Cluster", "spec.imageName", &[], Rollout, "the instances restart with another image", ""),
    field("Cluster", "spec.instances", &[Smaller], Rollout, "replicas are removed with their volumes", ""),
    field("Cluster", "spec.instances", &[], Rollout, "replicas are added", ""),
    field("Cluster", "spec.resources", &[], Rollout, "the instances restart", ""),
    field("Cluster", "spec.postgresql.parameters.wal_level", &[To("minimal")], Blocked, "a server that exists keeps enough of its log for replicas and backups: the change is refused", LEAVE),
    field("Cluster", "spec.postgresql.parameters", &[], Rollout, "the instances reload or restart with other settings", ""),
    field("Cluster", "spec.postgresql.pg_hba", &[], Credential, OPENS, "keep the rules of the built-in template"),
    field("Cluster", "spec.postgresql.pg_ident", &[], Credential, OPENS, LEAVE),
    field("Cluster", "spec.postgresql.ldap", &[], Credential, OPENS, LEAVE),
    field("Cluster", "spec.enableSuperuserAccess", &[To("true")], Credential, SUPERUSER, "keep `enableSuperuserAccess: false`"),
    field("Cluster", "spec.superuserSecret", &[], Credential, "the superuser gets another password", LEAVE),
    field("Cluster", "spec.managed", &[], Credential, "the server's accounts or Services change outside the definitions", LEAVE),
    field("Cluster", FLUX_PROTECTION, &[Unprotected, Retired], Rollout, UNPROTECTED, KEEP_DATA),
    field("Cluster", ARGO_PROTECTION, &[Unprotected, Retired], Rollout, UNPROTECTED, KEEP_DATA),
    on("Cluster", Comes, &[Is("spec.enableSuperuserAccess", "true")], Credential, SUPERUSER, "state `enableSuperuserAccess: false`"),
    on("Cluster", Goes, &[Retired, Protected], Rollout, "it stays in the cluster, since CloudNativePG would delete its volumes", "delete it there when its data is no longer wanted"),
    on("Cluster", Goes, &[Retired], DataLoss, VOLUMES_GO, BACK_UP),
    on("Cluster", Goes, &[Protected], DataLoss, "no object manages the server of the sites any more; it stays in the cluster", RETIRE),
    on("Cluster", Goes, &[], DataLoss, VOLUMES_GO, RETIRE),

    field("PodMonitor", "spec", &[], None, "", ""),
    on("PodMonitor", Goes, &[], Rollout, "Prometheus reads the server's metrics no longer", ""),
];

/// The major versions before and after a change of an image.
fn majors(field: &FieldChange) -> Option<(u32, u32)> {
    let major = |node: &Option<crate::source::node::Node>| {
        let image = node.as_ref()?.as_str()?;
        let (name, _) = image.split_once('@').unwrap_or((image, ""));
        let (_, tag) = name.rsplit_once('/').map_or(name, |(_, last)| last).split_once(':')?;
        release_numbers(tag)?.first().copied()
    };
    Some((major(&field.old)?, major(&field.new)?))
}

#[cfg(test)]
mod tests {
    use crate::language::Engine;
    use crate::risk::Level::{Blocked, Credential, DataLoss, None, Rollout};
    use crate::risk::case::{Case, annotation, comes, goes, spec};

    const RETIRED: &str = "{metadata: {annotations: {sitewright/lifecycle: retired}}}";
    const UNPROTECTED: &str = "{metadata: {annotations: {kustomize.toolkit.fluxcd.io/prune: null, \
                            argocd.argoproj.io/sync-options: null}}}";

    pub(super) fn cases() -> Vec<Case> {
        [storage(), fixed(), images(), settings(), whole(), protection()]
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
        spec("Cluster", before, after, field, level, words)
    }

    fn storage() -> Vec<Case> {
        let size = |after, level, words| {
            of("{storage: {size: 10Gi}}", after, "storage.size", level, words)
        };
        const WAL: &str = "{walStorage: {size: 10Gi}}";
        const SPACES: &str =
            "{tablespaces: [{name: a, storage: {size: 1Gi}}, {name: b, storage: {size: 1Gi}}]}";
        vec![
            size("{storage: {size: 9Gi}}", DataLoss, "cannot shrink"),
            size("{storage: {size: 11Gi}}", Rollout, "the volumes grow"),
            of(
                "{storage: {storageClass: a}}",
                "{storage: {storageClass: b}}",
                "storage.storageClass",
                Rollout,
                "new instances",
            ),
            of(WAL, "{walStorage: null}", "walStorage", Blocked, "cannot be given up"),
            of(WAL, "{walStorage: {size: 9Gi}}", "walStorage.size", Blocked, "cannot shrink"),
            of(WAL, "{walStorage: {size: 11Gi}}", "walStorage.size", Rollout, "acts on it"),
            of("{}", WAL, "walStorage", Rollout, "acts on it"),
            of(SPACES, "{tablespaces: null}", "tablespaces", Blocked, "cannot be removed"),
            of(
                SPACES,
                "{tablespaces: [{name: a, storage: {size: 1Gi}}]}",
                "tablespaces.[b]",
                Blocked,
                "cannot be removed",
            ),
            of("{}", SPACES, "tablespaces", Rollout, "acts on it"),
            of(
                SPACES,
                "{tablespaces: [{name: a, storage: {size: 2Gi}}, {name: b, storage: {size: 1Gi}}]}",
                "tablespaces.[a].storage.size",
                Rollout,
                "acts on it",
            ),
        ]
    }

    fn fixed() -> Vec<Case> {
        const ACCOUNT: &str = "{serviceAccountName: a}";
        vec![
            of("{postgresUID: 26}", "{postgresUID: 27}", "postgresUID", Blocked, "immutable"),
            of("{postgresGID: 26}", "{postgresGID: 27}", "postgresGID", Blocked, "immutable"),
            of(ACCOUNT, "{serviceAccountName: b}", "serviceAccountName", Blocked, "immutable"),
            of("{}", ACCOUNT, "serviceAccountName", Rollout, "acts on it"),
            of(ACCOUNT, "{serviceAccountName: null}", "serviceAccountName", Rollout, "acts on it"),
            of(
                "{replicationSlots: {highAvailability: {slotPrefix: a_}}}",
                "{replicationSlots: {highAvailability: {slotPrefix: b_}}}",
                "replicationSlots.highAvailability.slotPrefix",
                Blocked,
                "while slots are in use",
            ),
            of(
                "{bootstrap: {initdb: {localeCollate: C}}}",
                "{bootstrap: {initdb: {localeCollate: de_DE}}}",
                "bootstrap.initdb.localeCollate",
                Blocked,
                "does nothing",
            ),
            of(
                "{externalClusters: [{name: origin}]}",
                "{externalClusters: [{name: origin, plugin: {name: a}}]}",
                "externalClusters.[origin].plugin",
                Blocked,
                "does nothing",
            ),
            of("{}", "{plugins: null}", "plugins", Rollout, "nothing saves"),
            of("{plugins: null}", "{plugins: [{name: a}]}", "plugins", Rollout, "as the plugin"),
        ]
    }

    fn images() -> Vec<Case> {
        let image = |before, after, level, words| {
            let of_tag = |tag| format!("{{imageName: \"registry.example:5000/postgresql:{tag}\"}}");
            of(&of_tag(before), &of_tag(after), "imageName", level, words)
        };
        vec![
            image("18.4-system-trixie", "17.6-system-trixie", Blocked, "of a newer major version"),
            image("14.1", "15.2", Blocked, "only to PostgreSQL 16"),
            image("15.1", "15.2", Rollout, "another image"),
            image("15.2", "16.1", Rollout, "pg_upgrade"),
            image("17.6-system-trixie", "18.4-system-trixie", Rollout, "pg_upgrade"),
            image("18.4", "18.3", Rollout, "another image"),
            of(
                "{instances: 3}",
                "{instances: 2}",
                "instances",
                Rollout,
                "removed with their volumes",
            ),
            of("{instances: 1}", "{instances: 3}", "instances", Rollout, "are added"),
            of("{}", "{resources: {requests: {cpu: 5}}}", "resources", Rollout, "restart"),
        ]
    }

    fn settings() -> Vec<Case> {
        const OPENS: &str = "may be able to log in";
        let with = |text| format!("{{postgresql: {text}}}");
        let of = |before, after, field, level, words| {
            of(&with(before), &with(after), &format!("postgresql.{field}"), level, words)
        };
        vec![
            of(
                "{parameters: {wal_level: logical}}",
                "{parameters: {wal_level: minimal}}",
                "parameters.wal_level",
                Blocked,
                "is refused",
            ),
            of(
                "{parameters: {wal_level: logical}}",
                "{parameters: {wal_level: replica}}",
                "parameters.wal_level",
                Rollout,
                "other settings",
            ),
            of(
                "{parameters: {work_mem: 4MB}}",
                "{parameters: {work_mem: 8MB}}",
                "parameters.work_mem",
                Rollout,
                "other settings",
            ),
            of("{pg_hba: [a]}", "{pg_hba: [b]}", "pg_hba", Credential, OPENS),
            of("{pg_ident: [a]}", "{pg_ident: [b]}", "pg_ident", Credential, OPENS),
            of("{ldap: {port: 1}}", "{ldap: {port: 2}}", "ldap.port", Credential, OPENS),
        ]
    }

    fn whole() -> Vec<Case> {
        const READS: &str = "reads and writes every database";
        vec![
            of("{}", "{enableSuperuserAccess: true}", "enableSuperuserAccess", Credential, READS),
            of(
                "{enableSuperuserAccess: true}",
                "{enableSuperuserAccess: false}",
                "enableSuperuserAccess",
                Rollout,
                "acts on it",
            ),
            of(
                "{}",
                "{superuserSecret: {name: a}}",
                "superuserSecret",
                Credential,
                "another password",
            ),
            of("{}", "{managed: {roles: [{name: a}]}}", "managed", Credential, "accounts"),
            comes("Cluster", "{spec: {enableSuperuserAccess: true}}", Credential, READS),
            comes("Cluster", "{spec: {enableSuperuserAccess: false}}", None, ""),
            goes("Cluster", &[RETIRED], Rollout, "stays in the cluster, since"),
            goes("Cluster", &[RETIRED, UNPROTECTED], DataLoss, "let the change pass"),
            goes("Cluster", &[], DataLoss, "no object manages the server"),
            goes("Cluster", &[UNPROTECTED], DataLoss, "deletes the server's volumes"),
            spec("PodMonitor", "{jobLabel: a}", "{jobLabel: b}", "jobLabel", None, ""),
            goes("PodMonitor", &[], Rollout, "no longer"),
        ]
    }

    /// The annotation that protects a Cluster is removed, or added again.
    fn protection() -> Vec<Case> {
        const PRUNE: &str = "kustomize.toolkit.fluxcd.io/prune";
        const OPTIONS: &str = "argocd.argoproj.io/sync-options";
        let of = |engine| {
            let (protection, value, other) = match engine {
                Engine::Argocd => (OPTIONS, "\"Prune=false,Delete=false\"", PRUNE),
                _ => (PRUNE, "disabled", OPTIONS),
            };
            let protected = |value, lifecycle| {
                let lifecycle = format!("sitewright/lifecycle: {lifecycle}");
                format!(
                    "{{metadata: {{annotations: {{{protection}: {value}, {other}: null, {lifecycle}}}}}}}"
                )
            };
            let to = |before: &str, after: &str, level, words| {
                annotation("Cluster", before, after, protection, level, words).engine(engine)
            };
            let (protected, gone) =
                (|lifecycle| protected(value, lifecycle), |lifecycle| protected("null", lifecycle));
            const PROTECT: &str = "`protect: true` keeps it";
            [
                to(&protected("null"), &gone("retired"), Rollout, "deletes its volumes with it"),
                to(&protected("null"), &gone("null"), Rollout, PROTECT),
                to(&gone("retired"), &protected("retired"), None, ""),
            ]
        };
        [Engine::Flux, Engine::Argocd].into_iter().flat_map(of).collect()
    }
}
