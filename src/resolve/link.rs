//! Follows the references of sites to their bench and to their server.

use super::fleet::{
    Common, Connection, Database, Fleet, Index, Ingress, ServerPlace, Site, Tls, UserSecret,
};
use super::instance::{Stated, instance};
use super::values::Draft;
use super::{FormerNames, Resolver, backup, require, system};
use crate::diagnostic::{Code, Diagnostic};
use crate::language::{self, BackupKind, Domain, Mode, ServerName, nearest_definition};
use crate::naming::{MAX_SQL_NAME, NameError, Scheme, SqlName, Subject};
use crate::operator::Frappe;
use std::collections::HashMap;

/// The definitions of a cluster by name.
type ByName<'f> = HashMap<(Index, &'f str), Vec<Index>>;

/// Who decides the name of a database. It is the operator if it computes the connection itself, and
/// sitewright if the operator accepts a connection.
pub(super) fn scheme(frappe: &Frappe, mode: Mode) -> Scheme {
    match mode {
        Mode::External if frappe.takes_connection => Scheme::Sha256,
        Mode::External | Mode::Shared | Mode::Dedicated => frappe.names,
    }
}

fn unnameable(draft: &Draft, frappe: &Frappe, error: NameError) -> Diagnostic {
    let Draft { common, site_name, .. } = draft;
    match error {
        NameError::Panics { hash } => Diagnostic::new(
            Code::PanickingName,
            common.origin.definition.span(),
            format!(
                "frappe-operator {} panics at `{}`: the hash of that name, {hash:x}, has fewer than 8 digits",
                frappe.id,
                common.full_name()
            ),
        )
        .help(format!(
            "rename the file or change its namespace (about 1 name in 16 is hit), or run frappe-operator {}",
            Frappe::versions_that(|other| !other.names.can_panic())
        )),
        NameError::TooLong { escaped } => Diagnostic::new(
            Code::SqlNameTooLong,
            common.origin.span(&["siteName"]),
            format!("the database's name for `{site_name}` has {escaped} characters once its grant is escaped"),
        )
        .label("each dot and dash counts twice")
        .help(format!(
            "MariaDB takes {MAX_SQL_NAME}: choose a shorter siteName, or one with fewer dots and dashes"
        )),
    }
}

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

    /// Follows the references of a site. It returns the site with its other problems, or only
    /// problems if a reference leads nowhere.
    pub(super) fn site(
        &self,
        draft: Draft<'p>,
    ) -> Result<(Site<'p>, Vec<Diagnostic>), Vec<Diagnostic>> {
        let mut problems = Vec::new();
        match self.linked(draft, &mut problems) {
            Some(site) => Ok((site, problems)),
            None => Err(problems),
        }
    }

    fn linked(&self, mut draft: Draft<'p>, problems: &mut Vec<Diagnostic>) -> Option<Site<'p>> {
        let bench = self.bench(&draft, problems);
        let mut database = draft.fields.database.take().unwrap_or_default();
        let path = ["database", "provider"];
        let system = system(database.provider, &draft.common.origin, &path);
        let system = system.map_err(|problem| problems.push(*problem)).ok();
        let connections = self.connections(&draft, &database, problems);
        let database = system.and_then(|_| self.database(&draft, &mut database, problems));
        let (bench, system, database, max_user_connections) =
            (bench?, system?, database?, connections?);
        let domain = self.domain(&draft, bench, problems)?;
        let Draft { common, site_name, fields } = draft;
        let kind = BackupKind::Logical;
        let backup = backup::backup(fields.backup, &common.origin, kind, problems);
        let ingress = fields.ingress.unwrap_or_default();
        let tls = fields.tls.unwrap_or_default();
        let admin = fields.admin.and_then(|admin| admin.secret_ref).and_then(|secret| secret.name);
        let our_admin = || format!("{}-admin", common.name);
        Some(Site {
            site_name,
            domain,
            bench,
            apps: fields.apps,
            system,
            database,
            max_user_connections,
            backup: backup.map(Box::new),
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
            admin_secret_is_ours: admin.is_none(),
            admin_secret: admin.map_or_else(our_admin, |name| name.to_string()),
            user_secret: self.user_secret(&common),
            common,
        })
    }

    /// The name of the Secret of the site's database user: its former name if a record has it, or
    /// the current name.
    fn user_secret(&self, site: &Common) -> UserSecret {
        let has_former = !self.former_names.is_empty()
            && self.former_names.contains(&site.origin.definition.path());
        if has_former { UserSecret::Former } else { UserSecret::Current }
    }

    /// How many connections the site's user may hold. The built-in layer has a default, and 0 means
    /// no limit.
    fn connections(
        &self,
        draft: &Draft,
        database: &language::Database,
        problems: &mut Vec<Diagnostic>,
    ) -> Option<u32> {
        let path = ["database", "maxUserConnections"];
        let why = "such as 100; 0 is unlimited";
        require(database.max_user_connections, &draft.common.origin, &path, why, problems)
    }

    /// The stated domain, or the siteName with the bench's suffix. The suffix is not added twice.
    fn domain(
        &self,
        draft: &Draft,
        bench: Index,
        problems: &mut Vec<Diagnostic>,
    ) -> Option<Domain> {
        if let Some(stated) = &draft.fields.domain {
            return Some(stated.clone());
        }
        let domain = &self.fleet.bench(bench).fields.domain;
        let suffix = domain.as_ref().and_then(|domain| domain.suffix.as_ref());
        let suffix = suffix.map_or("", language::DomainSuffix::as_str);
        let site_name = draft.site_name.as_str();
        let found = match site_name.ends_with(suffix) {
            true => Domain::new(site_name),
            false => Domain::new(&format!("{site_name}{suffix}")),
        };
        if found.is_err() {
            let message = format!("`{site_name}` with its bench's suffix is no domain");
            let span = draft.common.origin.span(&["siteName"]);
            problems.push(Diagnostic::new(Code::BadValue, span, message).help("state a `domain`"));
        }
        found.ok()
    }

    fn bench(&self, draft: &Draft<'p>, problems: &mut Vec<Diagnostic>) -> Option<Index> {
        let Draft { common, fields, .. } = draft;
        let origin = &common.origin;
        let why = "the Bench that runs the site";
        let name = require(fields.bench.as_ref(), origin, &["bench"], why, problems)?;
        let found = self.benches.get(&(common.cluster, name.as_str())).map_or(&[][..], |all| all);
        let namespace_of = |index: &Index| &self.fleet.bench(*index).common.namespace;
        if let Some(bench) = found.iter().find(|index| *namespace_of(index) == common.namespace) {
            return Some(*bench);
        }
        let span = origin.span(&["bench"]);
        if let Some(elsewhere) = found.first() {
            let (theirs, ours) = (namespace_of(elsewhere), &common.namespace);
            problems.push(
                Diagnostic::new(
                    Code::UnknownBench,
                    span,
                    format!("the bench `{name}` is in the namespace `{theirs}`, the site in `{ours}`"),
                )
                .related(self.fleet.bench(*elsewhere).common.origin.definition.span(), "the bench")
                .help(format!(
                    "the operator looks for a site's bench in the site's namespace only: define a bench in `{ours}`, or state `namespace: {theirs}`"
                )),
            );
        } else if !self.resolver.is_broken(origin.definition.cluster(), name.as_str()) {
            let known = self.fleet.benches.iter().filter(|bench| {
                bench.common.cluster == common.cluster && bench.common.namespace == common.namespace
            });
            let help =
                nearest_definition(name.as_str(), "Bench", known.map(|b| b.common.name.as_str()));
            let message =
                format!("no bench is named `{name}` in the namespace `{}`", common.namespace);
            problems.push(Diagnostic::new(Code::UnknownBench, span, message).help(help));
        }
        None
    }

    fn database(
        &self,
        draft: &Draft<'p>,
        fields: &mut language::Database,
        problems: &mut Vec<Diagnostic>,
    ) -> Option<Database> {
        let origin = &draft.common.origin;
        let mode = require(
            fields.mode,
            origin,
            &["database", "mode"],
            "shared, dedicated or external",
            problems,
        )?;
        match mode {
            Mode::Dedicated => self.dedicated(draft, fields, problems),
            Mode::Shared => {
                let server = self.server(draft, fields.server.as_ref(), problems)?;
                match self.fleet.server(server).place {
                    ServerPlace::External(_) => {
                        problems.push(self.wrong_mode(draft, server, mode));
                        None
                    }
                    _ => Some(Database::Shared {
                        server,
                        name: self.sql_name(draft, mode, problems)?,
                    }),
                }
            }
            Mode::External => self.external(draft, fields, problems),
        }
    }

    fn dedicated(
        &self,
        draft: &Draft<'p>,
        fields: &mut language::Database,
        problems: &mut Vec<Diagnostic>,
    ) -> Option<Database> {
        let origin = &draft.common.origin;
        let name = self.sql_name(draft, Mode::Dedicated, problems);
        let stated = Stated {
            image: fields.image.take(),
            version: fields.version.take(),
            storage_size: fields.storage_size.take(),
            storage_class_name: fields.storage_class_name.take(),
            resources: fields.resources.take(),
            my_cnf: fields.my_cnf.take(),
            metrics: fields.metrics.take(),
            pod_disruption_budget: fields.pod_disruption_budget.take(),
            bootstrap_from: fields.bootstrap_from.take(),
            ..Stated::default()
        };
        let instance = instance(stated, origin, &["database"], self.resolver, problems);
        let instance = Box::new(instance?);
        Some(Database::Dedicated { instance, name: name? })
    }

    fn external(
        &self,
        draft: &Draft<'p>,
        fields: &mut language::Database,
        problems: &mut Vec<Diagnostic>,
    ) -> Option<Database> {
        let origin = &draft.common.origin;
        let Some(connection) = fields.connection.take() else {
            let server = self.server(draft, fields.server.as_ref(), problems)?;
            return match self.fleet.server(server).place {
                ServerPlace::External(_) => {
                    let name = self.sql_name(draft, Mode::External, problems)?;
                    Some(Database::External { server, name })
                }
                _ => {
                    problems.push(self.wrong_mode(draft, server, Mode::External));
                    None
                }
            };
        };
        if let Some(span) = origin.stated_here(&["database", "server"]) {
            problems.push(
                Diagnostic::new(Code::Conflict, span, "`server` and `connection` are both stated")
                    .related(origin.span(&["database", "connection"]), "the connection")
                    .help("`server` makes a database there, `connection` uses one that exists: keep one"),
            );
            return None;
        }
        let path = ["database", "connection", "secretName"];
        let why = "the Secret with username, password and database";
        Some(Database::Connected(Connection {
            secret_name: require(connection.secret_name, origin, &path, why, problems)?,
            host: connection.host,
            port: connection.port,
        }))
    }

    fn sql_name(
        &self,
        draft: &Draft<'p>,
        mode: Mode,
        problems: &mut Vec<Diagnostic>,
    ) -> Option<SqlName> {
        let Draft { common, site_name, .. } = draft;
        let cluster = self.fleet.cluster(common);
        let subject = Subject {
            cluster: &cluster.name,
            namespace: common.namespace.as_str(),
            name: common.name.as_str(),
            site_name: site_name.as_str(),
        };
        match scheme(cluster.frappe, mode).sql_name(subject) {
            Ok(name) => Some(name),
            Err(error) => {
                problems.push(unnameable(draft, cluster.frappe, error));
                None
            }
        }
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

    fn server(
        &self,
        draft: &Draft<'p>,
        stated: Option<&ServerName>,
        problems: &mut Vec<Diagnostic>,
    ) -> Option<Index> {
        let Draft { common, .. } = draft;
        let origin = &common.origin;
        let path = ["database", "server"];
        let why = "the DatabaseServer that holds the site's database";
        let stated = require(stated, origin, &path, why, problems)?.as_str();
        let (namespace, name) = match stated.split_once('/') {
            Some((namespace, name)) => (Some(namespace), name),
            None => (None, stated),
        };
        let found = self.servers.get(&(common.cluster, name)).map_or(&[][..], |all| all);
        let namespace_of = |index: &&Index| self.fleet.server(**index).common.namespace.as_str();
        let nearby = namespace.unwrap_or(common.namespace.as_str());
        if let Some(server) = found.iter().find(|index| namespace_of(index) == nearby) {
            return Some(*server);
        }
        match (namespace, found) {
            (None, [only]) => return Some(*only),
            (None, [_, _, ..]) => {
                let choices: Vec<String> =
                    found.iter().map(|i| format!("`{}/{name}`", namespace_of(&i))).collect();
                problems.push(
                    Diagnostic::new(
                        Code::AmbiguousServer,
                        origin.span(&path),
                        format!("{} servers are named `{name}`, none in `{nearby}`", found.len()),
                    )
                    .help(format!("write {}", choices.join(" or "))),
                );
            }
            _ if self.resolver.is_broken(origin.definition.cluster(), name) => {}
            _ => {
                let known =
                    self.fleet.servers.iter().filter(|s| s.common.cluster == common.cluster);
                let names: Vec<String> = known
                    .map(|server| match namespace {
                        Some(_) => server.common.full_name(),
                        None => server.common.name.to_string(),
                    })
                    .collect();
                let help =
                    nearest_definition(stated, "DatabaseServer", names.iter().map(String::as_str));
                problems.push(
                    Diagnostic::new(
                        Code::UnknownServer,
                        origin.span(&path),
                        format!("no database server is named `{stated}` in the cluster"),
                    )
                    .help(help),
                );
            }
        }
        None
    }
}
