//! The names of a definition's objects, each built here and nowhere else.
//!
//! frappe-operator adopts a site's objects by these names (source:
//! `controllers/database/mariadb_provider.go`).

use super::super::UserSecret;
use crate::cluster::Common;
use crate::language::ResourceName;

/// The server of a dedicated site.
pub(super) fn own_server(site: &Common) -> ResourceName {
    site.name.followed_by("-mariadb")
}

/// The server of a namespace that frappe-operator gives to shared sites that state none.
pub(super) const SHARED_SERVER: &str = "frappe-mariadb";

/// The Secret with the root password of a server.
pub(super) fn root_secret(server: &ResourceName) -> ResourceName {
    server.followed_by("-root")
}

/// The Database of a site.
pub(super) fn database(site: &Common) -> ResourceName {
    site.name.followed_by("-db")
}

/// The User of a site.
pub(super) fn user(site: &Common) -> ResourceName {
    site.name.followed_by("-user")
}

/// The Grant of a site.
pub(super) fn grant(site: &Common) -> ResourceName {
    site.name.followed_by("-grant")
}

/// The Secret with the password of a site's User.
pub(super) fn user_secret(site: &Common, secret: UserSecret) -> ResourceName {
    site.name.followed_by("-").followed_by(secret.suffix())
}

/// The scheduled backup of a definition.
pub(super) fn backup(definition: &Common) -> ResourceName {
    definition.name.followed_by("-backup")
}

/// The last backup of a retired definition.
pub(super) fn last_backup(definition: &Common) -> ResourceName {
    definition.name.followed_by("-backup-last")
}
