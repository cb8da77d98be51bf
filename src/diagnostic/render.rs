//! Diagnostics as text for people and JSON for machines.

use super::redact::{Of, Shown, redact};
use super::{Code, Diagnostic, Line, LineColumn, Place, Severity, Sources, sources::line_column};
use super::{visible, without_accounts};
use annotate_snippets::{
    AnnotationKind, Element, Group, Level, Origin, Renderer, Snippet, renderer::DecorStyle,
};
use serde_json::{Value, json};
use std::borrow::Cow;

/// The diagnostics as text, one after the other, each with its source line and the place
/// underlined.
pub fn text(diagnostics: &[Diagnostic], sources: &Sources, colour: bool) -> String {
    let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
    let renderer = renderer.decor_style(DecorStyle::Ascii);
    let mut out = String::new();
    for diagnostic in diagnostics {
        out.push_str(&renderer.render(&report(diagnostic, sources)));
        out.push_str("\n\n");
    }
    out
}

fn report<'a>(diagnostic: &'a Diagnostic, sources: &'a Sources) -> Vec<Group<'a>> {
    let level = match diagnostic.severity() {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let excerpt = excerpt(&diagnostic.place, sources);
    let printable = printable(diagnostic, excerpt.as_ref());
    let title = level.primary_title(printable.message).id(diagnostic.id());
    let mut group = match excerpt {
        Some(excerpt) => title.element(excerpt.element(AnnotationKind::Primary, printable.label)),
        None => title.element(Origin::path(shown_path(path(&diagnostic.place, sources)))),
    };
    for (place, what) in &diagnostic.related {
        if let Some(excerpt) = self::excerpt(place, sources) {
            let what = Some(without_accounts(what));
            group = group.element(excerpt.element(AnnotationKind::Context, what));
        }
    }
    if let Some(help) = printable.help {
        group = group.element(Level::HELP.message(help));
    }
    vec![group]
}

/// The parts of a diagnostic that may be printed.
struct Printable<'a> {
    message: Cow<'a, str>,
    label: Option<Cow<'a, str>>,
    help: Option<Cow<'a, str>>,
}

/// The printable parts of a diagnostic. If its excerpt hides a value, its message must not show the value either.
fn printable<'a>(diagnostic: &'a Diagnostic, excerpt: Option<&Excerpt>) -> Printable<'a> {
    const HELP: &str = "this line may contain a password, so it is not shown: remove the password, because definitions and \
                        addresses must not contain one";
    // The messages of these codes never contain the value.
    let is_harmless =
        matches!(diagnostic.code, Code::UnsafeSetting | Code::RecordMode | Code::BadRecord);
    let is_redacted = excerpt.is_some_and(|excerpt| excerpt.shown.is_redacted) && !is_harmless;
    match is_redacted {
        true => {
            let message = diagnostic.code.title().into();
            Printable { message, label: None, help: Some(HELP.into()) }
        }
        false => Printable {
            message: without_accounts(&diagnostic.message),
            label: diagnostic.label.as_deref().map(without_accounts),
            help: diagnostic.help.as_deref().map(without_accounts),
        },
    }
}

/// The line of a place. Only this line is rendered, so a file of 1 MiB takes no longer than a file
/// of ten lines.
struct Excerpt<'a> {
    path: &'a str,
    /// The start of the place.
    start: LineColumn,
    shown: Shown,
}

impl<'a> Excerpt<'a> {
    fn element(self, kind: AnnotationKind, label: Option<Cow<'a, str>>) -> Element<'a> {
        let Self { path, start: LineColumn { line, column }, shown, .. } = self;
        match shown.range {
            Some(range) => {
                let snippet = Snippet::source(shown.line).path(shown_path(path)).line_start(line);
                snippet.annotation(kind.span(range).label(label)).into()
            }
            None => Origin::path(shown_path(path)).line(line).char_column(column).into(),
        }
    }
}

fn excerpt<'a>(place: &'a Place, sources: &'a Sources) -> Option<Excerpt<'a>> {
    let (path, text, range) = match place {
        Place::Span(span) => (sources.path(span.file), sources.text(span.file), span.range()),
        Place::Produced(produced) => {
            (produced.name.as_str(), produced.text.as_str(), produced.range.clone())
        }
        Place::Line(line) => return Some(of_line(line)),
        Place::Path(_) => return None,
    };
    let (start, end) = (floor(text, range.start), floor(text, range.end.max(range.start)));
    let line_start = text[..start].rfind('\n').map_or(0, |at| at + 1);
    // For a range of several lines only the first line is shown.
    let line_end = text[start..].find('\n').map_or(text.len(), |at| start + at);
    let end = end.min(line_end);
    let line = text[line_start..line_end].trim_end_matches('\r');
    // A place may be among the carriage returns at the end of the line, which are not shown.
    let shown = |at: usize| (at - line_start).min(line.len());
    let range = shown(start)..shown(end.max(start));
    let shown = redact(line, range, Of::file(path));
    Some(Excerpt { path, start: line_column(text, start), shown })
}

fn of_line(line: &Line) -> Excerpt<'_> {
    let mut shown = redact(&line.text, 0..line.text.len(), Of::file(&line.path));
    // Without a text there is nothing to underline.
    shown.range = shown.range.filter(|_| !line.text.is_empty());
    let start = LineColumn { line: line.number, column: 1 };
    Excerpt { path: &line.path, start, shown }
}

/// A path as reports show it. It may also be a command line argument.
fn shown_path(path: &str) -> Cow<'_, str> {
    match without_accounts(path) {
        Cow::Borrowed(path) => visible(path),
        Cow::Owned(path) => visible(&path).into_owned().into(),
    }
}

/// The nearest character boundary at or before `offset`.
fn floor(text: &str, offset: usize) -> usize {
    let mut offset = offset.min(text.len());
    while !text.is_char_boundary(offset) {
        offset -= 1;
    }
    offset
}

fn path<'a>(place: &'a Place, sources: &'a Sources) -> &'a str {
    match place {
        Place::Span(span) => sources.path(span.file),
        Place::Path(path) => path,
        Place::Produced(produced) => &produced.name,
        Place::Line(line) => &line.path,
    }
}

/// The diagnostics as a JSON array: code, severity, message, file, line and column of start and end,
/// the source line, label, related places, help. Lines and columns count from 1.
pub fn json(diagnostics: &[Diagnostic], sources: &Sources) -> Value {
    diagnostics
        .iter()
        .map(|diagnostic| {
            let excerpt = excerpt(&diagnostic.place, sources);
            let printable = printable(diagnostic, excerpt.as_ref());
            let mut value = json!({
                "code": diagnostic.id(),
                "severity": diagnostic.severity().name(),
                "message": printable.message,
                "place": place_json(&diagnostic.place, excerpt.as_ref(), sources),
                "label": printable.label,
                "help": printable.help,
            });
            let related = diagnostic.related.iter().map(|(place, what)| {
                let excerpt = self::excerpt(place, sources);
                let what = without_accounts(what);
                json!({"place": place_json(place, excerpt.as_ref(), sources), "what": what})
            });
            value["related"] = related.collect();
            if let Some(fix) = &diagnostic.fix {
                let (start, end) = (sources.start(fix.span), sources.end(fix.span));
                value["fix"] = json!({
                    "line": start.line, "column": start.column,
                    "endLine": end.line, "endColumn": end.column,
                    "text": fix.text,
                });
            }
            value
        })
        .collect()
}

fn place_json(place: &Place, excerpt: Option<&Excerpt>, sources: &Sources) -> Value {
    let (text, end) = match place {
        Place::Path(_) => ("", 0),
        Place::Line(line) => {
            let source = excerpt.map(|it| &it.shown.line).filter(|line| !line.is_empty());
            let path = without_accounts(&line.path);
            return json!({ "file": path, "line": line.number, "source": source });
        }
        Place::Span(span) => (sources.text(span.file), span.range().end.max(span.range().start)),
        Place::Produced(produced) => {
            (produced.text.as_str(), produced.range.end.max(produced.range.start))
        }
    };
    let Some(Excerpt { path, start, shown, .. }) = excerpt else {
        return json!({ "file": without_accounts(path(place, sources)) });
    };
    let end = line_column(text, end);
    json!({
        "file": without_accounts(path),
        "line": start.line,
        "column": start.column,
        "endLine": end.line,
        "endColumn": end.column,
        "source": text.lines().nth(start.line - 1).map(|_| &shown.line),
    })
}

#[cfg(test)]
mod tests {
    use super::super::Span;
    use super::*;

    #[test]
    fn text_underlines_what_is_wrong() {
        let mut sources = Sources::default();
        let file = sources.add("sites/a/b.yaml".into(), "kind: Site\nsiteNam: x\n");
        let diagnostic =
            Diagnostic::new(Code::UnknownKey, Span::new(file, 11, 18), "unknown key `siteNam`")
                .label("not a key of Site")
                .help("write `siteName`");
        let text = text(&[diagnostic], &sources, false);
        assert_eq!(
            text,
            "error[SW102]: unknown key `siteNam`\n \
             --> sites/a/b.yaml:2:1\n  |\n\
             2 | siteNam: x\n  | ^^^^^^^ not a key of Site\n  |\n  \
             = help: write `siteName`\n\n"
        );
    }

    #[test]
    fn a_place_among_carriage_returns_is_at_the_end_of_the_line() {
        let mut sources = Sources::default();
        let file = sources.add("a.yaml".into(), "a: b\r\r");
        let at = |offset| {
            let found = Diagnostic::new(Code::YamlSyntax, Span::new(file, offset, offset), "wrong");
            text(&[found], &sources, false)
        };
        assert!(at(6).contains("1 | a: b\n  |     ^\n"), "{}", at(6));
        assert!(at(5).contains("1 | a: b\n  |     ^\n"), "{}", at(5));
    }

    #[test]
    fn json_counts_characters_from_one() {
        let mut sources = Sources::default();
        let file = sources.add("a.yaml".into(), "é: x\né: y\n");
        let value = json(
            &[Diagnostic::new(Code::DuplicateKey, Span::new(file, 10, 11), "twice")],
            &sources,
        );
        assert_eq!(value[0]["place"]["line"], 2);
        assert_eq!(value[0]["place"]["column"], 4);
        assert_eq!(value[0]["place"]["source"], "é: y");
    }
}
