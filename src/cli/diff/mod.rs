//! `sitewright diff`.

mod html;
pub(super) mod markdown;
pub(super) mod sarif;
pub(super) mod text;

use super::arguments::{Diff, Format};
use super::outcome::Outcome;
use super::render::fail;
use super::terminal::{Terminal, redacted};
use sitewright::diagnostic::{self, Code, Diagnostic, Reported, visible};
use sitewright::diff::report::{Denied, Report};
use sitewright::diff::{self, Changes, Compared, Filter, Gate, few, is_path, places};
use sitewright::language::nearest_definition;
use sitewright::project::Project;
use sitewright::risk::Level;
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
    let (gate, filter) = (gate(arguments), filter(arguments, &project));
    diagnostics.extend(gate.mistakes(&changes));
    let unknown = unknown(&filter, &changes, &project);
    if !unknown.is_empty() {
        diagnostics.extend(unknown);
        return fail(diagnostics, &project.sources, terminal);
    }
    diagnostic::sort(&mut diagnostics, &project.sources);
    drop(progress);
    // The gate judges all changes, also those that the filters leave out.
    let denied: Vec<Denied> = gate.denied(&changes).into_iter().map(Denied::new).collect();
    let differs = arguments.exit_code && !changes.is_empty();
    let outcome = Outcome::of_diff(&diagnostics, !denied.is_empty(), differs);
    let complaints = complaints(&denied);
    show(arguments, &changes.only(&filter), denied, &project, &diagnostics, terminal);
    complaints.iter().for_each(|line| terminal.complain(line));
    outcome
}

/// The gate that the arguments state.
fn gate(arguments: &Diff) -> Gate {
    let allow = arguments.allow.iter().map(|(path, level)| (path.clone(), level.level()));
    Gate { deny: arguments.deny.map(|deny| deny.level()), allow: allow.collect() }
}

/// The filter that the arguments state.
fn filter(arguments: &Diff, project: &Project) -> Filter {
    let paths = arguments.paths.iter().map(|path| project.below(path).to_owned());
    Filter {
        paths: paths.collect(),
        kinds: arguments.kind.clone(),
        fields: arguments.field.clone(),
        risk: arguments.risk.map(|risk| risk.level()),
    }
}

/// The errors for paths at which nothing changes and no definition is.
fn unknown(filter: &Filter, changes: &Changes, project: &Project) -> Vec<Diagnostic> {
    if filter.paths.is_empty() {
        return Vec::new();
    }
    let changing = changes.definitions.iter().map(|it| it.definition.clone());
    let moved = changes.moves.iter().map(|it| it.from.clone());
    let known: Vec<String> =
        project.definitions.iter().map(|it| it.path()).chain(changing).chain(moved).collect();
    let is_known = |path: &&String| known.iter().any(|known| is_path(path, known));
    let unknown = filter.paths.iter().filter(|path| !is_known(path)).map(|path| {
        let help = nearest_definition(path, "Site", known.iter().map(String::as_str));
        let message = format!("no definition is at `{path}`");
        // SW209: a path or a name that matches no definition.
        Diagnostic::of_path(Code::UnknownPath, path, message).help(help)
    });
    unknown.collect()
}

/// Why the gate denies the changes. Each loss of data has a line of its own; many definitions of a lower risk share one.
fn complaints(denied: &[Denied]) -> Vec<String> {
    let of_level = |level: Level| {
        let paths = || denied.iter().filter(|it| it.risk == level).map(|it| &*it.definition);
        let (count, name) = (paths().count(), level.name());
        if level == Level::DataLoss || few(count) {
            return paths().map(|path| format!("denied: {} is {name}", visible(path))).collect();
        }
        vec![format!("denied: {count} definitions in {} are {name}", visible(&places(paths())))]
    };
    Level::ALL.into_iter().rev().flat_map(of_level).collect()
}

fn show(
    arguments: &Diff,
    changes: &Changes,
    denied: Vec<Denied>,
    project: &Project,
    diagnostics: &[Diagnostic],
    terminal: &Terminal,
) {
    let is_long = arguments.expand;
    match terminal.format {
        Format::Json => {
            // Maps with text for keys, numbers and text always have a JSON form.
            let result = serde_json::to_value(Report::new(changes, denied)).unwrap_or_default();
            return terminal.document(diagnostics, &project.sources, result);
        }
        Format::Markdown => terminal.out_redacted(&markdown::report(changes, is_long)),
        Format::Html => {
            let base = arguments.base.as_deref();
            let report = html::Report { changes, is_long, denied: &denied, base };
            terminal.out(&report.page(diagnostics, &project.sources));
        }
        Format::Sarif => {
            terminal.out_redacted(&format!("{:#}\n", redacted(sarif::report(changes, project))));
        }
        Format::Text if terminal.quiet => {}
        Format::Text | Format::Csv | Format::Github => {
            let report = text::report(changes, is_long, terminal.colour_of_results());
            terminal.out_redacted(&report);
        }
    }
    terminal.diagnostics(diagnostics, &project.sources);
}
