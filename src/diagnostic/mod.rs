//! Problems and where they are: codes, places, and the sources that places point into.
//!
//! Stages return diagnostics as values and never print; [`text()`] and [`json()`] turn them into reports.

mod accounts;
mod cause;
mod code;
mod redact;
mod render;
mod reported;
mod sources;
mod visible;

pub use accounts::without_accounts;
pub use cause::cause;
pub use code::Code;
pub use redact::is_password;
pub use render::{json, text};
pub use reported::{Checked, Reported, both};
pub use sources::{Excerpt, FileId, LineColumn, Sources, Span};
pub use visible::{acts, visible};

use std::sync::Arc;

/// How severe a diagnostic is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The run fails.
    Error,
    /// The user should look at it. The run continues.
    Warning,
}

impl Severity {
    /// The word in reports.
    pub fn name(self) -> &'static str {
        match self {
            Severity::Error => "error",
            Severity::Warning => "warning",
        }
    }
}

/// Where a problem is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// A range of a file that was read.
    Span(Span),
    /// A file or folder as a whole, by its path from the project's folder.
    Path(String),
    /// A range of text that is in no file: the output of a template.
    Produced(Arc<Produced>),
    /// A line of a file that is too large to be held in memory: a dump of a cluster.
    Line(Arc<Line>),
}

/// A line of a text that is not among the [`Sources`].
#[derive(Debug, PartialEq, Eq)]
pub struct Line {
    /// The path of the file as the user named it.
    pub path: String,
    /// The number of the line, from 1.
    pub number: usize,
    /// The start of the line. Empty if reports must not show it.
    pub text: String,
}

/// The output of a template, with the range of it that is wrong.
#[derive(Debug, PartialEq, Eq)]
pub struct Produced {
    /// The name that reports show instead of a path.
    pub name: String,
    /// The whole text.
    pub text: String,
    /// The byte range that is wrong.
    pub range: std::ops::Range<usize>,
}

/// One problem: what is wrong, where it is, and what to write instead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// The stable code.
    pub code: Code,
    /// One sentence that names the offending thing.
    pub message: String,
    /// Where it is.
    pub place: Place,
    /// A few words under the underlined text.
    pub label: Option<String>,
    /// Other places that belong to the problem, with a few words each.
    pub related: Vec<(Place, String)>,
    /// What to do or write instead.
    pub help: Option<String>,
    /// The change of the file that solves the problem, if there is only one.
    pub fix: Option<Fix>,
    /// The rule of the project that it is a violation of.
    pub rule: Option<Arc<OwnRule>>,
}

/// A rule that a project makes for itself, as reports name it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnRule {
    /// Its code, such as `rule/dedicated-has-backup`. It is never the code of a problem that sitewright finds itself.
    pub id: String,
    /// Whether a violation fails the run.
    pub severity: Severity,
    /// A few words for lists of codes.
    pub title: String,
    /// The address of a page that explains it.
    pub docs: Option<String>,
}

/// A change of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fix {
    /// What is replaced.
    pub span: Span,
    /// What it is replaced by.
    pub text: Box<str>,
}

impl Diagnostic {
    /// A diagnostic about a range of a file.
    pub fn new(code: Code, span: Span, message: impl Into<String>) -> Self {
        Self::at(code, Place::Span(span), message)
    }

    /// A diagnostic about a whole file or folder. `path` is relative to the project's folder.
    pub fn of_path(code: Code, path: impl Into<String>, message: impl Into<String>) -> Self {
        Self::at(code, Place::Path(path.into()), message)
    }

    /// A diagnostic at any place.
    pub fn at(code: Code, place: Place, message: impl Into<String>) -> Self {
        let message = message.into();
        Self {
            code,
            message,
            place,
            label: None,
            related: Vec::new(),
            help: None,
            fix: None,
            rule: None,
        }
    }

    /// The code as users see it: `SWnnn`, or that of the project's own rule.
    pub fn id(&self) -> &str {
        self.rule.as_ref().map_or(self.code.id(), |rule| &rule.id)
    }

    /// How severe it is. A project decides that for its own rules.
    pub fn severity(&self) -> Severity {
        self.rule.as_ref().map_or(self.code.severity(), |rule| rule.severity)
    }

    /// Whether it fails the run.
    pub fn is_error(&self) -> bool {
        self.severity() == Severity::Error
    }

    /// Makes it a violation of a rule of the project.
    #[must_use]
    pub fn of_rule(mut self, rule: &Arc<OwnRule>) -> Self {
        self.rule = Some(rule.clone());
        self
    }

    /// Adds a few words below the underlined text.
    #[must_use]
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.label = Some(label.into());
        self
    }

    /// Adds what to do or write instead.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Adds the change that solves the problem.
    #[must_use]
    pub fn fix(mut self, span: Span, text: impl Into<Box<str>>) -> Self {
        self.fix = Some(Fix { span, text: text.into() });
        self
    }

    /// Adds another place that belongs to the problem.
    #[must_use]
    pub fn related(mut self, span: Span, what: impl Into<String>) -> Self {
        self.related.push((Place::Span(span), what.into()));
        self
    }
}

/// Sorts diagnostics by file, place and code, and removes duplicates.
pub fn sort(diagnostics: &mut Vec<Diagnostic>, sources: &Sources) {
    diagnostics.sort_by_cached_key(|diagnostic| {
        let (path, offset) = match &diagnostic.place {
            Place::Span(span) => (sources.path(span.file).to_owned(), span.start as usize),
            Place::Path(path) => (path.clone(), 0),
            Place::Produced(produced) => (produced.name.clone(), produced.range.start),
            Place::Line(line) => (line.path.clone(), line.number),
        };
        (path, offset, diagnostic.code, diagnostic.message.clone())
    });
    diagnostics.dedup();
}

/// Whether any of the diagnostics fails the run.
pub fn any_error(diagnostics: &[Diagnostic]) -> bool {
    diagnostics.iter().any(Diagnostic::is_error)
}
