//! The fields of MariaDB's objects that definitions state as they are.

use crate::language::Kind;
use crate::object::{StatedField, stated};

/// The fields.
pub(super) const STATED: &[StatedField] = &[
    stated("MariaDB", "spec storage size", Kind::DatabaseServer, "storageSize"),
    stated("MariaDB", "spec storage size", Kind::Site, "database storageSize"),
    stated("MariaDB", "spec storage storageClassName", Kind::DatabaseServer, "storageClassName"),
    stated("MariaDB", "spec storage storageClassName", Kind::Site, "database storageClassName"),
    stated("MariaDB", "spec resources *", Kind::DatabaseServer, "resources *"),
    stated("MariaDB", "spec resources *", Kind::Site, "database resources *"),
    stated("MariaDB", "spec image", Kind::DatabaseServer, "image"),
    stated("MariaDB", "spec image", Kind::Site, "database image"),
    stated("MariaDB", "spec replicas", Kind::DatabaseServer, "replicas"),
    stated("MariaDB", "spec podDisruptionBudget *", Kind::DatabaseServer, "podDisruptionBudget *"),
    stated("MariaDB", "spec podDisruptionBudget *", Kind::Site, "database podDisruptionBudget *"),
    stated("ExternalMariaDB", "spec host", Kind::DatabaseServer, "external host"),
    stated("ExternalMariaDB", "spec port", Kind::DatabaseServer, "external port"),
    stated("ExternalMariaDB", "spec username", Kind::DatabaseServer, "external username"),
    stated("Backup PhysicalBackup", "spec schedule cron", Kind::DatabaseServer, "backup schedule"),
    stated("Backup PhysicalBackup", "spec schedule cron", Kind::Site, "backup schedule"),
    stated(
        "Backup PhysicalBackup",
        "spec maxRetention",
        Kind::DatabaseServer,
        "backup maxRetention",
    ),
    stated("Backup PhysicalBackup", "spec maxRetention", Kind::Site, "backup maxRetention"),
    stated("Backup PhysicalBackup", "spec compression", Kind::DatabaseServer, "backup compression"),
    stated("Backup PhysicalBackup", "spec compression", Kind::Site, "backup compression"),
    stated("Backup PhysicalBackup", "spec resources *", Kind::DatabaseServer, "backup resources *"),
    stated("Backup PhysicalBackup", "spec resources *", Kind::Site, "backup resources *"),
    stated("User", "spec maxUserConnections", Kind::Site, "database maxUserConnections"),
];
