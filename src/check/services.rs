//! Finds servers that have the name of a Service that an operator creates for another server.

use crate::cluster::Common;
use crate::diagnostic::{Code, Diagnostic};
use crate::provider::{Hosting, Service};
use crate::resolve::{Fleet, Server, Unit};
use std::borrow::Cow;
use std::collections::HashMap;

/// The field that is the reason for a Service, and what it says.
type Reason = Option<(&'static [&'static str], &'static str)>;

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
    // The other server with a Service of this name.
    let other = |common: &Common, name: &str| {
        endings.iter().find_map(|ending| {
            let server = name.strip_suffix(ending)?;
            let key = (common.cluster, &common.namespace, Cow::Owned(server.to_owned()));
            let (other, services) = in_cluster.get(&key)?;
            let service = services.iter().find(|service| service.ending == *ending)?;
            Some((*other, service, server.to_owned()))
        })
    };
    let conflict = |server: &Server| {
        let common = &server.common;
        let (other, service, name) = other(common, &common.name)?;
        let has_service = server.spec.has_service(fleet.owner(Unit::Server(server)));
        (has_service || service.is_reserved).then(|| problem(common, &name, other, service))
    };
    let of_services = in_cluster.iter().flat_map(|((_, _, name), (common, services))| {
        let conflict = move |own: &Service| {
            let (other, service, server) = other(common, &format!("{name}{}", own.ending))?;
            (server != **name).then(|| same_service(common, own, &server, other, service))
        };
        services.iter().filter_map(conflict)
    });
    fleet.servers.iter().filter_map(conflict).chain(of_services).collect()
}

/// SW307: the name of a Service that an operator creates for another server.
fn problem(common: &Common, name: &str, other: &Common, service: &Service) -> Diagnostic {
    let Service { ending, purpose, reason, .. } = service;
    let message =
        format!("the Service of the server `{name}` for {purpose} is `{name}{ending}` too");
    let problem = Diagnostic::new(Code::ReservedName, common.origin.definition.span(), message);
    related(problem, other, *reason)
}

/// Adds why the other server has its Service, and what to do.
fn related(problem: Diagnostic, other: &Common, reason: Reason) -> Diagnostic {
    let (span, label) = match reason {
        Some((field, label)) => (other.origin.span(field), label),
        None => (other.origin.definition.span(), "its definition"),
    };
    problem.related(span, label).help("rename the file")
}

/// SW307: a Service of a server has the name of another server's Service.
fn same_service(
    common: &Common,
    own: &Service,
    name: &str,
    other: &Common,
    service: &Service,
) -> Diagnostic {
    let Service { ending, purpose, reason, .. } = service;
    let message = format!(
        "the Service of the server `{name}` for {purpose} is `{name}{ending}`, as is the Service of this \
         server for {}",
        own.purpose
    );
    let problem = Diagnostic::new(Code::ReservedName, common.origin.definition.span(), message);
    related(problem, other, *reason)
}
