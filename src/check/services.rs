//! Services that operators make beside the ones that definitions name.

use crate::diagnostic::{Code, Diagnostic};
use crate::language::{FrappeOperator, Topology};
use crate::resolve::{Fleet, Server, ServerPlace};
use std::collections::HashMap;

/// mariadb-operator gives a server of several replicas a second Service, `<server>-primary`, for
/// writes; a server of that name has a Service of the same.
pub(super) fn check(fleet: &Fleet) -> Vec<Diagnostic> {
    let replicated = |server: &&Server| match &server.place {
        ServerPlace::Managed(instance) => instance.topology != Topology::Standalone,
        ServerPlace::Referenced(topology) => *topology != Topology::Standalone,
        ServerPlace::External(_) => false,
    };
    let primaries: HashMap<_, _> = fleet
        .servers
        .iter()
        .filter(replicated)
        .map(|server| &server.common)
        .map(|server| ((server.cluster, &server.namespace, server.name.as_str()), server))
        .collect();
    let has_service = |server: &&Server| match server.place {
        ServerPlace::Managed(_) | ServerPlace::Referenced(_) => true,
        // Told the connection, frappe-operator needs none.
        ServerPlace::External(_) => fleet.cluster(&server.common).frappe < FrappeOperator::V2_6,
    };
    let conflict = |server: &Server| {
        let common = &server.common;
        let name = common.name.as_str().strip_suffix("-primary")?;
        let primary = primaries.get(&(common.cluster, &common.namespace, name))?;
        Some(
            Diagnostic::new(
                Code::ReservedName,
                common.origin.definition.span(),
                format!("the Service of the server `{name}` for writes is `{name}-primary` too"),
            )
            .related(primary.origin.span(&["topology"]), "which has several replicas")
            .help("rename the file"),
        )
    };
    fleet.servers.iter().filter(has_service).filter_map(conflict).collect()
}
