//! Finds fields that have no effect in their definition. Only fields of the definition's own file
//! are reported, because a folder's defaults and plans serve sites of every mode.

use crate::diagnostic::{Code, Diagnostic};
use crate::provider::{Unit, units};
use crate::resolve::{
    Bench, Database, ExternalServer, ExternalTls, Fleet, Server, ServerPlace, Site,
};
use rayon::prelude::*;

/// A field that has no effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Idle {
    /// The path of the field in the definition.
    pub path: &'static [&'static str],
    /// What to do instead.
    help: &'static str,
    /// The reason in a few words, such as `in the mode shared`.
    place: &'static str,
}

pub(super) fn check(fleet: &Fleet) -> Vec<Diagnostic> {
    units(fleet).into_par_iter().flat_map_iter(stated).collect()
}

/// The fields of the definition's own file that have no effect.
fn stated(unit: Unit) -> Vec<Diagnostic> {
    let origin = &unit.common().origin;
    idle(unit)
        .into_iter()
        .filter_map(|Idle { path, help, place }| {
            let message = format!("`{}` has no effect {place}", path.join("."));
            Some(Diagnostic::new(Code::NoEffect, origin.key_here(path)?, message).help(help))
        })
        .collect()
}

/// The fields that have no effect on the objects of a definition.
pub fn idle(unit: Unit) -> Vec<Idle> {
    match unit {
        Unit::Site(site) => of_site(site),
        Unit::Server(server) => of_server(server),
        Unit::Bench(bench) => of_bench(bench),
    }
}

fn of_site(site: &Site) -> Vec<Idle> {
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
    let place = match &site.database {
        Database::Shared { .. } => "in the mode shared",
        Database::Dedicated { .. } => "in the mode dedicated",
        Database::External { .. } | Database::Connected(_) => "in the mode external",
    };
    let one = |path, help| Idle { path, help, place };
    let mut idle = Vec::new();
    if matches!(site.database, Database::Dedicated { .. }) {
        idle.push(one(&["database", "server"], "state `mode: shared`, or remove it"));
    } else {
        let help = "state it on the DatabaseServer, or `mode: dedicated`";
        idle.extend(OF_A_SERVER.map(|path| one(path, help)));
    }
    match site.database {
        Database::Shared { .. } | Database::Dedicated { .. } => {
            idle.push(one(&["database", "connection"], "state `mode: external`, or remove it"));
        }
        Database::Connected(_) => {
            let help = "remove it: the account already exists, so set its limit on the server";
            idle.push(one(&["database", "maxUserConnections"], help));
            let help =
                "remove it: sitewright did not create the database, so its owner must drop it";
            idle.push(one(&["data"], help));
            idle.push(one(&["backup"], "remove it: back up the database where it is"));
        }
        Database::External { .. } => {}
    }
    idle
}

fn of_server(server: &Server) -> Vec<Idle> {
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
    let place = match &server.place {
        ServerPlace::Managed(_) => return Vec::new(),
        ServerPlace::Referenced(_) => "on a server that is only referred to",
        ServerPlace::External(_) => "on a server outside the cluster",
    };
    let help = "remove it: the owner of the server states it there";
    // The operator can log in to a server outside the cluster.
    let backup = matches!(server.place, ServerPlace::Referenced(_)).then_some(&["backup"][..]);
    let of_an_instance = OF_AN_INSTANCE.into_iter().chain(backup);
    let of_an_instance = of_an_instance.map(|path| Idle { path, help, place });
    let tls = match &server.place {
        ServerPlace::External(external) => of_tls(external),
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
        return vec![idle(help, "on a server that is only referred to")(TLS)];
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

fn of_bench(bench: &Bench) -> Vec<Idle> {
    // Some fields have an effect even when somebody else owns the bench: the suffix is part of the
    // sites' domains, and the version and the apps decide what the operator can start and install.
    const OF_A_BENCH: [&[&str]; 8] = [
        &["image"],
        &["componentReplicas"],
        &["componentResources"],
        &["redis"],
        &["workerAutoscaling"],
        &["fpm"],
        &["git"],
        &["storageClassName"],
    ];
    let place = "on a bench that is only referred to";
    let help = "remove it, or remove `managed: false`";
    let of_a_bench = OF_A_BENCH.map(|path| Idle { path, help, place });
    if bench.managed { Vec::new() } else { of_a_bench.into() }
}
