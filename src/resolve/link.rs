//! Follows the references of sites to their bench and to their server.

use super::fleet::{Bench, Fleet, Ingress, Server, Site, Tls};
use super::system::provider;
use super::values::Draft;
use super::{FormerNames, Resolver};
use crate::cluster::{Common, Index};
use crate::diagnostic::{Checked, Code, Diagnostic, Reported, Span, both};
use crate::language::{self, BackupKind, Domain, Mode, ServerName, nearest_definition};
use crate::layers::require;
use crate::provider::{DatabaseSpec, Hosting, Provider, SiteDraft, UserSecret, backup};
use std::collections::HashMap;

/// The definitions of a cluster by name.
type ByName<'f> = HashMap<(Index, &'f str), Vec<Index>>;

/// A site's database, and the DatabaseServer that it is on.
type Linked = (Box<dyn DatabaseSpec>, Option<Index>);

/// The data for following the references of sites.
pub(super) struct Linker<'f, 'p> {
    fleet: &'f Fleet<'p>,
    resolver: &'f Resolver<'p>,
    former_names: &'f FormerNames,
    servers: ByName<'f>,
    benches: ByName<'f>,
}

impl<'f, 'p> Linker<'f, 'p> {
    /// The servers and benches that sites may refer to.
    pub(super) fn new(
        fleet: &'f Fleet<'p>,
        resolver: &'f Resolver<'p>,
        former_names: &'f FormerNames,
    ) -> Self {
        let (mut servers, mut benches) = (ByName::new(), ByName::new());
        for (index, server) in fleet.servers.iter().enumerate() {
            let key = (server.common.cluster, server.common.name.as_str());
            servers.entry(key).or_default().push(Index(index));
        }
        for (index, bench) in fleet.benches.iter().enumerate() {
            let key = (bench.common.cluster, bench.common.name.as_str());
            benches.entry(key).or_default().push(Index(index));
        }
        Self { fleet, resolver, former_names, servers, benches }
    }

    /// Follows the references of a site. A reference that leads nowhere prevents the
    /// site. A wrong backup only leaves the site without one.
    pub(super) fn site(&self, mut draft: Draft<'p>) -> Checked<Reported<Site<'p>>> {
        let bench = self.bench(&draft);
        let fields = draft.fields.database.take().unwrap_or_default();
        let path = ["database", "provider"];
        let cluster = self.fleet.cluster(&draft.common);
        let provider = provider(fields.provider, &draft.common.origin, &path, cluster);
        let database = provider.and_then(|it| Ok((it, self.database(&draft, fields, it)?)));
        let (bench, (provider, (database, server))) = both(bench, database)?;
        let domain = self.domain(&draft, self.fleet.bench(bench))?;
        let Draft { common, site_name, fields } = draft;
        let backup = backup::backup(fields.backup, &common.origin, BackupKind::Logical);
        let (backup, diagnostics) = match backup {
            Ok(backup) => (backup.map(Box::new), Vec::new()),
            Err(problems) => (None, problems),
        };
        let ingress = fields.ingress.unwrap_or_default();
        let tls = fields.tls.unwrap_or_default();
        let admin = fields.admin.and_then(|admin| admin.secret_ref).and_then(|secret| secret.name);
        let site = Site {
            site_name,
            domain,
            bench,
            apps: fields.apps,
            site_version: fields.site_version,
            acknowledged: fields.acknowledge.unwrap_or_default(),
            provider,
            server,
            database,
            backup,
            ingress: Ingress {
                enabled: ingress.enabled.unwrap_or(true),
                class_name: ingress.class_name,
                annotations: ingress.annotations.unwrap_or_default(),
            },
            tls: Tls {
                enabled: tls.enabled.unwrap_or(false),
                issuer: tls.issuer,
                secret_name: tls.secret_name,
            },
            admin_secret: admin,
            common,
        };
        Ok(Reported { value: site, diagnostics })
    }

    /// The name of the Secret of the site's database user: its former name if a record has it, or
    /// the current name.
    fn user_secret(&self, site: &Common) -> UserSecret {
        let has_former = !self.former_names.is_empty()
            && self.former_names.contains(&site.origin.definition.path());
        if has_former { UserSecret::Former } else { UserSecret::Current }
    }

    /// The stated domain, or the siteName with the bench's suffix. The suffix is not added twice.
    fn domain(&self, draft: &Draft, bench: &Bench) -> Checked<Domain> {
        if let Some(stated) = &draft.fields.domain {
            return Ok(stated.clone());
        }
        let domain = &bench.fields.domain;
        let suffix = domain.as_ref().and_then(|domain| domain.suffix.as_ref());
        let suffix = suffix.map_or("", language::DomainSuffix::as_str);
        let site_name = draft.site_name.as_str();
        let found = match site_name.ends_with(suffix) {
            true => Ok(Domain::from(&draft.site_name)),
            false => Domain::new(&format!("{site_name}{suffix}")),
        };
        found.map_err(|_| {
            let message = format!("`{site_name}` with the suffix of its bench is not a domain");
            let span = draft.common.origin.span(&["siteName"]);
            // SW104: a `siteName` that makes no domain with the suffix of its bench.
            vec![Diagnostic::new(Code::BadValue, span, message).help("state a `domain`")]
        })
    }

    fn bench(&self, draft: &Draft<'p>) -> Checked<Index> {
        let Draft { common, fields, .. } = draft;
        let why = "the Bench that runs the site";
        let name = require(fields.bench.as_ref(), &common.origin, &["bench"], why)?.as_str();
        let found = self.benches.get(&(common.cluster, name)).map_or(&[][..], |all| all);
        let namespace_of = |index: &Index| &self.fleet.bench(*index).common.namespace;
        let here = found.iter().find(|index| *namespace_of(index) == common.namespace);
        let problem = match (here, found.first()) {
            (Some(bench), _) => return Ok(*bench),
            (None, Some(elsewhere)) => Some(self.bench_elsewhere(common, name, *elsewhere)),
            (None, None) => {
                let cluster = common.origin.definition.cluster();
                let is_broken = self.resolver.is_broken(cluster, name);
                (!is_broken).then(|| self.unknown_bench(common, name))
            }
        };
        Err(problem.into_iter().collect())
    }

    fn bench_elsewhere(&self, site: &Common, name: &str, bench: Index) -> Diagnostic {
        let bench = &self.fleet.bench(bench).common;
        let (theirs, ours) = (&bench.namespace, &site.namespace);
        let message =
            format!("the bench `{name}` is in the namespace `{theirs}`, the site in `{ours}`");
        // SW204: a bench that is not defined.
        Diagnostic::new(Code::UnknownBench, site.origin.span(&["bench"]), message)
            .related(bench.origin.definition.span(), "the bench")
            .help(format!(
                "define a bench in `{ours}`, or state `namespace: {theirs}`: the operator looks for a site's bench only in the site's namespace"
            ))
    }

    fn unknown_bench(&self, site: &Common, name: &str) -> Diagnostic {
        let benches = self.fleet.benches.iter().map(|bench| &bench.common);
        let known = benches
            .filter(|it| it.cluster == site.cluster && it.namespace == site.namespace)
            .map(|it| it.name.as_str());
        let help = nearest_definition(name, "Bench", known);
        let message = format!("no bench is named `{name}` in the namespace `{}`", site.namespace);
        Diagnostic::new(Code::UnknownBench, site.origin.span(&["bench"]), message).help(help)
    }

    /// The database of a site. The built-in layer has a default for its number of connections.
    fn database(
        &self,
        draft: &Draft<'p>,
        fields: language::Database,
        provider: &dyn Provider,
    ) -> Checked<Linked> {
        let Draft { common, site_name, .. } = draft;
        let origin = &common.origin;
        let path = ["database", "maxUserConnections"];
        let why = "such as 100; 0 is unlimited";
        let connections = require(fields.max_user_connections, origin, &path, why);
        let mode =
            require(fields.mode, origin, &["database", "mode"], "shared, dedicated or external");
        let (max_user_connections, mode) = both(connections, mode)?;
        let database_name = fields.name.clone();
        let site = SiteDraft {
            common,
            cluster: self.fleet.cluster(common),
            site_name,
            database_name: database_name.as_ref(),
            user_secret: self.user_secret(common),
            max_user_connections,
        };
        match (mode, fields.connection) {
            (Mode::Dedicated, connection) => {
                let fields = language::Database { connection, ..fields };
                Ok((provider.dedicated(fields, &site)?, None))
            }
            (Mode::External, Some(connection)) => {
                if let Some(span) = origin.stated_here(&["database", "server"]) {
                    return Err(vec![server_and_connection(common, span)]);
                }
                Ok((provider.connected(connection, &site)?, None))
            }
            (Mode::Shared | Mode::External, _) => {
                let index = self.server(draft, fields.server.as_ref())?;
                let server = self.fleet.server(index);
                if server.provider.system() != provider.system() {
                    return Err(vec![self.other_provider(draft, index, provider)]);
                }
                if (server.spec.hosting() == Hosting::External) != (mode == Mode::External) {
                    return Err(vec![self.wrong_mode(draft, index, mode)]);
                }
                Ok((server.spec.database(&server.common, &site)?, Some(index)))
            }
        }
    }

    /// Finds a server of another database system than the site's.
    fn other_provider(&self, draft: &Draft, server: Index, provider: &dyn Provider) -> Diagnostic {
        let Server { common, provider: of_server, .. } = self.fleet.server(server);
        let (ours, theirs) = (provider.system(), of_server.system());
        let origin = &draft.common.origin;
        let stated = origin.stated_here(&["database", "provider"]);
        let span = stated.unwrap_or_else(|| origin.span(&["database", "server"]));
        let message = format!(
            "the site's provider is {}, and that of the server `{}` is {}",
            ours.name(),
            common.full_name(),
            theirs.name()
        );
        // SW210: a server of another database system.
        Diagnostic::new(Code::ServerProvider, span, message)
            .related(common.origin.definition.span(), "the server")
            .help(format!(
                "state `provider: {}` in `database`, or name another server",
                theirs.name()
            ))
    }

    /// Finds a server that does not fit the site's mode.
    fn wrong_mode(&self, draft: &Draft, server: Index, mode: Mode) -> Diagnostic {
        let server = &self.fleet.server(server).common;
        let origin = &draft.common.origin;
        // If the site states one of the two fields and a folder's default the other, the report
        // points at the site's field.
        let span = [["database", "server"], ["database", "mode"]]
            .iter()
            .find_map(|path| origin.stated_here(path))
            .unwrap_or_else(|| origin.span(&["database", "server"]));
        let (mode, place, right) = match mode {
            Mode::External => ("external", "in the cluster", "shared"),
            Mode::Shared | Mode::Dedicated => ("shared", "outside the cluster", "external"),
        };
        // SW207: a server that does not serve the site's database mode.
        Diagnostic::new(
            Code::ServerMode,
            span,
            format!(
                "the site's mode is {mode}, but the server `{}` is {place}",
                server.full_name()
            ),
        )
        .related(server.origin.definition.span(), "the server")
        .help(format!("state `mode: {right}`, or name another server"))
    }

    fn server(&self, draft: &Draft<'p>, stated: Option<&ServerName>) -> Checked<Index> {
        let common = &draft.common;
        let origin = &common.origin;
        let path = ["database", "server"];
        let why = "the DatabaseServer that holds the site's database";
        let stated = require(stated, origin, &path, why)?.as_str();
        let (namespace, name) = match stated.split_once('/') {
            Some((namespace, name)) => (Some(namespace), name),
            None => (None, stated),
        };
        let found = self.servers.get(&(common.cluster, name)).map_or(&[][..], |all| all);
        let namespace_of = |index: &&Index| self.fleet.server(**index).common.namespace.as_str();
        let nearby = namespace.unwrap_or(common.namespace.as_str());
        if let Some(server) = found.iter().find(|index| namespace_of(index) == nearby) {
            return Ok(*server);
        }
        match (namespace, found) {
            (None, [only]) => Ok(*only),
            (None, [_, _, ..]) => {
                let choices: Vec<String> =
                    found.iter().map(|i| format!("`{}/{name}`", namespace_of(&i))).collect();
                let message =
                    format!("{} servers are named `{name}`, none in `{nearby}`", found.len());
                // SW206: a server name that exists in several namespaces.
                let problem = Diagnostic::new(Code::AmbiguousServer, origin.span(&path), message);
                Err(vec![problem.help(format!("write {}", choices.join(" or ")))])
            }
            _ if self.resolver.is_broken(origin.definition.cluster(), name) => Err(Vec::new()),
            _ => Err(vec![self.unknown_server(common, stated)]),
        }
    }

    fn unknown_server(&self, site: &Common, stated: &str) -> Diagnostic {
        let known = self.fleet.servers.iter().filter(|it| it.common.cluster == site.cluster);
        let names: Vec<String> = known
            .map(|server| match stated.contains('/') {
                true => server.common.full_name(),
                false => server.common.name.to_string(),
            })
            .collect();
        let help = nearest_definition(stated, "DatabaseServer", names.iter().map(String::as_str));
        let message = format!("no database server is named `{stated}` in the cluster");
        let span = site.origin.span(&["database", "server"]);
        // SW205: a database server that is not defined.
        Diagnostic::new(Code::UnknownServer, span, message).help(help)
    }
}

fn server_and_connection(site: &Common, span: Span) -> Diagnostic {
    // SW107: a database with both `server` and `connection`.
    Diagnostic::new(Code::Conflict, span, "`server` and `connection` are both stated")
        .related(site.origin.span(&["database", "connection"]), "the connection")
        .help("keep one: with `server`, the site gets a new database; with `connection`, it uses an existing one")
}
