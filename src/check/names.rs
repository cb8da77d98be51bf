//! Names that operators use for something else, and names too long for what they derive.

use crate::diagnostic::{Code, Diagnostic};
use crate::resolve::{Common, Database, Fleet, ServerPlace};

/// A MariaDB becomes a StatefulSet, whose pods carry the label `controller-revision-hash` with its
/// name, a dash and ten digits; a label's value has 63 characters (Kubernetes).
const MAX_MARIADB: usize = 63 - 11;

/// A site's Job is `<site>-init`, and a Job's name is a label's value (Kubernetes).
const MAX_SITE: usize = 63 - "-init".len();

pub(super) fn check(fleet: &Fleet) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for server in &fleet.servers {
        if let ServerPlace::Managed(_) = server.place {
            found.extend(too_long(&server.common, MAX_MARIADB, "a MariaDB's StatefulSet"));
        }
    }
    for bench in &fleet.benches {
        found.extend(too_long(&bench.common, MAX_SITE, "the bench's Job"));
    }
    for site in &fleet.sites {
        let common = &site.common;
        let dedicated = matches!(site.database, Database::Dedicated { .. });
        found.extend(match dedicated {
            true => {
                too_long(common, MAX_MARIADB - "-mariadb".len(), "the StatefulSet of its MariaDB")
            }
            false => too_long(common, MAX_SITE, "the site's Job"),
        });
        // frappe-operator: both own the Job `<name>-init`, and one that succeeded counts as
        // "initialised" for the other.
        let bench = &fleet.bench(site.bench).common;
        if bench.name == common.name {
            found.push(
                Diagnostic::new(
                    Code::ReservedName,
                    common.origin.definition.span(),
                    format!(
                        "the site `{0}` has its bench's name: both would own the Job `{0}-init`",
                        common.name
                    ),
                )
                .related(bench.origin.definition.span(), "the bench")
                .help("rename one of the files"),
            );
        }
        // frappe-operator: a shared site without a stated server uses `frappe-mariadb`.
        if dedicated && common.name.as_str() == "frappe" {
            found.push(
                Diagnostic::new(
                    Code::ReservedName,
                    common.origin.definition.span(),
                    "the dedicated server of a site named `frappe` would be `frappe-mariadb`, the operator's shared one",
                )
                .help("rename the file"),
            );
        }
    }
    found
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
