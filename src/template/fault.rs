//! What is said of a template that fails: its name, its line, and the variables that exist.

use super::Templates;
use crate::diagnostic::{Code, Diagnostic, FileId, Place, Span};
use crate::language::shape::nearest;
use minijinja::value::ValueKind;
use minijinja::{Error, ErrorKind, Value};

impl Templates {
    pub(super) fn fault(&self, error: &Error, context: Option<&Value>) -> Diagnostic {
        let error = innermost(error);
        let expression = error
            .range()
            .and_then(|range| error.template_source()?.get(range))
            .unwrap_or("a variable")
            .trim();
        let mut message = match error.kind() {
            ErrorKind::UndefinedError => format!("`{expression}` does not exist"),
            ErrorKind::OutOfFuel => "the template does not come to an end".to_owned(),
            kind => kind.to_string(),
        };
        if let Some(detail) = error.detail().filter(|_| error.kind() != ErrorKind::UndefinedError) {
            message = format!("{message}: {detail}");
        }
        let help = match (error.kind(), context) {
            (ErrorKind::UndefinedError, Some(context)) => Some(existing(expression, context)),
            (ErrorKind::OutOfFuel, _) => {
                Some("a manifest needs a few hundred steps: look for a loop that grows".to_owned())
            }
            (ErrorKind::TemplateNotFound, _) => {
                let names: Vec<&str> = self.files.keys().map(String::as_str).collect();
                Some(format!("templates: {}", names.join(", ")))
            }
            _ => None,
        };
        let diagnostic = Diagnostic::at(Code::TemplateError, self.place(error), message);
        Diagnostic { help, ..diagnostic }
    }

    /// The failing expression, else its line.
    fn place(&self, error: &Error) -> Place {
        let name = error.name().unwrap_or_default();
        let Some(file) = self.files.get(name).copied() else {
            return Place::Path(name.to_owned());
        };
        let source = error.template_source().unwrap_or_default();
        if let Some(range) = error.range().filter(|range| range.end <= source.len()) {
            return Place::Span(Span::new(file, range.start, range.end));
        }
        Place::Span(line_span(file, source, error.line().unwrap_or(1)))
    }
}

/// Where an include fails, the reason is behind it.
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

/// What exists where `expression` was looked for: the fields of its variable, else all variables.
fn existing(expression: &str, context: &Value) -> String {
    let (variable, field) = expression.split_once('.').unwrap_or((expression, ""));
    let fields = context.get_attr(variable).map(|value| keys(&value)).unwrap_or_default();
    let (known, wanted, prefix) = match fields.is_empty() {
        true => (keys(context), variable, String::new()),
        false => (fields, field, format!("{variable}.")),
    };
    let names: Vec<&str> = known.iter().map(String::as_str).collect();
    let meant = nearest(wanted, &names).map(|name| format!("did you mean `{prefix}{name}`? "));
    let all: Vec<String> = names.iter().map(|name| format!("{prefix}{name}")).collect();
    format!("{}variables here: {}", meant.unwrap_or_default(), all.join(", "))
}

fn keys(value: &Value) -> Vec<String> {
    match value.kind() {
        ValueKind::Map => value.try_iter().into_iter().flatten().map(|k| k.to_string()).collect(),
        _ => Vec::new(),
    }
}
