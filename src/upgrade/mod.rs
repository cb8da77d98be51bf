//! The upgrade of an operator in a cluster: which files of definitions change, what that does to each
//! definition, and what to do in the cluster in which order.
//!
//! [`plan()`] compiles the project with the changed texts, in memory. It refuses an upgrade after which sites would
//! look for another database. [`Upgrade::write`] writes the files. Nothing here renders: the manifests are merged
//! only when the new version runs, so `sitewright render` is a step.

mod databases;
mod edited;
mod effects;
mod migration;
mod steps;
mod target;

pub use steps::Step;
pub use target::Target;

use crate::apply;
use crate::diagnostic::{Checked, Code, Diagnostic, FileId, Reported, any_error};
use crate::diff::{Changes, Compared, compared};
use crate::gitops;
use crate::language::{Definition, Kind};
use crate::operator::{Operator, Profiles};
use crate::output::Files;
use crate::project::{Project, Refused};
use crate::source::{self, Edited, Written};
use databases::Databases;
use edited::edited;
use migration::Migration;

/// The upgrade that a user asks for.
#[derive(Clone, Debug)]
pub struct Request<'r> {
    /// The name of the cluster.
    pub cluster: &'r str,
    /// The operator.
    pub operator: Operator,
    /// Its new version.
    pub version: &'r str,
    /// Whether the sites state the names of their databases, where the new version would use others.
    pub keep_databases: bool,
}

/// An upgrade that can be done.
#[derive(Debug)]
pub struct Upgrade {
    /// The operator with its old and its new version.
    pub target: Target,
    /// The files of definitions that change.
    pub files: Vec<Edited>,
    /// What the manifests change.
    pub changes: Changes,
    /// What the new version does that the old one does not.
    pub effects: Vec<&'static str>,
    /// The passwords that `sitewright render` will make, by definitions.
    pub new_passwords: Vec<Diagnostic>,
    /// What to do, in this order.
    pub steps: Vec<Step>,
    /// Warnings, in no order.
    pub warnings: Vec<Diagnostic>,
    /// The project after the upgrade.
    pub project: Project,
}

/// The cluster before the upgrade.
struct Before {
    profiles: Profiles,
    databases: Databases,
    delivery: Option<Files>,
}

/// Plans an upgrade. `found` has the diagnostics of reading the project.
pub fn plan(
    project: Project,
    request: &Request,
    found: Vec<Diagnostic>,
) -> Result<Upgrade, Box<Refused>> {
    let (target, file, before) = match begin(&project, request, found) {
        Ok(begun) => begun,
        Err(diagnostics) => return Err(refused(project, diagnostics)),
    };
    let shown = project.sources.path(file).to_owned();
    let path = ["operators", target.operator.field()];
    let mut files = match edited(&project, file, &path, target.to) {
        Ok(replacement) => vec![replacement],
        Err(problem) => return Err(refused(project, vec![*problem])),
    };
    let (mut project, mut found) = with_texts(project, &files)?;
    let moved = before.databases.moved(&project, request.cluster);
    if !moved.is_empty() {
        let names = match databases::stated(&project, &moved) {
            Ok(names) => names,
            Err(problem) => return Err(refused(project, vec![*problem])),
        };
        let kept = with_texts(project, &names)?;
        let is_kept = Databases::are_kept(&moved, &kept.0, request.cluster);
        (project, found) = kept;
        if !(is_kept && request.keep_databases) {
            let problem = databases::refusal(&moved, &target, is_kept, &shown);
            return Err(refused(project, vec![problem]));
        }
        // The version comes last: a run that is killed before it has stated names that hold anyway.
        files.splice(0..0, names);
    }
    finish(project, target, files, &before, found)
}

/// What is upgraded, the file that states its version, and the cluster as it is.
fn begin(
    project: &Project,
    request: &Request,
    found: Vec<Diagnostic>,
) -> Checked<(Target, FileId, Before)> {
    if any_error(&found) {
        return Err(found);
    }
    let definition = definition(project, request.cluster).map_err(|problem| vec![*problem])?;
    let checked = apply::check(project, None, found)?;
    let fleet = &checked.compiled.fleet;
    let cluster = fleet.clusters.iter().find(|cluster| cluster.name == request.cluster);
    let Some(cluster) = cluster else { return Err(checked.diagnostics) };
    let target = Target::new(cluster, request.operator, request.version)
        .map_err(|problem| vec![*problem])?;
    let is_locked = any_error(&checked.diagnostics);
    if is_locked || !checked.manifests.is_current() {
        let shown = &project.folders.rendered;
        let message = format!("`{shown}` is not what `sitewright render` would write");
        // SW903: an upgrade of a project whose manifests are out of date.
        let problem = Diagnostic::of_path(Code::UpgradeOutdated, shown, message);
        let help = "run `sitewright render` and merge the result first, so that the upgrade is the only change";
        return Err(vec![problem.help(help)]);
    }
    let before = Before {
        profiles: cluster.profiles,
        databases: Databases::of(fleet, request.cluster),
        delivery: delivery(project, request.cluster),
    };
    Ok((target, definition.file, before))
}

/// The definition of a cluster.
fn definition<'p>(project: &'p Project, name: &str) -> Result<&'p Definition, Box<Diagnostic>> {
    let clusters = project.definitions.iter().filter(|definition| definition.kind == Kind::Cluster);
    let mut names = Vec::new();
    for cluster in clusters {
        if cluster.cluster() == name {
            return Ok(cluster);
        }
        names.push(cluster.cluster());
    }
    let message = format!("there is no cluster `{name}`");
    // SW209: a path or a name that matches no definition.
    let problem = Diagnostic::of_path(Code::UnknownPath, name, message);
    Err(Box::new(problem.help(format!("clusters: {}", names.join(", ")))))
}

/// The project with other texts, and the diagnostics of reading it.
fn with_texts(
    project: Project,
    files: &[Edited],
) -> Result<(Project, Vec<Diagnostic>), Box<Refused>> {
    let Reported { value, diagnostics } = project.with_texts(files).map_err(Box::new)?;
    Ok((value, diagnostics))
}

fn refused(project: Project, diagnostics: Vec<Diagnostic>) -> Box<Refused> {
    Box::new(Refused { sources: project.sources, diagnostics })
}

/// Compares the manifests, and lists the steps.
fn finish(
    project: Project,
    target: Target,
    files: Vec<Edited>,
    before: &Before,
    found: Vec<Diagnostic>,
) -> Result<Upgrade, Box<Refused>> {
    let Compared { changes, diagnostics } = match compared(&project, None, found) {
        Ok(compared) => compared,
        Err(diagnostics) => return Err(refused(project, diagnostics)),
    };
    let (new_passwords, others): (Vec<_>, Vec<_>) =
        diagnostics.into_iter().partition(|found| found.code == Code::NoRecord);
    if any_error(&others) {
        return Err(refused(project, others));
    }
    let (fleet, _) = crate::fleet(&project).value;
    let cluster = fleet.clusters.iter().find(|cluster| cluster.name == target.cluster);
    let Some(cluster) = cluster else {
        drop(fleet);
        return Err(refused(project, others));
    };
    let after = cluster.profiles;
    let effects = effects::of(&before.profiles, &after);
    let migration = Migration {
        fleet: &fleet,
        cluster,
        target: &target,
        before: before.profiles.frappe,
        project: &project,
    };
    let is_delivered_otherwise = before.delivery != delivery(&project, &target.cluster);
    let steps = match after.installation(target.operator) {
        None => Vec::new(),
        Some((installation, releases)) if after.frappe.api != before.profiles.frappe.api => {
            migration.steps(installation, releases)
        }
        Some(installed) => {
            steps::steps(&fleet, &target, installed, is_delivered_otherwise, &project)
        }
    };
    drop(fleet);
    Ok(Upgrade { target, files, changes, effects, new_passwords, steps, warnings: others, project })
}

/// The objects that deliver the manifests of a cluster. `None` if they cannot be made, because the cluster does
/// not state what they need.
fn delivery(project: &Project, cluster: &str) -> Option<Files> {
    let (fleet, plans) = crate::fleet(project).value;
    let files = gitops::files(&fleet, &plans.with_manifests(&fleet), project).value;
    let folder = format!("{cluster}/");
    let of_cluster: Files =
        files.into_iter().filter(|(path, _)| path.starts_with(&folder)).collect();
    (!of_cluster.is_empty()).then_some(of_cluster)
}

impl Upgrade {
    /// Writes the files of definitions. After an error, each has either its old or its new text.
    pub fn write(&self) -> Result<(), Box<Diagnostic>> {
        const DEFINITIONS: Written = Written {
            what: "files",
            unchanged: "no definition was changed",
            help: "each file is written whole: clear the cause and run again",
        };
        let Project { root, folders, .. } = &self.project;
        source::replace(root, &folders.sites, &self.files, &DEFINITIONS)
    }
}
