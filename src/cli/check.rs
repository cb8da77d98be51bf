//! `sitewright check`.

use super::arguments::{Check, Format};
use super::outcome::Outcome;
use super::place::Place;
use super::render::fail;
use super::terminal::{Terminal, number};
use serde_json::json;
use sitewright::diagnostic::{self, Diagnostic, any_error, visible};
use sitewright::output::{Comparison, Entry, Files, Scope, State};
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
    let everything = Scope::everything();
    let missing = Missing::Refuse(&everything);
    let place = match Place::new(arguments.out.as_deref(), root, &project) {
        Ok(place) => place,
        Err(problem) => {
            diagnostics.push(*problem);
            return fail(diagnostics, &project.sources, terminal);
        }
    };
    let comparing = place.folder.comparing(&everything);
    let compiled = sitewright::compile_into(&comparing, &project, missing, &mut diagnostics);
    let Some(compiled) = compiled else {
        return fail(diagnostics, &project.sources, terminal);
    };
    let comparison = match comparing.finish(&compiled.files, &compiled.elsewhere) {
        Ok(comparison) => comparison,
        Err(problem) => {
            diagnostics.push(*problem);
            return fail(diagnostics, &project.sources, terminal);
        }
    };
    let delivery = match arguments.out {
        Some(_) => Ok(None),
        None => delivery(&compiled.fleet, &project, &mut diagnostics),
    };
    let delivery = match delivery {
        Ok(delivery) => delivery,
        Err(problem) => {
            diagnostics.push(*problem);
            return fail(diagnostics, &project.sources, terminal);
        }
    };
    diagnostic::sort(&mut diagnostics, &project.sources);
    drop(progress);
    if terminal.format == Format::Json {
        let of = |comparison: &Comparison| {
            let entries = comparison.entries.iter();
            let entries = entries.map(|entry| json!({"path": entry.path, "state": state(entry)}));
            let entries: Vec<_> = entries.collect();
            json!({"unchanged": comparison.unchanged, "differences": entries})
        };
        let mut result = of(&comparison);
        if let Some(delivery) = &delivery {
            result["gitops"] = of(delivery);
        }
        terminal.document(&diagnostics, &project.sources, result);
    } else {
        for entry in &comparison.entries {
            terminal.line(&format!("{:<9} {}", state(entry), visible(&entry.path)));
        }
        let folder = &project.folders.gitops;
        for entry in delivery.iter().flat_map(|delivery| &delivery.entries) {
            terminal.line(&format!("{:<9} {folder}/{}", state(entry), visible(&entry.path)));
        }
        terminal.diagnostics(&diagnostics, &project.sources);
        terminal.line(&match comparison.is_current() {
            // Of what has no record, nothing is compared.
            true if any_error(&diagnostics) => {
                "the other manifests are as they should be".to_owned()
            }
            true => format!("{} as they should be", number(compiled.objects, "manifest")),
            false => format!(
                "not what `sitewright render` would leave: {}",
                number(comparison.entries.len(), "file")
            ),
        });
        if let Some(delivery) = delivery.iter().find(|delivery| !delivery.is_current()) {
            let count = number(delivery.entries.len(), "file");
            terminal.line(&format!("not what `sitewright gitops` would leave: {count}"));
        }
    }
    let is_current = comparison.is_current() && delivery.is_none_or(|it| it.is_current());
    compiled.leave();
    project.leave();
    Outcome::of(&diagnostics, !is_current)
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
