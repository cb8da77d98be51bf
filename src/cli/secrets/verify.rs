//! `sitewright secrets verify`: everything about passwords that shows without a key.

use crate::cli::arguments::Format;
use crate::cli::check::state;
use crate::cli::outcome::Outcome;
use crate::cli::place::Place;
use crate::cli::render::fail;
use crate::cli::terminal::{Terminal, number};
use serde_json::json;
use sitewright::diagnostic::{self, Diagnostic, any_error};
use sitewright::output::{Entry, Files, Scope, layout};
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
    let place = match Place::new(None, &project.root, project) {
        Ok(place) => place,
        Err(problem) => {
            diagnostics.push(*problem);
            return fail(diagnostics, &project.sources, terminal);
        }
    };
    let comparing = place.folder.comparing(&everything);
    let missing = Missing::Refuse(&everything);
    let compiled = sitewright::compile_into(&comparing, project, missing, &mut diagnostics);
    let Some(compiled) = compiled.filter(|_| !any_error(&diagnostics)) else {
        return fail(diagnostics, &project.sources, terminal);
    };
    let differences: Vec<Entry> = match comparing.finish(&compiled.files, &compiled.elsewhere) {
        Ok(comparison) => {
            let differs = |entry: &Entry| is_of_a_secret(entry, project, &compiled.files);
            comparison.entries.into_iter().filter(differs).collect()
        }
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

/// Whether what differs in a file of the output carries a password.
fn is_of_a_secret(entry: &Entry, project: &Project, wanted: &Files) -> bool {
    let name = entry.path.rsplit('/').next().unwrap_or_default();
    if name == layout::ALL_IN_ONE {
        let path = project.root.join(&project.folders.rendered).join(&entry.path);
        let found = std::fs::read(path).unwrap_or_default();
        let wanted = wanted.get(&entry.path).map(Vec::as_slice).unwrap_or_default();
        return carriers(&found) != carriers(wanted);
    }
    CARRIERS.iter().any(|kind| name.starts_with(&format!("{}-", kind.to_ascii_lowercase())))
}

/// The kinds of what carries passwords.
const CARRIERS: [&str; 4] = ["SealedSecret", "ExternalSecret", "PushSecret", "Password"];

/// The objects of a file that carry passwords.
fn carriers(file: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(file).replace("\r\n", "\n");
    // The first two lines speak of all objects.
    let text = text.splitn(3, '\n').nth(2).unwrap_or_default();
    let is_one = |object: &&str| {
        let mut lines = object.lines();
        let kind = lines.find_map(|line| line.strip_prefix("kind: "));
        kind.is_some_and(|kind| CARRIERS.contains(&kind))
    };
    layout::objects_of(text).into_iter().filter(is_one).map(str::to_owned).collect()
}
