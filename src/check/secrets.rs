//! Finds Secrets that a user names although they belong to something else. Two owners of one Secret
//! overwrite each other's password, or share it.
//!
//! The Secret of a `connection` leads to a database, so [`super::unique`] checks it with the
//! databases.

use crate::cluster::{Common, Index};
use crate::diagnostic::{Code, Diagnostic, Span};
use crate::object::SecretSpec;
use crate::plan::Planned;
use crate::provider::NamedSecret;
use crate::provider::backup::BackupStorage;
use crate::resolve::Unit;
use std::collections::HashMap;

pub(super) fn check(planned: &[Planned]) -> Vec<Diagnostic> {
    [made_for_something_else(planned), of_one_remote_key(planned)].concat()
}

/// The Secrets of a definition that sitewright creates.
fn ours<'f>(planned: &Planned<'f, '_>) -> impl Iterator<Item = &'f SecretSpec> {
    planned.secrets.iter().map(|secret| &**secret).filter(|secret| secret.ours)
}

/// Finds passwords that have the same key in a store. With the separator `-`, different parts can
/// form the same key.
fn of_one_remote_key(planned: &[Planned]) -> Vec<Diagnostic> {
    let mut seen: HashMap<String, &Common> = HashMap::new();
    let mut found = Vec::new();
    for it in planned {
        let common = it.unit.common();
        let cluster = it.fleet.cluster(common);
        let Some(store) = &cluster.secrets.store else { continue };
        for secret in ours(it).filter(|secret| secret.repeats.is_none()) {
            let parts = [&*cluster.name, &secret.namespace, &secret.name, &secret.password_key];
            let key = store.key(&parts);
            let message = format!(
                "the password of `{}` has the key `{key}` in the store, which another password has too",
                secret.name
            );
            if let Some(first) = seen.insert(key, common) {
                let span = common.origin.definition.span();
                // SW301: two passwords have the same key in a store.
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

fn made_for_something_else(planned: &[Planned]) -> Vec<Diagnostic> {
    let named: Vec<_> = planned.iter().flat_map(|it| named(it.unit)).collect();
    if named.is_empty() {
        return Vec::new();
    }
    let mut made: HashMap<(Index, &str, &str), (&Common, &'static str, bool)> = HashMap::new();
    for it in planned {
        let common = it.unit.common();
        for secret in ours(it) {
            let is_root = matches!(it.unit, Unit::Server(_)) && secret.suffix() == "root";
            let key = (common.cluster, &*secret.namespace, &*secret.name);
            made.insert(key, (common, secret.purpose.of, is_root));
        }
    }
    named
        .into_iter()
        .filter_map(|Named { common, name, span, server }| {
            let key = (common.cluster, common.namespace.as_str(), name);
            let (owner, of, is_root) = made.get(&key)?;
            if *is_root && server == Some((owner.name.as_str(), owner.namespace.as_str())) {
                return None;
            }
            let message = format!(
                "the Secret `{name}` holds the password of {of} of `{}`",
                owner.full_name()
            );
            // SW307: a Secret that holds the password of something else.
            Some(
                Diagnostic::new(Code::ReservedName, span, message)
                    .related(
                        owner.origin.definition.span(),
                        "sitewright makes it for this definition",
                    )
                    .help("name another Secret"),
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
    let at = |name: &'f str, path: &[&str], server| {
        let span = common.origin.span(path);
        Named { common, name, span, server }
    };
    let of_the_provider = unit.spec().map(|spec| spec.named_secrets()).unwrap_or_default();
    let mut named: Vec<Named> = of_the_provider
        .into_iter()
        .map(|NamedSecret { name, path, server }| at(name, &path, server))
        .collect();
    if let Unit::Site(site) = unit {
        let admin = site.admin_secret.as_deref();
        named.extend(admin.map(|name| at(name, &["admin", "secretRef", "name"], None)));
        let tls = site.tls.secret_name.as_ref();
        named.extend(tls.map(|name| at(name.as_str(), &["tls", "secretName"], None)));
    }
    if let Some(BackupStorage::Store(store)) = unit.backup().map(|backup| &backup.storage) {
        let path = ["backup", "storage", "s3", "credentials", "name"];
        named.extend(store.user_secret().map(|name| at(name, &path, None)));
    }
    named
}
