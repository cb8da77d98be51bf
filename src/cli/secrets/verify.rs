//! `sitewright secrets verify`: everything about passwords that shows without a key.

use crate::cli::arguments::Format;
use crate::cli::check::state;
use crate::cli::outcome::Outcome;
use crate::cli::place::Place;
use crate::cli::render::fail;
use crate::cli::terminal::{Terminal, number};
use serde_json::json;
use sitewright::diagnostic::{self, Diagnostic, any_error};
use sitewright::output::{Entry, Scope};
use sitewright::project::Project;
use sitewright::secret::{self, Missing};

pub(super) fn run(
    project: &Project,
    mut diagnostics: Vec<Diagnostic>,
    terminal: &Terminal,
) -> Outcome {
    diagnostics.extend(secret::in_clear_text(&project.root));
    let everything = Scope::everything();
    // Records are checked as they are read, and against the fleet as it is compiled.
    let compiled = sitewright::compile(project, Missing::Refuse(&everything), &mut diagnostics);
    let Some(compiled) = compiled.filter(|_| !any_error(&diagnostics)) else {
        return fail(diagnostics, &project.sources, terminal);
    };
    let place = Place::new(None, &project.root, project);
    let compared = place.and_then(|place| place.folder.compare(&compiled.files, &everything));
    let differences: Vec<Entry> = match compared {
        Ok(comparison) => comparison.entries.into_iter().filter(is_of_a_secret).collect(),
        Err(problem) => {
            diagnostics.push(*problem);
            return fail(diagnostics, &project.sources, terminal);
        }
    };
    diagnostic::sort(&mut diagnostics, &project.sources);
    let passwords = compiled.passwords.settlement.settled.len();
    if terminal.format == Format::Json {
        let entries = differences
            .iter()
            .map(|entry| json!({"path": entry.path, "state": state(entry)}))
            .collect::<Vec<_>>();
        let result = json!({"passwords": passwords, "differences": entries});
        terminal.document(&diagnostics, &project.sources, result);
    } else {
        for entry in &differences {
            terminal.line(&format!("{:<9} {}", state(entry), entry.path));
        }
        terminal.diagnostics(&diagnostics, &project.sources);
        terminal.line(&match differences.len() {
            0 => {
                format!("{} recorded and rendered as they should be", number(passwords, "password"))
            }
            count => format!(
                "the manifests of passwords are not what is recorded: {}",
                number(count, "file")
            ),
        });
    }
    Outcome::of(&diagnostics, !differences.is_empty())
}

/// Whether a file of the output carries a password.
fn is_of_a_secret(entry: &Entry) -> bool {
    let name = entry.path.rsplit('/').next().unwrap_or_default();
    ["sealedsecret-", "externalsecret-", "pushsecret-", "password-"]
        .iter()
        .any(|start| name.starts_with(start))
}
