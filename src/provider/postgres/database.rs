//! The PostgreSQL of a site: a database on a server, a server of its own, or a database that exists
//! already.
//!
//! frappe-operator reaches each of them by a Secret with the connection, in the namespace of the site. The
//! DatabaseRole reads its password from a Secret in the namespace of the server. If both are in one
//! namespace, one Secret serves both. Otherwise there are two with the same password.

use super::super::{
    Binding, DatabaseSpec, NamedSecret, OwnServer, Owner, SiteDraft, Spec, UserSecret,
};
use super::backup::Recovery;
use super::context::{DatabaseContext, MonitorContext};
use super::instance::StatedInstance;
use super::objects::object;
use super::spec::{Connection, Home, PORT, ServerFacts};
use super::{APP, backup, check, delivered, derived, idle, names, objects};
use crate::cluster::Common;
use crate::diagnostic::{Checked, Diagnostic, both};
use crate::language::{self, Mode, ResourceName, Resources};
use crate::layers::{Idle, require};
use crate::naming::{NameInputs, Scheme, SqlName};
use crate::object::{
    DerivedName, Manifest, ObjectKind, Part, SecretPurpose, SecretSpec, Variables,
};
use crate::operator::frappe::RerunsInit;
use minijinja::{Value, value::Serde};
use sitewright_api::ObjectRef;
use std::sync::Arc;

/// The spec of a site's database.
#[derive(Debug)]
pub(super) struct PostgresDatabase {
    home: Home,
    max_user_connections: u32,
}

/// The password of a site's role, with the rest of the connection.
const USER_SECRET: SecretPurpose = user_secret_followed_by(
    "the role changes at once, and the site knows only its old password: set `db_password` in \
        its site_config.json as soon as the Secret has changed",
);

/// The same where a new init Job writes the site's configuration again.
const FOLLOWED_SECRET: SecretPurpose = user_secret_followed_by(
    "the role changes at once, and the site knows only its old password: \
        change `siteVersion` of the site, so that a new init Job writes the new one",
);

/// CloudNativePG reads `username` and `password`, and sees a change of a Secret with the label at once
/// (source: `getPassword` in `internal/management/controller/roles/runnable.go` and `WatchedLabelName`
/// of 1.30.0).
const fn user_secret_followed_by(follows: &'static str) -> SecretPurpose {
    SecretPurpose {
        holds: "password",
        of: "the site's database user",
        suffix: UserSecret::Current.suffix(),
        former: None,
        follows,
        kind: "kubernetes.io/basic-auth",
        app: APP,
        watch_label: Some("cnpg.io/reload"),
    }
}

/// The connection of a site whose server is in another namespace, with the password of its role.
const SITE_SECRET: SecretPurpose =
    SecretPurpose { suffix: names::CONNECTION, kind: "Opaque", watch_label: None, ..USER_SECRET };

/// The same where a new init Job writes the site's configuration again.
const FOLLOWED_SITE_SECRET: SecretPurpose = SecretPurpose {
    suffix: names::CONNECTION,
    kind: "Opaque",
    watch_label: None,
    ..FOLLOWED_SECRET
};

/// The connection of a database that exists already.
const CONNECTION_SECRET: SecretPurpose =
    SecretPurpose::of_the_user("password", "the existing database's user");

impl PostgresDatabase {
    /// A database on a server.
    pub(super) fn on(server: Arc<ServerFacts>, site: &SiteDraft) -> Checked<Self> {
        let name = sql_name(site)?;
        Ok(Self::new(Home::On { server, name }, site))
    }

    /// A database on a server of its own.
    pub(super) fn dedicated(fields: language::Database, site: &SiteDraft) -> Checked<Self> {
        let stated = StatedInstance {
            image: fields.image,
            version: fields.version,
            instances: fields.instances,
            storage_size: fields.storage_size,
            storage_class_name: fields.storage_class_name,
            resources: fields.resources,
            settings: fields.settings,
            max_connections: None,
            metrics: fields.metrics,
            bootstrap_from: fields.bootstrap_from,
        };
        let instance = stated.resolve(&site.common.origin, &["database"]);
        let (name, instance) = both(sql_name(site), instance)?;
        Ok(Self::new(Home::Dedicated { instance: Box::new(instance), name }, site))
    }

    /// A database that exists already.
    pub(super) fn connected(stated: language::Connection, site: &SiteDraft) -> Checked<Self> {
        let path = ["database", "connection", "secretName"];
        let why = "the Secret with username, password, database and `type: postgres`";
        let secret_name = require(stated.secret_name, &site.common.origin, &path, why)?;
        // frappe-operator's own default is MariaDB's port.
        let port = stated.port.unwrap_or(PORT);
        let connection = Connection { secret_name, host: stated.host, port };
        Ok(Self::new(Home::Connected(connection), site))
    }

    fn new(home: Home, site: &SiteDraft) -> Self {
        Self { home, max_user_connections: site.max_user_connections }
    }

    /// The backup from which the site's own server starts.
    fn recovery(&self) -> Option<&Recovery> {
        match &self.home {
            Home::Dedicated { instance, .. } => instance.recovery.as_ref(),
            Home::On { .. } | Home::Connected(_) => None,
        }
    }

    /// What the templates of the Database and the DatabaseRole see.
    fn context<'a>(&'a self, owner: Owner<'a>, name: &'a SqlName) -> DatabaseContext<'a> {
        let site = owner.common;
        // If the server is deleted too, its databases are not dropped one by one, so that no
        // deletion waits for the server.
        let with_server = matches!(self.home, Home::Dedicated { .. }) && site.retired();
        let drops = site.drops_data && !with_server;
        DatabaseContext {
            name: name.as_str(),
            namespace: self.home.namespace(site).as_str(),
            server: self.home.server(site),
            connection_limit: match self.max_user_connections {
                0 => -1,
                limit => i64::from(limit),
            },
            reclaim_policy: if drops { "delete" } else { "retain" },
            password_secret: names::user_secret(site),
            privileged: false,
            in_roles: None,
        }
    }

    /// The Secrets with the password of the site's role, and the rest of the connection.
    fn user_secrets(&self, owner: Owner, name: &SqlName) -> Vec<SecretSpec> {
        let site = owner.common;
        let (of_role, of_site) = match owner.cluster.profiles.frappe.reruns_init {
            RerunsInit::OnSiteVersion => (&FOLLOWED_SECRET, &FOLLOWED_SITE_SECRET),
            RerunsInit::Never | RerunsInit::OnAnyChange => (&USER_SECRET, &SITE_SECRET),
        };
        let namespace = self.home.namespace(site);
        let role = SecretSpec::password(of_role, namespace, names::user_secret(site))
            .stating("username", name.as_str());
        let connection = |secret: SecretSpec| {
            secret
                .stating("database", name.as_str())
                .stating("host", &self.home.host(site))
                .stating("port", &PORT.to_string())
                .stating("type", "postgres")
        };
        if !self.home.is_elsewhere(site) {
            return vec![connection(role)];
        }
        let own = SecretSpec::password(of_site, &site.namespace, names::connection_secret(site))
            .repeating(&role)
            .stating("username", name.as_str());
        vec![role, connection(own)]
    }

    /// The Secret with the connection that frappe-operator reads.
    fn read_by_site(&self, site: &Common) -> ResourceName {
        match self.home.is_elsewhere(site) {
            true => names::connection_secret(site),
            false => names::user_secret(site),
        }
    }
}

/// The name of a site's database and role. No operator computes it. The scheme's names have at most
/// 62 characters of `a-z`, `0-9` and `_`, and start with `_`, so PostgreSQL neither cuts nor reserves
/// one.
fn sql_name(site: &SiteDraft) -> Checked<SqlName> {
    let SiteDraft { common, cluster, site_name, .. } = site;
    let subject = NameInputs {
        cluster: &cluster.name,
        namespace: common.namespace.as_str(),
        name: common.name.as_str(),
        site_name: site_name.as_str(),
    };
    // This scheme cuts a name that is too long, so it has one for each site.
    Scheme::Sha256.sql_name(subject).map_err(|_| Vec::new())
}

impl Spec for PostgresDatabase {
    fn manifests(&self, owner: Owner) -> Vec<Manifest> {
        let site = owner.common;
        let mut manifests = Vec::with_capacity(6);
        if let Home::Dedicated { instance, .. } = &self.home {
            let server = names::own_server(site);
            manifests.extend(objects::of_server(site, &server, instance.monitor.is_some()));
        }
        if self.home.sql_name().is_some() {
            let reads = [names::user_secret(site)].into();
            let role = object(&objects::DATABASE_ROLE, site, names::role(site), false);
            let database = object(&objects::DATABASE, site, names::database(site), false);
            let namespace = self.home.namespace(site);
            manifests.extend([
                Manifest { namespace: namespace.clone(), ..database },
                Manifest { namespace: namespace.clone(), reads, ..role },
            ]);
        }
        if let Home::Dedicated { instance, .. } = &self.home {
            manifests.extend(backup::manifests(owner, instance.recovery.as_ref()));
        }
        manifests
    }

    fn variables(&self, owner: Owner, part: Part) -> Variables {
        if part != Part::Definition {
            let server = self.home.server(owner.common);
            return backup::variables(owner, part, &server, self.recovery());
        }
        let (mut instance, mut monitor) = (None, None);
        if let Home::Dedicated { instance: own, .. } = &self.home {
            instance = Some(own.context(names::own_server(owner.common), owner));
            monitor = own.monitor.as_ref();
        }
        let database = self.home.sql_name().map(|name| self.context(owner, name));
        [
            ("database", Value::from(Serde(database))),
            ("instance", Value::from(Serde(instance))),
            ("monitor", Value::from(Serde(MonitorContext(monitor)))),
        ]
        .into()
    }

    fn secrets(&self, owner: Owner) -> Vec<SecretSpec> {
        if let Home::Connected(connection) = &self.home {
            let (namespace, name) = (&owner.common.namespace, connection.secret_name.clone());
            let secret = SecretSpec::of_the_user(&CONNECTION_SECRET, namespace, name, "password")
                .having("username")
                .having("database")
                .having("type");
            let has_host = connection.host.is_none();
            return vec![if has_host { secret.having("host") } else { secret }];
        }
        let user = self.home.sql_name().map(|name| self.user_secrets(owner, name));
        let stores = match &self.home {
            Home::Dedicated { .. } => backup::secrets(owner, self.recovery()),
            Home::On { .. } | Home::Connected(_) => Vec::new(),
        };
        user.into_iter().flatten().chain(stores).collect()
    }

    fn named_secrets(&self) -> Vec<NamedSecret<'_>> {
        backup::named_secret(self.recovery(), &["database"]).into_iter().collect()
    }

    fn derived_names(&self, _: Owner) -> Vec<&'static [DerivedName]> {
        match &self.home {
            Home::Dedicated { .. } => vec![derived::DEDICATED],
            Home::On { .. } | Home::Connected(_) => Vec::new(),
        }
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

impl DatabaseSpec for PostgresDatabase {
    fn mode(&self) -> Mode {
        self.home.mode()
    }

    fn sql_name(&self) -> Option<&SqlName> {
        self.home.sql_name()
    }

    fn grant_pattern(&self) -> Option<String> {
        None
    }

    fn max_connections(&self) -> u32 {
        self.max_user_connections
    }

    fn own_server(&self, site: &Common) -> Option<OwnServer> {
        matches!(self.home, Home::Dedicated { .. }).then(|| OwnServer {
            name: names::own_server(site),
            shared: None,
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
        let site = owner.common;
        match &self.home {
            Home::Connected(Connection { secret_name, host, port }) => Binding::Connection {
                secret: secret_name.clone(),
                host: host.as_ref().map(ToString::to_string),
                port: Some(*port),
            },
            Home::On { .. } | Home::Dedicated { .. } => Binding::Connection {
                secret: self.read_by_site(site),
                host: Some(self.home.host(site)),
                port: Some(PORT),
            },
        }
    }

    fn reported_by(&self, owner: Owner) -> Vec<ObjectRef> {
        let (site, namespace) = (owner.common, self.home.namespace(owner.common));
        if self.home.sql_name().is_none() {
            return Vec::new();
        }
        vec![
            delivered::object(ObjectKind::Cluster, namespace, &self.home.server(site)),
            delivered::object(ObjectKind::PostgresDatabase, namespace, &names::database(site)),
            delivered::object(ObjectKind::DatabaseRole, namespace, &names::role(site)),
        ]
    }
}
