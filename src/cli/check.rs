//! `sitewright check`.

use super::annotations::Annotation;
use super::arguments::{Check, Format};
use super::outcome::Outcome;
use super::render::failed;
use super::terminal::{Terminal, differ, number};
use super::turn::Turn;
use serde_json::{Value, json};
use sitewright::apply::{self, ProjectComparison};
use sitewright::diagnostic::{self, Diagnostic, Reported, Sources, any_error, visible};
use sitewright::diff::unified;
use sitewright::fixes;
use sitewright::output::{Comparison, Entry, State};
use sitewright::project::Project;
use sitewright::source::{self, Written};
use std::path::Path;

pub(super) fn run(arguments: &Check, root: &Path, terminal: &Terminal) -> Turn {
    if arguments.fix
        && let Err((problem, sources)) = fix(root, arguments.dry_run, terminal)
    {
        return failed(vec![*problem], &sources, terminal);
    }
    let progress = terminal.progress("checking");
    let Reported { value: project, diagnostics } = match Project::read(root) {
        Ok(read) => read,
        Err(unread) => return failed(unread.diagnostics, &unread.sources, terminal),
    };
    let checked = match apply::check(&project, arguments.out.as_deref(), diagnostics) {
        Ok(checked) => checked,
        Err(diagnostics) => return failed(diagnostics, &project.sources, terminal),
    };
    drop(progress);
    let is_current = checked.is_current();
    let ProjectComparison { compiled, manifests, delivery, mut diagnostics } = checked;
    diagnostic::sort(&mut diagnostics, &project.sources);
    let report = Report { objects: compiled.objects, manifests, delivery };
    match terminal.format {
        Format::Json => terminal.document(&diagnostics, &project.sources, report.json()),
        _ if terminal.annotates() => {
            let mut found = Annotation::of_diagnostics(&diagnostics, &project.sources);
            found.extend(report.annotations(&project));
            terminal.annotations(&found);
        }
        _ => report.show(&project, &diagnostics, terminal),
    }
    // A watch goes on, so it needs the memory again.
    if !arguments.watch {
        compiled.leave();
        project.leave();
    }
    Outcome::of(&diagnostics, !is_current).into()
}

/// Corrects the definitions where that is certain. A project that cannot be read is reported by what follows.
fn fix(root: &Path, is_dry: bool, terminal: &Terminal) -> Result<(), (Box<Diagnostic>, Sources)> {
    const DEFINITIONS: Written = Written {
        what: "definitions",
        unchanged: "nothing was fixed",
        help: "clear the cause and run again",
    };
    let Ok(Reported { value: project, diagnostics }) = Project::read(root) else { return Ok(()) };
    let fixed = fixes::fix(&project, &diagnostics);
    if !is_dry {
        let written = source::replace(root, &project.folders.sites, &fixed.files, &DEFINITIONS);
        written.map_err(|problem| (problem, project.sources))?;
    }
    for file in &fixed.files {
        terminal.line(&format!("~ {}", file.path));
        for line in unified(&file.before, &file.after) {
            terminal.line(&format!("  {line}"));
        }
    }
    let count = number(fixed.count, "mistake");
    match (is_dry, fixed.count) {
        (true, _) => terminal.line(&format!(
            "{count} would be fixed; nothing was written, because of `--dry-run`\n"
        )),
        // Files that cannot be read are reported below.
        (false, 0) if any_error(&diagnostics) => {}
        (false, _) => terminal.line(&format!("{count} fixed\n")),
    }
    Ok(())
}

/// The report about the files.
struct Report {
    /// The number of objects that the project compiles to.
    objects: usize,
    manifests: Comparison,
    delivery: Option<Comparison>,
}

impl Report {
    fn json(&self) -> Value {
        let of = |comparison: &Comparison| {
            let entries = comparison.entries.iter();
            let entries = entries.map(|entry| json!({"path": entry.path, "state": state(entry)}));
            let entries: Vec<_> = entries.collect();
            json!({"unchanged": comparison.unchanged, "differences": entries})
        };
        let mut result = of(&self.manifests);
        if let Some(delivery) = &self.delivery {
            result["gitops"] = of(delivery);
        }
        result
    }

    /// The files that differ. Foreign files have diagnostics.
    fn annotations(&self, project: &Project) -> Vec<Annotation> {
        let of = |comparison: &Comparison, folder: &str, command: &str| {
            let entries = comparison.entries.iter();
            let entries = entries.filter(|entry| state(entry) != "foreign");
            let annotation = |entry: &Entry| {
                let state = state(entry);
                let message = format!("this file is {state}: run `sitewright {command}`");
                Annotation::of_file(state, format!("{folder}/{}", entry.path), message)
            };
            entries.map(annotation).collect::<Vec<_>>()
        };
        let mut found = of(&self.manifests, &project.folders.rendered, "render");
        if let Some(delivery) = &self.delivery {
            found.extend(of(delivery, &project.folders.gitops, "gitops"));
        }
        found
    }

    fn show(&self, project: &Project, diagnostics: &[Diagnostic], terminal: &Terminal) {
        let Self { objects, manifests, delivery } = self;
        for entry in &manifests.entries {
            terminal.line(&format!("{:<9} {}", state(entry), visible(&entry.path)));
        }
        let folder = &project.folders.gitops;
        for entry in delivery.iter().flat_map(|delivery| &delivery.entries) {
            terminal.line(&format!("{:<9} {folder}/{}", state(entry), visible(&entry.path)));
        }
        terminal.diagnostics(diagnostics, &project.sources);
        terminal.line(&match manifests.is_current() {
            // A password without a record is not compared.
            true if any_error(diagnostics) => "the other manifests are up to date".to_owned(),
            true => format!("{} up to date", number(*objects, "manifest")),
            false => {
                format!("{} from what `sitewright render` writes", differ(manifests.entries.len()))
            }
        });
        let foreign = manifests.foreign_manifests().count();
        if foreign > 0 {
            let count = number(foreign, "file");
            terminal
                .line(&format!("{count} that sitewright did not write, but GitOps engines apply"));
        }
        if let Some(delivery) = delivery.iter().find(|delivery| !delivery.is_current()) {
            let count = differ(delivery.entries.len());
            terminal.line(&format!("{count} from what `sitewright gitops` writes"));
        }
    }
}

/// The word for a file's state.
pub(super) fn state(entry: &Entry) -> &'static str {
    match entry.state {
        State::Missing => "missing",
        State::Outdated => "outdated",
        State::Stale => "stale",
        State::Edited => "edited",
        State::Crlf => "crlf",
        State::Foreign | State::Untouchable => "foreign",
    }
}
