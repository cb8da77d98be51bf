//! What a definition states of its PostgreSQL: where a site's data lives.

use super::instance::Instance;
use super::{derived, names};
use crate::cluster::Common;
use crate::diagnostic::Span;
use crate::language::{Host, Mode, Namespace, ResourceName};
use crate::naming::SqlName;
use std::sync::Arc;

/// The port of every server of CloudNativePG (source: `ServerPort` in `pkg/postgres` of 1.30.0).
pub(super) const PORT: u16 = 5432;

/// Where a site's data lives.
#[derive(Debug)]
pub(super) enum Home {
    /// On a DatabaseServer.
    On {
        /// The server.
        server: Arc<ServerFacts>,
        /// The database's name, which is its role's too.
        name: SqlName,
    },
    /// On a server of its own.
    Dedicated {
        /// The server.
        instance: Box<Instance>,
        /// The database's name, which is its role's too.
        name: SqlName,
    },
    /// In a database that exists already.
    Connected(Connection),
}

/// What the databases on a DatabaseServer know of it.
#[derive(Debug)]
pub(super) struct ServerFacts {
    /// The name of its Cluster.
    pub(super) name: ResourceName,
    /// Its namespace.
    pub(super) namespace: Namespace,
    /// Whether sites connect to its pooler.
    pub(super) has_pooler: bool,
    /// Where the server is defined.
    pub(super) definition: Span,
}

/// A database that exists already.
#[derive(Debug)]
pub(super) struct Connection {
    /// The Secret with its credentials.
    pub(super) secret_name: ResourceName,
    /// Its server's host, if the Secret does not contain it.
    pub(super) host: Option<Host>,
    /// Its server's port.
    pub(super) port: u16,
}

impl Home {
    /// The mode that the definition states.
    pub(super) fn mode(&self) -> Mode {
        match self {
            Home::On { .. } => Mode::Shared,
            Home::Dedicated { .. } => Mode::Dedicated,
            Home::Connected(_) => Mode::External,
        }
    }

    /// The name of the database and its role, if sitewright decides it.
    pub(super) fn sql_name(&self) -> Option<&SqlName> {
        match self {
            Home::On { name, .. } | Home::Dedicated { name, .. } => Some(name),
            Home::Connected(_) => None,
        }
    }

    /// The name of the Cluster with the site's database.
    pub(super) fn server(&self, site: &Common) -> ResourceName {
        match self {
            Home::On { server, .. } => server.name.clone(),
            Home::Dedicated { .. } | Home::Connected(_) => names::own_server(site),
        }
    }

    /// The namespace of that Cluster. CloudNativePG names a Cluster and a Secret without a namespace, so
    /// the Database, the DatabaseRole and the Secret of its password are there too.
    pub(super) fn namespace<'a>(&'a self, site: &'a Common) -> &'a Namespace {
        match self {
            Home::On { server, .. } => &server.namespace,
            Home::Dedicated { .. } | Home::Connected(_) => &site.namespace,
        }
    }

    /// Whether the site is in another namespace than its Cluster. frappe-operator then needs a Secret
    /// of its own.
    pub(super) fn is_elsewhere(&self, site: &Common) -> bool {
        *self.namespace(site) != site.namespace
    }

    /// The host of the Service for writes: that of the pooler if the server has one.
    pub(super) fn host(&self, site: &Common) -> String {
        let ending = match self {
            Home::On { server, .. } if server.has_pooler => derived::POOLER,
            _ => derived::WRITES,
        };
        format!("{}{ending}.{}.svc.cluster.local", self.server(site), self.namespace(site))
    }
}
