//! `sitewright check`.

use super::arguments::{Check, Format};
use super::outcome::Outcome;
use super::render::fail;
use super::terminal::{Terminal, differ, number};
use serde_json::{Value, json};
use sitewright::apply::{self, ProjectComparison};
use sitewright::diagnostic::{self, Diagnostic, Reported, any_error, visible};
use sitewright::output::{Comparison, Entry, State};
use sitewright::project::Project;
use std::path::Path;

pub(super) fn run(arguments: &Check, root: &Path, terminal: &Terminal) -> Outcome {
    let progress = terminal.progress("checking");
    let Reported { value: project, diagnostics } = match Project::read(root) {
        Ok(read) => read,
        Err(unread) => return fail(unread.diagnostics, &unread.sources, terminal),
    };
    let checked = match apply::check(&project, arguments.out.as_deref(), diagnostics) {
        Ok(checked) => checked,
        Err(diagnostics) => return fail(diagnostics, &project.sources, terminal),
    };
    drop(progress);
    let is_current = checked.is_current();
    let ProjectComparison { compiled, manifests, delivery, mut diagnostics } = checked;
    diagnostic::sort(&mut diagnostics, &project.sources);
    let report = Report { objects: compiled.objects, manifests, delivery };
    match terminal.format {
        Format::Json => terminal.document(&diagnostics, &project.sources, report.json()),
        _ => report.show(&project, &diagnostics, terminal),
    }
    compiled.leave();
    project.leave();
    Outcome::of(&diagnostics, !is_current)
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
