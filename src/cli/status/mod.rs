//! `sitewright status`.

mod text;
mod watch;

use super::arguments::{Format, Status as Arguments};
use super::outcome::Outcome;
use super::render::fail;
use super::terminal::Terminal;
use sitewright::diagnostic::{self, Checked, Code, Diagnostic, Reported, any_error};
use sitewright::fleet_status::report::Report;
use sitewright::fleet_status::{self, Expected, FleetStatus, SiteDatabase, SiteStatus, State};
use sitewright::live::{self, Input, Kubectl, Options, target};
use sitewright::project::{Project, Refused};
use std::path::Path;
use std::time::Duration;

pub(super) fn run(arguments: &Arguments, root: &Path, terminal: &Terminal) -> Outcome {
    let progress = terminal.progress("reading");
    let Reported { value: project, diagnostics: mut found } = match Project::read(root) {
        Ok(read) => read,
        Err(Refused { sources, diagnostics }) => return fail(diagnostics, &sources, terminal),
    };
    let expected = match expected(arguments, &project) {
        Ok(expected) => expected.add_to(&mut found),
        Err(problem) => {
            found.push(*problem);
            return fail(found, &project.sources, terminal);
        }
    };
    if any_error(&found) {
        return fail(found, &project.sources, terminal);
    }
    let question = Question { arguments, project: &project, expected };
    if let Some(seconds) = arguments.watch {
        drop(progress);
        return watch::run(&question, Duration::from_secs(seconds.into()), terminal);
    }
    let answer = question.ask();
    drop(progress);
    let Reported { value: status, diagnostics } = match answer {
        Ok(answer) => answer,
        Err(problems) => return fail([found, problems].concat(), &project.sources, terminal),
    };
    found.extend(diagnostics);
    diagnostic::sort(&mut found, &project.sources);
    show(&question, &status, &found, terminal);
    let has_failed = status.count(State::Failed) > 0;
    drop(question);
    project.leave();
    Outcome::of(&found, has_failed)
}

/// The sites of the cluster that the user names.
fn expected(
    arguments: &Arguments,
    project: &Project,
) -> Result<Reported<Expected>, Box<Diagnostic>> {
    let cluster = target(project, arguments.cluster.as_deref())?;
    Ok(Expected::new(project, &cluster))
}

/// What is asked, which may be asked again.
struct Question<'q> {
    arguments: &'q Arguments,
    project: &'q Project,
    expected: Expected,
}

impl Question<'_> {
    /// Reads the SiteDatabases, and joins them with the definitions.
    fn ask(&self) -> Checked<Reported<FleetStatus>> {
        let Self { arguments, project, expected } = self;
        let kubectl = Kubectl::new(arguments.context.as_deref(), false);
        let inputs = match arguments.kubectl {
            true => kubectl.inputs(&[fleet_status::resource()]),
            // As every program does, a file is found from the folder in which the command runs.
            false => arguments.files.iter().map(|file| Input::named(file, Path::new(""))).collect(),
        };
        let options = Options { wanted: &fleet_status::is_wanted, managers: false, statuses: true };
        let read = live::read(inputs, &options, &|object| Some(SiteDatabase::new(object)));
        let Reported { value: read, diagnostics: mut problems } = read;
        problems.extend(kubectl.problems());
        problems
            .extend(kubectl.unknown_types().iter().map(|resource| self.not_installed(resource)));
        if any_error(&problems) {
            return Err(problems);
        }
        match expected.join(project, read.objects, arguments.watch.is_some()) {
            Ok(value) => Ok(Reported { value, diagnostics: problems }),
            // A warning, such as one about objects of an unknown version, may say why.
            Err(problem) => Err([vec![*problem], problems].concat()),
        }
    }

    /// Whether the first delivery ends these problems: it brings the type of the SiteDatabases.
    fn ends_with_a_delivery(&self, problems: &[Diagnostic]) -> bool {
        let mut errors = problems.iter().filter(|it| it.is_error());
        self.expected.has_status() && errors.all(|it| it.code == Code::NoSiteDatabases)
    }

    /// The error for a cluster without the type.
    fn not_installed(&self, resource: &str) -> Diagnostic {
        let message = format!("the cluster does not know the type `{resource}`");
        // SW859: a cluster without SiteDatabases.
        Diagnostic::of_path(Code::NoSiteDatabases, "kubectl", message).help(self.expected.remedy())
    }

    /// Whether a site is listed.
    fn lists(&self, site: &SiteStatus) -> bool {
        let phases = &self.arguments.phase;
        phases.is_empty() || phases.iter().any(|phase| phase.state() == site.state)
    }
}

fn show(question: &Question, status: &FleetStatus, found: &[Diagnostic], terminal: &Terminal) {
    let sources = &question.project.sources;
    if terminal.format == Format::Json {
        let report = Report::new(status, |site| question.lists(site));
        // Maps with text for keys, numbers and text always have a JSON form.
        let result = serde_json::to_value(report).unwrap_or_default();
        return terminal.document(found, sources, result);
    }
    if !terminal.quiet {
        terminal.out_redacted(&text::report(question, status, terminal));
    }
    terminal.diagnostics(found, sources);
}
