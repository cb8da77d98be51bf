//! The values that a rule sees. Passwords and accounts in addresses are hidden before an expression can read them.

use crate::check::idle;
use crate::diagnostic::{Sources, is_password, without_accounts};
use crate::layers::{Layered, is_built_in};
use crate::resolve::Unit;
use crate::source::node::{self, Node};
use cel::common::types::{
    CelBool, CelDouble, CelInt, CelList, CelMap, CelMapKey, CelNull, CelString,
};
use cel::common::value::Val;
use serde_json::{Map, Value, json};
use std::collections::HashMap;

/// What stands for a value that a rule must not see.
const HIDDEN: &str = "***";

/// The values of a resolved definition: those of all layers, its name and its namespace. Defaults that have no effect on
/// it are left out.
pub(super) fn of_unit(unit: Unit, sources: &Sources) -> Value {
    let common = unit.common();
    let idle: Vec<String> = idle(unit).iter().map(|it| it.path.join(".")).collect();
    let is_shown = |path: &str, node: &Node| {
        let below = |it: &String| {
            path.strip_prefix(it.as_str())
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        };
        !is_built_in(sources, node.span.file) || !idle.iter().any(below)
    };
    let mut value =
        of_layered(&common.origin.layers.merged(), "", &is_shown).unwrap_or_else(|| json!({}));
    value["name"] = json!(common.name.as_str());
    value["namespace"] = json!(common.namespace.as_str());
    value
}

/// The values of a document.
pub(super) fn of_node(node: &Node) -> Value {
    of_layered(&Layered::Stated(node), "", &|_, _| true).unwrap_or_else(|| json!({}))
}

/// A value without nulls, and without what is not shown.
fn of_layered(
    value: &Layered,
    path: &str,
    is_shown: &dyn Fn(&str, &Node) -> bool,
) -> Option<Value> {
    let entries: Vec<(&str, Layered)> = match value {
        Layered::Merged(entries) => entries.clone(),
        Layered::Stated(node) => match &node.value {
            node::Value::Map(entries) => {
                entries.iter().map(|it| (&*it.key, Layered::Stated(&it.node))).collect()
            }
            node::Value::Null => return None,
            _ if !is_shown(path, node) => return None,
            _ => return Some(of_scalar(node)),
        },
    };
    let is_empty = entries.is_empty();
    let mut map = Map::new();
    for (key, value) in entries {
        let path = if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") };
        if let Some(value) = of_layered(&value, &path, is_shown) {
            map.insert(key.to_owned(), if hides(key, &value) { HIDDEN.into() } else { value });
        }
    }
    // A map whose values are all left out was never stated.
    (is_empty || !map.is_empty()).then_some(Value::Object(map))
}

fn hides(key: &str, value: &Value) -> bool {
    is_password(key) && !matches!(value, Value::Object(_) | Value::Bool(_))
}

fn of_scalar(node: &Node) -> Value {
    match &node.value {
        node::Value::Null => Value::Null,
        node::Value::Bool(value) => json!(value),
        node::Value::Int(value) => json!(value),
        node::Value::Float(value) => json!(value),
        node::Value::String(text) => json!(without_accounts(text)),
        node::Value::List(items) => items.iter().map(of_node_or_null).collect(),
        node::Value::Map(_) => of_node(node),
    }
}

fn of_node_or_null(node: &Node) -> Value {
    of_layered(&Layered::Stated(node), "", &|_, _| true).unwrap_or_default()
}

/// The value as expressions see it.
pub(super) fn to_cel<'v>(value: &'v Value) -> Box<dyn Val + 'v> {
    match value {
        Value::Null => Box::new(CelNull),
        Value::Bool(value) => Box::new(CelBool::from(*value)),
        Value::Number(number) => match (number.as_i64(), number.as_f64()) {
            (Some(whole), _) => Box::new(CelInt::from(whole)),
            (None, number) => Box::new(CelDouble::from(number.unwrap_or_default())),
        },
        Value::String(text) => Box::new(CelString::from(text.as_str())),
        Value::Array(items) => {
            Box::new(CelList::from(items.iter().map(to_cel).collect::<Vec<_>>()))
        }
        Value::Object(entries) => {
            let entries = entries.iter();
            let entries =
                entries.map(|(key, value)| (CelMapKey::from(key.as_str()), to_cel(value)));
            Box::new(CelMap::from(entries.collect::<HashMap<_, _>>()))
        }
    }
}
