//! What a definition states of its MariaDB: where a server runs, and where a site's data lives.

use super::external::ExternalServer;
use super::instance::Instance;
use super::names;
use crate::cluster::Common;
use crate::diagnostic::Span;
use crate::language::{Host, Mode, ResourceName, Topology};
use crate::naming::SqlName;
use crate::object::Reference;
use std::sync::Arc;

/// The port of a server in the cluster.
pub(super) const PORT: u16 = 3306;

/// Where a server runs.
#[derive(Debug)]
pub(super) enum ServerHosting {
    /// In the cluster, rendered by sitewright.
    Managed(Box<Instance>),
    /// In the cluster, owned by somebody else.
    Referenced(Topology),
    /// Outside the cluster.
    External(Box<ExternalServer>),
}

/// Where a site's data lives.
#[derive(Debug)]
pub(super) enum Home {
    /// On a DatabaseServer.
    On {
        /// The server.
        server: Arc<ServerFacts>,
        /// The database's name, which is its user's too.
        name: SqlName,
    },
    /// On a server of its own.
    Dedicated {
        /// The server.
        instance: Box<Instance>,
        /// The database's name, which is its user's too.
        name: SqlName,
    },
    /// In a database that exists already.
    Connected(Connection),
}

/// What the databases on a DatabaseServer know of it.
#[derive(Debug)]
pub(super) struct ServerFacts {
    /// The server, as `mariaDbRef` names it.
    pub(super) server: Reference,
    /// The host and the port of a server outside the cluster.
    pub(super) outside: Option<(Host, u16)>,
    /// How its replicas work together.
    pub(super) topology: Topology,
    /// Where the server is defined.
    pub(super) definition: Span,
    /// Where its `external` is stated.
    pub(super) external: Span,
    /// Where its `topology` is stated.
    pub(super) stated_topology: Span,
}

/// A database that exists already.
#[derive(Debug)]
pub(super) struct Connection {
    /// The Secret with its credentials.
    pub(super) secret_name: ResourceName,
    /// Its server's host, if the Secret does not contain it.
    pub(super) host: Option<Host>,
    /// Its server's port, if the Secret does not contain it.
    pub(super) port: Option<u16>,
}

impl Home {
    /// The mode that the definition states.
    pub(super) fn mode(&self) -> Mode {
        match self {
            Home::On { server, .. } if server.outside.is_none() => Mode::Shared,
            Home::Dedicated { .. } => Mode::Dedicated,
            Home::On { .. } | Home::Connected(_) => Mode::External,
        }
    }

    /// The name of the database and its user, if sitewright decides it.
    pub(super) fn sql_name(&self) -> Option<&SqlName> {
        match self {
            Home::On { name, .. } | Home::Dedicated { name, .. } => Some(name),
            Home::Connected(_) => None,
        }
    }

    /// The host of a server in the cluster. In a server with several replicas, the Service
    /// `<mariadb>-primary` leads to the one that takes writes.
    pub(super) fn host(&self, site: &Common) -> String {
        let Reference { name, namespace, .. } = self.server(site);
        let is_single = match self {
            Home::On { server, .. } => server.topology == Topology::Standalone,
            Home::Dedicated { .. } | Home::Connected(_) => true,
        };
        let ending = if is_single { "" } else { "-primary" };
        format!("{name}{ending}.{namespace}.svc.cluster.local")
    }

    /// The server, as `mariaDbRef` names it.
    pub(super) fn server(&self, site: &Common) -> Reference {
        match self {
            Home::On { server, .. } => server.server.clone(),
            Home::Dedicated { .. } | Home::Connected(_) => Reference {
                name: names::own_server(site),
                namespace: site.namespace.clone(),
                kind: None,
            },
        }
    }
}
