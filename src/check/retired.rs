//! Finds retired servers and benches that active sites still use.

use crate::cluster::Common;
use crate::diagnostic::{Code, Diagnostic};
use crate::resolve::{Fleet, Site};

pub(super) fn check(fleet: &Fleet) -> Vec<Diagnostic> {
    let active = fleet.sites.iter().filter(|site| !site.common.retired());
    active
        .flat_map(|site| {
            let bench = (&fleet.bench(site.bench).common, "bench", &["bench"][..]);
            let server = site.server.map(|server| {
                (&fleet.server(server).common, "server", &["database", "server"][..])
            });
            let referred = [Some(bench), server].into_iter().flatten();
            referred
                .filter_map(|(to, what, path)| reference(site, to, what, path))
                .collect::<Vec<_>>()
        })
        .collect()
}

fn reference(site: &Site, to: &Common, what: &str, path: &[&str]) -> Option<Diagnostic> {
    to.retired().then(|| {
        // SW208: a reference to a retired definition.
        Diagnostic::new(
            Code::RetiredReference,
            site.common.origin.span(path),
            // The message does not name the site, so that a reference in a folder's defaults is
            // reported only once.
            format!("the {what} `{}` is retired, but serves active sites", to.full_name()),
        )
        .related(to.origin.span(&["lifecycle"]), "retired here")
        .help(format!("name another {what}, or retire the sites first"))
    })
}
