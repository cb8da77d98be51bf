//! Checks that a template wrote its invariants ([`Invariant`]) as the context gives them.

use super::wrong;
use crate::diagnostic::Diagnostic;
use crate::object::Invariant;
use crate::source::node::{Node, Value};
use minijinja::Value as Given;
use minijinja::value::ValueKind;

/// The first invariant that the template wrote differently.
pub(super) fn changed(
    node: &Node,
    mut invariants: impl Iterator<Item = &'static Invariant>,
    context: &Given,
) -> Option<Diagnostic> {
    invariants.find_map(|Invariant { field, value }| {
        let stated = field.iter().try_fold(node, |node, key| node.get(key));
        let given = value.iter().try_fold(context.clone(), |value, name| value.get_attr(name));
        let given = given.unwrap_or_default();
        if is_as_given(stated, &given) {
            return None;
        }
        let (field, variable) = (field.join("."), value.join("."));
        let (message, help) = match is_nothing(&given) {
            true => (
                format!("`{field}` is stated, but `{variable}` has no value here"),
                format!("write it inside `{{% if {variable} %}}`, as the built-in template does"),
            ),
            false => (
                format!("`{field}` is not `{{{{ {variable} }}}}`"),
                "write exactly that, as the built-in template does: definitions decide this field"
                    .to_owned(),
            ),
        };
        Some(wrong(stated.map_or(node.span, |stated| stated.span), message, &help))
    })
}

fn is_nothing(given: &Given) -> bool {
    matches!(given.kind(), ValueKind::Undefined | ValueKind::Invalid | ValueKind::None)
}

/// Whether a field has exactly the value that the context gives.
fn is_as_given(stated: Option<&Node>, given: &Given) -> bool {
    match stated.map(|stated| &stated.value) {
        None | Some(Value::Null) => is_nothing(given),
        _ if is_nothing(given) => false,
        Some(Value::String(text)) => **text == *given.to_string(),
        Some(Value::Bool(stated)) => given.kind() == ValueKind::Bool && given.is_true() == *stated,
        Some(Value::List(items)) => {
            let Ok(given) = given.try_iter() else { return false };
            let given: Vec<Given> = given.collect();
            given.len() == items.len()
                && items.iter().zip(&given).all(|(item, given)| is_as_given(Some(item), given))
        }
        Some(Value::Map(entries)) => {
            given.kind() == ValueKind::Map
                && given.len() == Some(entries.len())
                && entries.iter().all(|entry| {
                    let given = given.get_attr(&entry.key).unwrap_or_default();
                    !is_nothing(&given) && is_as_given(Some(&entry.node), &given)
                })
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

    const INVARIANTS: &[Invariant] = &[Invariant { field: &["spec", "a"], value: &["v", "x"] }];

    fn passes(text: &str, given: Given) -> bool {
        let node = yaml::read(text, FileId::NONE).unwrap();
        let context = Given::from(BTreeMap::from([("v", BTreeMap::from([("x", given)]))]));
        changed(&node, INVARIANTS.iter(), &context).is_none()
    }

    #[test]
    fn an_invariant_is_as_the_context_gives_it_and_nothing_else() {
        let none = || Given::from(());
        let map = || {
            let list = Given::from(vec![Given::from(BTreeMap::from([("c", "d")]))]);
            Given::from(BTreeMap::from([("b", list), ("e", true.into())]))
        };
        for (text, given) in [
            ("spec:\n  a: b\n", "b".into()),
            ("spec:\n  a: \"3306\"\n", 3306.into()),
            ("spec:\n  a: true\n", true.into()),
            ("spec:\n  a: false\n", false.into()),
            ("spec:\n  a: [b, c]\n", vec!["b", "c"].into()),
            ("spec:\n  a: {b: [{c: d}], e: true}\n", map()),
            ("spec:\n  b: c\n", none()),
            ("spec:\n  a: null\n", none()),
            ("spec:\n  b: c\n", Given::UNDEFINED),
        ] {
            assert!(passes(text, given), "{text}");
        }
        for (text, given) in [
            ("spec:\n  a: {b: [{c: d}]}\n", map()),
            ("spec:\n  a: {b: [{c: d}], e: true, f: g}\n", map()),
            ("spec:\n  a: {b: [{c: e}], e: true}\n", map()),
            ("spec:\n  a: {b: [{c: d}], e: null}\n", map()),
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
            assert!(!passes(text, given), "{text}");
        }
    }
}
