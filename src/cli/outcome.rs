//! The exit codes, which mean the same in every command.

use sitewright::diagnostic::{Code, Diagnostic};
use std::process::ExitCode;

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Success.
    Fine,
    /// There are findings: the manifests are out of date, or files were kept that should be
    /// removed.
    Findings,
    /// The input or the call is wrong. Nothing was changed.
    Input,
    /// The only errors are passwords without a record, which the command may not make.
    Locked,
    /// A change is riskier than allowed.
    Denied,
}

impl Outcome {
    /// The outcome of these diagnostics. The order of precedence is: other errors, denied changes,
    /// missing records, findings.
    pub(super) fn of(diagnostics: &[Diagnostic], findings: bool) -> Self {
        let of = |found: &Diagnostic| match found.code {
            _ if !found.is_error() => Outcome::Fine,
            Code::NoRecord => Outcome::Locked,
            Code::RuleTest => Outcome::Findings,
            Code::TooManyRemovals | Code::TooManyRotations => Outcome::Denied,
            _ => Outcome::Input,
        };
        let all = diagnostics.iter().map(of).chain(findings.then_some(Outcome::Findings));
        let all: Vec<Outcome> = all.collect();
        let weights = [Outcome::Input, Outcome::Denied, Outcome::Locked, Outcome::Findings];
        weights.into_iter().find(|outcome| all.contains(outcome)).unwrap_or(Outcome::Fine)
    }

    /// The same for a diff. A denied change has precedence over everything except an error.
    pub(super) fn of_diff(diagnostics: &[Diagnostic], denied: bool, differs: bool) -> Self {
        match Self::of(diagnostics, differs) {
            Outcome::Input => Outcome::Input,
            _ if denied => Outcome::Denied,
            other => other,
        }
    }

    /// The number that scripts see.
    pub(super) fn code(self) -> u8 {
        match self {
            Outcome::Fine => 0,
            Outcome::Findings => 1,
            Outcome::Input => 2,
            Outcome::Locked => 3,
            Outcome::Denied => 4,
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

    #[test]
    fn errors_weigh_most_then_missing_records_and_warnings_nothing() {
        let error = || Diagnostic::of_path(Code::Empty, "a", "");
        let warning = || Diagnostic::of_path(Code::Foreign, "a", "");
        let denied = || Diagnostic::of_path(Code::TooManyRemovals, "a", "");
        let locked = || Diagnostic::of_path(Code::NoRecord, "a", "");
        for (diagnostics, findings, code) in [
            (vec![], false, 0),
            (vec![warning()], false, 0),
            (vec![warning()], true, 1),
            (vec![error()], false, 2),
            (vec![error(), warning()], true, 2),
            (vec![locked(), warning()], true, 3),
            (vec![locked(), error()], false, 2),
            (vec![denied(), locked()], true, 4),
            (vec![denied(), error()], false, 2),
        ] {
            assert_eq!(Outcome::of(&diagnostics, findings).code(), code);
        }
    }

    #[test]
    fn what_is_denied_weighs_more_than_anything_but_an_error() {
        let error = || Diagnostic::of_path(Code::Empty, "a", "");
        let locked = || Diagnostic::of_path(Code::NoRecord, "a", "");
        for (diagnostics, denied, differs, code) in [
            (vec![], false, false, 0),
            (vec![], false, true, 1),
            (vec![], true, true, 4),
            (vec![locked()], false, true, 3),
            (vec![locked()], true, true, 4),
            (vec![error()], true, true, 2),
        ] {
            assert_eq!(Outcome::of_diff(&diagnostics, denied, differs).code(), code);
        }
    }
}
