//! Drift on database servers: the statements that ask a server, and what its answers say about the manifests.
//!
//! A user runs the [`Script`] of a server with the server's own client and gives the answers back. [`compare`] then
//! says which facts are missing, different or unexpected. sitewright itself opens no connection.

mod answers;
mod compare;
pub mod report;
mod script;

pub use answers::{Answers, read};
pub use compare::{Difference, Finding, compare};
pub use script::Script;

use crate::diagnostic::Checked;
use crate::diff::tree;
use crate::project::Project;
use crate::provider::sql::{Asked, Fact, ServerRef, SqlFacts};
use crate::provider::{self, Provider};
use crate::risk::{Key, Object};
use std::collections::{BTreeMap, BTreeSet};

/// A database server of a cluster, and the facts that the manifests promise of it.
#[derive(Debug)]
pub struct Server {
    /// The cluster.
    pub cluster: String,
    /// The server's object.
    pub server: ServerRef,
    /// The definition of the server, or of the site that has it for itself. `None` for a server that sitewright does
    /// not render.
    pub definition: Option<String>,
    /// How its database system is asked.
    pub sql: &'static dyn SqlFacts,
    /// The facts, each with the object that promises it, in the order of their subjects.
    pub facts: Vec<(Fact, Object, Key)>,
    /// The databases and accounts of the facts.
    pub asked: Asked,
}

impl Server {
    /// `production MariaDB databases/shared`: how a script and its answers name the server.
    pub fn name(&self) -> String {
        format!("{} {}", self.cluster, self.server)
    }
}

/// The database servers of which the manifests promise anything, in the order of their names.
pub fn servers(project: &Project) -> Checked<Vec<Server>> {
    let Project { root, folders, .. } = project;
    // Few kinds are needed, so the others are never read as YAML.
    let kinds: BTreeSet<&str> =
        provider::ALL.iter().flat_map(|it| it.sql().kinds()).copied().collect();
    let is_meant = |text: &str| {
        let mut stated = text.lines().filter_map(|line| line.strip_prefix("kind: "));
        stated.any(|kind| kinds.contains(kind))
    };
    let objects = tree::objects(&root.join(&folders.rendered), &folders.rendered, is_meant)?;
    let mut servers: BTreeMap<(String, ServerRef), Server> = BTreeMap::new();
    for (key, object) in &objects {
        let of = |provider: &&'static dyn Provider| {
            Some((provider.sql(), provider.sql().promised(object)?))
        };
        let Some((sql, promised)) = provider::ALL.iter().find_map(of) else { continue };
        let cluster = key.cluster.clone();
        let known = servers.entry((cluster.clone(), promised.server.clone()));
        let server = known.or_insert_with(|| Server {
            definition: definition(&cluster, &promised.server, &objects),
            cluster,
            server: promised.server.clone(),
            sql,
            facts: Vec::new(),
            asked: Asked::default(),
        });
        server.asked.databases.extend(promised.asked.databases);
        server.asked.accounts.extend(promised.asked.accounts);
        let facts = promised.facts.into_iter();
        server.facts.extend(facts.map(|fact| (fact, object.clone(), key.clone())));
    }
    let mut servers: Vec<Server> = servers.into_values().collect();
    for server in &mut servers {
        server.facts.sort_by(|(one, ..), (other, ..)| one.subject.cmp(&other.subject));
    }
    Ok(servers)
}

/// The definition that renders the object of a server.
fn definition(cluster: &str, server: &ServerRef, objects: &tree::ObjectTree) -> Option<String> {
    let is_it = |key: &&Key| {
        key.cluster == cluster
            && key.kind == server.kind
            && key.namespace == server.namespace
            && key.name == server.name
    };
    let (_, object) = objects.iter().find(|(key, _)| is_it(key))?;
    Some(object.definition().to_owned())
}
