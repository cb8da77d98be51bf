//! Turns definitions into a [`Fleet`]: merges layers, decides values and follows references.
//!
//! The layers, the weakest first: built-in, cluster, `_defaults.yaml` from the top folder down to
//! the nearest, plan, the definition. A definition that cannot be resolved is reported and left
//! out. A reference to it is then not a second error.

mod backup;
mod cluster;
mod decode;
mod fleet;
mod instance;
mod layer;
mod link;
mod origin;
mod values;

pub use backup::{
    Backup, BackupStorage, Bootstrap, BootstrapSource, Credentials, ObjectStore, Volume,
};
pub use fleet::*;
pub use layer::{Layered, Layers};
pub use origin::Origin;

use crate::diagnostic::{Code, Diagnostic, FileId, Sources};
use crate::language::{Definition, Kind, Provider, nearest_definition};
use crate::source::node::{Node, Value};
use foldhash::fast::RandomState;
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

/// The name under which the built-in layer appears among the sources.
pub const BUILT_IN: &str = "built-in defaults";

/// The layers that are not definitions. They live as long as the fleet.
#[derive(Debug)]
pub struct Base {
    built_in: Node,
    /// The layers of clusters, by name.
    clusters: BTreeMap<String, ClusterLayers>,
}

impl Base {
    /// Reads the built-in layer, and builds the layers of the clusters.
    pub fn new(definitions: &[Definition], sources: &mut Sources) -> Result<Self, Vec<Diagnostic>> {
        let text = include_str!("builtin.yaml");
        let file = sources.add(BUILT_IN.to_owned(), text.to_owned());
        let (node, problems) = crate::source::yaml::read(text, file);
        let built_in = node.ok_or(problems)?;
        let clusters = definitions
            .iter()
            .filter(|definition| definition.kind == Kind::Cluster)
            .filter_map(|cluster| Some((cluster.cluster().to_owned(), cluster.node.as_ref()?)))
            .map(|(name, node)| (name, ClusterLayers::new(node)))
            .collect();
        Ok(Self { built_in, clusters })
    }
}

/// The defaults that a cluster states for its definitions.
#[derive(Debug)]
struct ClusterLayers {
    sites: Node,
    others: Node,
}

impl ClusterLayers {
    fn new(cluster: &Node) -> Self {
        let of = |passed_on: &[&str]| {
            let entries = cluster.entries().iter();
            let entries = entries.filter(|entry| passed_on.contains(&&*entry.key)).cloned();
            Node { span: cluster.span, value: Value::Map(entries.collect()) }
        };
        Self { sites: of(&["namespace", "ingress", "tls"]), others: of(&["namespace"]) }
    }
}

/// The paths of the sites whose database user has a Secret with the former name
/// ([`UserSecret::Former`]).
pub type FormerNames = HashSet<String, RandomState>;

/// Resolves every definition.
pub fn resolve<'p>(
    definitions: &'p [Definition],
    base: &'p Base,
    former_names: &FormerNames,
    diagnostics: &mut Vec<Diagnostic>,
) -> Fleet<'p> {
    let mut resolver = Resolver::new(definitions, base);
    diagnostics.extend(resolver.ambiguous_plans());
    let clusters = resolver.clusters(diagnostics);
    let servers = resolver.all(Kind::DatabaseServer, values::server, diagnostics);
    let benches = resolver.all(Kind::Bench, values::bench, diagnostics);
    let fleet = Fleet { clusters, servers, benches, sites: Vec::new() };
    let linker = link::Linker::new(&fleet, &resolver, former_names);
    let site = |origin, cluster, resolver: &Resolver<'p>| {
        values::site(origin, cluster, resolver).and_then(|draft| linker.site(draft))
    };
    let resolved = resolver.resolved(Kind::Site, site);
    let mut sites = Vec::with_capacity(resolved.len());
    for (_, result) in resolved {
        match result {
            Ok(found) => {
                let (site, problems) = found.unzip();
                sites.extend(site);
                diagnostics.extend(problems.into_iter().flatten());
            }
            Err(problems) => diagnostics.extend(problems),
        }
    }
    Fleet { sites, ..fleet }
}

/// A value, or the problems that prevent it.
type Resolved<T> = Result<T, Vec<Diagnostic>>;

/// The data for resolving definitions.
pub(super) struct Resolver<'p> {
    definitions: &'p [Definition],
    base: &'p Base,
    /// The defaults, by folder.
    defaults: HashMap<&'p [String], &'p Definition>,
    plans: BTreeMap<(&'p str, &'p str), Vec<&'p Definition>>,
    clusters: BTreeMap<String, Index>,
    /// The cluster and the name of every invalid definition. A reference to one is not a second
    /// error.
    broken: BTreeSet<(&'p str, &'p str)>,
}

impl<'p> Resolver<'p> {
    fn new(definitions: &'p [Definition], base: &'p Base) -> Self {
        let of = |kind: Kind| definitions.iter().filter(move |definition| definition.kind == kind);
        let mut plans: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for plan in of(Kind::Plan) {
            plans.entry((plan.cluster(), plan.name.as_str())).or_default().push(plan);
        }
        Self {
            definitions,
            base,
            defaults: of(Kind::Defaults).map(|d| (&*d.folders, d)).collect(),
            plans,
            clusters: BTreeMap::new(),
            broken: definitions
                .iter()
                .filter(|definition| definition.node.is_none())
                .map(|definition| (definition.cluster(), definition.name.as_str()))
                .collect(),
        }
    }

    /// Whether a definition of this name exists but is invalid.
    pub(super) fn is_broken(&self, cluster: &str, name: &str) -> bool {
        self.broken.contains(&(cluster, name))
    }

    fn clusters(&mut self, diagnostics: &mut Vec<Diagnostic>) -> Vec<Cluster<'p>> {
        let mut clusters = Vec::new();
        let mut known: BTreeSet<&str> = BTreeSet::new();
        for definition in self.definitions.iter().filter(|d| d.kind == Kind::Cluster) {
            known.insert(definition.cluster());
            let Some(node) = &definition.node else { continue };
            match cluster::cluster(definition, node) {
                Ok(cluster) => {
                    self.clusters.insert(cluster.name.clone(), Index(clusters.len()));
                    clusters.push(cluster);
                }
                Err(problems) => diagnostics.extend(problems),
            }
        }
        let mut missing = BTreeSet::new();
        for definition in self.definitions {
            let name = definition.cluster();
            if !name.is_empty() && !known.contains(name) && missing.insert(name) {
                diagnostics.push(
                    Diagnostic::new(
                        Code::NoCluster,
                        definition.span(),
                        format!("the folder `{name}` has no `_cluster.yaml`"),
                    )
                    .help(format!(
                        "add `_cluster.yaml` to `{name}`, with `kind: Cluster` and the operators' versions, which decide the names of databases"
                    )),
                );
            }
        }
        clusters
    }

    /// Resolves every definition of a kind, and remembers those that fail as invalid.
    fn all<T: Send>(
        &mut self,
        kind: Kind,
        resolve: impl Fn(Origin<'p>, Index, &Self) -> Result<T, Vec<Diagnostic>> + Sync,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Vec<T> {
        let results = self.resolved(kind, resolve);
        let mut resolved = Vec::with_capacity(results.len());
        for (definition, result) in results {
            match result {
                Ok(Some(value)) => resolved.push(value),
                Ok(None) => _ = self.broken.insert((definition.cluster(), &definition.name)),
                Err(problems) => {
                    self.broken.insert((definition.cluster(), &definition.name));
                    diagnostics.extend(problems);
                }
            }
        }
        resolved
    }

    /// Every definition of a kind, resolved. `None` for a definition with an invalid layer, which
    /// is already reported.
    fn resolved<T: Send>(
        &self,
        kind: Kind,
        resolve: impl Fn(Origin<'p>, Index, &Self) -> Resolved<T> + Sync,
    ) -> Vec<(&'p Definition, Resolved<Option<T>>)> {
        self.definitions
            .par_iter()
            .filter(|definition| definition.kind == kind)
            .filter_map(|definition| {
                let node = definition.node.as_ref()?;
                let cluster = *self.clusters.get(definition.cluster())?;
                let result = self
                    .layers(definition, node)
                    .and_then(|origin| origin.map(|o| resolve(o, cluster, self)).transpose());
                Some((definition, result))
            })
            .collect()
    }

    /// The layers of a definition. `None` if a layer is invalid, which is already reported.
    fn layers(
        &self,
        definition: &'p Definition,
        node: &'p Node,
    ) -> Result<Option<Origin<'p>>, Vec<Diagnostic>> {
        let key = match definition.kind {
            Kind::DatabaseServer => "databaseServer",
            Kind::Bench => "bench",
            _ => "site",
        };
        let mut layers: Vec<&'p Node> = self.base.built_in.get(key).into_iter().collect();
        let over_defaults = !layers.is_empty();
        let cluster = self.base.clusters.get(definition.cluster());
        layers.extend(cluster.map(|cluster| match definition.kind {
            Kind::Site => &cluster.sites,
            _ => &cluster.others,
        }));
        for depth in 0..=definition.folders.len() {
            let Some(defaults) = self.defaults.get(&definition.folders[..depth]) else { continue };
            let Some(defaults) = &defaults.node else { return Ok(None) };
            // An empty section states nothing, so it is not a layer.
            layers.extend(defaults.get(key).filter(|section| section.value != Value::Null));
        }
        if definition.kind == Kind::Site {
            match self.plan(definition, &layers, node)? {
                Some(Some(plan)) => layers.push(plan),
                Some(None) => return Ok(None),
                None => {}
            }
        }
        layers.push(node);
        let layers = match over_defaults {
            true => Layers::over_defaults(layers),
            false => Layers::new(layers),
        };
        Ok(Some(Origin { definition, layers }))
    }

    /// The plan that a site's layers name. It is `Some(None)` if the plan exists but is invalid.
    fn plan(
        &self,
        site: &'p Definition,
        layers: &[&'p Node],
        node: &'p Node,
    ) -> Result<Option<Option<&'p Node>>, Vec<Diagnostic>> {
        let stated = Layers::new(layers.iter().copied().chain([node]).collect()).get(&["plan"]);
        let Some(Layered::Stated(stated)) = stated else { return Ok(None) };
        let Some(name) = stated.as_str() else { return Ok(None) };
        let found = self.plans_of(site.cluster(), name);
        match found.as_slice() {
            [] if self.is_broken(site.cluster(), name) || self.is_broken("", name) => {
                Ok(Some(None))
            }
            [] => {
                let known = self.plans.keys().filter(|(c, _)| c.is_empty() || *c == site.cluster());
                let help = nearest_definition(name, "Plan", known.map(|(_, name)| *name));
                let message = format!("no plan is named `{name}`");
                Err(vec![Diagnostic::new(Code::UnknownPlan, stated.span, message).help(help)])
            }
            [plan] => Ok(Some(plan.node.as_ref())),
            // This is already reported with the plans.
            [_, _, ..] => Ok(Some(None)),
        }
    }

    /// The plans of this name for the sites of a cluster: first those of the whole fleet, then
    /// those of the cluster.
    fn plans_of(&self, cluster: &str, name: &str) -> Vec<&'p Definition> {
        let places: &[&str] = if cluster.is_empty() { &[""] } else { &["", cluster] };
        let found = places.iter().filter_map(|place| self.plans.get(&(*place, name)));
        found.flatten().copied().collect()
    }

    /// Finds plans with the same name, whether they are used or not.
    fn ambiguous_plans(&self) -> Vec<Diagnostic> {
        let mut found = Vec::new();
        for (cluster, name) in self.plans.keys() {
            let plans = self.plans_of(cluster, name);
            let Some((first, more)) = plans.split_first() else { continue };
            // The plans of the whole fleet are compared with each other only once.
            for plan in more.iter().filter(|plan| plan.cluster() == *cluster) {
                let message = format!("a second plan is named `{name}`");
                found.push(
                    Diagnostic::new(Code::DuplicateObject, plan.span(), message)
                        .related(first.span(), "the first")
                        .help("rename one of them: a plan's name means one thing in a cluster"),
                );
            }
        }
        found
    }
}

/// Decodes a definition. If a type and its schema disagree, the definition is reported.
fn decoded<'p, T: serde::Deserialize<'p>>(origin: &Origin<'p>) -> Result<T, Vec<Diagnostic>> {
    decode::decode(origin.layers.merged())
        .map_err(|error| vec![Diagnostic::new(Code::BadValue, origin.definition.span(), error)])
}

/// A value that at least one layer must state.
fn require<T>(
    value: Option<T>,
    origin: &Origin,
    field: &[&str],
    why: &str,
    problems: &mut Vec<Diagnostic>,
) -> Option<T> {
    if value.is_none() {
        let name = field.join(".");
        problems.push(
            Diagnostic::new(
                Code::MissingField,
                origin.span(field),
                format!("`{name}` is stated nowhere for `{}`", origin.definition.path()),
            )
            .help(format!("state it here or in a `_defaults.yaml`: {why}")),
        );
    }
    value
}

/// The stated database system. A definition with a system without a provider is left out. Reports
/// of further missing fields, such as a server for SQLite, would mislead the user.
fn system(
    stated: Option<Provider>,
    origin: &Origin,
    path: &[&str],
) -> Result<System, Box<Diagnostic>> {
    let (name, why) = match stated {
        Some(Provider::Mariadb) | None => return Ok(System::Mariadb),
        Some(Provider::Postgres) => {
            ("postgres", "Frappe's support of PostgreSQL is experimental, and ERPNext's not stable")
        }
        Some(Provider::Sqlite) => {
            ("sqlite", "Frappe has SQLite from version 16 on only, as an experiment")
        }
    };
    let message = format!("the database provider `{name}` is not supported yet");
    let help = format!("write `provider: mariadb`; {why}");
    Err(Box::new(Diagnostic::new(Code::Provider, origin.span(path), message).help(help)))
}

/// Whether a file is the built-in layer, judged by its name.
pub fn is_built_in(sources: &Sources, file: FileId) -> bool {
    sources.path(file) == BUILT_IN
}

/// Decodes a document that is not a definition, such as the project's settings.
pub fn decode_node<'p, T: serde::Deserialize<'p>>(node: &'p Node) -> Result<T, String> {
    decode::decode(Layered::Stated(node))
}
