//! Compares the files of a project with what a run would write. It writes nothing.

use super::removals::renamed;
use super::target::Target;
use crate::diagnostic::{Checked, Diagnostic, Reported};
use crate::diff::tree;
use crate::object::ObjectKind;
use crate::output::{APPLIED, Comparison, Entry, Files, Scope, State, layout};
use crate::project::Project;
use crate::secret::{self, Missing};
use crate::{Compiled, gitops};
use std::path::Path;

/// A compiled project, and how its files differ from it.
#[derive(Debug)]
pub struct ProjectComparison<'p> {
    /// The compiled project.
    pub compiled: Compiled<'p>,
    /// The differences of the manifests.
    pub manifests: Comparison,
    /// The differences of the objects that deliver the manifests. `None` if `sitewright gitops` never
    /// wrote them.
    pub delivery: Option<Comparison>,
    /// Warnings, and the passwords without a record, in no order.
    pub diagnostics: Vec<Diagnostic>,
}

impl ProjectComparison<'_> {
    /// Whether every file is as a run would write it, and a GitOps engine finds no other manifests.
    pub fn is_current(&self) -> bool {
        self.manifests.is_current()
            && self.manifests.foreign_manifests().next().is_none()
            && self.delivery.as_ref().is_none_or(Comparison::is_current)
    }
}

/// Compiles a project and compares it with the folder `out`. Without `out`, it compares the project's
/// own folders: the manifests, and the objects that deliver them. `found` has the diagnostics of
/// reading the project.
pub fn check<'p>(
    project: &'p Project,
    out: Option<&Path>,
    found: Vec<Diagnostic>,
) -> Checked<ProjectComparison<'p>> {
    let target = match Target::of_manifests(out, project) {
        Ok(target) => target,
        Err(problem) => return Err(with(found, *problem)),
    };
    let everything = Scope::everything();
    let comparing = target.folder.comparing(&everything);
    let missing = Missing::Refuse(&everything);
    let compiled = crate::compile_into(&comparing, project, missing, found)?;
    let Reported { value: compiled, diagnostics: mut found } = compiled;
    let manifests = comparing.finish(&compiled.files, &compiled.elsewhere);
    let manifests = match manifests.and_then(|manifests| with_hidden(manifests, &target)) {
        Ok(manifests) => manifests,
        Err(problem) => return Err(with(found, *problem)),
    };
    found.extend(project.allowed.unused(&manifests.allowed));
    let stale = manifests.entries.iter().filter(|entry| entry.state == State::Stale);
    let stale = stale.map(|entry| &entry.path);
    found.extend(renamed(stale, &compiled.fleet, &target.path));
    let delivery = match out {
        Some(_) => Ok(Reported::default()),
        None => delivery(&compiled, project),
    };
    match delivery {
        Ok(delivery) => {
            let delivery = delivery.add_to(&mut found);
            Ok(ProjectComparison { compiled, manifests, delivery, diagnostics: found })
        }
        Err(problem) => Err(with(found, *problem)),
    }
}

/// Diagnostics with one more.
fn with(mut found: Vec<Diagnostic>, problem: Diagnostic) -> Vec<Diagnostic> {
    found.push(problem);
    found
}

/// Adds the manifests whose names start with a dot. No render looks at them, but GitOps engines apply
/// them.
fn with_hidden(mut found: Comparison, target: &Target) -> Result<Comparison, Box<Diagnostic>> {
    if target.path.is_dir() {
        let hidden = tree::hidden(&target.path, &target.shown, APPLIED)?.into_iter();
        let (allowed, hidden): (Vec<String>, Vec<String>) =
            hidden.partition(|path| target.folder.allows(path));
        found.allowed.extend(allowed);
        let entry = |path| Entry { path, state: State::Foreign, wanted: false };
        found.entries.extend(hidden.into_iter().map(entry));
        found.entries.sort_by(|one, other| one.path.cmp(&other.path));
    }
    Ok(found)
}

/// The differences of the objects that deliver the manifests. `None` if `sitewright gitops` never
/// wrote them, or if they cannot be made, which is then reported.
fn delivery(
    compiled: &Compiled,
    project: &Project,
) -> Result<Reported<Option<Comparison>>, Box<Diagnostic>> {
    let target = Target::of_delivery(None, project)?;
    let everything = Scope::everything();
    let found = target.folder.compare(&Files::new(), &everything)?;
    let is_ours = |entry: &Entry| matches!(entry.state, State::Stale | State::Edited);
    if !found.entries.iter().any(is_ours) {
        return Ok(Reported::default());
    }
    let Reported { value: files, diagnostics } =
        gitops::files(&compiled.fleet, &compiled.with_manifests, project);
    if !diagnostics.is_empty() {
        return Ok(Reported { value: None, diagnostics });
    }
    let compared = target.folder.compare(&files, &everything)?;
    Ok(Reported { value: Some(compared), diagnostics })
}

/// The result of checking the passwords.
#[derive(Debug)]
pub struct Verified {
    /// How many passwords the fleet has.
    pub passwords: usize,
    /// The manifests of passwords that differ from the records.
    pub differences: Vec<Entry>,
    /// Warnings, in no order.
    pub diagnostics: Vec<Diagnostic>,
}

/// Compares the records with the manifests that carry passwords, and searches the files for clear
/// text. Values that a key of the user opens are opened. `found` has the diagnostics of reading the project, which include those of the records.
pub fn verify(project: &Project, mut found: Vec<Diagnostic>) -> Checked<Verified> {
    found.extend(secret::in_clear_text(&project.root));
    let target = match Target::of_manifests(None, project) {
        Ok(target) => target,
        Err(problem) => return Err(with(found, *problem)),
    };
    let everything = Scope::everything();
    let comparing = target.folder.comparing(&everything);
    let missing = Missing::Refuse(&everything);
    let compiled = crate::compile_into(&comparing, project, missing, found)?.without_errors()?;
    let Reported { value: compiled, diagnostics: found } = compiled;
    let entries = match comparing.finish(&compiled.files, &compiled.elsewhere) {
        Ok(comparison) => comparison.entries,
        Err(problem) => return Err(with(found, *problem)),
    };
    let differs = |entry: &Entry| is_of_a_secret(entry, &target.path, &compiled.files);
    let differences = entries.into_iter().filter(differs).collect();
    let settlement = &compiled.passwords.settlement;
    let damaged = settlement.damaged();
    if !damaged.is_empty() {
        return Err([found, damaged].concat());
    }
    Ok(Verified { passwords: settlement.settled.len(), differences, diagnostics: found })
}

/// Whether a difference in a file of the output concerns an object that carries a password.
fn is_of_a_secret(entry: &Entry, folder: &Path, wanted: &Files) -> bool {
    let name = entry.path.rsplit('/').next().unwrap_or_default();
    if name == layout::ALL_IN_ONE {
        let found = std::fs::read(folder.join(&entry.path)).unwrap_or_default();
        let wanted = wanted.get(&entry.path).map(Vec::as_slice).unwrap_or_default();
        return carriers(&found) != carriers(wanted);
    }
    let start = |kind: ObjectKind| format!("{}-", kind.as_str().to_ascii_lowercase());
    secret::carrier_kinds().any(|kind| name.starts_with(&start(kind)))
}

/// The objects of a file that carry passwords.
fn carriers(file: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(file).replace("\r\n", "\n");
    // The first two lines are comments on the whole file.
    let text = text.splitn(3, '\n').nth(2).unwrap_or_default();
    let is_one = |object: &&str| {
        let mut lines = object.lines();
        let kind = lines.find_map(|line| line.strip_prefix("kind: "));
        kind.is_some_and(|kind| secret::carrier_kinds().any(|carrier| carrier.as_str() == kind))
    };
    layout::objects_of(text).into_iter().filter(is_one).map(str::to_owned).collect()
}
