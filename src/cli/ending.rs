//! `sitewright retire` and `sitewright rm`: the two steps in which a definition ends.

use super::arguments::{Format, Retire, Rm};
use super::diff::text;
use super::outcome::Outcome;
use super::render::{Again, fail};
use super::terminal::Terminal;
use serde_json::json;
use sitewright::diagnostic::{self, Diagnostic, Reported};
use sitewright::diff::report::Report;
use sitewright::diff::unified;
use sitewright::output::Written;
use sitewright::project::{Project, Refused};
use sitewright::retirement::{self, Ending};
use std::path::Path;

pub(super) fn retire(arguments: &Retire, root: &Path, terminal: &Terminal) -> Outcome {
    let next = "Next: when the engine has applied this, `sitewright rm` removes the definition (docs/lifecycle.md)";
    let plan = |project, found| retirement::retire(project, &arguments.name, found);
    run(plan, arguments.dry_run, next, root, terminal)
}

pub(super) fn remove(arguments: &Rm, root: &Path, terminal: &Terminal) -> Outcome {
    let base = arguments.base.as_deref();
    let plan = |project, found| retirement::remove(project, &arguments.name, base, found);
    run(plan, arguments.dry_run, "", root, terminal)
}

fn run(
    plan: impl Fn(Project, Vec<Diagnostic>) -> Result<Ending, Box<Refused>>,
    is_dry: bool,
    next: &str,
    root: &Path,
    terminal: &Terminal,
) -> Outcome {
    let progress = terminal.progress("compiling");
    let Reported { value: project, diagnostics } = match Project::read(root) {
        Ok(read) => read,
        Err(unread) => return fail(unread.diagnostics, &unread.sources, terminal),
    };
    let ending = match plan(project, diagnostics) {
        Ok(ending) => ending,
        Err(refused) => return fail(refused.diagnostics, &refused.sources, terminal),
    };
    if is_dry {
        drop(progress);
        show(&ending, None, terminal);
        terminal.line("Nothing was written, because of `--dry-run`");
        return Outcome::Fine;
    }
    if let Err(problem) = ending.write() {
        return fail(vec![*problem], &ending.project.sources, terminal);
    }
    let again = Again::render(root, &ending.project, &[&ending.definition]);
    drop(progress);
    show(&ending, Some(&again), terminal);
    if !next.is_empty() {
        terminal.line(next);
    }
    let is_blocked = again.written.as_ref().is_some_and(Written::is_blocked);
    Outcome::of(&again.diagnostics, is_blocked)
}

/// `again` has what was done to the manifests, if anything was written.
fn show(ending: &Ending, again: Option<&Again>, terminal: &Terminal) {
    let Ending { definition, files, changes, project, .. } = ending;
    let mut diagnostics = match again {
        Some(again) if again.is_done() => again.diagnostics.clone(),
        _ => ending.warnings.clone(),
    };
    let sources = again.filter(|it| it.is_done()).map_or(&project.sources, |it| &it.sources);
    diagnostic::sort(&mut diagnostics, sources);
    if terminal.format == Format::Json {
        // Maps with text for keys, numbers and text always have a JSON form.
        let diff = serde_json::to_value(Report::new(changes, Vec::new())).unwrap_or_default();
        let files = files.iter().map(|file| {
            let action = if file.after.is_some() { "changed" } else { "removed" };
            json!({ "path": file.path, "action": action })
        });
        let result = json!({
            "definition": definition,
            "files": files.collect::<Vec<_>>(),
            "written": again.is_some(),
            "diff": diff,
        });
        return terminal.document(&diagnostics, sources, result);
    }
    for file in files {
        match &file.after {
            Some(after) => {
                terminal.line(&format!("~ {}", file.path));
                for line in unified(&file.before, after) {
                    terminal.line(&format!("  {line}"));
                }
            }
            None => terminal.line(&format!("- {}", file.path)),
        }
    }
    if changes.definitions.is_empty() {
        terminal.line("no object changes");
    } else if !terminal.quiet {
        let report = text::report(changes, terminal.verbose, terminal.colour_of_results());
        terminal.out_redacted(&format!("\n{report}"));
    }
    terminal.diagnostics(&diagnostics, sources);
    if let Some(written) = again.and_then(|it| it.written.as_ref()) {
        terminal.changes(&written.created, &written.updated, &written.removed);
    }
}
