//! The output folder: finds its differences from the wanted files, and writes the files.
//!
//! There is no index and no cache beside the files. A file itself tells its state: the first line
//! shows that sitewright wrote it, and the second line shows whether it was edited since
//! ([`with_header`]). Files and folders whose names start with a dot are not part of the output and are
//! ignored.

mod allowed;
mod compare;
mod comparison;
mod earlier;
mod header;
pub mod layout;
mod listing;
mod opened;
mod part;
mod paths;
mod report;
mod sink;
mod staging;
mod transaction;

pub use allowed::Allowed;
pub use compare::Comparing;
pub(crate) use compare::holds;
pub use comparison::{Comparison, Entry, State};
pub use earlier::{At, Earlier, EarlierManifests};
pub use header::{is_ours, with_header};
pub use part::CollectPart;
pub use paths::Scope;
pub use sink::{Collect, Discard, Elsewhere, Sink, Taken, Where};
pub use transaction::{Prepared, Writing, Written};

use crate::diagnostic::Diagnostic;
use crate::source::Patience;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// The wanted files: their paths below the output folder, with `/` between the parts, and their
/// bytes, which include the header. No part of a path starts with a dot.
pub type Files = BTreeMap<String, Vec<u8>>;

/// The endings of files that GitOps engines apply, even if sitewright did not write them (source:
/// the generator of fluxcd/pkg/kustomize, which applies `.yaml` and `.yml`; the repository server
/// of Argo CD, which also applies `.json` and `.jsonnet`).
pub const APPLIED: &[&str] = &[".yaml", ".yml", ".json", ".jsonnet"];

/// Whether a GitOps engine applies a file of this name.
pub(crate) fn is_applied(path: &str) -> bool {
    APPLIED.iter().any(|ending| path.ends_with(ending))
}

/// The output folder: its path, and its name in messages.
#[derive(Clone, Debug)]
pub struct Folder {
    path: PathBuf,
    shown: String,
    /// The command that writes the folder, for messages.
    command: &'static str,
    /// How long a run waits while another run writes the folder.
    patience: Patience,
    /// The files of others that are not reported.
    allowed: Allowed,
}

impl Folder {
    /// The folder at `path`. Messages use `shown`, the path as the user gave it.
    pub fn new(path: impl Into<PathBuf>, shown: impl Into<String>) -> Self {
        let (path, shown) = (path.into(), shown.into());
        let (command, patience) = ("sitewright render", Patience::NONE);
        Self { path, shown, command, patience, allowed: Allowed::default() }
    }

    /// The same folder, written by another command.
    #[must_use]
    pub fn written_by(self, command: &'static str) -> Self {
        Self { command, ..self }
    }

    /// The same folder. A run that writes it waits while another run does.
    #[must_use]
    pub fn waited_for(self, patience: Patience) -> Self {
        Self { patience, ..self }
    }

    /// The same folder, in which these files of others are not reported.
    #[must_use]
    pub fn allowing(self, allowed: Allowed) -> Self {
        Self { allowed, ..self }
    }

    /// Whether the project allows a file of others at this path.
    pub fn allows(&self, path: &str) -> bool {
        self.allowed.has(path)
    }

    /// The differences between the folder and the wanted files, within `scope`. It changes nothing.
    pub fn compare(&self, wanted: &Files, scope: &Scope) -> Result<Comparison, Box<Diagnostic>> {
        self.comparing(scope).finish(wanted, &Elsewhere::new())
    }

    /// Starts a comparison to which files are given one definition after the other.
    pub fn comparing(&self, scope: &Scope) -> Comparing<'_> {
        Comparing::begin(self, scope)
    }

    /// Writes the wanted files and removes old ones, within `scope`.
    ///
    /// Files of others and files edited by hand are kept and returned as such. With `force`, wanted
    /// files replace them, and edited files that are no longer wanted are removed. All new bytes
    /// are first written beside the tree. Then files change only by renames. So an earlier error
    /// leaves the tree unchanged. If a run is killed, each file has either its old or its new text,
    /// and the next run finishes the work.
    pub fn write(
        &self,
        wanted: &Files,
        scope: &Scope,
        force: bool,
    ) -> Result<Written, Box<Diagnostic>> {
        self.writing(scope).prepare(wanted, &Elsewhere::new(), force)?.commit()
    }

    /// Starts a write to which files are given one definition after the other.
    pub fn writing(&self, scope: &Scope) -> Writing<'_> {
        Writing::begin(self, scope)
    }
}
