//! Turns definitions into a [`Fleet`]: merges layers, decides values and follows references.
//!
//! The layers, the weakest first: built-in, cluster, `_defaults.yaml` from the top folder down to
//! the nearest, plan, the definition. A definition that cannot be resolved is reported and left
//! out. A reference to it is then not a second error.

mod built_in;
mod fleet;
mod link;
mod system;
mod values;

pub use fleet::*;

use crate::cluster::{Cluster, Index, cluster};
use crate::diagnostic::{Checked, Code, Diagnostic, Reported, Sources};
use crate::language::{Definition, Kind, nearest_definition};
use crate::layers::{Layered, Layers, Origin};
use crate::provider;
use crate::source::node::{Node, Value};
use built_in::BuiltIn;
use foldhash::fast::RandomState;
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

/// The layers that are not definitions. They live as long as the fleet.
#[derive(Debug)]
pub struct BaseLayers {
    built_in: BuiltIn,
    /// The layers of clusters, by name.
    clusters: BTreeMap<String, ClusterLayers>,
}

impl BaseLayers {
    /// Reads the built-in layer, and builds the layers of the clusters.
    pub fn new(definitions: &[Definition], sources: &mut Sources) -> Checked<Self> {
        let built_in = BuiltIn::read(sources)?;
        let clusters = definitions
            .iter()
            .filter(|definition| definition.kind == Kind::Cluster)
            .filter_map(|cluster| Some((cluster.cluster().to_owned(), cluster.node.as_ref()?)))
            .map(|(name, node)| (name, ClusterLayers::new(node)))
            .collect();
        Ok(Self { built_in, clusters })
    }

    /// The built-in defaults of definitions that state no database system. `section` is their section in
    /// `kind: Defaults`.
    pub fn built_in(&self, kind: Kind, section: &str) -> Option<&Node> {
        self.built_in.of(kind, section, &[])
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
/// ([`UserSecret::Former`](crate::provider::UserSecret::Former)).
pub type FormerNames = HashSet<String, RandomState>;

/// Resolves every definition. The fleet has those that can be resolved.
pub fn resolve<'p>(
    definitions: &'p [Definition],
    base: &'p BaseLayers,
    former_names: &FormerNames,
) -> Reported<Fleet<'p>> {
    let mut resolver = Resolver::new(definitions, base);
    let mut diagnostics = resolver.ambiguous_plans();
    let clusters = resolver.clusters().add_to(&mut diagnostics);
    let server = |origin, at: Index| values::server(origin, at, &clusters[at.0]);
    let servers = resolver.all(Kind::DatabaseServer, server).add_to(&mut diagnostics);
    let benches = resolver.all(Kind::Bench, values::bench).add_to(&mut diagnostics);
    let fleet = Fleet { clusters, servers, benches, sites: Vec::new() };
    let linker = link::Linker::new(&fleet, &resolver, former_names);
    let site = |origin, cluster| values::site(origin, cluster).and_then(|draft| linker.site(draft));
    let resolved = resolver.resolved(Kind::Site, site);
    let mut sites = Vec::with_capacity(resolved.len());
    for (_, result) in resolved {
        match result {
            Ok(site) => sites.extend(site.map(|site| site.add_to(&mut diagnostics))),
            Err(found) => diagnostics.extend(found),
        }
    }
    Reported { value: Fleet { sites, ..fleet }, diagnostics }
}

/// The layers of a definition as if this were its content. `None` if one of the layers is invalid. Only a site, a
/// database server and a bench have layers.
pub fn layers_of<'p>(
    definition: &'p Definition,
    content: &'p Node,
    definitions: &'p [Definition],
    base: &'p BaseLayers,
) -> Option<Origin<'p>> {
    let has_layers = [Kind::Site, Kind::DatabaseServer, Kind::Bench].contains(&definition.kind);
    let resolver = has_layers.then(|| Resolver::new(definitions, base))?;
    resolver.layers(definition, content).ok().flatten()
}

/// The data for resolving definitions.
pub(super) struct Resolver<'p> {
    definitions: &'p [Definition],
    base: &'p BaseLayers,
    /// The defaults, by folder.
    defaults: HashMap<&'p [String], &'p Definition>,
    plans: BTreeMap<(&'p str, &'p str), Vec<&'p Definition>>,
    clusters: BTreeMap<String, Index>,
    /// The cluster and the name of every invalid definition. A reference to one is not a second
    /// error.
    broken: BTreeSet<(&'p str, &'p str)>,
}

impl<'p> Resolver<'p> {
    fn new(definitions: &'p [Definition], base: &'p BaseLayers) -> Self {
        let of = |kind: Kind| definitions.iter().filter(move |definition| definition.kind == kind);
        let mut plans: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for plan in of(Kind::Plan) {
            plans.entry((plan.cluster(), plan.name())).or_default().push(plan);
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
                .map(|definition| (definition.cluster(), definition.name()))
                .collect(),
        }
    }

    /// Whether a definition of this name exists but is invalid.
    pub(super) fn is_broken(&self, cluster: &str, name: &str) -> bool {
        self.broken.contains(&(cluster, name))
    }

    /// The clusters that can be resolved.
    fn clusters(&mut self) -> Reported<Vec<Cluster<'p>>> {
        let (mut clusters, mut diagnostics) = (Vec::new(), Vec::new());
        let of_databases = provider::operators();
        let mut known: BTreeSet<&str> = BTreeSet::new();
        for definition in self.definitions.iter().filter(|d| d.kind == Kind::Cluster) {
            known.insert(definition.cluster());
            let Some(node) = &definition.node else { continue };
            match cluster(definition, node, &of_databases) {
                Ok(cluster) => {
                    self.clusters.insert(cluster.name.clone(), Index(clusters.len()));
                    clusters.push(cluster);
                }
                Err(found) => diagnostics.extend(found),
            }
        }
        let mut missing = BTreeSet::new();
        for definition in self.definitions {
            let name = definition.cluster();
            if !name.is_empty() && !known.contains(name) && missing.insert(name) {
                // SW202: a cluster's folder has no _cluster.yaml.
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
        Reported { value: clusters, diagnostics }
    }

    /// Resolves every definition of a kind. It remembers those that fail as invalid, and returns the
    /// others.
    fn all<T: Send>(
        &mut self,
        kind: Kind,
        resolve: impl Fn(Origin<'p>, Index) -> Checked<T> + Sync,
    ) -> Reported<Vec<T>> {
        let results = self.resolved(kind, resolve);
        let (mut resolved, mut diagnostics) = (Vec::with_capacity(results.len()), Vec::new());
        for (definition, result) in results {
            match result {
                Ok(Some(value)) => resolved.push(value),
                Ok(None) => _ = self.broken.insert((definition.cluster(), definition.name())),
                Err(found) => {
                    self.broken.insert((definition.cluster(), definition.name()));
                    diagnostics.extend(found);
                }
            }
        }
        Reported { value: resolved, diagnostics }
    }

    /// Every definition of a kind, resolved. `None` for a definition with an invalid layer, which
    /// is already reported.
    fn resolved<T: Send>(
        &self,
        kind: Kind,
        resolve: impl Fn(Origin<'p>, Index) -> Checked<T> + Sync,
    ) -> Vec<(&'p Definition, Checked<Option<T>>)> {
        self.definitions
            .par_iter()
            .filter(|definition| definition.kind == kind)
            .filter_map(|definition| {
                let node = definition.node.as_ref()?;
                let cluster = *self.clusters.get(definition.cluster())?;
                let result = self
                    .layers(definition, node)
                    .and_then(|origin| origin.map(|o| resolve(o, cluster)).transpose());
                Some((definition, result))
            })
            .collect()
    }

    /// The layers of a definition. `None` if a layer is invalid, which is already reported.
    fn layers(&self, definition: &'p Definition, node: &'p Node) -> Checked<Option<Origin<'p>>> {
        let key = match definition.kind {
            Kind::DatabaseServer => "databaseServer",
            Kind::Bench => "bench",
            _ => "site",
        };
        let mut layers: Vec<&'p Node> = Vec::with_capacity(4);
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
        let built_in = self.base.built_in.of(definition.kind, key, &layers);
        let layers = match built_in {
            Some(built_in) => {
                layers.insert(0, built_in);
                Layers::over_defaults(layers)
            }
            None => Layers::new(layers),
        };
        Ok(Some(Origin { definition, layers }))
    }

    /// The plan that a site's layers name. It is `Some(None)` if the plan exists but is invalid.
    fn plan(
        &self,
        site: &'p Definition,
        layers: &[&'p Node],
        node: &'p Node,
    ) -> Checked<Option<Option<&'p Node>>> {
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
                // SW203: a plan that is not defined.
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
                // SW301: two plans have the same name.
                found.push(
                    Diagnostic::new(Code::DuplicateObject, plan.span(), message)
                        .related(first.span(), "the first")
                        .help("rename one of them: a plan's name must be unique in its cluster"),
                );
            }
        }
        found
    }
}
