//! The files of definitions: what each states, and what the `_defaults.yaml` of their folders state for them.

use super::cluster::Target;
use super::draft::Draft;
use super::layers::{Below, merge};
use super::place::{Place, places};
use super::plans::{Plan, plans};
use super::raise::{section, shared};
use super::text::text;
use super::value::{map, put, string};
use crate::language::Kind;
use crate::project::{NewFile, Project};
use crate::source::node::{Entry, Node, Value};
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

/// The kinds of definitions that are made.
const KINDS: [Kind; 3] = [Kind::Site, Kind::DatabaseServer, Kind::Bench];

/// The files of an import.
#[derive(Debug)]
pub(super) struct Composed {
    /// All files, in the order of their paths.
    pub(super) files: Vec<NewFile>,
    /// The path of each definition below the folder of definitions, such as `production/acme`.
    pub(super) definitions: Vec<String>,
}

/// What the files are made from.
#[derive(Clone, Copy)]
pub(super) struct Composer<'c> {
    pub(super) project: &'c Project,
    pub(super) target: &'c Target,
    /// The content of `_cluster.yaml`.
    pub(super) cluster: &'c Node,
}

/// The layers below the definitions of each kind, in one folder.
type Layers = BTreeMap<&'static str, Below>;

impl<'c> Composer<'c> {
    /// The files of these definitions.
    pub(super) fn compose(self, drafts: &[Draft]) -> Composed {
        let wants: Vec<Node> = drafts.iter().map(want).collect();
        let places = places(drafts, self.target.namespace.as_deref(), &self.taken());
        let in_folder = |kind: Kind, folder: Option<&str>| -> Vec<&Node> {
            let all = drafts.iter().zip(&places).zip(&wants);
            all.filter(|((draft, place), _)| {
                draft.kind == kind && place.folder.as_deref() == folder
            })
            .map(|(_, want)| want)
            .collect()
        };
        let of_cluster = |kind: Kind| -> Vec<&Node> {
            drafts
                .iter()
                .zip(&wants)
                .filter(|(it, _)| it.kind == kind)
                .map(|(_, want)| want)
                .collect()
        };
        let mut files = Vec::new();
        if self.target.is_new {
            files.push(self.file("_cluster", text(Kind::Cluster, self.cluster.clone())));
        }
        let of_folder = |kind| in_folder(kind, None);
        let (whole, defaults) = self.folder(None, self.of_project(), of_folder, of_cluster);
        files.extend(defaults);
        let folders: BTreeSet<&str> = places.iter().filter_map(|it| it.folder.as_deref()).collect();
        let mut layers: BTreeMap<Option<&str>, Layers> = BTreeMap::new();
        for folder in folders {
            let of = |kind| in_folder(kind, Some(folder));
            let (below, defaults) = self.folder(Some(folder), whole.clone(), of, of);
            files.extend(defaults);
            layers.insert(Some(folder), below);
        }
        layers.insert(None, whole);
        let below = |at: usize| &layers[&places[at].folder.as_deref()][section(drafts[at].kind)];
        let plans = self.plans(drafts, &wants, &places, below);
        let of_plans =
            plans.iter().map(|it| self.file(&it.name, text(Kind::Plan, it.fields.clone())));
        files.extend(of_plans);
        let definitions: Vec<String> = places.iter().map(|it| it.path(&self.target.name)).collect();
        let of_sites = plans.iter().flat_map(|plan| plan.sites.iter().map(move |at| (*at, plan)));
        let of_sites: BTreeMap<usize, &Plan> = of_sites.collect();
        let made = (0..drafts.len()).into_par_iter().map(|at| {
            let (draft, place) = (&drafts[at], &places[at]);
            let fields = match of_sites.get(&at) {
                Some(plan) => {
                    let mut want = wants[at].clone();
                    put(&mut want, &["plan"], string(&plan.name));
                    below(at).with(&plan.fields).beyond(&want)
                }
                None => below(at).beyond(&wants[at]),
            };
            self.file(&place.below(), text(draft.kind, stated(draft, place, fields)))
        });
        files.extend(made.collect::<Vec<_>>());
        files.sort_by(|one, other| one.path.cmp(&other.path));
        Composed { files, definitions }
    }

    /// The plans of the sites.
    fn plans<'b>(
        self,
        drafts: &[Draft],
        wants: &[Node],
        places: &[Place],
        below: impl Fn(usize) -> &'b Below,
    ) -> Vec<Plan> {
        let sites = (0..drafts.len()).filter(|at| drafts[*at].kind == Kind::Site);
        // A site that gets a plan of a layer below it must not get another one.
        let free = sites.filter(|at| below(*at).get(&["plan".to_owned()]).is_none());
        let rests: Vec<(usize, Node)> = free.map(|at| (at, below(at).beyond(&wants[at]))).collect();
        let mut taken: BTreeSet<String> = places.iter().map(|it| it.stem.clone()).collect();
        taken.extend(places.iter().filter_map(|it| it.folder.clone()));
        taken.extend(self.taken());
        let definitions = self.project.definitions.iter();
        taken.extend(definitions.map(|definition| definition.name().to_owned()));
        plans(&rests, &taken)
    }

    /// A file in the folder of the cluster.
    fn file(self, path: &str, text: String) -> NewFile {
        let sites = &self.project.folders.sites;
        NewFile { path: format!("{sites}/{}/{path}.yaml", self.target.name), text: text.into() }
    }

    /// The names in the folder of the cluster that a definition cannot have.
    fn taken(self) -> BTreeSet<String> {
        let definitions = self.project.definitions.iter();
        let of_cluster = definitions.filter(|it| it.cluster() == self.target.name);
        of_cluster.filter_map(|it| it.folders.get(1).cloned()).collect()
    }

    /// The layers below the definitions of the cluster's folder, without the folder's own defaults.
    fn of_project(self) -> Layers {
        let of = |kind: Kind| {
            let passed_on: &[&str] = match kind {
                Kind::Site => &["namespace", "ingress", "tls"],
                _ => &["namespace"],
            };
            let entries = self.cluster.entries().iter();
            let entries: Vec<Entry> =
                entries.filter(|entry| passed_on.contains(&&*entry.key)).cloned().collect();
            let mut stated = super::value::bare(&Node::from(Value::Map(entries)));
            if let Some(defaults) = self.defaults(&[], section(kind)) {
                merge(&mut stated, defaults);
            }
            let built_in = self.project.base.built_in(kind, section(kind));
            let built_in = built_in.map_or_else(map, super::value::bare);
            (section(kind), Below { built_in, stated })
        };
        KINDS.map(of).into()
    }

    /// The section of the `_defaults.yaml` of a folder.
    fn defaults(self, folders: &[&str], section: &str) -> Option<&'c Node> {
        let is_here =
            |folder: &[String]| folder.iter().map(String::as_str).eq(folders.iter().copied());
        let mut definitions = self.project.definitions.iter();
        let found = definitions.find(|it| it.kind == Kind::Defaults && is_here(&it.folders))?;
        found.node.as_ref()?.get(section)
    }

    /// Whether a folder has a `_defaults.yaml`.
    fn has_defaults(self, folders: &[&str]) -> bool {
        let path = format!("{}/{}/_defaults.yaml", self.project.folders.sites, folders.join("/"));
        self.project.root.join(path).exists()
    }

    /// The layers below the definitions of a folder, and its `_defaults.yaml` if it gets one. `own` are the
    /// definitions of the folder itself, and `all` also those of the folders in it.
    fn folder<'w>(
        self,
        folder: Option<&str>,
        below: Layers,
        own: impl Fn(Kind) -> Vec<&'w Node>,
        all: impl Fn(Kind) -> Vec<&'w Node>,
    ) -> (Layers, Option<NewFile>) {
        let path: Vec<&str> = [self.target.name.as_str()].into_iter().chain(folder).collect();
        let has_own = self.has_defaults(&path);
        let mut defaults = map();
        let mut layers = Layers::new();
        for kind in KINDS {
            let mut below = below[section(kind)].clone();
            if let Some(defaults) = self.defaults(&path, section(kind)) {
                below = below.with(defaults);
            }
            let (own, all) = (own(kind), all(kind));
            let mut raised = map();
            if let Some(namespace) = folder.filter(|_| !has_own && !own.is_empty()) {
                put(&mut raised, &["namespace"], string(namespace));
            }
            if !has_own {
                merge(&mut raised, &shared(&all, &all, &below));
                // What the definitions of the folder itself share, even if those of the folders in it do not.
                let more = shared(&own, &all, &below.with(&raised));
                merge(&mut raised, &more);
            }
            below = below.with(&raised);
            if !raised.entries().is_empty() {
                put(&mut defaults, &[section(kind)], raised);
            }
            layers.insert(section(kind), below);
        }
        let is_empty = defaults.entries().is_empty();
        let name = [folder.unwrap_or_default(), "_defaults"].join("/");
        let file = self.file(name.trim_start_matches('/'), text(Kind::Defaults, defaults));
        (layers, (!is_empty).then_some(file))
    }
}

/// Everything that a definition means.
fn want(draft: &Draft) -> Node {
    let mut want = draft.fields.clone();
    put(&mut want, &["namespace"], string(&draft.namespace));
    want
}

/// The fields of a file.
fn stated(draft: &Draft, place: &Place, fields: Node) -> Node {
    let mut node = fields;
    without_effect(draft, &mut node);
    if place.stem != draft.name {
        put(&mut node, &["name"], string(&draft.name));
    }
    node
}

/// A default for a database of another mode has no effect on the site, so nothing must unset it.
fn without_effect(draft: &Draft, fields: &mut Node) {
    const OF_OWN_SERVER: [&str; 9] = [
        "storageSize",
        "storageClassName",
        "resources",
        "version",
        "image",
        "myCnf",
        "metrics",
        "podDisruptionBudget",
        "bootstrapFrom",
    ];
    let mode = super::value::text(&draft.fields, &["database", "mode"]);
    let has_connection = super::value::at(&draft.fields, &["database", "connection"]).is_some();
    let idle: &[&str] = match mode {
        Some("dedicated") => &["server"],
        _ => &OF_OWN_SERVER,
    };
    for field in idle.iter().copied().chain(has_connection.then_some("server")) {
        super::value::take_default(fields, &["database", field], &Node::from(Value::Null));
    }
}
