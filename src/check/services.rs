//! The Services that mariadb-operator creates for a server, besides the Service with the server's
//! own name (source: its `api/v1alpha1`, the keys of MariaDB's Services): `<server>-internal` for
//! every server, `<server>-primary` and `<server>-secondary` for a server with several replicas.

use crate::diagnostic::{Code, Diagnostic};
use crate::language::Topology;
use crate::resolve::{Common, Database, Fleet, Server, ServerPlace, Site};
use std::borrow::Cow;
use std::collections::HashMap;

/// The purpose of each Service, by the ending of its name, and whether only replicated servers have
/// it.
const SERVICES: [(&str, &str, bool); 3] =
    [("-internal", "its pods", false), ("-primary", "writes", true), ("-secondary", "reads", true)];

/// A server whose name is the name of another server's Service has a Service of that name itself.
pub(super) fn check(fleet: &Fleet) -> Vec<Diagnostic> {
    let inside = fleet.servers.iter();
    let inside = inside.filter(|server| !matches!(server.place, ServerPlace::External(_)));
    let inside = inside.map(|server| {
        let name = Cow::Borrowed(server.common.name.as_str());
        (&server.common, name, is_replicated(server))
    });
    let is_dedicated = |site: &&Site| matches!(site.database, Database::Dedicated { .. });
    let dedicated = fleet.sites.iter().filter(is_dedicated).map(|site| {
        let name = Cow::Owned(format!("{}-mariadb", site.common.name));
        (&site.common, name, false)
    });
    let in_cluster: HashMap<_, (&Common, bool)> = inside
        .chain(dedicated)
        .map(|(common, name, replicated)| {
            ((common.cluster, &common.namespace, name), (common, replicated))
        })
        .collect();
    let conflict = |server: &Server| {
        let common = &server.common;
        SERVICES.iter().find_map(|(ending, purpose, replicated)| {
            let name = common.name.as_str().strip_suffix(ending)?;
            let key = (common.cluster, &common.namespace, Cow::Borrowed(name));
            let (other, is_replicated) = in_cluster.get(&key)?;
            if *replicated && !is_replicated {
                return None;
            }
            let origin = &other.origin;
            let message =
                format!("the Service of the server `{name}` for {purpose} is `{name}{ending}` too");
            let problem =
                Diagnostic::new(Code::ReservedName, common.origin.definition.span(), message);
            Some(
                match replicated {
                    true => {
                        problem.related(origin.span(&["topology"]), "which has several replicas")
                    }
                    false => problem.related(origin.definition.span(), "its definition"),
                }
                .help("rename the file"),
            )
        })
    };
    fleet.servers.iter().filter(|server| has_service(fleet, server)).filter_map(conflict).collect()
}

fn is_replicated(server: &Server) -> bool {
    let topology = match &server.place {
        ServerPlace::Managed(instance) => instance.topology,
        ServerPlace::Referenced(topology) => *topology,
        ServerPlace::External(_) => return false,
    };
    topology != Topology::Standalone
}

/// An operator that gets the connection from the definition needs no Service for a server outside
/// the cluster.
fn has_service(fleet: &Fleet, server: &Server) -> bool {
    let external = matches!(server.place, ServerPlace::External(_));
    !external || !fleet.cluster(&server.common).frappe.takes_connection
}
