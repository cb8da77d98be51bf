//! The fields of a definition that have no effect on its MariaDB.

use super::external::{ExternalServer, ExternalTls};
use super::spec::{Home, ServerHosting};
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
        &["database", "myCnf"],
        &["database", "metrics"],
        &["database", "podDisruptionBudget"],
        &["database", "bootstrapFrom"],
    ];
    let place = match home.mode() {
        Mode::Shared => "in the mode shared",
        Mode::Dedicated => "in the mode dedicated",
        Mode::External => "in the mode external",
    };
    let one = |path, help| Idle { path, help, place };
    let mut idle = Vec::new();
    match home {
        Home::Dedicated { .. } => {
            idle.push(one(&["database", "server"], "state `mode: shared`, or remove it"));
        }
        Home::On { .. } | Home::Connected(_) => {
            let help = "state it on the DatabaseServer, or `mode: dedicated`";
            idle.extend(OF_A_SERVER.map(|path| one(path, help)));
        }
    }
    match home {
        Home::Connected(_) => {
            let help = "remove it: the account already exists, so set its limit on the server";
            idle.push(one(&["database", "maxUserConnections"], help));
            let help =
                "remove it: sitewright did not create the database, so its owner must drop it";
            idle.push(one(&["data"], help));
            let help = "remove it: the Secret has the name of the database";
            idle.push(one(&["database", "name"], help));
            idle.push(one(&["backup"], "remove it: back up the database where it is"));
        }
        _ if home.mode() != Mode::External => {
            idle.push(one(&["database", "connection"], "state `mode: external`, or remove it"));
        }
        Home::On { .. } | Home::Dedicated { .. } => {}
    }
    idle
}

/// The fields that have no effect on a server of this place.
pub(super) fn of_server(stated: &ServerHosting) -> Vec<Idle> {
    const OF_AN_INSTANCE: [&[&str]; 11] = [
        &["version"],
        &["image"],
        &["storageSize"],
        &["storageClassName"],
        &["resources"],
        &["myCnf"],
        &["metrics"],
        &["replicas"],
        &["data"],
        &["podDisruptionBudget"],
        &["bootstrapFrom"],
    ];
    let place = match stated {
        ServerHosting::Managed(_) => return Vec::new(),
        ServerHosting::Referenced(_) => "on a server with `managed: false`",
        ServerHosting::External(_) => "on a server outside the cluster",
    };
    let help = "remove it: the owner of the server states it there";
    // The operator can log in to a server outside the cluster.
    let backup = matches!(stated, ServerHosting::Referenced(_)).then_some(&["backup"][..]);
    let of_an_instance = OF_AN_INSTANCE.into_iter().chain(backup);
    let of_an_instance = of_an_instance.map(|path| Idle { path, help, place });
    let tls = match stated {
        ServerHosting::External(external) => of_tls(external),
        _ => Vec::new(),
    };
    of_an_instance.chain(tls).collect()
}

/// Fields of `external.tls` that have no effect because of its other fields.
fn of_tls(external: &ExternalServer) -> Vec<Idle> {
    const TLS: &[&str] = &["external", "tls"];
    const CLIENT: &[&str] = &["external", "tls", "clientCertSecretRef"];
    const OF_TLS: [&[&str]; 3] =
        [&["external", "tls", "mutual"], &["external", "tls", "serverCASecretRef"], CLIENT];
    let idle = |help, place| move |path| Idle { path, help, place };
    if !external.managed {
        let help = "remove it: the owner of the ExternalMariaDB states it there";
        return vec![idle(help, "on a server with `managed: false`")(TLS)];
    }
    match &external.tls {
        ExternalTls::Off => {
            OF_TLS.map(idle("remove it, or `enabled: false`", "with `enabled: false`")).into()
        }
        ExternalTls::On { client: None, .. } => {
            vec![idle("remove it, or `mutual: false`", "with `mutual: false`")(CLIENT)]
        }
        ExternalTls::On { .. } | ExternalTls::Unstated => Vec::new(),
    }
}
