//! The checks that depend on PostgreSQL and CloudNativePG.

use super::super::Owner;
use super::super::backup::BackupStorage;
use super::backup;
use super::instance::Instance;
use super::spec::{Home, ServerFacts};
use super::{names, settings};
use crate::cluster::Common;
use crate::diagnostic::{Code, Diagnostic};
use crate::language::{BackupKind, ResourceName};

/// The problems of a server that sitewright renders.
pub(super) fn server(instance: &Instance, owner: Owner) -> Vec<Diagnostic> {
    let name = ResourceName::from(&owner.common.name);
    let digit = starts_with_digit(owner.common, &name).into_iter();
    digit.chain(of_instance(instance, &name, owner, &[])).collect()
}

/// The checks for every Cluster that sitewright renders. `below` is the path of the server in the
/// definition.
fn of_instance(
    instance: &Instance,
    name: &ResourceName,
    owner: Owner,
    below: &[&str],
) -> Vec<Diagnostic> {
    let operator = owner.cluster.profiles.cloudnative_pg;
    let origin = &owner.common.origin;
    let mut found = settings::check(&instance.settings, operator, origin, below);
    found.extend(version(instance, owner, below));
    found.extend(backups(owner));
    found.extend(own_folder(instance, name, owner, below));
    found
}

/// The backups that the plugin Barman Cloud cannot take. It saves the files of a server, in an object
/// store, and counts their age in days (source: `api/v1/objectstore_types.go` of plugin-barman-cloud
/// 0.14.0).
fn backups(owner: Owner) -> Vec<Diagnostic> {
    let Some(backup) = owner.backup else { return Vec::new() };
    let origin = &owner.common.origin;
    let problem = |path: &[&str], message, help| {
        // SW408: a backup that the operator cannot take.
        Diagnostic::new(Code::Backup, origin.span(path), message).help(help)
    };
    let logical = origin.layers.stated(&["backup", "kind"]).is_some();
    let logical = (logical && backup.kind == BackupKind::Logical).then(|| {
        let message = "CloudNativePG saves the files of a server, never its SQL";
        problem(&["backup", "kind"], message, "write `kind: physical`, or remove it")
    });
    let volume = matches!(backup.storage, BackupStorage::Volume(_)).then(|| {
        let message = "the backups of a PostgreSQL server are kept in an object store only";
        problem(&["backup", "storage"], message, "state `s3` instead of `persistentVolumeClaim`")
    });
    let retention = backup.max_retention.as_ref().filter(|time| backup::days(time).is_none());
    let retention = retention.map(|time| {
        let message = format!("`{time}` is not a number of whole days");
        let span = origin.span(&["backup", "maxRetention"]);
        // SW104: a time that the plugin cannot state.
        Diagnostic::new(Code::BadValue, span, message).help(
            "backups of PostgreSQL are kept for whole days: write a multiple of 24h, such as 720h",
        )
    });
    logical.into_iter().chain(volume).chain(retention).collect()
}

/// A new server archives only into an empty folder, so that it never overwrites the log of another
/// one (source: `CheckBackupDestination` in `internal/cnpgi/common/check.go` of plugin-barman-cloud
/// 0.14.0).
fn own_folder(
    instance: &Instance,
    name: &ResourceName,
    owner: Owner,
    below: &[&str],
) -> Option<Diagnostic> {
    let from = &instance.recovery.as_ref()?.store;
    let (_, to) = backup::own_store(owner)?;
    let folder = backup::folder(to, owner, name);
    if (&from.bucket, &from.endpoint, &from.prefix) != (&to.bucket, &to.endpoint, &folder) {
        return None;
    }
    let origin = &owner.common.origin;
    let message = format!("the server would start from its own backups, in `{folder}`");
    let span = origin.span(&[below, &["bootstrapFrom", "s3", "prefix"]].concat());
    // SW424: a backup from which this server cannot start.
    Some(
        Diagnostic::new(Code::Recovery, span, message)
            .related(origin.span(&["backup", "storage", "s3"]), "its backups")
            .help(
                "a new server needs an empty folder for its backups: give the definition another name, or \
                 state another `prefix` for the backups",
            ),
    )
}

/// The webhook refuses an image without a version, and one that is too old (source:
/// `validateImageName` and `validateConfiguration` in `internal/webhook/v1/cluster_webhook.go` of
/// 1.30.0). A version of PostgreSQL has two numbers since 10.
fn version(instance: &Instance, owner: Owner, below: &[&str]) -> Option<Diagnostic> {
    let operator = owner.cluster.profiles.cloudnative_pg?;
    let origin = &owner.common.origin;
    let path = |field| [below, &[field]].concat();
    let stated = origin.layers.stated(&path("image")).or(origin.layers.stated(&path("version")));
    let span = stated.unwrap_or_else(|| origin.definition.span());
    let (message, help) = match instance.version().as_deref() {
        None => (
            format!("the tag of `{}` states no version of PostgreSQL", instance.image),
            "let the tag start with the version, such as 18.4: the operator refuses other images",
        ),
        Some([major, ..]) if *major < operator.oldest_postgres => (
            format!("CloudNativePG {} does not run PostgreSQL {major}", operator.id),
            "state a newer version, such as \"18.4\"",
        ),
        Some([_, _, _, ..]) if origin.layers.stated(&path("image")).is_none() => (
            "a version of PostgreSQL has two numbers".to_owned(),
            "write the first two, such as \"18.4\"",
        ),
        Some(_) => return None,
    };
    // SW104: a version of PostgreSQL that the operator does not run.
    Some(Diagnostic::new(Code::BadValue, span, message).help(help))
}

/// The webhook refuses such a name whatever Kubernetes accepts (source: `validateName` in
/// `internal/webhook/v1/cluster_webhook.go` of 1.30.0).
fn starts_with_digit(definition: &Common, name: &ResourceName) -> Option<Diagnostic> {
    name.starts_with(|c: char| c.is_ascii_digit()).then(|| {
        let message =
            format!("the Cluster `{name}` starts with a digit, which CloudNativePG refuses");
        // SW309: a name that a Service cannot have.
        Diagnostic::new(Code::ServiceName, definition.origin.definition.span(), message)
            .help("rename the file so that a letter is first")
    })
}

/// The problems of a site's database.
pub(super) fn database(home: &Home, owner: Owner) -> Vec<Diagnostic> {
    let mut found: Vec<Diagnostic> = no_sites(owner).into_iter().collect();
    match home {
        Home::Dedicated { instance, .. } => {
            let name = names::own_server(owner.common);
            found.extend(starts_with_digit(owner.common, &name));
            found.extend(of_instance(instance, &name, owner, &["database"]));
        }
        Home::On { server, .. } => {
            found.extend(no_backup(server, owner));
        }
        Home::Connected(_) => {}
    }
    found
}

/// Finds a version of frappe-operator that makes no site on PostgreSQL.
fn no_sites(owner: Owner) -> Option<Diagnostic> {
    let (site, cluster) = (owner.common, owner.cluster);
    let frappe = cluster.profiles.frappe;
    let why = frappe.no_postgres?;
    let message = format!("frappe-operator {} makes no site on PostgreSQL: {why}", frappe.id);
    let span = site.origin.span(&["database", "provider"]);
    // SW403: a feature that this operator version does not have.
    Some(
        Diagnostic::new(Code::NeedsOperator, span, message)
            .related(cluster.definition.span(), "the cluster")
            .help("state `provider: mariadb`; a DatabaseServer of PostgreSQL is rendered all the same"),
    )
}

/// A backup is of a whole Cluster: CloudNativePG has none of one database (source:
/// `api/v1/backup_types.go` of 1.30.0).
fn no_backup(server: &ServerFacts, owner: Owner) -> Option<Diagnostic> {
    owner.backup?;
    let message = format!(
        "CloudNativePG saves whole servers: the site has no backup apart from that of its server `{}`",
        server.name
    );
    let span = owner.common.origin.span(&["backup"]);
    // SW408: a backup that the operator cannot take.
    Some(
        Diagnostic::new(Code::Backup, span, message).related(server.definition, "the server").help(
            "state `backup` on the DatabaseServer, which saves every database on it, and `backup: null` here \
             where another layer states one; or state `mode: dedicated`",
        ),
    )
}
