//! A rotation, from the record to the Secret.

use super::project::{CLUSTER, Project, objects};
use super::stage::{FRANKFURT, Stage, name_of};
use std::collections::BTreeMap;

/// Operators that watch the Secret never find it missing.
pub(crate) fn a_rotation_changes_one_secret_in_place(stage: &Stage) {
    let project = Project::begin(stage, "rotated", "{mode: sealed}", FRANKFURT);
    project.deliver();
    let before = stage.secret("rotated", "acme-db-credentials");
    let others = ["acme-admin", "db-root"].map(|name| stage.secret("rotated", name));

    project.sitewright("secrets rotate acme/acme-db-credentials");
    project.deliver();

    let after = stage.secret("rotated", "acme-db-credentials");
    assert_eq!(after.uid, before.uid);
    assert_ne!(after.password(), before.password());
    assert!(after.password().is_minted(), "{after:?}");
    assert_eq!((before.generation(), after.generation()), ("1", "2"));
    let mut expected = before.shape.clone();
    expected.annotations["sitewright/generation"] = "2".into();
    assert_eq!(after.shape, expected);
    assert_eq!(["acme-admin", "db-root"].map(|name| stage.secret("rotated", name)), others);
    assert_eq!(
        writes_to_secrets(stage, "rotated"),
        BTreeMap::from([
            ("acme-admin".to_owned(), vec!["create".to_owned()]),
            ("acme-db-credentials".to_owned(), vec!["create".to_owned(), "update".to_owned()]),
            ("db-root".to_owned(), vec!["create".to_owned()]),
        ])
    );

    // What reads it says which value it is to have seen.
    let rendered = objects(&project.root.join("rendered"), CLUSTER);
    let user = rendered.iter().find(|object| name_of(object) == "acme-user").unwrap();
    let annotations = &user["metadata"]["annotations"];
    assert_eq!(annotations["sitewright/db-credentials-generation"], after.generation());
}

/// What was done to the Secrets of a namespace, by their names.
fn writes_to_secrets(stage: &Stage, namespace: &str) -> BTreeMap<String, Vec<String>> {
    let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for write in stage.plane.writes() {
        if write.resource == "secrets" && write.namespace == namespace && write.code < 300 {
            found.entry(write.name).or_default().push(write.verb);
        }
    }
    found
}
