//! `sitewright fmt`.

use super::arguments::{Fmt, Format};
use super::outcome::Outcome;
use super::render::fail;
use super::terminal::{Terminal, number};
use serde_json::json;
use sitewright::diagnostic::{self, Code, Diagnostic, Sources, visible};
use sitewright::diff::unified;
use sitewright::formatting::{self, Formatted};
use sitewright::source::{self, Written, yaml::MAX_BYTES};
use std::io::Read as _;
use std::path::Path;

/// The argument that stands for the standard input.
const STDIN: &str = "-";

impl Fmt {
    /// Whether it formats the standard input, and no file.
    pub(super) fn is_of_stdin(&self) -> bool {
        self.paths == [STDIN]
    }
}

pub(super) fn run(arguments: &Fmt, root: &Path, terminal: &Terminal) -> Outcome {
    if arguments.is_of_stdin() {
        return match read() {
            Ok(text) => print(&text, arguments.check, terminal),
            Err(problem) => fail(vec![*problem], &Sources::default(), terminal),
        };
    }
    let formatted = match formatting::files(root, &arguments.paths) {
        Ok(formatted) => formatted,
        Err(unread) => return fail(unread.diagnostics, &unread.sources, terminal),
    };
    if !arguments.check {
        const DEFINITIONS: Written = Written {
            what: "definitions",
            unchanged: "nothing was formatted",
            help: "clear the cause and run again",
        };
        let written = source::replace(root, &formatted.sites, &formatted.edited, &DEFINITIONS);
        if let Err(problem) = written {
            return fail(vec![*problem], &formatted.sources, terminal);
        }
    }
    report(formatted, arguments.check, terminal)
}

/// The text on the standard input.
fn read() -> Result<String, Box<Diagnostic>> {
    let mut text = String::new();
    let mut input = std::io::stdin().lock().take(MAX_BYTES + 1);
    match input.read_to_string(&mut text) {
        Ok(_) if text.len() as u64 <= MAX_BYTES => Ok(text),
        Ok(_) => {
            // SW004: the standard input is larger than 1 MiB.
            let problem =
                Diagnostic::of_path(Code::TooLarge, STDIN, "the text is larger than 1 MiB");
            let help = "a definition has a few dozen lines: is this the right text?";
            Err(Box::new(problem.help(help)))
        }
        Err(error) => Err(Box::new(source::unreadable(STDIN, &error))),
    }
}

/// Prints the canonical form of the standard input. Nothing is printed of a text without one.
fn print(text: &str, is_check: bool, terminal: &Terminal) -> Outcome {
    let formatted = formatting::text(text);
    if is_check {
        return report(formatted, is_check, terminal);
    }
    let Formatted { sources, edited, diagnostics, .. } = formatted;
    if terminal.format == Format::Json {
        let canonical = edited.first().map_or(text, |edited| &edited.after);
        let result = json!({"text": diagnostics.is_empty().then_some(canonical)});
        terminal.document(&diagnostics, &sources, result);
        return Outcome::of(&diagnostics, false);
    }
    if diagnostics.is_empty() {
        terminal.out(edited.first().map_or(text, |edited| &edited.after));
    }
    fail(diagnostics, &sources, terminal)
}

fn report(formatted: Formatted, is_check: bool, terminal: &Terminal) -> Outcome {
    let Formatted { sources, edited, unchanged, mut diagnostics, .. } = formatted;
    diagnostic::sort(&mut diagnostics, &sources);
    let differs = is_check && !edited.is_empty();
    if terminal.format == Format::Json {
        let paths: Vec<&str> = edited.iter().map(|file| file.path.as_str()).collect();
        let result = json!({"files": paths, "unchanged": unchanged, "written": !is_check});
        terminal.document(&diagnostics, &sources, result);
        return Outcome::of(&diagnostics, differs);
    }
    for file in &edited {
        terminal.line(&format!("~ {}", visible(&file.path)));
        let changed = if is_check { unified(&file.before, &file.after) } else { Vec::new() };
        changed.iter().for_each(|line| terminal.line(&format!("  {}", visible(line))));
    }
    terminal.diagnostics(&diagnostics, &sources);
    // Nothing can be said of files that do not exist.
    if edited.is_empty() && unchanged == 0 && diagnostic::any_error(&diagnostics) {
        return Outcome::of(&diagnostics, differs);
    }
    let (files, rest) = (number(edited.len(), "file"), number(unchanged, "file"));
    terminal.line(&match (is_check, edited.len()) {
        (true, 0) => format!("{rest} in canonical form"),
        (true, 1) => format!("{files} differs from its canonical form: run `sitewright fmt`"),
        (true, _) => format!("{files} differ from their canonical form: run `sitewright fmt`"),
        (false, _) => format!("{files} formatted, {unchanged} unchanged"),
    });
    Outcome::of(&diagnostics, differs)
}
