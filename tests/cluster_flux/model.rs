//! The model of Flux, by which `tests/controllers` judges sequences of commits, does what Flux does.

use super::models::cluster::{Cluster, Object, Tree};
use super::models::flux::{Flux, OWNER};
use super::models::{Controller, Reach};
use super::stage::Stage;
use super::story::{LIMIT, Story, shared};
use cluster::{Write, eventually};
use sitewright::operator::FrappeVersion;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::rc::Rc;
use std::sync::Arc;

/// What is live with the Kustomization that it belongs to, and the inventories of both.
type State = (BTreeMap<String, String>, BTreeSet<String>, BTreeSet<String>);

/// A story beside its model.
struct Pair {
    story: Story,
    cluster: Cluster,
    flux: Flux,
}

pub(crate) fn the_model_of_flux_does_what_flux_does(stage: Arc<Stage>) {
    let story = Story::begin(stage, "modelled", "cluster");
    let (cluster, flux) = (Cluster::new(FrappeVersion::V2_3), Flux::new(story.cluster));
    let mut pair = Pair { story, cluster, flux };
    let first = pair.story.push("The fleet");
    pair.story.apply_pack_with_short_waits();
    pair.story.settle(&first);
    pair.seen("the first commit", Reach::All);

    // A commit that gets to the layer of the data only, and the next one.
    let held = pair.story.held("Database initech-db");
    pair.story.stage.operators.hold(&held);
    pair.story.define("initech.yaml", &shared("initech"));
    pair.story.state("acme.yaml", "lifecycle: retired\n");
    pair.story.commit("Retire acme, and a new site");
    pair.seen("retired in one layer", Reach::Data);
    pair.story.remove("acme");
    let commit = pair.story.commit("Remove acme");
    pair.seen("removed in one layer", Reach::Data);
    pair.story.stage.operators.release(&held);
    pair.story.settle(&commit);
    pair.seen("removed in both", Reach::All);

    // What is protected is left and forgotten; a revert takes it back.
    pair.story.remove("globex");
    pair.deliver("Remove globex by mistake");
    pair.story.repository.git(&["revert", "--no-edit", "HEAD"]);
    pair.deliver("Do not remove globex");

    // A site changes its layer and comes back.
    let active = pair.story.repository.read(&pair.story.path("globex.yaml"));
    pair.story.state("globex.yaml", "lifecycle: retired\n");
    pair.deliver("Retire globex");
    pair.story.define("globex.yaml", &active);
    pair.deliver("Take globex back");

    // What another Kustomization applied last is not deleted, and what comes, comes before anything goes.
    pair.story.state("globex.yaml", "lifecycle: retired\n");
    pair.deliver("Retire globex again");
    pair.others("User globex-user");
    pair.story.remove("globex");
    pair.story.define("umbrella.yaml", &shared("umbrella"));
    let written = pair.story.writes().len();
    pair.deliver("Remove globex, and a new site");
    assert!(pair.story.find("User globex-user").is_some());
    in_order(&pair.story.writes()[written..]);

    // A commit without a definition is a mistake.
    for unit in ["big", "db", "initech", "main", "umbrella"] {
        pair.story.remove(unit);
    }
    pair.story.commit("Remove everything");
    eventually("the path is gone", LIMIT, || {
        match pair.story.stage.flux.judged(&pair.story.layer("data")) {
            Some((false, said)) if said.contains("path not found") => Ok(()),
            other => Err(other),
        }
    });
    pair.seen("an empty tree", Reach::All);
    pair.story.repository.git(&["revert", "--no-edit", "HEAD"]);
    pair.deliver("Remove nothing");

    // The Kustomizations take along what has no mark.
    pair.story.state("umbrella.yaml", "lifecycle: retired\n");
    pair.deliver("Retire umbrella");
    for layer in ["sites", "data"] {
        pair.story.patch(layer, "\"deletionPolicy\": \"Delete\"");
        pair.story.delete(&[layer]);
    }
    pair.flux.remove(&mut pair.cluster);
    pair.compare("without Kustomizations");
    assert!(pair.story.find("FrappeSite umbrella").is_none());
    assert!(pair.story.find("FrappeSite initech").is_some());
}

impl Pair {
    /// Renders, commits, and waits until Flux and its model have delivered it.
    fn deliver(&mut self, message: &str) {
        self.story.deliver(message);
        self.seen(message, Reach::All);
    }

    /// The model gets the commit too; then both agree.
    fn seen(&mut self, what: &str, reach: Reach) {
        let tree = tree(&self.story.repository.path().join("rendered"));
        let synced = self.flux.sync(&mut self.cluster, &tree, reach);
        assert!(synced.refused.is_empty(), "{what}: {:?}", synced.refused);
        self.compare(what);
    }

    fn compare(&self, what: &str) {
        eventually(&format!("{what}: Flux does what its model does"), LIMIT, || {
            let (real, model) = (self.real(), self.model());
            if real == model { Ok(()) } else { Err(format!("{real:#?}\nby the model {model:#?}")) }
        });
    }

    fn real(&self) -> State {
        let live = self.story.live().into_iter();
        // The sealed-secrets controller makes the Secrets.
        let live = live.filter(|(id, _)| !id.starts_with("Secret "));
        let live = live.map(|(id, live)| (id, live.owner)).collect();
        (live, self.story.inventory("data"), self.story.inventory("sites"))
    }

    fn model(&self) -> State {
        let owner = |object: &Object| object.labels.get(OWNER).cloned().unwrap_or_default();
        let id = |kind: &str, name: &str| format!("{kind} {name}");
        let live = self.cluster.objects();
        let live = live.map(|it| (id(&it.key.kind, &it.key.name), owner(it))).collect();
        let inventories = [&self.flux.data, &self.flux.sites].map(|layer| {
            layer.inventory.iter().map(|key| id(&key.kind, &key.name)).collect::<BTreeSet<_>>()
        });
        let [data, sites] = inventories;
        (live, data, sites)
    }

    /// Somebody else's Kustomization applies an object.
    fn others(&mut self, id: &str) {
        let (kind, name) = id.split_once(' ').unwrap();
        let object = self.cluster.objects().find(|it| it.key.kind == kind && it.key.name == name);
        let mut object = object.unwrap().clone();
        object.labels.insert(OWNER.to_owned(), "others".to_owned());
        self.cluster.apply(object).unwrap();
        self.story.kubectl().run(&format!(
            "label --overwrite -n {} {kind}.k8s.mariadb.com {name} {OWNER}=others",
            self.story.cluster
        ));
    }
}

/// The objects of the manifests below a folder.
fn tree(folder: &Path) -> Tree {
    let mut tree = Tree::new();
    let Ok(entries) = std::fs::read_dir(folder) else { return tree };
    for entry in entries {
        let path = entry.unwrap().path();
        if path.is_dir() {
            tree.extend(self::tree(&path));
        } else {
            let object = Object::read(&std::fs::read(path).unwrap());
            tree.insert(object.key.clone(), Rc::new(object));
        }
    }
    tree
}

/// First the data comes and goes, then the sites do; in each layer, what comes comes first.
fn in_order(writes: &[Write]) {
    let of_flux: Vec<&Write> =
        writes.iter().filter(|write| write.agent.starts_with("kustomize-controller")).collect();
    let at = |verb: &str, resource: &str, name: &str| {
        let is_it =
            |write: &&Write| write.verb == verb && write.resource == resource && write.name == name;
        let found = of_flux.iter().position(is_it);
        found.unwrap_or_else(|| panic!("no {verb} of {resource} {name} in {of_flux:#?}"))
    };
    let order = [
        at("patch", "databases", "umbrella-db"),
        at("delete", "databases", "globex-db"),
        at("patch", "frappesites", "umbrella"),
    ];
    assert!(order.is_sorted(), "{order:?} in {of_flux:#?}");
}
