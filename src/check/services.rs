//! Services that mariadb-operator makes beside the one of a server's own name (source: its
//! `api/v1alpha1`, the keys of MariaDB's Services): `<server>-internal` for every server,
//! `<server>-primary` and `<server>-secondary` for one of several replicas.

use crate::diagnostic::{Code, Diagnostic};
use crate::language::{FrappeOperator, Topology};
use crate::resolve::{Fleet, Server, ServerPlace};
use std::collections::HashMap;

/// What each Service is for, by the end of its name, and whether only replicated servers have it.
const SERVICES: [(&str, &str, bool); 3] =
    [("-internal", "its pods", false), ("-primary", "writes", true), ("-secondary", "reads", true)];

/// A server named like the Service of another one has a Service of the same name itself.
pub(super) fn check(fleet: &Fleet) -> Vec<Diagnostic> {
    let in_cluster: HashMap<_, &Server> = fleet
        .servers
        .iter()
        .filter(|server| !matches!(server.place, ServerPlace::External(_)))
        .map(|server| {
            let common = &server.common;
            ((common.cluster, &common.namespace, common.name.as_str()), server)
        })
        .collect();
    let conflict = |server: &Server| {
        let common = &server.common;
        SERVICES.iter().find_map(|(ending, purpose, replicated)| {
            let name = common.name.as_str().strip_suffix(ending)?;
            let other = in_cluster.get(&(common.cluster, &common.namespace, name))?;
            if *replicated && !is_replicated(other) {
                return None;
            }
            let origin = &other.common.origin;
            let message =
                format!("the Service of the server `{name}` for {purpose} is `{name}{ending}` too");
            let problem =
                Diagnostic::new(Code::ReservedName, common.origin.definition.span(), message);
            Some(
                match replicated {
                    true => {
                        problem.related(origin.span(&["topology"]), "which has several replicas")
                    }
                    false => problem.related(origin.definition.span(), "the other server"),
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

/// Told the connection, frappe-operator needs no Service for a server outside the cluster.
fn has_service(fleet: &Fleet, server: &Server) -> bool {
    let external = matches!(server.place, ServerPlace::External(_));
    !external || fleet.cluster(&server.common).frappe < FrappeOperator::V2_6
}
