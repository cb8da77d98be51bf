//! frappe-operator 2.3 to 2.6.4 and 5.2: `controllers/frappesite_controller.go`,
//! `controllers/frappebench_controller.go`.
//!
//! The phase decides, and not the condition `Ready`: from 2.6.4 that stays True while a changed site
//! provisions again, and up to 2.5 there is none.

use super::{Fact, Report, Verdict, View};
use crate::kind::Kind;
use sitewright_api::Readiness;

pub(super) fn site(view: &View, kind: Kind, readiness: Option<Readiness>) -> Report {
    let database = view.status.database_name.clone().filter(|it| !it.is_empty());
    let report = match readiness {
        // 2.3 changes the phase of a ready site for ever, and keeps the address of its first Ready.
        Some(Readiness::SiteUrl) => match view.status.site_url.as_deref() {
            Some(address) if !address.is_empty() => Report::ready(),
            _ => not_ready(view, kind),
        },
        None => match view.phase() {
            Some("Ready") if view.is_outdated() => Report::outdated(),
            Some("Ready") => Report::ready(),
            _ => not_ready(view, kind),
        },
    };
    Report { fact: database.map(Fact::Database), ..report }
}

fn not_ready(view: &View, kind: Kind) -> Report {
    let Some(phase) = view.phase() else { return Report::pending() };
    if view.condition("Terminating").is_some_and(|it| it.is("True")) {
        return Report::new(Verdict::Deleting, "it is being deleted");
    }
    let Some(reason) = explanation(view) else {
        let verdict = if phase == "Failed" { Verdict::Retried } else { Verdict::Provisioning };
        return Report::new(verdict, format!("phase {phase}"));
    };
    if phase != "Failed" {
        return Report::new(Verdict::Provisioning, reason.text());
    }
    // The init Job of 5.x has no retries: what it leaves behind ends with a person. Up to 2.6 a first
    // failed pod writes this phase, while the Job goes on.
    let is_final = kind == Kind::FrappeSiteV1
        && reason.type_ == "Ready"
        && reason.reason.as_deref() == Some("SiteInitializationFailed");
    reason.report(if is_final { Verdict::NeedsPerson } else { Verdict::Retried })
}

/// The condition that says why a site is not ready: from 2.6 on.
fn explanation<'a>(view: &View<'a>) -> Option<&'a crate::observed::ForeignCondition> {
    let types = ["Ready", "BenchReady", "DatabaseReady"];
    types.iter().filter_map(|type_| view.condition(type_)).find(|it| it.is("False"))
}

pub(super) fn bench(view: &View) -> Report {
    let explanation = view.condition("Ready").filter(|it| it.is("False"));
    match view.phase() {
        None => Report::pending(),
        Some("Ready") if view.is_outdated() => Report::outdated(),
        Some("Ready") => Report::ready(),
        // Written while its Job still has retries. `Degraded` is never cleared, so nothing reads it.
        Some("Failed") => match explanation {
            Some(ready) => ready.report(Verdict::Retried),
            None => Report::new(Verdict::Retried, "phase Failed"),
        },
        Some(phase) => match explanation {
            Some(ready) => Report::new(Verdict::Provisioning, ready.text()),
            None => Report::new(Verdict::Provisioning, format!("phase {phase}")),
        },
    }
}
