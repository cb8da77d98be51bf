//! The part of the output folder that a run reads and writes.

use super::target::Target;
use crate::diagnostic::Reported;
use crate::language::Lookup;
use crate::output::Scope;
use crate::project::{Folders, Project};

/// The part of the output folder that these words mean: paths of definitions, as `sites/production/acme.yaml` or
/// `production/acme`, folders of definitions, patterns, or names that only one definition has. Other words are
/// reported. An empty list means the whole output.
pub fn scope(words: &[String], target: &Target, project: &Project) -> Reported<Scope> {
    chosen(
        words,
        &project.folders,
        || Lookup::new(&project.definitions),
        |below| {
            // A definition that no longer exists may still have manifests to remove.
            let is_plain = below.split('/').all(|part| !part.is_empty() && !part.starts_with('.'));
            is_plain && target.path.join(below).is_dir()
        },
    )
}

/// The definitions that these words mean.
pub fn definitions(words: &[String], project: &Project) -> Reported<Scope> {
    chosen(words, &project.folders, || Lookup::new(&project.definitions), |_| false)
}

/// What these words mean in a lookup. `is_there` says whether something is at a path that the lookup lacks.
pub fn chosen(
    words: &[String],
    folders: &Folders,
    lookup: impl FnOnce() -> Lookup,
    is_there: impl Fn(&str) -> bool,
) -> Reported<Scope> {
    let all = Reported { value: Scope::everything(), diagnostics: Vec::new() };
    if words.is_empty() {
        return all;
    }
    let lookup = lookup();
    let (mut found, mut diagnostics, mut has_all) = (Vec::new(), Vec::new(), false);
    for word in words {
        if folders.is_all(word) {
            has_all = true;
            continue;
        }
        let below = folders.below(word);
        match lookup.many(word, below) {
            Ok(paths) => found.extend(paths),
            Err(_) if is_there(below) => found.push(below.to_owned()),
            Err(problem) => diagnostics.push(*problem),
        }
    }
    let value = if has_all { all.value } else { Scope::of(found) };
    Reported { value, diagnostics }
}
