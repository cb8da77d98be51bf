//! sealed-secrets 0.36 to 0.40 (`pkg/controller/controller.go`) and External Secrets 2.9 (`apis/`).

use super::{Report, Verdict, View};

pub(super) fn sealed(view: &View) -> Report {
    match view.condition("Synced") {
        None => Report::pending(),
        Some(_) if view.is_outdated() => Report::outdated(),
        Some(synced) if synced.is("True") => Report::ready(),
        Some(synced) => synced.report(Verdict::Retried),
    }
}

/// It has no `observedGeneration`.
pub(super) fn external(view: &View) -> Report {
    match view.condition("Ready") {
        None => Report::pending(),
        Some(ready) if ready.is("True") => Report::ready(),
        Some(ready) => ready.report(Verdict::Retried),
    }
}
