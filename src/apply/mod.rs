//! The order in which a run writes. First it checks everything that can prevent the write, such as
//! the removal limit. Then it writes the records of passwords, and then the manifests.
//!
//! Records come first, so a password in a manifest always has a record. If a run is cut off, the
//! next run completes the manifests. A run that fails before it writes records changes nothing.
//!
//! A front end also needs two other things from this module: whether the files are what a run would
//! write ([`check()`], [`verify()`]), and changes of recorded passwords ([`Ledger`]).

mod adoption;
mod age;
mod comparison;
mod ledger;
mod records;
mod removals;
mod rotate;
mod scope;
mod set;
mod target;
#[cfg(test)]
mod tests;

pub use adoption::{Adoption, adoption, damage, unmended};
pub use age::{Made, made};
pub use comparison::{ProjectComparison, Verified, check, verify};
pub use ledger::Ledger;
pub use records::{Recorded, prune, record_adopted};
pub use rotate::{Rotated, Rotation, Selection, rotation};
pub use scope::{chosen, definitions, scope};
pub use set::{Set, given, set};
pub use target::Target;

use crate::Compiled;
use crate::diagnostic::{Checked, Diagnostic, Reported};
use crate::output::{Scope, Written};
use crate::project::Project;
use crate::secret::Missing;
use records::record;
use removals::{ask_limit, renamed};

/// What a run writes, and what it may do.
#[derive(Clone, Copy, Debug)]
pub struct Options<'o> {
    /// The folder of manifests.
    pub target: &'o Target,
    /// The part of the folder that is written.
    pub scope: &'o Scope,
    /// Whether a password without a record is an error. If not, the run creates the password.
    pub locked: bool,
    /// Whether the run may overwrite and remove files that were edited by hand or that sitewright
    /// did not write.
    pub force: bool,
    /// Whether the run only finds out what it would do. The passwords that it makes are then wiped,
    /// and all files stay as they are.
    pub dry_run: bool,
}

/// What a run did.
#[derive(Debug)]
pub struct Applied<'p> {
    /// The compiled project.
    pub compiled: Compiled<'p>,
    /// The manifests that were written.
    pub written: Written,
    /// The records and Secrets in clear text that were written.
    pub recorded: Recorded,
    /// Warnings, in no order.
    pub warnings: Vec<Diagnostic>,
}

/// Compiles a project and writes its records and manifests. `found` has the diagnostics of reading
/// the project. An error prevents the write, and the run then finds as many other errors as it can.
pub fn apply<'p>(
    project: &'p Project,
    options: Options,
    found: Vec<Diagnostic>,
) -> Checked<Applied<'p>> {
    let Options { target, scope, locked, force, dry_run } = options;
    let missing = if locked { Missing::Refuse(scope) } else { Missing::Mint(scope) };
    let writing = target.folder.writing(scope);
    let compiled = crate::compile_into(&writing, project, missing, found)?.without_errors()?;
    let Reported { value: compiled, mut diagnostics } = compiled;
    let prepared = writing.prepare(&compiled.files, &compiled.elsewhere, force);
    let written = prepared.and_then(|prepared| {
        ask_limit(project, &compiled, &prepared, &target.path)?;
        let removed = &prepared.plan().removed;
        diagnostics.extend(renamed(removed.iter(), &compiled.fleet, &target.path));
        if dry_run {
            return Ok((prepared.plan().clone(), Recorded::default()));
        }
        let recorded = record(project, &compiled.passwords)?;
        Ok((prepared.commit()?, recorded))
    });
    match written {
        Ok((written, recorded)) => {
            diagnostics.extend(target.folder.warnings(&written.kept));
            // A part of the folder does not show what is in the rest.
            if scope.covers("") {
                diagnostics.extend(project.allowed.unused(&written.allowed));
            }
            Ok(Applied { compiled, written, recorded, warnings: diagnostics })
        }
        Err(problem) => {
            diagnostics.push(*problem);
            Err(diagnostics)
        }
    }
}
