//! Prints results to standard output, and diagnostics of the text format to standard error. With
//! `--format json`, one document on standard output has both.

use super::annotations::{self, Annotation};
use super::arguments::{Arguments, Colour, Command, Format};
use super::outcome::Outcome;
use super::progress::Progress;
use serde_json::{Value, json};
use sitewright::diagnostic::{self, Code, Diagnostic, Sources, without_accounts};
use sitewright::source::Patience;
use std::io::{self, ErrorKind, IsTerminal, Write};
use std::path::PathBuf;
use std::sync::OnceLock;

pub(super) struct Terminal {
    pub(super) format: Format,
    pub(super) quiet: bool,
    pub(super) verbose: bool,
    /// How long the command waits for other runs.
    pub(super) patience: Patience,
    colour: bool,
    /// Whether results are coloured. They may be printed to another place than diagnostics.
    colour_of_results: bool,
    /// Whether the command writes manifests. The report of an error then says that it wrote none.
    renders: bool,
    /// The folder of a project whose findings are printed as annotations. `None` for a command that has reports of its
    /// own.
    annotated: Option<PathBuf>,
    /// Why results could not be written.
    failure: OnceLock<ErrorKind>,
    /// Set once nobody reads the results any more.
    closed: OnceLock<()>,
}

impl Terminal {
    pub(super) fn new(arguments: &Arguments, patience: Patience) -> Self {
        let no_colour = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        let colour = |is_terminal: bool| match arguments.color {
            Colour::Always => true,
            Colour::Never => false,
            Colour::Auto => is_terminal && !no_colour,
        };
        Self {
            format: arguments.format,
            quiet: arguments.quiet,
            verbose: arguments.verbose,
            patience,
            colour: colour(io::stderr().is_terminal()),
            colour_of_results: colour(io::stdout().is_terminal()),
            renders: matches!(arguments.command, Command::Render(_)),
            annotated: matches!(arguments.command, Command::Check(_))
                .then(|| arguments.directory.clone()),
            failure: OnceLock::new(),
            closed: OnceLock::new(),
        }
    }

    /// Whether results are coloured.
    pub(super) fn colour_of_results(&self) -> bool {
        self.colour_of_results
    }

    /// Shows on a terminal that a long run continues, until the result is dropped.
    pub(super) fn progress(&self, what: &'static str) -> Progress {
        Progress::new(what, !self.quiet)
    }

    /// Prints a result. A closed pipe is not an error, because nobody reads the result any more.
    pub(super) fn out(&self, text: &str) {
        let mut stdout = io::stdout().lock();
        match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
            Err(error) if error.kind() != ErrorKind::BrokenPipe => {
                self.failure.get_or_init(|| error.kind());
            }
            Err(_) => _ = self.closed.set(()),
            Ok(()) => {}
        }
    }

    /// Whether results reach nobody any more.
    pub(super) fn is_closed(&self) -> bool {
        self.closed.get().is_some() || self.failure.get().is_some()
    }

    /// Prints results about definitions and manifests. The accounts in addresses are redacted. Manifests themselves
    /// are printed by [`Terminal::out`], unchanged.
    pub(super) fn out_redacted(&self, text: &str) {
        self.out(&without_accounts(text));
    }

    /// The outcome of a command. If its results could not be printed completely, that is an error.
    pub(super) fn ended(&self, outcome: Outcome) -> Outcome {
        let Some(failure) = self.failure.get() else { return outcome };
        self.complain(&format!("error: the results could not be written: {failure}"));
        Outcome::Input
    }

    /// Prints the files that changed: the first ones, or all with `-v`.
    pub(super) fn changes(&self, created: &[String], updated: &[String], removed: &[String]) {
        /// The number of files that are listed without `-v`.
        const LISTED: usize = 20;
        let all = [('+', created), ('~', updated), ('-', removed)];
        let count = all.iter().map(|(_, paths)| paths.len()).sum();
        let shown = if self.verbose { count } else { LISTED.min(count) };
        let marked = all.iter().flat_map(|(mark, paths)| paths.iter().map(move |it| (mark, it)));
        marked.take(shown).for_each(|(mark, path)| self.line(&format!("{mark} {path}")));
        if shown < count {
            self.line(&format!("  and {} more; -v lists all", count - shown));
        }
    }

    /// Prints a line of a result for people, but not with `-q` or in JSON.
    pub(super) fn line(&self, line: &str) {
        if self.format == Format::Text && !self.quiet {
            self.out_redacted(&format!("{line}\n"));
        }
    }

    /// Prints why a command fails although its input is valid.
    pub(super) fn complain(&self, line: &str) {
        let line = format!("{}\n", without_accounts(line));
        let _ = io::stderr().lock().write_all(line.as_bytes());
    }

    /// Prints diagnostics and their number for people. In JSON, the document has them.
    pub(super) fn diagnostics(&self, diagnostics: &[Diagnostic], sources: &Sources) {
        if self.format == Format::Json {
            return self.document(diagnostics, sources, Value::Null);
        }
        if self.annotates() {
            return self.annotations(&Annotation::of_diagnostics(diagnostics, sources));
        }
        let mut text = diagnostic::text(diagnostics, sources, self.colour);
        let errors = count(diagnostics, diagnostic::Severity::Error);
        let warnings = count(diagnostics, diagnostic::Severity::Warning);
        match (errors, warnings) {
            (0, 0) => {}
            (0, _) => text.push_str(&format!("{}\n", number(warnings, "warning"))),
            _ => {
                let first = diagnostics.iter().find(|it| it.is_error()).map_or("", Diagnostic::id);
                text.push_str(&number(errors, "error"));
                if warnings > 0 {
                    text.push_str(&format!(" and {}", number(warnings, "warning")));
                }
                // A run that failed while it wrote, or that met another run, reports by itself what
                // it has written.
                let failed = |diagnostic: &Diagnostic| {
                    matches!(diagnostic.code, Code::WriteFailed | Code::Busy)
                };
                if self.renders && !diagnostics.iter().any(failed) {
                    text.push_str("; nothing was written");
                }
                text.push_str(&format!(". `sitewright explain {first}` explains the code\n"));
            }
        }
        let _ = io::stderr().lock().write_all(text.as_bytes());
    }

    /// Whether findings are printed as annotations.
    pub(super) fn annotates(&self) -> bool {
        self.annotated.is_some() && matches!(self.format, Format::Sarif | Format::Github)
    }

    /// Prints all findings of a run as annotations.
    pub(super) fn annotations(&self, found: &[Annotation]) {
        let Some(root) = &self.annotated else { return };
        match self.format {
            Format::Github => self.out_redacted(&annotations::github(found, root)),
            _ => self.out(&format!("{:#}\n", redacted(annotations::sarif(found, root)))),
        }
    }

    /// Prints the one document of the JSON format.
    pub(super) fn document(&self, diagnostics: &[Diagnostic], sources: &Sources, result: Value) {
        let result = redacted(result);
        let document =
            json!({"diagnostics": diagnostic::json(diagnostics, sources), "result": result});
        self.out(&format!("{document:#}\n"));
    }
}

/// A document in which the accounts in addresses are redacted.
pub(super) fn redacted(value: Value) -> Value {
    match value {
        Value::String(text) => without_accounts(&text).into(),
        Value::Array(items) => items.into_iter().map(redacted).collect(),
        Value::Object(entries) => {
            let entries = entries.into_iter();
            entries
                .map(|(key, value)| (without_accounts(&key).into_owned(), redacted(value)))
                .collect()
        }
        other => other,
    }
}

fn count(diagnostics: &[Diagnostic], severity: diagnostic::Severity) -> usize {
    diagnostics.iter().filter(|diagnostic| diagnostic.severity() == severity).count()
}

/// `1 file differs`, `2 files differ`.
pub(super) fn differ(files: usize) -> String {
    let verb = if files == 1 { "differs" } else { "differ" };
    format!("{} {verb}", number(files, "file"))
}

/// `1 site`, `2 sites`.
pub(super) fn number(count: usize, what: &str) -> String {
    let ending = match (count, what) {
        (1, _) => "",
        (_, "bench") => "es",
        _ => "s",
    };
    format!("{count} {what}{ending}")
}
