//! The report for machines: version 1 of `docs/schema/diff.json`.

use super::Report;
use super::text::generations;
use serde_json::{Value as Json, json};
use sitewright::diff::{Action, FieldChange, Level, ObjectChange};
use sitewright::source::node::{Node, Value};

pub(super) fn report(report: &Report) -> Json {
    let count = |level: &Level| (level.name().to_owned(), json!(report.count_of(*level)));
    let definitions: Vec<Json> = report
        .groups
        .iter()
        .map(|group| {
            json!({
                "definition": group.definition,
                "action": action(group.action()),
                "risk": group.level().name(),
                "objects": group.changes.iter().map(object).collect::<Vec<_>>(),
            })
        })
        .collect();
    json!({
        "version": 1,
        "risk": report.level().name(),
        "counts": Level::ALL.iter().map(count).collect::<serde_json::Map<_, _>>(),
        "definitions": definitions,
    })
}

fn action(action: Action) -> &'static str {
    match action {
        Action::Added => "added",
        Action::Removed => "removed",
        Action::Changed => "changed",
    }
}

fn object(change: &ObjectChange) -> Json {
    let key = &change.key;
    let findings = change.findings.iter().filter(|finding| finding.level > Level::None);
    let findings = findings.map(|finding| {
        json!({
            "risk": finding.level.name(),
            "field": finding.field,
            "reason": finding.reason,
            "instead": finding.instead,
        })
    });
    json!({
        "cluster": key.cluster,
        "kind": key.kind,
        "group": key.group,
        "namespace": key.namespace,
        "name": key.name,
        "action": action(change.action),
        "risk": change.level().name(),
        "fields": change.fields.iter().map(|field| self::field(change, field)).collect::<Vec<_>>(),
        "findings": findings.collect::<Vec<_>>(),
    })
}

fn field(change: &ObjectChange, field: &FieldChange) -> Json {
    if field.is_sealed() {
        return json!({"field": field.field(), "sealed": generations(change)});
    }
    let shown = |node: &Option<Node>| node.as_ref().map_or(Json::Null, value);
    json!({"field": field.field(), "old": shown(&field.old), "new": shown(&field.new)})
}

fn value(node: &Node) -> Json {
    match &node.value {
        Value::Null => Json::Null,
        Value::Bool(value) => json!(value),
        Value::Int(value) => json!(value),
        Value::Float(value) => json!(value),
        Value::String(text) => json!(text),
        Value::List(items) => items.iter().map(value).collect(),
        Value::Map(entries) => {
            entries.iter().map(|entry| (entry.key.to_string(), value(&entry.node))).collect()
        }
    }
}
