//! Whether two readers have the same value of a text.

use crate::foreign::Tree;
use crate::readings::{Reading, readings};
use serde_yaml::Value as Yaml;
use sitewright::source::node::{Entry, Node, Value};

/// Fails if a value is another one for libyaml, or for a reader that gives libyaml's scalars their types.
pub fn in_libyaml(node: &Node, tree: &Tree, text: &str) {
    match (&node.value, tree) {
        (Value::List(items), Tree::List(others)) => {
            assert_eq!(items.len(), others.len(), "{text:?}");
            items.iter().zip(others).for_each(|(item, other)| in_libyaml(item, other, text));
        }
        (Value::Map(entries), Tree::Map(others)) => {
            assert_eq!(entries.len(), others.len(), "{text:?}");
            for (entry, (key, value)) in entries.iter().zip(others) {
                in_libyaml(&Value::String((*entry.key).into()).into(), key, text);
                in_libyaml(&entry.node, value, text);
            }
        }
        (value, Tree::Scalar { is_plain, text: scalar }) => {
            let (ours, is_text) = match value {
                Value::Null => (Reading::Null, false),
                Value::Bool(value) => (Reading::Bool(*value), false),
                Value::Int(value) => (Reading::Int(*value), false),
                Value::Float(value) => (Reading::Float(*value), false),
                Value::String(_) => (Reading::Text, true),
                _ => panic!("libyaml reads {tree:?} for {value:?}: {text:?}"),
            };
            if let Value::String(value) = value {
                assert_eq!(&**value, scalar, "{text:?}");
            }
            let all = readings(scalar);
            let agree = all.iter().all(|it| *it == ours);
            assert!(
                if *is_plain { agree } else { is_text },
                "{scalar:?} is read as {all:?}: {text:?}"
            );
        }
        (value, tree) => panic!("libyaml reads {tree:?} for {value:?}: {text:?}"),
    }
}

/// Fails if serde_yaml, which has libyaml's parser and types of its own, reads another value.
pub fn in_serde_yaml(node: &Node, text: &str) {
    let read = serde_yaml::from_str::<Yaml>(text);
    let read = read.unwrap_or_else(|error| panic!("serde_yaml: {error}: {text:?}"));
    assert_eq!(read, as_serde_yaml(node), "{text:?}");
}

/// The value as serde_yaml has it.
fn as_serde_yaml(node: &Node) -> Yaml {
    match &node.value {
        Value::Null => Yaml::Null,
        Value::Bool(value) => Yaml::Bool(*value),
        Value::Int(value) => Yaml::Number((*value).into()),
        Value::Float(value) => Yaml::Number((*value).into()),
        Value::String(text) => Yaml::String(text.to_string()),
        Value::List(items) => Yaml::Sequence(items.iter().map(as_serde_yaml).collect()),
        Value::Map(entries) => {
            let pair =
                |entry: &Entry| (Yaml::String(entry.key.to_string()), as_serde_yaml(&entry.node));
            Yaml::Mapping(entries.iter().map(pair).collect())
        }
    }
}
