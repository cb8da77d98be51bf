//! Finds servers that have the name of a Service that an operator creates for another server.

use crate::cluster::Common;
use crate::diagnostic::{Code, Diagnostic};
use crate::provider::{Hosting, Service};
use crate::resolve::{Fleet, Server, Unit};
use std::borrow::Cow;
use std::collections::HashMap;

/// A server whose name is the name of another server's Service has a Service of that name itself.
pub(super) fn check(fleet: &Fleet) -> Vec<Diagnostic> {
    let inside = fleet.servers.iter().filter(|it| it.spec.hosting() != Hosting::External);
    let inside = inside.map(|server| {
        let name = Cow::Borrowed(server.common.name.as_str());
        (&server.common, name, server.spec.services())
    });
    let own = fleet.sites.iter().filter_map(|site| {
        let own = site.database.own_server(&site.common)?;
        Some((&site.common, Cow::Owned(own.name.to_string()), own.services))
    });
    let in_cluster: HashMap<_, (&Common, &[Service])> = inside
        .chain(own)
        .map(|(common, name, services)| {
            ((common.cluster, &common.namespace, name), (common, services))
        })
        .collect();
    let mut endings: Vec<&str> = in_cluster
        .values()
        .flat_map(|(_, services)| services.iter().map(|service| service.ending))
        .collect();
    endings.sort_unstable();
    endings.dedup();
    let conflict = |server: &Server| {
        let common = &server.common;
        endings.iter().find_map(|ending| {
            let name = common.name.as_str().strip_suffix(ending)?;
            let key = (common.cluster, &common.namespace, Cow::Borrowed(name));
            let (other, services) = in_cluster.get(&key)?;
            let service = services.iter().find(|service| service.ending == *ending)?;
            Some(problem(common, name, other, service))
        })
    };
    let has_service = |server: &&Server| server.spec.has_service(fleet.owner(Unit::Server(server)));
    fleet.servers.iter().filter(has_service).filter_map(conflict).collect()
}

/// SW307: the name of a Service that an operator creates for another server.
fn problem(common: &Common, name: &str, other: &Common, service: &Service) -> Diagnostic {
    let Service { ending, purpose, reason } = service;
    let message =
        format!("the Service of the server `{name}` for {purpose} is `{name}{ending}` too");
    let problem = Diagnostic::new(Code::ReservedName, common.origin.definition.span(), message);
    let (span, label) = match reason {
        Some((field, label)) => (other.origin.span(field), *label),
        None => (other.origin.definition.span(), "its definition"),
    };
    problem.related(span, label).help("rename the file")
}
