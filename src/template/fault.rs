//! The diagnostic for a template that fails: its name, its line, and the variables that exist.

use super::Templates;
use crate::diagnostic::{Code, Diagnostic, FileId, Place, Span};
use crate::language::nearest;
use minijinja::{Error, ErrorKind, Value, value::ValueKind};
use std::ops::Range;

impl Templates {
    pub(super) fn fault(&self, error: &Error, context: Option<&Value>) -> Diagnostic {
        let error = innermost(error);
        let (message, help) = match (error.kind(), context) {
            (ErrorKind::UndefinedError, Some(context)) => undefined(error, context),
            (ErrorKind::OutOfFuel, _) => (
                "the template does not finish".to_owned(),
                "look for a loop that never ends: a manifest needs a few hundred steps".to_owned(),
            ),
            _ if error.detail() == Some(TOO_DEEP) => (
                "templates include each other endlessly".to_owned(),
                "remove one of the includes: a file must not include itself through other files".to_owned(),
            ),
            (ErrorKind::TemplateNotFound, _) => {
                let names: Vec<&str> = self.files.keys().map(String::as_str).collect();
                (detail(error), format!("templates: {}", names.join(", ")))
            }
            (ErrorKind::UnknownFilter, _) => (
                detail(error),
                "use a filter of minijinja, but not `safe` or `escape`: sitewright quotes every value".to_owned(),
            ),
            (ErrorKind::SyntaxError, _) => (
                format!("syntax error: {}", detail(error)),
                "templates are Jinja's: `{{ value }}`, `{% if value %} … {% endif %}`, `{# note #}`"
                    .to_owned(),
            ),
            (kind, _) => (
                format!("{kind}: {}", detail(error)),
                "templates are minijinja's; `sitewright explain NAME --context` prints what they see"
                    .to_owned(),
            ),
        };
        // SW501: a template fails.
        let diagnostic = Diagnostic::at(Code::TemplateError, self.place(error), message);
        diagnostic.help(help)
    }

    /// The failing expression, or its line if the expression is not known.
    fn place(&self, error: &Error) -> Place {
        let name = error.name().unwrap_or_default();
        let Some(file) = self.files.get(name).copied() else {
            return Place::Path(name.to_owned());
        };
        let source = error.template_source().unwrap_or_default();
        if let Some(range) = failing(error, source) {
            return Place::Span(Span::new(file, range.start, range.end));
        }
        Place::Span(line_span(file, source, error.line().unwrap_or(1)))
    }
}

/// The end of minijinja's message for its recursion limit. That error has no kind of its own.
const TOO_DEEP: &str = "recursion limit exceeded";

fn detail(error: &Error) -> String {
    error.detail().map_or_else(|| error.kind().to_string(), str::to_owned)
}

/// The message for a variable that does not exist: its name, and the variables that exist.
fn undefined(error: &Error, context: &Value) -> (String, String) {
    let known = variables(context);
    let source = error.template_source().unwrap_or_default();
    let stated = failing(error, source).and_then(|range| source.get(range));
    let message = match stated {
        Some(stated) => format!("the variable `{stated}` does not exist"),
        None => "a variable that does not exist".to_owned(),
    };
    let names: Vec<&str> = known.iter().map(String::as_str).collect();
    let nearest = stated.and_then(|stated| nearest(stated, &names));
    let listed = names.join(", ");
    let help = match nearest {
        Some(name) => format!("did you mean `{name}`? Variables here: {listed}"),
        None => format!("variables here: {listed}"),
    };
    (message, help)
}

/// The failing expression. For a path such as `site.tls.isuer`, minijinja reports only the end.
fn failing(error: &Error, source: &str) -> Option<Range<usize>> {
    let range = error.range().filter(|range| range.end <= source.len())?;
    let before = source.get(..range.start)?;
    let is_path = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '.';
    let start = match source.get(range.clone())?.starts_with('.') {
        true => before.trim_end_matches(is_path).len(),
        false => range.start,
    };
    Some(start..range.end)
}

/// If an include fails, its source error has the reason.
fn innermost(error: &Error) -> &Error {
    let mut found = error;
    let mut next = std::error::Error::source(error);
    while let Some(source) = next {
        if let Some(error) = source.downcast_ref::<Error>() {
            found = error;
        }
        next = source.source();
    }
    found
}

fn line_span(file: FileId, text: &str, line: usize) -> Span {
    let start: usize = text.split_inclusive('\n').take(line - 1).map(str::len).sum();
    let length = text[start..].lines().next().map_or(0, str::len);
    Span::new(file, start, start + length)
}

/// Every variable of a context, such as `cluster.name` or `site.tls.issuer`, sorted.
fn variables(context: &Value) -> Vec<String> {
    let mut names = Vec::new();
    collect(context, "", &mut names);
    names.sort();
    names
}

fn collect(map: &Value, path: &str, names: &mut Vec<String>) {
    for key in map.try_iter().into_iter().flatten() {
        let name = format!("{path}{key}");
        let value = map.get_item(&key).unwrap_or_default();
        // A map whose keys cannot be part of a path, such as annotations, is listed as a whole.
        let is_word = |key: &Value| {
            let word = |key: &str| key.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
            key.as_str().is_some_and(word)
        };
        let is_map = value.kind() == ValueKind::Map && value.len().is_some_and(|count| count > 0);
        if is_map && value.try_iter().is_ok_and(|mut keys| keys.all(|key| is_word(&key))) {
            collect(&value, &format!("{name}."), names);
        } else {
            names.push(name);
        }
    }
}
