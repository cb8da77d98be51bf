//! The rules of [`super::risk`], one row a rule: the first that fits a field speaks.
//!
//! Immutable fields and what defaults do are from the webhooks and controllers of mariadb-operator
//! 25.10 and 26.6, and of frappe-operator 2.3 and 2.6.

use super::risk::Level::{self, Blocked, Credential, DataLoss, None, Rollout};

/// When a rule speaks of a field that changes.
#[derive(Clone, Copy, Debug)]
pub(super) enum Test {
    /// Always.
    Any,
    /// Always, and of an object that comes with it.
    Stated,
    /// It becomes this.
    To(&'static str),
    /// It says that volumes are deleted with their server.
    DeletesVolumes,
    /// It had a value before.
    WasSet,
    /// It tells how many values a password has had.
    Generation,
    /// It has no value any more.
    Gone,
    /// Removing the object takes its data along.
    TakesData,
    /// No GitOps engine is told any more to leave the object.
    Unprotected,
    /// The definition is on its way out.
    Retired,
    /// mariadb-operator is older than 26.6.
    Before26,
    /// It is a server's root password, and mariadb-operator 25.10 runs the server.
    FixedRoot,
    /// A quantity becomes less.
    Smaller,
    /// An image or version becomes older.
    OlderImage,
    /// A list loses items.
    Narrower,
}

/// A rule.
#[derive(Debug)]
pub(super) struct Rule {
    /// The object's kind; `*` for any.
    pub(super) kind: &'static str,
    /// The field, with all that is below it.
    pub(super) field: &'static str,
    pub(super) test: Test,
    pub(super) level: Level,
    /// What happens.
    pub(super) reason: &'static str,
    /// What to do instead; empty where there is nothing to advise.
    pub(super) instead: &'static str,
}

const fn rule(
    kind: &'static str,
    field: &'static str,
    test: Test,
    level: Level,
    reason: &'static str,
    instead: &'static str,
) -> Rule {
    Rule { kind, field, test, level, reason, instead }
}

const IMMUTABLE: &str = "the field is immutable: the change is refused";
const RECREATE: &str = "leave it; a new value needs a new object with its own name";
const MOVES: &str = "the site would look for its data where there is none";
const MIGRATE: &str = "make a new site and restore a backup into it";
const OPENS: &str = "the server may let others in than before";
const STATE: &str = "state settings in `myCnf` of the definition, which are checked";
const UNPROTECTED: &str = "the GitOps engine may prune it from now on";

pub(super) const DATABASE_GOES: &str = "removing the object drops the database";
pub(super) const KEEP_DATABASE: &str = "state `cleanupPolicy: Skip`";
pub(super) const VOLUMES_GO: &str = "removing the object deletes the server's volumes";
pub(super) const KEEP_VOLUMES: &str = "leave `whenDeleted` at Retain";

#[rustfmt::skip]
pub(super) const RULES: &[Rule] = &[
    rule("Database", "spec.name", Test::Any, DataLoss, MOVES, MIGRATE),
    rule("Database", "spec.mariaDbRef", Test::Any, DataLoss, MOVES, MIGRATE),
    rule("Database", "spec.characterSet", Test::Any, Blocked, IMMUTABLE, RECREATE),
    rule("Database", "spec.collate", Test::Any, Blocked, IMMUTABLE, RECREATE),
    rule("Database", "spec.cleanupPolicy", Test::To("Delete"), DataLoss, "removing the object drops the database from now on", "leave it at Skip"),
    rule("Database", "spec.cleanupPolicy", Test::Gone, DataLoss, "unset means Delete: removing the object drops the database", "state Skip"),

    rule("User", "spec.name", Test::Any, Blocked, IMMUTABLE, RECREATE),
    rule("User", "spec.host", Test::Any, Blocked, IMMUTABLE, RECREATE),
    rule("User", "spec.mariaDbRef", Test::Any, Blocked, IMMUTABLE, RECREATE),
    rule("User", "spec.passwordSecretKeyRef", Test::Any, Credential, "the account gets another password", ""),
    rule("User", "spec.passwordPlugin", Test::Stated, Credential, "the account is let in by other means", ""),
    rule("User", "spec.passwordHashSecretKeyRef", Test::Stated, Credential, "the account gets another password", ""),
    rule("User", "spec.require", Test::Stated, Credential, "the account needs another kind of connection", ""),
    rule("User", "spec.maxUserConnections", Test::To("0"), Rollout, "the site may hold any number of connections", ""),
    rule("User", "spec.maxUserConnections", Test::Smaller, Rollout, "the site may hold fewer connections", ""),

    rule("Grant", "spec.privileges", Test::Narrower, Credential, "the site may do less than before", ""),
    rule("Grant", "spec.privileges", Test::Any, Credential, "the site may do more than before", ""),
    rule("Grant", "spec.cleanupPolicy", Test::Any, Rollout, "removing the object does something else from now on", ""),
    rule("Grant", "spec.retryInterval", Test::Any, None, "", ""),
    rule("Grant", "spec.requeueInterval", Test::Any, None, "", ""),
    rule("Grant", "spec", Test::Any, Blocked, IMMUTABLE, RECREATE),

    rule("MariaDB", "spec.storage.size", Test::Smaller, DataLoss, "a volume cannot shrink: the change is refused, and a server made anew is empty", "leave the size"),
    rule("MariaDB", "spec.storage.size", Test::Any, Rollout, "the volumes grow", ""),
    rule("MariaDB", "spec.storage.storageClassName", Test::Any, Blocked, IMMUTABLE, MIGRATE),
    rule("MariaDB", "spec.storage.pvcRetentionPolicy", Test::DeletesVolumes, DataLoss, VOLUMES_GO, KEEP_VOLUMES),
    rule("MariaDB", "spec.rootPasswordSecretKeyRef", Test::WasSet, Blocked, IMMUTABLE, "leave it"),
    rule("MariaDB", "spec.bootstrapFrom", Test::WasSet, Blocked, IMMUTABLE, "leave it"),
    rule("MariaDB", "spec.bootstrapFrom", Test::Any, DataLoss, "the operator restores the backup over the data that the server has by now", "make a new server that starts from the backup"),
    rule("MariaDB", "spec.timeZone", Test::Any, Blocked, IMMUTABLE, "leave it"),
    rule("MariaDB", "spec.database", Test::Any, Blocked, IMMUTABLE, "leave it"),
    rule("MariaDB", "spec.username", Test::Any, Blocked, IMMUTABLE, "leave it"),
    rule("MariaDB", "spec.connection", Test::WasSet, Blocked, IMMUTABLE, "leave it"),
    rule("MariaDB", "spec.primaryConnection", Test::WasSet, Blocked, IMMUTABLE, "leave it"),
    rule("MariaDB", "spec.secondaryConnection", Test::WasSet, Blocked, IMMUTABLE, "leave it"),
    rule("MariaDB", "spec.volumes", Test::Before26, Blocked, IMMUTABLE, "leave it, or run mariadb-operator 26.6"),
    rule("MariaDB", "spec.volumeMounts", Test::Before26, Blocked, IMMUTABLE, "leave it, or run mariadb-operator 26.6"),
    rule("MariaDB", "spec.image", Test::OlderImage, DataLoss, "MariaDB cannot read the data files of a newer version", "restore a backup into a server of the older version"),
    rule("MariaDB", "spec.image", Test::Any, Rollout, "the server restarts with another version", ""),
    rule("MariaDB", "spec.replicas", Test::Any, Rollout, "replicas come or go", ""),
    rule("MariaDB", "spec.resources", Test::Any, Rollout, "the server restarts", ""),
    rule("MariaDB", "spec.args", Test::Stated, Credential, OPENS, STATE),
    rule("MariaDB", "spec.command", Test::Stated, Credential, OPENS, STATE),
    rule("MariaDB", "spec.rootEmptyPassword", Test::Stated, Credential, OPENS, "leave it"),
    rule("MariaDB", "spec.myCnfConfigMapKeyRef", Test::Stated, Credential, OPENS, STATE),
    rule("MariaDB", "spec.myCnf", Test::Any, Rollout, "the server restarts with other settings", ""),

    rule("Backup", "spec.mariaDbRef", Test::Any, Blocked, IMMUTABLE, RECREATE),
    rule("Backup", "spec.storage", Test::Any, Blocked, IMMUTABLE, RECREATE),
    rule("Backup", "spec.maxRetention", Test::WasSet, Blocked, IMMUTABLE, RECREATE),
    rule("Backup", "spec.restartPolicy", Test::Any, Blocked, IMMUTABLE, RECREATE),
    rule("PhysicalBackup", "spec.mariaDbRef", Test::Any, Blocked, IMMUTABLE, RECREATE),
    rule("PhysicalBackup", "spec.storage", Test::Any, Blocked, IMMUTABLE, RECREATE),
    rule("PhysicalBackup", "spec.maxRetention", Test::WasSet, Blocked, IMMUTABLE, RECREATE),
    rule("PhysicalBackup", "spec.restartPolicy", Test::Any, Blocked, IMMUTABLE, RECREATE),
    rule("PhysicalBackup", "spec.schedule.cron", Test::Any, Blocked, IMMUTABLE, RECREATE),
    rule("MaxScale", "spec.mariaDbRef", Test::Any, Blocked, IMMUTABLE, RECREATE),
    rule("MaxScale", "spec.services", Test::Any, Blocked, "routers and ports of services are immutable: the change is refused", RECREATE),

    rule("ExternalMariaDB", "spec.host", Test::Any, DataLoss, "another server has none of the databases", MIGRATE),
    rule("ExternalMariaDB", "spec.port", Test::Any, DataLoss, "another server has none of the databases", MIGRATE),
    rule("ExternalMariaDB", "spec.username", Test::Any, Credential, "another account makes databases", ""),
    rule("ExternalMariaDB", "spec.passwordSecretKeyRef", Test::Any, Credential, "the account's password is read elsewhere", ""),

    rule("FrappeSite", "spec.siteName", Test::Any, DataLoss, "the operator computes another database name from it: the data stays behind", MIGRATE),
    rule("FrappeSite", "spec.benchRef", Test::Any, DataLoss, "the site's files stay on the volume of its old bench", MIGRATE),
    rule("FrappeSite", "spec.dbConfig.mode", Test::Any, DataLoss, MOVES, MIGRATE),
    rule("FrappeSite", "spec.dbConfig.provider", Test::Any, DataLoss, MOVES, MIGRATE),
    rule("FrappeSite", "spec.dbConfig.mariadbRef", Test::Any, DataLoss, MOVES, MIGRATE),
    rule("FrappeSite", "spec.dbConfig.host", Test::Any, DataLoss, MOVES, MIGRATE),
    rule("FrappeSite", "spec.dbConfig.port", Test::Any, DataLoss, MOVES, MIGRATE),
    rule("FrappeSite", "spec.dbConfig.connectionSecretRef", Test::Any, DataLoss, MOVES, MIGRATE),
    rule("FrappeSite", "spec.adminPasswordSecretRef", Test::Any, Credential, "only a site that is made anew reads it", ""),
    rule("FrappeSite", "spec", Test::Any, Rollout, "how the site is reached changes", ""),

    rule("FrappeBench", "spec.frappeVersion", Test::OlderImage, DataLoss, "Frappe does not undo the migrations of a newer version", "restore the sites' backups of that version"),
    rule("FrappeBench", "spec.imageConfig", Test::OlderImage, DataLoss, "Frappe does not undo the migrations of a newer version", "restore the sites' backups of that version"),
    rule("FrappeBench", "spec.storageClassName", Test::Any, Blocked, "the class of a volume is immutable: the bench keeps the one that it has", "leave it, or make a new bench and restore backups into its sites"),
    rule("FrappeBench", "spec.apps", Test::OlderImage, DataLoss, "an app does not undo the migrations of a newer version", "restore the sites' backups of that version"),
    rule("FrappeBench", "spec.apps", Test::Gone, Rollout, "sites that have the app installed fail until it is back", "uninstall it from the sites first"),
    rule("FrappeBench", "spec", Test::Any, Rollout, "every site on the bench restarts", ""),

    rule("SealedSecret", "spec.encryptedData", Test::FixedRoot, Blocked, "mariadb-operator 25.10 cannot change a root password, and loses its own access", "restore the record from Git"),
    rule("ExternalSecret", "spec.data", Test::FixedRoot, Blocked, "mariadb-operator 25.10 cannot change a root password, and loses its own access", "restore the record from Git"),
    rule("ExternalSecret", "spec.secretStoreRef", Test::FixedRoot, Blocked, "mariadb-operator 25.10 cannot change a root password, and another store has another one", "leave the store, or run mariadb-operator 26.6"),
    rule("SealedSecret", "spec.encryptedData", Test::Any, Credential, "the password changes", ""),
    rule("SealedSecret", "metadata.annotations.sealedsecrets.bitnami.com/namespace-wide", Test::Any, Blocked, "the controller opens a value only in the scope that it was sealed for", "rotate it, or adopt one of that scope"),
    rule("SealedSecret", "metadata.annotations.sealedsecrets.bitnami.com/cluster-wide", Test::Any, Blocked, "the controller opens a value only in the scope that it was sealed for", "rotate it, or adopt one of that scope"),
    rule("SealedSecret", "spec.template", Test::Any, None, "", ""),
    rule("ExternalSecret", "spec.data", Test::Any, Credential, "the password is read under another key", ""),
    rule("ExternalSecret", "spec.secretStoreRef", Test::Any, Credential, "the password is read from another store", ""),
    rule("PushSecret", "spec", Test::Any, Credential, "a new password is stored where there is none", ""),

    rule("*", "metadata.annotations.kustomize.toolkit.fluxcd.io/prune", Test::Retired, Rollout, UNPROTECTED, ""),
    rule("*", "metadata.annotations.kustomize.toolkit.fluxcd.io/prune", Test::TakesData, Rollout, UNPROTECTED, "leave `data` at keep"),
    rule("*", "metadata.annotations.argocd.argoproj.io/sync-options", Test::TakesData, Rollout, UNPROTECTED, "leave `data` at keep"),
    rule("*", "metadata.annotations.kustomize.toolkit.fluxcd.io/prune", Test::Unprotected, Rollout, UNPROTECTED, "`protect: true` keeps it"),
    rule("*", "metadata.annotations.argocd.argoproj.io/sync-options", Test::Unprotected, Rollout, UNPROTECTED, "`protect: true` keeps it"),
    rule("*", "metadata.annotations.kustomize.toolkit.fluxcd.io/reconcile", Test::Any, Rollout, "Flux applies the object's changes no more, or again", ""),
    rule("*", "metadata.annotations.kustomize.toolkit.fluxcd.io/ssa", Test::Any, Rollout, "Flux applies the object's changes in another way, or no more", ""),
    rule("*", "metadata.annotations", Test::Generation, Credential, "the password that it reads changes", ""),
    rule("*", "metadata", Test::Any, None, "", ""),
];
