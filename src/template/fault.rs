//! What is said of a template that fails: its name, its line, and the variables that exist.

use super::Templates;
use crate::diagnostic::{Code, Diagnostic, FileId, Place, Span};
use minijinja::{Error, ErrorKind, Value};

impl Templates {
    pub(super) fn fault(&self, error: &Error, context: Option<&Value>) -> Diagnostic {
        let error = innermost(error);
        let mut message = match error.kind() {
            ErrorKind::UndefinedError => "a variable that does not exist".to_owned(),
            ErrorKind::OutOfFuel => "the template does not come to an end".to_owned(),
            kind => kind.to_string(),
        };
        if let Some(detail) = error.detail().filter(|_| error.kind() != ErrorKind::UndefinedError) {
            message = format!("{message}: {detail}");
        }
        let help = match (error.kind(), context) {
            (ErrorKind::UndefinedError, Some(context)) => {
                Some(format!("variables here: {}", variables(context)))
            }
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

/// `cluster.name, site.name, …`: every variable of a context, two levels deep.
fn variables(context: &Value) -> String {
    let mut names = Vec::new();
    for key in context.try_iter().into_iter().flatten() {
        let inner = context.get_item(&key).unwrap_or_default();
        let below: Vec<String> = match inner.kind() {
            minijinja::value::ValueKind::Map => inner
                .try_iter()
                .into_iter()
                .flatten()
                .map(|field| format!("{key}.{field}"))
                .collect(),
            _ => vec![key.to_string()],
        };
        names.extend(below);
    }
    names.sort();
    names.join(", ")
}
