//! `sitewright rules`.

use super::arguments::{Format, Rules as What};
use super::outcome::Outcome;
use super::render::fail;
use super::schema::refuse;
use super::terminal::{Terminal, number, redacted};
use serde_json::{Value, json};
use sitewright::diagnostic::{Code, Diagnostic, Reported, Sources};
use sitewright::inventory;
use sitewright::project::Project;
use sitewright::rules::{RULES_FILE, Rules, Trial, variables_of};
use std::path::Path;

pub(super) fn run(what: &What, root: &Path, terminal: &Terminal) -> Outcome {
    if let What::Show { definition } = what {
        return show(definition, root, terminal);
    }
    if !root.join(RULES_FILE).exists() {
        let message = format!("this folder has no `{RULES_FILE}`");
        let help = "write the rules of the project there; docs/rules.md has an example";
        // SW111: there are no rules to list or to test.
        return refuse(
            Diagnostic::of_path(Code::BadRule, RULES_FILE, message).help(help),
            terminal,
        );
    }
    let mut sources = Sources::default();
    let Reported { value: rules, diagnostics } = Rules::read(root, &mut sources);
    match what {
        What::Test => test(&rules, diagnostics, &sources, terminal),
        _ => list(&rules, diagnostics, &sources, terminal),
    }
}

fn test(
    rules: &Rules,
    mut diagnostics: Vec<Diagnostic>,
    sources: &Sources,
    terminal: &Terminal,
) -> Outcome {
    let trials = rules.trials();
    let result: Vec<Value> = trials.iter().map(shown).collect();
    for Trial { rule, test, failure } in &trials {
        let word = if failure.is_none() { "ok" } else { "failed" };
        terminal.line(&format!("{word:<6} {rule}: {test}"));
    }
    let (all, failed) = (trials.len(), trials.iter().filter(|it| it.failure.is_some()).count());
    let untested: Vec<&str> =
        rules.iter().filter(|rule| rule.tests.is_empty()).map(|rule| rule.name()).collect();
    let mut summary = format!("{} of {} hold", all - failed, number(all, "test"));
    if !untested.is_empty() {
        summary += &format!("; without a test: {}", untested.join(", "));
    }
    diagnostics.extend(trials.into_iter().filter_map(|trial| trial.failure));
    match terminal.format {
        Format::Json => {
            terminal.document(&diagnostics, sources, Value::Array(result));
            Outcome::of(&diagnostics, false)
        }
        _ => {
            terminal.line(&summary);
            fail(diagnostics, sources, terminal)
        }
    }
}

fn shown(Trial { rule, test, failure }: &Trial) -> Value {
    json!({"rule": rule, "test": test, "passes": failure.is_none()})
}

fn list(
    rules: &Rules,
    diagnostics: Vec<Diagnostic>,
    sources: &Sources,
    terminal: &Terminal,
) -> Outcome {
    if terminal.format == Format::Json {
        let rows = rules.iter().map(|rule| {
            json!({
                "code": rule.own.id,
                "name": rule.name(),
                "about": rule.about.name(),
                "severity": rule.own.severity.name(),
                "message": rule.own.title,
                "docs": rule.own.docs,
                "tests": rule.tests.len(),
            })
        });
        terminal.document(&diagnostics, sources, rows.collect());
        return Outcome::of(&diagnostics, false);
    }
    let width = rules.iter().map(|rule| rule.name().len()).max().unwrap_or_default();
    for rule in rules.iter() {
        let (name, about, severity) = (rule.name(), rule.about.name(), rule.own.severity.name());
        let tests = number(rule.tests.len(), "test");
        terminal.line(&format!("{name:<width$}  {about:<14}  {severity:<7}  {tests}"));
    }
    fail(diagnostics, sources, terminal)
}

/// Prints the variables that rules about a definition see.
fn show(path: &str, root: &Path, terminal: &Terminal) -> Outcome {
    let Reported { value: project, mut diagnostics } = match Project::read(root) {
        Ok(read) => read,
        Err(unread) => return fail(unread.diagnostics, &unread.sources, terminal),
    };
    let fleet = sitewright::resolved(&project).add_to(&mut diagnostics);
    let definition = match inventory::find(path, &project) {
        Ok(definition) => definition,
        Err(problem) => return refuse(*problem, terminal),
    };
    let Some(variables) = variables_of(definition, &fleet, &project.sources) else {
        if diagnostics.is_empty() {
            let message = format!("no rule is about a {}", definition.kind.name());
            let help = "show a site, a database server, a bench or a cluster";
            // SW209: a definition that no rule is about.
            let problem = Diagnostic::new(Code::UnknownPath, definition.span(), message).help(help);
            diagnostics.push(problem);
        }
        return fail(diagnostics, &project.sources, terminal);
    };
    match terminal.format {
        Format::Json => terminal.document(&diagnostics, &project.sources, variables),
        _ => {
            terminal.out(&format!("{:#}\n", redacted(variables)));
            return fail(diagnostics, &project.sources, terminal);
        }
    }
    Outcome::of(&diagnostics, false)
}
