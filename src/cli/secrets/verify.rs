//! `sitewright secrets verify`: checks the passwords. No key is needed.

use crate::cli::arguments::Format;
use crate::cli::check::state;
use crate::cli::outcome::Outcome;
use crate::cli::render::fail;
use crate::cli::terminal::{Terminal, number};
use serde_json::json;
use sitewright::apply::{Verified, verify};
use sitewright::diagnostic::{self, Diagnostic};
use sitewright::project::Project;

pub(super) fn run(project: &Project, found: Vec<Diagnostic>, terminal: &Terminal) -> Outcome {
    let Verified { passwords, differences, mut diagnostics } = match verify(project, found) {
        Ok(verified) => verified,
        Err(diagnostics) => return fail(diagnostics, &project.sources, terminal),
    };
    diagnostic::sort(&mut diagnostics, &project.sources);
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
