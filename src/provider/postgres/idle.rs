//! The fields of a definition that have no effect on its PostgreSQL.

use crate::layers::Idle;

/// The fields that have no effect on a server that is only referred to.
pub(super) fn of_referenced_server() -> Vec<Idle> {
    const OF_AN_INSTANCE: [&[&str]; 8] = [
        &["version"],
        &["image"],
        &["storageSize"],
        &["storageClassName"],
        &["resources"],
        &["settings"],
        &["metrics"],
        &["instances"],
    ];
    let place = "on a server that is only referred to";
    let help = "remove it: the owner of the server states it there";
    OF_AN_INSTANCE.map(|path| Idle { path, help, place }).into()
}
