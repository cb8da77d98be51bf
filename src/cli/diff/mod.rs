//! `sitewright diff`.

mod json;
mod markdown;
mod sarif;
mod text;

use super::arguments::{Deny, Diff, Format};
use super::outcome::Outcome;
use super::render::fail;
use super::terminal::Terminal;
use sitewright::diagnostic::{self, Code, Diagnostic, any_error};
use sitewright::diff::{self, Action, Base, Level, ObjectChange, Operators};
use sitewright::output::{Discard, Elsewhere, Scope, Sink};
use sitewright::project::{Folders, Project, SETTINGS_FILE};
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
    let everything = Scope::everything();
    let missing = Missing::Refuse(&everything);
    let against = against(arguments.base.as_deref(), &project);
    let sink: &dyn Sink = match &against {
        Ok(against) => &against.base,
        Err(_) => &Discard,
    };
    let compiled = sitewright::compile_into(sink, &project, missing, &mut diagnostics);
    let Some(compiled) = compiled else {
        return fail(diagnostics, &project.sources, terminal);
    };
    let head = compiled.files;
    let read = against.and_then(|Against { base, certificates }| {
        Ok((base.files(&compiled.elsewhere)?, certificates))
    });
    let (base, certificates) = match read {
        Ok(read) => read,
        Err(problem) => {
            diagnostics.push(*problem);
            return fail(diagnostics, &project.sources, terminal);
        }
    };
    let mut unread = Vec::new();
    let (base, head) = diff::tree::differing(&base, &head, &mut unread);
    if any_error(&unread) {
        diagnostics.extend(unread);
        return fail(diagnostics, &project.sources, terminal);
    }
    let clusters = compiled.fleet.clusters.iter();
    let operators = clusters
        .map(|Cluster { name, mariadb, frappe, .. }| {
            (name.clone(), Operators { mariadb: *mariadb, frappe: *frappe })
        })
        .collect();
    let most = project.output.max_removals;
    let too_many = diff::too_many(&diff::gone(&base, &head), &compiled.fleet, most);
    diagnostics.extend(too_many.map(|problem| *problem));
    let changes = diff::diff(&base, &head, &operators).into_iter();
    let report = Report::new(changes.chain(certificates).collect());
    let (allowed, wrong) = allowed(&arguments.allow, &report);
    diagnostics.extend(wrong);
    diagnostic::sort(&mut diagnostics, &project.sources);
    drop(progress);
    match terminal.format {
        Format::Json => {
            terminal.document(&diagnostics, &project.sources, json::report(&report));
        }
        Format::Markdown => {
            terminal.out(&markdown::report(&report));
            terminal.diagnostics(&diagnostics, &project.sources);
        }
        Format::Sarif => {
            terminal.out(&format!("{:#}\n", sarif::report(&report, &project)));
            terminal.diagnostics(&diagnostics, &project.sources);
        }
        Format::Text => {
            if !terminal.quiet {
                terminal.out(&text::report(&report, terminal.colour_of_results()));
            }
            terminal.diagnostics(&diagnostics, &project.sources);
        }
    }
    let denied: Vec<&Group> = report
        .groups
        .iter()
        .filter(|group| {
            let allowed = allowed.get(group.definition.as_str()).copied();
            let is_denied = arguments.deny.is_some_and(|deny| group.level() >= deny.level());
            is_denied && allowed.is_none_or(|allowed| group.level() > allowed)
        })
        .collect();
    for group in &denied {
        terminal.complain(&format!("denied: {} is {}", group.definition, group.level().name()));
    }
    Outcome::of_diff(
        &diagnostics,
        !denied.is_empty(),
        arguments.exit_code && !report.groups.is_empty(),
    )
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

/// What to compare with.
struct Against {
    /// The manifests.
    base: Base,
    /// The certificates that changed, where there is a revision to ask.
    certificates: Vec<ObjectChange>,
}

/// Finds what to compare with.
fn against(stated: Option<&str>, project: &Project) -> Result<Against, Box<Diagnostic>> {
    const MANIFESTS: &str = ".yaml";
    const CERTIFICATES: &str = ".pem";
    let (root, folders) = (&project.root, &project.folders);
    let of_folder = |folder: &Path, shown: &str| {
        let base = Base::folder(folder, shown, MANIFESTS)?;
        Ok(Against { base, certificates: Vec::new() })
    };
    let Some(stated) = stated else {
        let folder = root.join(&folders.rendered);
        return match folder.is_dir() {
            true => of_folder(&folder, &folders.rendered),
            false => Ok(Against { base: Base::Nothing, certificates: Vec::new() }),
        };
    };
    let is_surely_a_folder = stated.starts_with(['.', '/']) || stated.ends_with('/');
    if Path::new(stated).is_dir() && (is_surely_a_folder || !stated.ends_with("...")) {
        // Neither is a good guess: one of them hides what is lost, and whoever proposes a change can add
        // a folder of any name.
        if !is_surely_a_folder && diff::git::knows(root, stated) {
            let message = format!("`{stated}` is a folder and a revision of Git");
            let help = format!(
                "write `./{stated}` for the folder, `{stated}...` for where this branch left the revision"
            );
            let problem = Diagnostic::of_path(Code::DiffTree, stated, message).help(help);
            return Err(Box::new(problem));
        }
        let against = of_folder(Path::new(stated), stated)?;
        if !against.base.is_rendered() {
            let message = format!("`{stated}` holds no manifest that sitewright rendered");
            let help = "name the folder of manifests itself, such as `../before/rendered`";
            let problem = Diagnostic::of_path(Code::DiffTree, stated, message).help(help);
            return Err(Box::new(problem));
        }
        return Ok(against);
    }
    // A change that renames the folders must not hide what else it does.
    let settings = diff::git::file(root, stated, SETTINGS_FILE)?;
    let before = Folders::of(settings.as_deref().unwrap_or_default());
    let list = |folder: &str, ending: &str| {
        diff::git::Tree::list(root, stated, folder, ending).map(Base::Revision)
    };
    let now = Base::folder(&root.join(&folders.sites), &folders.sites, CERTIFICATES)?;
    let now = now.files(&Elsewhere::new())?;
    let (then, now) = list(&before.sites, CERTIFICATES)?.differing(now)?;
    let certificates = diff::certificates(&then, &now);
    Ok(Against { base: list(&before.rendered, MANIFESTS)?, certificates })
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
