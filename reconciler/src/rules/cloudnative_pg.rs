//! CloudNativePG 1.30: `api/v1/cluster_types.go`, `api/v1/database_types.go`.

use super::{Fact, Report, Verdict, View};

/// Phases that a Cluster leaves only when somebody acts.
const NEEDS_PERSON: [&str; 6] = [
    "Cluster is unrecoverable and needs manual intervention",
    "Waiting for user action",
    "Invalid cluster definition",
    "Cluster has incomplete or invalid image catalog",
    "Cluster cannot proceed to reconciliation due to an unknown plugin being required",
    "Cluster cannot execute instance online upgrade due to missing architecture binary",
];

/// Phases of a failure that the operator tries to get over.
const RETRIED: [&str; 2] = [
    "Unable to create required cluster objects",
    "Cluster cannot proceed to reconciliation due to an error while interacting with plugins",
];

pub(super) fn cluster(view: &View) -> Report {
    let service = view.status.write_service.clone().filter(|it| !it.is_empty());
    Report { fact: service.map(Fact::Service), ..cluster_state(view) }
}

fn cluster_state(view: &View) -> Report {
    let ready = view.condition("Ready");
    if let Some(ready) = ready.filter(|it| it.is("True")) {
        let is_outdated = ready.observed_generation.is_some_and(|it| Some(it) != view.generation);
        return if is_outdated { Report::outdated() } else { Report::ready() };
    }
    let Some(phase) = view.phase() else {
        return match ready {
            Some(ready) => ready.report(Verdict::Provisioning),
            None => Report::pending(),
        };
    };
    let verdict = match phase {
        _ if NEEDS_PERSON.contains(&phase) => Verdict::NeedsPerson,
        _ if RETRIED.contains(&phase) => Verdict::Retried,
        _ => Verdict::Provisioning,
    };
    let reason = view.status.phase_reason.as_deref().filter(|it| !it.trim().is_empty());
    match reason {
        Some(reason) => Report::new(verdict, format!("{phase}: {reason}")),
        None => Report::new(verdict, phase),
    }
}

/// Database and DatabaseRole. Both name their generation only when the SQL was executed.
pub(super) fn sql(view: &View) -> Report {
    let message = view.status.message.as_deref().filter(|it| !it.trim().is_empty());
    match view.status.applied {
        Some(true) if view.status.observed_generation == view.generation => Report::ready(),
        Some(true) => Report::outdated(),
        // On a first try the role that owns the database may be missing.
        Some(false) => Report::new(
            Verdict::Retried,
            message.unwrap_or("CloudNativePG could not apply it, and gives no reason"),
        ),
        None => Report::pending(),
    }
}
