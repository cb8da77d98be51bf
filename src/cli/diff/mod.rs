//! `sitewright diff`.

pub(super) mod markdown;
pub(super) mod sarif;
pub(super) mod text;

use super::arguments::{Diff, Format};
use super::outcome::Outcome;
use super::render::fail;
use super::terminal::{Terminal, redacted};
use sitewright::diagnostic::{self, Diagnostic, Reported, visible};
use sitewright::diff::report::Report;
use sitewright::diff::{self, Changes, Compared, DefinitionChange, Gate};
use sitewright::project::Project;
use std::path::Path;

pub(super) fn run(arguments: &Diff, root: &Path, terminal: &Terminal) -> Outcome {
    let progress = terminal.progress("comparing");
    let Reported { value: project, diagnostics } = match Project::read(root) {
        Ok(read) => read,
        Err(unread) => return fail(unread.diagnostics, &unread.sources, terminal),
    };
    let compared = diff::compared(&project, arguments.base.as_deref(), diagnostics);
    let Compared { changes, mut diagnostics } = match compared {
        Ok(compared) => compared,
        Err(diagnostics) => return fail(diagnostics, &project.sources, terminal),
    };
    let gate = gate(arguments);
    diagnostics.extend(gate.mistakes(&changes));
    diagnostic::sort(&mut diagnostics, &project.sources);
    drop(progress);
    let denied = gate.denied(&changes);
    show(&changes, &denied, &project, &diagnostics, terminal);
    for change in &denied {
        let definition = visible(&change.definition);
        terminal.complain(&format!("denied: {definition} is {}", change.level().name()));
    }
    let differs = arguments.exit_code && !changes.is_empty();
    Outcome::of_diff(&diagnostics, !denied.is_empty(), differs)
}

/// The gate that the arguments state.
fn gate(arguments: &Diff) -> Gate {
    let allow = arguments.allow.iter().map(|(path, level)| (path.clone(), level.level()));
    Gate { deny: arguments.deny.map(|deny| deny.level()), allow: allow.collect() }
}

fn show(
    changes: &Changes,
    denied: &[&DefinitionChange],
    project: &Project,
    diagnostics: &[Diagnostic],
    terminal: &Terminal,
) {
    match terminal.format {
        Format::Json => {
            // Maps with text for keys, numbers and text always have a JSON form.
            let result = serde_json::to_value(Report::new(changes, denied)).unwrap_or_default();
            return terminal.document(diagnostics, &project.sources, result);
        }
        Format::Markdown => terminal.out_redacted(&markdown::report(changes)),
        Format::Sarif => {
            terminal.out_redacted(&format!("{:#}\n", redacted(sarif::report(changes, project))));
        }
        Format::Text if terminal.quiet => {}
        Format::Text | Format::Csv => {
            terminal.out_redacted(&text::report(changes, terminal.colour_of_results()))
        }
    }
    terminal.diagnostics(diagnostics, &project.sources);
}
