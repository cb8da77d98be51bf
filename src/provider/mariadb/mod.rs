//! MariaDB through mariadb-operator (`k8s.mariadb.com/v1alpha1`).
//!
//! The objects have the names that frappe-operator expects, so it adopts them: it reads each
//! object, creates it only if it is missing, and never updates it (source:
//! `controllers/database/mariadb_provider.go`).

mod backup;
mod check;
mod context;
mod external;
mod objects;
mod settings;
mod volumes;

use super::Provider;
use crate::diagnostic::Diagnostic;
use crate::frappe::{DbConfig, SiteContext};
use crate::naming::SqlName;
use crate::object::{
    ClusterContext, KeyReference, Manifest, ObjectType, Reference, SecretReference, SecretSpec,
    Suffixes, View,
};
use crate::resolve::{
    Cluster, Common, Connection, Database, ExternalServer, Fleet, Instance, Server, ServerPlace,
    Site, UserSecret,
};
use backup::Subject;
use context::{DatabaseContext, InstanceContext, option_file};
use external::External;
use minijinja::{Value, value::Serde};
use serde::Serialize;
use std::sync::LazyLock;

/// The provider.
pub(super) struct Mariadb;

/// The label `app.kubernetes.io/name` of MariaDB's objects.
const APP: &str = "mariadb";

/// The privileges that a site needs in its own database, and no others (source: Frappe's
/// documentation and setup code).
const NEEDED: [&str; 17] = [
    "SELECT",
    "INSERT",
    "UPDATE",
    "DELETE",
    "CREATE",
    "DROP",
    "INDEX",
    "ALTER",
    "CREATE TEMPORARY TABLES",
    "CREATE VIEW",
    "EVENT",
    "TRIGGER",
    "SHOW VIEW",
    "CREATE ROUTINE",
    "ALTER ROUTINE",
    "EXECUTE",
    "LOCK TABLES",
];

/// The privileges as one list that all sites share.
static PRIVILEGES: LazyLock<Value> = LazyLock::new(|| NEEDED.into_iter().collect());

/// The privileges that some versions of frappe-operator grant themselves.
static ALL_PRIVILEGES: LazyLock<Value> = LazyLock::new(|| ["ALL PRIVILEGES"].into_iter().collect());

/// How frappe-operator gets the connection of a site.
enum Binding<'f> {
    /// It connects to `<mariadb>.<namespace>.svc.cluster.local:3306` with a database name that it
    /// computes.
    Dialled,
    /// sitewright tells it the host, the port and the names.
    Told(&'f ExternalServer),
    /// sitewright tells it the connection of a database that already exists.
    Given(&'f Connection),
}

fn binding<'f>(fleet: &'f Fleet, site: &'f Site) -> Binding<'f> {
    let told = fleet.cluster(&site.common).frappe.takes_connection;
    match &site.database {
        Database::Connected(connection) => Binding::Given(connection),
        Database::External { server, .. } => match &fleet.server(*server).place {
            ServerPlace::External(external) if told => Binding::Told(external),
            _ => Binding::Dialled,
        },
        Database::Shared { .. } | Database::Dedicated { .. } => Binding::Dialled,
    }
}

fn dedicated_name(site: &Site) -> String {
    format!("{}-mariadb", site.common.name)
}

fn password_secret(site: &Site) -> String {
    format!("{}-{}", site.common.name, site.user_secret.suffix())
}

/// A new record uses the current name, because frappe-operator never creates a Secret of that name.
const USER_SECRET: Suffixes =
    Suffixes { current: UserSecret::Current.suffix(), former: UserSecret::Former.suffix() };

/// mariadb-operator changes the account as soon as the Secret changes. frappe-operator writes a
/// site's configuration only once, when it creates the site.
const FOLLOWS_USER: &str = "the account changes at once, and the site knows only its old password: \
    set `db_password` in its site_config.json as soon as the Secret has changed";

/// The root password of a server. mariadb-operator 25.10 sets it only once, when it creates the
/// server.
fn root(cluster: &Cluster, namespace: &str, name: &str, suffix: &'static str) -> SecretSpec {
    let fixed = (!cluster.mariadb.rotates_root_password).then_some(
        "mariadb-operator 25.10 sets a server's root password once and cannot change it",
    );
    SecretSpec::password(namespace, name, suffix, "the server's root")
        .watched()
        .fixed(fixed)
        .followed_by(
            "the operator changes the account; whoever else logs in as root has to be told",
        )
}

fn root_secret(server: &str) -> String {
    format!("{server}-root")
}

/// `mariaDbRef` is immutable and is compared as a whole, so its form must never change: name and
/// namespace, and the kind for a server outside the cluster.
fn server_reference(fleet: &Fleet, site: &Site) -> Reference {
    let Some(index) = site.database.server() else {
        let namespace = site.common.namespace.to_string();
        return Reference { name: dedicated_name(site), namespace, kind: None };
    };
    let server = fleet.server(index);
    let external = matches!(server.place, ServerPlace::External(_));
    Reference {
        name: server.common.name.to_string(),
        namespace: server.common.namespace.to_string(),
        kind: external.then_some("ExternalMariaDB"),
    }
}

impl Provider for Mariadb {
    fn object_types(&self) -> &'static [&'static ObjectType] {
        &objects::ALL
    }

    fn server_manifests(&self, fleet: &Fleet, server: &Server) -> Vec<Manifest> {
        let name = server.common.name.as_str();
        let manifest = |of, reads| object(of, &server.common, name.to_owned(), reads);
        match &server.place {
            ServerPlace::Managed(_) => vec![manifest(&objects::MARIADB, vec![root_secret(name)])],
            ServerPlace::External(ExternalServer { managed: true, .. }) => {
                let external = manifest(&objects::EXTERNAL_MARIADB, Vec::new());
                // An operator that computes the connection finds the server by a Service with the
                // server's name.
                let dials = !fleet.cluster(&server.common).frappe.takes_connection;
                let service = dials.then(|| manifest(&objects::SERVICE, Vec::new()));
                [external].into_iter().chain(service).collect()
            }
            ServerPlace::External(_) | ServerPlace::Referenced(_) => Vec::new(),
        }
    }

    fn server_context(&self, fleet: &Fleet, server: &Server) -> Value {
        #[derive(Serialize)]
        struct Context<'a> {
            cluster: ClusterContext<'a>,
            instance: Option<InstanceContext<'a>>,
            external: Option<External<'a>>,
        }
        let common = &server.common;
        let (mut instance, mut external) = (None, None);
        match &server.place {
            ServerPlace::Managed(managed) => {
                let name = common.name.to_string();
                instance = Some(instance_context(managed, name, common));
            }
            ServerPlace::External(outside) => {
                external = Some(External::new(common, outside));
            }
            ServerPlace::Referenced(_) => {}
        }
        let cluster = ClusterContext::new(fleet.cluster(common));
        Value::from(Serde(Context { cluster, instance, external }))
    }

    fn site_manifests(&self, _: &Fleet, site: &Site) -> Vec<Manifest> {
        let name = &site.common.name;
        let manifest = |of, name, reads| object(of, &site.common, name, reads);
        let server = matches!(site.database, Database::Dedicated { .. }).then(|| {
            let name = dedicated_name(site);
            let root = root_secret(&name);
            manifest(&objects::MARIADB, name, vec![root])
        });
        let sql = site.database.sql_name().map(|_| {
            [
                manifest(&objects::DATABASE, format!("{name}-db"), Vec::new()),
                manifest(&objects::USER, format!("{name}-user"), vec![password_secret(site)]),
                manifest(&objects::GRANT, format!("{name}-grant"), Vec::new()),
            ]
        });
        server.into_iter().chain(sql.into_iter().flatten()).collect()
    }

    fn site_context(&self, fleet: &Fleet, site: &Site) -> Value {
        #[derive(Serialize)]
        #[serde(rename_all = "camelCase")]
        struct Context<'a> {
            cluster: ClusterContext<'a>,
            site: SiteContext<'a>,
            db_config: DbConfig,
            database: Option<DatabaseContext<'a>>,
            instance: Option<InstanceContext<'a>>,
        }
        let instance = match &site.database {
            Database::Dedicated { instance, .. } => {
                Some(instance_context(instance, dedicated_name(site), &site.common))
            }
            _ => None,
        };
        Value::from(Serde(Context {
            cluster: ClusterContext::new(fleet.cluster(&site.common)),
            site: SiteContext::new(fleet, site),
            db_config: db_config(fleet, site),
            database: site.database.sql_name().map(|name| database_context(fleet, site, name)),
            instance,
        }))
    }

    fn server_backups(&self, fleet: &Fleet, server: &Server) -> Vec<View> {
        let Some(backup) = &server.backup else { return Vec::new() };
        let kind = match &server.place {
            ServerPlace::Managed(_) => None,
            ServerPlace::External(ExternalServer { managed: true, .. }) => Some("ExternalMariaDB"),
            ServerPlace::External(_) | ServerPlace::Referenced(_) => return Vec::new(),
        };
        let common = &server.common;
        let (name, namespace) = (common.name.to_string(), common.namespace.to_string());
        backup::objects(Subject {
            common,
            cluster: fleet.cluster(common),
            backup,
            server: Reference { name, namespace, kind },
            databases: None,
        })
    }

    fn site_backups(&self, fleet: &Fleet, site: &Site) -> Vec<View> {
        let (Some(backup), Some(name)) = (&site.backup, site.database.sql_name()) else {
            return Vec::new();
        };
        backup::objects(Subject {
            common: &site.common,
            cluster: fleet.cluster(&site.common),
            backup,
            server: server_reference(fleet, site),
            databases: Some(vec![name.as_str()]),
        })
    }

    fn site_secrets(&self, fleet: &Fleet, site: &Site) -> Vec<SecretSpec> {
        let namespace = site.common.namespace.as_str();
        let password = site.database.sql_name().map(|name| {
            let user = "the site's database user";
            let (secret, suffix) = (password_secret(site), site.user_secret.suffix());
            let wanted = SecretSpec::password(namespace, &secret, suffix, user)
                .watched()
                .renamed(USER_SECRET)
                .followed_by(FOLLOWS_USER);
            match binding(fleet, site) {
                Binding::Told(external) => wanted
                    .stating("username", name.as_str())
                    .stating("database", name.as_str())
                    .stating("host", external.host.as_str())
                    .stating("port", &external.port.to_string()),
                Binding::Dialled | Binding::Given(_) => wanted,
            }
        });
        let root = matches!(site.database, Database::Dedicated { .. }).then(|| {
            let name = root_secret(&dedicated_name(site));
            root(fleet.cluster(&site.common), namespace, &name, "mariadb-root")
        });
        let given = match &site.database {
            Database::Connected(connection) => {
                let name = connection.secret_name.as_str();
                let key = "password";
                let mut wanted =
                    SecretSpec::of_the_user(namespace, name, key, "the existing database's user")
                        .having("username")
                        .having("database");
                if connection.host.is_none() {
                    wanted = wanted.having("host");
                }
                Some(wanted)
            }
            _ => None,
        };
        let bootstrap = match &site.database {
            Database::Dedicated { instance, .. } => instance.bootstrap.as_ref(),
            _ => None,
        };
        let stores = backup::secrets(&site.common, site.backup.as_deref(), bootstrap);
        password.into_iter().chain(root).chain(given).chain(stores).collect()
    }

    fn server_secrets(&self, fleet: &Fleet, server: &Server) -> Vec<SecretSpec> {
        let (common, namespace) = (&server.common, server.common.namespace.as_str());
        let (own, bootstrap) = match &server.place {
            ServerPlace::Managed(instance) => {
                let name = root_secret(common.name.as_str());
                let root = root(fleet.cluster(common), namespace, &name, "root");
                (vec![root], instance.bootstrap.as_ref())
            }
            ServerPlace::External(outside) => (external::secrets(namespace, outside), None),
            ServerPlace::Referenced(_) => return Vec::new(),
        };
        let stores = backup::secrets(common, server.backup.as_deref(), bootstrap);
        own.into_iter().chain(stores).collect()
    }

    fn check(&self, fleet: &Fleet) -> Vec<Diagnostic> {
        check::check(fleet)
    }
}

/// An object of a definition. `reads` are the Secrets whose passwords it reads.
fn object(of: &'static ObjectType, owner: &Common, name: String, reads: Vec<String>) -> Manifest {
    Manifest {
        of,
        app: APP,
        namespace: owner.namespace.to_string(),
        name,
        suffix: None,
        reads,
        // The `cleanupPolicy` and the retention policy of an object decide which data is deleted
        // with it.
        outlives: false,
    }
}

fn instance_context<'a>(
    instance: &'a Instance,
    name: String,
    owner: &'a Common,
) -> InstanceContext<'a> {
    InstanceContext {
        root_password: KeyReference { name: root_secret(&name), key: "password".to_owned() },
        name,
        namespace: owner.namespace.as_str(),
        drops_data: owner.drops_data,
        image: instance.image.as_str(),
        storage_size: instance.storage_size.as_str(),
        storage_class_name: instance.storage_class_name.as_ref().map(|name| name.as_str()),
        resources: instance.resources.as_ref(),
        my_cnf: option_file(&instance.my_cnf),
        topology: instance.topology,
        replicas: instance.replicas,
        metrics: instance.metrics,
        service_monitor: instance.service_monitor.as_ref(),
        pod_disruption_budget: instance.pod_disruption_budget.as_ref(),
        bootstrap_from: (instance.bootstrap.as_ref()).map(|from| backup::bootstrap(from, owner)),
    }
}

fn database_context<'a>(fleet: &Fleet, site: &Site, name: &'a SqlName) -> DatabaseContext<'a> {
    let privileges = match fleet.cluster(&site.common).frappe.grants_everything {
        true => &ALL_PRIVILEGES,
        false => &PRIVILEGES,
    };
    let password = KeyReference { name: password_secret(site), key: "password".to_owned() };
    DatabaseContext::new(name, privileges, site, server_reference(fleet, site), password)
}

fn db_config(fleet: &Fleet, site: &Site) -> DbConfig {
    let mode = match site.database {
        Database::Dedicated { .. } => "dedicated",
        // For frappe-operator, a server outside the cluster is a shared server.
        _ => "shared",
    };
    let secret = |name: String| {
        let namespace = site.common.namespace.to_string();
        Some(SecretReference { name, namespace })
    };
    let external = DbConfig {
        provider: "external",
        mode,
        mariadb_ref: None,
        connection_secret_ref: secret(password_secret(site)),
        host: None,
        port: None,
    };
    match binding(fleet, site) {
        Binding::Dialled => DbConfig {
            provider: "mariadb",
            mariadb_ref: Some(server_reference(fleet, site)),
            connection_secret_ref: None,
            ..external
        },
        Binding::Told(server) => {
            DbConfig { host: Some(server.host.to_string()), port: Some(server.port), ..external }
        }
        Binding::Given(connection) => DbConfig {
            connection_secret_ref: secret(connection.secret_name.to_string()),
            host: connection.host.as_ref().map(ToString::to_string),
            port: connection.port,
            ..external
        },
    }
}
