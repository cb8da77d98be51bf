//! `sitewright diff`.

mod html;
pub(super) mod markdown;
pub(super) mod sarif;
pub(super) mod text;

use super::arguments::{Diff, Format};
use super::outcome::Outcome;
use super::render::fail;
use super::terminal::{Terminal, redacted};
use sitewright::apply;
use sitewright::diagnostic::{self, Diagnostic, Reported, visible};
use sitewright::diff::report::{Denied, Report};
use sitewright::diff::{self, Changes, Compared, Filter, Gate, few, places};
use sitewright::language::{Definition, Lookup};
use sitewright::project::Project;
use sitewright::risk::Level;
use std::collections::BTreeSet;
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
    let Reported { value: filter, diagnostics: unknown } = filter(arguments, &changes, &project);
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

/// The filter that the arguments state, and a diagnostic for each path at which nothing changes and no definition is.
fn filter(arguments: &Diff, changes: &Changes, project: &Project) -> Reported<Filter> {
    let lookup = || lookup(changes, project);
    let Reported { value: paths, diagnostics } =
        apply::chosen(&arguments.paths, &project.folders, lookup, |_| false);
    let risk = arguments.risk.map(|risk| risk.level());
    let (kinds, fields) = (arguments.kind.clone(), arguments.field.clone());
    Reported { value: Filter { paths, kinds, fields, risk }, diagnostics }
}

/// The definitions of the project, and those that change and are no longer there.
fn lookup(changes: &Changes, project: &Project) -> Lookup {
    let defined: BTreeSet<String> = project.definitions.iter().map(Definition::path).collect();
    let changing = changes.definitions.iter().map(|it| it.definition.clone());
    let moved = changes.moves.iter().map(|it| it.from.clone());
    let gone: BTreeSet<String> =
        changing.chain(moved).filter(|path| !defined.contains(path)).collect();
    Lookup::new(&project.definitions).and_paths(gone)
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
