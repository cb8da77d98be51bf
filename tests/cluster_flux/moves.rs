//! From one delivery to the other, and from one folder to another: every object stays the one it was.

use super::stage::Stage;
use super::story::{LIMIT, Story, uids};
use cluster::eventually;
use std::collections::BTreeMap;
use std::sync::Arc;

const UNITS: [&str; 5] = ["acme", "big", "db", "globex", "main"];

pub(crate) fn objects_stay_when_their_delivery_changes(stage: Arc<Stage>) {
    let story = Story::begin(stage, "moved", "cluster");
    story.deliver_all();
    let before = story.live();
    let stay = |what: &str| assert_eq!(uids(&story.live()), uids(&before), "{what}");

    // From the cluster's two Kustomizations to two for each site.
    story.write_cluster("site");
    let commit = story.commit("Deliver by site");
    story.apply_pack();
    story.settle(&commit);
    story.delete(&["sites", "data"]);
    stay("delivered by site");
    owned(&story, |id| match id {
        "FrappeSite acme" => Some("sites.acme"),
        "Database big-db" | "MariaDB big-mariadb" => Some("data.big"),
        "MariaDB db" => Some("data.db"),
        _ => None,
    });

    // A file moves: new Kustomizations for it, and the old ones find nothing.
    move_file(&story, "acme", "retail/acme");
    let commit = story.commit("Move acme");
    story.apply_pack();
    story.stage.flux.wait_until_ready(&story.layer("sites.retail.acme"), &commit, LIMIT);
    eventually("the old Kustomization says that its path is gone", LIMIT, || {
        match story.stage.flux.judged(&story.layer("data.acme")) {
            Some((false, said)) if said.contains("path not found") => Ok(()),
            other => Err(other),
        }
    });
    stay("with both Kustomizations");
    story.delete(&["sites.acme", "data.acme"]);
    stay("moved, delivered by site");
    owned(&story, |id| (id == "FrappeSite acme").then_some("sites.retail.acme"));

    // And back.
    story.write_cluster("cluster");
    let commit = story.commit("Deliver by cluster");
    story.apply_pack();
    for layer in ["data", "sites"] {
        story.stage.flux.wait_until_ready(&story.layer(layer), &commit, LIMIT);
    }
    let data = UNITS.map(|unit| format!("data.{unit}").replace("data.acme", "data.retail.acme"));
    let sites = ["sites.retail.acme", "sites.big", "sites.globex"];
    let old: Vec<&str> = data.iter().map(|it| &**it).chain(sites).collect();
    story.delete(&old);
    stay("delivered by cluster again");
    owned(&story, |id| match id.starts_with("FrappeSite ") {
        true => Some("sites"),
        false => (!id.starts_with("Secret ")).then_some("data"),
    });

    // Delivered by cluster, a file that moves is no change.
    let before = story.live();
    let written = story.writes().len();
    move_file(&story, "retail/acme", "shops/acme");
    story.deliver("Move acme again");
    assert_eq!(story.live(), before);
    assert_eq!(story.writes().len(), written);
}

/// Moves a definition with its records.
fn move_file(story: &Story, from: &str, to: &str) {
    for file in [".yaml", ".secrets.yaml"] {
        let (from, to) = (story.path(&format!("{from}{file}")), story.path(&format!("{to}{file}")));
        if story.repository.path().join(&from).is_file() {
            story.repository.write(&to, &story.repository.read(&from));
            story.repository.remove(&from);
        }
    }
}

/// Waits until objects belong to the Kustomizations that they should. Where two had the same object for a
/// while, the one that stays takes it at its next reconciliation.
fn owned(story: &Story, owner: impl Fn(&str) -> Option<&'static str>) {
    for name in story.kustomizations() {
        story.stage.flux.hurry("kustomization", &name);
    }
    eventually("objects have their owners", LIMIT, || {
        let live = story.live().into_iter();
        let expected = live.filter_map(|(id, live)| Some((owner(&id)?, id, live.owner)));
        let wrong: BTreeMap<String, String> = expected
            .filter(|(owner, _, found)| story.layer(owner) != *found)
            .map(|(_, id, found)| (id, found))
            .collect();
        if wrong.is_empty() { Ok(()) } else { Err(wrong) }
    });
}
