//! The exit codes, which mean the same in every command.

use sitewright::diagnostic::{Diagnostic, any_error};
use std::process::ExitCode;

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// All is well.
    Fine,
    /// There are findings: the manifests are out of date, or files were kept that should go.
    Findings,
    /// The input or the call is wrong; nothing was changed.
    Input,
}

impl Outcome {
    /// The one place that decides: errors before findings.
    pub(super) fn of(diagnostics: &[Diagnostic], findings: bool) -> Self {
        match (any_error(diagnostics), findings) {
            (true, _) => Outcome::Input,
            (false, true) => Outcome::Findings,
            (false, false) => Outcome::Fine,
        }
    }

    /// The number that scripts see.
    pub(super) fn code(self) -> u8 {
        match self {
            Outcome::Fine => 0,
            Outcome::Findings => 1,
            Outcome::Input => 2,
        }
    }
}

impl From<Outcome> for ExitCode {
    fn from(outcome: Outcome) -> Self {
        ExitCode::from(outcome.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sitewright::diagnostic::Code;

    #[test]
    fn errors_weigh_more_than_findings_and_warnings_nothing() {
        let error = || Diagnostic::of_path(Code::Empty, "a", "");
        let warning = || Diagnostic::of_path(Code::Foreign, "a", "");
        for (diagnostics, findings, code) in [
            (vec![], false, 0),
            (vec![warning()], false, 0),
            (vec![warning()], true, 1),
            (vec![error()], false, 2),
            (vec![error(), warning()], true, 2),
        ] {
            assert_eq!(Outcome::of(&diagnostics, findings).code(), code);
        }
    }
}
