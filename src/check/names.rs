//! Names that operators use for something else, and names too long for what they derive.

use crate::diagnostic::{Code, Diagnostic};
use crate::language::BackupKind;
use crate::resolve::{Common, Database, Fleet, ServerPlace, Site};
use std::collections::HashMap;

/// A MariaDB becomes a StatefulSet, whose pods carry the label `controller-revision-hash` with its
/// name, a dash and ten digits; a label's value has 63 characters (Kubernetes).
const MAX_MARIADB: usize = 63 - 11;

/// A site's or bench's Job is `<name>-init`, and a Job's name is a label's value (Kubernetes).
const MAX_JOB: usize = 63 - "-init".len();

/// A backup is a CronJob `<name>-backup`, whose name has 52 characters (Kubernetes).
const MAX_LOGICAL: usize = 52 - "-backup".len();

/// A physical one makes Jobs with the time in 15 characters behind its name (mariadb-operator), and the
/// last one's is the longest.
const MAX_PHYSICAL: usize = 63 - "-backup-last".len() - 15;

pub(super) fn check(fleet: &Fleet) -> Vec<Diagnostic> {
    let servers = fleet.servers.iter().filter_map(|server| match server.place {
        ServerPlace::Managed(_) => too_long(&server.common, MAX_MARIADB, "a MariaDB's StatefulSet"),
        ServerPlace::Referenced(_) | ServerPlace::External(_) => None,
    });
    let benches = fleet.benches.iter();
    let benches = benches.filter_map(|bench| too_long(&bench.common, MAX_JOB, "the bench's Job"));
    let sites =
        fleet.sites.iter().flat_map(|site| [site_too_long(site), reserved(fleet, site)]).flatten();
    let of_servers = fleet.servers.iter().map(|server| (&server.common, &server.backup));
    let of_sites = fleet.sites.iter().map(|site| (&site.common, &site.backup));
    let backups = of_servers.chain(of_sites).filter_map(|(common, backup)| {
        let most = match backup.as_ref()?.kind {
            BackupKind::Logical => MAX_LOGICAL,
            BackupKind::Physical => MAX_PHYSICAL,
        };
        too_long(common, most, "the Jobs of its backups")
    });
    servers.chain(benches).chain(sites).chain(backups).chain(jobs(fleet)).collect()
}

fn is_dedicated(site: &Site) -> bool {
    matches!(site.database, Database::Dedicated { .. })
}

fn site_too_long(site: &Site) -> Option<Diagnostic> {
    let (most, what) = match is_dedicated(site) {
        true => (MAX_MARIADB - "-mariadb".len(), "the StatefulSet of its MariaDB"),
        false => (MAX_JOB, "the site's Job"),
    };
    too_long(&site.common, most, what)
}

/// frappe-operator: a shared site that states no server uses `frappe-mariadb` of its namespace. Where
/// that is a DatabaseServer of ours, it is one object made twice, which is reported as such.
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

/// frappe-operator: a site and a bench of one name both own the Job `<name>-init`, and one that
/// succeeded makes the other count as initialised.
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

fn too_long(common: &Common, most: usize, what: &str) -> Option<Diagnostic> {
    let length = common.name.as_str().len();
    (length > most).then(|| {
        Diagnostic::new(
            Code::NameTooLong,
            common.origin.definition.span(),
            format!("the name `{}` has {length} characters, too many for {what}", common.name),
        )
        .help(format!("at most {most}: rename the file"))
    })
}
