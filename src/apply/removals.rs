//! The definitions whose manifests a run would remove: whether the project allows it, and the
//! warnings.

use crate::Compiled;
use crate::diagnostic::Diagnostic;
use crate::diff;
use crate::output::{Files, Prepared, layout};
use crate::project::Project;
use crate::resolve::Fleet;
use std::path::Path;

/// Refuses to remove more definitions than the project allows.
pub(super) fn ask_limit(
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
    // An unreadable file counts as a file without objects.
    let (base, head) = diff::tree::differing(&old.collect(), &new.collect()).value;
    match diff::too_many(
        &diff::gone(&base, &head),
        &compiled.fleet,
        &compiled.with_manifests,
        allowed,
    ) {
        Some(problem) => Err(problem),
        None => Ok(()),
    }
}

/// The warnings for sites whose old manifests are among these files of a folder. The run removes
/// these files.
pub(super) fn renamed<'p>(
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
