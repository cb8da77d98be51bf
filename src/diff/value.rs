//! Compares values of manifests by their meaning: quantities, durations, ports and sets.

use super::rules;
use crate::language::quantity;
use crate::risk::duration;
use crate::source::node::{Node, Value};

/// Whether two values mean the same. `path` ends with the field's name.
pub(crate) fn same(path: &[String], one: &Node, other: &Node) -> bool {
    if one.value == other.value {
        return true;
    }
    match (&one.value, &other.value) {
        (Value::List(one), Value::List(other)) => {
            if is_set(path) {
                let contains =
                    |list: &[Node], node: &Node| list.iter().any(|other| same(path, node, other));
                return one.len() == other.len()
                    && one.iter().all(|node| contains(other, node))
                    && other.iter().all(|node| contains(one, node));
            }
            one.len() == other.len() && one.iter().zip(other).all(|(a, b)| same(path, a, b))
        }
        (Value::Map(one), Value::Map(other)) => {
            one.len() == other.len()
                && one.iter().all(|entry| {
                    let found = other.iter().find(|found| found.key == entry.key);
                    let below = [path, &[entry.key.to_string()]].concat();
                    found.is_some_and(|found| same(&below, &entry.node, &found.node))
                })
        }
        (Value::Map(_) | Value::List(_), _) | (_, Value::Map(_) | Value::List(_)) => false,
        _ => match (text(one), text(other)) {
            (Some(a), Some(b)) if is_quantity(path) => {
                quantity(&a).is_some_and(|a| quantity(&b) == Some(a))
            }
            (Some(a), Some(b)) if is_duration(path) => {
                duration(&a).is_some_and(|a| duration(&b) == Some(a))
            }
            (Some(a), Some(b)) => a == b && (is_port(path) || is_number(one) && is_number(other)),
            _ => false,
        },
    }
}

fn text(node: &Node) -> Option<String> {
    match &node.value {
        Value::String(text) => Some(text.to_string()),
        Value::Int(number) => Some(number.to_string()),
        Value::Float(number) => Some(number.to_string()),
        _ => None,
    }
}

/// Whether a value is a number. Writers differ in whether they write `1.0` or `1`.
fn is_number(node: &Node) -> bool {
    matches!(node.value, Value::Int(_) | Value::Float(_))
}

/// Lists whose order has no meaning for the operator.
fn is_set(path: &[String]) -> bool {
    path.last().is_some_and(|name| rules::is_unordered(name))
}

/// Fields of the type Quantity: sizes, and everything in `requests` and `limits`.
fn is_quantity(path: &[String]) -> bool {
    let ends = |at: usize, names: &[&str]| {
        path.len() > at && names.contains(&path[path.len() - 1 - at].as_str())
    };
    ends(0, &["size", "storageSize", "maxMemory"]) || ends(1, &["requests", "limits"])
}

/// Fields of the type Duration.
fn is_duration(path: &[String]) -> bool {
    const NAMES: [&str; 2] = ["interval", "timeout"];
    const ENDS: [&str; 3] = ["Interval", "Timeout", "Retention"];
    path.last().is_some_and(|name| {
        NAMES.contains(&name.as_str()) || ENDS.iter().any(|end| name.ends_with(end))
    })
}

/// Fields of the type `IntOrString` with a port: 80 and "80" are the same port.
fn is_port(path: &[String]) -> bool {
    path.last().is_some_and(|name| name == "port" || name.ends_with("Port"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_compared_by_value() {
        let text = |text: &str| Node::from(Value::String(text.into()));
        for field in ["retryInterval", "connectionTimeout", "maxRetention", "interval"] {
            let path = ["spec".to_owned(), field.to_owned()];
            assert!(same(&path, &text("48h"), &text("48h0m0s")), "{field}");
            assert!(!same(&path, &text("48h"), &text("49h")), "{field}");
        }
    }

    #[test]
    fn ports_and_numbers_are_compared_by_value() {
        let (number, text) = (Node::from(Value::Int(80)), Node::from(Value::String("80".into())));
        let path = |name: &str| ["spec".to_owned(), name.to_owned()];
        for port in ["port", "targetPort"] {
            assert!(same(&path(port), &number, &text), "{port}");
            assert!(!same(&path(port), &number, &Node::from(Value::String("http".into()))));
        }
        assert!(!same(&path("portal"), &number, &text));
        assert!(same(&path("count"), &number, &Node::from(Value::Float(80.0))));
        assert!(!same(&path("count"), &number, &Node::from(Value::Float(80.5))));
    }
}
