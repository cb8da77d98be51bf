//! What a fleet consists of: one row for each definition of a kind, who uses whom, and which definition a word means.
//!
//! Every cell has the words of the definition language, so that a reader finds them in the files.

use crate::cluster::{Cluster, Common};
use crate::diagnostic::Diagnostic;
use crate::language::{Definition, Kind, Lookup};
use crate::layers::Layered;
use crate::operator::Operator;
use crate::project::Project;
use crate::resolve::{Bench, Fleet, Server, Site, Unit};
use std::collections::HashMap;

/// The kinds that have rows.
pub const KINDS: [Kind; 5] =
    [Kind::Site, Kind::DatabaseServer, Kind::Bench, Kind::Plan, Kind::Cluster];

/// A definition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The path of the definition below the folder of definitions, without `.yaml`.
    pub definition: String,
    /// What is known of it, in the order of [`columns`].
    pub cells: Vec<Cell>,
}

/// One fact of a definition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cell {
    /// A word or a text.
    Text(String),
    /// How many.
    Count(usize),
    /// The definition has no such fact.
    None,
}

impl Cell {
    /// The cell as text. It is empty without a fact.
    pub fn text(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Count(count) => count.to_string(),
            Self::None => String::new(),
        }
    }
}

impl<T: ToString> From<Option<T>> for Cell {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::None, |value| Self::Text(value.to_string()))
    }
}

/// What the cells of a kind tell, in the spelling of JSON. No kind but those of [`KINDS`] has any.
pub const fn columns(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::Site => &[
            "cluster",
            "namespace",
            "siteName",
            "bench",
            "server",
            "plan",
            "provider",
            "mode",
            "database",
            "lifecycle",
            "backups",
        ],
        Kind::DatabaseServer => &[
            "cluster",
            "namespace",
            "name",
            "provider",
            "hosting",
            "sites",
            "lifecycle",
            "backups",
        ],
        Kind::Bench => {
            &["cluster", "namespace", "name", "frappeVersion", "managed", "sites", "lifecycle"]
        }
        Kind::Plan => &["cluster", "name", "sites"],
        Kind::Cluster => &[
            "name",
            "frappeOperator",
            "mariadbOperator",
            "cloudnativePg",
            "engine",
            "servers",
            "benches",
            "sites",
        ],
        _ => &[],
    }
}

/// The rows of a kind, in the order of the definitions' paths.
pub fn rows(kind: Kind, fleet: &Fleet, definitions: &[Definition]) -> Vec<Row> {
    let uses = Uses::new(fleet);
    let of_kind = definitions.iter().filter(|definition| definition.kind == kind);
    match kind {
        Kind::Site => fleet.sites.iter().map(|site| site_row(site, fleet)).collect(),
        Kind::DatabaseServer => {
            let servers = fleet.servers.iter().zip(&uses.servers);
            servers.map(|(server, sites)| server_row(server, sites.len(), fleet)).collect()
        }
        Kind::Bench => {
            let benches = fleet.benches.iter().zip(&uses.benches);
            benches.map(|(bench, sites)| bench_row(bench, sites.len(), fleet)).collect()
        }
        Kind::Plan => of_kind.map(|plan| plan_row(plan, uses.of_plan(plan).len())).collect(),
        Kind::Cluster => {
            let counts = counts_of_clusters(fleet);
            let row = |definition: &Definition| {
                let index = fleet.clusters.iter().position(|it| it.name == definition.cluster())?;
                Some(cluster_row(definition, &fleet.clusters[index], counts[index]))
            };
            of_kind.filter_map(row).collect()
        }
        _ => Vec::new(),
    }
}

/// The definitions that use a definition, by their paths, each with its kind, in the order of the paths.
/// `None` for a kind that nothing uses by name.
pub fn users<'f>(definition: &Definition, fleet: &'f Fleet) -> Option<Vec<&'f Definition>> {
    let is_it = |common: &Common| common.origin.definition.file == definition.file;
    let uses = || Uses::new(fleet);
    let sites: Vec<&Site> = match definition.kind {
        Kind::DatabaseServer => {
            let index = fleet.servers.iter().position(|server| is_it(&server.common))?;
            uses().servers.swap_remove(index)
        }
        Kind::Bench => {
            let index = fleet.benches.iter().position(|bench| is_it(&bench.common))?;
            uses().benches.swap_remove(index)
        }
        Kind::Plan => uses().of_plan(definition).to_vec(),
        Kind::Cluster => {
            let index = fleet.clusters.iter().position(|it| it.name == definition.cluster())?;
            let units = fleet.units().map(|unit| unit.common());
            let units = units.filter(|common| common.cluster.0 == index);
            let mut units: Vec<_> = units.map(|common| common.origin.definition).collect();
            units.sort_by_key(|unit| unit.path());
            return Some(units);
        }
        _ => return None,
    };
    Some(sites.into_iter().map(|site| site.common.origin.definition).collect())
}

/// The definition that a word means: a path, with or without the folder of definitions and the ending, or a name that
/// only one definition has. A cluster has the name of its folder.
pub fn find<'p>(word: &str, project: &'p Project) -> Result<&'p Definition, Box<Diagnostic>> {
    let at = Lookup::new(&project.definitions).one(word, project.below(word))?;
    Ok(&project.definitions[at])
}

/// The plan that a site states.
fn plan_of<'p>(site: &Site<'p>) -> Option<&'p str> {
    match site.common.origin.layers.get(&["plan"])? {
        Layered::Stated(plan) => plan.as_str(),
        Layered::Merged(_) => None,
    }
}

/// The sites that use each definition.
struct Uses<'f, 'p> {
    /// By the index of the server.
    servers: Vec<Vec<&'f Site<'p>>>,
    /// By the index of the bench.
    benches: Vec<Vec<&'f Site<'p>>>,
    /// By the name of the plan.
    plans: HashMap<&'p str, Vec<&'f Site<'p>>>,
}

impl<'f, 'p> Uses<'f, 'p> {
    fn new(fleet: &'f Fleet<'p>) -> Self {
        let mut uses = Self {
            servers: vec![Vec::new(); fleet.servers.len()],
            benches: vec![Vec::new(); fleet.benches.len()],
            plans: HashMap::new(),
        };
        for site in &fleet.sites {
            uses.benches[site.bench.0].push(site);
            if let Some(server) = site.server {
                uses.servers[server.0].push(site);
            }
            if let Some(plan) = plan_of(site) {
                uses.plans.entry(plan).or_default().push(site);
            }
        }
        uses
    }

    /// The sites with this plan. A plan of a cluster is for the sites of that cluster only.
    fn of_plan(&self, plan: &Definition) -> Vec<&'f Site<'p>> {
        let sites = self.plans.get(plan.name()).map_or(&[] as &[_], Vec::as_slice);
        let is_for = |site: &&&Site| {
            plan.cluster().is_empty() || site.common.origin.definition.cluster() == plan.cluster()
        };
        sites.iter().filter(is_for).copied().collect()
    }
}

fn site_row(site: &Site, fleet: &Fleet) -> Row {
    let common = &site.common;
    let server = site.server.map(|index| fleet.server(index));
    let own = site.backup.as_ref().map(|backup| backup.schedule.to_string());
    let of_server = server.and_then(|server| server.backup.as_ref());
    let backups = own.or(of_server.map(|backup| format!("of the server: {}", backup.schedule)));
    Row {
        definition: common.origin.definition.path(),
        cells: vec![
            cluster(common, fleet),
            text(&common.namespace),
            text(&site.site_name),
            text(&fleet.bench(site.bench).common.name),
            server.map(|server| &server.common.name).into(),
            plan_of(site).into(),
            text(site.provider.system().name()),
            text(site.database.mode().name()),
            site.database.sql_name().map(|name| name.as_str()).into(),
            text(common.lifecycle.name()),
            backups.into(),
        ],
    }
}

fn server_row(server: &Server, sites: usize, fleet: &Fleet) -> Row {
    let common = &server.common;
    Row {
        definition: common.origin.definition.path(),
        cells: vec![
            cluster(common, fleet),
            text(&common.namespace),
            text(&common.name),
            text(server.provider.system().name()),
            text(server.spec.hosting().name()),
            Cell::Count(sites),
            text(common.lifecycle.name()),
            server.backup.as_ref().map(|backup| &backup.schedule).into(),
        ],
    }
}

fn bench_row(bench: &Bench, sites: usize, fleet: &Fleet) -> Row {
    let common = &bench.common;
    Row {
        definition: common.origin.definition.path(),
        cells: vec![
            cluster(common, fleet),
            text(&common.namespace),
            text(&common.name),
            bench.fields.frappe_version.as_ref().into(),
            text(bench.managed),
            Cell::Count(sites),
            text(common.lifecycle.name()),
        ],
    }
}

fn plan_row(plan: &Definition, sites: usize) -> Row {
    let cluster = Some(plan.cluster()).filter(|name| !name.is_empty());
    Row {
        definition: plan.path(),
        cells: vec![cluster.into(), text(plan.name()), Cell::Count(sites)],
    }
}

/// How many servers, benches and sites each cluster has.
fn counts_of_clusters(fleet: &Fleet) -> Vec<[usize; 3]> {
    let mut counts = vec![[0; 3]; fleet.clusters.len()];
    for unit in fleet.units() {
        let column = match unit {
            Unit::Server(_) => 0,
            Unit::Bench(_) => 1,
            Unit::Site(_) => 2,
        };
        counts[unit.common().cluster.0][column] += 1;
    }
    counts
}

fn cluster_row(definition: &Definition, cluster: &Cluster, counts: [usize; 3]) -> Row {
    let version = |operator| cluster.profiles.version(operator).into();
    let mut cells = vec![
        text(&cluster.name),
        version(Operator::Frappe),
        version(Operator::Mariadb),
        version(Operator::CloudNativePg),
        text(cluster.engine.name()),
    ];
    cells.extend(counts.map(Cell::Count));
    Row { definition: definition.path(), cells }
}

fn text(value: impl ToString) -> Cell {
    Cell::Text(value.to_string())
}

fn cluster(common: &Common, fleet: &Fleet) -> Cell {
    text(&fleet.cluster(common).name)
}
