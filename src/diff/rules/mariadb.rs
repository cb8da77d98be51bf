//! Kinds of mariadb-operator.

use super::super::condition::Condition::{
    AccountGoes, FixedPods, Gone, GrantStays, Has, HasBudget, Is, IsNot, Narrower, Older,
    Protected, Reaches, Restates, Retired, Smaller, To, Topology, TwoPasswords, Was, WasSet,
    WrongCount,
};
use super::super::finding::Level::{Blocked, Credential, DataLoss, None, Rollout};
use super::super::version::Tags;
use super::On::{Comes, Goes};
use super::{IMMUTABLE, LEAVE, MIGRATE, MOVES, RETIRE, RETIRED, Rule, field, on};

const DEFAULTED: &str = "the field is immutable, and the operator fills it in at birth where nothing states it: \
                         the change is refused";
const RECREATE: &str = "leave it; a new value needs a new object with its own name";
const NEWER: &str = "leave it, or run mariadb-operator 26.6";

const DATABASE_GOES: &str = "removing the object drops the database";
const KEEP_DATABASE: &str = "state `cleanupPolicy: Skip`";
const ORPHANED: &str = "nothing looks after the site's database any more";
const OTHER_SERVER: &str = "another server has none of the databases";

const TWO_PASSWORDS: &str = "a User has one kind of password: the change is refused";
const ONE_PASSWORD: &str = "take the other one away in the same change";
const OTHER_PASSWORD: &str = "the account gets another password";
const SITE_CONFIG: &str =
    "set `db_password` in the site's site_config.json as soon as the Secret is there";
const OTHER_MEANS: &str = "the account is let in by other means";
const OTHER_CONNECTION: &str = "the account needs another kind of connection";
const HANDED: &str = "the User `{before}` drops the account when it is removed. This one makes it again without any \
                      privilege, when the operator looks at it next: the site is out of service for an hour or two";
const REMAKE: &str = "when `{before}` is gone, delete the User `{name}` and its Grant in the cluster: the engine makes \
                      both anew";
const REMADE: &str = "the account is made again, and its Grant is there already: it gives the account no privilege \
                      until the operator looks at it again, so the site is out of service for an hour or two";
const REGRANT: &str =
    "when the User is ready, delete its Grant in the cluster: the engine makes it anew";

const OPENS: &str = "the server may let others in than before";
const STATE: &str = "state settings in `myCnf` of the definition, which are checked";
const VOLUMES_GO: &str = "removing the object deletes the server's volumes";
const KEEP_VOLUMES: &str = "leave `whenDeleted` at Retain";
const TOPOLOGY: &str = "the operator cannot switch the topology of a server that is there";
const NEW_SERVER: &str = "make a new server of that topology, and restore a backup into it";
const BUDGET: &str = "the operator makes a PodDisruptionBudget once, and never changes it";
const DELETE_BUDGET: &str = "after the change, delete the PodDisruptionBudget `{name}` in the cluster: the operator \
                             makes it anew";

const VOLUME: &str = "spec.storage.persistentVolumeClaim";
const WHEN_DELETED: &str = "spec.storage.pvcRetentionPolicy.whenDeleted";

const MARIADB: &str = "api/v1alpha1/mariadb_types.go of mariadb-operator 26.6.0";
const GALERA: &str = "api/v1alpha1/mariadb_galera_types.go of mariadb-operator 26.6.0";
const REPLICATION: &str = "api/v1alpha1/mariadb_replication_types.go of mariadb-operator 26.6.0";
const PODS: &str = "api/v1alpha1/base_types.go of mariadb-operator 26.6.0";
const PODS_25: &str = "api/v1alpha1/base_types.go of mariadb-operator 25.10.4";
const JOBS: &str =
    "api/v1alpha1/base_types.go and physicalbackup_types.go of mariadb-operator 26.6.0";
const JOBS_25: &str =
    "api/v1alpha1/base_types.go and physicalbackup_types.go of mariadb-operator 25.10.4";
const MAXSCALE: &str = "api/v1alpha1/maxscale_types.go of mariadb-operator 26.6.0";
const USER: &str = "internal/webhook/v1alpha1/user_webhook.go of mariadb-operator 26.6.0";
const BUDGETS: &str =
    "reconcileDefaultPDB in internal/controller/mariadb_controller.go of mariadb-operator 26.6.0";

#[rustfmt::skip]
pub(super) const RULES: &[Rule] = &[
    field("Database", "spec.name", &[], DataLoss, MOVES, MIGRATE),
    field("Database", "spec.mariaDbRef", &[], DataLoss, MOVES, MIGRATE),
    field("Database", "spec.characterSet", &[], Blocked, IMMUTABLE, RECREATE),
    field("Database", "spec.collate", &[], Blocked, IMMUTABLE, RECREATE),
    field("Database", "spec.cleanupPolicy", &[To("Delete"), Reaches], DataLoss, "removing the object drops the database from now on", "leave it at Skip"),
    field("Database", "spec.cleanupPolicy", &[Gone, Reaches], DataLoss, "unset means Delete: removing the object drops the database", "state Skip"),
    on("Database", Comes, &[IsNot("spec.cleanupPolicy", "Skip"), Reaches], DataLoss, DATABASE_GOES, KEEP_DATABASE),
    on("Database", Goes, &[IsNot("spec.cleanupPolicy", "Skip"), Reaches], DataLoss, DATABASE_GOES, KEEP_DATABASE),
    on("Database", Goes, &[Reaches, Retired], Rollout, RETIRED, ""),
    on("Database", Goes, &[Reaches], DataLoss, ORPHANED, RETIRE),
    on("Database", Goes, &[Retired], Rollout, "the database stays on the server: {mariadb} drops nothing outside the cluster", "drop it there when its data is no longer wanted"),
    on("Database", Goes, &[], DataLoss, "the site's database stays on the server: {mariadb} drops nothing outside the cluster", RETIRE),

    field("User", "spec.name", &[], Blocked, IMMUTABLE, RECREATE),
    field("User", "spec.host", &[], Blocked, IMMUTABLE, RECREATE),
    field("User", "spec.mariaDbRef", &[], Blocked, IMMUTABLE, RECREATE),
    field("User", "spec.passwordSecretKeyRef", &[TwoPasswords], Blocked, TWO_PASSWORDS, ONE_PASSWORD).read_in(USER),
    field("User", "spec.passwordPlugin", &[TwoPasswords], Blocked, TWO_PASSWORDS, ONE_PASSWORD),
    field("User", "spec.passwordHashSecretKeyRef", &[TwoPasswords], Blocked, TWO_PASSWORDS, ONE_PASSWORD),
    field("User", "spec.passwordSecretKeyRef", &[], Credential, OTHER_PASSWORD, SITE_CONFIG),
    field("User", "spec.passwordPlugin", &[], Credential, OTHER_MEANS, ""),
    field("User", "spec.passwordHashSecretKeyRef", &[], Credential, OTHER_PASSWORD, ""),
    field("User", "spec.require", &[], Credential, OTHER_CONNECTION, ""),
    field("User", "spec.maxUserConnections", &[To("0")], Rollout, "the site may hold any number of connections", ""),
    field("User", "spec.maxUserConnections", &[Smaller], Rollout, "the site may hold fewer connections", ""),
    on("User", Comes, &[Has("spec.passwordPlugin")], Credential, OTHER_MEANS, ""),
    on("User", Comes, &[Has("spec.passwordHashSecretKeyRef")], Credential, "the account's password is a hash that nothing here checks", ""),
    on("User", Comes, &[Has("spec.require")], Credential, OTHER_CONNECTION, ""),
    on("User", Comes, &[AccountGoes], Rollout, HANDED, REMAKE),
    on("User", Comes, &[GrantStays], Rollout, REMADE, REGRANT),
    on("User", Goes, &[Reaches, Is("spec.cleanupPolicy", "Skip")], Credential, "the account is left to its server, as long as that is there", ""),
    on("User", Goes, &[Reaches], Credential, "the account is dropped, with its grants", ""),
    on("User", Goes, &[], Credential, "the account, with its password and grants, stays on the server: {mariadb} drops nothing outside the cluster", "drop it there"),

    field("Grant", "spec.privileges", &[Narrower], Credential, "the site may do less than before", ""),
    field("Grant", "spec.privileges", &[], Credential, "the site may do more than before", ""),
    field("Grant", "spec.cleanupPolicy", &[], Rollout, "removing the object does something else from now on", ""),
    field("Grant", "spec.retryInterval", &[], None, "", ""),
    field("Grant", "spec.requeueInterval", &[], None, "", ""),
    field("Grant", "spec", &[], Blocked, IMMUTABLE, RECREATE),
    on("Grant", Goes, &[], Credential, "what it allows is no longer stated", ""),

    field("MariaDB", "spec.storage.size", &[Smaller], DataLoss, "a volume cannot shrink: the change is refused, and a server made anew is empty", "leave the size"),
    field("MariaDB", "spec.storage.size", &[], Rollout, "the volumes grow", ""),
    field("MariaDB", "spec.storage.storageClassName", &[], Blocked, IMMUTABLE, MIGRATE),
    field("MariaDB", "spec.storage.pvcRetentionPolicy.whenScaled", &[], Rollout, "what becomes of the volume of a replica that goes", ""),
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
    field("MariaDB", "spec.volumes", &[FixedPods], Blocked, IMMUTABLE, NEWER).read_in(PODS_25),
    field("MariaDB", "spec.volumeMounts", &[FixedPods], Blocked, IMMUTABLE, NEWER).read_in(PODS_25),
    field("MariaDB", "spec.imagePullSecrets", &[FixedPods], Blocked, IMMUTABLE, NEWER).read_in(PODS_25),
    field("MariaDB", "spec.galera", &[Topology], Blocked, TOPOLOGY, NEW_SERVER),
    field("MariaDB", "spec.galera.config", &[], Blocked, DEFAULTED, LEAVE).read_in(GALERA),
    field("MariaDB", "spec.galera.gtidDomainId", &[], Blocked, IMMUTABLE, LEAVE).read_in(GALERA),
    field("MariaDB", "spec.galera.serverId", &[], Blocked, IMMUTABLE, LEAVE).read_in(GALERA),
    field("MariaDB", "spec.replication", &[Topology], Blocked, TOPOLOGY, NEW_SERVER),
    field("MariaDB", "spec.replication.gtidDomainId", &[], Blocked, IMMUTABLE, LEAVE).read_in(REPLICATION),
    field("MariaDB", "spec.replication.serverIdStartIndex", &[], Blocked, IMMUTABLE, LEAVE).read_in(REPLICATION),
    field("MariaDB", "spec.podDisruptionBudget", &[HasBudget], Blocked, BUDGET, DELETE_BUDGET).read_in(BUDGETS),
    field("MariaDB", "spec.image", &[Older(Tags::Mariadb)], DataLoss, "MariaDB cannot read the data files of a newer version", "restore a backup into a server of the older version"),
    field("MariaDB", "spec.image", &[], Rollout, "the server restarts with another image", ""),
    field("MariaDB", "spec.replicas", &[WrongCount], Blocked, "the server's topology does not take this number of replicas: the change is refused", "state one without a topology, several with replication, an odd number with Galera"),
    field("MariaDB", "spec.replicas", &[], Rollout, "replicas come or go", ""),
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

    field("Backup PhysicalBackup", "spec.mariaDbRef", &[], Blocked, IMMUTABLE, RECREATE),
    field("Backup PhysicalBackup", "spec.storage", &[], Blocked, IMMUTABLE, RECREATE),
    field("Backup PhysicalBackup", "spec.stagingStorage", &[], Blocked, IMMUTABLE, RECREATE),
    field("Backup PhysicalBackup", "spec.restartPolicy", &[], Blocked, IMMUTABLE, RECREATE),
    field("Backup PhysicalBackup", "spec.serviceAccountName", &[], Blocked, DEFAULTED, RECREATE).read_in(JOBS),
    field("Backup PhysicalBackup", "spec.priorityClassName", &[], Blocked, IMMUTABLE, RECREATE).read_in(JOBS),
    field("Backup PhysicalBackup", "spec.imagePullSecrets", &[FixedPods], Blocked, IMMUTABLE, NEWER).read_in(JOBS_25),
    field("Backup PhysicalBackup", "spec.maxRetention", &[Restates("720h")], None, "", ""),
    field("Backup", "spec.maxRetention", &[], Blocked, DEFAULTED, RECREATE),
    field("Backup", "spec.affinity.antiAffinityEnabled", &[], Blocked, IMMUTABLE, RECREATE).read_in(PODS),
    field("PhysicalBackup", "spec.schedule.cron", &[], Blocked, IMMUTABLE, RECREATE),
    on("Backup PhysicalBackup", Goes, &[Has(VOLUME), Protected, Has("spec.schedule")], Rollout, "it stays in the cluster with its volume, and goes on taking backups", ""),
    on("Backup PhysicalBackup", Goes, &[Has(VOLUME), Protected], Rollout, "it stays in the cluster with its volume", ""),
    on("Backup PhysicalBackup", Goes, &[Has(VOLUME)], DataLoss, "the volume with the backups is deleted with it", "copy the backups first; `--allow` lets it pass"),
    on("Backup PhysicalBackup", Goes, &[], Rollout, "no more backups are taken", ""),
    field("MaxScale", "spec.mariaDbRef", &[], Blocked, IMMUTABLE, RECREATE).read_in(MAXSCALE),
    field("MaxScale", "spec.services", &[], Blocked, "routers and ports of services are immutable: the change is refused", RECREATE).read_in(MAXSCALE),

    field("ExternalMariaDB", "spec.host", &[], DataLoss, OTHER_SERVER, MIGRATE),
    field("ExternalMariaDB", "spec.port", &[], DataLoss, OTHER_SERVER, MIGRATE),
    field("ExternalMariaDB", "spec.username", &[], Credential, "another account makes databases", ""),
    field("ExternalMariaDB", "spec.passwordSecretKeyRef", &[], Credential, "the account's password is read elsewhere", ""),
    field("ExternalMariaDB", "spec.tls", &[Was("spec.tls.enabled", "true"), IsNot("spec.tls.enabled", "true")], Credential, "the passwords of accounts reach the server in clear text", "leave `tls.enabled` at true"),
    // By its Service, frappe-operator reaches such a server.
    field("Service", "spec.externalName", &[], DataLoss, OTHER_SERVER, MIGRATE),
    on("Service", Goes, &[], Rollout, "sites that reach a server outside the cluster by it are out of service", ""),
    field("ExternalMariaDB", "spec.tls", &[], Credential, "the passwords of accounts reach the server in another way", ""),
    on("ExternalMariaDB", Goes, &[Retired], Rollout, RETIRED, ""),
    on("ExternalMariaDB", Goes, &[], DataLoss, "nothing looks after the databases on the server any more", RETIRE),
];
