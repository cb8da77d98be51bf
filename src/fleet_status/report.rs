//! The statuses of a fleet as a document for machines. `docs/status.schema.json` is its JSON Schema.

use super::{FleetStatus, SiteStatus, State};
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeMap;

/// How the databases of a cluster's sites are.
#[derive(Debug, JsonSchema, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// The version of this format: 1.
    pub version: u32,
    /// The cluster.
    pub cluster: String,
    /// Whether the sites without a SiteDatabase are counted and listed. They are if the Cluster states `status: true`.
    pub lists_missing: bool,
    /// How many sites are in each state.
    pub counts: BTreeMap<&'static str, usize>,
    /// How many SiteDatabases belong to no definition.
    pub unknown: usize,
    /// How many statuses are older than their SiteDatabase.
    pub stale: usize,
    /// The sites, the worst first. With `--phase`, only those of these phases.
    pub sites: Vec<Site>,
}

/// How the database of a site is.
#[derive(Debug, JsonSchema, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Site {
    /// The path of the definition, such as production/acme. Null for a SiteDatabase that belongs to no definition.
    pub definition: Option<String>,
    /// The namespace of the SiteDatabase.
    pub namespace: String,
    /// The name of the SiteDatabase.
    pub name: String,
    /// The name of the site in Frappe.
    pub site_name: Option<String>,
    /// The bench that serves the site.
    pub bench: Option<String>,
    /// The database server. Null for a site with a server of its own, and for a site with a stated connection.
    pub server: Option<String>,
    /// How the database is.
    pub state: State,
    /// Why: the reason of the condition Ready. Null without a SiteDatabase, and before the reconciler wrote a status.
    pub reason: Option<String>,
    /// The message of the condition Ready.
    pub message: Option<String>,
    /// When the condition Ready last changed, as the status has it.
    pub since: Option<String>,
    /// What keeps the database from being ready.
    pub last_error: Option<String>,
    /// The host name of the database server.
    pub host: Option<String>,
    /// The port of the database server.
    pub port: Option<i64>,
    /// The database on the server.
    pub database: Option<String>,
    /// Whether the status is older than the SiteDatabase.
    pub stale: bool,
    /// The generation of the SiteDatabase.
    pub generation: Option<i64>,
    /// The generation that the status describes.
    pub observed_generation: Option<i64>,
}

impl Report {
    /// The document of these statuses. It lists the sites that `shows` takes.
    pub fn new(status: &FleetStatus, shows: impl Fn(&SiteStatus) -> bool) -> Self {
        let counts = State::ALL.into_iter().map(|state| (state.name(), status.count(state)));
        Self {
            version: 1,
            cluster: status.cluster.clone(),
            lists_missing: status.lists_missing,
            counts: counts.collect(),
            unknown: status.unknown(),
            stale: status.stale(),
            sites: status.sites.iter().filter(|site| shows(site)).map(Site::new).collect(),
        }
    }
}

impl Site {
    fn new(site: &SiteStatus) -> Self {
        let SiteStatus { definition, namespace, name, site_name, bench, server, state, reading } =
            site.clone();
        Self {
            definition,
            namespace,
            name,
            site_name,
            bench,
            server,
            state,
            stale: reading.is_stale(),
            reason: reading.reason,
            message: reading.message,
            since: reading.since,
            last_error: reading.last_error,
            host: reading.host,
            port: reading.port,
            database: reading.database,
            generation: reading.generation,
            observed_generation: reading.observed_generation,
        }
    }
}

/// The JSON Schema of the report.
pub fn schema() -> serde_json::Value {
    let mut schema = crate::language::schema_of::<Report>();
    schema["title"] = "The report of sitewright status".into();
    schema
}
