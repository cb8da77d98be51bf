//! `sitewright check`.

use super::arguments::{Check, Format};
use super::outcome::Outcome;
use super::place::Place;
use super::render::{self, fail};
use super::terminal::{Terminal, number};
use serde_json::{Value, json};
use sitewright::Compiled;
use sitewright::diagnostic::{self, Diagnostic, any_error, visible};
use sitewright::diff::tree;
use sitewright::output::{APPLIED, Comparison, Entry, Files, Scope, State};
use sitewright::project::Project;
use sitewright::resolve::Fleet;
use sitewright::secret::Missing;
use std::path::Path;

pub(super) fn run(arguments: &Check, root: &Path, terminal: &Terminal) -> Outcome {
    let mut diagnostics = Vec::new();
    let progress = terminal.progress("checking");
    let project = match Project::read(root, &mut diagnostics) {
        Ok(project) => project,
        Err(sources) => return fail(diagnostics, &sources, terminal),
    };
    let Some(checked) = checked(arguments, &project, &mut diagnostics) else {
        return fail(diagnostics, &project.sources, terminal);
    };
    diagnostic::sort(&mut diagnostics, &project.sources);
    drop(progress);
    match terminal.format {
        Format::Json => terminal.document(&diagnostics, &project.sources, checked.json()),
        _ => checked.show(&project, &diagnostics, terminal),
    }
    let Checked { manifests, delivery, compiled } = checked;
    let is_current = manifests.is_current()
        && manifests.foreign_manifests().next().is_none()
        && delivery.is_none_or(|it| it.is_current());
    compiled.leave();
    project.leave();
    Outcome::of(&diagnostics, !is_current)
}

/// What is there, beside what should be.
struct Checked<'p> {
    compiled: Compiled<'p>,
    manifests: Comparison,
    /// Where `sitewright gitops` wrote what delivers the manifests.
    delivery: Option<Comparison>,
}

/// Nothing where an error stands in the way, which is among the diagnostics then.
fn checked<'p>(
    arguments: &Check,
    project: &'p Project,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Checked<'p>> {
    let everything = Scope::everything();
    let missing = Missing::Refuse(&everything);
    let place = Place::new(arguments.out.as_deref(), &project.root, project);
    let place = place.map_err(|problem| diagnostics.push(*problem)).ok()?;
    let comparing = place.folder.comparing(&everything);
    let compiled = sitewright::compile_into(&comparing, project, missing, diagnostics)?;
    let manifests = comparing.finish(&compiled.files, &compiled.elsewhere);
    let manifests = manifests.and_then(|found| with_hidden(found, &place));
    let manifests = manifests.map_err(|problem| diagnostics.push(*problem)).ok()?;
    let stale = manifests.entries.iter().filter(|entry| entry.state == State::Stale);
    let stale = stale.map(|entry| &entry.path);
    diagnostics.extend(render::renamed(stale, &compiled.fleet, &place.path));
    let delivery = match arguments.out {
        Some(_) => Ok(None),
        None => delivery(&compiled.fleet, project, diagnostics),
    };
    let delivery = delivery.map_err(|problem| diagnostics.push(*problem)).ok()?;
    Some(Checked { compiled, manifests, delivery })
}

/// With the manifests whose names start with a dot: no render looks at them, and GitOps engines apply them.
fn with_hidden(mut found: Comparison, place: &Place) -> Result<Comparison, Box<Diagnostic>> {
    if place.path.is_dir() {
        let hidden = tree::hidden(&place.path, &place.shown, APPLIED)?.into_iter();
        let entry = |path| Entry { path, state: State::Foreign, wanted: false };
        found.entries.extend(hidden.map(entry));
        found.entries.sort_by(|one, other| one.path.cmp(&other.path));
    }
    Ok(found)
}

impl Checked<'_> {
    fn json(&self) -> Value {
        let of = |comparison: &Comparison| {
            let entries = comparison.entries.iter();
            let entries = entries.map(|entry| json!({"path": entry.path, "state": state(entry)}));
            let entries: Vec<_> = entries.collect();
            json!({"unchanged": comparison.unchanged, "differences": entries})
        };
        let mut result = of(&self.manifests);
        if let Some(delivery) = &self.delivery {
            result["gitops"] = of(delivery);
        }
        result
    }

    fn show(&self, project: &Project, diagnostics: &[Diagnostic], terminal: &Terminal) {
        let Self { compiled, manifests, delivery } = self;
        for entry in &manifests.entries {
            terminal.line(&format!("{:<9} {}", state(entry), visible(&entry.path)));
        }
        let folder = &project.folders.gitops;
        for entry in delivery.iter().flat_map(|delivery| &delivery.entries) {
            terminal.line(&format!("{:<9} {folder}/{}", state(entry), visible(&entry.path)));
        }
        terminal.diagnostics(diagnostics, &project.sources);
        terminal.line(&match manifests.is_current() {
            // Of what has no record, nothing is compared.
            true if any_error(diagnostics) => {
                "the other manifests are as they should be".to_owned()
            }
            true => format!("{} as they should be", number(compiled.objects, "manifest")),
            false => format!(
                "not what `sitewright render` would leave: {}",
                number(manifests.entries.len(), "file")
            ),
        });
        let foreign = manifests.foreign_manifests().count();
        if foreign > 0 {
            let count = number(foreign, "file");
            terminal.line(&format!("GitOps engines apply what sitewright did not write: {count}"));
        }
        if let Some(delivery) = delivery.iter().find(|delivery| !delivery.is_current()) {
            let count = number(delivery.entries.len(), "file");
            terminal.line(&format!("not what `sitewright gitops` would leave: {count}"));
        }
    }
}

/// How what delivers the manifests differs, where `sitewright gitops` wrote it once.
fn delivery(
    fleet: &Fleet,
    project: &Project,
    diagnostics: &mut Vec<Diagnostic>,
) -> Result<Option<Comparison>, Box<Diagnostic>> {
    let place = Place::of(&project.folders.gitops, None, &project.root, project)?;
    let everything = Scope::everything();
    let found = place.folder.compare(&Files::new(), &everything)?;
    let is_ours = |entry: &Entry| matches!(entry.state, State::Stale | State::Edited);
    if !found.entries.iter().any(is_ours) {
        return Ok(None);
    }
    let mut problems = Vec::new();
    let files = sitewright::gitops::files(fleet, project, &mut problems);
    if !problems.is_empty() {
        diagnostics.extend(problems);
        return Ok(None);
    }
    place.folder.compare(&files, &everything).map(Some)
}

/// The word for a file's state.
pub(super) fn state(entry: &Entry) -> &'static str {
    match entry.state {
        State::Missing => "missing",
        State::Outdated => "outdated",
        State::Stale => "stale",
        State::Edited => "edited",
        State::Crlf => "crlf",
        State::Foreign | State::Untouchable => "foreign",
    }
}
