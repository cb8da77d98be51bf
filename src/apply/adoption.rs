//! Adopting: which sealed values are taken, and what that mends.

use super::ledger::Ledger;
use crate::diagnostic::{Diagnostic, FileId, Place, Sources};
use crate::project::Project;
use crate::secret::{Adopted, Candidate, Settled, State, adopt};
use std::collections::{BTreeMap, HashSet};

/// What is adopted, by the path of its Secret and its key.
pub type Adoption = BTreeMap<(String, String), Adopted>;

/// What these candidates are taken for, the last one of a password winning, and why others are not taken.
pub fn adoption(
    candidates: &[Candidate],
    cluster: Option<&str>,
    ledger: &Ledger,
    sources: &Sources,
) -> (Adoption, Vec<Diagnostic>) {
    let Ledger { project, fleet, settlement } = ledger;
    let (mut adopted, mut refused) = (Adoption::new(), Vec::new());
    for candidate in candidates {
        match adopt(candidate, cluster, fleet, settlement, &project.certificates, sources) {
            Ok(found) => {
                let path = |it: &Adopted| (it.need.path(), it.need.key().to_owned());
                adopted.extend(found.into_iter().map(|adopted| (path(&adopted), adopted)));
            }
            Err(problem) => refused.push(*problem),
        }
    }
    (adopted, refused)
}

/// Takes out what is wrong with the texts of files of records.
pub fn damage(project: &Project, diagnostics: &mut Vec<Diagnostic>) -> Vec<Diagnostic> {
    let damaged: HashSet<FileId> =
        project.stores.iter().filter(|it| it.is_read && !it.is_sound).map(|it| it.file).collect();
    let is_damage = |problem: &Diagnostic| matches!(problem.place, Place::Span(span) if damaged.contains(&span.file));
    let (damage, others) = std::mem::take(diagnostics).into_iter().partition(is_damage);
    *diagnostics = others;
    damage
}

/// What is wrong with files of records that adopting does not replace: those of which it has not every
/// password would lose one.
pub fn unmended(damage: Vec<Diagnostic>, adoption: &Adoption, ledger: &Ledger) -> Vec<Diagnostic> {
    let project = ledger.project;
    let is_whole = |definition: &str| {
        let mut needs =
            ledger.settlement.settled.iter().filter(|it| it.need.definition == definition);
        needs.all(|Settled { need, state }| {
            let mut names = [Some(need.wanted.clone()), need.wanted.former()].into_iter().flatten();
            let path = |name: &str| (format!("{definition}/{name}"), need.key().to_owned());
            matches!(state, State::Damaged(_))
                && names.any(|it| adoption.contains_key(&path(&it.name)))
        })
    };
    let broken = project.stores.iter().filter(|store| !store.is_sound);
    let mended: Vec<FileId> =
        broken.filter(|store| is_whole(&store.path)).map(|store| store.file).collect();
    let is_mended = |problem: &Diagnostic| matches!(problem.place, Place::Span(span) if mended.contains(&span.file));
    damage.into_iter().filter(|problem| !is_mended(problem)).collect()
}
