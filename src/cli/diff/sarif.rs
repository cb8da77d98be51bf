//! The report as SARIF 2.1.0. Each finding is where the new value is stated, or else at its definition.

use serde_json::{Value, json};
use sitewright::diagnostic::Span;
use sitewright::diff::{Changes, DefinitionChange, Origins};
use sitewright::language::Definition;
use sitewright::layers::is_built_in;
use sitewright::project::Project;
use sitewright::risk::{Finding, Level, ObjectChange};
use std::collections::HashMap;
use std::path::Path;
use std::process::{Command, Stdio};

/// The number of results that GitHub shows (source: its documentation of SARIF support).
pub(in crate::cli) const MAX: usize = 5_000;

pub(super) fn report(changes: &Changes, project: &Project) -> Value {
    let definitions = project.definitions.iter();
    let fleet = sitewright::resolved(project).value;
    let place = Places {
        origins: Origins::new(&fleet),
        prefix: prefix(&project.root),
        project,
        definitions: definitions.map(|definition| (definition.path(), definition)).collect(),
    };
    let all = changes.definitions.iter().flat_map(|group| {
        let changes = group.changes.iter();
        changes.flat_map(move |change| {
            let findings = change.findings.iter().filter(|finding| finding.level > Level::None);
            findings.map(move |finding| (group, change, finding))
        })
    });
    let mut all: Vec<_> = all.collect();
    // The sort is stable, so findings of one level keep the order of the report.
    all.sort_by_key(|(_, _, finding)| std::cmp::Reverse(finding.level));
    let left_out = all.len().saturating_sub(MAX);
    let results: Vec<Value> = all
        .into_iter()
        .take(MAX)
        .map(|(group, change, finding)| result(group, change, finding, &place))
        .collect();
    let rules: Vec<Value> = Level::ALL[1..].iter().map(|level| rule(*level)).collect();
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {"name": "sitewright", "rules": rules}},
            "columnKind": "unicodeCodePoints",
            "results": results,
            "properties": {"leftOut": left_out},
        }],
    })
}

fn rule(level: Level) -> Value {
    json!({
        "id": level.name(),
        "shortDescription": {"text": level.meaning()},
        "defaultConfiguration": {"level": severity(level)},
    })
}

pub(in crate::cli) fn severity(level: Level) -> &'static str {
    match level {
        Level::None | Level::Rollout => "note",
        Level::Credential => "warning",
        Level::Blocked | Level::DataLoss => "error",
    }
}

fn result(
    group: &DefinitionChange,
    change: &ObjectChange,
    finding: &Finding,
    places: &Places,
) -> Value {
    let key = &change.key;
    let what = match &finding.field {
        Some(field) => format!("{key}, {field}"),
        None => key.to_string(),
    };
    let instead = finding.instead.as_ref().map_or(String::new(), |instead| format!("; {instead}"));
    let definition = places.of(&group.definition);
    let origin = places.origin(change, finding);
    // A reader of shared defaults wants to know which definition is meant.
    let related = origin.iter().filter(|(uri, _)| *uri != definition.0).map(|_| {
        let mut related = location(&definition);
        related["message"] = json!({"text": format!("{key} is made from this definition")});
        related
    });
    let related: Vec<Value> = related.collect();
    json!({
        "ruleId": finding.level.name(),
        "level": severity(finding.level),
        "message": {"text": format!("{what}: {}{instead}", finding.reason)},
        "locations": [location(origin.as_ref().unwrap_or(&definition))],
        "relatedLocations": related,
        // With this fingerprint, the same finding of a later run is the same alert.
        "partialFingerprints": {"sitewright/v1": format!("{}/{what}", key.cluster)},
    })
}

/// A place: the URI of a file, and a line.
type Place = (String, usize);

fn location((uri, line): &Place) -> Value {
    json!({"physicalLocation": {
        "artifactLocation": {"uri": uri},
        "region": {"startLine": line},
    }})
}

/// The places of definitions and of the values in them.
struct Places<'f, 'p> {
    /// The project's folder in its repository, with a slash at its end.
    prefix: String,
    project: &'p Project,
    /// The definitions, by their paths.
    definitions: HashMap<String, &'p Definition>,
    origins: Origins<'f, 'p>,
}

impl Places<'_, '_> {
    /// The file of a definition, relative to the repository, and the line of its `kind`. For a
    /// removed definition, the file that it had.
    fn of(&self, path: &str) -> Place {
        match self.definitions.get(path) {
            Some(definition) => self.at(definition.span()),
            None => self.place(&format!("{}/{path}.yaml", self.project.folders.sites), 1),
        }
    }

    /// Where a file of the project states the value that a finding is about.
    fn origin(&self, change: &ObjectChange, finding: &Finding) -> Option<Place> {
        let span = self.origins.of(change, finding)?;
        (!is_built_in(&self.project.sources, span.file)).then(|| self.at(span))
    }

    fn at(&self, span: Span) -> Place {
        let sources = &self.project.sources;
        self.place(sources.path(span.file), sources.start(span).line)
    }

    fn place(&self, file: &str, line: usize) -> Place {
        (encoded(&format!("{}{file}", self.prefix)), line)
    }
}

/// The project's folder in its repository. Empty if there is no repository.
pub(in crate::cli) fn prefix(root: &Path) -> String {
    let asked = Command::new("git")
        .arg("-C")
        .arg(root)
        .args(["rev-parse", "--show-prefix"])
        .stderr(Stdio::null())
        .output();
    let asked = asked.ok().filter(|asked| asked.status.success());
    asked
        .map_or(String::new(), |asked| String::from_utf8_lossy(&asked.stdout).trim_end().to_owned())
}

/// A path as a URI reference (RFC 3986).
pub(in crate::cli) fn encoded(path: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte);
    path.bytes()
        .map(|byte| match is_plain(byte) {
            true => char::from(byte).to_string(),
            false => format!("%{byte:02X}"),
        })
        .collect()
}
