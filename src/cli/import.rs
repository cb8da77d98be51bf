//! `sitewright import`: makes definitions of objects that exist already, and proves what a render of them changes.

use super::arguments::{Format, Import as Arguments};
use super::diff::text;
use super::outcome::Outcome;
use super::render::fail;
use super::terminal::{Terminal, number};
use sitewright::diagnostic::{self, Diagnostic, Reported, Sources, any_error, visible};
use sitewright::import::report::{Counts, NotExpressible, Object, Report};
use sitewright::import::{self, Import, Request};
use sitewright::live::{self, Input, LiveObject, Options, Read};
use sitewright::project::Refused;
use std::path::Path;

pub(super) fn run(arguments: &Arguments, root: &Path, terminal: &Terminal) -> Outcome {
    let progress = terminal.progress("importing");
    let inputs = arguments.files.iter().map(|file| Input::named(file, Path::new(""))).collect();
    let options = Options { wanted: &import::is_wanted, managers: false, statuses: false };
    let Reported { value: read, diagnostics } = live::read(inputs, &options, &import::kept);
    if any_error(&diagnostics) {
        return fail(diagnostics, &Sources::default(), terminal);
    }
    let Read { objects, summary } = read;
    let request = Request {
        cluster: arguments.cluster.as_deref(),
        frappe: arguments.frappe.as_deref(),
        mariadb: arguments.mariadb.as_deref(),
        left_alone: &summary.left_alone,
    };
    let mut import = match import::import(root, &request, &objects) {
        Ok(import) => import,
        Err(Refused { sources, diagnostics }) => return fail(diagnostics, &sources, terminal),
    };
    import.warnings.extend(diagnostics);
    drop(progress);
    if !arguments.dry_run
        && let Err(problem) = import.write()
    {
        return fail(vec![*problem], &import.project.sources, terminal);
    }
    show(&import, &objects, arguments.dry_run, terminal);
    match import.is_exact() {
        true => Outcome::Fine,
        false => Outcome::Findings,
    }
}

fn show(import: &Import, objects: &[LiveObject], is_dry: bool, terminal: &Terminal) {
    let mut warnings = import.warnings.clone();
    diagnostic::sort(&mut warnings, &import.project.sources);
    let report = Report::new(import, objects, !is_dry);
    if terminal.format == Format::Json {
        // Maps with text for keys, numbers and text always have a JSON form.
        let result = serde_json::to_value(report).unwrap_or_default();
        return terminal.document(&warnings, &import.project.sources, result);
    }
    terminal.changes(&report.files, &[], &[]);
    if !terminal.quiet && !import.changes.definitions.is_empty() {
        let changes = text::report(&import.changes, terminal.verbose, terminal.colour_of_results());
        terminal
            .out_redacted(&format!("\nWhat a render of these definitions changes:\n\n{changes}"));
    }
    for (title, lines) in [
        ("Not expressible, so it stays as it is in the cluster:", not_expressible(&report)),
        ("Deleted together with its owner:", owned(&report)),
        ("Passwords that no record has:", passwords(&import.passwords)),
    ] {
        if !lines.is_empty() {
            terminal.line(&format!("\n{title}"));
            lines.iter().for_each(|line| terminal.line(&format!("  {line}")));
        }
    }
    terminal.diagnostics(&warnings, &import.project.sources);
    terminal.line("");
    if !report.left_alone.is_empty() {
        let kinds = report.left_alone.iter().map(|(kind, count)| format!("{count} {kind}"));
        terminal.line(&format!("left alone: {}", kinds.collect::<Vec<_>>().join(", ")));
    }
    terminal.line(&counted(report.counts));
    if is_dry {
        terminal.line("Nothing was written, because of `--dry-run`");
    }
}

/// `42 imported without a change, 3 with differences, 1 not imported`.
fn counted(counts: Counts) -> String {
    let Counts { without_a_change, with_differences, not_imported, references } = counts;
    let mut line = format!(
        "{without_a_change} imported without a change, {with_differences} with differences, {not_imported} not imported"
    );
    if references > 0 {
        line.push_str(&format!(", {} to what stays outside", number(references, "reference")));
    }
    line
}

fn named(object: &Object) -> String {
    visible(&format!("{} {}/{}", object.kind, object.namespace, object.name)).into_owned()
}

/// The fields by their objects.
fn not_expressible(report: &Report) -> Vec<String> {
    let same =
        |one: &NotExpressible, next: &NotExpressible| named(&one.object) == named(&next.object);
    let mut lines = Vec::new();
    for fields in report.not_expressible.chunk_by(same) {
        lines.push(named(&fields[0].object));
        for NotExpressible { field, value, why, .. } in fields {
            let value = value.as_ref().map_or(String::new(), |value| format!(": {value}"));
            lines.push(visible(format!("  {field}{value} ({why})").trim_end()).into_owned());
        }
    }
    lines
}

fn owned(report: &Report) -> Vec<String> {
    let of = |it: &sitewright::import::report::Owned| {
        format!("{}: {}", named(&it.object), it.owners.join(", "))
    };
    report.owned.iter().map(of).collect()
}

fn passwords(found: &[Diagnostic]) -> Vec<String> {
    let of = |it: &Diagnostic| {
        let help = it.help.as_ref().map(|help| format!("  what to do: {help}"));
        [Some(it.message.clone()), help].into_iter().flatten().collect::<Vec<_>>()
    };
    found.iter().flat_map(of).collect()
}
