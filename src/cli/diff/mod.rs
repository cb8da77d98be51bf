//! `sitewright diff`.

mod against;
mod json;
mod markdown;
mod sarif;
mod text;

use super::arguments::{Deny, Diff, Format};
use super::outcome::Outcome;
use super::render::fail;
use super::terminal::{Terminal, withheld};
use against::Against;
use sitewright::diagnostic::{self, Code, Diagnostic, any_error, visible};
use sitewright::diff::{self, Action, Finding, Level, ObjectChange, Operators};
use sitewright::output::{Discard, Scope, Sink};
use sitewright::project::Project;
use sitewright::resolve::Cluster;
use sitewright::secret::Missing;
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::path::Path;

pub(super) fn run(arguments: &Diff, root: &Path, terminal: &Terminal) -> Outcome {
    let mut diagnostics = Vec::new();
    let progress = terminal.progress("comparing");
    let project = match Project::read(root, &mut diagnostics) {
        Ok(project) => project,
        Err(sources) => return fail(diagnostics, &sources, terminal),
    };
    let Some(report) = changes(arguments, &project, &mut diagnostics) else {
        return fail(diagnostics, &project.sources, terminal);
    };
    let (allowed, wrong) = allowed(&arguments.allow, &report);
    diagnostics.extend(wrong);
    diagnostic::sort(&mut diagnostics, &project.sources);
    drop(progress);
    let is_denied = |group: &&Group| {
        let is_denied = arguments.deny.is_some_and(|deny| group.level() >= deny.level());
        let allowed = allowed.get(group.definition.as_str());
        is_denied && allowed.is_none_or(|allowed| group.level() > *allowed)
    };
    let denied: Vec<&Group> = report.groups.iter().filter(is_denied).collect();
    show(&report, &denied, &project, &diagnostics, terminal);
    for group in &denied {
        let definition = visible(&group.definition);
        terminal.complain(&format!("denied: {definition} is {}", group.level().name()));
    }
    let differs = arguments.exit_code && !report.groups.is_empty();
    Outcome::of_diff(&diagnostics, !denied.is_empty(), differs)
}

/// What changes; nothing where an error stands in the way, which is among the diagnostics then.
fn changes(
    arguments: &Diff,
    project: &Project,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Report> {
    let everything = Scope::everything();
    let missing = Missing::Refuse(&everything);
    let against = Against::find(arguments.base.as_deref(), project);
    let sink: &dyn Sink = match &against {
        Ok(against) => &against.base,
        Err(_) => &Discard,
    };
    // What is wrong with the definitions is said before what is wrong with the base.
    let compiled = sitewright::compile_into(sink, project, missing, diagnostics)?;
    let head = compiled.files;
    let read = against.and_then(|Against { base, certificates }| {
        let base = base.files(&compiled.elsewhere)?;
        let mut beside = certificates;
        if arguments.base.is_some() {
            let elsewhere = compiled.elsewhere.iter().map(|(path, _)| &**path);
            let wanted = elsewhere.chain(head.keys().map(String::as_str));
            beside.extend(against::others(&base, wanted, project)?);
        }
        Ok((base, beside))
    });
    let (base, beside) = read.map_err(|problem| diagnostics.push(*problem)).ok()?;
    let mut unread = Vec::new();
    let (base, head) = diff::tree::differing(&base, &head, &mut unread);
    if any_error(&unread) {
        diagnostics.extend(unread);
        return None;
    }
    let most = project.output.max_removals;
    let too_many = diff::too_many(&diff::gone(&base, &head), &compiled.fleet, most);
    diagnostics.extend(too_many.map(|problem| *problem));
    let clusters = compiled.fleet.clusters.iter();
    let operators = clusters.map(|Cluster { name, mariadb, frappe, engine, .. }| {
        (name.clone(), Operators { mariadb, frappe, engine: *engine })
    });
    let changes = diff::diff(&base, &head, &operators.collect()).into_iter();
    Some(Report::new(changes.chain(beside).collect()))
}

fn show(
    report: &Report,
    denied: &[&Group],
    project: &Project,
    diagnostics: &[Diagnostic],
    terminal: &Terminal,
) {
    match terminal.format {
        Format::Json => {
            let result = json::report(report, denied);
            return terminal.document(diagnostics, &project.sources, result);
        }
        Format::Markdown => terminal.told(&markdown::report(report)),
        Format::Sarif => {
            terminal.told(&format!("{:#}\n", withheld(sarif::report(report, project))));
        }
        Format::Text if terminal.quiet => {}
        Format::Text => terminal.told(&text::report(report, terminal.colour_of_results())),
    }
    terminal.diagnostics(diagnostics, &project.sources);
}

/// What is allowed of which definition; a definition that does not change is a mistake.
fn allowed<'a>(
    stated: &'a [(String, Deny)],
    report: &Report,
) -> (BTreeMap<&'a str, Level>, Vec<Diagnostic>) {
    let mut wrong = Vec::new();
    for (definition, _) in stated {
        if !report.groups.iter().any(|group| group.definition == *definition) {
            let message = format!("`{definition}` is allowed a risk, and does not change");
            let help = "write the definition's path, such as production/acme, or leave it out";
            wrong.push(Diagnostic::of_path(Code::UnknownPath, definition, message).help(help));
        }
    }
    (stated.iter().map(|(path, level)| (path.as_str(), level.level())).collect(), wrong)
}

/// The changes of a definition.
struct Group {
    /// Its path, such as `production/acme`.
    definition: String,
    changes: Vec<ObjectChange>,
}

impl Group {
    fn cluster(&self) -> &str {
        self.definition.split('/').next().unwrap_or_default()
    }

    fn level(&self) -> Level {
        self.changes.iter().map(ObjectChange::level).max().unwrap_or(Level::None)
    }

    /// The riskiest change, with what it does; nothing where none does anything.
    fn riskiest(&self) -> Option<(&ObjectChange, &Finding)> {
        // Changes and findings are in the order of their risk.
        let change = self.changes.first()?;
        let finding = change.findings.first().filter(|finding| finding.level > Level::None)?;
        Some((change, finding))
    }

    /// What becomes of the definition as a whole.
    fn action(&self) -> Action {
        let all = |action| self.changes.iter().all(|change| change.action == action);
        // Whatever has changed fields was there and is there.
        match (all(Action::Added), all(Action::Removed)) {
            (true, _) if self.is_whole() => Action::Added,
            (_, true) if self.is_whole() => Action::Removed,
            _ => Action::Changed,
        }
    }

    /// Whether the object that stands for the definition comes or goes.
    fn is_whole(&self) -> bool {
        const MAIN: [&str; 4] = ["FrappeSite", "FrappeBench", "MariaDB", "ExternalMariaDB"];
        self.changes.iter().any(|change| MAIN.contains(&change.key.kind.as_str()))
    }
}

/// All changes, by cluster and definition, the riskiest first.
struct Report {
    groups: Vec<Group>,
}

impl Report {
    fn new(changes: Vec<ObjectChange>) -> Self {
        let mut groups: BTreeMap<String, Vec<ObjectChange>> = BTreeMap::new();
        for change in changes {
            groups.entry(change.definition().to_owned()).or_default().push(change);
        }
        let mut groups: Vec<Group> =
            groups.into_iter().map(|(definition, changes)| Group { definition, changes }).collect();
        for group in &mut groups {
            group.changes.sort_by_key(|change| Reverse(change.level()));
        }
        // Clusters stay together: the one with the worst change first, its worst definition first.
        let mut worst: BTreeMap<String, Level> = BTreeMap::new();
        for group in &groups {
            let level = worst.entry(group.cluster().to_owned()).or_insert(Level::None);
            *level = group.level().max(*level);
        }
        groups.sort_by_cached_key(|group| {
            let cluster = group.cluster();
            (Reverse(worst.get(cluster).copied()), cluster.to_owned(), Reverse(group.level()))
        });
        Self { groups }
    }

    fn level(&self) -> Level {
        self.groups.iter().map(Group::level).max().unwrap_or(Level::None)
    }

    fn count(&self, action: Action) -> usize {
        self.groups.iter().filter(|group| group.action() == action).count()
    }

    /// How many definitions have this as their worst.
    fn count_of(&self, level: Level) -> usize {
        self.groups.iter().filter(|group| group.level() == level).count()
    }
}
