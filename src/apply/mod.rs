//! The one order in which a run writes. First it looks at all that can stand in its way, the removal limit
//! among it. Then it writes the records of passwords, then the manifests.
//!
//! Records come first so that a password in a manifest is always recorded: whatever cuts the run off, the next
//! one completes the manifests. A run that fails before the records leaves everything as it was.
//!
//! Here is also what else a front end asks: whether the files are what a run would write ([`check()`],
//! [`verify()`]), and the changes of recorded passwords ([`Ledger`]).

mod adoption;
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
pub use comparison::{ProjectComparison, Verified, check, verify};
pub use ledger::Ledger;
pub use records::{Recorded, prune, record_adopted};
pub use rotate::{Rotated, rotate};
pub use scope::scope;
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
) -> Checked<Applied<'p>> {
    let Options { target, scope, locked, force } = options;
    let missing = if locked { Missing::Refuse(scope) } else { Missing::Mint(scope) };
    let writing = target.folder.writing(scope);
    let compiled = crate::compile_into(&writing, project, missing, found)?.without_errors()?;
    let Reported { value: compiled, mut diagnostics } = compiled;
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
