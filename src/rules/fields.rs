//! Finds fields in expressions that the language does not have. A misspelt field in `has(…)` would be false for ever, and
//! nobody would notice.

use super::expression::Expression;
use super::fault::Fault;
use crate::language::{Kind, RuleSubject, json_schema, nearest};
use serde_json::Value;

/// The first field of an expression that its subject cannot have. The fields of an object are those of any operator, so
/// they are not known here.
pub(super) fn unknown(expression: &Expression, about: RuleSubject) -> Option<Fault> {
    let kind = match about {
        RuleSubject::Site => Kind::Site,
        RuleSubject::DatabaseServer => Kind::DatabaseServer,
        RuleSubject::Bench => Kind::Bench,
        RuleSubject::Cluster => Kind::Cluster,
        RuleSubject::Object => return None,
    };
    if expression.fields.is_empty() {
        return None;
    }
    let schema = json_schema(kind);
    expression.fields.iter().find_map(|keys| unknown_key(&schema, keys, about.name()))
}

fn unknown_key(schema: &Value, keys: &[String], subject: &str) -> Option<Fault> {
    let (mut schema, mut path) = (schema, subject.to_owned());
    for key in keys {
        // An optional value comes as `anyOf: [the value, null]`.
        schema = schema["anyOf"].get(0).unwrap_or(schema);
        let fields = schema["properties"].as_object()?;
        let Some(next) = fields.get(key) else {
            // The name of a cluster is that of its folder.
            if path == "cluster" && key == "name" {
                return None;
            }
            let known: Vec<&str> = fields.keys().map(String::as_str).collect();
            let help = match nearest(key, &known) {
                Some(meant) => format!("did you mean `{path}.{meant}`?"),
                None => format!("fields of `{path}`: {}", known.join(", ")),
            };
            return Some(Fault::new(format!("`{path}` has no field `{key}`"), help));
        };
        schema = next;
        path = format!("{path}.{key}");
    }
    None
}
