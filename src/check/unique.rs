//! Finds duplicates of what must be unique: objects, siteNames, domains, SQL names. Operators and
//! API servers do not find duplicates across definitions. Two Databases with the same name on one
//! server both become ready, and deleting either of them drops the data of both.

use crate::cluster::{Common, Index};
use crate::diagnostic::{Code, Diagnostic, FileId, Span};
use crate::language::{Domain, SiteName};
use crate::object::{ObjectKind, SecretSpec};
use crate::plan::Planned;
use crate::provider::{Address, Hosting, service};
use crate::resolve::{Fleet, Server, Site, Unit};
use foldhash::fast::RandomState;
use rayon::prelude::*;
use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap, HashSet, hash_map::Entry};
use std::hash::{BuildHasher, Hash};

pub(super) fn check(fleet: &Fleet, planned: &[Planned]) -> Vec<Diagnostic> {
    let mut pairs = Pairs::new();
    // The most expensive checks come first.
    let mut found = objects(planned, &mut pairs);
    let names = suspects(&fleet.sites, |site| Some(site_name(site)))
        .map(|site| site_name_claim(fleet, site));
    // SW302: two sites of a bench have the same siteName.
    found.extend(twins(names, Code::DuplicateSite, &mut pairs));
    // SW304: two sites of a server have the same SQL name.
    found.extend(twins(sql_names(fleet, planned), Code::DuplicateSqlName, &mut pairs));
    let domains = suspects(&fleet.sites, domain).filter_map(domain_claim);
    // SW303: two sites of a cluster have the same domain.
    found.extend(twins(domains, Code::DuplicateDomain, &mut pairs));
    found
}

/// The items of a list that may share a key with another item, in the order of the list. The result
/// has every item that does, and few others. A fleet has hundreds of thousands of names, nearly all
/// of them unique, so names are compared and messages are built only for these few items.
fn suspects<'f, T: Sync, K: Hash, I: IntoIterator<Item = K>>(
    list: &'f [T],
    keys: impl Fn(&'f T) -> I + Sync,
) -> impl Iterator<Item = &'f T> {
    let hasher = RandomState::default();
    let hash = |key: K| hasher.hash_one(key);
    let of = |(at, item)| keys(item).into_iter().map(|key| (hash(key), at)).collect::<Vec<_>>();
    let mut hashes: Vec<(u64, usize)> = list.par_iter().enumerate().flat_map_iter(of).collect();
    hashes.par_sort_unstable();
    let same = hashes.chunk_by(|(one, _), (other, _)| one == other);
    // A key that one item has twice is not shared with another item.
    let shared = same.filter(|them| them.first().map(|it| it.1) != them.last().map(|it| it.1));
    let suspects: BTreeSet<usize> = shared.flatten().map(|(_, at)| *at).collect();
    suspects.into_iter().map(|at| &list[at])
}

/// The definitions that already have a diagnostic. A copied file shares everything with the
/// original, and the first diagnostic is enough.
type Pairs = HashSet<(FileId, FileId)>;

/// Something that must be unique, and the diagnostic if it is not.
struct Claim<'f, K> {
    key: K,
    common: &'f Common<'f>,
    span: Span,
    message: String,
    help: &'static str,
}

/// Reports every claim on something that is already claimed.
fn twins<'f, K: Hash + Eq>(
    claims: impl Iterator<Item = Claim<'f, K>>,
    code: Code,
    pairs: &mut Pairs,
) -> Vec<Diagnostic> {
    let mut first: HashMap<K, (FileId, Span)> = HashMap::new();
    let mut found = Vec::new();
    for Claim { key, common, span, message, help } in claims {
        let file = common.origin.definition.file;
        match first.entry(key) {
            Entry::Vacant(free) => _ = free.insert((file, span)),
            Entry::Occupied(taken) => {
                let (other, other_span) = *taken.get();
                if other != file && pairs.insert((other, file)) {
                    found.push(
                        Diagnostic::new(code, span, message)
                            .related(other_span, "the first")
                            .help(help),
                    );
                }
            }
        }
    }
    found
}

/// Two definitions must not create the same object, because the one that is applied last would
/// overwrite the other. Objects that definitions only refer to count too, because they exist.
fn objects<'f>(planned: &'f [Planned<'f, '_>], pairs: &mut Pairs) -> Vec<Diagnostic> {
    let mut first: HashMap<(Index, Identity), &Common> = HashMap::new();
    let mut found = Vec::new();
    let keys = |planned: &'f Planned<'f, '_>| {
        let cluster = planned.unit.common().cluster;
        identities(*planned).map(move |identity| (cluster, identity))
    };
    for planned in suspects(planned, keys) {
        let common = planned.unit.common();
        for identity in identities(*planned) {
            let other = *first.entry((common.cluster, identity)).or_insert(common);
            let files = (other.origin.definition.file, common.origin.definition.file);
            // One diagnostic for each pair of definitions, however many objects they share.
            if files.0 == files.1 || !pairs.insert(files) {
                continue;
            }
            let (kind, namespace, name) = identity;
            // SW301: two definitions create the same object.
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

/// The kind, the namespace and the name of an object.
type Identity<'f> = (&'static str, &'f str, &'f str);

/// The identity of every object of a definition, and of every ServiceAccount that an operator creates
/// for one. Two operators would share such a ServiceAccount, and it is deleted with the first of the
/// two servers.
fn identities<'f>(planned: Planned<'f, '_>) -> impl Iterator<Item = Identity<'f>> {
    let Planned { unit, manifests, secrets, .. } = planned;
    let common = unit.common();
    let (itself, is_in_cluster) = match unit {
        Unit::Server(server) => (server.spec.kind(), server.spec.hosting() != Hosting::External),
        Unit::Bench(_) => (ObjectKind::FrappeBench, false),
        Unit::Site(_) => (ObjectKind::FrappeSite, false),
    };
    let of_itself = |kind: &'static str| (kind, common.namespace.as_str(), common.name.as_str());
    let account = is_in_cluster.then(|| of_itself(SERVICE_ACCOUNT));
    let rendered = manifests.iter().map(|it| (it.of.kind.as_str(), &*it.namespace, &*it.name));
    let servers = manifests.iter().filter(|it| it.of.kind.has_service_account());
    let accounts = servers.map(|it| (SERVICE_ACCOUNT, &*it.namespace, &*it.name));
    let secrets = secrets.iter().filter(|secret| secret.ours);
    let secrets = secrets.map(|it| (ObjectKind::Secret.as_str(), &*it.namespace, &*it.name));
    let itself = [of_itself(itself.as_str())].into_iter();
    itself.chain(rendered).chain(secrets).chain(account).chain(accounts)
}

const SERVICE_ACCOUNT: &str = "ServiceAccount";

/// Frappe finds a site by its siteName in the bench's volume.
fn site_name<'f>(site: &'f Site) -> (Index, &'f SiteName) {
    (site.bench, &site.site_name)
}

fn site_name_claim<'f>(fleet: &Fleet, site: &'f Site) -> Claim<'f, (Index, &'f SiteName)> {
    let bench = &fleet.bench(site.bench).common;
    Claim {
        key: site_name(site),
        common: &site.common,
        span: site.common.origin.span(&["siteName"]),
        message: format!(
            "the bench `{}` already has a site with the siteName `{}`",
            bench.full_name(),
            site.site_name
        ),
        help: "choose another siteName: it must be unique on its bench",
    }
}

/// If two Ingresses of a cluster have the same host, either can answer a request. frappe-operator
/// creates an Ingress and never removes it, so the Ingress of a retired site exists until the site
/// is deleted.
fn domain<'f>(site: &'f Site) -> Option<(Index, &'f Domain)> {
    site.ingress.enabled.then_some((site.common.cluster, &site.domain))
}

fn domain_claim<'f>(site: &'f Site) -> Option<Claim<'f, (Index, &'f Domain)>> {
    let origin = &site.common.origin;
    let stated = origin.layers.stated(&["domain"]);
    Some(Claim {
        key: domain(site)?,
        common: &site.common,
        span: stated.unwrap_or_else(|| origin.span(&["siteName"])),
        message: format!("the domain `{}` is served by another site", site.domain),
        help: "state another `domain`; or state `ingress: {enabled: false}` for a site that never had an Ingress; \
               the domain of a retired site is free when its file is removed",
    })
}

/// The database and the account that two sites must never share.
#[derive(PartialEq, Eq, Hash)]
enum Account<'f> {
    /// A database on a server. The server is known by its identity.
    OnServer(ServerIdentity<'f>, &'f str),
    /// The database to which a Secret of a namespace leads.
    Behind(Index, &'f str, &'f str),
}

/// The identity of a server. Two definitions can name the same server outside the clusters.
#[derive(Clone, PartialEq, Eq, Hash)]
enum ServerIdentity<'f> {
    InCluster(Index, &'f str, Cow<'f, str>),
    /// A host and a port. Without a cluster they mean the same server everywhere; with a cluster,
    /// only in that cluster.
    ByAddress(Option<Index>, String, u16),
}

fn sql_names<'f>(
    fleet: &'f Fleet,
    planned: &'f [Planned],
) -> impl Iterator<Item = Claim<'f, Account<'f>>> {
    let servers = server_identities(fleet);
    let account = |site| on_server(&servers, site).map(|(account, _)| account);
    let stated = suspects(&fleet.sites, account);
    let stated: Vec<_> = stated.filter_map(|site| claim_on_server(&servers, site)).collect();
    let connected: Vec<_> = fleet.sites.iter().filter_map(connected).collect();
    // The object check already compares Secrets of sitewright with each other.
    let planned = if connected.is_empty() { &[] } else { planned };
    let made = planned.iter().flat_map(of_our_secrets);
    stated.into_iter().chain(made).chain(connected)
}

/// A site's database on its server, and the database's name.
fn on_server<'f>(servers: &[ServerIdentity<'f>], site: &'f Site) -> Option<(Account<'f>, &'f str)> {
    let common = &site.common;
    let name = site.database.sql_name()?.as_str();
    let server = match site.server {
        Some(server) => servers.get(server.0)?.clone(),
        None => {
            let own = site.database.own_server(common)?.name;
            ServerIdentity::InCluster(
                common.cluster,
                common.namespace.as_str(),
                own.to_string().into(),
            )
        }
    };
    Some((Account::OnServer(server, name), name))
}

fn claim_on_server<'f>(
    servers: &[ServerIdentity<'f>],
    site: &'f Site,
) -> Option<Claim<'f, Account<'f>>> {
    let (key, name) = on_server(servers, site)?;
    Some(Claim {
        key,
        common: &site.common,
        span: site.common.origin.span(&["siteName"]),
        message: format!("the SQL name `{name}` on the site's server belongs to another site"),
        help: "two sites of one database overwrite each other's data: rename one of the files, or choose another siteName",
    })
}

/// Secrets that sitewright creates already lead to a database. They come before Secrets that users
/// name, so that the user's reference is reported.
fn of_our_secrets<'f>(planned: &'f Planned) -> impl Iterator<Item = Claim<'f, Account<'f>>> {
    let common = planned.unit.common();
    let claim = move |secret: &'f SecretSpec| Claim {
        message: format!("the Secret `{}` belongs to two definitions", secret.name),
        key: Account::Behind(common.cluster, &secret.namespace, &secret.name),
        common,
        span: common.origin.definition.span(),
        help: "rename one of the files",
    };
    planned.secrets.iter().map(|secret| &**secret).filter(|secret| secret.ours).map(claim)
}

fn connected<'f>(site: &'f Site) -> Option<Claim<'f, Account<'f>>> {
    let secret = site.database.connection_secret()?;
    let common = &site.common;
    Some(Claim {
        message: format!("the database behind the Secret `{secret}` belongs to another site"),
        key: Account::Behind(common.cluster, common.namespace.as_str(), secret),
        common,
        span: common.origin.span(&["database", "connection", "secretName"]),
        help: "two sites of one database overwrite each other's data: give each a database and a Secret of its own",
    })
}

/// The identity of each server of the fleet, by its index.
fn server_identities<'f>(fleet: &'f Fleet) -> Vec<ServerIdentity<'f>> {
    let name_of = |server: &'f Server| -> ServerName<'f> {
        let common = &server.common;
        (common.cluster, common.namespace.as_str(), common.name.as_str())
    };
    let names: HashSet<ServerName> = fleet.servers.iter().map(name_of).collect();
    fleet.servers.iter().map(|server| identity(&names, server)).collect()
}

/// The cluster, the namespace and the name of a DatabaseServer.
type ServerName<'f> = (Index, &'f str, &'f str);

fn identity<'f>(names: &HashSet<ServerName>, server: &'f Server) -> ServerIdentity<'f> {
    let common = &server.common;
    let in_cluster = |namespace: &'f str, name: &'f str| {
        ServerIdentity::InCluster(common.cluster, namespace, name.into())
    };
    match server.spec.address() {
        Address::Own => in_cluster(common.namespace.as_str(), common.name.as_str()),
        Address::Service { name, namespace, server } => {
            let server = server.filter(|name| names.contains(&(common.cluster, namespace, *name)));
            in_cluster(namespace, server.unwrap_or(name))
        }
        Address::Host { host, port } => {
            // A host name without a domain means another server in each cluster.
            let is_local = !host.contains(['.', ':']) || service(host).is_some();
            let cluster = is_local.then_some(common.cluster);
            ServerIdentity::ByAddress(cluster, host.to_ascii_lowercase(), port)
        }
    }
}
