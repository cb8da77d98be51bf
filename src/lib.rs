//! sitewright compiles short definitions of Frappe sites into complete Kubernetes manifests.
//!
//! The pipeline, in the order of the modules: [`source`] reads the tree of definitions.
//! [`language`] checks each definition by itself. [`resolve`] merges the [`layers`] and follows
//! references. [`plan`] lists the objects and Secrets of each definition, which its [`provider`] and
//! the module `frappe` decide. [`check`] checks the fleet as a whole. [`secret`] reads the records of
//! the passwords. [`site_database`] makes the object
//! in which the reconciler reports about a site. [`template`] renders each object. [`manifest`] checks it, adds labels and
//! annotations, and formats it. [`outline`] makes most objects in a faster way, with the same bytes.
//! [`output`] brings the folder of manifests up to date. [`gitops`] writes the objects with which a
//! GitOps engine delivers that folder.
//!
//! Stages take values and return values. Only these modules touch files: [`source`], [`project`],
//! [`template`] (when it loads templates), [`secret`] (records), [`output`], [`diff`](mod@diff)
//! (the base of the comparison) and [`live`] (dumps of clusters). [`apply`](mod@apply) has the order in which a run writes the files.
//! Only the binary's own module prints.

pub mod apply;
pub mod check;
pub mod cluster;
pub mod diagnostic;
pub mod diff;
pub mod drift;
pub mod editor;
pub mod fixes;
pub mod fleet_status;
pub mod formatting;
pub(crate) mod frappe;
pub mod gitops;
pub mod import;
pub mod inventory;
pub mod language;
pub mod layers;
pub mod live;
pub mod manifest;
pub mod naming;
pub mod object;
pub mod operator;
pub mod outline;
pub mod output;
pub mod plan;
pub mod project;
pub mod provider;
pub mod relocate;
mod render;
pub mod resolve;
pub mod retirement;
pub mod risk;
pub mod rules;
pub mod secret;
pub mod site_database;
pub mod source;
pub mod template;
pub mod upgrade;

use diagnostic::{Checked, Code, Diagnostic, Reported, any_error};
use outline::Outlines;
use output::{Collect, Discard, Earlier, Elsewhere, Files, Folder, Sink};
use plan::{Plans, WithManifests};
use project::Project;
use resolve::Fleet;
use secret::{Missing, Passwords};

/// The result of compiling a project.
#[derive(Debug)]
pub struct Compiled<'p> {
    /// The fleet.
    pub fleet: Fleet<'p>,
    /// Which of its definitions have manifests.
    pub with_manifests: WithManifests,
    /// The manifest files that the run holds in memory.
    pub files: Files,
    /// The manifest files that the run does not hold in memory.
    pub elsewhere: Elsewhere,
    /// The number of objects in the files.
    pub objects: usize,
    /// The passwords: those with a record, and the new ones, whose records must be written before
    /// the manifests.
    pub passwords: Passwords,
}

impl Compiled<'_> {
    /// Skips freeing the fleet: the process exits next, and freeing it piece by piece costs time.
    /// Passwords are wiped first.
    pub fn leave(mut self) {
        self.passwords.minted.clear();
        std::mem::forget(self);
    }
}

/// Compiles a project and holds all of its files in memory, like [`compile_into`].
pub fn compile<'p>(
    project: &'p Project,
    missing: Missing,
    found: Vec<Diagnostic>,
) -> Checked<Reported<Compiled<'p>>> {
    compile_into(&Collect, project, missing, found)
}

/// Compiles a project and gives its files to `sink`. `found` has the diagnostics of reading the
/// project. They come back among the others. Any error except a missing record of a password
/// prevents the result. One run finds as many errors as it can.
pub fn compile_into<'p>(
    sink: &dyn Sink,
    project: &'p Project,
    missing: Missing,
    found: Vec<Diagnostic>,
) -> Checked<Reported<Compiled<'p>>> {
    let mut diagnostics = found;
    let fleet = resolved(project).add_to(&mut diagnostics);
    let plans = Plans::new(&fleet);
    let mut of_fleet = check::check(&fleet, &plans);
    // When a definition is invalid, the templates of the valid ones still run, so that their errors
    // are reported too. When the fleet contradicts itself, they do not run, because they could fail
    // without a fault of their own.
    let sound = !any_error(&of_fleet) && project.templates.are_sound();
    // What a rule of the project refuses is rendered in memory, so that the rules about objects are judged too.
    of_fleet.extend(project.rules.check(&fleet, &project.sources));
    diagnostics.extend(of_fleet);
    let with_manifests = plans.with_manifests(&fleet);
    let settlement = settle(project, &fleet, &plans, sink);
    diagnostics.extend(settlement.problems());
    // A fleet that is not rendered gets no new passwords.
    let missing = if any_error(&diagnostics) { missing.refused() } else { missing };
    let Project { root, certificates, sources, .. } = project;
    let passwords = Passwords::new(settlement, missing, root, &fleet, certificates);
    let passwords = passwords.add_to(&mut diagnostics);
    // Without the record of a password, only the object that carries the password is missing.
    let fatal = |found: &Diagnostic| found.is_error() && found.code != Code::NoRecord;
    let sink = if diagnostics.iter().any(fatal) { &Discard } else { sink };
    let render::Rendered { files, elsewhere, objects } = match sound {
        true => {
            let outlines = Outlines::new(&project.templates);
            let rendered = render::render(&outlines, &fleet, plans, project, &passwords, sink);
            rendered.add_to(&mut diagnostics)
        }
        false => render::Rendered::default(),
    };
    if diagnostics.iter().any(fatal) {
        return Err(diagnostics);
    }
    diagnostics.extend(passwords.settlement.warnings(sources));
    let value = Compiled { fleet, with_manifests, files, elsewhere, objects, passwords };
    Ok(Reported { value, diagnostics })
}

/// The resolved and checked fleet of a project, and what its definitions make. Invalid definitions
/// are left out.
pub fn fleet(project: &Project) -> Reported<(Fleet<'_>, Plans)> {
    let Reported { value: fleet, mut diagnostics } = resolved(project);
    let plans = Plans::new(&fleet);
    diagnostics.extend(check::check(&fleet, &plans));
    Reported { value: (fleet, plans), diagnostics }
}

/// The resolved fleet of a project, without the checks.
pub fn resolved(project: &Project) -> Reported<Fleet<'_>> {
    let Project { root, definitions, stores, base, .. } = project;
    let former_names = secret::former_names(root, definitions, stores);
    resolve::resolve(definitions, base, &former_names)
}

/// The records of the fleet's passwords. The manifests of the project, and those of `beside`, show
/// which records existed before.
pub fn settle(
    project: &Project,
    fleet: &Fleet,
    plans: &Plans,
    beside: &dyn Earlier,
) -> secret::Settlement {
    let Project { root, folders, definitions, stores, certificates, sources, .. } = project;
    let own = Folder::new(root.join(&folders.rendered), folders.rendered.as_str());
    let needs = secret::needs(&plans.of(fleet));
    secret::settle(needs, fleet, definitions, stores, certificates, sources, &[&own, beside])
}
