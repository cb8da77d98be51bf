//! The answers in the form of the protocol.

use serde_json::{Value, json};
use sitewright::diagnostic::{self, Diagnostic, Fix, Place, Severity, Sources, without_accounts};
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
        let json = diagnostic::json(found, sources);
        for (problem, shown) in found.iter().zip(json.as_array().into_iter().flatten()) {
            let (path, range) = place(&problem.place, sources);
            let mut message = shown["message"].as_str().unwrap_or_default().to_owned();
            if let Some(help) = shown["help"].as_str() {
                message += &format!("\n{help}");
            }
            if let Some(definition) = rendered_for(&problem.place) {
                message += &format!("\nas rendered for {definition}");
            }
            let severity = match problem.severity() {
                Severity::Error => 1,
                Severity::Warning => 2,
            };
            self.0.entry(path.to_owned()).or_default().push(json!({
                "range": range,
                "severity": severity,
                "code": problem.id(),
                "source": "sitewright",
                "message": message,
                "relatedInformation": related(problem, shown, sources),
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

/// The file and the range of a place. A place in no file is the start of the settings.
fn place<'a>(place: &'a Place, sources: &'a Sources) -> (&'a str, Value) {
    let path = match place {
        Place::Span(span) if is_file(sources.path(span.file)) => {
            let text = sources.text(span.file);
            return (sources.path(span.file), range(text, &span.range()));
        }
        Place::Path(path) => path,
        // What a template has written is in no file, so the template has the problem.
        Place::Produced(produced) => match produced.name.split_once(RENDERED) {
            Some((template, _)) if is_file(template) => template,
            _ => SETTINGS_FILE,
        },
        Place::Span(_) | Place::Line(_) => SETTINGS_FILE,
    };
    (path, range("", &(0..0)))
}

/// Stands between the path of a template and that of a definition in the names of produced texts.
const RENDERED: &str = " (as rendered for ";

/// The definition for which a template has written a wrong text.
fn rendered_for(place: &Place) -> Option<&str> {
    let Place::Produced(produced) = place else { return None };
    let (_, definition) = produced.name.split_once(RENDERED)?;
    definition.strip_suffix(')')
}

/// The other places of a problem, with paths in the place of addresses.
fn related(problem: &Diagnostic, shown: &Value, sources: &Sources) -> Vec<Value> {
    let shown = shown["related"].as_array().into_iter().flatten();
    let in_files = problem.related.iter().zip(shown).filter(|((place, _), _)| match place {
        Place::Span(span) => is_file(sources.path(span.file)),
        _ => false,
    });
    in_files
        .map(|((other, _), shown)| {
            let (path, range) = place(other, sources);
            json!({"path": path, "range": range, "message": shown["what"]})
        })
        .collect()
}

/// Whether this is the path of a file of the project: the built-in defaults and templates have names only.
fn is_file(path: &str) -> bool {
    !path.is_empty() && !path.starts_with("built-in")
}
