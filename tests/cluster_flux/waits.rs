//! What waits for what, and how long, while something does not get ready.

use super::stage::Stage;
use super::story::{LIMIT, Story, shared};
use cluster::{Write, eventually, steadily};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// A FrappeSite that does not get ready: its layer takes the next commit when its wait has ended. Here that
/// is after half a minute; in the pack it is after two.
pub(crate) fn a_layer_that_waits_takes_the_next_commit_when_its_wait_ends(stage: Arc<Stage>) {
    const TIMEOUT: f64 = 30.0;
    let story = Story::begin(stage, "sick", "cluster");
    let first = story.push("The fleet");
    story.apply_pack_with_short_waits();
    story.settle(&first);

    // Given a new site that its operator does not finish,
    story.stage.operators.hold(&story.held("FrappeSite initech"));
    story.define("initech.yaml", &shared("initech"));
    story.commit("A new site");
    let came = arrives(&story, "frappesites", "initech", |_| true);

    // when another site changes, then its data is written at once, and its FrappeSite after the wait.
    story.state("globex.yaml", "labels: {tier: gold}\n");
    let second = story.commit("Label globex");
    let data = arrives(&story, "users", "globex-user", |write| write.time > came.time);
    let site = arrives(&story, "frappesites", "globex", |write| write.time > came.time);
    let waited = seconds(&came, &site);
    assert!(
        seconds(&came, &data) < waited && waited > TIMEOUT - 1.0,
        "{came:?}\n{data:?}\n{site:?}"
    );

    // A person reads which object it is.
    eventually("the Kustomization names the site", LIMIT, || {
        match story.stage.flux.judged(&story.layer("sites")) {
            Some((false, said)) if said.contains("FrappeSite/sick/initech") => Ok(()),
            other => Err(other),
        }
    });
    story.stage.operators.release(&story.held("FrappeSite initech"));
    story.settle(&second);
}

/// A Database that does not get ready holds up every FrappeSite of the cluster, and nothing else, until it
/// is ready or retired.
pub(crate) fn a_database_that_is_not_ready_holds_up_the_sites_until_it_is_retired(
    stage: Arc<Stage>,
) {
    let story = Story::begin(stage, "stuck", "cluster");
    let first = story.push("The fleet");
    story.apply_pack_with_short_waits();
    story.settle(&first);
    let is_gold = |id: &str| story.object(id).object["metadata"]["labels"]["tier"] == "gold";

    story.stage.operators.hold(&story.held("Database initech-db"));
    story.define("initech.yaml", &shared("initech"));
    story.commit("A new site");
    story.state("globex.yaml", "labels: {tier: gold}\n");
    story.commit("Label globex");
    eventually("the data is written", LIMIT, || {
        if is_gold("User globex-user") { Ok(()) } else { Err("not yet") }
    });
    eventually("the Kustomization names the database", LIMIT, || {
        match story.stage.flux.judged(&story.layer("data")) {
            Some((false, said)) if said.contains("Database/stuck/initech-db") => Ok(()),
            other => Err(other),
        }
    });
    steadily("no FrappeSite is written", Duration::from_secs(5), || {
        if is_gold("FrappeSite globex") { Err("it is") } else { Ok(()) }
    });

    story.state("initech.yaml", "lifecycle: retired\n");
    story.deliver("Give initech up");
    assert!(is_gold("FrappeSite globex"));
}

/// Each Kustomization that waits holds a worker of the kustomize-controller, which has four. With four sites
/// that do not get ready, nothing moves until a wait ends; more workers and a feature gate end that.
///
/// The stage is its own, with Flux's defaults.
pub(crate) fn four_sites_that_wait_hold_up_all_others_unless_flux_is_told_otherwise(stage: Stage) {
    const TIMEOUT: f64 = 30.0;
    const SICK: [&str; 4] = ["one", "two", "three", "four"];
    let story = Story::begin(Arc::new(stage), "workers", "site");
    SICK.iter().for_each(|site| story.define(&format!("{site}.yaml"), &shared(site)));
    let first = story.push("The fleet");
    story.apply_pack_with_short_waits();
    story.settle(&first);

    // Given four sites that were changed and do not get ready again,
    let is_new = story.last_write();
    let is_new = |write: &Write| write.time > is_new;
    for site in SICK {
        story.stage.operators.hold(&story.held(&format!("FrappeSite {site}")));
        story.state(&format!("{site}.yaml"), "tls: {enabled: true}\n");
    }
    story.commit("Encrypt four sites");
    let changed = SICK.map(|site| arrives(&story, "frappesites", site, is_new));
    let earliest = changed.iter().min_by(|one, other| one.time.cmp(&other.time)).unwrap();

    // when another site changes, then that arrives when a wait has ended.
    story.state("globex.yaml", "labels: {tier: gold}\n");
    let second = story.commit("Label globex");
    let user = arrives(&story, "users", "globex-user", is_new);
    assert!(seconds(earliest, &user) > TIMEOUT - 1.0, "{changed:#?}\n{user:?}");
    // The sick sites do not hold it up any longer.
    for layer in ["data.globex", "sites.globex"] {
        story.stage.flux.wait_until_ready(&story.layer(layer), &second, LIMIT);
    }

    // Given more workers, and that a commit ends a wait, with the pack as it is,
    let Story { stage, repository, cluster } = story;
    let stage = Arc::into_inner(stage).expect("one story has it");
    let gate = "--feature-gates=CancelHealthCheckOnNewRevision=true";
    let stage = Arc::new(stage.restart(&["--concurrent=20", gate]));
    let story = Story { stage, repository, cluster };
    story.apply_pack();
    let waiting = story.layer("sites.one");
    eventually("a sick site waits", LIMIT, || {
        let found = story.stage.flux.get("kustomization", &waiting);
        let text = found["status"]["conditions"].to_string();
        if text.contains("with a timeout of 2m0s") { Ok(()) } else { Err(text) }
    });

    // when a sick site and another one change, then both changes arrive long before a wait ends.
    let start = Instant::now();
    let is_new = story.last_write();
    let is_new = |write: &Write| write.time > is_new;
    story.state("globex.yaml", "annotations: {seen: again}\n");
    story.state("one.yaml", "labels: {tier: gold}\n");
    story.commit("Label two sites");
    arrives(&story, "users", "globex-user", is_new);
    arrives(&story, "frappesites", "one", is_new);
    assert!(start.elapsed() < Duration::from_secs(110), "{:?}", start.elapsed());
}

/// Waits for a write, and returns it.
fn arrives(story: &Story, resource: &str, name: &str, is_it: impl Fn(&Write) -> bool) -> Write {
    eventually(&format!("a write of {resource} {name}"), LIMIT, || {
        let mut writes = story.writes().into_iter();
        let found = writes.find(|write| {
            let is_of = write.resource == resource && write.name == name;
            is_of && write.agent.starts_with("kustomize-controller") && is_it(write)
        });
        found.ok_or("there is none")
    })
}

/// How long after a write another one came.
fn seconds(one: &Write, other: &Write) -> f64 {
    // `2026-11-27T16:58:52.601110Z`
    let of_the_day = |write: &Write| -> f64 {
        let time = write.time.split_once('T').unwrap().1.trim_end_matches('Z');
        time.split(':').fold(0.0, |sum, part| sum * 60.0 + part.parse::<f64>().unwrap())
    };
    (of_the_day(other) - of_the_day(one)).rem_euclid(86_400.0)
}
