//! `sitewright rules`.

use super::arguments::{Format, Rules as What};
use super::outcome::Outcome;
use super::render::fail;
use super::schema::refuse;
use super::terminal::{Terminal, number, redacted};
use serde_json::{Value, json};
use sitewright::diagnostic::{Code, Diagnostic, Reported, Sources};
use sitewright::inventory;
use sitewright::language::nearest;
use sitewright::project::Project;
use sitewright::rules::{RULES_FILE, Rule, Rules, Trial, variables_of};
use std::path::Path;

pub(super) fn run(what: &What, root: &Path, terminal: &Terminal) -> Outcome {
    if let What::Show { definition } = what {
        return show(definition, root, terminal);
    }
    let mut sources = Sources::default();
    let Reported { value: rules, diagnostics } = match read(root, &mut sources) {
        Ok(read) => read,
        Err(problem) => return refuse(*problem, terminal),
    };
    match what {
        What::Test => test(&rules, diagnostics, &sources, terminal),
        _ => list(&rules, diagnostics, &sources, terminal),
    }
}

/// The rules of a project that has some.
fn read(root: &Path, sources: &mut Sources) -> Result<Reported<Rules>, Box<Diagnostic>> {
    if !root.join(RULES_FILE).exists() {
        let message = format!("this folder has no `{RULES_FILE}`");
        let help = "write the rules of the project there; docs/rules.md has an example";
        // SW111: there are no rules to show or to test.
        return Err(Box::new(Diagnostic::of_path(Code::BadRule, RULES_FILE, message).help(help)));
    }
    Ok(Rules::read(root, sources))
}

/// `sitewright explain rule/NAME`.
pub(super) fn explain(name: &str, root: &Path, terminal: &Terminal) -> Outcome {
    let mut sources = Sources::default();
    let Reported { value: rules, diagnostics } = match read(root, &mut sources) {
        Ok(read) => read,
        Err(problem) => return refuse(*problem, terminal),
    };
    let Some(rule) = rules.iter().find(|rule| rule.name() == name) else {
        // A rule that is not valid is not among those that were read.
        if !diagnostics.is_empty() {
            return fail(diagnostics, &sources, terminal);
        }
        let known: Vec<&str> = rules.iter().map(|rule| rule.name()).collect();
        let help = match nearest(name, &known) {
            Some(meant) => format!("did you mean `rule/{meant}`?"),
            None => "`sitewright rules list` shows the rules".to_owned(),
        };
        let message = format!("`{RULES_FILE}` has no rule `{name}`");
        // SW209: the name of a rule that does not exist.
        let problem = Diagnostic::of_path(Code::UnknownPath, RULES_FILE, message).help(help);
        return refuse(problem, terminal);
    };
    if terminal.format == Format::Json {
        terminal.document(&diagnostics, &sources, row(rule));
        return Outcome::of(&diagnostics, false);
    }
    let (severity, about) = (rule.own.severity.name(), rule.about.name());
    let mut text = format!("{}, {severity}, about each {about}, from ", rule.own.id);
    text += &format!("{}\n\n", sources.line_of(rule.place()));
    let lines = [
        ("when", rule.when()),
        ("require", Some(rule.require())),
        ("message", Some(&*rule.own.title)),
        ("help", rule.help()),
        ("docs", rule.own.docs.as_deref()),
    ];
    for (key, value) in lines {
        if let Some(value) = value {
            // Further lines stand below the first one.
            let value = value.trim_end().replace('\n', &format!("\n{:11}", ""));
            text += &format!("  {key:<7}  {value}\n");
        }
    }
    text += &format!("  tests    {}\n", rule.tests.len());
    terminal.out_redacted(&text);
    fail(diagnostics, &sources, terminal)
}

fn test(
    rules: &Rules,
    mut diagnostics: Vec<Diagnostic>,
    sources: &Sources,
    terminal: &Terminal,
) -> Outcome {
    // Nothing can be said about tests of rules that cannot be read.
    let is_readable = diagnostics.is_empty();
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
            terminal.document(&diagnostics, sources, json!({"tests": result}));
            Outcome::of(&diagnostics, false)
        }
        _ => {
            if is_readable {
                terminal.line(&summary);
            }
            fail(diagnostics, sources, terminal)
        }
    }
}

fn shown(Trial { rule, test, failure }: &Trial) -> Value {
    json!({"rule": rule, "test": test, "ok": failure.is_none()})
}

fn list(
    rules: &Rules,
    diagnostics: Vec<Diagnostic>,
    sources: &Sources,
    terminal: &Terminal,
) -> Outcome {
    if terminal.format == Format::Json {
        let rows: Vec<Value> = rules.iter().map(row).collect();
        terminal.document(&diagnostics, sources, json!({"rules": rows}));
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

/// A rule as JSON.
fn row(rule: &Rule) -> Value {
    json!({
        "code": rule.own.id,
        "name": rule.name(),
        "about": rule.about.name(),
        "severity": rule.own.severity.name(),
        "when": rule.when(),
        "require": rule.require(),
        "message": rule.own.title,
        "help": rule.help(),
        "docs": rule.own.docs,
        "tests": rule.tests.len(),
    })
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
