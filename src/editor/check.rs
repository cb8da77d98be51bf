//! A check of the project with the texts that an editor has open.

use crate::diagnostic::{Code, Diagnostic, Reported};
use crate::output::Discard;
use crate::project::{self, Project, Refused};
use crate::secret::Missing;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

/// The input of a check. It owns all that it needs, so any thread can run it.
#[derive(Debug)]
pub struct Check {
    pub(super) root: PathBuf,
    pub(super) open: BTreeMap<String, Arc<str>>,
}

/// What was read of a folder.
#[derive(Debug)]
#[expect(clippy::large_enum_variant, reason = "there is one, and it moves twice")]
pub enum Read {
    /// It has no project.
    NoProject,
    /// A project that cannot be read.
    Refused(Refused),
    /// A project, and the problems of its single files.
    Project(Reported<Project>),
}

impl Check {
    /// Reads the project.
    pub fn read(self) -> Read {
        if !project::is_in(&self.root) {
            return Read::NoProject;
        }
        match Project::read_unsaved(&self.root, self.open) {
            Ok(read) => Read::Project(read),
            Err(refused) => Read::Refused(refused),
        }
    }
}

/// All problems of a project, as `sitewright check` finds them, without comparing the manifests. `found` has those of
/// reading it. New definitions need no passwords yet.
pub fn problems(project: &Project, found: Vec<Diagnostic>) -> Vec<Diagnostic> {
    let mut found = match crate::compile_into(&Discard, project, Missing::Ignore, found) {
        Ok(compiled) => compiled.diagnostics,
        Err(found) => found,
    };
    // What a run would record is no mistake of the text.
    found.retain(|found| found.code != Code::NoRecord);
    crate::diagnostic::sort(&mut found, &project.sources);
    found
}
