//! Backup and PhysicalBackup of mariadb-operator, and the backup from which a new server starts.

use super::super::backup::{
    Backup, BackupStorage, Bootstrap, BootstrapSource, ObjectStore, StoreSecret, Volume,
    named_bootstrap_secret,
};
use super::super::{NamedSecret, Owner};
use super::{APP, names, objects};
use crate::cluster::{Cluster, Common};
use crate::language::{BackupKind, Compression, ResourceName, Resources};
use crate::object::{KeyReference, Manifest, Part, Reference, SecretSpec, Variables};
use minijinja::{Value, value::Serde};
use serde::Serialize;
use std::collections::BTreeMap;

static BACKUP_SECRET: StoreSecret = StoreSecret::of_backups(APP);
static BOOTSTRAP_SECRET: StoreSecret = StoreSecret::of_bootstrap(APP);

/// The default time for which a backup is kept. The operator writes this value into a new object
/// without one (source: `SetDefaults` in `api/v1alpha1/backup_types.go` and
/// `physicalbackup_types.go` of mariadb-operator 26.6). A Backup accepts no other value afterwards,
/// so the manifest states it from the start.
const MAX_RETENTION: &str = "720h0m0s";

/// `backup`: a Backup or PhysicalBackup.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct BackupContext<'a> {
    name: ResourceName,
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

fn store<'a>(store: &'a ObjectStore, prefix: String, keys: [KeyReference; 2]) -> S3Context<'a> {
    let [access_key_id_secret_key_ref, secret_access_key_secret_key_ref] = keys;
    S3Context {
        bucket: store.bucket.as_str(),
        endpoint: store.endpoint.as_str(),
        region: store.region.as_ref().map(|region| region.as_str()),
        prefix,
        access_key_id_secret_key_ref,
        secret_access_key_secret_key_ref,
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

/// The backup objects of a definition: the scheduled backup, and for a retired definition a last
/// backup, which is taken at once.
pub(super) fn manifests(owner: Owner) -> Vec<Manifest> {
    let Owner { common, backup, .. } = owner;
    let Some(backup) = backup else { return Vec::new() };
    let scheduled = manifest(common, backup, Part::Backup);
    let last = common.retired().then(|| manifest(common, backup, Part::LastBackup));
    [scheduled].into_iter().chain(last).collect()
}

/// The name of a backup's object.
fn name(common: &Common, part: Part) -> ResourceName {
    match part {
        Part::LastBackup => names::last_backup(common),
        _ => names::backup(common),
    }
}

fn manifest(common: &Common, backup: &Backup, part: Part) -> Manifest {
    Manifest {
        of: match backup.kind {
            BackupKind::Logical => &objects::BACKUP,
            BackupKind::Physical => &objects::PHYSICAL_BACKUP,
        },
        part,
        namespace: common.namespace.clone(),
        name: name(common, part),
        reads: [BACKUP_SECRET.name(common)].into(),
        // The volume with the backups is deleted together with the object.
        outlives: matches!(backup.storage, BackupStorage::Volume(_)) && !common.drops_data,
    }
}

/// What the template of a backup sees. `server` is the server that is backed up, and `database` the
/// only database of it, or `None` for all of them.
pub(super) fn variables(
    owner: Owner,
    part: Part,
    server: Reference,
    database: Option<&str>,
) -> Variables {
    let Owner { common, cluster, backup } = owner;
    let Some(backup) = backup else { return Variables::new() };
    let storage = match &backup.storage {
        BackupStorage::Store(s3) => {
            let folder = folder(s3, cluster, common);
            StorageContext::S3(store(s3, folder, BACKUP_SECRET.keys(s3, common)))
        }
        BackupStorage::Volume(volume) => claim(volume),
    };
    let retention = backup.max_retention.as_ref().map(|time| time.as_str());
    let context = BackupContext {
        name: name(common, part),
        namespace: common.namespace.as_str(),
        server,
        databases: database.map(|name| vec![name]),
        schedule: (part == Part::Backup).then_some(backup.schedule.as_str()),
        max_retention: retention.unwrap_or(MAX_RETENTION),
        compression: backup.compression,
        storage,
        staging_storage: backup.staging.as_ref().map(claim),
        resources: backup.resources.as_ref(),
    };
    [("backup", Value::from(Serde(context)))].into()
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
            (None, Some(store(s3, s3.prefix.clone(), BOOTSTRAP_SECRET.keys(s3, common))))
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
pub(super) fn secrets(owner: Owner, bootstrap: Option<&Bootstrap>) -> Vec<SecretSpec> {
    let backup = owner.backup.and_then(|backup| match &backup.storage {
        BackupStorage::Store(store) => Some((store, &BACKUP_SECRET)),
        BackupStorage::Volume(_) => None,
    });
    let bootstrap = bootstrap.and_then(|bootstrap| match &bootstrap.source {
        BootstrapSource::Store(store) => Some((store, &BOOTSTRAP_SECRET)),
        BootstrapSource::Object(_) => None,
    });
    let stores = backup.into_iter().chain(bootstrap);
    stores.map(|(store, secret)| secret.wanted(store, owner.common)).collect()
}

/// The user's Secret with the credentials of the store from which a server starts. `prefix` leads to
/// the server's fields.
pub(super) fn named_secret<'b>(
    bootstrap: Option<&'b Bootstrap>,
    prefix: &[&'static str],
) -> Option<NamedSecret<'b>> {
    let BootstrapSource::Store(store) = &bootstrap?.source else { return None };
    named_bootstrap_secret(store, prefix)
}
