//! The fields of a definition that have no effect on its PostgreSQL.

use super::spec::Home;
use crate::language::Mode;
use crate::layers::Idle;

/// The fields that have no effect on a site with this database.
pub(super) fn of_site(home: &Home) -> Vec<Idle> {
    const OF_A_SERVER: [&[&str]; 9] = [
        &["database", "storageSize"],
        &["database", "storageClassName"],
        &["database", "resources"],
        &["database", "version"],
        &["database", "image"],
        &["database", "settings"],
        &["database", "metrics"],
        &["database", "instances"],
        &["database", "bootstrapFrom"],
    ];
    const CONNECTION: &[&str] = &["database", "connection"];
    let place = match home.mode() {
        Mode::Shared => "in the mode shared",
        Mode::Dedicated => "in the mode dedicated",
        Mode::External => "in the mode external",
    };
    let one = |path, help| Idle { path, help, place };
    let on_server = "state it on the DatabaseServer, or `mode: dedicated`";
    let external = "state `mode: external`, or remove it";
    let mut idle = Vec::new();
    match home {
        Home::Dedicated { .. } => {
            idle.push(one(&["database", "server"], "state `mode: shared`, or remove it"));
            idle.push(one(CONNECTION, external));
        }
        Home::On { .. } => {
            idle.extend(OF_A_SERVER.map(|path| one(path, on_server)));
            idle.push(one(CONNECTION, external));
        }
        Home::Connected(_) => {
            idle.extend(OF_A_SERVER.map(|path| one(path, on_server)));
            let help = "remove it: the account already exists, so set its limit on the server";
            idle.push(one(&["database", "maxUserConnections"], help));
            let help =
                "remove it: sitewright did not create the database, so its owner must drop it";
            idle.push(one(&["data"], help));
            idle.push(one(&["backup"], "remove it: back up the database where it is"));
        }
    }
    idle
}

/// The fields that have no effect on a server that is only referred to.
pub(super) fn of_referenced_server() -> Vec<Idle> {
    const OF_AN_INSTANCE: [&[&str]; 11] = [
        &["version"],
        &["image"],
        &["storageSize"],
        &["storageClassName"],
        &["resources"],
        &["settings"],
        &["metrics"],
        &["instances"],
        &["backup"],
        &["bootstrapFrom"],
        &["pooler"],
    ];
    let place = "on a server with `managed: false`";
    let help = "remove it: the owner of the server states it there";
    OF_AN_INSTANCE.map(|path| Idle { path, help, place }).into()
}
