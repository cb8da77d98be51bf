//! The fields of PostgreSQL's objects that definitions state as they are.

use crate::language::Kind;
use crate::object::{StatedField, stated};

/// The fields.
pub(super) const STATED: &[StatedField] = &[
    stated("Cluster", "spec storage size", Kind::DatabaseServer, "storageSize"),
    stated("Cluster", "spec storage size", Kind::Site, "database storageSize"),
    stated("Cluster", "spec storage storageClass", Kind::DatabaseServer, "storageClassName"),
    stated("Cluster", "spec storage storageClass", Kind::Site, "database storageClassName"),
    stated("Cluster", "spec resources *", Kind::DatabaseServer, "resources *"),
    stated("Cluster", "spec resources *", Kind::Site, "database resources *"),
    stated("Cluster", "spec imageName", Kind::DatabaseServer, "image"),
    stated("Cluster", "spec imageName", Kind::Site, "database image"),
    stated("Cluster", "spec instances", Kind::DatabaseServer, "instances"),
    stated("Cluster", "spec instances", Kind::Site, "database instances"),
    stated("Cluster", "spec postgresql parameters *", Kind::DatabaseServer, "settings *"),
    stated("Cluster", "spec postgresql parameters *", Kind::Site, "database settings *"),
    stated("Pooler", "spec instances", Kind::DatabaseServer, "pooler instances"),
    stated("DatabaseRole", "spec connectionLimit", Kind::Site, "database maxUserConnections"),
];
