//! When the changes of two objects are equal: they say the same of objects of one kind.

use super::json::json;
use super::own_names::NAME;
use crate::risk::{FieldChange, Finding, ObjectChange};
use crate::source::node::{Node, Value};

/// What a change says, without the name and the namespace of its object. Two changes are equal if and only if their
/// keys are: the same kind, action, fields, values and findings. Of a sealed value, only the generations count, because
/// no report shows more of it. The fields of the pattern count with their placeholders. The same text with placeholders
/// and without means two different things.
pub(super) fn key(change: &ObjectChange, pattern: &[(usize, FieldChange)]) -> String {
    let fields = change.fields.iter().enumerate().map(|(at, field)| {
        match pattern.iter().find(|(of, _)| *of == at) {
            Some((_, field)) => serde_json::json!([NAME, values(change, field)]),
            None => values(change, field),
        }
    });
    let findings = nameless(change);
    let findings =
        findings.iter().map(|it| serde_json::json!([it.level, it.field, it.reason, it.instead]));
    let key = serde_json::json!([
        change.key.kind,
        change.key.group,
        change.action,
        fields.collect::<Vec<_>>(),
        findings.collect::<Vec<_>>(),
        unread(change),
    ]);
    key.to_string()
}

/// The values of a field before and after a change.
pub(super) fn values(change: &ObjectChange, field: &FieldChange) -> serde_json::Value {
    if field.is_sealed() {
        return serde_json::json!([field.path, change.generations()]);
    }
    // A missing value is not the same as null.
    let value = |node: &Option<Node>| node.iter().map(json).collect::<Vec<_>>();
    serde_json::json!([field.path, value(&field.old), value(&field.new)])
}

/// The path of a file that is not compared field by field. Nobody knows whether it is equal to another one.
fn unread(change: &ObjectChange) -> Option<&str> {
    let mut sides = change.base.iter().chain(&change.head);
    sides.find(|object| object.node.value == Value::Null).map(|object| &*object.path)
}

/// The findings about a change, with a placeholder for the name of the object.
pub(super) fn nameless(change: &ObjectChange) -> Vec<Finding> {
    let text = |text: &str| without_name(text, &change.key.name);
    let findings = change.findings.iter().map(|finding| Finding {
        reason: text(&finding.reason),
        instead: finding.instead.as_deref().map(text),
        ..finding.clone()
    });
    findings.collect()
}

/// A text of a rule without the object's name. The rules write the name at the start of a quoted word, alone or before
/// a hyphen. So a name that is a common word changes no other part of the text.
fn without_name(text: &str, name: &str) -> String {
    if name.is_empty() || !text.contains(name) {
        return text.to_owned();
    }
    let mut parts = text.split('`');
    let mut out = parts.next().unwrap_or_default().to_owned();
    for (at, part) in parts.enumerate() {
        out.push('`');
        let is_quoted = at % 2 == 0;
        match part.strip_prefix(name).filter(|rest| rest.is_empty() || rest.starts_with('-')) {
            Some(rest) if is_quoted => out.extend([NAME, rest]),
            _ => out.push_str(part),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::without_name;

    #[test]
    fn only_the_objects_own_name_is_replaced() {
        for (text, name, expected) in [
            ("delete `acme-init` and `acme`", "acme", "delete `<name>-init` and `<name>`"),
            ("delete `acme-init`", "beta", "delete `acme-init`"),
            ("delete `acmes`, acme and `the acme`", "acme", "delete `acmes`, acme and `the acme`"),
            ("state `lifecycle: retired`", "lifecycle", "state `lifecycle: retired`"),
            ("`a` is `b`", " is ", "`a` is `b`"),
            ("nothing", "", "nothing"),
        ] {
            assert_eq!(without_name(text, name), expected);
        }
    }
}
