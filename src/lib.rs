//! sitewright compiles short definitions of Frappe sites into complete Kubernetes manifests.
//!
//! The pipeline, in the order of the modules: [`source`] reads the tree of definitions, [`language`]
//! checks each by itself, [`resolve`] layers them and follows their references, [`check`] looks at
//! the fleet as a whole, [`provider`] says which objects there are, [`template`] writes each,
//! [`manifest`] checks, marks and formats it, [`output`] brings the folder of manifests up to date.
//!
//! Stages take values and return values. Only [`source`], [`template`] (loading) and [`output`] touch
//! files, and only the binary's own module prints.

pub mod check;
pub mod diagnostic;
pub mod language;
pub mod manifest;
pub mod naming;
pub mod output;
pub mod project;
pub mod provider;
mod render;
pub mod resolve;
pub mod secret;
pub mod source;
pub mod template;

use diagnostic::{Diagnostic, any_error};
use output::Files;
use project::Project;
use resolve::Fleet;

/// The fleet of a project with its manifests; nothing when there is any error, and every error that
/// one run can find is in `diagnostics`.
pub fn compile<'p>(
    project: &'p Project,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<(Fleet<'p>, Files)> {
    let fleet = resolve::resolve(&project.definitions, &project.base, diagnostics);
    let found = check::check(&fleet);
    // Beside a broken definition the templates of the sound ones still run, for their errors; a
    // fleet that contradicts itself would make them fail for no fault of theirs.
    let sound = !any_error(&found) && project.templates.are_sound();
    diagnostics.extend(found);
    let files = if sound { render::render(&fleet, project, diagnostics) } else { Files::new() };
    (!any_error(diagnostics)).then_some((fleet, files))
}

/// The fleet of a project, resolved and checked, as far as it goes.
pub fn fleet<'p>(project: &'p Project, diagnostics: &mut Vec<Diagnostic>) -> Fleet<'p> {
    let fleet = resolve::resolve(&project.definitions, &project.base, diagnostics);
    diagnostics.extend(check::check(&fleet));
    fleet
}
