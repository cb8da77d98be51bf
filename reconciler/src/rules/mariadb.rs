//! mariadb-operator 25.10.4 and 26.6.0: `api/v1alpha1/condition_types.go`, `pkg/condition/ready.go`.
//!
//! None of its kinds has an `observedGeneration`: Ready may be older than the spec.

use super::{Report, Verdict, View};

/// Reasons of a MariaDB that is not ready and stays so until somebody acts.
const NEEDS_PERSON: [&str; 8] = [
    "Failed",
    "InitError",
    "ScaleOutError",
    "ReplicaRecoverError",
    "ArchiveBinlogsError",
    "ReplayBinlogsError",
    "Suspended",
    "Cordoned",
];

/// What an SQL object says while what it needs is not there yet. 1133 is MariaDB's "Can't find any matching
/// row in the user table": the Grant came before its User.
const WAITS: [&str; 5] = [
    "MariaDB not found",
    "Error connecting to MariaDB",
    "Error 1133",
    "error 1133",
    "MariaDB has pending binlog replay",
];

pub(super) fn server(view: &View) -> Report {
    let Some(ready) = view.condition("Ready") else { return Report::pending() };
    if ready.is("True") {
        return Report::ready();
    }
    let needs_person = ready.reason.as_deref().is_some_and(|it| NEEDS_PERSON.contains(&it));
    ready.report(if needs_person { Verdict::NeedsPerson } else { Verdict::Provisioning })
}

/// The status decides: its reason may be `Healthy` while it is not.
pub(super) fn external(view: &View) -> Report {
    match view.condition("Ready") {
        None => Report::pending(),
        Some(ready) if ready.is("True") => Report::ready(),
        Some(ready) => ready.report(Verdict::Retried),
    }
}

/// Database, User and Grant wait for their server without any condition.
pub(super) fn sql(view: &View) -> Report {
    match view.condition("Ready") {
        None => Report::new(Verdict::Pending, "it waits for its server"),
        Some(ready) if ready.is("True") => Report::ready(),
        // `ExternalMariaDB not found` holds the first one too.
        Some(ready) if WAITS.iter().any(|text| ready.text().contains(text)) => {
            ready.report(Verdict::Waiting)
        }
        Some(ready) => ready.report(Verdict::Retried),
    }
}
