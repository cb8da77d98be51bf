//! The kinds of the objects that sitewright renders.

use std::fmt;

macro_rules! kinds {
    ($($(#[$doc:meta])* $variant:ident = $name:expr,)+) => {
        /// The kind of an object that sitewright renders beside a definition.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum ObjectKind {
            $($(#[$doc])* $variant,)+
        }

        impl ObjectKind {
            /// Every kind.
            pub const ALL: &[ObjectKind] = &[$(Self::$variant,)+];

            /// The kind as manifests state it.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)+
                }
            }
        }
    };
}

kinds! {
    /// A site (frappe-operator).
    FrappeSite = "FrappeSite",
    /// A bench (frappe-operator).
    FrappeBench = "FrappeBench",
    /// A server (mariadb-operator).
    Mariadb = "MariaDB",
    /// A server outside the cluster (mariadb-operator).
    ExternalMariadb = "ExternalMariaDB",
    /// The address of a server outside the cluster (Kubernetes).
    Service = "Service",
    /// A database on a server (mariadb-operator).
    Database = "Database",
    /// An account on a server (mariadb-operator).
    User = "User",
    /// The privileges of an account (mariadb-operator).
    Grant = "Grant",
    /// A logical backup (mariadb-operator).
    Backup = "Backup",
    /// A physical backup (mariadb-operator).
    PhysicalBackup = "PhysicalBackup",
    /// A PostgreSQL server (CloudNativePG).
    Cluster = "Cluster",
    /// A database on a PostgreSQL server (CloudNativePG).
    PostgresDatabase = "Database",
    /// An account on a PostgreSQL server (CloudNativePG).
    DatabaseRole = "DatabaseRole",
    /// A pooler of connections to a PostgreSQL server (CloudNativePG).
    Pooler = "Pooler",
    /// Backups of a PostgreSQL server (CloudNativePG).
    ScheduledBackup = "ScheduledBackup",
    /// An object store for backups of PostgreSQL servers (the plugin Barman Cloud).
    ObjectStore = "ObjectStore",
    /// Where Prometheus finds metrics (Prometheus operator).
    PodMonitor = "PodMonitor",
    /// A Secret (Kubernetes). It is never rendered: the objects below create it.
    Secret = "Secret",
    /// A Secret in ciphertext (sealed-secrets).
    SealedSecret = "SealedSecret",
    /// A Secret from a store (External Secrets).
    ExternalSecret = "ExternalSecret",
    /// A Secret that is written to a store (External Secrets).
    PushSecret = "PushSecret",
    /// A generator of passwords (External Secrets).
    Password = "Password",
    /// The state of a site's database (sitewright's reconciler).
    SiteDatabase = sitewright_api::KIND,
}

impl ObjectKind {
    /// Whether its operator creates a ServiceAccount of the object's name (source:
    /// `ReconcileMariadbRBAC` in `pkg/controller/rbac/controller.go` of mariadb-operator 25.10.4, and
    /// `createOrPatchServiceAccount` in `internal/controller/cluster_create.go` of CloudNativePG 1.30.0).
    pub const fn has_service_account(self) -> bool {
        matches!(self, Self::Mariadb | Self::Cluster)
    }

    /// The kind of this name.
    pub fn of(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.as_str() == name)
    }
}

impl fmt::Display for ObjectKind {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
