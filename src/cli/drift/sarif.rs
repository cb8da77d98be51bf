//! The report as SARIF 2.1.0. Each result is at the manifest, in the line of the field.

use crate::cli::diff::sarif::{MAX, encoded, prefix, severity};
use serde_json::{Value, json};
use sitewright::drift::{Drift, Drifted, State};
use sitewright::output::layout;
use sitewright::project::Project;
use sitewright::risk::FieldChange;
use std::collections::HashMap;

pub(super) fn report(drift: &Drift, project: &Project) -> Value {
    let mut places = Places { project, prefix: prefix(&project.root), texts: HashMap::new() };
    let results = drift.objects.iter().flat_map(|object| {
        let fields: Vec<Option<usize>> = match object.change.fields.len() {
            0 => vec![None],
            count => (0..count).map(Some).collect(),
        };
        fields.into_iter().map(move |field| (object, field))
    });
    let count = results.clone().count();
    let results: Vec<Value> = results
        .take(MAX)
        .map(|(object, field)| result(drift, object, field, &mut places))
        .collect();
    let rules: Vec<Value> = State::ALL.iter().map(|state| rule(*state)).collect();
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {"name": "sitewright", "rules": rules}},
            "columnKind": "unicodeCodePoints",
            "results": results,
            "properties": {"leftOut": count.saturating_sub(MAX)},
        }],
    })
}

fn rule(state: State) -> Value {
    let what = match state {
        State::Drifted => "a field of the cluster is not as its manifest says",
        State::Missing => "the cluster does not have an object of Git",
        State::Unknown => "the cluster has an object of sitewright without a manifest",
        State::BeingDeleted => "an object of the cluster is being deleted",
    };
    json!({"id": state.name(), "shortDescription": {"text": what}})
}

/// A field that differs, or an object as a whole.
fn result(drift: &Drift, object: &Drifted, field: Option<usize>, places: &mut Places) -> Value {
    let changed = field.and_then(|at| object.change.fields.get(at));
    let cause = field.and_then(|at| object.causes.get(at));
    let name = object.name();
    let what = match changed {
        Some(field) => format!("{name}, {}", field.field()),
        None => name,
    };
    let why = match (changed, cause) {
        (Some(field), Some(cause)) => super::text::why(field, cause),
        _ => object.state.words().to_owned(),
    };
    let is_about = |of: &Option<String>| *of == changed.map(FieldChange::field);
    let findings = object.change.findings.iter().filter(|finding| is_about(&finding.field));
    let level = findings.clone().map(|finding| finding.level).max();
    let reasons: Vec<&str> = findings.map(|finding| finding.reason.as_str()).collect();
    let reasons: String =
        reasons.iter().map(|reason| format!("; putting it back: {reason}")).collect();
    let (uri, line) = places.of(object, changed);
    json!({
        "ruleId": object.state.name(),
        "level": level.map_or("note", severity),
        "message": {"text": format!("{what}: {why}{reasons}")},
        "locations": [{"physicalLocation": {
            "artifactLocation": {"uri": uri},
            "region": {"startLine": line},
        }}],
        // With this fingerprint, the same finding of a later run is the same alert.
        "partialFingerprints": {"sitewright/v1": format!("drift/{}/{what}", drift.cluster)},
    })
}

/// The places of manifests.
struct Places<'p> {
    project: &'p Project,
    /// The project's folder in its repository, with a slash at its end.
    prefix: String,
    /// The texts of manifests that have one object, by their paths.
    texts: HashMap<String, Option<String>>,
}

impl Places<'_> {
    /// The file of an object's manifest, relative to the repository, and the line of a field in it. For an object
    /// that never had a manifest, the file of the cluster.
    fn of(&mut self, object: &Drifted, field: Option<&FieldChange>) -> (String, usize) {
        let Project { root, folders, .. } = self.project;
        let change = &object.change;
        let path = change.head.as_ref().or(change.base.as_ref()).map_or("", |it| &it.path);
        let file = match path {
            "" => format!("{}/{}/_cluster.yaml", folders.sites, change.key.cluster),
            path => format!("{}/{path}", folders.rendered),
        };
        let text = self.texts.entry(file.clone()).or_insert_with(|| {
            let text = std::fs::read_to_string(root.join(&file)).ok()?;
            (layout::objects_of(&text).len() == 1).then_some(text)
        });
        let start = field.and_then(|field| field.new.as_ref()).map(|node| node.span.start as usize);
        let line = text.as_ref().zip(start).map(|(text, start)| {
            let before = text.bytes().take(start);
            before.filter(|byte| *byte == b'\n').count() + 1
        });
        (encoded(&format!("{}{file}", self.prefix)), line.unwrap_or(1))
    }
}
