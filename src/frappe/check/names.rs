//! Finds names that frappe-operator already uses.

use crate::cluster::Common;
use crate::diagnostic::{Code, Diagnostic};
use crate::resolve::{Fleet, Site};
use std::collections::HashMap;

pub(super) fn check(fleet: &Fleet) -> Vec<Diagnostic> {
    let reserved = fleet.sites.iter().filter_map(|site| reserved(fleet, site));
    reserved.chain(jobs(fleet)).collect()
}

/// frappe-operator: a shared site that states no server uses a server of a fixed name in its
/// namespace, such as `frappe-mariadb`. If a DatabaseServer has that name, the two definitions
/// create the same object, which is reported as SW301.
fn reserved(fleet: &Fleet, site: &Site) -> Option<Diagnostic> {
    let common = &site.common;
    let own = site.database.own_server(common)?;
    let shared = own.shared.filter(|shared| own.name == *shared)?;
    let is_taken = fleet.servers.iter().map(|server| &server.common).any(|server| {
        server.name.as_str() == shared
            && (server.cluster, &server.namespace) == (common.cluster, &common.namespace)
    });
    (!is_taken).then(|| {
        // SW307: a name that an operator already uses.
        Diagnostic::new(
            Code::ReservedName,
            common.origin.definition.span(),
            format!(
                "the dedicated server of a site named `{}` would have the name `{shared}`, which the operator uses for its shared server",
                common.name
            ),
        )
        .help("rename the file, or state `mode: shared`")
    })
}

/// frappe-operator: a site and a bench with the same name both own the Job `<name>-init`. If the
/// Job of one of them succeeds, the other counts as initialised too.
fn jobs(fleet: &Fleet) -> Vec<Diagnostic> {
    let place = |common: &Common| (common.cluster, common.full_name());
    let benches: HashMap<_, &Common> =
        fleet.benches.iter().map(|bench| (place(&bench.common), &bench.common)).collect();
    let sites = fleet.sites.iter().map(|site| &site.common);
    sites
        .filter_map(|site| {
            let bench = benches.get(&place(site))?;
            Some(
                Diagnostic::new(
                    Code::ReservedName,
                    site.origin.definition.span(),
                    format!(
                        "the site `{0}` has the name of a bench in its namespace: both would own the Job `{0}-init`",
                        site.name
                    ),
                )
                .related(bench.origin.definition.span(), "the bench")
                .help("rename one of the files"),
            )
        })
        .collect()
}
