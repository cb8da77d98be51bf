//! `sitewright secrets`: shows and changes the records of passwords.

mod adopt;
mod list;
mod prune;
mod rotate;
mod set;
mod verify;

use super::arguments::Secrets;
use super::outcome::Outcome;
use super::render::fail;
use super::terminal::Terminal;
use sitewright::apply::{Ledger, damage};
use sitewright::diagnostic::{Diagnostic, Reported, any_error};
use sitewright::output::Discard;
use sitewright::project::Project;
use std::path::Path;

pub(super) fn run(what: &Secrets, root: &Path, terminal: &Terminal) -> Outcome {
    let Reported { value: project, diagnostics } = match Project::read(root) {
        Ok(read) => read,
        Err(unread) => return fail(unread.diagnostics, &unread.sources, terminal),
    };
    if let Secrets::Verify = what {
        return verify::run(&project, diagnostics, terminal);
    }
    // `adopt` may restore an invalid file of records.
    let (damage, mut diagnostics) = match what {
        Secrets::Adopt { .. } => damage(&project, diagnostics),
        _ => (Vec::new(), diagnostics),
    };
    let (fleet, plans) = sitewright::fleet(&project).add_to(&mut diagnostics);
    // The passwords of an invalid definition are not known.
    if any_error(&diagnostics) {
        return fail(diagnostics, &project.sources, terminal);
    }
    let settlement = sitewright::settle(&project, &fleet, &plans, &Discard);
    let ledger = Ledger { project: &project, fleet: &fleet, settlement };
    let view = View { ledger, terminal };
    match what {
        Secrets::List { paths, dates } => list::run(paths, *dates, &view),
        Secrets::Rotate(arguments) => rotate::run(arguments, &view),
        Secrets::Set { name } => set::run(name, &view),
        Secrets::Adopt { files, cluster, dry_run } => {
            adopt::run(files, cluster.as_deref(), *dry_run, &view, damage)
        }
        Secrets::Prune { dry_run } => prune::run(*dry_run, &view),
        // It needs no valid fleet, and was run above.
        Secrets::Verify => Outcome::Fine,
    }
}

/// The inputs of the commands.
struct View<'v> {
    ledger: Ledger<'v>,
    terminal: &'v Terminal,
}

impl View<'_> {
    fn fail(&self, diagnostics: Vec<Diagnostic>) -> Outcome {
        fail(diagnostics, &self.ledger.project.sources, self.terminal)
    }
}
