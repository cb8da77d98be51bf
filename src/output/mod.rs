//! The output folder: telling how it differs from the wanted files, and writing them.
//!
//! No index and no cache stand beside the files. What a file is follows from the file alone: its
//! first line says whether it is ours, its second whether it is still as we wrote it ([`seal`]).
//! Files and folders whose names start with a dot are not part of the output and are never looked at.

mod compare;
mod comparison;
mod header;
pub mod layout;
mod listing;
mod opened;
mod paths;
mod report;
mod sink;
mod staging;
mod standing;
mod transaction;

pub use compare::Comparing;
pub(crate) use compare::holds;
pub use comparison::{Comparison, Entry, State};
pub use header::{is_ours, seal};
pub use paths::Scope;
pub use sink::{Collect, Discard, Elsewhere, Sink, Taken, Where};
pub use standing::{At, Earlier, Standing};
pub use transaction::{Prepared, Writing, Written};

use crate::diagnostic::Diagnostic;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// The wanted files: paths below the output folder, with `/` between their parts, and the sealed
/// bytes. No part of a path starts with a dot.
pub type Files = BTreeMap<String, Vec<u8>>;

/// How the files end that GitOps engines apply, whoever wrote them (source: the generator of fluxcd/pkg/kustomize,
/// which takes `.yaml` and `.yml`; the repository server of Argo CD, which takes `.json` and `.jsonnet` too).
pub const APPLIED: &[&str] = &[".yaml", ".yml", ".json", ".jsonnet"];

/// Whether a GitOps engine applies a file of this name.
pub(crate) fn is_applied(path: &str) -> bool {
    APPLIED.iter().any(|ending| path.ends_with(ending))
}

/// The output folder: where it is, and what messages call it.
#[derive(Clone, Debug)]
pub struct Folder {
    path: PathBuf,
    shown: String,
    /// The command that writes it, in messages.
    command: &'static str,
}

impl Folder {
    /// The folder at `path`, which messages call `shown`: the path as the user gave it.
    pub fn new(path: impl Into<PathBuf>, shown: impl Into<String>) -> Self {
        Self { path: path.into(), shown: shown.into(), command: "sitewright render" }
    }

    /// The same folder, written by another command.
    #[must_use]
    pub fn written_by(self, command: &'static str) -> Self {
        Self { command, ..self }
    }

    /// How what is there differs from the wanted files, as far as `scope` goes. Changes nothing.
    pub fn compare(&self, wanted: &Files, scope: &Scope) -> Result<Comparison, Box<Diagnostic>> {
        self.comparing(scope).finish(wanted, &Elsewhere::new())
    }

    /// The same of files that are taken one definition after the other.
    pub fn comparing(&self, scope: &Scope) -> Comparing<'_> {
        Comparing::begin(self, scope)
    }

    /// Makes the folder hold the wanted files, as far as `scope` goes.
    ///
    /// Files of others and files edited by hand are kept and returned as such; with `force` they
    /// give way to wanted files, and edited ones that are no longer wanted go. Nothing in the tree
    /// changes before all new bytes are written beside it, and then files change by renames only: an
    /// error before that leaves the tree as it was, and whenever a run is cut off, each file is
    /// complete, old or new, and the next run does the rest.
    pub fn write(
        &self,
        wanted: &Files,
        scope: &Scope,
        force: bool,
    ) -> Result<Written, Box<Diagnostic>> {
        self.writing(scope).prepare(wanted, &Elsewhere::new(), force)?.commit()
    }

    /// The same of files that are taken one definition after the other.
    pub fn writing(&self, scope: &Scope) -> Writing<'_> {
        Writing::begin(self, scope)
    }
}
