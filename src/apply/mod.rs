//! The one order in which a run writes. First it looks at all that can stand in its way, the removal limit
//! among it. Then it writes the records of passwords, then the manifests.
//!
//! Records come first so that a password in a manifest is always recorded: whatever cuts the run off, the next
//! one completes the manifests. A run that fails before the records leaves everything as it was.

mod records;
mod scope;
mod standing;
mod target;
#[cfg(test)]
mod tests;

pub use records::{Recorded, prune, record, record_adopted, record_rotated};
pub use scope::scope;
pub use standing::{Checked, Verified, check, verify};
pub use target::Target;

use crate::Compiled;
use crate::diagnostic::{Diagnostic, any_error};
use crate::diff;
use crate::output::{Files, Prepared, Scope, Written, layout};
use crate::project::Project;
use crate::resolve::Fleet;
use crate::secret::Missing;
use std::path::Path;

/// What a run writes, and what it may do.
#[derive(Clone, Copy, Debug)]
pub struct Options<'o> {
    /// The folder of manifests.
    pub target: &'o Target,
    /// The part of it that is written.
    pub scope: &'o Scope,
    /// Whether a password without a record ends the run; otherwise the run makes one.
    pub locked: bool,
    /// Whether files in the way that were edited by hand or are not ours give way.
    pub force: bool,
}

/// What a run did.
#[derive(Debug)]
pub struct Applied<'p> {
    /// What the project compiled to.
    pub compiled: Compiled<'p>,
    /// The manifests that were written.
    pub written: Written,
    /// The records and Secrets in clear text that were written.
    pub recorded: Recorded,
    /// Warnings, in no order.
    pub warnings: Vec<Diagnostic>,
}

/// Compiles a project and writes its records and manifests. `found` is what reading the project found; an error
/// among it ends the run, which then finds as many others as it can.
pub fn apply<'p>(
    project: &'p Project,
    options: Options,
    found: Vec<Diagnostic>,
) -> Result<Applied<'p>, Vec<Diagnostic>> {
    let Options { target, scope, locked, force } = options;
    let mut diagnostics = found;
    let missing = if locked { Missing::Refuse(scope) } else { Missing::Mint(scope) };
    let writing = target.folder.writing(scope);
    let compiled = crate::compile_into(&writing, project, missing, &mut diagnostics);
    let Some(compiled) = compiled.filter(|_| !any_error(&diagnostics)) else {
        return Err(diagnostics);
    };
    let prepared = writing.prepare(&compiled.files, &compiled.elsewhere, force);
    let written = prepared.and_then(|prepared| {
        ask_limit(project, &compiled, &prepared, &target.path)?;
        let removed = &prepared.plan().removed;
        diagnostics.extend(renamed(removed.iter(), &compiled.fleet, &target.path));
        let recorded = record(project, &compiled.passwords)?;
        Ok((prepared.commit()?, recorded))
    });
    match written {
        Ok((written, recorded)) => {
            diagnostics.extend(target.folder.warnings(&written.kept));
            Ok(Applied { compiled, written, recorded, warnings: diagnostics })
        }
        Err(problem) => {
            diagnostics.push(*problem);
            Err(diagnostics)
        }
    }
}

/// Refuses to take away more than the project allows.
fn ask_limit(
    project: &Project,
    compiled: &Compiled,
    prepared: &Prepared,
    folder: &Path,
) -> Result<(), Box<Diagnostic>> {
    let plan = prepared.plan();
    let allowed = project.output.max_removals.filter(|_| !plan.removed.is_empty());
    if allowed.is_none() {
        return Ok(());
    }
    let old = plan.removed.iter().chain(&plan.updated);
    let old = old.filter_map(|path| Some((path.clone(), std::fs::read(folder.join(path)).ok()?)));
    let new = plan.created.iter().chain(&plan.updated);
    let new = new.filter_map(|path| Some((path.clone(), prepared.bytes(path)?)));
    // What cannot be read for an object stands for none.
    let (base, head) = diff::tree::differing(&old.collect(), &new.collect(), &mut Vec::new());
    match diff::too_many(&diff::gone(&base, &head), &compiled.fleet, allowed) {
        Some(problem) => Err(problem),
        None => Ok(()),
    }
}

/// What is said of sites whose old manifests are among these files of a folder, which go.
pub fn renamed<'p>(
    gone: impl Iterator<Item = &'p String>,
    fleet: &Fleet,
    folder: &Path,
) -> Vec<Diagnostic> {
    let may_be_a_site = |path: &&String| {
        let name = path.rsplit('/').next().unwrap_or_default();
        name.starts_with("frappesite") || name == layout::ALL_IN_ONE
    };
    let read = |path: &String| Some((path.clone(), std::fs::read(folder.join(path)).ok()?));
    let gone: Files = gone.filter(may_be_a_site).filter_map(read).collect();
    match gone.is_empty() {
        true => Vec::new(),
        false => diff::renamed(&gone, fleet),
    }
}
