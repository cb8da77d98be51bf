//! `sitewright drift`.

mod accept;
mod markdown;
mod sarif;
mod sql;
mod text;

use super::arguments::{Drift as Arguments, Format};
use super::outcome::Outcome;
use super::render::fail;
use super::terminal::{Terminal, redacted};
use super::today::or_today;
use sitewright::diagnostic::{self, Checked, Diagnostic, Reported, any_error};
use sitewright::drift::report::Report;
use sitewright::drift::{Accepted, Comparison, Drift};
use sitewright::language::day;
use sitewright::live::{self, Input, Kubectl, Options, target};
use sitewright::project::Project;
use std::path::Path;

pub(super) fn run(arguments: &Arguments, root: &Path, terminal: &Terminal) -> Outcome {
    let progress = terminal.progress("comparing");
    let Reported { value: mut project, diagnostics: found } = match Project::read(root) {
        Ok(read) => read,
        Err(unread) => return fail(unread.diagnostics, &unread.sources, terminal),
    };
    if any_error(&found) {
        return fail(found, &project.sources, terminal);
    }
    if arguments.sql {
        drop(progress);
        return sql::scripts(arguments, &project, terminal);
    }
    if !arguments.sql_result.is_empty() {
        drop(progress);
        return sql::answers(arguments, &project, terminal);
    }
    let accepted = Accepted::read(&project.root, &mut project.sources);
    let accepted = match accepted {
        Ok(accepted) => accepted,
        Err(problems) => return fail([found, problems].concat(), &project.sources, terminal),
    };
    let compared = compared(arguments, &project, &accepted);
    let Reported { value: drift, diagnostics: problems } = match compared {
        Ok(drift) => drift,
        Err(problems) => return fail(problems, &project.sources, terminal),
    };
    let mut diagnostics = [found, problems].concat();
    diagnostic::sort(&mut diagnostics, &project.sources);
    drop(progress);
    if let Some(name) = &arguments.accept
        && !any_error(&diagnostics)
    {
        return accept::run(name, &drift, project, &diagnostics, terminal);
    }
    show(&drift, &project, &diagnostics, terminal);
    let differs = !drift.objects.is_empty();
    project.leave();
    Outcome::of(&diagnostics, differs)
}

/// Reads the live objects, and compares them with the manifests of the cluster.
fn compared(
    arguments: &Arguments,
    project: &Project,
    accepted: &Accepted,
) -> Checked<Reported<Drift>> {
    let cluster =
        target(project, arguments.cluster.as_deref()).map_err(|problem| vec![*problem])?;
    let comparison = Comparison::new(project, &cluster)?;
    let kubectl = Kubectl::new(arguments.context.as_deref(), true);
    let inputs = match arguments.kubectl {
        true => kubectl.inputs(&comparison.resources()),
        // As every program does, a file is found from the folder in which the command runs.
        false => arguments.files.iter().map(|file| Input::named(file, Path::new(""))).collect(),
    };
    let wanted = |group: &str, kind: &str| comparison.wants(group, kind);
    let options = Options { wanted: &wanted, managers: true, statuses: false };
    let read = live::read(inputs, &options, &|object| comparison.take(object));
    let Reported { value: read, diagnostics: mut problems } = read;
    problems.extend(kubectl.problems());
    if any_error(&problems) {
        return Err(problems);
    }
    let today = day::date(or_today(arguments.today.as_ref()));
    let drift = comparison.finish(read.objects, accepted, &today)?;
    Ok(Reported { value: drift.add_to(&mut problems), diagnostics: problems })
}

fn show(drift: &Drift, project: &Project, diagnostics: &[Diagnostic], terminal: &Terminal) {
    match terminal.format {
        Format::Json => {
            // Maps with text for keys, numbers and text always have a JSON form.
            let result = serde_json::to_value(Report::new(drift)).unwrap_or_default();
            return terminal.document(diagnostics, &project.sources, result);
        }
        Format::Markdown => terminal.out_redacted(&markdown::report(drift)),
        Format::Sarif => {
            terminal.out_redacted(&format!("{:#}\n", redacted(sarif::report(drift, project))));
        }
        Format::Text if terminal.quiet => {}
        Format::Text | Format::Csv | Format::Github | Format::Html => {
            terminal.out_redacted(&text::report(drift, terminal.colour_of_results()))
        }
    }
    terminal.diagnostics(diagnostics, &project.sources);
}
