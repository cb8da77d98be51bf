//! `sitewright check`.

use super::arguments::{Check, Format};
use super::outcome::Outcome;
use super::place::Place;
use super::render::fail;
use super::terminal::{Terminal, number};
use serde_json::json;
use sitewright::diagnostic::{self, any_error};
use sitewright::output::{Entry, Scope, State};
use sitewright::project::Project;
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
    let Some(compiled) = sitewright::compile(&project, missing, &mut diagnostics) else {
        return fail(diagnostics, &project.sources, terminal);
    };
    let place = Place::new(arguments.out.as_deref(), root, &project);
    let compared = place.and_then(|place| place.folder.compare(&compiled.files, &everything));
    let comparison = match compared {
        Ok(comparison) => comparison,
        Err(problem) => {
            diagnostics.push(*problem);
            return fail(diagnostics, &project.sources, terminal);
        }
    };
    diagnostic::sort(&mut diagnostics, &project.sources);
    drop(progress);
    if terminal.format == Format::Json {
        let entries: Vec<_> = comparison
            .entries
            .iter()
            .map(|entry| json!({"path": entry.path, "state": state(entry)}))
            .collect();
        let result = json!({"unchanged": comparison.unchanged, "differences": entries});
        terminal.document(&diagnostics, &project.sources, result);
    } else {
        for entry in &comparison.entries {
            terminal.line(&format!("{:<9} {}", state(entry), entry.path));
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
    }
    Outcome::of(&diagnostics, !comparison.is_current())
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
