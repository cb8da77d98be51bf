//! What stays in the cluster and what goes, when files go and when Flux itself goes.

use super::stage::Stage;
use super::story::{BACKUP, Story};
use std::collections::BTreeSet;
use std::sync::Arc;

/// A file that is deleted by mistake.
pub(crate) fn what_was_never_retired_stays(stage: Arc<Stage>) {
    let story = Story::begin(stage, "kept", "cluster");
    story.state("acme.yaml", BACKUP);
    story.deliver_all();
    let before = story.live();
    let of_acme: BTreeSet<String> = before
        .keys()
        .filter(|id| id.contains(" acme") && !id.starts_with("Secret "))
        .cloned()
        .collect();
    let inventories = || &story.inventory("data") | &story.inventory("sites");
    assert!(of_acme.len() > 4 && of_acme.is_subset(&inventories()), "{of_acme:?}");

    // When its file goes, then every object stays as it was, and Flux forgets it.
    story.remove("acme");
    story.deliver("Delete acme by mistake");
    assert_eq!(story.live(), before);
    for id in &of_acme {
        assert!(before[id].is_marked, "{id}");
    }
    assert_eq!(&inventories() & &of_acme, BTreeSet::new());

    // When the mistake is reverted, then Flux has it back.
    story.repository.git(&["revert", "--no-edit", "HEAD"]);
    story.deliver("Delete nothing");
    assert_eq!(story.live(), before);
    assert!(of_acme.is_subset(&inventories()));

    // When the Kustomizations are deleted, then nothing else is.
    story.delete(&["sites", "data"]);
    assert_eq!(story.live(), before);
}
