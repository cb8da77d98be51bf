//! The resolved fleet. Every value is decided, every reference is followed, and a field is optional
//! only if it may really be absent.

use crate::cluster::{Annotations, Cluster, Common, Index};
use crate::language::{
    Acknowledgement, AppName, Bench as BenchFields, Domain, ResourceName, SiteName, Word,
};
use crate::provider::backup::Backup;
use crate::provider::{DatabaseSpec, Owner, Provider, ServerSpec, Spec};

/// Everything that is rendered or referred to. Each list has the order of the definitions' paths.
#[derive(Debug, Default)]
pub struct Fleet<'p> {
    /// The clusters.
    pub clusters: Vec<Cluster<'p>>,
    /// The database servers.
    pub servers: Vec<Server<'p>>,
    /// The benches.
    pub benches: Vec<Bench<'p>>,
    /// The sites.
    pub sites: Vec<Site<'p>>,
}

impl<'p> Fleet<'p> {
    /// The cluster of a definition.
    pub fn cluster(&self, common: &Common) -> &Cluster<'p> {
        &self.clusters[common.cluster.0]
    }

    /// A server.
    pub fn server(&self, index: Index) -> &Server<'p> {
        &self.servers[index.0]
    }

    /// A bench.
    pub fn bench(&self, index: Index) -> &Bench<'p> {
        &self.benches[index.0]
    }

    /// Every definition that has manifests: the servers, then the benches, then the sites.
    pub fn units(&self) -> impl Iterator<Item = Unit<'_, 'p>> {
        let servers = self.servers.iter().map(Unit::Server);
        let benches = self.benches.iter().map(Unit::Bench);
        servers.chain(benches).chain(self.sites.iter().map(Unit::Site))
    }

    /// A definition, as its provider needs it.
    pub fn owner<'f>(&'f self, unit: Unit<'f, 'p>) -> Owner<'f> {
        let common = unit.common();
        Owner { common, cluster: self.cluster(common), backup: unit.backup() }
    }
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

impl<'f, 'p> Unit<'f, 'p> {
    /// The fields that all definitions have.
    pub fn common(self) -> &'f Common<'p> {
        match self {
            Unit::Server(server) => &server.common,
            Unit::Bench(bench) => &bench.common,
            Unit::Site(site) => &site.common,
        }
    }

    /// What its provider knows of it. `None` for a bench, which has no database.
    pub fn spec(self) -> Option<&'f dyn Spec> {
        match self {
            Unit::Server(server) => Some(&*server.spec),
            Unit::Bench(_) => None,
            Unit::Site(site) => Some(&*site.database),
        }
    }

    /// Its backups.
    pub fn backup(self) -> Option<&'f Backup> {
        match self {
            Unit::Server(server) => server.backup.as_deref(),
            Unit::Bench(_) => None,
            Unit::Site(site) => site.backup.as_deref(),
        }
    }
}

/// A database server.
#[derive(Debug)]
pub struct Server<'p> {
    /// What all objects have.
    pub common: Common<'p>,
    /// The database system.
    pub provider: &'static dyn Provider,
    /// The server, as its provider knows it.
    pub spec: Box<dyn ServerSpec>,
    /// The server's `max_connections`, when stated.
    pub max_connections: Option<u32>,
    /// The maximum number of its sites, when stated.
    pub max_sites: Option<u32>,
    /// Backups of the whole server.
    pub backup: Option<Box<Backup>>,
}

/// A bench.
#[derive(Debug)]
pub struct Bench<'p> {
    /// What all objects have.
    pub common: Common<'p>,
    /// Whether sitewright renders the bench.
    pub managed: bool,
    /// Its fields. A managed bench has all fields that FrappeBench requires.
    pub fields: BenchFields,
}

/// A site.
#[derive(Debug)]
pub struct Site<'p> {
    /// What all objects have.
    pub common: Common<'p>,
    /// The name of the site in Frappe.
    pub site_name: SiteName,
    /// The host name of its Ingress.
    pub domain: Domain,
    /// The bench that runs it.
    pub bench: Index,
    /// The apps of the site, when stated.
    pub apps: Option<Vec<AppName>>,
    /// The version of the site, when stated.
    pub site_version: Option<Word>,
    /// What it does although the authors of its apps do not support it.
    pub acknowledged: Vec<Acknowledgement>,
    /// The database system.
    pub provider: &'static dyn Provider,
    /// The DatabaseServer that it refers to.
    pub server: Option<Index>,
    /// Its database, as its provider knows it.
    pub database: Box<dyn DatabaseSpec>,
    /// Backups of its database.
    pub backup: Option<Box<Backup>>,
    /// How it is reached from outside the cluster.
    pub ingress: Ingress,
    /// Encryption of the Ingress.
    pub tls: Tls,
    /// The user's Secret with the Administrator's password. `None` if sitewright creates it.
    pub admin_secret: Option<ResourceName>,
}

/// How a site is reached from outside the cluster.
#[derive(Debug)]
pub struct Ingress {
    /// Whether there is an Ingress.
    pub enabled: bool,
    /// Its class.
    pub class_name: Option<ResourceName>,
    /// Its annotations.
    pub annotations: Annotations,
}

/// Encryption of an Ingress.
#[derive(Debug)]
pub struct Tls {
    /// Whether the Ingress serves HTTPS.
    pub enabled: bool,
    /// The cert-manager issuer.
    pub issuer: Option<ResourceName>,
    /// A Secret that holds the certificate.
    pub secret_name: Option<ResourceName>,
}
