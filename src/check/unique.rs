//! What must be one of its kind: objects, siteNames, domains, SQL names. No operator and no API
//! server finds these across definitions; two Databases of one name on one server both become ready,
//! and deleting either drops the data of both.

use crate::diagnostic::{Code, Diagnostic, Span};
use crate::provider::{Unit, units};
use crate::resolve::{Common, Database, Fleet, Index, Server, Site};
use std::collections::{HashMap, HashSet, hash_map::Entry};
use std::hash::Hash;

pub(super) fn check(fleet: &Fleet) -> Vec<Diagnostic> {
    let mut found = objects(fleet);
    found.extend(site_names(fleet));
    found.extend(domains(fleet));
    found.extend(sql_names(fleet));
    found
}

/// Reports every entry whose key was there before.
fn twins<K: Hash + Eq>(
    entries: impl Iterator<Item = (K, Span, String)>,
    code: Code,
    help: &str,
) -> Vec<Diagnostic> {
    let mut first: HashMap<K, Span> = HashMap::new();
    let mut found = Vec::new();
    for (key, span, message) in entries {
        match first.entry(key) {
            Entry::Vacant(free) => _ = free.insert(span),
            Entry::Occupied(taken) => found.push(
                Diagnostic::new(code, span, message).related(*taken.get(), "the first").help(help),
            ),
        }
    }
    found
}

/// Two definitions never make the same object: the one applied last would overwrite the other. What
/// definitions only refer to counts too, since it is there.
fn objects(fleet: &Fleet) -> Vec<Diagnostic> {
    let mut first: HashMap<(Index, &str, String, String), &Common> = HashMap::new();
    let mut pairs = HashSet::new();
    let mut found = Vec::new();
    for unit in units(fleet) {
        let common = unit.common();
        for (kind, namespace, name) in identities(fleet, unit) {
            let key = (common.cluster, kind, namespace.clone(), name.clone());
            let Some(other) = first.insert(key, common) else { continue };
            let files = (other.origin.definition.file, common.origin.definition.file);
            // One diagnostic a pair of definitions, whatever number of objects they share.
            if files.0 == files.1 || !pairs.insert(files) {
                continue;
            }
            found.push(
                Diagnostic::new(
                    Code::DuplicateObject,
                    common.origin.definition.span(),
                    format!("the {kind} `{namespace}/{name}` is made by two definitions"),
                )
                .related(other.origin.definition.span(), "the other one")
                .help("rename one of the files, or give it another namespace"),
            );
        }
    }
    found
}

/// Kind, namespace and name of everything that a definition stands for.
fn identities(fleet: &Fleet, unit: Unit) -> Vec<(&'static str, String, String)> {
    let common = unit.common();
    let itself = match unit {
        Unit::Server(_) => "MariaDB",
        Unit::Bench(_) => "FrappeBench",
        Unit::Site(_) => "FrappeSite",
    };
    let itself = (itself, common.namespace.to_string(), common.name.to_string());
    let secrets = unit.secrets(fleet).into_iter().filter(|secret| secret.ours);
    let secrets = secrets.map(|secret| ("Secret", secret.namespace, secret.name));
    let rendered = unit.manifests(fleet).into_iter().map(|m| (m.kind, m.namespace, m.name));
    [itself].into_iter().chain(rendered).chain(secrets).collect()
}

/// Frappe finds a site by its name within the bench's volume.
fn site_names(fleet: &Fleet) -> Vec<Diagnostic> {
    let sites = fleet.sites.iter().map(|site| {
        let bench = &fleet.bench(site.bench).common;
        let message =
            format!("the bench `{}` has a site `{}` already", bench.full_name(), site.site_name);
        ((site.bench, &site.site_name), site.common.origin.span(&["siteName"]), message)
    });
    twins(sites, Code::DuplicateSite, "a siteName is unique on its bench: choose another")
}

/// Two Ingresses of one host in a cluster answer in turns.
fn domains(fleet: &Fleet) -> Vec<Diagnostic> {
    let served = fleet.sites.iter().filter(|site| site.ingress.enabled && !site.common.retired());
    let sites = served.map(|site| {
        let span = match site.common.origin.layers.span(&["domain"]) {
            Some(span) => span,
            None => site.common.origin.span(&["siteName"]),
        };
        let message = format!("the domain `{}` is served by another site", site.domain);
        ((site.common.cluster, &site.domain), span, message)
    });
    twins(sites, Code::DuplicateDomain, "a domain belongs to one site of a cluster")
}

/// What two sites must never share: the account and the database behind it.
#[derive(PartialEq, Eq, Hash)]
enum Account<'f> {
    /// A database on a server, by the server's identity.
    OnServer(ServerIdentity<'f>, &'f str),
    /// Whatever a Secret of a namespace leads to.
    Behind(Index, &'f str, &'f str),
}

/// Which server it really is: two definitions may name the same one outside the clusters.
#[derive(PartialEq, Eq, Hash)]
enum ServerIdentity<'f> {
    InCluster(Index, &'f str, String),
    Outside(String, u16),
}

fn sql_names(fleet: &Fleet) -> Vec<Diagnostic> {
    let sites = fleet.sites.iter().map(|site| {
        let (account, what) = account(fleet, site);
        let message = format!("{what} belongs to another site");
        (account, site.common.origin.span(&["siteName"]), message)
    });
    let help = "two sites of one database overwrite each other's data: rename one of them";
    twins(sites, Code::DuplicateSqlName, help)
}

fn account<'f>(fleet: &'f Fleet, site: &'f Site) -> (Account<'f>, String) {
    let cluster = site.common.cluster;
    let namespace = site.common.namespace.as_str();
    let on_server = |server, name: &'f crate::naming::SqlName| {
        let what = format!("the SQL name `{}` on the site's server", name.as_str());
        (Account::OnServer(server, name.as_str()), what)
    };
    match &site.database {
        Database::Shared { server, name } | Database::External { server, name } => {
            on_server(identity(fleet.server(*server)), name)
        }
        Database::Dedicated { name, .. } => {
            let server = format!("{}-mariadb", site.common.name);
            on_server(ServerIdentity::InCluster(cluster, namespace, server), name)
        }
        Database::Connected(connection) => {
            let secret = connection.secret_name.as_str();
            let what = format!("the database behind the Secret `{secret}`");
            (Account::Behind(cluster, namespace, secret), what)
        }
    }
}

fn identity<'f>(server: &'f Server) -> ServerIdentity<'f> {
    use crate::resolve::ServerPlace::{External, Managed, Referenced};
    let common = &server.common;
    match &server.place {
        External(external) => {
            ServerIdentity::Outside(external.host.as_str().to_ascii_lowercase(), external.port)
        }
        Managed(_) | Referenced(_) => ServerIdentity::InCluster(
            common.cluster,
            common.namespace.as_str(),
            common.name.to_string(),
        ),
    }
}
