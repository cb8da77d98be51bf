//! From the resolved fleet to what templates need: which manifests there are, and their context.
//!
//! A provider is a database system. [`of`] is the one place that chooses; a new one is a module with
//! its templates, and a line there (with its name among [`System`]).

mod context;
mod frappe;
mod mariadb;
mod object_type;
mod wanted;

pub(crate) use context::ClusterContext;
pub use object_type::{Invariant, ObjectType};
pub use wanted::{Suffixes, Wanted};

use crate::diagnostic::Diagnostic;
use crate::resolve::{Bench, Common, Fleet, Server, Site, System};

/// One object to render.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Manifest {
    /// What holds for every object of its type.
    pub of: &'static ObjectType,
    /// Whose it is: the label `app.kubernetes.io/name`.
    pub app: &'static str,
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// What tells its file from others of its kind in its definition's folder.
    pub suffix: Option<&'static str>,
    /// The Secrets of its definition that it reads: it says how often their passwords changed.
    pub reads: Vec<String>,
    /// Whether its deletion would take data along that is to be kept: then it is marked against every
    /// engine's pruning from its birth to the end, whatever its definition says.
    pub outlives: bool,
}

impl Manifest {
    /// The file in its definition's folder, such as `user.yaml` or `sealedsecret-admin.yaml`.
    pub fn file(&self) -> String {
        let template = self.of.template;
        let file = template.rsplit('/').next().unwrap_or(template);
        let file = file.strip_suffix(".j2").unwrap_or(file);
        match self.suffix {
            None => file.to_owned(),
            Some(suffix) => {
                let stem = file.strip_suffix(".yaml").unwrap_or(file);
                format!("{stem}-{suffix}.yaml")
            }
        }
    }
}

/// Objects whose templates see the same.
#[derive(Debug)]
pub struct View {
    /// What they see.
    pub context: minijinja::Value,
    /// The objects.
    pub manifests: Vec<Manifest>,
}

/// A database system.
pub trait Provider: Sync {
    /// The types of all its objects.
    fn object_types(&self) -> &'static [&'static ObjectType];
    /// The objects of a server.
    fn server_manifests(&self, fleet: &Fleet, server: &Server) -> Vec<Manifest>;
    /// What the templates of a server see.
    fn server_context(&self, fleet: &Fleet, server: &Server) -> minijinja::Value;
    /// The objects of a site's database; its FrappeSite is not among them.
    fn site_manifests(&self, fleet: &Fleet, site: &Site) -> Vec<Manifest>;
    /// What the templates of a site see, its FrappeSite's included.
    fn site_context(&self, fleet: &Fleet, site: &Site) -> minijinja::Value;
    /// The backups of a server.
    fn server_backups(&self, fleet: &Fleet, server: &Server) -> Vec<View>;
    /// The backups of a site's database.
    fn site_backups(&self, fleet: &Fleet, site: &Site) -> Vec<View>;
    /// The Secrets that a site's database needs.
    fn site_secrets(&self, fleet: &Fleet, site: &Site) -> Vec<Wanted>;
    /// The Secrets that a server needs.
    fn server_secrets(&self, fleet: &Fleet, server: &Server) -> Vec<Wanted>;
    /// The problems that only somebody who knows the system sees, in the servers and sites that use it.
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
        let backups = self.backups(fleet).into_iter().flat_map(|view| view.manifests);
        self.own(fleet).into_iter().chain(backups).collect()
    }

    /// Its objects, with what their templates see.
    pub fn views(self, fleet: &Fleet) -> Vec<View> {
        let own = View { context: self.context(fleet), manifests: self.own(fleet) };
        [own].into_iter().chain(self.backups(fleet)).collect()
    }

    /// Those whose templates see the definition.
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

    /// Those of its backups.
    fn backups(self, fleet: &Fleet) -> Vec<View> {
        match self {
            Unit::Server(server) => of(server.system).server_backups(fleet, server),
            Unit::Bench(_) => Vec::new(),
            Unit::Site(site) => of(site.system).site_backups(fleet, site),
        }
    }

    /// What its templates see.
    pub fn context(self, fleet: &Fleet) -> minijinja::Value {
        match self {
            Unit::Server(server) => of(server.system).server_context(fleet, server),
            Unit::Bench(bench) => frappe::bench_context(fleet, bench),
            Unit::Site(site) => of(site.system).site_context(fleet, site),
        }
    }

    /// The Secrets that its objects refer to.
    pub fn secrets(self, fleet: &Fleet) -> Vec<Wanted> {
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

/// The problems that providers see.
pub fn check(fleet: &Fleet) -> Vec<Diagnostic> {
    System::ALL.into_iter().flat_map(|system| of(system).check(fleet)).collect()
}
