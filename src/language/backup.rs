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
    /// `logical`: SQL, of a site's database or of all of a server's. `physical`: the files of a whole
    /// server. Default: logical for a site, physical for a server.
    pub kind: Option<BackupKind>,
    /// When one is taken, such as "0 3 * * *".
    pub schedule: Option<Cron>,
    /// How long one is kept. Default: 720h.
    pub max_retention: Option<Duration>,
    /// Default: gzip.
    pub compression: Option<Compression>,
    /// Where they are kept; it can never change.
    pub storage: Option<BackupStorage>,
    /// A volume for one that is on its way to an object store. Default: the node's own disk.
    pub staging_storage: Option<Claim>,
    /// CPU and memory of the job.
    pub resources: Option<Resources>,
}

/// What a backup consists of.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum BackupKind {
    /// SQL.
    Logical,
    /// Files.
    Physical,
}

/// How a backup is compressed.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Compression {
    /// Not at all.
    None,
    /// With gzip.
    Gzip,
    /// With bzip2.
    Bzip2,
}

/// Where backups are kept: in one of the two.
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
    /// The bucket.
    pub bucket: Option<Bucket>,
    /// The store's address, without a scheme.
    pub endpoint: Option<Endpoint>,
    /// The region.
    pub region: Option<Word>,
    /// The folder in the bucket. Backups go into one of their own in it,
    /// `PREFIX/CLUSTER/NAMESPACE/NAME`, since the operator removes old ones by their folder; what a
    /// server starts from is read from this folder itself.
    pub prefix: Option<RemoteKey>,
    /// Whether it is reached by HTTPS. Default: true.
    pub tls: Option<bool>,
    /// The id of the access key. Its secret half is a password like the others, which
    /// `sitewright secrets set` takes.
    pub access_key_id: Option<AccessKeyId>,
    /// Instead: a Secret of yours in the same namespace, with the keys `access-key-id` and
    /// `secret-access-key`.
    pub credentials: Option<super::SecretRef>,
}

/// A volume.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Claim {
    /// Its size.
    pub size: Option<Size>,
    /// Its StorageClass.
    pub storage_class_name: Option<ResourceName>,
}

/// The backup from which a new server starts; it can never change.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct BootstrapFrom {
    /// What it consists of. Default: physical.
    pub kind: Option<BackupKind>,
    /// A Backup or PhysicalBackup in the same namespace.
    pub backup: Option<ResourceName>,
    /// Instead: a folder of an object store.
    pub s3: Option<S3>,
    /// The newest one up to this moment, such as "2026-11-20T03:00:00Z". Default: the newest.
    pub target_recovery_time: Option<Moment>,
}
