//! `sitewright secrets verify`: checks the passwords. No key is needed.

use crate::cli::arguments::Format;
use crate::cli::check::state;
use crate::cli::outcome::Outcome;
use crate::cli::render::fail;
use crate::cli::terminal::{Terminal, differ, number};
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
                format!("{} up to date in records and manifests", number(passwords, "password"))
            }
            count => format!("{} from the records of their passwords", differ(count)),
        });
    }
    Outcome::of(&diagnostics, !differences.is_empty())
}
