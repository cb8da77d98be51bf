//! Backups of a PostgreSQL server, and the backup from which a new server starts, through the plugin
//! Barman Cloud of CloudNativePG (source: plugin-barman-cloud 0.14.0).
//!
//! The plugin saves whole servers only: their files on a schedule, and at any time the log of every
//! change (WAL). A definition has an ObjectStore for its backups, and another one for the backup from
//! which its server starts. The Cluster names both.

use super::super::backup::{
    self, Backup, BackupStorage, BootstrapSource, ObjectStore, StoreSecret, named_bootstrap_secret,
};
use super::super::{NamedSecret, Owner};
use super::context::{
    BackupContext, BootstrapContext, OriginContext, PluginContext, PluginParameters, StoreContext,
};
use super::objects::object_of_part;
use super::schedule::six_fields;
use super::{APP, names, objects};
use crate::cluster::Common;
use crate::diagnostic::{Checked, Code, Diagnostic};
use crate::language::{BackupKind, BootstrapFrom, Compression, Duration, Moment, ResourceName};
use crate::layers::Origin;
use crate::object::{KeyReference, Manifest, Part, SecretSpec, Variables};
use crate::risk::duration;
use minijinja::{Value, value::Serde};

static BACKUP_SECRET: StoreSecret = StoreSecret::of_backups(APP);
static BOOTSTRAP_SECRET: StoreSecret = StoreSecret::of_bootstrap(APP);

/// The key of a store's Secret with the region. The plugin reads the region from no other place
/// (source: `envSetAWSCredentials` in `pkg/credentials/env.go` of cloudnative-pg/barman-cloud).
const REGION: &str = "region";

/// The name of the plugin (source: `PluginName` in `internal/cnpgi/metadata/constants.go`).
const PLUGIN: &str = "barman-cloud.cloudnative-pg.io";

/// The name that a Cluster gives to the server from whose backup it starts.
const SOURCE: &str = "origin";

/// The time for which backups are kept if nothing else is stated, in days. mariadb-operator keeps them
/// as long.
const MAX_RETENTION: u32 = 30;

/// The backup from which a new server starts.
#[derive(Debug)]
pub(super) struct Recovery {
    /// The store. Its prefix is the folder of the server that was backed up.
    pub(super) store: ObjectStore,
    /// The point in time to restore. `None` means all changes that were saved.
    target: Option<Moment>,
}

impl Recovery {
    /// The backup from which a server starts, if one is stated. `prefix` leads to the server's fields.
    pub(super) fn new(
        stated: Option<BootstrapFrom>,
        origin: &Origin,
        prefix: &[&'static str],
    ) -> Checked<Option<Self>> {
        let Some(stated) = backup::bootstrap(stated, origin, prefix)? else { return Ok(None) };
        let problem = |path: &[&'static str], message: &str, help: &str| {
            let span = origin.span(&[prefix, &["bootstrapFrom"], path].concat());
            // SW424: a backup from which this server cannot start.
            Err(vec![Diagnostic::new(Code::Recovery, span, message).help(help)])
        };
        if stated.kind == BackupKind::Logical {
            let message = "a PostgreSQL server starts from the files of a server, never from SQL";
            return problem(&["kind"], message, "write `kind: physical`, or remove it");
        }
        let store = match stated.source {
            BootstrapSource::Store(store) => store,
            // The plugin restores only what an external cluster names (source:
            // `getRecoverySourcePlugin` in `internal/cnpgi/operator/config/config.go`).
            BootstrapSource::Object(_) => {
                let message = "a PostgreSQL server cannot start from an object of the cluster";
                let help = "state `s3`, with the folder of the server's backups as `prefix`";
                return problem(&["backup"], message, help);
            }
        };
        if store.prefix.is_empty() {
            let message = "`prefix` names no folder of a server's backups";
            let help = "state the whole folder, such as nightly/CLUSTER/NAMESPACE/SERVER";
            return problem(&["s3"], message, help);
        }
        Ok(Some(Self { store, target: stated.target }))
    }
}

/// A folder in a bucket, as the plugin divides it.
struct Folder<'a> {
    /// The folder above.
    above: &'a str,
    /// The name of the server, which is the name of its own folder.
    server: &'a str,
}

impl<'a> Folder<'a> {
    fn of(path: &'a str) -> Self {
        let (above, server) = path.rsplit_once('/').unwrap_or(("", path));
        Self { above, server }
    }
}

/// The folder of a server's backups. Two servers must never have one folder: the plugin removes
/// whatever is too old in it, and would mix their logs.
pub(super) fn folder(store: &ObjectStore, owner: Owner, server: &ResourceName) -> String {
    let own = format!("{}/{}/{server}", owner.cluster.name, owner.common.namespace);
    if store.prefix.is_empty() { own } else { format!("{}/{own}", store.prefix) }
}

/// The store that takes the backups of a definition.
pub(super) fn own_store<'a>(owner: Owner<'a>) -> Option<(&'a Backup, &'a ObjectStore)> {
    let backup = owner.backup?;
    match &backup.storage {
        BackupStorage::Store(store) => Some((backup, store)),
        BackupStorage::Volume(_) => None,
    }
}

/// A time as the plugin states it: whole days. `None` if it is no whole number of days.
pub(super) fn days(time: &Duration) -> Option<u32> {
    const DAY: i128 = 86_400_000_000_000;
    let time = duration(time.as_str())?;
    (time > 0 && time % DAY == 0).then(|| u32::try_from(time / DAY).ok()).flatten()
}

/// The objects of the backups of a server, and of the backup from which it starts. They stay as long
/// as the Cluster: without an ObjectStore that it names, no instance starts (source:
/// `collectObjectStoreEnvs` in `internal/cnpgi/operator/lifecycle_envs.go`).
pub(super) fn manifests(owner: Owner, recovery: Option<&Recovery>) -> Vec<Manifest> {
    let common = owner.common;
    let store = |part, name, secret: &StoreSecret| Manifest {
        reads: [secret.name(common)].into(),
        ..object_of_part(&objects::OBJECT_STORE, common, part, name)
    };
    let backups = own_store(owner).map(|_| {
        let name = names::backup(common);
        [
            store(Part::Backup, name.clone(), &BACKUP_SECRET),
            object_of_part(&objects::SCHEDULED_BACKUP, common, Part::Backup, name),
        ]
    });
    let recovery =
        recovery.map(|_| store(Part::Bootstrap, names::bootstrap(common), &BOOTSTRAP_SECRET));
    backups.into_iter().flatten().chain(recovery).collect()
}

/// What the templates of a part see. `server` is the Cluster.
pub(super) fn variables(
    owner: Owner,
    part: Part,
    server: &ResourceName,
    recovery: Option<&Recovery>,
) -> Variables {
    let common = owner.common;
    let namespace = common.namespace.as_str();
    if let (Part::Bootstrap, Some(recovery)) = (part, recovery) {
        let store = &recovery.store;
        let folder = Folder::of(&store.prefix);
        let context = StoreContext {
            name: names::bootstrap(common),
            ..context(store, folder.above, &BOOTSTRAP_SECRET, common)
        };
        return [("store", Value::from(Serde(context)))].into();
    }
    let Some((backup, store)) = own_store(owner) else { return Variables::new() };
    let folder = folder(store, owner, server);
    let days = backup.max_retention.as_ref().map_or(Some(MAX_RETENTION), days);
    let store = StoreContext {
        name: names::backup(common),
        compression: match backup.compression {
            Compression::None => None,
            Compression::Gzip => Some("gzip"),
            Compression::Bzip2 => Some("bzip2"),
        },
        retention_policy: days.map(|days| format!("{days}d")),
        resources: backup.resources.as_ref(),
        ..context(store, Folder::of(&folder).above, &BACKUP_SECRET, common)
    };
    let backup = BackupContext {
        name: names::backup(common),
        namespace,
        server: server.clone(),
        schedule: six_fields(&backup.schedule),
        plugin: PLUGIN,
    };
    [("store", Value::from(Serde(store))), ("backup", Value::from(Serde(backup)))].into()
}

/// What the template of a store sees. `above` is the folder above the folders of servers.
fn context<'a>(
    store: &'a ObjectStore,
    above: &str,
    secret: &StoreSecret,
    common: &'a Common,
) -> StoreContext<'a> {
    let [access_key_id, secret_access_key] = secret.keys(store, common);
    let region =
        store.region.as_ref().map(|_| KeyReference { key: REGION.into(), ..access_key_id.clone() });
    let scheme = if store.tls { "https" } else { "http" };
    StoreContext {
        name: names::backup(common),
        namespace: common.namespace.as_str(),
        destination_path: format!("s3://{}/{above}", store.bucket),
        endpoint_url: format!("{scheme}://{}", store.endpoint),
        access_key_id,
        secret_access_key,
        region,
        compression: None,
        retention_policy: None,
        resources: None,
    }
}

/// How the Cluster `server` names the store of its backups.
pub(super) fn plugin(owner: Owner, server: &ResourceName) -> Option<[PluginContext; 1]> {
    own_store(owner)?;
    let parameters = PluginParameters {
        barman_object_name: names::backup(owner.common),
        server_name: server.to_string(),
    };
    Some([PluginContext { name: PLUGIN, enabled: true, is_wal_archiver: true, parameters }])
}

/// How a Cluster names the backup from which it starts.
pub(super) fn bootstrap<'a>(
    recovery: &'a Recovery,
    common: &Common,
) -> (BootstrapContext<'a>, [OriginContext; 1]) {
    let parameters = PluginParameters {
        barman_object_name: names::bootstrap(common),
        server_name: Folder::of(&recovery.store.prefix).server.to_owned(),
    };
    let plugin = PluginContext { name: PLUGIN, enabled: true, is_wal_archiver: false, parameters };
    let target_time = recovery.target.as_ref().map(|moment| moment.as_str());
    (BootstrapContext { source: SOURCE, target_time }, [OriginContext { name: SOURCE, plugin }])
}

/// The Secrets with the credentials of a definition's stores. `has_recovery` is the backup from which
/// its server starts.
pub(super) fn secrets(owner: Owner, recovery: Option<&Recovery>) -> Vec<SecretSpec> {
    let common = owner.common;
    let backup = own_store(owner).map(|(_, store)| (store, &BACKUP_SECRET));
    let recovery = recovery.map(|recovery| (&recovery.store, &BOOTSTRAP_SECRET));
    let wanted = |(store, secret): (&ObjectStore, &'static StoreSecret)| {
        let wanted = secret.wanted(store, common).outliving(!common.drops_data);
        match &store.region {
            None => wanted,
            Some(region) if wanted.ours => wanted.stating(REGION, region.as_str()),
            Some(_) => wanted.having(REGION),
        }
    };
    backup.into_iter().chain(recovery).map(wanted).collect()
}

/// The user's Secret with the credentials of the store from which a server starts. `prefix` leads to
/// the server's fields.
pub(super) fn named_secret<'r>(
    recovery: Option<&'r Recovery>,
    prefix: &[&'static str],
) -> Option<NamedSecret<'r>> {
    named_bootstrap_secret(&recovery?.store, prefix)
}
