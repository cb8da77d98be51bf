//! Finds names that operators already use, and names that are too long for the names that operators
//! derive from them.

use crate::diagnostic::{Code, Diagnostic};
use crate::language::{BackupKind, Topology};
use crate::operator::kubernetes::SERVICE_NAMES_WITH_DIGITS;
use crate::resolve::{Backup, Common, Database, Fleet, Server, ServerPlace, Site};
use std::collections::HashMap;

/// A kind of object, and the maximum length of its name.
struct Taker {
    kind: &'static str,
    most: usize,
}

/// A label's value has 63 characters (Kubernetes).
const LABEL: usize = 63;

/// A DNS label (Kubernetes).
const SERVICE: Taker = Taker { kind: "Service", most: 63 };

/// The pods of a Job have its name as a label.
const JOB: Taker = Taker { kind: "Job", most: LABEL };

/// A CronJob creates Jobs whose names are eleven characters longer (Kubernetes).
const CRON_JOB: Taker = Taker { kind: "CronJob", most: 52 };

/// The pods of a StatefulSet have the label `controller-revision-hash`: the name, a dash and ten
/// digits (Kubernetes).
const STATEFUL_SET: Taker = Taker { kind: "StatefulSet", most: LABEL - 11 };

/// A PhysicalBackup creates Jobs that append the time, in fifteen characters, to its name
/// (`getObjectName` in `internal/controller/physicalbackup_controller.go` of mariadb-operator
/// 26.6).
const PHYSICAL_BACKUP: Taker = Taker { kind: "PhysicalBackup", most: LABEL - 15 };

/// A name that operators derive from a definition's name.
struct Derived {
    ending: &'static str,
    taker: Taker,
    /// The owner of the name, in words.
    of: &'static str,
}

macro_rules! derived {
    ($($ending:literal $taker:ident $of:literal;)+) => {
        &[$(Derived { ending: $ending, taker: $taker, of: $of }),+]
    };
}

// These tables list the names that can be too long. A definition's name has at most 63 characters.
// The names of Secrets, claims, Deployments, Ingresses and custom resources may have 253, so they
// are never too long.

/// mariadb-operator (`api/v1alpha1/mariadb_keys.go` of 26.6).
const SERVER: &[Derived] = derived! {
    "" STATEFUL_SET "the server";
    "" SERVICE "the server";
    "-internal" SERVICE "the server's pods";
};
const REPLICATED: &[Derived] = derived! {
    "-primary" SERVICE "the server for writes";
    "-secondary" SERVICE "the server for reads";
};
/// One name for each pod. There are at most 99 pods.
const GALERA: &[Derived] = derived! {
    "-0-recovery" JOB "the server after a crash";
};
const GALERA_OF_MANY: &[Derived] = derived! {
    "-10-recovery" JOB "the server after a crash";
};
const METRICS: &[Derived] = derived! {
    "-metrics" SERVICE "the server's metrics";
};
const OUTSIDE: &[Derived] = derived! {
    "" SERVICE "the server outside the cluster";
};
/// The names of a server that is called `<site>-mariadb`.
const DEDICATED: &[Derived] = derived! {
    "-mariadb" STATEFUL_SET "the site's server";
    "-mariadb" SERVICE "the site's server";
    "-mariadb-internal" SERVICE "the pods of the site's server";
};
const DEDICATED_METRICS: &[Derived] = derived! {
    "-mariadb-metrics" SERVICE "the metrics of the site's server";
};
/// frappe-operator (`controllers/frappebench_resources.go` of 2.3, `frappebench_redis.go` and
/// `frappebench_deployments.go` of 2.6.4).
const BENCH: &[Derived] = derived! {
    "-redis-cache" STATEFUL_SET "the bench's Redis";
    "-redis-queue" STATEFUL_SET "the bench's Redis";
    "-redis-cache" SERVICE "the bench's Redis";
    "-redis-queue" SERVICE "the bench's Redis";
    "-gunicorn" SERVICE "the bench";
    "-nginx" SERVICE "the bench";
    "-socketio" SERVICE "the bench";
    "-init" JOB "the bench";
};
/// frappe-operator (`controllers/frappesite_controller.go` of 2.3, `frappesite_jobs.go` of 2.6.4).
const SITE: &[Derived] = derived! {
    "-init" JOB "the site";
};
const DROPPED_SITE: &[Derived] = derived! {
    "-delete" JOB "the site";
};
const LOGICAL: &[Derived] = derived! {
    "-backup" CRON_JOB "the backups";
    "-backup-last" JOB "the last backup";
};
const PHYSICAL: &[Derived] = derived! {
    "-backup" PHYSICAL_BACKUP "the backups";
    "-backup-last" PHYSICAL_BACKUP "the last backup";
};

pub(super) fn check(fleet: &Fleet) -> Vec<Diagnostic> {
    let servers = fleet.servers.iter().map(|server| (&server.common, of_server(fleet, server)));
    let benches = fleet.benches.iter().filter(|bench| bench.managed);
    let benches = benches.map(|bench| (&bench.common, vec![BENCH]));
    let sites = fleet.sites.iter().map(|site| (&site.common, of_site(fleet, site)));
    let names = servers.chain(benches).chain(sites);
    let found = names.flat_map(|(common, tables)| unfit(fleet, common, &tables));
    let reserved = fleet.sites.iter().filter_map(|site| reserved(fleet, site));
    found.chain(reserved).chain(jobs(fleet)).collect()
}

fn of_server(fleet: &Fleet, server: &Server) -> Vec<&'static [Derived]> {
    let mut tables = of_backup(server.backup.as_deref());
    match &server.place {
        ServerPlace::Managed(instance) => {
            tables.push(SERVER);
            tables.extend(instance.metrics.then_some(METRICS));
            tables.extend((instance.topology != Topology::Standalone).then_some(REPLICATED));
            tables.extend((instance.topology == Topology::Galera).then_some(
                match instance.replicas {
                    0..=10 => GALERA,
                    _ => GALERA_OF_MANY,
                },
            ));
        }
        ServerPlace::External(outside) => {
            let dials = !fleet.cluster(&server.common).frappe.takes_connection;
            tables.extend((outside.managed && dials).then_some(OUTSIDE));
        }
        ServerPlace::Referenced(_) => {}
    }
    tables
}

fn of_site(fleet: &Fleet, site: &Site) -> Vec<&'static [Derived]> {
    let mut tables = of_backup(site.backup.as_deref());
    tables.push(SITE);
    tables.extend(fleet.cluster(&site.common).frappe.drops_site.then_some(DROPPED_SITE));
    if let Database::Dedicated { instance, .. } = &site.database {
        tables.push(DEDICATED);
        tables.extend(instance.metrics.then_some(DEDICATED_METRICS));
    }
    tables
}

fn of_backup(backup: Option<&Backup>) -> Vec<&'static [Derived]> {
    let table = backup.map(|backup| match backup.kind {
        BackupKind::Logical => LOGICAL,
        BackupKind::Physical => PHYSICAL,
    });
    table.into_iter().collect()
}

/// Reports a derived name that is too long, or that starts with a digit where the cluster's version
/// of Kubernetes may refuse that. Of several names that are too long it reports the one that leaves
/// the fewest characters for the definition's name.
fn unfit(fleet: &Fleet, common: &Common, tables: &[&'static [Derived]]) -> Option<Diagnostic> {
    let derived = || tables.iter().flat_map(|table| table.iter());
    let room = |derived: &&Derived| derived.taker.most - derived.ending.len();
    let tightest = derived().min_by_key(room)?;
    if common.name.as_str().len() > room(&tightest) {
        return Some(too_long(common, tightest, room(&tightest)));
    }
    let starts_with_digit = common.name.as_str().starts_with(|c: char| c.is_ascii_digit());
    let version = fleet.cluster(common).kubernetes;
    if !starts_with_digit || version.is_some_and(|it| it.has(&SERVICE_NAMES_WITH_DIGITS)) {
        return None;
    }
    let service = derived().find(|derived| derived.taker.kind == SERVICE.kind)?;
    Some(no_service(fleet, common, service))
}

fn too_long(common: &Common, derived: &Derived, room: usize) -> Diagnostic {
    let Derived { ending, taker, of } = derived;
    let length = common.name.as_str().len() + ending.len();
    let message = format!(
        "the {0} `{1}{ending}` of {of} has a name of {length} characters; a {0}'s has {2} at most",
        taker.kind, common.name, taker.most
    );
    Diagnostic::new(Code::NameTooLong, common.origin.definition.span(), message)
        .help(format!("rename the file: {room} characters at most"))
}

fn no_service(fleet: &Fleet, common: &Common, Derived { ending, of, .. }: &Derived) -> Diagnostic {
    let since = &SERVICE_NAMES_WITH_DIGITS;
    let message = format!(
        "the Service `{}{ending}` of {of} starts with a digit, which Kubernetes accepts only from {since} on",
        common.name
    );
    let cluster = fleet.cluster(common);
    let stated = cluster.kubernetes.map(|version| {
        let kubernetes = cluster.definition.node.as_ref().and_then(|node| node.get("kubernetes"));
        let span = kubernetes.map_or_else(|| cluster.definition.span(), |stated| stated.span);
        (span, format!("{version} is stated here"))
    });
    let (span, label) = stated
        .unwrap_or_else(|| (cluster.definition.span(), "no version is stated here".to_owned()));
    Diagnostic::new(Code::ServiceName, common.origin.definition.span(), message)
        .related(span, label)
        .help(format!(
            "rename the file so that a letter is first; or, where it runs, state `kubernetes: \"{since}\"` \
             in `_cluster.yaml`"
        ))
}

fn is_dedicated(site: &Site) -> bool {
    matches!(site.database, Database::Dedicated { .. })
}

/// frappe-operator: a shared site that states no server uses `frappe-mariadb` of its namespace. If
/// a DatabaseServer has that name, the two definitions create the same object, which is reported as
/// SW301.
fn reserved(fleet: &Fleet, site: &Site) -> Option<Diagnostic> {
    const SHARED: &str = "frappe-mariadb";
    let common = &site.common;
    if !is_dedicated(site) || common.name.as_str() != "frappe" {
        return None;
    }
    let is_taken = fleet.servers.iter().map(|server| &server.common).any(|server| {
        server.name.as_str() == SHARED
            && (server.cluster, &server.namespace) == (common.cluster, &common.namespace)
    });
    (!is_taken).then(|| {
        Diagnostic::new(
            Code::ReservedName,
            common.origin.definition.span(),
            format!("the dedicated server of a site named `frappe` would be `{SHARED}`, the operator's shared one"),
        )
        .help("rename the file, or state `mode: shared`")
    })
}

/// frappe-operator: a site and a bench with the same name both own the Job `<name>-init`. If the
/// Job of one of them succeeds, the other counts as initialised too.
fn jobs(fleet: &Fleet) -> Vec<Diagnostic> {
    let place = |common: &Common| (common.cluster, common.full_name());
    let benches: HashMap<_, &Common> =
        fleet.benches.iter().map(|bench| (place(&bench.common), &bench.common)).collect();
    let sites = fleet.sites.iter().map(|site| &site.common);
    sites
        .filter_map(|site| {
            let bench = benches.get(&place(site))?;
            Some(
                Diagnostic::new(
                    Code::ReservedName,
                    site.origin.definition.span(),
                    format!(
                        "the site `{0}` has the name of a bench in its namespace: both would own the Job `{0}-init`",
                        site.name
                    ),
                )
                .related(bench.origin.definition.span(), "the bench")
                .help("rename one of the files"),
            )
        })
        .collect()
}
