//! Backup and PhysicalBackup of mariadb-operator, and the backup from which a new server starts.

use super::{APP, objects};
use crate::language::{BackupKind, Compression, Resources};
use crate::object::{ClusterContext, KeyReference, Manifest, Reference, SecretSpec, View};
use crate::resolve::{
    Backup, BackupStorage, Bootstrap, BootstrapSource, Cluster, Common, Credentials, ObjectStore,
    Volume,
};
use minijinja::{Value, value::Serde};
use serde::Serialize;
use std::collections::BTreeMap;

/// The keys of a Secret with the credentials of an object store.
const ID: &str = "access-key-id";
const SECRET: &str = "secret-access-key";

/// The ending of the name of a retired definition's last backup.
const LAST: &str = "-last";

/// The default time for which a backup is kept. The operator writes this value into a new object
/// without one (source: `SetDefaults` in `api/v1alpha1/backup_types.go` and
/// `physicalbackup_types.go` of mariadb-operator 26.6). A Backup accepts no other value afterwards,
/// so the manifest states it from the start.
const MAX_RETENTION: &str = "720h0m0s";

/// The source of a backup.
pub(super) struct Subject<'a> {
    pub(super) common: &'a Common<'a>,
    pub(super) cluster: &'a Cluster<'a>,
    pub(super) backup: &'a Backup,
    pub(super) server: Reference,
    /// The databases, or `None` for all databases of the server.
    pub(super) databases: Option<Vec<&'a str>>,
}

/// The name of the backup objects of a definition.
fn name(common: &Common) -> String {
    format!("{}-backup", common.name)
}

fn secret(common: &Common) -> String {
    format!("{}-backup-s3", common.name)
}

fn bootstrap_secret(common: &Common) -> String {
    format!("{}-bootstrap-s3", common.name)
}

/// `backup`: a Backup or PhysicalBackup.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct BackupContext<'a> {
    name: String,
    namespace: &'a str,
    server: Reference,
    databases: Option<Vec<&'a str>>,
    /// `None` for a backup that is taken once and at once.
    schedule: Option<&'a str>,
    max_retention: &'a str,
    compression: Compression,
    storage: StorageContext<'a>,
    staging_storage: Option<StorageContext<'a>>,
    resources: Option<&'a Resources>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
enum StorageContext<'a> {
    S3(S3Context<'a>),
    PersistentVolumeClaim(ClaimContext<'a>),
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ClaimContext<'a> {
    access_modes: [&'static str; 1],
    resources: BTreeMap<&'static str, BTreeMap<&'static str, &'a str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    storage_class_name: Option<&'a str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct S3Context<'a> {
    bucket: &'a str,
    endpoint: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    region: Option<&'a str>,
    #[serde(skip_serializing_if = "String::is_empty")]
    prefix: String,
    access_key_id_secret_key_ref: KeyReference,
    secret_access_key_secret_key_ref: KeyReference,
    tls: BTreeMap<&'static str, bool>,
}

fn claim(volume: &Volume) -> StorageContext<'_> {
    StorageContext::PersistentVolumeClaim(ClaimContext {
        access_modes: ["ReadWriteOnce"],
        resources: [("requests", [("storage", volume.size.as_str())].into())].into(),
        storage_class_name: volume.storage_class_name.as_ref().map(|name| name.as_str()),
    })
}

fn store<'a>(store: &'a ObjectStore, prefix: String, ours: String) -> S3Context<'a> {
    let name = match &store.credentials {
        Credentials::Ours(_) => ours,
        Credentials::Yours(name) => name.to_string(),
    };
    let key = |key: &str| KeyReference { name: name.clone(), key: key.to_owned() };
    S3Context {
        bucket: store.bucket.as_str(),
        endpoint: store.endpoint.as_str(),
        region: store.region.as_ref().map(|region| region.as_str()),
        prefix,
        access_key_id_secret_key_ref: key(ID),
        secret_access_key_secret_key_ref: key(SECRET),
        tls: [("enabled", store.tls)].into(),
    }
}

/// Each definition has a folder of its own. The operator treats every backup in a folder as a
/// backup of the same object when it removes old backups or restores the newest (source: the backup
/// command of mariadb-operator 25.10). In a shared folder it would touch the backups of other
/// tenants.
fn folder(store: &ObjectStore, cluster: &Cluster, common: &Common) -> String {
    let own = format!("{}/{}/{}", cluster.name, common.namespace, common.name);
    if store.prefix.is_empty() { own } else { format!("{}/{own}", store.prefix) }
}

/// The backup objects: the scheduled backup, and for a retired definition a last backup, which is
/// taken at once.
pub(super) fn objects(subject: Subject) -> Vec<View> {
    let name = name(subject.common);
    let last = subject.common.retired().then(|| object(&subject, format!("{name}{LAST}"), false));
    [object(&subject, name, true)].into_iter().chain(last).collect()
}

fn object(subject: &Subject, name: String, is_scheduled: bool) -> View {
    #[derive(Serialize)]
    struct Context<'a> {
        cluster: ClusterContext<'a>,
        backup: BackupContext<'a>,
    }
    let Subject { common, cluster, backup, server, databases } = subject;
    let ours = secret(common);
    let of = match backup.kind {
        BackupKind::Logical => &objects::BACKUP,
        BackupKind::Physical => &objects::PHYSICAL_BACKUP,
    };
    let storage = match &backup.storage {
        BackupStorage::Store(s3) => {
            StorageContext::S3(store(s3, folder(s3, cluster, common), ours.clone()))
        }
        BackupStorage::Volume(volume) => claim(volume),
    };
    let manifest = Manifest {
        of,
        app: APP,
        namespace: common.namespace.to_string(),
        name: name.clone(),
        suffix: (!is_scheduled).then_some("last"),
        reads: vec![ours],
        // The volume with the backups is deleted together with the object.
        outlives: matches!(backup.storage, BackupStorage::Volume(_)) && !common.drops_data,
    };
    let context = Context {
        cluster: ClusterContext::new(cluster),
        backup: BackupContext {
            name,
            namespace: common.namespace.as_str(),
            server: server.clone(),
            databases: databases.clone(),
            schedule: is_scheduled.then_some(backup.schedule.as_str()),
            max_retention: backup
                .max_retention
                .as_ref()
                .map_or(MAX_RETENTION, |time| time.as_str()),
            compression: backup.compression,
            storage,
            staging_storage: backup.staging.as_ref().map(claim),
            resources: backup.resources.as_ref(),
        },
    };
    View { context: Value::from(Serde(context)), manifests: vec![manifest] }
}

/// `instance.bootstrapFrom`, in the form of the MariaDB object.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct BootstrapContext<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    backup_ref: Option<BTreeMap<&'static str, &'a str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    s3: Option<S3Context<'a>>,
    /// An object store does not tell the kind of a backup, so it is stated here.
    #[serde(skip_serializing_if = "Option::is_none")]
    backup_content_type: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    target_recovery_time: Option<&'a str>,
}

pub(super) fn bootstrap<'a>(from: &'a Bootstrap, common: &Common) -> BootstrapContext<'a> {
    let (kind, content) = match from.kind {
        BackupKind::Logical => ("Backup", "Logical"),
        BackupKind::Physical => ("PhysicalBackup", "Physical"),
    };
    let (backup_ref, s3) = match &from.source {
        BootstrapSource::Object(name) => {
            (Some([("name", name.as_str()), ("kind", kind)].into()), None)
        }
        BootstrapSource::Store(s3) => {
            (None, Some(store(s3, s3.prefix.clone(), bootstrap_secret(common))))
        }
    };
    BootstrapContext {
        backup_content_type: s3.is_some().then_some(content),
        backup_ref,
        s3,
        target_recovery_time: from.target.as_ref().map(|moment| moment.as_str()),
    }
}

/// The Secrets with the credentials of a definition's object stores.
pub(super) fn secrets(
    common: &Common,
    backup: Option<&Backup>,
    bootstrap: Option<&Bootstrap>,
) -> Vec<SecretSpec> {
    let backup = backup.and_then(|backup| match &backup.storage {
        BackupStorage::Store(store) => Some((store, secret(common), "backup-s3")),
        BackupStorage::Volume(_) => None,
    });
    let bootstrap = bootstrap.and_then(|bootstrap| match &bootstrap.source {
        BootstrapSource::Store(store) => Some((store, bootstrap_secret(common), "bootstrap-s3")),
        BootstrapSource::Object(_) => None,
    });
    let namespace = common.namespace.as_str();
    let of = "the object store's access key";
    let wanted = |(store, name, suffix): (&ObjectStore, String, _)| match &store.credentials {
        Credentials::Ours(id) => {
            SecretSpec::given(namespace, &name, suffix, SECRET, of).stating(ID, id.as_str())
        }
        Credentials::Yours(name) => {
            SecretSpec::of_the_user(namespace, name.as_str(), SECRET, of).having(ID)
        }
    };
    backup.into_iter().chain(bootstrap).map(wanted).collect()
}
