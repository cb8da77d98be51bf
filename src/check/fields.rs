//! Fields that have no effect where they stand. Only what a definition states itself is reported: a
//! folder's defaults and plans serve sites of every mode.

use crate::diagnostic::{Code, Diagnostic};
use crate::language::Mode;
use crate::resolve::{Bench, Database, Fleet, Server, ServerPlace, Site};

/// Fields of a dedicated server, under `database`.
const OF_A_SERVER: [&str; 6] =
    ["storageSize", "storageClassName", "resources", "version", "image", "myCnf"];

pub(super) fn check(fleet: &Fleet) -> Vec<Diagnostic> {
    let sites = fleet.sites.iter().flat_map(site);
    let servers = fleet.servers.iter().flat_map(server);
    let benches = fleet.benches.iter().flat_map(bench);
    sites.chain(servers).chain(benches).collect()
}

fn site(site: &Site) -> Vec<Diagnostic> {
    let mut idle: Vec<(&str, &str)> = Vec::new();
    match site.database.mode() {
        Mode::Dedicated => idle.push(("server", "state `mode: shared`, or remove it")),
        Mode::Shared | Mode::External => idle.extend(
            OF_A_SERVER
                .map(|field| (field, "state it on the DatabaseServer, or `mode: dedicated`")),
        ),
    }
    if site.database.mode() != Mode::External {
        idle.push(("connection", "state `mode: external`, or remove it"));
    }
    if matches!(site.database, Database::Connected(_)) {
        idle.push(("maxUserConnections", "the account exists already: set its limit there"));
    }
    let mode = match site.database.mode() {
        Mode::Shared => "shared",
        Mode::Dedicated => "dedicated",
        Mode::External => "external",
    };
    idle.into_iter()
        .filter_map(|(field, help)| {
            let span = site.common.origin.key_here(&["database", field])?;
            let message = format!("`database.{field}` has no effect in the mode {mode}");
            Some(Diagnostic::new(Code::NoEffect, span, message).help(help))
        })
        .collect()
}

fn server(server: &Server) -> Vec<Diagnostic> {
    const OF_AN_INSTANCE: [&str; 8] = [
        "version",
        "image",
        "storageSize",
        "storageClassName",
        "resources",
        "myCnf",
        "metrics",
        "replicas",
    ];
    let why = match &server.place {
        ServerPlace::Managed(_) => return Vec::new(),
        ServerPlace::Referenced(_) => "on a server that is only referred to",
        ServerPlace::External(_) => "on a server outside the cluster",
    };
    let stated = |field: &str| server.common.origin.key_here(&[field]);
    OF_AN_INSTANCE
        .iter()
        .filter_map(|field| {
            let message = format!("`{field}` has no effect {why}");
            let help = "remove it: whoever owns the server states it there";
            Some(Diagnostic::new(Code::NoEffect, stated(field)?, message).help(help))
        })
        .collect()
}

fn bench(bench: &Bench) -> Vec<Diagnostic> {
    // The suffix is used for the sites' domains whoever owns the bench.
    const OF_A_BENCH: [&str; 9] = [
        "frappeVersion",
        "apps",
        "image",
        "componentReplicas",
        "componentResources",
        "redis",
        "workerAutoscaling",
        "fpm",
        "git",
    ];
    if bench.managed {
        return Vec::new();
    }
    OF_A_BENCH
        .iter()
        .filter_map(|field| {
            let span = bench.common.origin.key_here(&[field])?;
            let message = format!("`{field}` has no effect on a bench that is only referred to");
            Some(
                Diagnostic::new(Code::NoEffect, span, message)
                    .help("remove it, or remove `managed: false`"),
            )
        })
        .collect()
}
