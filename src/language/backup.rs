//! Backups of databases, and starting a server from one.

use super::Resources;
use super::values::{
    AccessKeyId, Bucket, Cron, Duration, Endpoint, Moment, RemoteKey, ResourceName, Size, Word,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Backups on a schedule.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Backup {
    /// `logical`: an SQL dump of a site's database or of all databases of a server. `physical`: the
    /// files of a whole server. Default: logical for a site, physical for a server. A PostgreSQL
    /// server has physical backups only.
    pub kind: Option<BackupKind>,
    /// When the operator takes a backup, as a cron expression such as "0 3 * * *".
    pub schedule: Option<Cron>,
    /// How long the operator keeps a backup. Default: 720h. PostgreSQL takes whole days.
    pub max_retention: Option<Duration>,
    /// How backups are compressed. Default: gzip.
    pub compression: Option<Compression>,
    /// Where backups are kept. It can never change. A PostgreSQL server needs an object store, and can
    /// change to another.
    pub storage: Option<BackupStorage>,
    /// A volume that holds a backup until it is uploaded to an object store. Default: the node's
    /// own disk.
    pub staging_storage: Option<Claim>,
    /// CPU and memory of the backup Job. For PostgreSQL: of the container that writes the backups
    /// of each instance.
    pub resources: Option<Resources>,
}

/// What a backup consists of.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum BackupKind {
    /// An SQL dump.
    Logical,
    /// The files of the server.
    Physical,
}

/// How a backup is compressed.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Compression {
    /// No compression.
    None,
    /// With gzip.
    Gzip,
    /// With bzip2.
    Bzip2,
}

/// Where backups are kept. Write one of the two fields.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct BackupStorage {
    /// An object store that speaks S3.
    pub s3: Option<S3>,
    /// A volume of the cluster.
    pub persistent_volume_claim: Option<Claim>,
}

/// An object store that speaks S3.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct S3 {
    /// The name of the bucket.
    pub bucket: Option<Bucket>,
    /// The address of the object store, without `https://`.
    pub endpoint: Option<Endpoint>,
    /// The region of the bucket.
    pub region: Option<Word>,
    /// The folder in the bucket. Each Backup object writes to its own folder below it,
    /// `PREFIX/CLUSTER/NAMESPACE/NAME`, because the operator removes old backups by folder. For
    /// PostgreSQL, NAME is the name of the server. A new server (`bootstrapFrom`) reads its backup
    /// from exactly this folder.
    pub prefix: Option<RemoteKey>,
    /// Whether the object store is reached by HTTPS. Default: true.
    pub tls: Option<bool>,
    /// The id of the access key. `sitewright secrets set` stores the secret key, like any other
    /// password.
    pub access_key_id: Option<AccessKeyId>,
    /// Instead of `accessKeyId`: your own Secret in the same namespace, with the keys
    /// `access-key-id` and `secret-access-key`. For PostgreSQL, it also needs the key `region` if
    /// the definition has `region`.
    pub credentials: Option<super::SecretRef>,
}

/// A PersistentVolumeClaim.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Claim {
    /// The size of the volume.
    pub size: Option<Size>,
    /// The StorageClass of the volume.
    pub storage_class_name: Option<ResourceName>,
}

/// The backup from which a new server starts. It can never change.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct BootstrapFrom {
    /// What the backup consists of. Default: physical.
    pub kind: Option<BackupKind>,
    /// The name of a Backup or PhysicalBackup in the same namespace. Only MariaDB has them.
    pub backup: Option<ResourceName>,
    /// Instead of `backup`: a folder of an object store.
    pub s3: Option<S3>,
    /// The server starts from the newest backup that is not later than this time, such as
    /// "2026-11-20T03:00:00Z". A PostgreSQL server also gets every change up to this time. Default: the
    /// newest backup, and for PostgreSQL all changes after it.
    pub target_recovery_time: Option<Moment>,
}
