//! The fields of PostgreSQL's objects that definitions state.

use crate::language::Kind;
use crate::object::{Reading, StatedField, stated};

/// The version in the image of a server.
const IMAGE: Reading = Reading::Version("ghcr.io/cloudnative-pg/postgresql:", "-system-trixie");

/// The fields.
pub(super) const STATED: &[StatedField] = &[
    stated("Cluster", "spec storage size", Kind::DatabaseServer, "storageSize"),
    stated("Cluster", "spec storage size", Kind::Site, "database storageSize"),
    stated("Cluster", "spec storage storageClass", Kind::DatabaseServer, "storageClassName"),
    stated("Cluster", "spec storage storageClass", Kind::Site, "database storageClassName"),
    stated("Cluster", "spec resources *", Kind::DatabaseServer, "resources *"),
    stated("Cluster", "spec resources *", Kind::Site, "database resources *"),
    stated("Cluster", "spec imageName", Kind::DatabaseServer, "version").read(IMAGE),
    stated("Cluster", "spec imageName", Kind::Site, "database version").read(IMAGE),
    stated("Cluster", "spec imageName", Kind::DatabaseServer, "image"),
    stated("Cluster", "spec imageName", Kind::Site, "database image"),
    stated("Cluster", "spec instances", Kind::DatabaseServer, "instances"),
    stated("Cluster", "spec instances", Kind::Site, "database instances"),
    stated(
        "Cluster",
        "spec postgresql parameters max_connections",
        Kind::DatabaseServer,
        "maxConnections",
    )
    .read(Reading::Number),
    stated("Cluster", "spec postgresql parameters *", Kind::DatabaseServer, "settings *"),
    stated("Cluster", "spec postgresql parameters *", Kind::Site, "database settings *"),
    stated("Pooler", "spec instances", Kind::DatabaseServer, "pooler instances"),
    stated("Pooler", "spec pgbouncer parameters *", Kind::DatabaseServer, "pooler settings *"),
    stated(
        "Pooler",
        "spec template spec containers [pgbouncer] resources *",
        Kind::DatabaseServer,
        "pooler resources *",
    ),
    stated(
        "PodMonitor",
        "metadata labels release",
        Kind::DatabaseServer,
        "metrics podMonitor prometheusRelease",
    ),
    stated(
        "PodMonitor",
        "metadata labels release",
        Kind::Site,
        "database metrics podMonitor prometheusRelease",
    ),
    stated("PodMonitor", "spec jobLabel", Kind::DatabaseServer, "metrics podMonitor jobLabel"),
    stated("PodMonitor", "spec jobLabel", Kind::Site, "database metrics podMonitor jobLabel"),
    stated("PodMonitor", "spec podMetricsEndpoints", Kind::DatabaseServer, "metrics podMonitor")
        .read(Reading::OfItem(&["interval", "scrapeTimeout"])),
    stated("PodMonitor", "spec podMetricsEndpoints", Kind::Site, "database metrics podMonitor")
        .read(Reading::OfItem(&["interval", "scrapeTimeout"])),
    stated("ScheduledBackup", "spec schedule", Kind::DatabaseServer, "backup schedule")
        .read(Reading::FiveFields),
    stated("ScheduledBackup", "spec schedule", Kind::Site, "backup schedule")
        .read(Reading::FiveFields),
    stated("ObjectStore", "spec retentionPolicy", Kind::DatabaseServer, "backup maxRetention")
        .read(Reading::Days),
    stated("ObjectStore", "spec retentionPolicy", Kind::Site, "backup maxRetention")
        .read(Reading::Days),
    stated(
        "ObjectStore",
        "spec configuration data compression",
        Kind::DatabaseServer,
        "backup compression",
    )
    .read(Reading::WordOrNone),
    stated("ObjectStore", "spec configuration data compression", Kind::Site, "backup compression")
        .read(Reading::WordOrNone),
    stated(
        "ObjectStore",
        "spec configuration wal compression",
        Kind::DatabaseServer,
        "backup compression",
    )
    .read(Reading::WordOrNone),
    stated("ObjectStore", "spec configuration wal compression", Kind::Site, "backup compression")
        .read(Reading::WordOrNone),
    stated(
        "ObjectStore",
        "spec instanceSidecarConfiguration resources *",
        Kind::DatabaseServer,
        "backup resources *",
    ),
    stated(
        "ObjectStore",
        "spec instanceSidecarConfiguration resources *",
        Kind::Site,
        "backup resources *",
    ),
    stated(
        "ObjectStore",
        "spec configuration destinationPath",
        Kind::DatabaseServer,
        "backup storage s3",
    )
    .read(Reading::Bucket),
    stated("ObjectStore", "spec configuration destinationPath", Kind::Site, "backup storage s3")
        .read(Reading::Bucket),
    stated(
        "ObjectStore",
        "spec configuration endpointURL",
        Kind::DatabaseServer,
        "backup storage s3",
    )
    .read(Reading::Endpoint),
    stated("ObjectStore", "spec configuration endpointURL", Kind::Site, "backup storage s3")
        .read(Reading::Endpoint),
    stated(
        "ObjectStore",
        "spec configuration s3Credentials accessKeyId name",
        Kind::DatabaseServer,
        "backup storage s3 credentials name",
    ),
    stated(
        "ObjectStore",
        "spec configuration s3Credentials accessKeyId name",
        Kind::Site,
        "backup storage s3 credentials name",
    ),
    stated(
        "ObjectStore",
        "spec configuration s3Credentials secretAccessKey name",
        Kind::DatabaseServer,
        "backup storage s3 credentials name",
    ),
    stated(
        "ObjectStore",
        "spec configuration s3Credentials secretAccessKey name",
        Kind::Site,
        "backup storage s3 credentials name",
    ),
    stated("DatabaseRole", "spec connectionLimit", Kind::Site, "database maxUserConnections")
        .read(Reading::Limit),
];
