//! Findings as annotations of files: SARIF for code scanning, and commands of GitHub's workflows.

use super::diff::sarif::{MAX, encoded, prefix};
use serde_json::{Value, json};
use sitewright::diagnostic::{self, Code, Diagnostic, OwnRule, Sources};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

/// One finding.
pub(super) struct Annotation {
    /// What it is about: a code, or the state of a rendered file.
    rule: String,
    /// The rule of the project, if it is a violation of one.
    own: Option<Arc<OwnRule>>,
    is_error: bool,
    message: String,
    /// The path of the file, from the project's folder.
    file: String,
    /// The first line, its first column, the last line and the column after its end. All start at 1.
    region: Option<[u64; 4]>,
}

impl Annotation {
    /// A finding about a file as a whole.
    pub(super) fn of_file(rule: &str, file: String, message: String) -> Self {
        Self { rule: rule.to_owned(), own: None, is_error: true, message, file, region: None }
    }

    /// The findings of diagnostics. What is redacted in other formats is redacted here too.
    pub(super) fn of_diagnostics(diagnostics: &[Diagnostic], sources: &Sources) -> Vec<Self> {
        let found = diagnostic::json(diagnostics, sources);
        let found = found.as_array().into_iter().flatten().zip(diagnostics);
        found.map(|(shown, found)| Self::of_diagnostic(shown, found.rule.clone())).collect()
    }

    fn of_diagnostic(found: &Value, own: Option<Arc<OwnRule>>) -> Self {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let place = &found["place"];
        let number = |key: &str| place[key].as_u64();
        let help = match found["help"].as_str() {
            Some(help) => format!("\nhelp: {help}"),
            None => String::new(),
        };
        let region = number("line").map(|line| {
            let column = number("column").unwrap_or(1);
            let end = number("endLine").unwrap_or(line);
            [line, column, end, number("endColumn").unwrap_or(column)]
        });
        Self {
            rule: text(&found["code"]),
            own,
            is_error: found["severity"] == "error",
            message: text(&found["message"]) + &help,
            file: text(&place["file"]),
            region,
        }
    }
}

/// A log of SARIF 2.1.0.
pub(super) fn sarif(found: &[Annotation], root: &Path) -> Value {
    let prefix = prefix(root);
    let rules: BTreeMap<&str, Option<&OwnRule>> =
        found.iter().map(|it| (it.rule.as_str(), it.own.as_deref())).collect();
    let rules: Vec<Value> = rules.into_iter().map(|(id, own)| rule(id, own)).collect();
    let results: Vec<Value> = found.iter().take(MAX).map(|it| result(it, &prefix)).collect();
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {"name": "sitewright", "rules": rules}},
            "columnKind": "unicodeCodePoints",
            "results": results,
            "properties": {"leftOut": found.len().saturating_sub(MAX)},
        }],
    })
}

fn rule(id: &str, own: Option<&OwnRule>) -> Value {
    if let Some(own) = own {
        let page = own.docs.as_deref().unwrap_or("`rules.yaml` states this rule.");
        return json!({
            "id": id,
            "shortDescription": {"text": own.title},
            "help": {"text": page, "markdown": page},
        });
    }
    match Code::of(id) {
        Some(code) => json!({
            "id": id,
            "shortDescription": {"text": code.title()},
            "help": {"text": code.page(), "markdown": code.page()},
        }),
        None => json!({
            "id": id,
            "shortDescription": {"text": "a rendered file is not what `sitewright render` writes"},
        }),
    }
}

fn result(found: &Annotation, prefix: &str) -> Value {
    let mut place =
        json!({"artifactLocation": {"uri": encoded(&format!("{prefix}{}", found.file))}});
    if let Some([line, column, end_line, end_column]) = found.region {
        place["region"] = json!({
            "startLine": line, "startColumn": column, "endLine": end_line, "endColumn": end_column,
        });
    }
    let fingerprint = format!("{}/{}/{}", found.rule, found.file, found.message);
    json!({
        "ruleId": found.rule,
        "level": if found.is_error { "error" } else { "warning" },
        "message": {"text": found.message},
        "locations": [{"physicalLocation": place}],
        // With this fingerprint, the same finding of a later run is the same alert.
        "partialFingerprints": {"sitewright/v1": fingerprint},
    })
}

/// Commands that GitHub shows beside the lines of a pull request. Their form is in GitHub's documentation of workflow
/// commands: `%`, line ends and, in properties, `:` and `,` are encoded.
pub(super) fn github(found: &[Annotation], root: &Path) -> String {
    let prefix = prefix(root);
    let lines = found.iter().map(|it| {
        let level = if it.is_error { "error" } else { "warning" };
        let file = property(&format!("{prefix}{}", it.file));
        let region = it.region.map_or(String::new(), |[line, column, end_line, end_column]| {
            // GitHub takes columns only within one line.
            let columns = match line == end_line {
                true => format!(",col={column},endColumn={end_column}"),
                false => String::new(),
            };
            format!(",line={line},endLine={end_line}{columns}")
        });
        let (title, message) = (property(&it.rule), data(&it.message));
        format!("::{level} file={file}{region},title={title}::{message}\n")
    });
    lines.collect()
}

fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hostile_text_stays_one_command() {
        let mut found =
            Annotation::of_file("SW101", "a,b:c.yaml".into(), "50%\r\n::error::x".into());
        found.region = Some([1, 2, 1, 5]);
        let root = tempfile::tempdir().unwrap();
        assert_eq!(
            github(&[found], root.path()),
            "::error file=a%2Cb%3Ac.yaml,line=1,endLine=1,col=2,endColumn=5,title=SW101::50%25%0D%0A::error::x\n"
        );
    }
}
