//! A diff of a project: which two trees are compared, and what is asked of them.

use super::against::{self, Against};
use super::changes::Changes;
use super::removals::{gone, too_many};
use super::{judge, tree};
use crate::cluster::Cluster;
use crate::diagnostic::{Diagnostic, any_error};
use crate::output::{Discard, Scope, Sink};
use crate::project::Project;
use crate::resolve::Fleet;
use crate::risk::{ObjectChange, Operators};
use crate::secret::Missing;
use std::collections::BTreeMap;

/// What changes, with what is said of it besides.
#[derive(Debug)]
pub struct Compared {
    /// The changes.
    pub changes: Changes,
    /// Warnings, the passwords without a record, and whether more goes than the project allows, in no order.
    pub diagnostics: Vec<Diagnostic>,
}

/// Compiles a project, and compares its manifests with `base`: a folder or a revision of Git, else the rendered
/// folder as it is. `found` is what reading the project found. An error ends it, but for a password without
/// a record, without which only what carries it is missing.
pub fn compared(
    project: &Project,
    base: Option<&str>,
    mut found: Vec<Diagnostic>,
) -> Result<Compared, Vec<Diagnostic>> {
    match changes(project, base, &mut found) {
        Ok(changes) => Ok(Compared { changes, diagnostics: found }),
        Err(problems) => {
            found.extend(problems);
            Err(found)
        }
    }
}

/// An error without a problem is among the diagnostics already.
fn changes(
    project: &Project,
    stated: Option<&str>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Result<Changes, Vec<Diagnostic>> {
    let everything = Scope::everything();
    let missing = Missing::Refuse(&everything);
    let against = Against::find(stated, project);
    let sink: &dyn Sink = match &against {
        Ok(against) => &against.base,
        Err(_) => &Discard,
    };
    // What is wrong with the definitions is said before what is wrong with the base.
    let compiled = crate::compile_into(sink, project, missing, diagnostics).ok_or(Vec::new())?;
    let head = compiled.files;
    let read = against.and_then(|Against { base, certificates }| {
        let base = base.files(&compiled.elsewhere)?;
        let mut beside = certificates;
        if stated.is_some() {
            let elsewhere = compiled.elsewhere.iter().map(|(path, _)| &**path);
            let wanted = elsewhere.chain(head.keys().map(String::as_str));
            beside.extend(against::beside(&base, wanted, project)?);
        }
        Ok((base, beside))
    });
    let (base, beside) = read.map_err(|problem| vec![*problem])?;
    let mut unread = Vec::new();
    let (base, head) = tree::differing(&base, &head, &mut unread);
    if any_error(&unread) {
        return Err(unread);
    }
    let most = project.output.max_removals;
    let too_many = too_many(&gone(&base, &head), &compiled.fleet, &compiled.plans, most);
    diagnostics.extend(too_many.map(|problem| *problem));
    let changes = judge::diff(&base, &head, &operators(&compiled.fleet)).into_iter();
    let changes: Vec<ObjectChange> = changes.chain(beside).collect();
    Ok(Changes::new(changes))
}

/// What runs in each cluster after the change.
fn operators(fleet: &Fleet) -> BTreeMap<String, Operators> {
    let of = |cluster: &Cluster| {
        let known = Operators { profiles: cluster.profiles(), engine: cluster.engine };
        (cluster.name.clone(), known)
    };
    fleet.clusters.iter().map(of).collect()
}
