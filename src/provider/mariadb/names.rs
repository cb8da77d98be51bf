//! The names of a definition's objects, each built here and nowhere else.
//!
//! frappe-operator adopts a site's objects by these names (source:
//! `controllers/database/mariadb_provider.go`).

use super::super::UserSecret;
use crate::cluster::Common;

/// The server of a dedicated site.
pub(super) fn own_server(site: &Common) -> String {
    format!("{}-mariadb", site.name)
}

/// The Secret with the root password of a server.
pub(super) fn root_secret(server: &str) -> String {
    format!("{server}-root")
}

/// The Database of a site.
pub(super) fn database(site: &Common) -> String {
    format!("{}-db", site.name)
}

/// The User of a site.
pub(super) fn user(site: &Common) -> String {
    format!("{}-user", site.name)
}

/// The Grant of a site.
pub(super) fn grant(site: &Common) -> String {
    format!("{}-grant", site.name)
}

/// The Secret with the password of a site's User.
pub(super) fn user_secret(site: &Common, secret: UserSecret) -> String {
    format!("{}-{}", site.name, secret.suffix())
}

/// The scheduled backup of a definition.
pub(super) fn backup(definition: &Common) -> String {
    format!("{}-backup", definition.name)
}

/// The last backup of a retired definition.
pub(super) fn last_backup(definition: &Common) -> String {
    format!("{}-backup-last", definition.name)
}

/// The Secret with the credentials of the store for backups.
pub(super) fn backup_secret(definition: &Common) -> String {
    format!("{}-backup-s3", definition.name)
}

/// The Secret with the credentials of the store from which a new server starts.
pub(super) fn bootstrap_secret(definition: &Common) -> String {
    format!("{}-bootstrap-s3", definition.name)
}
