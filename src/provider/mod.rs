//! From the resolved fleet to what templates need: which manifests there are, and their context.
//!
//! A provider is a database system. [`of`] is the one place that chooses; a new one is a module with
//! its templates, and a line there.

mod context;
mod frappe;
mod mariadb;

use crate::diagnostic::Diagnostic;
use crate::language;
use crate::resolve::{Bench, Common, Fleet, Server, Site};
use crate::secret::Wanted;

/// One object to render.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Manifest {
    /// Its template, such as `mariadb/user.yaml.j2`.
    pub template: &'static str,
    /// Its kind.
    pub kind: &'static str,
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// What it is for those who own it: the labels `app.kubernetes.io/name` and `component`.
    pub role: Role,
}

/// What an object is: its labels, its place in the order, and whether it holds data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Role {
    /// `app.kubernetes.io/name`.
    pub app: &'static str,
    /// `app.kubernetes.io/component`.
    pub component: &'static str,
    /// Lower ones are applied first and deleted last.
    pub wave: i8,
}

impl Manifest {
    /// The file in its definition's folder, such as `user.yaml`.
    pub fn file(&self) -> &'static str {
        let file = self.template.rsplit('/').next().unwrap_or(self.template);
        file.strip_suffix(".j2").unwrap_or(file)
    }
}

/// A database system.
pub trait Provider: Sync {
    /// The objects of a server.
    fn server_manifests(&self, fleet: &Fleet, server: &Server) -> Vec<Manifest>;
    /// What the templates of a server see.
    fn server_context(&self, fleet: &Fleet, server: &Server) -> minijinja::Value;
    /// The objects of a site's database; its FrappeSite is not among them.
    fn site_manifests(&self, fleet: &Fleet, site: &Site) -> Vec<Manifest>;
    /// What the templates of a site see, its FrappeSite's included.
    fn site_context(&self, fleet: &Fleet, site: &Site) -> minijinja::Value;
    /// The Secrets that a site's database needs.
    fn site_secrets(&self, fleet: &Fleet, site: &Site) -> Vec<Wanted>;
    /// The Secrets that a server needs.
    fn server_secrets(&self, server: &Server) -> Vec<Wanted>;
    /// The problems that only somebody who knows the system sees.
    fn check(&self, fleet: &Fleet) -> Vec<Diagnostic>;
}

/// The provider of a database system; `None` while there is none.
pub fn of(provider: language::Provider) -> Option<&'static dyn Provider> {
    match provider {
        language::Provider::Mariadb => Some(&mariadb::Mariadb),
        language::Provider::Postgres | language::Provider::Sqlite => None,
    }
}

/// A definition that makes manifests.
#[derive(Clone, Copy, Debug)]
pub enum Unit<'f, 'p> {
    /// A database server.
    Server(&'f Server<'p>),
    /// A bench.
    Bench(&'f Bench<'p>),
    /// A site.
    Site(&'f Site<'p>),
}

/// Every definition that makes manifests.
pub fn units<'f, 'p>(fleet: &'f Fleet<'p>) -> Vec<Unit<'f, 'p>> {
    let servers = fleet.servers.iter().map(Unit::Server);
    let benches = fleet.benches.iter().map(Unit::Bench);
    servers.chain(benches).chain(fleet.sites.iter().map(Unit::Site)).collect()
}

impl<'f, 'p> Unit<'f, 'p> {
    /// What all definitions have.
    pub fn common(self) -> &'f Common<'p> {
        match self {
            Unit::Server(server) => &server.common,
            Unit::Bench(bench) => &bench.common,
            Unit::Site(site) => &site.common,
        }
    }

    /// Its objects.
    pub fn manifests(self, fleet: &Fleet) -> Vec<Manifest> {
        match self {
            Unit::Server(server) => {
                of(server.provider).map_or_else(Vec::new, |p| p.server_manifests(fleet, server))
            }
            Unit::Bench(bench) => frappe::bench_manifests(bench),
            Unit::Site(site) => {
                let database = of(site.provider).map(|p| p.site_manifests(fleet, site));
                database.into_iter().flatten().chain([frappe::site_manifest(site)]).collect()
            }
        }
    }

    /// What its templates see.
    pub fn context(self, fleet: &Fleet) -> minijinja::Value {
        let none = minijinja::Value::UNDEFINED;
        match self {
            Unit::Server(server) => {
                of(server.provider).map_or(none, |p| p.server_context(fleet, server))
            }
            Unit::Bench(bench) => frappe::bench_context(fleet, bench),
            Unit::Site(site) => of(site.provider).map_or(none, |p| p.site_context(fleet, site)),
        }
    }

    /// The Secrets that its objects refer to.
    pub fn secrets(self, fleet: &Fleet) -> Vec<Wanted> {
        match self {
            Unit::Server(server) => {
                of(server.provider).map_or_else(Vec::new, |p| p.server_secrets(server))
            }
            Unit::Bench(_) => Vec::new(),
            Unit::Site(site) => {
                let database = of(site.provider).map(|p| p.site_secrets(fleet, site));
                database.into_iter().flatten().chain([frappe::site_secret(site)]).collect()
            }
        }
    }
}

/// The problems that providers see.
pub fn check(fleet: &Fleet) -> Vec<Diagnostic> {
    mariadb::Mariadb.check(fleet)
}
