//! What a stage returns: its value, or its diagnostics, or both.

use super::{Diagnostic, any_error};

/// A value, or the diagnostics that say why there is none.
pub type Checked<T> = Result<T, Vec<Diagnostic>>;

/// Both values, or the diagnostics of both.
pub fn both<A, B>(one: Checked<A>, other: Checked<B>) -> Checked<(A, B)> {
    match (one, other) {
        (Ok(one), Ok(other)) => Ok((one, other)),
        (Err(one), Err(other)) => Err([one, other].concat()),
        (Err(found), Ok(_)) | (Ok(_), Err(found)) => Err(found),
    }
}

/// A value, and the diagnostics that were found while it was made. A stage returns this type if it
/// has a value in any case. For example, it leaves out what is invalid.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[must_use]
pub struct Reported<T> {
    /// The value.
    pub value: T,
    /// The diagnostics, in the order in which they were found.
    pub diagnostics: Vec<Diagnostic>,
}

impl<T> Reported<T> {
    /// The value. Its diagnostics are added to those of the caller.
    pub fn add_to(self, diagnostics: &mut Vec<Diagnostic>) -> T {
        diagnostics.extend(self.diagnostics);
        self.value
    }

    /// The same, or only the diagnostics if one of them fails the run.
    pub fn without_errors(self) -> Checked<Self> {
        if any_error(&self.diagnostics) { Err(self.diagnostics) } else { Ok(self) }
    }
}
