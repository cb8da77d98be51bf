//! How a site ends: what goes and what stays, and that it goes as a whole, whatever holds Flux up between
//! two commits.

use super::stage::Stage;
use super::story::{BACKUP, LIMIT, Story, shared, uids};
use cluster::eventually;
use std::sync::Arc;

/// What `acme` has, without backups.
const ACME: [&str; 4] =
    ["Database acme-db", "User acme-user", "Grant acme-grant", "FrappeSite acme"];

/// The retirement reaches the layer of the data, while the layer of the sites waits for a database of
/// another site. The next commit removes the file, and is the next one that the sites see.
pub(crate) fn a_retirement_that_one_layer_skipped_takes_the_whole_site(stage: Arc<Stage>) {
    let story = Story::begin(stage, "apart", "cluster");
    let first = story.push("The fleet");
    story.apply_pack_with_short_waits();
    story.settle(&first);

    story.stage.operators.hold(&story.held("Database initech-db"));
    story.define("initech.yaml", &shared("initech"));
    story.state("acme.yaml", "lifecycle: retired\n");
    let retired = story.commit("Retire acme, and a new site");
    wait_until_retired(&story, "Database acme-db");
    assert!(!story.stage.flux.is_applied(&story.layer("sites"), &retired), "the sites wait");

    story.remove("acme");
    let removed = story.commit("Remove acme");
    story.wait_until_gone("Database acme-db");
    story.stage.operators.release(&story.held("Database initech-db"));
    story.settle(&removed);
    for id in ACME {
        story.wait_until_gone(id);
    }
}

/// The same with `delivery: site`, where the site's own layer waits for the bench, and where a person lets the
/// Kustomizations delete what is retired, by the words of docs/lifecycle.md.
pub(crate) fn by_site_a_retirement_that_one_layer_skipped_takes_the_whole_site(stage: Arc<Stage>) {
    let story = Story::begin(stage, "alone", "site");
    story.deliver_all();

    story.patch("data.main", "\"suspend\": true");
    for site in ["acme", "globex"] {
        story.state(&format!("{site}.yaml"), "lifecycle: retired\ndata: delete\n");
    }
    let retired = story.commit("Retire two sites");
    for site in ["acme", "globex"] {
        let layer = |layer: &str| story.layer(&format!("{layer}.{site}"));
        story.stage.flux.wait_until_ready(&layer("data"), &retired, LIMIT);
        assert!(!story.stage.flux.is_applied(&layer("sites"), &retired), "the bench waits");
    }

    story.remove("acme");
    story.remove("globex");
    story.commit("Remove them");
    eventually("the path is gone", LIMIT, || {
        match story.stage.flux.judged(&story.layer("data.globex")) {
            Some((false, said)) if said.contains("path not found") => Ok(()),
            other => Err(other),
        }
    });
    // The operator drops this one before its database goes. Nothing makes it again.
    story.kubectl().run("delete frappesite globex -n alone");
    story.stage.flux.hurry("kustomization", &story.layer("data.globex"));
    for site in ["acme", "globex"] {
        for layer in ["sites", "data"] {
            let layer = format!("{layer}.{site}");
            story.patch(&layer, "\"deletionPolicy\": \"Delete\"");
            story.delete(&[&layer]);
        }
        for id in ACME {
            story.wait_until_gone(&id.replace("acme", site));
        }
    }
    assert!(story.find("Database big-db").is_some() && story.find("MariaDB db").is_some());
}

/// A FrappeSite changes its layer with its retirement. Whichever layer sees that first, it stays: with `data:
/// delete` it has no mark, and frappe-operator 2.6 would drop the site at its deletion.
pub(crate) fn under_2_6_a_site_is_retired_and_taken_back_without_a_deletion(stage: Arc<Stage>) {
    let story = Story::begin(stage, "back", "cluster");
    story.deliver_all();
    // The layers wait for each other by `dependsOn`; without it, suspending one lets the other go first.
    story.patch("sites", "\"dependsOn\": []");
    let born = story.object("FrappeSite acme").uid;

    for order in [["data", "sites"], ["sites", "data"]] {
        let active = story.repository.read(&story.path("acme.yaml"));
        let in_order = |message: &str| {
            order.iter().for_each(|layer| story.patch(layer, "\"suspend\": true"));
            let commit = story.commit(message);
            for layer in order {
                story.patch(layer, "\"suspend\": false");
                story.stage.flux.wait_until_ready(&story.layer(layer), &commit, LIMIT);
                assert_eq!(story.object("FrappeSite acme").uid, born, "{message}, {order:?}");
            }
            story.object("FrappeSite acme")
        };

        story.state("acme.yaml", "lifecycle: retired\ndata: delete\n");
        let retired = in_order("Retire acme");
        assert!(retired.is_retired && !retired.is_marked, "{:?}", retired.object);
        assert_eq!(retired.owner, story.layer("data"));

        story.define("acme.yaml", &active);
        let active = in_order("Take acme back");
        assert!(!active.is_retired && active.is_marked, "{:?}", active.object);
        assert_eq!(active.owner, story.layer("sites"));
    }
    let deleted: Vec<_> = story.writes().into_iter().filter(|it| it.verb == "delete").collect();
    assert!(deleted.is_empty(), "{deleted:?}");
}

pub(crate) fn under_2_3_a_retired_site_goes_and_its_data_stays(stage: Arc<Stage>) {
    retire_and_remove(stage, "gone", &[]);
}

/// Its FrappeSite would drop the database.
pub(crate) fn under_2_6_the_frappe_site_of_a_retired_site_stays(stage: Arc<Stage>) {
    retire_and_remove(stage, "ended", &["FrappeSite acme", "FrappeSite big"]);
}

/// Retires a site on the shared server and one with its own, removes them, and says what stays.
fn retire_and_remove(stage: Arc<Stage>, cluster: &'static str, stays: &[&str]) {
    let story = Story::begin(stage, cluster, "cluster");
    story.state("acme.yaml", BACKUP);
    story.deliver_all();
    let before = story.live();

    // When they are retired, then the marks come off, and a last backup is taken.
    for site in ["acme", "big"] {
        story.state(&format!("{site}.yaml"), "lifecycle: retired\n");
    }
    story.deliver("Retire two sites");
    let retired = story.live();
    for (id, live) in &retired {
        let is_theirs = [" acme", " big"].iter().any(|name| id.contains(name));
        if is_theirs && !id.starts_with("Secret ") {
            assert!(live.is_retired, "{id}");
            let outlives = stays.contains(&&**id) || id.starts_with("Backup ");
            assert_eq!(live.is_marked, outlives, "{id}");
        }
    }
    let new: Vec<&String> = retired.keys().filter(|id| !before.contains_key(*id)).collect();
    assert_eq!(new, ["Backup acme-backup-last"]);
    assert_eq!(story.object("FrappeSite acme").object["spec"]["ingress"]["enabled"], false);
    for id in before.keys() {
        assert_eq!(retired[id].uid, before[id].uid, "{id}");
    }

    // When the files go, then everything goes that does not hold data.
    story.remove("acme");
    story.remove("big");
    story.deliver("Remove them");
    let left = ["Backup acme-backup", "Backup acme-backup-last"];
    for id in retired.keys() {
        let is_theirs = [" acme", " big"].iter().any(|name| id.contains(name));
        if is_theirs && !left.iter().chain(stays).any(|left| left == id) {
            story.wait_until_gone(id);
        }
    }
    let after = story.live();
    for (id, live) in &after {
        assert_eq!(live.uid, retired[id].uid, "{id}");
    }
    let theirs = after.keys().filter(|id| id.contains(" acme") || id.contains(" big"));
    let mut expected: Vec<&str> = left.iter().chain(stays).copied().collect();
    expected.sort_unstable();
    assert_eq!(theirs.collect::<Vec<_>>(), expected);
}

/// `data: delete` under 2.6, by the words of docs/lifecycle.md: the operator drops the site with its database
/// while that is still there.
pub(crate) fn under_2_6_what_is_to_be_deleted_goes_in_the_order_of_the_documentation(
    stage: Arc<Stage>,
) {
    let story = Story::begin(stage, "dropped", "cluster");
    story.state("acme.yaml", "lifecycle: retired\ndata: delete\n");
    story.deliver_all();
    let before = story.live();

    story.patch("data", "\"suspend\": true");
    story.kubectl().run("delete frappesite acme -n dropped");
    story.remove("acme");
    let removed = story.commit("Remove acme");
    assert!(story.find("Database acme-db").is_some(), "it waits");
    story.patch("data", "\"suspend\": false");
    story.settle(&removed);
    let gone = before.keys().filter(|id| id.contains(" acme"));
    gone.for_each(|id| story.wait_until_gone(id));
    let others = |id: &&String| !id.contains(" acme");
    let after = story.live();
    let (before, after) = (uids(&before), uids(&after));
    assert!(before.iter().filter(|(id, _)| others(id)).eq(&after));
}

fn wait_until_retired(story: &Story, id: &str) {
    eventually(&format!("{id} is retired"), LIMIT, || {
        let live = story.object(id);
        if live.is_retired { Ok(()) } else { Err(live.object) }
    });
}
