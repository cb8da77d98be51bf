//! `delivery: cluster`: a commit arrives in the right order, and the next one writes what it changes.

use super::stage::Stage;
use super::story::{LIMIT, Live, Story};
use cluster::{Write, eventually, steadily};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// Whatever a site needs, before frappe-operator sees it.
const DATA: [&str; 6] =
    ["mariadbs", "databases", "users", "grants", "sealedsecrets", "frappebenches"];

pub(crate) fn a_commit_arrives_in_order_and_the_next_writes_what_it_changes(stage: Arc<Stage>) {
    let story = Story::begin(stage, "delivered", "cluster");

    // Given a project, one of whose databases is not made for now, and the pack,
    story.stage.operators.hold(&story.held("Database globex-db"));
    let first = story.push("The fleet");
    story.apply_pack();

    // when the commit arrives, then nothing of a site is there as long as any database is missing.
    eventually("the last of the data is there", LIMIT, || {
        story.find("User globex-user").ok_or("no User")
    });
    steadily("no FrappeSite comes before its data", Duration::from_secs(5), || {
        match story.find("FrappeSite acme").or_else(|| story.find("FrappeSite globex")) {
            None => Ok(()),
            Some(live) => Err(live.object),
        }
    });
    story.stage.operators.release(&story.held("Database globex-db"));
    story.settle(&first);
    in_order(&story);

    // When the next commit changes one field, then one object is written, once.
    let before = story.live();
    let written = story.writes().len();
    let limit = "database: {server: db, maxUserConnections: 50}";
    story.repository.edit(&story.path("globex.yaml"), "database: {server: db}", limit);
    story.deliver("More connections");
    let after = story.live();
    assert_eq!(story.object("User globex-user").object["spec"]["maxUserConnections"], 50);
    let changed: Vec<&String> = after
        .iter()
        .filter(|(id, live)| version(&before, id) != live.version)
        .map(|it| it.0)
        .collect();
    assert_eq!(changed, ["User globex-user"]);
    let written = &story.writes()[written..];
    assert_eq!(written.iter().map(|write| &*write.name).collect::<Vec<_>>(), ["globex-user"]);
}

fn version(live: &BTreeMap<String, Live>, id: &str) -> String {
    live.get(id).map(|live| live.version.clone()).unwrap_or_default()
}

/// Everything that a FrappeSite refers to was made, and was ready, before the first FrappeSite came.
fn in_order(story: &Story) {
    let writes = story.writes();
    let is_new = |write: &&Write| write.code == 201 && write.subresource.is_empty();
    let made: Vec<&Write> = writes.iter().filter(is_new).collect();
    let site = made.iter().find(|write| write.resource == "frappesites").expect("a site");
    for write in &writes {
        let is_of_data = DATA.contains(&&*write.resource) || write.resource == "secrets";
        assert!(!is_of_data || write.time < site.time, "{write:?}\nafter {site:?}");
    }
    let count = |resource: &str| made.iter().filter(|write| write.resource == resource).count();
    for (resource, expected) in [
        ("mariadbs", 2),
        ("databases", 3),
        ("users", 3),
        ("grants", 3),
        ("frappebenches", 1),
        ("frappesites", 3),
    ] {
        assert_eq!(count(resource), expected, "{resource}");
    }
    if story.stage.secrets() == "sealed" {
        assert_eq!((count("sealedsecrets"), count("secrets")), (8, 8));
    }
}
