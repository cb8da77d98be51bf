//! The answers in the form of the protocol.

use serde_json::{Value, json};
use sitewright::diagnostic::{
    self, Diagnostic, Fix, Place, Severity, Sources, Span, without_accounts,
};
use sitewright::editor::lines;
use sitewright::editor::{Candidates, Hover, Sort, Target};
use sitewright::project::SETTINGS_FILE;
use std::collections::BTreeMap;
use std::ops::Range;

fn range(text: &str, range: &Range<usize>) -> Value {
    let at = |offset: usize| {
        let position = lines::position(text, offset);
        json!({"line": position.line, "character": position.column})
    };
    json!({"start": at(range.start), "end": at(range.end)})
}

/// The answer to a hover.
pub(super) fn hover(hover: Option<Hover>, text: &str) -> Value {
    hover.map_or(Value::Null, |it| {
        let contents = json!({"kind": "markdown", "value": it.markdown});
        json!({"contents": contents, "range": range(text, &it.range)})
    })
}

/// The answer to a completion.
pub(super) fn completion(candidates: Option<Candidates>, text: &str) -> Value {
    let Some(Candidates { range: replaced, all }) = candidates else { return json!([]) };
    let replaced = range(text, &replaced);
    let item = |(order, it): (usize, sitewright::editor::Candidate)| {
        // The numbers of the protocol: a field, a value of an enumeration, a reference.
        let kind = match it.sort {
            Sort::Key => 5,
            Sort::Value => 12,
            Sort::Name => 18,
        };
        json!({
            "label": it.word,
            "kind": kind,
            "sortText": format!("{order:04}"),
            "documentation": it.about,
            "textEdit": {"range": replaced, "newText": it.text},
        })
    };
    all.into_iter().enumerate().map(item).collect()
}

/// A place of another file.
pub(super) fn location(uri: &str, target: &Target) -> Value {
    json!({"uri": uri, "range": range(&target.text, &target.range)})
}

/// The fixes of the problems in a range.
pub(super) fn actions(
    fixes: Vec<(Diagnostic, Fix)>,
    within: &Range<usize>,
    uri: &str,
    text: &str,
) -> Value {
    let touches = |(_, fix): &(Diagnostic, Fix)| {
        let span = fix.span.range();
        span.start <= within.end && within.start <= span.end
    };
    let action = |(problem, fix): (Diagnostic, Fix)| {
        let edit = json!({"range": range(text, &fix.span.range()), "newText": &*fix.text});
        let title = format!("Write `{}` ({})", fix.text, problem.id());
        json!({
            "title": without_accounts(&title),
            "kind": "quickfix",
            "isPreferred": true,
            "edit": {"changes": {uri: [edit]}},
        })
    };
    fixes.into_iter().filter(touches).map(action).collect()
}

/// Problems by the paths of their files.
#[derive(Debug, Default)]
pub(super) struct Published(BTreeMap<String, Vec<Value>>);

impl Published {
    /// Adds problems. One that is in no file stands at the settings.
    pub(super) fn add(&mut self, found: &[Diagnostic], sources: &Sources) {
        for (problem, shown) in
            found.iter().zip(diagnostic::json(found, sources).as_array().into_iter().flatten())
        {
            let (path, range) = match &problem.place {
                Place::Span(span) if is_file(sources, *span) => {
                    (sources.path(span.file), range(sources.text(span.file), &span.range()))
                }
                Place::Path(path) => (path.as_str(), range("", &(0..0))),
                _ => (SETTINGS_FILE, range("", &(0..0))),
            };
            let help = shown["help"].as_str().map(|help| format!("\n{help}")).unwrap_or_default();
            let message = shown["message"].as_str().unwrap_or_default();
            let severity = match problem.severity() {
                Severity::Error => 1,
                Severity::Warning => 2,
            };
            let related: Vec<Value> = problem
                .related
                .iter()
                .zip(shown["related"].as_array().into_iter().flatten())
                .filter_map(|((place, _), shown)| match place {
                    Place::Span(span) if is_file(sources, *span) => Some(json!({
                        "path": sources.path(span.file),
                        "range": self::range(sources.text(span.file), &span.range()),
                        "message": shown["what"],
                    })),
                    _ => None,
                })
                .collect();
            self.0.entry(path.to_owned()).or_default().push(json!({
                "range": range,
                "severity": severity,
                "code": problem.id(),
                "source": "sitewright",
                "message": format!("{message}{help}"),
                "relatedInformation": related,
            }));
        }
    }

    /// The problems, with addresses in the place of paths.
    pub(super) fn into_files(
        mut self,
        uri: impl Fn(&str) -> String,
    ) -> BTreeMap<String, Vec<Value>> {
        for problem in self.0.values_mut().flatten() {
            for related in problem["relatedInformation"].as_array_mut().into_iter().flatten() {
                let path = related["path"].as_str().unwrap_or_default();
                let location = json!({"uri": uri(path), "range": related["range"]});
                *related = json!({"location": location, "message": related["message"]});
            }
        }
        self.0
    }
}

/// Whether a text is a file of the project: the built-in defaults and templates are not.
fn is_file(sources: &Sources, span: Span) -> bool {
    let path = sources.path(span.file);
    !path.is_empty() && !path.starts_with("built-in")
}
