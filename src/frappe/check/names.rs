//! Finds names that frappe-operator already uses.

use crate::cluster::{Common, Index};
use crate::diagnostic::{Code, Diagnostic};
use crate::resolve::{Fleet, Site};
use std::collections::HashMap;

pub(super) fn check(fleet: &Fleet) -> Vec<Diagnostic> {
    let reserved = fleet.sites.iter().filter_map(|site| reserved(fleet, site));
    reserved.chain(jobs(fleet)).chain(secrets(fleet)).collect()
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

/// The cluster, the namespace and the name of a definition.
type Place<'f> = (Index, &'f str, &'f str);

fn place<'f>(common: &'f Common) -> Place<'f> {
    (common.cluster, common.namespace.as_str(), common.name.as_str())
}

/// frappe-operator: a bench owns the Job `<bench>-init`, and a site the Job `<site>-init`. If the Job
/// of one of them succeeds, the other counts as initialised too.
fn jobs(fleet: &Fleet) -> Vec<Diagnostic> {
    let benches = fleet.benches.iter().map(|bench| &bench.common);
    let benches: HashMap<Place, &Common> = benches.map(|it| (place(it), it)).collect();
    let of_site = |site: &Common| {
        let problem = |bench: &Common, message: String| {
            Diagnostic::new(Code::ReservedName, site.origin.definition.span(), message)
                .related(bench.origin.definition.span(), "the bench")
                .help("rename one of the files")
        };
        if let Some(bench) = benches.get(&place(site)) {
            let message = format!(
                "the site `{0}` has the name of a bench in its namespace: both would own the Job `{0}-init`",
                site.name
            );
            return Some(problem(bench, message));
        }
        fleet.cluster(site).profiles.frappe.has_site_init.then_some(())?;
        let other = format!("{}-site", site.name);
        let bench = benches.get(&(site.cluster, site.namespace.as_str(), other.as_str()))?;
        let message = format!(
            "the site `{}` and the bench `{other}` would both own the Job `{other}-init`",
            site.name
        );
        Some(problem(bench, message))
    };
    fleet.sites.iter().filter_map(|site| of_site(&site.common)).collect()
}

/// A Secret that a site names, and the path of its name.
type NamedSecret<'f> = (&'f Common<'f>, &'f str, &'static [&'static str]);

/// frappe-operator makes Secrets of its own for each site. It overwrites a Secret of the user's that has
/// such a name, or deletes it with the site.
fn secrets(fleet: &Fleet) -> Vec<Diagnostic> {
    let named = fleet.sites.iter().flat_map(|site| {
        let admin = site.admin_secret.as_deref();
        let admin = admin.map(|name| (name, &["admin", "secretRef", "name"][..]));
        let connection = site.database.connection_secret();
        let connection = connection.map(|it| (it, &["database", "connection", "secretName"][..]));
        let named = [admin, connection].into_iter().flatten();
        named.map(|(name, path)| (&site.common, name, path))
    });
    let named: Vec<NamedSecret> = named.collect();
    // Few sites name a Secret, so most fleets need no table of all sites.
    if named.is_empty() {
        return Vec::new();
    }
    let sites = fleet.sites.iter().map(|site| &site.common);
    let sites: HashMap<Place, &Common> = sites.map(|site| (place(site), site)).collect();
    let problem = |(common, name, path): NamedSecret| {
        let endings = fleet.cluster(common).profiles.frappe.makes_secrets.iter();
        let mut owners = endings.filter_map(|ending| {
            let owner = name.strip_suffix(ending)?;
            sites.get(&(common.cluster, common.namespace.as_str(), owner))
        });
        let owner = owners.next()?;
        let message =
            format!("frappe-operator makes the Secret `{name}` for the site `{}`", owner.name);
        Some(
            Diagnostic::new(Code::ReservedName, common.origin.span(path), message)
                .related(owner.origin.definition.span(), "the site")
                .help("name another Secret"),
        )
    };
    named.into_iter().filter_map(problem).collect()
}
