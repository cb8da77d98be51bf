//! Decides which offered passwords are adopted, and which damaged files of records they restore.

use super::ledger::Ledger;
use crate::diagnostic::{Code, Diagnostic, FileId, Place, Reported, Sources};
use crate::project::Project;
use crate::secret::{Adopted, Candidate, Settled, State, adopt, partners};
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
    diagnostics.extend(unpaired(&adopted, ledger));
    Reported { value: adopted, diagnostics }
}

/// Finds adopted passwords without the other Secret that must have the same value.
fn unpaired(adopted: &Adoption, ledger: &Ledger) -> Vec<Diagnostic> {
    let by_definition = ledger.settlement.by_definition();
    let mut found = Vec::new();
    for it in adopted.values() {
        let all = by_definition.get(&*it.need.definition).copied().unwrap_or_default();
        let Some(own) = all.iter().find(|own| own.need.wanted.name == it.need.wanted.name) else {
            continue;
        };
        for other in partners(own, all) {
            let path = (other.need.path(), other.need.key().to_owned());
            let generation = match adopted.get(&path) {
                Some(other) => Some(other.record.generation),
                None => other.state.generation(),
            };
            if generation != Some(it.record.generation) {
                let message = format!(
                    "the Secrets `{}` and `{}` must have the same password",
                    it.need.wanted.name, other.need.wanted.name
                );
                // SW710: a Secret that cannot be adopted.
                found.push(
                    Diagnostic::of_path(Code::NotAdoptable, it.need.path(), message)
                        .help("seal one password for both, and adopt both files in one call"),
                );
            }
        }
    }
    found
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
