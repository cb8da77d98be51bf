//! Decides which offered passwords are adopted, and which damaged files of records they restore.

use super::ledger::Ledger;
use crate::diagnostic::{Diagnostic, FileId, Place, Reported, Sources};
use crate::project::Project;
use crate::secret::{Adopted, Candidate, Settled, State, adopt};
use std::collections::{BTreeMap, HashSet};

/// The adopted passwords, by the path of their Secret and their key.
pub type Adoption = BTreeMap<(String, String), Adopted>;

/// The passwords that these candidates provide. If several candidates provide the same password, the
/// last one counts. The other candidates are reported.
pub fn adoption(
    candidates: &[Candidate],
    cluster: Option<&str>,
    ledger: &Ledger,
    sources: &Sources,
) -> Reported<Adoption> {
    let Ledger { project, fleet, settlement } = ledger;
    let (mut adopted, mut diagnostics) = (Adoption::new(), Vec::new());
    for candidate in candidates {
        match adopt(candidate, cluster, fleet, settlement, &project.certificates, sources) {
            Ok(found) => {
                let path = |it: &Adopted| (it.need.path(), it.need.key().to_owned());
                adopted.extend(found.into_iter().map(|adopted| (path(&adopted), adopted)));
            }
            Err(problem) => diagnostics.push(*problem),
        }
    }
    Reported { value: adopted, diagnostics }
}

/// Splits the diagnostics of a project: those about invalid files of records, and the others.
pub fn damage(
    project: &Project,
    diagnostics: Vec<Diagnostic>,
) -> (Vec<Diagnostic>, Vec<Diagnostic>) {
    let damaged: HashSet<FileId> =
        project.stores.iter().filter(|it| it.is_read && !it.is_sound).map(|it| it.file).collect();
    let is_damage = |problem: &Diagnostic| matches!(problem.place, Place::Span(span) if damaged.contains(&span.file));
    diagnostics.into_iter().partition(is_damage)
}

/// The diagnostics about invalid files of records that an adoption does not restore. A file is
/// restored only if every password of its definition is adopted, because the file would lose the
/// others.
pub fn unmended(damage: Vec<Diagnostic>, adoption: &Adoption, ledger: &Ledger) -> Vec<Diagnostic> {
    let project = ledger.project;
    let is_whole = |definition: &str| {
        let mut needs =
            ledger.settlement.settled.iter().filter(|it| *it.need.definition == *definition);
        needs.all(|Settled { need, state }| {
            let path = |name: &str| (format!("{definition}/{name}"), need.key().to_owned());
            matches!(state, State::Damaged(_))
                && need.names().any(|it| adoption.contains_key(&path(&it.name)))
        })
    };
    let broken = project.stores.iter().filter(|store| !store.is_sound);
    let mended: Vec<FileId> =
        broken.filter(|store| is_whole(&store.path)).map(|store| store.file).collect();
    let is_mended = |problem: &Diagnostic| matches!(problem.place, Place::Span(span) if mended.contains(&span.file));
    damage.into_iter().filter(|problem| !is_mended(problem)).collect()
}
