//! The report for machines.

use super::{Group, Report};
use sitewright::diff::{Level, report};

pub(super) fn report(changes: &Report, denied: &[&Group]) -> serde_json::Value {
    let definition = |group: &Group| report::Definition {
        definition: group.definition.clone(),
        action: group.action(),
        risk: group.level(),
        objects: group.changes.iter().map(report::Object::new).collect(),
    };
    let report = report::Report {
        version: 1,
        risk: changes.level(),
        counts: Level::ALL.map(|level| (level.name(), changes.count_of(level))).into(),
        denied: denied
            .iter()
            .map(|group| report::Denied {
                definition: group.definition.clone(),
                risk: group.level(),
            })
            .collect(),
        definitions: changes.groups.iter().map(definition).collect(),
    };
    // Maps with text for keys, numbers and text always have a JSON form.
    serde_json::to_value(report).unwrap_or_default()
}
