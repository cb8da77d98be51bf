//! Database systems. A provider is one database system, and [`Provider`] is all that the rest of the
//! program knows of it. What a definition states becomes a typed spec of the provider
//! ([`ServerSpec`], [`DatabaseSpec`]), and the spec says what is rendered for the definition.
//!
//! Only [`of`] chooses the provider. To add one, add a folder here, its templates, and a line in
//! [`ALL`].

pub mod backup;
mod image;
mod mariadb;
mod postgres;
pub mod sql;
mod sqlite;

use crate::cluster::{Cluster, Common};
use crate::diagnostic::{Checked, Diagnostic};
use crate::language::{
    self, Acknowledgement, DatabaseName, Mode, ResourceName, Resources, SiteName,
};
use crate::layers::{Idle, Origin};
use crate::naming::SqlName;
use crate::object::{
    DerivedName, Manifest, ObjectKind, ObjectType, Part, Reference, SecretSpec, StatedField,
    Variables,
};
use crate::operator::{Frappe, Operator};
use crate::risk::Risks;
use backup::Backup;
use sitewright_api::ObjectRef;
use std::fmt::Debug;

/// Every provider. The first is the default.
pub const ALL: &[&dyn Provider] = &[&mariadb::Mariadb, &postgres::Postgres];

/// The provider of a definition that states none.
pub const DEFAULT: &dyn Provider = ALL[0];

/// The systems that the language knows and that have no provider.
const UNSUPPORTED: &[Unsupported] = &[sqlite::UNSUPPORTED];

/// A system that has no provider, because no definition could use it.
#[derive(Debug)]
pub struct Unsupported {
    /// The system.
    system: language::Provider,
    /// Why no site of a cluster with this frappe-operator can use it.
    pub on_site: fn(&Frappe) -> &'static str,
    /// Why a DatabaseServer cannot have it.
    pub on_server: &'static str,
}

/// The words for all systems that have a provider, as a definition writes them.
pub fn choices() -> String {
    let words = ALL.iter().map(|it| format!("`provider: {}`", it.system().name()));
    words.collect::<Vec<_>>().join(" or ")
}

/// The operators that providers need, the default provider's first.
pub fn operators() -> Vec<Operator> {
    ALL.iter().map(|provider| provider.operator()).collect()
}

/// The providers whose operators run in a cluster.
pub fn of_cluster(cluster: &Cluster) -> impl Iterator<Item = &'static dyn Provider> {
    let profiles = cluster.profiles;
    let all = ALL.iter().copied();
    all.filter(move |provider| profiles.version(provider.operator()).is_some())
}

/// The provider of a database system, or the reasons why there is none.
pub fn of(
    system: language::Provider,
) -> Result<&'static dyn Provider, Option<&'static Unsupported>> {
    let found = ALL.iter().find(|provider| provider.system() == system);
    found.copied().ok_or_else(|| UNSUPPORTED.iter().find(|it| it.system == system))
}

/// A database system.
pub trait Provider: Debug + Sync {
    /// The word for it in definitions and in `FrappeSite.spec.dbConfig.provider`.
    fn system(&self) -> language::Provider;
    /// The operator whose version a cluster must state before its definitions can use the provider.
    fn operator(&self) -> Operator;
    /// The built-in defaults of its fields: YAML with the sections of `kind: Defaults`.
    fn defaults(&self) -> &'static str;
    /// What frappe-operator must be able to read of its objects. `None` if it reads none of them.
    fn read_by_frappe(&self) -> Option<&'static ReadRights>;
    /// The kinds of its objects that a GitOps engine does not know by itself.
    fn delivered_kinds(&self) -> &'static [DeliveredKind];
    /// The fields of the language that it has, and that other providers may lack.
    fn own_fields(&self) -> OwnFields;
    /// What of Frappe runs on it.
    fn support(&self) -> &'static Support;
    /// The types of all its objects.
    fn object_types(&self) -> &'static [&'static ObjectType];
    /// What a change of its objects does.
    fn risks(&self) -> &'static Risks;
    /// The fields of its objects that definitions state.
    fn stated_fields(&self) -> &'static [StatedField];
    /// What its servers must answer.
    fn sql(&self) -> &'static dyn sql::SqlFacts;
    /// The spec of a server.
    fn server(
        &self,
        fields: language::DatabaseServer,
        origin: &Origin,
    ) -> Checked<Box<dyn ServerSpec>>;
    /// The spec of a database on a server of its own, which the site's definition states.
    fn dedicated(
        &self,
        fields: language::Database,
        site: &SiteDraft,
    ) -> Checked<Box<dyn DatabaseSpec>>;
    /// The spec of a database that exists already.
    fn connected(
        &self,
        connection: language::Connection,
        site: &SiteDraft,
    ) -> Checked<Box<dyn DatabaseSpec>>;
}

/// What frappe-operator must be able to read of a provider's objects.
#[derive(Debug)]
pub struct ReadRights {
    /// The name of the ClusterRole.
    pub role: &'static str,
    /// The API group of the objects.
    pub group: &'static str,
    /// The objects, as an API server names them.
    pub resources: &'static [&'static str],
}

/// A kind of a provider's objects, as a GitOps engine must know it.
#[derive(Debug)]
pub struct DeliveredKind {
    /// The kind.
    pub kind: ObjectKind,
    /// Its API group.
    pub group: &'static str,
    /// The version of its API.
    pub version: &'static str,
    /// For Flux: the CEL expression that is true of a ready object. `None` if nothing waits for
    /// such an object.
    pub ready: Option<&'static str>,
    /// For Argo CD: the Lua program that returns the health of an object.
    pub health: &'static str,
}

/// What of Frappe runs on a database system.
#[derive(Debug)]
pub struct Support {
    /// The oldest major version of Frappe that runs on it, and the reason. `None` if every version
    /// does that frappe-operator starts.
    pub oldest_frappe: Option<(u32, &'static str)>,
    /// The apps that their authors do not support on it.
    pub unsupported_apps: &'static [UnsupportedApp],
}

/// An app that its authors do not support on a database system.
#[derive(Debug)]
pub struct UnsupportedApp {
    /// The app.
    pub app: &'static str,
    /// What its authors say.
    pub why: &'static str,
    /// The word with which a site says that it runs the app all the same.
    pub acknowledged_by: Acknowledgement,
}

/// Fields of the language that not every provider has, by the paths of their keys.
#[derive(Clone, Copy, Debug)]
pub struct OwnFields {
    /// Fields of a DatabaseServer.
    pub server: &'static [&'static [&'static str]],
    /// Fields of a Site.
    pub site: &'static [&'static [&'static str]],
}

/// The fields of a server or of a site that only other providers have.
pub fn foreign_fields(
    provider: &dyn Provider,
    of: fn(OwnFields) -> &'static [&'static [&'static str]],
) -> impl Iterator<Item = Idle> {
    let own = of(provider.own_fields());
    let place = provider.system().stated();
    let help = "remove it: it is a field of another `provider`";
    let others = ALL.iter().filter(move |other| other.system() != provider.system());
    let fields = others.flat_map(move |other| of(other.own_fields()));
    let foreign = fields.filter(move |path| !own.contains(path));
    foreign.map(move |path| Idle { path, help, place })
}

/// The facts of a site that decide about its database.
#[derive(Clone, Copy, Debug)]
pub struct SiteDraft<'a> {
    /// The fields that all definitions have.
    pub common: &'a Common<'a>,
    /// The site's cluster.
    pub cluster: &'a Cluster<'a>,
    /// The name of the site in Frappe.
    pub site_name: &'a SiteName,
    /// The name of its database, when stated.
    pub database_name: Option<&'a DatabaseName>,
    /// The name of the Secret with the password of its database user.
    pub user_secret: UserSecret,
    /// How many connections its database user may hold. 0 means unlimited.
    pub max_user_connections: u32,
}

/// The definition for which a spec works.
#[derive(Clone, Copy, Debug)]
pub struct Owner<'a> {
    /// The fields that all definitions have.
    pub common: &'a Common<'a>,
    /// The definition's cluster.
    pub cluster: &'a Cluster<'a>,
    /// Its backups.
    pub backup: Option<&'a Backup>,
}

/// What a provider renders for one definition, and what it knows of it.
pub trait Spec: Debug + Send + Sync {
    /// The objects, in the order in which reports list them.
    fn manifests(&self, owner: Owner) -> Vec<Manifest>;
    /// What the templates of a part see besides the variables that all providers share.
    fn variables(&self, owner: Owner, part: Part) -> Variables;
    /// The Secrets that its objects refer to.
    fn secrets(&self, owner: Owner) -> Vec<SecretSpec>;
    /// The Secrets that the definition names, without those of its backups.
    fn named_secrets(&self) -> Vec<NamedSecret<'_>>;
    /// The names that operators derive from the definition's name.
    fn derived_names(&self, owner: Owner) -> Vec<&'static [DerivedName]>;
    /// The resources that the definition states for pods, with the paths of their fields, without
    /// those of its backups.
    fn resources(&self) -> Vec<(Vec<&'static str>, &Resources)>;
    /// The fields that have no effect on the definition's objects.
    fn idle(&self) -> Vec<Idle>;
    /// The problems of the definition that depend on the database system.
    fn check(&self, owner: Owner) -> Vec<Diagnostic>;
}

/// The spec of a DatabaseServer.
pub trait ServerSpec: Spec {
    /// The kind under which no second server may have its name.
    fn kind(&self) -> ObjectKind;
    /// Where it runs.
    fn hosting(&self) -> Hosting;
    /// What it is known by, so that two definitions of one server are found.
    fn address(&self) -> Address<'_>;
    /// Whether its operator runs containers of its own version beside the replicas of the server.
    fn has_data_plane(&self) -> bool;
    /// Whether a Service has the name of the server.
    fn has_service(&self, owner: Owner) -> bool;
    /// The Services that the operator creates besides that one.
    fn services(&self) -> &'static [Service];
    /// The spec of a site's database on this server. `server` is the server's own definition.
    fn database(&self, server: &Common, site: &SiteDraft) -> Checked<Box<dyn DatabaseSpec>>;
}

/// The spec of a site's database.
pub trait DatabaseSpec: Spec {
    /// The mode that the definition states.
    fn mode(&self) -> Mode;
    /// The name of the database and its user, if sitewright decides it.
    fn sql_name(&self) -> Option<&SqlName>;
    /// The name as a pattern, if grants of the system have patterns.
    fn grant_pattern(&self) -> Option<String>;
    /// How many connections the site's user may hold. 0 means unlimited.
    fn max_connections(&self) -> u32;
    /// The site's own server, if it has one.
    fn own_server(&self, site: &Common) -> Option<OwnServer>;
    /// The user's Secret with the connection of a database that exists already.
    fn connection_secret(&self) -> Option<&str>;
    /// How frappe-operator reaches the database.
    fn binding(&self, owner: Owner) -> Binding;
    /// The objects whose status says whether the database is ready, with their namespaces: its server,
    /// and what is made on the server.
    fn reported_by(&self, owner: Owner) -> Vec<ObjectRef>;
}

/// Where a server runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hosting {
    /// In the cluster, rendered by sitewright.
    Managed,
    /// In the cluster, owned by somebody else.
    Referenced,
    /// Outside the cluster.
    External,
}

impl Hosting {
    /// A word for it.
    pub const fn name(self) -> &'static str {
        match self {
            Hosting::Managed => "managed",
            Hosting::Referenced => "referenced",
            Hosting::External => "external",
        }
    }
}

/// What a server is known by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Address<'a> {
    /// Its own name in the cluster.
    Own,
    /// A Service of the cluster. If a server of the name `server` is in its namespace, the Service
    /// belongs to that server.
    Service {
        /// The name of the Service.
        name: &'a str,
        /// Its namespace.
        namespace: &'a str,
        /// The server that may have the Service besides the one of its own name.
        server: Option<&'a str>,
    },
    /// A host and a port.
    Host {
        /// The host.
        host: &'a str,
        /// The port.
        port: u16,
    },
}

/// A Service that an operator creates for a server, besides the Service with the server's own name.
#[derive(Debug, PartialEq, Eq)]
pub struct Service {
    /// What follows the server's name.
    pub ending: &'static str,
    /// Its purpose, in words.
    pub purpose: &'static str,
    /// The field that is the reason for it, and what it says. `None` if every server has it.
    pub reason: Option<(&'static [&'static str], &'static str)>,
    /// Whether no server may have its name, not even a server without a Service of its own name.
    pub is_reserved: bool,
}

/// The server of a dedicated site.
#[derive(Debug)]
pub struct OwnServer {
    /// Its name, in the site's namespace.
    pub name: ResourceName,
    /// The name of the server that frappe-operator gives to shared sites that state none, if it
    /// gives them one.
    pub shared: Option<&'static str>,
    /// The Services that the operator creates for it.
    pub services: &'static [Service],
}

/// How frappe-operator reaches a site's database.
#[derive(Debug)]
pub enum Binding {
    /// It computes the name of the database and the connection from a reference to the server.
    Operator {
        /// The server.
        server: Reference,
        /// The host that it computes.
        host: String,
        /// The port that it computes.
        port: u16,
    },
    /// A Secret has the connection.
    Connection {
        /// The Secret, in the site's namespace.
        secret: ResourceName,
        /// The server's host, if the Secret does not contain it.
        host: Option<String>,
        /// The server's port, if the Secret does not contain it.
        port: Option<u16>,
    },
}

impl Binding {
    /// The host and the port under which a site reaches its server, as far as no Secret has them.
    pub fn address(self) -> (Option<String>, Option<u16>) {
        match self {
            Self::Operator { host, port, .. } => (Some(host), Some(port)),
            Self::Connection { host, port, .. } => (host, port),
        }
    }
}

/// A Secret that a definition names.
#[derive(Debug)]
pub struct NamedSecret<'a> {
    /// The name.
    pub name: &'a str,
    /// The path of the field that names it.
    pub path: Vec<&'static str>,
    /// The server of the cluster whose password the Secret has, by name and namespace. A definition
    /// of that server means the same Secret.
    pub server: Option<(&'a str, &'a str)>,
}

/// The name of the Secret with the password of a site's database user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UserSecret {
    /// `<site>-db-credentials`. No operator creates a Secret of this name, so a new record uses it.
    Current,
    /// `<site>-db-password`. frappe-operator creates a Secret of this name if there is none. If
    /// objects are applied without an order, the operator may create it first, and then the
    /// SealedSecret fails permanently. A password that was recorded under this name keeps it until
    /// it is rotated: a sealed value is bound to its Secret's name, and a new password must be set
    /// in the site by hand.
    Former,
}

impl UserSecret {
    /// The suffix of the name, after the site's name and a dash.
    pub const fn suffix(self) -> &'static str {
        match self {
            UserSecret::Current => "db-credentials",
            UserSecret::Former => "db-password",
        }
    }

    /// Whether a Secret of a site has this name.
    pub fn is_name(self, secret: &str, site: &str) -> bool {
        let start = secret.strip_suffix(self.suffix()).and_then(|start| start.strip_suffix('-'));
        start == Some(site)
    }
}

/// The name and the namespace of the Service, if the host is in the cluster's DNS.
pub(crate) fn service(host: &str) -> Option<(&str, &str)> {
    let host = host.strip_suffix(".cluster.local").unwrap_or(host);
    host.strip_suffix(".svc")?.split_once('.')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::operator::FrappeVersion;
    use schemars::JsonSchema;

    /// A system of the language without a provider says why, under each version of frappe-operator.
    #[test]
    fn every_system_has_a_provider_or_a_reason() {
        let mut generator = schemars::SchemaGenerator::default();
        let schema = language::Provider::json_schema(&mut generator).to_value();
        let variants = schema["oneOf"].as_array().unwrap();
        assert_eq!(variants.len(), ALL.len() + UNSUPPORTED.len(), "{schema}");
        for unsupported in UNSUPPORTED {
            let found = of(unsupported.system).unwrap_err().unwrap();
            assert!(!found.on_server.is_empty());
            for version in FrappeVersion::ALL {
                assert!(!(found.on_site)(version.profile()).is_empty());
            }
        }
    }

    #[test]
    fn a_service_is_known_by_its_name_in_dns() {
        for (host, expected) in [
            ("a.b.svc", Some(("a", "b"))),
            ("a.b.svc.cluster.local", Some(("a", "b"))),
            ("a.example.com", None),
            ("svc", None),
        ] {
            assert_eq!(service(host), expected, "{host}");
        }
    }
}
