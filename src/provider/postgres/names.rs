//! The names of a definition's objects, each built here and nowhere else.

use super::super::UserSecret;
use super::derived;
use crate::cluster::Common;
use crate::language::ResourceName;

/// The last part of the name of a [`connection_secret`].
pub(super) const CONNECTION: &str = "db-connection";

/// The Cluster of a dedicated site.
pub(super) fn own_server(site: &Common) -> ResourceName {
    site.name.followed_by("-postgres")
}

/// The Pooler of a Cluster, and its Service.
pub(super) fn pooler(server: &ResourceName) -> ResourceName {
    server.followed_by(derived::POOLER)
}

/// The Database of a site.
pub(super) fn database(site: &Common) -> ResourceName {
    site.name.followed_by("-db")
}

/// The DatabaseRole of a site.
pub(super) fn role(site: &Common) -> ResourceName {
    site.name.followed_by("-role")
}

/// The ScheduledBackup of a definition, and the ObjectStore that takes its backups.
pub(super) fn backup(definition: &Common) -> ResourceName {
    definition.name.followed_by("-backup")
}

/// The ObjectStore from which a new server starts.
pub(super) fn bootstrap(definition: &Common) -> ResourceName {
    definition.name.followed_by("-bootstrap")
}

/// The Secret with the connection of a site whose server is in another namespace. frappe-operator reads
/// it, and the DatabaseRole reads the [`user_secret`] beside the server.
pub(super) fn connection_secret(site: &Common) -> ResourceName {
    site.name.followed_by("-").followed_by(CONNECTION)
}

/// The Secret with the password of a site's role. It is in the namespace of the server. If the site is
/// there too, it has the connection, and frappe-operator reads it.
pub(super) fn user_secret(site: &Common) -> ResourceName {
    site.name.followed_by("-").followed_by(UserSecret::Current.suffix())
}
