//! One run of a command that may run again and again.

use super::outcome::Outcome;
use sitewright::diagnostic::{Code, Diagnostic};

/// The result of one run.
#[derive(Debug)]
pub(super) struct Turn {
    /// How it ended.
    pub(super) outcome: Outcome,
    /// The inputs that it wrote itself, such as records of passwords. The paths start at the project's folder.
    pub(super) wrote: Vec<String>,
    /// Whether it wrote nothing because of another run.
    pub(super) met_another_run: bool,
    /// Whether there is no project.
    pub(super) has_no_project: bool,
}

impl From<Outcome> for Turn {
    fn from(outcome: Outcome) -> Self {
        Self { outcome, wrote: Vec::new(), met_another_run: false, has_no_project: false }
    }
}

impl Turn {
    /// The result of a run that failed with these diagnostics.
    pub(super) fn failed(diagnostics: &[Diagnostic]) -> Self {
        let has = |code: Code| diagnostics.iter().any(|found| found.code == code);
        Self {
            met_another_run: has(Code::Busy),
            has_no_project: has(Code::NoProject),
            ..Outcome::of(diagnostics, false).into()
        }
    }
}
