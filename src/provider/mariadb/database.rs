//! The MariaDB of a site: a database on a server, a server of its own, or a database that exists
//! already.

use super::super::{
    Binding, DatabaseSpec, NamedSecret, OwnServer, Owner, SiteDraft, Spec, UserSecret,
};
use super::context::DatabaseContext;
use super::derived;
use super::instance::StatedInstance;
use super::objects::object;
use super::privileges::{ALL_PRIVILEGES, PRIVILEGES};
use super::spec::{Connection, Home, PORT, ServerFacts};
use super::{APP, backup, check, delivered, idle, names, objects, secrets};
use crate::cluster::Common;
use crate::diagnostic::{Checked, Code, Diagnostic, both};
use crate::language::{self, DatabaseName, Mode, Resources};
use crate::layers::{Idle, require};
use crate::naming::{self, MAX_SQL_NAME, NameError, Scheme, SqlName};
use crate::object::{
    DerivedName, KeyReference, Manifest, ObjectKind, Part, Reference, SecretPurpose, SecretSpec,
    Variables,
};
use crate::operator::Frappe;
use crate::operator::frappe::RerunsInit;
use minijinja::{Value, value::Serde};
use sitewright_api::ObjectRef;
use std::sync::Arc;

/// The spec of a site's database.
#[derive(Debug)]
pub(super) struct MariadbDatabase {
    home: Home,
    user_secret: UserSecret,
    max_user_connections: u32,
}

impl MariadbDatabase {
    /// A database on a server.
    pub(super) fn on(server: Arc<ServerFacts>, site: &SiteDraft) -> Checked<Self> {
        let mode = if server.outside.is_some() { Mode::External } else { Mode::Shared };
        let name = sql_name(site, mode)?;
        Ok(Self::new(Home::On { server, name }, site))
    }

    /// A database on a server of its own.
    pub(super) fn dedicated(fields: language::Database, site: &SiteDraft) -> Checked<Self> {
        let stated = StatedInstance {
            image: fields.image,
            version: fields.version,
            storage_size: fields.storage_size,
            storage_class_name: fields.storage_class_name,
            resources: fields.resources,
            my_cnf: fields.my_cnf,
            metrics: fields.metrics,
            pod_disruption_budget: fields.pod_disruption_budget,
            bootstrap_from: fields.bootstrap_from,
            ..StatedInstance::default()
        };
        let instance = stated.resolve(&site.common.origin, &["database"]);
        let (name, instance) = both(sql_name(site, Mode::Dedicated), instance)?;
        Ok(Self::new(Home::Dedicated { instance: Box::new(instance), name }, site))
    }

    /// A database that exists already.
    pub(super) fn connected(stated: language::Connection, site: &SiteDraft) -> Checked<Self> {
        let path = ["database", "connection", "secretName"];
        let why = "the Secret with username, password and database";
        let secret_name = require(stated.secret_name, &site.common.origin, &path, why)?;
        let connection = Connection { secret_name, host: stated.host, port: stated.port };
        Ok(Self::new(Home::Connected(connection), site))
    }

    fn new(home: Home, site: &SiteDraft) -> Self {
        let SiteDraft { user_secret, max_user_connections, .. } = *site;
        Self { home, user_secret, max_user_connections }
    }

    /// What the templates of the Database, the User and the Grant see.
    fn context<'a>(&'a self, owner: Owner, name: &'a SqlName) -> DatabaseContext<'a> {
        let site = owner.common;
        let privileges = match owner.cluster.profiles.frappe.grants_everything {
            true => &ALL_PRIVILEGES,
            false => &PRIVILEGES,
        };
        // If the server is deleted too, its databases are not dropped one by one, so that no
        // deletion waits for the server.
        let with_server = matches!(self.home, Home::Dedicated { .. }) && site.retired();
        DatabaseContext {
            name: name.as_str(),
            pattern: name.escaped(),
            privileges,
            max_user_connections: self.max_user_connections,
            cleanup_policy: if site.drops_data && !with_server { "Delete" } else { "Skip" },
            // Dropping a user also drops its grants.
            user_cleanup_policy: if with_server { "Skip" } else { "Delete" },
            server: self.home.server(site),
            password: KeyReference {
                name: names::user_secret(site, self.user_secret),
                key: "password".into(),
            },
        }
    }

    /// The Secret with the password of the site's database user.
    fn user_secret(&self, owner: Owner, name: &SqlName) -> SecretSpec {
        let secret = names::user_secret(owner.common, self.user_secret);
        let is_former = self.user_secret == UserSecret::Former;
        let frappe = owner.cluster.profiles.frappe;
        let purpose = match frappe.reruns_init {
            RerunsInit::OnSiteVersion => &FOLLOWED_SECRET,
            RerunsInit::Never | RerunsInit::OnAnyChange => &USER_SECRET,
        };
        let wanted = SecretSpec::password(purpose, &owner.common.namespace, secret);
        let wanted = SecretSpec { is_former, ..wanted };
        let Some((host, port)) = stated_server(&self.home, owner) else { return wanted };
        let wanted = wanted
            .stating("username", name.as_str())
            .stating("database", name.as_str())
            .stating("host", &host)
            .stating("port", &port.to_string());
        // An operator that knows other systems too is told which one it is.
        if frappe.needs_connection { wanted.stating("type", "mariadb") } else { wanted }
    }
}

/// The password of a site's database user.
const USER_SECRET: SecretPurpose = user_secret_followed_by(
    "the account changes at once, and the site knows only its old password: \
        set `db_password` in its site_config.json as soon as the Secret has changed",
);

/// The same where a new init Job writes the site's configuration again.
const FOLLOWED_SECRET: SecretPurpose = user_secret_followed_by(
    "the account changes at once, and the site knows only its old password: \
        change `siteVersion` of the site, so that a new init Job writes the new one",
);

const fn user_secret_followed_by(follows: &'static str) -> SecretPurpose {
    // mariadb-operator changes the account as soon as the Secret changes. frappe-operator writes a
    // site's configuration only in its init Job.
    SecretPurpose {
        holds: "password",
        of: "the site's database user",
        suffix: UserSecret::Current.suffix(),
        former: Some(UserSecret::Former.suffix()),
        follows,
        kind: "Opaque",
        app: APP,
        watch_label: Some(secrets::WATCH),
    }
}

/// The connection of a database that exists already.
const CONNECTION_SECRET: SecretPurpose =
    SecretPurpose::of_the_user("password", "the existing database's user");

/// The host and the port that sitewright names to frappe-operator. An operator that takes no
/// connection computes them from the reference to the server.
fn stated_server(home: &Home, owner: Owner) -> Option<(String, u16)> {
    let frappe = owner.cluster.profiles.frappe;
    let outside = match home {
        Home::On { server, .. } => server.outside.as_ref(),
        Home::Dedicated { .. } => None,
        Home::Connected(_) => return None,
    };
    match outside {
        Some((host, port)) if frappe.takes_connection => Some((host.to_string(), *port)),
        None if frappe.needs_connection => Some((home.host(owner.common), PORT)),
        Some(_) | None => None,
    }
}

/// Who decides the name of a database: the operator if it computes the connection itself, and
/// sitewright if the operator accepts a connection.
fn scheme(frappe: &Frappe, mode: Mode) -> Scheme {
    match mode {
        Mode::External if frappe.takes_connection => Scheme::Sha256,
        Mode::External | Mode::Shared | Mode::Dedicated => frappe.names,
    }
}

fn sql_name(site: &SiteDraft, mode: Mode) -> Checked<SqlName> {
    let SiteDraft { common, cluster, site_name, .. } = site;
    let subject = naming::NameInputs {
        cluster: &cluster.name,
        namespace: common.namespace.as_str(),
        name: common.name.as_str(),
        site_name: site_name.as_str(),
    };
    let scheme = scheme(cluster.profiles.frappe, mode);
    let computed = || scheme.sql_name(subject).map_err(|error| vec![unnameable(site, error)]);
    let Some(stated) = site.database_name else { return computed() };
    if scheme.is_computed_by_operator() {
        let name = computed()?;
        return match name.as_str() == stated.as_str() {
            true => Ok(name),
            false => Err(vec![other_name(site, &name, stated)]),
        };
    }
    SqlName::new(stated.as_str()).map_err(|error| vec![unnameable(site, error)])
}

fn other_name(site: &SiteDraft, computed: &SqlName, stated: &DatabaseName) -> Diagnostic {
    let SiteDraft { common, cluster, .. } = site;
    let frappe = cluster.profiles.frappe;
    let computed = computed.as_str();
    let message =
        format!("frappe-operator {} uses the database `{computed}`, not `{stated}`", frappe.id);
    // SW310: a stated name of a database that frappe-operator does not use.
    Diagnostic::new(Code::OtherDatabase, common.origin.span(&["database", "name"]), message)
        .label("it computes the name and reads no other")
        .help(format!(
            "remove `name`, or write `{computed}`: data under another name must be moved"
        ))
}

fn unnameable(site: &SiteDraft, error: NameError) -> Diagnostic {
    let SiteDraft { common, cluster, site_name, .. } = site;
    let too_long: &[&str] =
        if site.database_name.is_some() { &["database", "name"] } else { &["siteName"] };
    match error {
        // SW305: a site name that crashes this frappe-operator.
        NameError::Panics { hash } => Diagnostic::new(
            Code::PanickingName,
            common.origin.definition.span(),
            format!(
                "frappe-operator {} crashes at `{}`: the hash of this name, {hash:x}, has fewer than 8 digits",
                cluster.profiles.frappe.id,
                common.full_name()
            ),
        )
        .help(format!(
            "rename the file or change its namespace (1 name in 16 has such a hash), or run frappe-operator {}",
            Frappe::versions_that(|other| !other.names.can_panic())
        )),
        // SW306: an SQL name is too long for its grant.
        NameError::TooLong { escaped } => Diagnostic::new(
            Code::SqlNameTooLong,
            common.origin.span(too_long),
            format!("the database's name for `{site_name}` has {escaped} characters once its grant is escaped"),
        )
        .label("each dot and dash counts twice")
        .help(format!(
            "choose a shorter siteName, or one with fewer dots and dashes: MariaDB allows {MAX_SQL_NAME} characters"
        )),
    }
}

impl Spec for MariadbDatabase {
    fn manifests(&self, owner: Owner) -> Vec<Manifest> {
        let site = owner.common;
        let manifest = |of, name, reads| object(of, site, name, reads);
        let mut manifests = Vec::with_capacity(5);
        if matches!(self.home, Home::Dedicated { .. }) {
            let name = names::own_server(site);
            let root = names::root_secret(&name);
            manifests.push(manifest(&objects::MARIADB, name, vec![root]));
        }
        if self.home.sql_name().is_some() {
            let secret = names::user_secret(site, self.user_secret);
            manifests.extend([
                manifest(&objects::DATABASE, names::database(site), Vec::new()),
                manifest(&objects::USER, names::user(site), vec![secret]),
                manifest(&objects::GRANT, names::grant(site), Vec::new()),
            ]);
            manifests.extend(backup::manifests(owner));
        }
        manifests
    }

    fn variables(&self, owner: Owner, part: Part) -> Variables {
        let name = self.home.sql_name();
        if part != Part::Definition {
            let server = self.home.server(owner.common);
            return backup::variables(owner, part, server, name.map(SqlName::as_str));
        }
        let instance = match &self.home {
            Home::Dedicated { instance, .. } => {
                Some(instance.context(names::own_server(owner.common), owner.common))
            }
            Home::On { .. } | Home::Connected(_) => None,
        };
        let database = name.map(|name| self.context(owner, name));
        [("database", Value::from(Serde(database))), ("instance", Value::from(Serde(instance)))]
            .into()
    }

    fn secrets(&self, owner: Owner) -> Vec<SecretSpec> {
        let namespace = &owner.common.namespace;
        let mut wanted = Vec::with_capacity(2);
        wanted.extend(self.home.sql_name().map(|name| self.user_secret(owner, name)));
        let mut bootstrap = None;
        match &self.home {
            Home::Dedicated { instance, .. } => {
                let name = names::root_secret(&names::own_server(owner.common));
                wanted.push(secrets::root_secret(
                    &secrets::DEDICATED_ROOT,
                    owner.cluster,
                    namespace,
                    name,
                ));
                bootstrap = instance.bootstrap.as_ref();
            }
            Home::Connected(connection) => {
                let (purpose, name) = (&CONNECTION_SECRET, connection.secret_name.clone());
                let secret = SecretSpec::of_the_user(purpose, namespace, name, "password")
                    .having("username")
                    .having("database");
                let has_host = connection.host.is_none();
                wanted.push(if has_host { secret.having("host") } else { secret });
            }
            Home::On { .. } => {}
        }
        wanted.extend(backup::secrets(owner, bootstrap));
        wanted
    }

    fn named_secrets(&self) -> Vec<NamedSecret<'_>> {
        let bootstrap = match &self.home {
            Home::Dedicated { instance, .. } => instance.bootstrap.as_ref(),
            Home::On { .. } | Home::Connected(_) => None,
        };
        backup::named_secret(bootstrap, &["database"]).into_iter().collect()
    }

    fn derived_names(&self, owner: Owner) -> Vec<&'static [DerivedName]> {
        let mut tables = derived::of_backup(owner.backup);
        if let Home::Dedicated { instance, .. } = &self.home {
            tables.extend(derived::of_own_server(instance));
        }
        tables
    }

    fn resources(&self) -> Vec<(Vec<&'static str>, &Resources)> {
        match &self.home {
            Home::Dedicated { instance, .. } => {
                let stated = instance.resources.iter();
                stated.map(|stated| (vec!["database", "resources"], stated)).collect()
            }
            Home::On { .. } | Home::Connected(_) => Vec::new(),
        }
    }

    fn idle(&self) -> Vec<Idle> {
        idle::of_site(&self.home)
    }

    fn check(&self, owner: Owner) -> Vec<Diagnostic> {
        check::database(&self.home, owner)
    }
}

impl DatabaseSpec for MariadbDatabase {
    fn mode(&self) -> Mode {
        self.home.mode()
    }

    fn sql_name(&self) -> Option<&SqlName> {
        self.home.sql_name()
    }

    fn grant_pattern(&self) -> Option<String> {
        self.home.sql_name().map(SqlName::escaped)
    }

    fn max_connections(&self) -> u32 {
        self.max_user_connections
    }

    fn own_server(&self, site: &Common) -> Option<OwnServer> {
        let is_dedicated = matches!(self.home, Home::Dedicated { .. });
        is_dedicated.then(|| OwnServer {
            name: names::own_server(site),
            shared: Some(names::SHARED_SERVER),
            services: derived::SERVICES,
        })
    }

    fn connection_secret(&self) -> Option<&str> {
        match &self.home {
            Home::Connected(connection) => Some(connection.secret_name.as_str()),
            Home::On { .. } | Home::Dedicated { .. } => None,
        }
    }

    fn binding(&self, owner: Owner) -> Binding {
        if let Home::Connected(Connection { secret_name, host, port }) = &self.home {
            return Binding::Connection {
                secret: secret_name.clone(),
                host: host.as_ref().map(ToString::to_string),
                port: *port,
            };
        }
        match stated_server(&self.home, owner) {
            // Never the Service for writes (source: `GetCredentials` in
            // `controllers/database/mariadb_provider.go` of 2.3.0 and 2.6.4).
            None => {
                let server = self.home.server(owner.common);
                let host = format!("{}.{}.svc.cluster.local", server.name, server.namespace);
                Binding::Operator { server, host, port: PORT }
            }
            Some((host, port)) => Binding::Connection {
                secret: names::user_secret(owner.common, self.user_secret),
                host: Some(host),
                port: Some(port),
            },
        }
    }

    fn reported_by(&self, owner: Owner) -> Vec<ObjectRef> {
        let (site, namespace) = (owner.common, &owner.common.namespace);
        if self.home.sql_name().is_none() {
            return Vec::new();
        }
        let Reference { name, namespace: beside, kind } = self.home.server(site);
        vec![
            delivered::object(kind.unwrap_or(ObjectKind::Mariadb.as_str()), &beside, &name),
            delivered::object(ObjectKind::Database.as_str(), namespace, &names::database(site)),
            delivered::object(ObjectKind::User.as_str(), namespace, &names::user(site)),
            delivered::object(ObjectKind::Grant.as_str(), namespace, &names::grant(site)),
        ]
    }
}
