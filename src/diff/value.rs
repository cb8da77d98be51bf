//! When two values of a manifest mean the same: quantities, durations, and sets.

pub(super) use crate::language::quantity;
use crate::source::node::{Node, Value};

/// Whether two values mean the same. `path` ends with the field's name.
pub(super) fn same(path: &[String], one: &Node, other: &Node) -> bool {
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

/// Lists whose order means nothing to the operator.
fn is_set(path: &[String]) -> bool {
    path.last().is_some_and(|name| name == "privileges")
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
    const ENDS: [&str; 3] = ["Interval", "Timeout", "Retention"];
    path.last().is_some_and(|name| ENDS.iter().any(|end| name.ends_with(end)))
}

/// A duration of Go in nanoseconds: `1h` and `60m0s` are equal.
pub(super) fn duration(text: &str) -> Option<i128> {
    let mut total = 0_i128;
    let mut rest = text;
    while !rest.is_empty() {
        let split = rest.find(|c: char| !c.is_ascii_digit())?;
        let number: i128 = rest[..split].parse().ok()?;
        rest = &rest[split..];
        let end = rest.find(|c: char| c.is_ascii_digit()).unwrap_or(rest.len());
        let unit = match &rest[..end] {
            "ns" => 1,
            "us" => 1_000,
            "ms" => 1_000_000,
            "s" => 1_000_000_000,
            "m" => 60_000_000_000,
            "h" => 3_600_000_000_000,
            _ => return None,
        };
        total = total.checked_add(number.checked_mul(unit)?)?;
        rest = &rest[end..];
    }
    (!text.is_empty()).then_some(total)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_compared_by_value() {
        let text = |text: &str| Node::from(Value::String(text.into()));
        for field in ["retryInterval", "connectionTimeout", "maxRetention"] {
            let path = ["spec".to_owned(), field.to_owned()];
            assert!(same(&path, &text("48h"), &text("48h0m0s")), "{field}");
            assert!(!same(&path, &text("48h"), &text("49h")), "{field}");
        }
        assert_eq!(duration("1h"), duration("60m0s"));
        assert_eq!(duration("1h0m0s"), duration("3600s"));
        assert_ne!(duration("10s"), duration("10m"));
        for broken in ["", "1", "h", "1x"] {
            assert_eq!(duration(broken), None, "{broken}");
        }
    }
}
