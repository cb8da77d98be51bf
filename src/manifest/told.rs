//! Fields that a template writes as it is told ([`crate::provider::fixed`]).

use super::wrong;
use crate::diagnostic::Diagnostic;
use crate::provider::Fixed;
use crate::source::node::{Node, Value};
use minijinja::Value as Given;
use minijinja::value::ValueKind;

/// The first field that says something else than the template was told.
pub(super) fn untold(
    node: &Node,
    mut fixed: impl Iterator<Item = &'static Fixed>,
    context: &Given,
) -> Option<Diagnostic> {
    fixed.find_map(|Fixed { field, value }| {
        let stated = field.iter().try_fold(node, |node, key| node.get(key));
        let told = value.iter().try_fold(context.clone(), |value, name| value.get_attr(name));
        let told = told.unwrap_or_default();
        if says(stated, &told) {
            return None;
        }
        let (field, variable) = (field.join("."), value.join("."));
        let (message, help) = match is_nothing(&told) {
            true => (
                format!("`{field}` is stated, and `{variable}` is nothing here"),
                format!("write it within `{{% if {variable} %}}`, as the built-in template does"),
            ),
            false => (
                format!("`{field}` is not `{{{{ {variable} }}}}`"),
                "write that there, as the built-in template does: definitions decide this field"
                    .to_owned(),
            ),
        };
        Some(wrong(stated.map_or(node.span, |stated| stated.span), message, &help))
    })
}

fn is_nothing(told: &Given) -> bool {
    matches!(told.kind(), ValueKind::Undefined | ValueKind::Invalid | ValueKind::None)
}

/// Whether a field says just what was told.
fn says(stated: Option<&Node>, told: &Given) -> bool {
    match stated.map(|stated| &stated.value) {
        None | Some(Value::Null) => is_nothing(told),
        _ if is_nothing(told) => false,
        Some(Value::String(text)) => **text == *told.to_string(),
        Some(Value::Bool(stated)) => told.kind() == ValueKind::Bool && told.is_true() == *stated,
        Some(Value::List(items)) => {
            let Ok(told) = told.try_iter() else { return false };
            let told: Vec<Given> = told.collect();
            told.len() == items.len()
                && items.iter().zip(&told).all(|(item, told)| says(Some(item), told))
        }
        Some(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::FileId;
    use crate::source::yaml;
    use std::collections::BTreeMap;

    const FIXED: &[Fixed] = &[Fixed { field: &["spec", "a"], value: &["v", "x"] }];

    fn is_as_told(text: &str, told: Given) -> bool {
        let node = yaml::read(text, FileId::NONE).0.unwrap();
        let context = Given::from(BTreeMap::from([("v", BTreeMap::from([("x", told)]))]));
        untold(&node, FIXED.iter(), &context).is_none()
    }

    #[test]
    fn a_field_says_what_was_told_and_nothing_else() {
        let none = || Given::from(());
        for (text, told) in [
            ("spec:\n  a: b\n", "b".into()),
            ("spec:\n  a: \"3306\"\n", 3306.into()),
            ("spec:\n  a: true\n", true.into()),
            ("spec:\n  a: false\n", false.into()),
            ("spec:\n  a: [b, c]\n", vec!["b", "c"].into()),
            ("spec:\n  b: c\n", none()),
            ("spec:\n  a: null\n", none()),
            ("spec:\n  b: c\n", Given::UNDEFINED),
        ] {
            assert!(is_as_told(text, told), "{text}");
        }
        for (text, told) in [
            ("spec:\n  a: c\n", "b".into()),
            ("spec:\n  b: b\n", "b".into()),
            ("spec: b\n", "b".into()),
            ("spec:\n  a: [b]\n", vec!["b", "c"].into()),
            ("spec:\n  a: [b, c, d]\n", vec!["b", "c"].into()),
            ("spec:\n  a: b\n", vec!["b"].into()),
            ("spec:\n  a: {b: b}\n", "b".into()),
            ("spec:\n  a: b\n", none()),
            ("spec:\n  a: false\n", true.into()),
            ("spec:\n  a: true\n", 1.into()),
            ("spec:\n  a: false\n", none()),
            ("spec:\n  b: c\n", false.into()),
            ("spec:\n  a: none\n", none()),
            ("spec:\n  a: \"\"\n", none()),
        ] {
            assert!(!is_as_told(text, told), "{text}");
        }
    }
}
