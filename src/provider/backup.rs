//! Backups as definitions state them: the types that every provider reads, how the fields are
//! resolved, and the Secrets with the credentials of object stores.

use super::NamedSecret;
use crate::cluster::Common;
use crate::diagnostic::{Checked, Code, Diagnostic, both};
use crate::language::{
    self, AccessKeyId, BackupKind, Bucket, Compression, Cron, Duration, Endpoint, Moment,
    ResourceName, Resources, Size, Word,
};
use crate::layers::{Origin, require};
use crate::object::{KeyReference, SecretPurpose, SecretSpec};

/// Backups on a schedule.
#[derive(Debug)]
pub struct Backup {
    /// What a backup consists of.
    pub kind: BackupKind,
    /// When a backup is taken.
    pub schedule: Cron,
    /// How long a backup is kept. `None` means 30 days, the operator's default.
    pub max_retention: Option<Duration>,
    /// How backups are compressed.
    pub compression: Compression,
    /// Where backups are kept.
    pub storage: BackupStorage,
    /// A volume that holds a backup until it is uploaded to an object store.
    pub staging: Option<Volume>,
    /// CPU and memory of the job.
    pub resources: Option<Resources>,
}

/// Where backups are kept.
#[derive(Debug)]
pub enum BackupStorage {
    /// In an object store.
    Store(ObjectStore),
    /// In a volume of the cluster.
    Volume(Volume),
}

/// An object store that speaks S3.
#[derive(Debug)]
pub struct ObjectStore {
    /// The bucket.
    pub bucket: Bucket,
    /// The store's address.
    pub endpoint: Endpoint,
    /// The region, if the store has one.
    pub region: Option<Word>,
    /// The folder in the bucket, without `/` at its ends. It is empty for the bucket itself.
    pub prefix: String,
    /// Whether the store is reached by HTTPS.
    pub tls: bool,
    /// The credentials of the store.
    pub credentials: Credentials,
}

impl ObjectStore {
    /// The user's Secret with its credentials, if it is not sitewright's.
    pub fn user_secret(&self) -> Option<&str> {
        match &self.credentials {
            Credentials::Yours(name) => Some(name.as_str()),
            Credentials::Ours(_) => None,
        }
    }
}

/// The Secret with the credentials of an object store.
#[derive(Debug)]
pub(crate) struct StoreSecret {
    /// What follows the definition's name in the name of a Secret that sitewright creates.
    ending: &'static str,
    purpose: SecretPurpose,
}

/// The keys of a Secret with the credentials of an object store.
const ID: &str = "access-key-id";
const SECRET: &str = "secret-access-key";

const STORE_OWNER: &str = "the object store's access key";

/// An access key in a Secret of the user's.
const YOUR_STORE_SECRET: SecretPurpose = SecretPurpose::of_the_user("password", STORE_OWNER);

impl StoreSecret {
    /// The access key of the store that takes a definition's backups.
    pub(crate) const fn of_backups(app: &'static str) -> Self {
        Self { ending: "-backup-s3", purpose: store_purpose("backup-s3", app) }
    }

    /// The access key of the store from which a server starts.
    pub(crate) const fn of_bootstrap(app: &'static str) -> Self {
        Self { ending: "-bootstrap-s3", purpose: store_purpose("bootstrap-s3", app) }
    }

    /// The name of the Secret that sitewright creates for a definition.
    pub(crate) fn name(&self, definition: &Common) -> ResourceName {
        definition.name.followed_by(self.ending)
    }

    /// The Secret with the credentials of a definition's store.
    pub(crate) fn wanted(&'static self, store: &ObjectStore, definition: &Common) -> SecretSpec {
        let namespace = &definition.namespace;
        match &store.credentials {
            Credentials::Ours(id) => {
                let name = self.name(definition);
                SecretSpec::given(&self.purpose, namespace, name, SECRET).stating(ID, id.as_str())
            }
            Credentials::Yours(name) => {
                SecretSpec::of_the_user(&YOUR_STORE_SECRET, namespace, name.clone(), SECRET)
                    .having(ID)
            }
        }
    }

    /// The keys of that Secret with the id and with the secret half.
    pub(crate) fn keys(&self, store: &ObjectStore, definition: &Common) -> [KeyReference; 2] {
        let name = match &store.credentials {
            Credentials::Ours(_) => self.name(definition),
            Credentials::Yours(name) => name.clone(),
        };
        [ID, SECRET].map(|key| KeyReference { name: name.clone(), key: key.into() })
    }
}

const fn store_purpose(suffix: &'static str, app: &'static str) -> SecretPurpose {
    SecretPurpose {
        holds: "password",
        of: STORE_OWNER,
        suffix,
        former: None,
        follows: "",
        kind: "Opaque",
        app,
        watch_label: None,
    }
}

/// The user's Secret with the credentials of the store from which a server starts. `prefix` leads to
/// the server's fields.
pub(crate) fn named_bootstrap_secret<'s>(
    store: &'s ObjectStore,
    prefix: &[&'static str],
) -> Option<NamedSecret<'s>> {
    let path = [prefix, &["bootstrapFrom", "s3", "credentials", "name"]].concat();
    Some(NamedSecret { name: store.user_secret()?, path, server: None })
}

/// The credentials of an object store.
#[derive(Debug)]
pub enum Credentials {
    /// A Secret that sitewright creates. The definition states the id. The secret key is recorded
    /// like a password.
    Ours(AccessKeyId),
    /// A Secret of the user's.
    Yours(ResourceName),
}

/// A volume.
#[derive(Debug)]
pub struct Volume {
    /// Its size.
    pub size: Size,
    /// Its StorageClass. `None` means the cluster's default.
    pub storage_class_name: Option<ResourceName>,
}

/// The backup from which a new server starts.
#[derive(Debug)]
pub struct Bootstrap {
    /// What the backup consists of.
    pub kind: BackupKind,
    /// Where the backup is.
    pub source: BootstrapSource,
    /// The point in time to restore. `None` means the newest backup.
    pub target: Option<Moment>,
}

/// The source of a new server's data.
#[derive(Debug)]
pub enum BootstrapSource {
    /// A Backup or PhysicalBackup in the server's namespace.
    Object(ResourceName),
    /// An object store.
    Store(ObjectStore),
}

/// The backups of a definition, if it states any. `default` is the kind of a backup that states
/// none.
pub(crate) fn backup(
    stated: Option<language::Backup>,
    origin: &Origin,
    default: BackupKind,
) -> Checked<Option<Backup>> {
    let Some(stated) = stated else { return Ok(None) };
    let path = ["backup", "schedule"];
    let schedule = require(stated.schedule, origin, &path, "such as \"0 3 * * *\"");
    let storage = storage(stated.storage.unwrap_or_default(), origin);
    let path = ["backup", "stagingStorage"];
    let staging = stated.staging_storage.map(|claim| volume(claim, origin, &path)).transpose();
    let ((schedule, storage), staging) = both(both(schedule, storage), staging)?;
    Ok(Some(Backup {
        kind: stated.kind.unwrap_or(default),
        schedule,
        max_retention: stated.max_retention,
        compression: stated.compression.unwrap_or(Compression::Gzip),
        storage,
        staging,
        resources: stated.resources,
    }))
}

fn storage(stated: language::BackupStorage, origin: &Origin) -> Checked<BackupStorage> {
    let path = ["backup", "storage"];
    match (stated.s3, stated.persistent_volume_claim) {
        (Some(s3), None) => {
            store(s3, origin, &[&path[..], &["s3"]].concat()).map(BackupStorage::Store)
        }
        (None, Some(claim)) => {
            let path = [&path[..], &["persistentVolumeClaim"]].concat();
            volume(claim, origin, &path).map(BackupStorage::Volume)
        }
        (Some(_), Some(_)) => {
            let message = "backups are kept in an object store or in a volume, not in both";
            // SW107: fields that exclude each other.
            let problem = Diagnostic::new(Code::Conflict, origin.span(&path), message)
                .help("keep one; if another layer states the other one, unset it with `null`");
            Err(vec![problem])
        }
        (None, None) => require(None, origin, &path, "`s3` or `persistentVolumeClaim`"),
    }
}

fn volume(stated: language::Claim, origin: &Origin, path: &[&str]) -> Checked<Volume> {
    let path = [path, &["size"]].concat();
    let size = require(stated.size, origin, &path, "such as 50Gi")?;
    Ok(Volume { size, storage_class_name: stated.storage_class_name })
}

fn store(stated: language::S3, origin: &Origin, path: &[&str]) -> Checked<ObjectStore> {
    let at = |field| [path, &[field]].concat();
    let bucket = require(stated.bucket, origin, &at("bucket"), "the bucket");
    let why = "the store's address, such as s3.eu-central-1.amazonaws.com";
    let endpoint = require(stated.endpoint, origin, &at("endpoint"), why);
    let yours = stated.credentials.and_then(|secret| secret.name);
    let credentials = credentials(stated.access_key_id, yours, origin, path);
    let ((bucket, endpoint), credentials) = both(both(bucket, endpoint), credentials)?;
    let prefix = stated.prefix.map(|prefix| prefix.as_str().trim_matches('/').to_owned());
    Ok(ObjectStore {
        bucket,
        endpoint,
        region: stated.region,
        prefix: prefix.unwrap_or_default(),
        tls: stated.tls.unwrap_or(true),
        credentials,
    })
}

/// The credentials of an object store: the id that the definition states, or a Secret of the user's.
fn credentials(
    id: Option<AccessKeyId>,
    yours: Option<ResourceName>,
    origin: &Origin,
    path: &[&str],
) -> Checked<Credentials> {
    let at = |field| [path, &[field]].concat();
    match (id, yours) {
        (Some(id), None) => Ok(Credentials::Ours(id)),
        (None, Some(name)) => Ok(Credentials::Yours(name)),
        (Some(_), Some(_)) => {
            let message = "`accessKeyId` and `credentials` are both stated";
            let problem = Diagnostic::new(Code::Conflict, origin.span(&at("credentials")), message)
                .related(origin.span(&at("accessKeyId")), "the id")
                .help("keep one: the Secret in `credentials` contains both halves of the key");
            Err(vec![problem])
        }
        (None, None) => {
            let why = "or name a Secret of yours in `credentials`";
            require(None, origin, &at("accessKeyId"), why)
        }
    }
}

/// The backup from which a server starts, if one is stated. `prefix` leads to the server's fields.
pub(crate) fn bootstrap(
    stated: Option<language::BootstrapFrom>,
    origin: &Origin,
    prefix: &[&str],
) -> Checked<Option<Bootstrap>> {
    let Some(stated) = stated else { return Ok(None) };
    let path = [prefix, &["bootstrapFrom"]].concat();
    let source = match (stated.backup, stated.s3) {
        (Some(name), None) => BootstrapSource::Object(name),
        (None, Some(s3)) => {
            let path = [&path[..], &["s3"]].concat();
            BootstrapSource::Store(store(s3, origin, &path)?)
        }
        (one, _) => {
            let count = if one.is_some() { "two sources" } else { "no source" };
            let message = format!("`{}` has {count}", path.join("."));
            let problem = Diagnostic::new(Code::Conflict, origin.span(&path), message)
                .help("state `backup`, a Backup or PhysicalBackup here, or `s3`");
            return Err(vec![problem]);
        }
    };
    Ok(Some(Bootstrap {
        kind: stated.kind.unwrap_or(BackupKind::Physical),
        source,
        target: stated.target_recovery_time,
    }))
}
