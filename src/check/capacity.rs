//! The limits of servers: their number of sites and connections.

use crate::diagnostic::{Code, Diagnostic};
use crate::resolve::{Fleet, Server, Site};

pub(super) fn check(fleet: &Fleet) -> Vec<Diagnostic> {
    let mut sites_of: Vec<Vec<&Site>> = vec![Vec::new(); fleet.servers.len()];
    for site in &fleet.sites {
        if let Some(server) = site.server {
            sites_of[server.0].push(site);
        }
    }
    let servers = fleet.servers.iter().zip(&sites_of);
    servers
        .flat_map(|(server, sites)| {
            let unlimited = unlimited(server, sites);
            [count(server, sites), connections(server, sites)]
                .into_iter()
                .flatten()
                .chain(unlimited)
        })
        .collect()
}

fn count(server: &Server, sites: &[&Site]) -> Option<Diagnostic> {
    let most = server.max_sites? as usize;
    let last = sites.get(most)?;
    let origin = &last.common.origin;
    let stated = origin.stated_here(&["database", "server"]);
    // SW406: a server has more sites than its maxSites.
    Some(
        Diagnostic::new(
            Code::TooManySites,
            stated.unwrap_or_else(|| origin.definition.span()),
            format!(
                "{} sites refer to the server `{}`, but its `maxSites` is {most}",
                sites.len(),
                server.common.full_name()
            ),
        )
        .related(server.common.origin.span(&["maxSites"]), "the limit")
        .help("move sites to another server, or raise `maxSites`"),
    )
}

/// The connections that the sites of a server may hold together. Ten connections are reserved for
/// operators and administrators.
fn connections(server: &Server, sites: &[&Site]) -> Option<Diagnostic> {
    const KEPT: u64 = 10;
    let most = u64::from(server.max_connections?);
    let promised: u64 = sites.iter().map(|site| u64::from(site.database.max_connections())).sum();
    (promised + KEPT > most).then(|| {
        // SW407: the sites may open more connections than their server allows.
        Diagnostic::new(
            Code::Connections,
            server.common.origin.span(&["maxConnections"]),
            format!(
                "the {} sites of the server `{}` may hold {promised} connections, but it has {most}, of which {KEPT} are reserved for operators",
                sites.len(),
                server.common.full_name(),
            ),
        )
        .help(format!(
            "raise `maxConnections` to {} or more, lower the sites' `maxUserConnections`, or remove `maxConnections` to turn this check off",
            promised + KEPT
        ))
    })
}

/// A server that states `maxConnections` cannot serve a site without a limit of connections.
fn unlimited(server: &Server, sites: &[&Site]) -> Vec<Diagnostic> {
    let Some(most) = server.max_connections else { return Vec::new() };
    let unlimited = sites.iter().filter(|site| site.database.max_connections() == 0);
    unlimited
        .map(|site| {
            Diagnostic::new(
                Code::Connections,
                site.common.origin.span(&["database", "maxUserConnections"]),
                format!(
                    "the site may hold any number of connections, but the server `{}` has {most}",
                    server.common.full_name()
                ),
            )
            .related(server.common.origin.span(&["maxConnections"]), "the server's connections")
            .help("state a number, or remove the server's `maxConnections` to turn this check off")
        })
        .collect()
}
