//! The report of the answers for programs, version 1.

use super::{Difference, Finding, Server};
use schemars::JsonSchema;
use serde::Serialize;

/// What the answers of the servers say.
#[derive(Debug, JsonSchema, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SqlReport {
    /// The version of this format: 1.
    pub version: u32,
    /// The servers that answered.
    pub servers: Vec<SqlServer>,
}

/// A server that answered.
#[derive(Debug, JsonSchema, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SqlServer {
    /// The cluster.
    pub cluster: String,
    /// The kind of the server's object.
    pub kind: String,
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// The definition that renders it. Null if sitewright does not render it.
    pub definition: Option<String>,
    /// The number of facts that the manifests promise.
    pub facts: usize,
    /// The facts that differ.
    pub findings: Vec<SqlFinding>,
}

/// A fact that differs.
#[derive(Debug, JsonSchema, Serialize)]
pub struct SqlFinding {
    /// How it differs.
    pub difference: Difference,
    /// What the fact is about.
    pub subject: String,
    /// The promised value. Null if no manifest promises the fact.
    pub promised: Option<String>,
    /// What the server states. Null if it states nothing.
    pub found: Option<String>,
    /// The object that promises the fact, such as `Grant erp/acme-grant`.
    pub object: Option<String>,
    /// The definition of that object.
    pub definition: Option<String>,
}

impl SqlReport {
    /// The report of these servers with their findings.
    pub fn new(servers: &[(&Server, Vec<Finding>)]) -> Self {
        let servers = servers.iter().map(|(server, findings)| SqlServer {
            cluster: server.cluster.clone(),
            kind: server.server.kind.clone(),
            namespace: server.server.namespace.clone(),
            name: server.server.name.clone(),
            definition: server.definition.clone(),
            facts: server.facts.len(),
            findings: findings.iter().map(finding).collect(),
        });
        Self { version: 1, servers: servers.collect() }
    }
}

fn finding(found: &Finding) -> SqlFinding {
    SqlFinding {
        difference: found.difference,
        subject: found.subject.clone(),
        promised: found.promised.clone(),
        found: found.found.clone(),
        object: found.object.as_ref().map(|(key, _)| key.to_string()),
        definition: found.object.as_ref().map(|(_, definition)| definition.clone()),
    }
}

/// The JSON Schema of the report.
pub fn schema() -> serde_json::Value {
    let mut schema = crate::language::schema_of::<SqlReport>();
    schema["title"] = "The report of sitewright drift --sql-result".into();
    schema
}
