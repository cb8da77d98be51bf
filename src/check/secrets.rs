//! Finds Secrets that a user names although they belong to something else. Two owners of one Secret
//! overwrite each other's password, or share it.
//!
//! The Secret of a `connection` leads to a database, so [`super::unique`] checks it with the
//! databases.

use super::unique::service;
use crate::diagnostic::{Code, Diagnostic, Span};
use crate::provider::{Unit, units};
use crate::resolve::{
    Backup, BackupStorage, Bootstrap, BootstrapSource, Common, Credentials, Database, Fleet, Index,
    ObjectStore, ServerPlace,
};
use std::collections::HashMap;

pub(super) fn check(fleet: &Fleet) -> Vec<Diagnostic> {
    [made_for_something_else(fleet), of_one_remote_key(fleet)].concat()
}

/// Finds passwords that have the same key in a store. With the separator `-`, different parts can
/// form the same key.
fn of_one_remote_key(fleet: &Fleet) -> Vec<Diagnostic> {
    let mut seen: HashMap<String, &Common> = HashMap::new();
    let mut found = Vec::new();
    for unit in units(fleet) {
        let common = unit.common();
        let cluster = fleet.cluster(common);
        let Some(store) = &cluster.secrets.store else { continue };
        for secret in unit.secrets(fleet).into_iter().filter(|secret| secret.ours) {
            let parts = [&*cluster.name, &secret.namespace, &secret.name, &secret.password_key];
            let key = store.key(&parts);
            let message = format!(
                "the password of `{}` has the key `{key}` in the store, which \
                another has too",
                secret.name
            );
            if let Some(first) = seen.insert(key, common) {
                let span = common.origin.definition.span();
                found.push(
                    Diagnostic::new(Code::DuplicateObject, span, message)
                        .related(first.origin.definition.span(), "the other")
                        .help("state `secrets.external.separator: /`, or rename one of the files"),
                );
            }
        }
    }
    found
}

fn made_for_something_else(fleet: &Fleet) -> Vec<Diagnostic> {
    let named: Vec<_> = units(fleet).into_iter().flat_map(named).collect();
    if named.is_empty() {
        return Vec::new();
    }
    let mut ours: HashMap<(Index, String, String), (&Common, &'static str, bool)> = HashMap::new();
    for unit in units(fleet) {
        for secret in unit.secrets(fleet).into_iter().filter(|secret| secret.ours) {
            let common = unit.common();
            let is_root = matches!(unit, Unit::Server(_)) && secret.suffix == "root";
            let key = (common.cluster, secret.namespace, secret.name);
            ours.insert(key, (common, secret.of, is_root));
        }
    }
    named
        .into_iter()
        .filter_map(|Named { common, name, span, server }| {
            let key = (common.cluster, common.namespace.to_string(), name.to_owned());
            let (owner, of, is_root) = ours.get(&key)?;
            if *is_root && server == Some((owner.name.as_str(), owner.namespace.as_str())) {
                return None;
            }
            let message = format!(
                "the Secret `{name}` holds the password of {of} of `{}`",
                owner.full_name()
            );
            Some(
                Diagnostic::new(Code::ReservedName, span, message)
                    .related(owner.origin.definition.span(), "made for this")
                    .help("name a Secret of its own"),
            )
        })
        .collect()
}

/// A Secret that a definition names, and the place of its name.
struct Named<'f> {
    common: &'f Common<'f>,
    name: &'f str,
    span: Span,
    /// The server of the cluster whose password the Secret contains, by name and namespace. A
    /// definition of that server means the same Secret.
    server: Option<(&'f str, &'f str)>,
}

/// The Secrets that a definition names.
fn named<'f>(unit: Unit<'f, '_>) -> Vec<Named<'f>> {
    let common = unit.common();
    let at = |name: &'f str, path: &[&str]| {
        let span = common.origin.span(path);
        Named { common, name, span, server: None }
    };
    match unit {
        Unit::Site(site) => {
            let admin = (!site.admin_secret_is_ours)
                .then(|| at(&site.admin_secret, &["admin", "secretRef", "name"]));
            let tls = site.tls.secret_name.as_ref();
            let tls = tls.map(|name| at(name.as_str(), &["tls", "secretName"]));
            let dedicated = match &site.database {
                Database::Dedicated { instance, .. } => instance.bootstrap.as_ref(),
                _ => None,
            };
            let stores = [
                backup_store(site.backup.as_deref()).map(|name| at(name, BACKUP)),
                bootstrap_store(dedicated)
                    .map(|name| at(name, &[&["database"], BOOTSTRAP].concat())),
            ];
            admin.into_iter().chain(tls).chain(stores.into_iter().flatten()).collect()
        }
        Unit::Server(server) => {
            let own = match &server.place {
                ServerPlace::External(external) => {
                    let path = ["external", "passwordSecretRef", "name"];
                    let server = service(external.host.as_str()).map(|(name, namespace)| {
                        (name.strip_suffix("-primary").unwrap_or(name), namespace)
                    });
                    Some(Named { server, ..at(&external.password_secret, &path) })
                }
                ServerPlace::Managed(instance) => {
                    bootstrap_store(instance.bootstrap.as_ref()).map(|name| at(name, BOOTSTRAP))
                }
                ServerPlace::Referenced(_) => None,
            };
            let backup = backup_store(server.backup.as_deref()).map(|name| at(name, BACKUP));
            own.into_iter().chain(backup).collect()
        }
        Unit::Bench(_) => Vec::new(),
    }
}

const BACKUP: &[&str] = &["backup", "storage", "s3", "credentials", "name"];
const BOOTSTRAP: &[&str] = &["bootstrapFrom", "s3", "credentials", "name"];

/// The user's Secret with the credentials of the object store for backups.
fn backup_store(backup: Option<&Backup>) -> Option<&str> {
    match &backup?.storage {
        BackupStorage::Store(store) => of_the_user(store),
        BackupStorage::Volume(_) => None,
    }
}

/// The user's Secret with the credentials of the object store from which a server starts.
fn bootstrap_store(bootstrap: Option<&Bootstrap>) -> Option<&str> {
    match &bootstrap?.source {
        BootstrapSource::Store(store) => of_the_user(store),
        _ => None,
    }
}

fn of_the_user(store: &ObjectStore) -> Option<&str> {
    match &store.credentials {
        Credentials::Yours(name) => Some(name.as_str()),
        Credentials::Ours(_) => None,
    }
}
