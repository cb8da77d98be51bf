//! `sitewright mv`: moves a definition or a folder, and renders it at its new place.

use super::arguments::{Format, Mv as Arguments};
use super::diff::text;
use super::outcome::Outcome;
use super::render::{Again, fail};
use super::terminal::Terminal;
use serde_json::json;
use sitewright::diagnostic::{self, Reported};
use sitewright::diff::report::Report;
use sitewright::output::Written;
use sitewright::project::Project;
use sitewright::relocate::{self, Move};
use std::path::Path;

pub(super) fn run(arguments: &Arguments, root: &Path, terminal: &Terminal) -> Outcome {
    let progress = terminal.progress("moving");
    let Reported { value: project, diagnostics } = match Project::read(root) {
        Ok(read) => read,
        Err(unread) => return fail(unread.diagnostics, &unread.sources, terminal),
    };
    let moved = match relocate::plan(project, &arguments.old, &arguments.new, diagnostics) {
        Ok(moved) => moved,
        Err(refused) => return fail(refused.diagnostics, &refused.sources, terminal),
    };
    if arguments.dry_run {
        drop(progress);
        show(&moved, None, terminal);
        return Outcome::Fine;
    }
    if let Err(problem) = moved.write() {
        return fail(vec![*problem], &moved.project.sources, terminal);
    }
    let rendered = Again::render(root, &moved.project, &[&moved.from, &moved.to]);
    drop(progress);
    show(&moved, Some(&rendered), terminal);
    let is_blocked = rendered.written.as_ref().is_some_and(Written::is_blocked);
    Outcome::of(&rendered.diagnostics, is_blocked)
}

fn show(moved: &Move, rendered: Option<&Again>, terminal: &Terminal) {
    let Move { from, to, stated_name, changes, project, .. } = moved;
    let is_dry = rendered.is_none();
    let (diagnostics, sources) = match rendered {
        Some(rendered) if rendered.is_done() => (rendered.diagnostics.clone(), &rendered.sources),
        _ => {
            let mut warnings = moved.warnings.clone();
            diagnostic::sort(&mut warnings, &project.sources);
            (warnings, &project.sources)
        }
    };
    if terminal.format == Format::Json {
        // Maps with text for keys, numbers and text always have a JSON form.
        let diff = serde_json::to_value(Report::new(changes, Vec::new())).unwrap_or_default();
        let result = json!({
            "from": from, "to": to, "statedName": stated_name, "written": !is_dry, "diff": diff,
        });
        return terminal.document(&diagnostics, sources, result);
    }
    let ending = if moved.is_folder { "/" } else { ".yaml" };
    let sites = &project.folders.sites;
    terminal.line(&format!("{sites}/{from}{ending} → {sites}/{to}{ending}"));
    if let Some(name) = stated_name {
        terminal.line(&format!("  with `name: {name}`, so its objects keep their names"));
    }
    if changes.definitions.is_empty() {
        terminal.line("  no object changes");
    } else if !terminal.quiet {
        let report = text::report(changes, terminal.verbose, terminal.colour_of_results());
        terminal.out_redacted(&format!("\n{report}"));
    }
    terminal.diagnostics(&diagnostics, sources);
    if let Some(Written { created, updated, removed, .. }) =
        rendered.and_then(|it| it.written.as_ref())
    {
        terminal.changes(created, updated, removed);
    }
    if moved.is_delivered_by_folder {
        terminal.line("Next: `sitewright gitops`, because each definition is delivered by its folder (docs/gitops.md)");
    }
    if is_dry {
        terminal.line("Nothing was written, because of `--dry-run`");
    }
}
