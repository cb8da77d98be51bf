//! A site's retirement goes live for all of its objects or for none, whatever holds Flux up between two
//! commits.

use super::stage::{OLD, Stage};
use super::story::{LIMIT, Story, shared};
use cluster::eventually;

/// What `acme` has.
const ACME: [&str; 6] = [
    "Database acme-db",
    "FrappeSite acme",
    "Grant acme-grant",
    "SealedSecret acme-admin",
    "SealedSecret acme-db-password",
    "User acme-user",
];

/// The retirement reaches the layer of the data, while the layer of the sites waits for a database of
/// another site; the next commit removes the file, and is the next one that the sites see.
#[test]
fn a_retirement_that_one_layer_skipped_takes_the_whole_site() {
    let Some(stage) = Stage::shared(OLD) else { return };
    let story = Story::begin(stage, "apart", "cluster");
    delivered_with_short_waits(&story);

    story.stage.operators.hold(&story.held("Database initech-db"));
    story.define("initech.yaml", &shared("initech"));
    story.state("acme.yaml", "lifecycle: retired\n");
    let retired = story.commit("Retire acme, and a new site");
    eventually("the retirement is live in the data", LIMIT, || {
        let live = story.object("Database acme-db");
        if live.is_retired { Ok(()) } else { Err(live.object) }
    });
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

/// The pack as it is but for `timeout`: nothing here may wait for minutes until a health check ends.
fn delivered_with_short_waits(story: &Story) {
    let first = story.push("The fleet");
    story.apply_pack_with(|text| {
        let lines = text.lines().map(|line| match line.trim_start().starts_with("timeout: ") {
            true if text.contains("kind: Kustomization\n") => "  timeout: 6s",
            _ => line,
        });
        lines.collect::<Vec<_>>().join("\n")
    });
    story.settle(&first);
}
