//! Whether what stands in the folders of a project is what a run would leave there. Nothing is written.

use super::removals::renamed;
use super::target::Target;
use crate::diagnostic::{Diagnostic, Reported, any_error};
use crate::diff::tree;
use crate::output::{APPLIED, Comparison, Entry, Files, Scope, State, layout};
use crate::project::Project;
use crate::secret::{self, Missing};
use crate::{Compiled, gitops};
use std::path::Path;

/// What is there, beside what should be.
#[derive(Debug)]
pub struct Checked<'p> {
    /// What the project compiles to.
    pub compiled: Compiled<'p>,
    /// How the manifests differ.
    pub manifests: Comparison,
    /// How what delivers the manifests differs, where `sitewright gitops` wrote it once.
    pub delivery: Option<Comparison>,
    /// Warnings, and the passwords without a record, in no order.
    pub diagnostics: Vec<Diagnostic>,
}

impl Checked<'_> {
    /// Whether each file is as a run would leave it, and no GitOps engine applies others.
    pub fn is_current(&self) -> bool {
        self.manifests.is_current()
            && self.manifests.foreign_manifests().next().is_none()
            && self.delivery.as_ref().is_none_or(Comparison::is_current)
    }
}

/// Compiles a project, and compares the manifests with the folder that `out` names, else with the project's own,
/// and then what delivers them too. `found` is what reading the project found.
pub fn check<'p>(
    project: &'p Project,
    out: Option<&Path>,
    mut found: Vec<Diagnostic>,
) -> Result<Checked<'p>, Vec<Diagnostic>> {
    match checked(project, out, &mut found) {
        Ok((compiled, manifests, delivery)) => {
            Ok(Checked { compiled, manifests, delivery, diagnostics: found })
        }
        Err(problem) => {
            found.extend(problem.map(|problem| *problem));
            Err(found)
        }
    }
}

type Parts<'p> = (Compiled<'p>, Comparison, Option<Comparison>);

/// An error without a problem is among the diagnostics already.
fn checked<'p>(
    project: &'p Project,
    out: Option<&Path>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Result<Parts<'p>, Option<Box<Diagnostic>>> {
    let everything = Scope::everything();
    let target = Target::of_manifests(out, project)?;
    let comparing = target.folder.comparing(&everything);
    let missing = Missing::Refuse(&everything);
    let compiled = crate::compile_into(&comparing, project, missing, diagnostics).ok_or(None)?;
    let manifests = comparing.finish(&compiled.files, &compiled.elsewhere)?;
    let manifests = with_hidden(manifests, &target)?;
    let stale = manifests.entries.iter().filter(|entry| entry.state == State::Stale);
    let stale = stale.map(|entry| &entry.path);
    diagnostics.extend(renamed(stale, &compiled.fleet, &target.path));
    let delivery = match out {
        Some(_) => None,
        None => delivery(&compiled, project, diagnostics)?,
    };
    Ok((compiled, manifests, delivery))
}

/// With the manifests whose names start with a dot: no render looks at them, and GitOps engines apply them.
fn with_hidden(mut found: Comparison, target: &Target) -> Result<Comparison, Box<Diagnostic>> {
    if target.path.is_dir() {
        let hidden = tree::hidden(&target.path, &target.shown, APPLIED)?.into_iter();
        let entry = |path| Entry { path, state: State::Foreign, wanted: false };
        found.entries.extend(hidden.map(entry));
        found.entries.sort_by(|one, other| one.path.cmp(&other.path));
    }
    Ok(found)
}

/// How what delivers the manifests differs, where `sitewright gitops` wrote it once.
fn delivery(
    compiled: &Compiled,
    project: &Project,
    diagnostics: &mut Vec<Diagnostic>,
) -> Result<Option<Comparison>, Box<Diagnostic>> {
    let target = Target::of_delivery(None, project)?;
    let everything = Scope::everything();
    let found = target.folder.compare(&Files::new(), &everything)?;
    let is_ours = |entry: &Entry| matches!(entry.state, State::Stale | State::Edited);
    if !found.entries.iter().any(is_ours) {
        return Ok(None);
    }
    let Reported { value: files, diagnostics: problems } =
        gitops::files(&compiled.fleet, &compiled.plans, project);
    if !problems.is_empty() {
        diagnostics.extend(problems);
        return Ok(None);
    }
    target.folder.compare(&files, &everything).map(Some)
}

/// What shows of passwords without any key.
#[derive(Debug)]
pub struct Verified {
    /// How many passwords the fleet has.
    pub passwords: usize,
    /// The manifests of passwords that differ from the records.
    pub differences: Vec<Entry>,
    /// Warnings, in no order.
    pub diagnostics: Vec<Diagnostic>,
}

/// Compares records, manifests and files with what they should hold. `found` is what reading the project
/// found, which checks the records as it reads them.
pub fn verify(project: &Project, mut found: Vec<Diagnostic>) -> Result<Verified, Vec<Diagnostic>> {
    found.extend(secret::in_clear_text(&project.root));
    match verified(project, &mut found) {
        Ok((passwords, differences)) => Ok(Verified { passwords, differences, diagnostics: found }),
        Err(problem) => {
            found.extend(problem.map(|problem| *problem));
            Err(found)
        }
    }
}

fn verified(
    project: &Project,
    diagnostics: &mut Vec<Diagnostic>,
) -> Result<(usize, Vec<Entry>), Option<Box<Diagnostic>>> {
    let everything = Scope::everything();
    let target = Target::of_manifests(None, project)?;
    let comparing = target.folder.comparing(&everything);
    let missing = Missing::Refuse(&everything);
    let compiled = crate::compile_into(&comparing, project, missing, diagnostics);
    let compiled = compiled.filter(|_| !any_error(diagnostics)).ok_or(None)?;
    let found = comparing.finish(&compiled.files, &compiled.elsewhere)?;
    let differs = |entry: &Entry| is_of_a_secret(entry, &target.path, &compiled.files);
    let differences = found.entries.into_iter().filter(differs).collect();
    Ok((compiled.passwords.settlement.settled.len(), differences))
}

/// Whether what differs in a file of the output carries a password.
fn is_of_a_secret(entry: &Entry, folder: &Path, wanted: &Files) -> bool {
    let name = entry.path.rsplit('/').next().unwrap_or_default();
    if name == layout::ALL_IN_ONE {
        let found = std::fs::read(folder.join(&entry.path)).unwrap_or_default();
        let wanted = wanted.get(&entry.path).map(Vec::as_slice).unwrap_or_default();
        return carriers(&found) != carriers(wanted);
    }
    CARRIERS.iter().any(|kind| name.starts_with(&format!("{}-", kind.to_ascii_lowercase())))
}

/// The kinds of what carries passwords.
const CARRIERS: [&str; 4] = ["SealedSecret", "ExternalSecret", "PushSecret", "Password"];

/// The objects of a file that carry passwords.
fn carriers(file: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(file).replace("\r\n", "\n");
    // The first two lines speak of all objects.
    let text = text.splitn(3, '\n').nth(2).unwrap_or_default();
    let is_one = |object: &&str| {
        let mut lines = object.lines();
        let kind = lines.find_map(|line| line.strip_prefix("kind: "));
        kind.is_some_and(|kind| CARRIERS.contains(&kind))
    };
    layout::objects_of(text).into_iter().filter(is_one).map(str::to_owned).collect()
}
