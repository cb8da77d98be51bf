//! sitewright compiles short definitions of Frappe sites into complete Kubernetes manifests.
//!
//! The pipeline, in the order of the modules: [`source`] reads the tree of definitions, [`language`]
//! checks each by itself, [`resolve`] layers them and follows their references, [`check`] looks at
//! the fleet as a whole, [`provider`] says which objects there are, [`secret`] which passwords they
//! need and what is recorded of each, [`template`] writes each object, [`manifest`] checks, marks and
//! formats it, [`output`] brings the folder of manifests up to date. [`gitops`] writes what delivers
//! that folder to a cluster, from the fleet and templates too.
//!
//! Stages take values and return values. Files are touched by [`source`], [`project`] and [`template`] (loading),
//! [`secret`] (records), [`output`] and [`diff`](mod@diff) (what is compared with). [`apply`](mod@apply) has the
//! order in which a run writes them. Only the binary's own module prints.

pub mod apply;
pub mod check;
pub mod diagnostic;
pub mod diff;
pub mod gitops;
pub mod language;
pub mod manifest;
pub mod naming;
pub mod operator;
pub mod output;
pub mod project;
pub mod provider;
mod render;
pub mod resolve;
pub mod secret;
pub mod source;
pub mod template;

use diagnostic::{Code, Diagnostic, any_error};
use output::{Collect, Discard, Earlier, Elsewhere, Files, Folder, Sink};
use project::Project;
use resolve::Fleet;
use secret::{Missing, Passwords};

/// What a project compiles to.
#[derive(Debug)]
pub struct Compiled<'p> {
    /// The fleet.
    pub fleet: Fleet<'p>,
    /// The files of the manifests, as far as the run holds them.
    pub files: Files,
    /// The other files.
    pub elsewhere: Elsewhere,
    /// How many objects they hold.
    pub objects: usize,
    /// The passwords: what is recorded, and what was made and is to be recorded before the manifests
    /// are written.
    pub passwords: Passwords,
}

impl Compiled<'_> {
    /// Ends its use in a process that ends too, which frees all memory at once: what is a fleet's takes
    /// longer, part by part. Passwords are wiped.
    pub fn leave(mut self) {
        self.passwords.minted.clear();
        std::mem::forget(self);
    }
}

/// Compiles a project and holds all of its files.
pub fn compile<'p>(
    project: &'p Project,
    missing: Missing,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Compiled<'p>> {
    compile_into(&Collect, project, missing, diagnostics)
}

/// Compiles a project; its files go to `sink`. Nothing when there is any error but a missing record of a password, and every
/// error that one run can find is in `diagnostics`.
pub fn compile_into<'p>(
    sink: &dyn Sink,
    project: &'p Project,
    missing: Missing,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Compiled<'p>> {
    let fleet = resolved(project, diagnostics);
    let found = check::check(&fleet);
    // Beside a broken definition the templates of the sound ones still run, for their errors; a
    // fleet that contradicts itself would make them fail for no fault of theirs.
    let sound = !any_error(&found) && project.templates.are_sound();
    diagnostics.extend(found);
    let settlement = settle(project, &fleet, sink);
    diagnostics.extend(settlement.problems());
    // No password is made for a fleet that is not rendered.
    let missing = if any_error(diagnostics) { missing.refused() } else { missing };
    let Project { root, certificates, sources, .. } = project;
    let passwords = Passwords::new(settlement, missing, root, &fleet, certificates, diagnostics);
    // Without a record of a password only what carries it is missing.
    let fatal = |found: &Diagnostic| found.is_error() && found.code != Code::NoRecord;
    let sink = if diagnostics.iter().any(fatal) { &Discard } else { sink };
    let render::Rendered { files, elsewhere, objects } = match sound {
        true => render::render(&fleet, project, &passwords, sink, diagnostics),
        false => render::Rendered::default(),
    };
    if diagnostics.iter().any(fatal) {
        return None;
    }
    diagnostics.extend(passwords.settlement.warnings(sources));
    Some(Compiled { fleet, files, elsewhere, objects, passwords })
}

/// The fleet of a project, resolved and checked, as far as it goes.
pub fn fleet<'p>(project: &'p Project, diagnostics: &mut Vec<Diagnostic>) -> Fleet<'p> {
    let fleet = resolved(project, diagnostics);
    diagnostics.extend(check::check(&fleet));
    fleet
}

/// The same without its checks.
pub fn resolved<'p>(project: &'p Project, diagnostics: &mut Vec<Diagnostic>) -> Fleet<'p> {
    let Project { root, definitions, stores, base, .. } = project;
    let former_names = secret::former_names(root, definitions, stores);
    resolve::resolve(definitions, base, &former_names, diagnostics)
}

/// What is recorded of the passwords of a fleet. The project's own manifests, and those that `beside` has,
/// tell what was recorded once.
pub fn settle(project: &Project, fleet: &Fleet, beside: &dyn Earlier) -> secret::Settlement {
    let Project { root, folders, definitions, stores, certificates, sources, .. } = project;
    let own = Folder::new(root.join(&folders.rendered), folders.rendered.as_str());
    secret::settle(fleet, definitions, stores, certificates, sources, &[&own, beside])
}
