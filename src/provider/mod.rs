//! Lists the manifests of the resolved fleet, and builds the context of their templates.
//!
//! A provider is a database system. Only [`of`] chooses the provider. To add a provider, add a
//! module and its templates, a name to [`System`], and a line in [`of`].

mod mariadb;

use crate::diagnostic::Diagnostic;
use crate::frappe;
use crate::object::{Manifest, ObjectType, SecretSpec, View};
use crate::resolve::{Bench, Common, Fleet, Server, Site, System};

/// A database system.
pub trait Provider: Sync {
    /// The types of all its objects.
    fn object_types(&self) -> &'static [&'static ObjectType];
    /// The objects of a server.
    fn server_manifests(&self, fleet: &Fleet, server: &Server) -> Vec<Manifest>;
    /// The context of a server's templates.
    fn server_context(&self, fleet: &Fleet, server: &Server) -> minijinja::Value;
    /// The objects of a site's database, without its FrappeSite.
    fn site_manifests(&self, fleet: &Fleet, site: &Site) -> Vec<Manifest>;
    /// The context of a site's templates, including its FrappeSite's template.
    fn site_context(&self, fleet: &Fleet, site: &Site) -> minijinja::Value;
    /// The backups of a server.
    fn server_backups(&self, fleet: &Fleet, server: &Server) -> Vec<View>;
    /// The backups of a site's database.
    fn site_backups(&self, fleet: &Fleet, site: &Site) -> Vec<View>;
    /// The Secrets that a site's database needs.
    fn site_secrets(&self, fleet: &Fleet, site: &Site) -> Vec<SecretSpec>;
    /// The Secrets that a server needs.
    fn server_secrets(&self, fleet: &Fleet, server: &Server) -> Vec<SecretSpec>;
    /// The problems in servers and sites that depend on the database system.
    fn check(&self, fleet: &Fleet) -> Vec<Diagnostic>;
}

/// The provider of a database system.
pub fn of(system: System) -> &'static dyn Provider {
    match system {
        System::Mariadb => &mariadb::Mariadb,
    }
}

/// The types of all objects of servers, benches and sites.
pub fn object_types() -> impl Iterator<Item = &'static ObjectType> {
    let of_providers = System::ALL.into_iter().flat_map(|system| of(system).object_types());
    of_providers.chain(&frappe::OBJECTS).copied()
}

/// A definition that has manifests.
#[derive(Clone, Copy, Debug)]
pub enum Unit<'f, 'p> {
    /// A database server.
    Server(&'f Server<'p>),
    /// A bench.
    Bench(&'f Bench<'p>),
    /// A site.
    Site(&'f Site<'p>),
}

/// Every definition that has manifests.
pub fn units<'f, 'p>(fleet: &'f Fleet<'p>) -> Vec<Unit<'f, 'p>> {
    let servers = fleet.servers.iter().map(Unit::Server);
    let benches = fleet.benches.iter().map(Unit::Bench);
    servers.chain(benches).chain(fleet.sites.iter().map(Unit::Site)).collect()
}

impl<'f, 'p> Unit<'f, 'p> {
    /// The fields that all definitions have.
    pub fn common(self) -> &'f Common<'p> {
        match self {
            Unit::Server(server) => &server.common,
            Unit::Bench(bench) => &bench.common,
            Unit::Site(site) => &site.common,
        }
    }

    /// The objects of the definition.
    pub fn manifests(self, fleet: &Fleet) -> Vec<Manifest> {
        let backups = self.backups(fleet).into_iter().flat_map(|view| view.manifests);
        self.own(fleet).into_iter().chain(backups).collect()
    }

    /// The objects of the definition, with the context of their templates.
    pub fn views(self, fleet: &Fleet) -> Vec<View> {
        let own = View { context: self.context(fleet), manifests: self.own(fleet) };
        [own].into_iter().chain(self.backups(fleet)).collect()
    }

    /// The objects whose templates share the context of the definition.
    fn own(self, fleet: &Fleet) -> Vec<Manifest> {
        match self {
            Unit::Server(server) => of(server.system).server_manifests(fleet, server),
            Unit::Bench(bench) => frappe::bench_manifests(bench),
            Unit::Site(site) => {
                let mut manifests = of(site.system).site_manifests(fleet, site);
                manifests.push(frappe::site_manifest(fleet, site));
                manifests
            }
        }
    }

    /// The objects of its backups.
    fn backups(self, fleet: &Fleet) -> Vec<View> {
        match self {
            Unit::Server(server) => of(server.system).server_backups(fleet, server),
            Unit::Bench(_) => Vec::new(),
            Unit::Site(site) => of(site.system).site_backups(fleet, site),
        }
    }

    /// The context of its templates.
    pub fn context(self, fleet: &Fleet) -> minijinja::Value {
        match self {
            Unit::Server(server) => of(server.system).server_context(fleet, server),
            Unit::Bench(bench) => frappe::bench_context(fleet, bench),
            Unit::Site(site) => of(site.system).site_context(fleet, site),
        }
    }

    /// The Secrets that its objects refer to.
    pub fn secrets(self, fleet: &Fleet) -> Vec<SecretSpec> {
        match self {
            Unit::Server(server) => of(server.system).server_secrets(fleet, server),
            Unit::Bench(_) => Vec::new(),
            Unit::Site(site) => {
                let mut secrets = of(site.system).site_secrets(fleet, site);
                secrets.push(frappe::site_secret(site));
                secrets
            }
        }
    }
}

/// The problems that providers find.
pub fn check(fleet: &Fleet) -> Vec<Diagnostic> {
    System::ALL.into_iter().flat_map(|system| of(system).check(fleet)).collect()
}
