//! Checks whether a site's database system serves its version of Frappe and its apps.

use super::new_sites::stated_major;
use crate::diagnostic::{Code, Diagnostic};
use crate::operator::frappe::Apps;
use crate::provider::{self, Provider, UnsupportedApp};
use crate::resolve::{Fleet, Site};

pub(super) fn check(fleet: &Fleet) -> Vec<Diagnostic> {
    let of = |site| {
        let old = too_old(fleet, site).into_iter();
        old.chain(unsupported(fleet, site)).collect::<Vec<_>>()
    };
    fleet.sites.iter().flat_map(of).collect()
}

/// The name of the database system in messages.
fn system(provider: &dyn Provider) -> String {
    format!("`provider: {}`", provider.system().name())
}

fn too_old(fleet: &Fleet, site: &Site) -> Option<Diagnostic> {
    let (oldest, why) = site.provider.support().oldest_frappe?;
    let bench = fleet.bench(site.bench);
    let version = stated_major(bench).filter(|major| *major < oldest)?;
    let message = format!("Frappe {version} runs no site with {}: {why}", system(site.provider));
    let span = site.common.origin.span(&["database", "provider"]);
    // SW422: a version of Frappe that does not run on this database system.
    Some(
        Diagnostic::new(Code::FrappeSystem, span, message)
            .related(bench.common.origin.span(&["frappeVersion"]), "the version of its bench")
            .help(format!(
                "choose a bench of Frappe {oldest} or newer, or state {}",
                system(provider::DEFAULT)
            )),
    )
}

/// The apps that the site gets and that their authors do not support on its database system.
fn unsupported(fleet: &Fleet, site: &Site) -> Vec<Diagnostic> {
    let always = match fleet.cluster(&site.common).profiles.frappe.apps {
        Apps::Always(app) => Some(app),
        Apps::Stated => None,
    };
    let gets = |app: &str| {
        let mut stated = site.apps.iter().flatten();
        always == Some(app) || stated.any(|stated| stated.as_str() == app)
    };
    let problem = |UnsupportedApp { app, why, acknowledged_by }: &UnsupportedApp| {
        if !gets(app) || site.acknowledged.contains(acknowledged_by) {
            return None;
        }
        let origin = &site.common.origin;
        let span = origin.layers.stated(&["apps"]);
        let span = span.unwrap_or_else(|| origin.span(&["database", "provider"]));
        let message = format!("the site runs `{app}` with {}: {why}", system(site.provider));
        // SW423: an app that its authors do not support on this database system.
        let problem = Diagnostic::new(Code::UnsupportedApp, span, message);
        Some(problem.help(format!(
            "state {}; or state `acknowledge: [{}]` to run the site without the support of the app's authors",
            system(provider::DEFAULT),
            acknowledged_by.name()
        )))
    };
    site.provider.support().unsupported_apps.iter().filter_map(problem).collect()
}
