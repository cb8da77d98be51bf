//! `sitewright upgrade`: writes another version of an operator, and prints its effects and the
//! steps.

use super::arguments::{Format, Upgrade as Arguments};
use super::diff::text;
use super::outcome::Outcome;
use super::render::fail;
use super::terminal::{Terminal, number};
use serde_json::{Value, json};
use sitewright::diagnostic;
use sitewright::diagnostic::Reported;
use sitewright::diff::report::Report;
use sitewright::project::Project;
use sitewright::upgrade::{self, Request, Step, Target, Upgrade};
use std::path::Path;

pub(super) fn run(arguments: &Arguments, root: &Path, terminal: &Terminal) -> Outcome {
    let progress = terminal.progress("comparing");
    let Reported { value: project, diagnostics } = match Project::read(root) {
        Ok(read) => read,
        Err(unread) => return fail(unread.diagnostics, &unread.sources, terminal),
    };
    // The parser refuses a call without an operator.
    let Some((operator, version)) = arguments.target() else { return Outcome::Input };
    let request = Request {
        cluster: &arguments.cluster,
        operator,
        version,
        keep_databases: arguments.keep_databases,
    };
    let upgrade = match upgrade::plan(project, &request, diagnostics) {
        Ok(upgrade) => upgrade,
        Err(refused) => return fail(refused.diagnostics, &refused.sources, terminal),
    };
    drop(progress);
    if !arguments.dry_run
        && let Err(problem) = upgrade.write()
    {
        return fail(vec![*problem], &upgrade.project.sources, terminal);
    }
    show(&upgrade, arguments.dry_run, terminal);
    Outcome::Fine
}

fn show(upgrade: &Upgrade, is_dry: bool, terminal: &Terminal) {
    let Upgrade { changes, effects, steps, warnings, project, .. } = upgrade;
    let mut warnings = warnings.clone();
    diagnostic::sort(&mut warnings, &project.sources);
    if terminal.format == Format::Json {
        return terminal.document(&warnings, &project.sources, document(upgrade, is_dry));
    }
    terminal.line(&title(&upgrade.target));
    if !terminal.quiet {
        terminal.out_redacted(&format!(
            "\n{}",
            text::report(changes, terminal.verbose, terminal.colour_of_results())
        ));
    }
    terminal.diagnostics(&warnings, &project.sources);
    if !effects.is_empty() {
        let Target { operator, from, to, .. } = &upgrade.target;
        terminal.line(&format!("\nWhat {} {to} does, and {from} does not:", operator.name()));
        effects.iter().for_each(|effect| terminal.line(&format!("- {effect}")));
    }
    if let Some(line) = passwords(upgrade) {
        terminal.line(&format!("\n{line}"));
    }
    terminal.line("\nSteps:");
    for (at, step) in steps.iter().enumerate() {
        step_lines(at + 1, step, terminal.verbose).iter().for_each(|line| terminal.line(line));
    }
    terminal.line("");
    for file in &upgrade.files {
        terminal.line(&format!("~ {}", file.path));
    }
    if is_dry {
        terminal.line("Nothing was written, because of `--dry-run`");
    }
}

fn title(target: &Target) -> String {
    let Target { cluster, operator, from, to } = target;
    format!("{cluster}: {} {from} → {to}", operator.name())
}

/// The passwords that `sitewright render` will make.
fn passwords(upgrade: &Upgrade) -> Option<String> {
    let count = upgrade.new_passwords.len();
    let line = || {
        let definitions = number(count, "definition");
        format!("`sitewright render` will make new passwords for {definitions}")
    };
    (count > 0).then(line)
}

/// A step with its commands, each on its own line, so that users can copy it: the first of them, or all.
fn step_lines(number: usize, step: &Step, shows_all: bool) -> Vec<String> {
    /// How many are listed without `-v`.
    const LISTED: usize = 20;
    let Step { text, commands } = step;
    let ending = if commands.is_empty() { "." } else { ":" };
    let shown = if shows_all { commands.len() } else { LISTED.min(commands.len()) };
    let mut lines = vec![format!("{number}. {text}{ending}")];
    lines.extend(commands.iter().take(shown).map(|command| format!("   {command}")));
    if shown < commands.len() {
        lines.push(format!("   and {} more, which -v lists", commands.len() - shown));
    }
    lines
}

fn document(upgrade: &Upgrade, is_dry: bool) -> Value {
    let Target { cluster, operator, from, to } = &upgrade.target;
    let steps = upgrade.steps.iter();
    let steps = steps.map(|step| json!({"text": step.text, "commands": step.commands}));
    let new_passwords = upgrade.new_passwords.iter().map(|found| &found.message);
    // Maps with text for keys, numbers and text always have a JSON form.
    let diff = serde_json::to_value(Report::new(&upgrade.changes, Vec::new())).unwrap_or_default();
    json!({
        "cluster": cluster,
        "operator": operator.name(),
        "from": from,
        "to": to,
        "written": !is_dry,
        "files": upgrade.files.iter().map(|file| &file.path).collect::<Vec<_>>(),
        "diff": diff,
        "effects": upgrade.effects,
        "newPasswords": new_passwords.collect::<Vec<_>>(),
        "steps": steps.collect::<Vec<_>>(),
    })
}
