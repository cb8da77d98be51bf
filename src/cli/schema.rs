//! `sitewright schema`.

use super::arguments::{Format, Schema};
use super::outcome::Outcome;
use super::terminal::{Terminal, number};
use serde_json::json;
use sitewright::diagnostic::{Code, Diagnostic, Sources, cause};
use sitewright::language::{Kind, json_schema, nearest};
use std::path::Path;

pub(super) fn run(arguments: &Schema, root: &Path, terminal: &Terminal) -> Outcome {
    if let Some(folder) = &arguments.out {
        return match write_all(&root.join(folder)) {
            Ok(()) => {
                let count = number(Kind::ALL.len(), "schema");
                terminal.line(&format!("{count} in {}", folder.display()));
                if terminal.format == Format::Json {
                    let path = |kind: Kind| folder.join(kind.schema_file()).display().to_string();
                    let result = json!({"files": Kind::ALL.map(path), "written": true});
                    terminal.document(&[], &Sources::default(), result);
                }
                Outcome::Fine
            }
            Err(error) => {
                let shown = folder.display().to_string();
                let message = format!("the schemas could not be written: {}", cause(&error));
                // SW602: the schemas could not be written.
                refuse(Diagnostic::of_path(Code::WriteFailed, shown, message), terminal)
            }
        };
    }
    let stated = arguments.kind.as_deref().unwrap_or_default();
    let found = Kind::ALL.into_iter().find(|kind| kind.name().eq_ignore_ascii_case(stated));
    let Some(kind) = found else {
        let names = Kind::ALL.map(Kind::name);
        let help = match nearest(stated, &names) {
            Some(name) => format!("did you mean `{name}`?"),
            None => format!("kinds: {}", names.join(", ")),
        };
        let message = format!("`{stated}` is not a kind");
        // SW101: a kind is missing or not allowed here.
        return refuse(Diagnostic::of_path(Code::Kind, stated, message).help(help), terminal);
    };
    terminal.out(&text(kind));
    Outcome::Fine
}

/// Prints one problem of the call.
pub(super) fn refuse(problem: Diagnostic, terminal: &Terminal) -> Outcome {
    let problems = [problem];
    terminal.diagnostics(&problems, &Sources::default());
    Outcome::of(&problems, false)
}

fn text(kind: Kind) -> String {
    format!("{:#}\n", json_schema(kind))
}

/// Writes the schemas of all kinds, for editors.
pub(super) fn write_all(folder: &Path) -> std::io::Result<()> {
    fs_err::create_dir_all(folder)?;
    for kind in Kind::ALL {
        fs_err::write(folder.join(kind.schema_file()), text(kind))?;
    }
    Ok(())
}
