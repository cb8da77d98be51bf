//! A diff of a project: finds the two trees, compares them, and collects the changes and
//! diagnostics.

use super::base_ref::{self, BaseRef};
use super::changes::Changes;
use super::moves::moves;
use super::removals::{gone, too_many};
use super::{judge, renames, tree};
use crate::Compiled;
use crate::cluster::Cluster;
use crate::diagnostic::{Checked, Diagnostic, Reported, any_error};
use crate::output::{Discard, Files, Scope, Sink};
use crate::project::Project;
use crate::resolve::Fleet;
use crate::risk::Operators;
use crate::secret::Missing;
use std::collections::BTreeMap;

/// The changes of a project, and the diagnostics about them.
#[derive(Debug)]
pub struct Compared {
    /// The changes.
    pub changes: Changes,
    /// In no order: warnings, the errors for passwords without a record, and the error for more
    /// removals than the project allows.
    pub diagnostics: Vec<Diagnostic>,
}

/// Compiles a project, and compares its manifests with `base`: a folder or a revision of Git, or,
/// without `base`, the rendered folder. `found` has the diagnostics of reading the project. Any
/// error prevents the result, except a password without a record: only the object that carries the
/// password is then missing.
pub fn compared(
    project: &Project,
    base: Option<&str>,
    found: Vec<Diagnostic>,
) -> Checked<Compared> {
    let everything = Scope::everything();
    let missing = Missing::Refuse(&everything);
    let base_ref = BaseRef::find(base, project);
    let sink: &dyn Sink = match &base_ref {
        Ok(base_ref) => &base_ref.base,
        Err(_) => &Discard,
    };
    // Problems of the definitions are reported before problems of the base.
    let compiled = crate::compile_into(sink, project, missing, found)?;
    let Reported { value: compiled, diagnostics: mut found } = compiled;
    let base_ref = base_ref.map_err(|problem| vec![*problem]);
    match base_ref.and_then(|base_ref| changes_since(base_ref, base.is_some(), &compiled, project))
    {
        Ok(changes) => Ok(Compared { changes: changes.add_to(&mut found), diagnostics: found }),
        Err(problems) => {
            found.extend(problems);
            Err(found)
        }
    }
}

/// The changes from a base to a compiled project. If the user states the base, manifests that
/// sitewright did not write are compared too.
fn changes_since(
    base_ref: BaseRef,
    is_stated: bool,
    compiled: &Compiled,
    project: &Project,
) -> Checked<Reported<Changes>> {
    let Compiled { fleet, with_manifests, files: head, elsewhere, .. } = compiled;
    let BaseRef { base, certificates: mut beside, allowed } = base_ref;
    let base = base.files(elsewhere).map_err(|problem| vec![*problem])?;
    if is_stated {
        let elsewhere = elsewhere.iter().map(|(path, _)| &**path);
        let wanted = elsewhere.chain(head.keys().map(String::as_str));
        let found = base_ref::beside(&base, &allowed, wanted, project);
        beside.extend(found.map_err(|problem| vec![*problem])?);
    }
    let Reported { value: (base, head), diagnostics: unread } = tree::differing(&base, head);
    if any_error(&unread) {
        return Err(unread);
    }
    let too_many =
        too_many(&gone(&base, &head), fleet, with_manifests, project.output.max_removals);
    let mut changes = judge::diff(&base, &head, &operators(fleet));
    renames::mark(&mut changes, &base, &head, fleet, &project.folders.sites);
    changes.extend(beside);
    let diagnostics = too_many.into_iter().map(|problem| *problem).collect();
    let changes = Changes::new(changes).with_moves(moves(&base, &head));
    Ok(Reported { value: changes, diagnostics })
}

/// The changes between two renders of a fleet. `fleet` is that of the second one, and `sites` the folder of
/// definitions.
pub fn between(base: &Files, head: &Files, fleet: &Fleet, sites: &str) -> Reported<Changes> {
    let Reported { value: (base, head), diagnostics } = tree::differing(base, head);
    let mut changes = judge::diff(&base, &head, &operators(fleet));
    renames::mark(&mut changes, &base, &head, fleet, sites);
    let changes = Changes::new(changes).with_moves(moves(&base, &head));
    Reported { value: changes, diagnostics }
}

/// The operators and the engine of each cluster after the change.
fn operators(fleet: &Fleet) -> BTreeMap<String, Operators> {
    let of = |cluster: &Cluster| {
        let known = Operators { profiles: cluster.profiles, engine: cluster.engine };
        (cluster.name.clone(), known)
    };
    fleet.clusters.iter().map(of).collect()
}
