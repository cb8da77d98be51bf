//! The rules of [`super::risk`], one row a rule: the first that fits a field speaks.
//!
//! Immutable fields and what defaults do are from the webhooks and controllers of mariadb-operator
//! 25.10 and 26.6, and of frappe-operator 2.3 and 2.6. `super::measured` compares the rules that block
//! with what the webhook of 26.6 answered; a rule that no answer proves says where it was read.
//!
//! That webhook goes into a block only where the object has it before and after. A block that appears or goes
//! as a whole is one change of that block's own field, so no rule of a field below it speaks.

use super::risk::Level::{self, Blocked, Credential, DataLoss, None, Rollout};

/// When a rule speaks of a field that changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Test {
    /// Always.
    Any,
    /// Always, and of an object that comes with it.
    Stated,
    /// Only of an object that comes with it.
    Born,
    /// It becomes this.
    To(&'static str),
    /// It says that volumes are deleted with their server.
    DeletesVolumes,
    /// It had a value before.
    WasSet,
    /// It tells how many values a password has had.
    Generation,
    /// It had no value before, and becomes this duration, which the operator has written by then.
    Restates(&'static str),
    /// It has no value any more.
    Gone,
    /// Removing the object takes its data along.
    TakesData,
    /// No GitOps engine is told any more to leave the object.
    Unprotected,
    /// The definition is on its way out.
    Retired,
    /// mariadb-operator takes no change of what belongs to pods.
    FixedPods,
    /// It is a server's root password, and mariadb-operator 25.10 runs the server.
    FixedRoot,
    /// A quantity becomes less.
    Smaller,
    /// An image or version becomes older.
    OlderImage,
    /// A list loses items.
    Narrower,
    /// A User has more than one kind of password then.
    TwoPasswords,
    /// Replication or Galera of a server is switched on or off.
    Topology,
    /// A server's topology does not take this number of replicas.
    WrongCount,
    /// The operator has made a PodDisruptionBudget for the server already.
    HasBudget,
}

/// A rule.
#[derive(Debug, PartialEq, Eq)]
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
    /// Where it was read, of a rule that blocks and that no measured answer proves.
    pub(super) source: Option<&'static str>,
}

impl Rule {
    /// The rule, with where it was read.
    const fn read_in(self, source: &'static str) -> Self {
        Self { source: Some(source), ..self }
    }
}

const fn rule(
    kind: &'static str,
    field: &'static str,
    test: Test,
    level: Level,
    reason: &'static str,
    instead: &'static str,
) -> Rule {
    Rule { kind, field, test, level, reason, instead, source: Option::None }
}

const IMMUTABLE: &str = "the field is immutable: the change is refused";
const DEFAULTED: &str = "the field is immutable, and the operator fills it in at birth where nothing states it: \
                         the change is refused";
const LEAVE: &str = "leave it";
const RECREATE: &str = "leave it; a new value needs a new object with its own name";
const MOVES: &str = "the site would look for its data where there is none";
const MIGRATE: &str = "make a new site and restore a backup into it";
const OPENS: &str = "the server may let others in than before";
const STATE: &str = "state settings in `myCnf` of the definition, which are checked";
const TWO_PASSWORDS: &str = "a User has one kind of password: the change is refused";
const ONE_PASSWORD: &str = "take the other one away in the same change";
const TOPOLOGY: &str = "the operator cannot switch the topology of a server that is there";
const NEW_SERVER: &str = "make a new server of that topology, and restore a backup into it";
const BUDGET: &str = "the operator makes a PodDisruptionBudget once, and never changes it";
const DELETE_BUDGET: &str = "after the change, delete the PodDisruptionBudget of the server's name in the \
                             cluster: the operator makes it anew";
const SCOPE: &str = "the controller opens a value only in the scope that it was sealed for";
const UNPROTECTED: &str = "the GitOps engine may prune it from now on";

pub(super) const DATABASE_GOES: &str = "removing the object drops the database";
pub(super) const KEEP_DATABASE: &str = "state `cleanupPolicy: Skip`";
pub(super) const VOLUMES_GO: &str = "removing the object deletes the server's volumes";
pub(super) const KEEP_VOLUMES: &str = "leave `whenDeleted` at Retain";

const MARIADB: &str = "api/v1alpha1/mariadb_types.go of mariadb-operator 26.6.0";
const GALERA: &str = "api/v1alpha1/mariadb_galera_types.go of mariadb-operator 26.6.0";
const REPLICATION: &str = "api/v1alpha1/mariadb_replication_types.go of mariadb-operator 26.6.0";
const PODS: &str = "api/v1alpha1/base_types.go of mariadb-operator 26.6.0";
const PODS_25: &str = "api/v1alpha1/base_types.go of mariadb-operator 25.10.4";
const PHYSICAL: &str = "api/v1alpha1/physicalbackup_types.go of mariadb-operator 26.6.0";
const PHYSICAL_25: &str = "api/v1alpha1/physicalbackup_types.go of mariadb-operator 25.10.4";
const MAXSCALE: &str = "api/v1alpha1/maxscale_types.go of mariadb-operator 26.6.0";
const USER: &str = "internal/webhook/v1alpha1/user_webhook.go of mariadb-operator 26.6.0";
const BUDGETS: &str =
    "reconcileDefaultPDB in internal/controller/mariadb_controller.go of mariadb-operator 26.6.0";
const ROOT: &str = "internal/controller of mariadb-operator 25.10.4, which lacks mariadb_controller_root_password.go of 26.6.0";
const EXPANSION: &str =
    "pkg/apis/sealedsecrets/v1alpha1/sealedsecret_expansion.go of sealed-secrets 0.40.0";
const BENCH: &str = "controllers/frappebench_resources.go of frappe-operator 2.3.0";

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
    rule("User", "spec.passwordSecretKeyRef", Test::TwoPasswords, Blocked, TWO_PASSWORDS, ONE_PASSWORD).read_in(USER),
    rule("User", "spec.passwordPlugin", Test::TwoPasswords, Blocked, TWO_PASSWORDS, ONE_PASSWORD),
    rule("User", "spec.passwordHashSecretKeyRef", Test::TwoPasswords, Blocked, TWO_PASSWORDS, ONE_PASSWORD),
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
    rule("MariaDB", "spec.storage.ephemeral", Test::Any, Blocked, DEFAULTED, LEAVE),
    rule("MariaDB", "spec.rootPasswordSecretKeyRef", Test::Any, Blocked, DEFAULTED, LEAVE),
    rule("MariaDB", "spec.rootEmptyPassword", Test::Any, Blocked, DEFAULTED, LEAVE),
    rule("MariaDB", "spec.rootEmptyPassword", Test::Born, Credential, OPENS, LEAVE),
    rule("MariaDB", "spec.serviceAccountName", Test::Any, Blocked, DEFAULTED, LEAVE),
    rule("MariaDB", "spec.affinity.antiAffinityEnabled", Test::Any, Blocked, IMMUTABLE, LEAVE).read_in(PODS),
    rule("MariaDB", "spec.bootstrapFrom.targetRecoveryTime", Test::Any, Blocked, IMMUTABLE, LEAVE).read_in(MARIADB),
    rule("MariaDB", "spec.bootstrapFrom.stagingStorage", Test::Any, Blocked, IMMUTABLE, LEAVE).read_in(MARIADB),
    rule("MariaDB", "spec.bootstrapFrom", Test::WasSet, Blocked, IMMUTABLE, LEAVE).read_in(MARIADB),
    rule("MariaDB", "spec.bootstrapFrom", Test::Any, DataLoss, "the operator restores the backup over the data that the server has by now", "make a new server that starts from the backup"),
    rule("MariaDB", "spec.timeZone", Test::Any, Blocked, IMMUTABLE, LEAVE),
    rule("MariaDB", "spec.database", Test::Any, Blocked, IMMUTABLE, LEAVE),
    rule("MariaDB", "spec.username", Test::Any, Blocked, IMMUTABLE, LEAVE),
    rule("MariaDB", "spec.connection", Test::Any, Blocked, IMMUTABLE, LEAVE),
    rule("MariaDB", "spec.primaryConnection", Test::Any, Blocked, IMMUTABLE, LEAVE).read_in(MARIADB),
    rule("MariaDB", "spec.secondaryConnection", Test::Any, Blocked, IMMUTABLE, LEAVE).read_in(MARIADB),
    rule("MariaDB", "spec.volumes", Test::FixedPods, Blocked, IMMUTABLE, "leave it, or run mariadb-operator 26.6").read_in(PODS_25),
    rule("MariaDB", "spec.volumeMounts", Test::FixedPods, Blocked, IMMUTABLE, "leave it, or run mariadb-operator 26.6").read_in(PODS_25),
    rule("MariaDB", "spec.imagePullSecrets", Test::FixedPods, Blocked, IMMUTABLE, "leave it, or run mariadb-operator 26.6").read_in(PODS_25),
    rule("MariaDB", "spec.galera", Test::Topology, Blocked, TOPOLOGY, NEW_SERVER),
    rule("MariaDB", "spec.galera.config", Test::Any, Blocked, DEFAULTED, LEAVE).read_in(GALERA),
    rule("MariaDB", "spec.galera.gtidDomainId", Test::Any, Blocked, IMMUTABLE, LEAVE).read_in(GALERA),
    rule("MariaDB", "spec.galera.serverId", Test::Any, Blocked, IMMUTABLE, LEAVE).read_in(GALERA),
    rule("MariaDB", "spec.replication", Test::Topology, Blocked, TOPOLOGY, NEW_SERVER),
    rule("MariaDB", "spec.replication.gtidDomainId", Test::Any, Blocked, IMMUTABLE, LEAVE).read_in(REPLICATION),
    rule("MariaDB", "spec.replication.serverIdStartIndex", Test::Any, Blocked, IMMUTABLE, LEAVE).read_in(REPLICATION),
    rule("MariaDB", "spec.podDisruptionBudget", Test::HasBudget, Blocked, BUDGET, DELETE_BUDGET).read_in(BUDGETS),
    rule("MariaDB", "spec.image", Test::OlderImage, DataLoss, "MariaDB cannot read the data files of a newer version", "restore a backup into a server of the older version"),
    rule("MariaDB", "spec.image", Test::Any, Rollout, "the server restarts with another version", ""),
    rule("MariaDB", "spec.replicas", Test::WrongCount, Blocked, "the server's topology does not take this number of replicas: the change is refused", "one without a topology, several with replication, an odd number with Galera"),
    rule("MariaDB", "spec.replicas", Test::Any, Rollout, "replicas come or go", ""),
    rule("MariaDB", "spec.resources", Test::Any, Rollout, "the server restarts", ""),
    rule("MariaDB", "spec.args", Test::Stated, Credential, OPENS, STATE),
    rule("MariaDB", "spec.command", Test::Stated, Credential, OPENS, STATE),
    rule("MariaDB", "spec.myCnfConfigMapKeyRef", Test::Stated, Credential, OPENS, STATE),
    rule("MariaDB", "spec.myCnf", Test::Any, Rollout, "the server restarts with other settings", ""),

    rule("Backup", "spec.mariaDbRef", Test::Any, Blocked, IMMUTABLE, RECREATE),
    rule("Backup", "spec.storage", Test::Any, Blocked, IMMUTABLE, RECREATE),
    rule("Backup", "spec.stagingStorage", Test::Any, Blocked, IMMUTABLE, RECREATE),
    rule("Backup", "spec.maxRetention", Test::Restates("720h"), None, "", ""),
    rule("Backup", "spec.maxRetention", Test::Any, Blocked, DEFAULTED, RECREATE),
    rule("Backup", "spec.restartPolicy", Test::Any, Blocked, IMMUTABLE, RECREATE),
    rule("Backup", "spec.serviceAccountName", Test::Any, Blocked, DEFAULTED, RECREATE).read_in(PODS),
    rule("Backup", "spec.affinity.antiAffinityEnabled", Test::Any, Blocked, IMMUTABLE, RECREATE).read_in(PODS),
    rule("Backup", "spec.priorityClassName", Test::Any, Blocked, IMMUTABLE, RECREATE).read_in(PODS),
    rule("Backup", "spec.imagePullSecrets", Test::FixedPods, Blocked, IMMUTABLE, RECREATE).read_in(PODS_25),
    rule("PhysicalBackup", "spec.mariaDbRef", Test::Any, Blocked, IMMUTABLE, RECREATE),
    rule("PhysicalBackup", "spec.storage", Test::Any, Blocked, IMMUTABLE, RECREATE),
    rule("PhysicalBackup", "spec.stagingStorage", Test::Any, Blocked, IMMUTABLE, RECREATE),
    rule("PhysicalBackup", "spec.restartPolicy", Test::Any, Blocked, IMMUTABLE, RECREATE),
    rule("PhysicalBackup", "spec.schedule.cron", Test::Any, Blocked, IMMUTABLE, RECREATE),
    rule("PhysicalBackup", "spec.serviceAccountName", Test::Any, Blocked, DEFAULTED, RECREATE).read_in(PHYSICAL),
    rule("PhysicalBackup", "spec.priorityClassName", Test::Any, Blocked, IMMUTABLE, RECREATE).read_in(PHYSICAL),
    rule("PhysicalBackup", "spec.imagePullSecrets", Test::FixedPods, Blocked, IMMUTABLE, RECREATE).read_in(PHYSICAL_25),
    rule("MaxScale", "spec.mariaDbRef", Test::Any, Blocked, IMMUTABLE, RECREATE).read_in(MAXSCALE),
    rule("MaxScale", "spec.services", Test::Any, Blocked, "routers and ports of services are immutable: the change is refused", RECREATE).read_in(MAXSCALE),

    rule("ExternalMariaDB", "spec.host", Test::Any, DataLoss, "another server has none of the databases", MIGRATE),
    rule("ExternalMariaDB", "spec.port", Test::Any, DataLoss, "another server has none of the databases", MIGRATE),
    rule("ExternalMariaDB", "spec.username", Test::Any, Credential, "another account makes databases", ""),
    rule("ExternalMariaDB", "spec.passwordSecretKeyRef", Test::Any, Credential, "the account's password is read elsewhere", ""),
    rule("ExternalMariaDB", "spec.tls", Test::Any, Credential, "passwords reach the server in another way, or in clear text", ""),

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
    rule("FrappeBench", "spec.storageClassName", Test::Any, Blocked, "the class of a volume is immutable: the bench keeps the one that it has", "leave it, or make a new bench and restore backups into its sites").read_in(BENCH),
    rule("FrappeBench", "spec.apps", Test::OlderImage, DataLoss, "an app does not undo the migrations of a newer version", "restore the sites' backups of that version"),
    rule("FrappeBench", "spec.apps", Test::Gone, Rollout, "sites that have the app installed fail until it is back", "uninstall it from the sites first"),
    rule("FrappeBench", "spec", Test::Any, Rollout, "every site on the bench restarts", ""),

    rule("SealedSecret", "spec.encryptedData", Test::FixedRoot, Blocked, "mariadb-operator 25.10 cannot change a root password, and loses its own access", "restore the record from Git").read_in(ROOT),
    rule("ExternalSecret", "spec.data", Test::FixedRoot, Blocked, "mariadb-operator 25.10 cannot change a root password, and loses its own access", "restore the record from Git").read_in(ROOT),
    rule("ExternalSecret", "spec.secretStoreRef", Test::FixedRoot, Blocked, "mariadb-operator 25.10 cannot change a root password, and another store has another one", "leave the store, or run mariadb-operator 26.6").read_in(ROOT),
    rule("SealedSecret", "spec.encryptedData", Test::Any, Credential, "the password changes", ""),
    rule("SealedSecret", "metadata.annotations.sealedsecrets.bitnami.com/namespace-wide", Test::Any, Blocked, SCOPE, "rotate it, or adopt one of that scope").read_in(EXPANSION),
    rule("SealedSecret", "metadata.annotations.sealedsecrets.bitnami.com/cluster-wide", Test::Any, Blocked, SCOPE, "rotate it, or adopt one of that scope").read_in(EXPANSION),
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
