//! Diagnostics as text for people and JSON for machines.

use super::withheld::withhold;
use super::{Diagnostic, LineColumn, Place, Severity, Sources, sources::line_column};
use annotate_snippets::{
    Annotation, AnnotationKind, Group, Level, Origin, Renderer, Snippet, renderer::DecorStyle,
};
use serde_json::{Value, json};
use std::ops::Range;

/// The diagnostics as text, one after the other, each with the source line underlined.
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
    let level = match diagnostic.code.severity() {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let title = level.primary_title(&diagnostic.message).id(diagnostic.code.id());
    let label = diagnostic.label.as_deref();
    let mut group = match excerpt(&diagnostic.place, sources) {
        Some(excerpt) => title.element(excerpt.snippet(AnnotationKind::Primary, label)),
        None => title.element(Origin::path(path(&diagnostic.place, sources))),
    };
    for (place, what) in &diagnostic.related {
        if let Some(excerpt) = excerpt(place, sources) {
            group = group.element(excerpt.snippet(AnnotationKind::Context, Some(what)));
        }
    }
    if let Some(help) = &diagnostic.help {
        group = group.element(Level::HELP.message(help));
    }
    vec![group]
}

/// The line of a place, so that a file of 1 MiB costs no more than one of ten lines.
struct Excerpt<'a> {
    path: &'a str,
    line: String,
    first_line: usize,
    range: Range<usize>,
}

impl<'a> Excerpt<'a> {
    fn snippet(self, kind: AnnotationKind, label: Option<&'a str>) -> Snippet<'a, Annotation<'a>> {
        Snippet::source(self.line)
            .path(self.path)
            .line_start(self.first_line)
            .annotation(kind.span(self.range).label(label))
    }
}

fn excerpt<'a>(place: &'a Place, sources: &'a Sources) -> Option<Excerpt<'a>> {
    let (path, text, range) = match place {
        Place::Span(span) => (sources.path(span.file), sources.text(span.file), span.range()),
        Place::Produced(produced) => {
            (produced.name.as_str(), produced.text.as_str(), produced.range.clone())
        }
        Place::Path(_) => return None,
    };
    let (start, end) = (floor(text, range.start), floor(text, range.end.max(range.start)));
    let line_start = text[..start].rfind('\n').map_or(0, |at| at + 1);
    // Only the first line of a long stretch is shown: the place matters, not its extent.
    let line_end = text[start..].find('\n').map_or(text.len(), |at| start + at);
    let end = end.min(line_end);
    let line = text[line_start..line_end].trim_end_matches('\r');
    let (line, range) = withhold(line, start - line_start..end.max(start) - line_start);
    let first_line = text[..start].bytes().filter(|byte| *byte == b'\n').count() + 1;
    Some(Excerpt { path, line, first_line, range })
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
    }
}

/// The diagnostics as a JSON array: code, severity, message, file, line and column of start and end,
/// the source line, label, related places, help. Lines and columns count from 1.
pub fn json(diagnostics: &[Diagnostic], sources: &Sources) -> Value {
    diagnostics
        .iter()
        .map(|diagnostic| {
            let mut value = json!({
                "code": diagnostic.code.id(),
                "severity": diagnostic.code.severity().name(),
                "message": diagnostic.message,
                "place": place_json(&diagnostic.place, sources),
                "label": diagnostic.label,
                "help": diagnostic.help,
            });
            value["related"] = diagnostic
                .related
                .iter()
                .map(|(place, what)| json!({"place": place_json(place, sources), "what": what}))
                .collect();
            value
        })
        .collect()
}

fn place_json(place: &Place, sources: &Sources) -> Value {
    let file = path(place, sources);
    let (text, range) = match place {
        Place::Path(_) => return json!({ "file": file }),
        Place::Span(span) => (sources.text(span.file), span.range()),
        Place::Produced(produced) => (produced.text.as_str(), produced.range.clone()),
    };
    let LineColumn { line, column } = line_column(text, range.start);
    let end = line_column(text, range.end.max(range.start));
    json!({
        "file": file,
        "line": line,
        "column": column,
        "endLine": end.line,
        "endColumn": end.column,
        "source": text.lines().nth(line - 1).map(|line| withhold(line, 0..0).0),
    })
}

#[cfg(test)]
mod tests {
    use super::super::{Code, Span};
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
