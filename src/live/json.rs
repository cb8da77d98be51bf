//! Reads an object from JSON, without what is not compared: it is skipped and takes no memory.

use super::manifest_yaml::last_wins;
use super::scalar::{float, large};
use super::shared_keys::entry_of;
use crate::source::node::{Node, Value};
use serde::de::{
    self, DeserializeSeed, Deserializer as _, IgnoredAny, MapAccess, SeqAccess, Visitor,
};
use serde_json::Deserializer;
use std::borrow::Cow;
use std::fmt;

/// The `apiVersion` and `kind` of a JSON object, or `None` if it is not an object that has both. Reading stops
/// at the second of them.
pub(super) fn head(bytes: &[u8]) -> Option<(String, String)> {
    let mut head = Head::default();
    // The error says that there is more to read.
    let _ = Deserializer::from_slice(bytes).deserialize_map(&mut head);
    Some((head.version?, head.kind?))
}

#[derive(Default)]
struct Head {
    version: Option<String>,
    kind: Option<String>,
}

impl<'de> Visitor<'de> for &mut Head {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while self.version.is_none() || self.kind.is_none() {
            let Some(key) = map.next_key_seed(Text)? else { break };
            match &*key {
                "apiVersion" => self.version = Some(map.next_value_seed(Text)?.into_owned()),
                "kind" => self.kind = Some(map.next_value_seed(Text)?.into_owned()),
                _ => _ = map.next_value::<IgnoredAny>()?,
            }
        }
        Ok(())
    }
}

/// A text. It is borrowed if it has no escapes.
struct Text;

impl<'de> DeserializeSeed<'de> for Text {
    type Value = Cow<'de, str>;

    fn deserialize<D: de::Deserializer<'de>>(self, from: D) -> Result<Self::Value, D::Error> {
        from.deserialize_str(self)
    }
}

impl<'de> Visitor<'de> for Text {
    type Value = Cow<'de, str>;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("a text")
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Cow::Borrowed(text))
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Cow::Owned(text.to_owned()))
    }
}

/// What is kept of an object.
#[derive(Clone, Copy, Debug)]
pub(super) struct Keep {
    /// `metadata.managedFields`.
    pub(super) managers: bool,
    /// `status`.
    pub(super) statuses: bool,
    /// The values of a Secret are never kept.
    pub(super) is_secret: bool,
}

/// Reads an object.
pub(super) fn read(bytes: &[u8], keep: Keep) -> serde_json::Result<Node> {
    let mut json = Deserializer::from_slice(bytes);
    let node = Seed { at: At::Object, keep }.deserialize(&mut json)?;
    json.end()?;
    Ok(node)
}

/// Where a value is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum At {
    Object,
    Metadata,
    Annotations,
    /// The data of a Secret.
    SecretData,
    Elsewhere,
}

/// Reads a value.
#[derive(Clone, Copy)]
struct Seed {
    at: At,
    keep: Keep,
}

impl Seed {
    /// The reader of the value of a key. `None` if the value is skipped.
    fn below(self, key: &str) -> Option<Self> {
        let at = match (self.at, key) {
            (At::Object, "status") if !self.keep.statuses => return None,
            (At::Object, "metadata") => At::Metadata,
            (At::Object, "data" | "stringData") if self.keep.is_secret => At::SecretData,
            (At::Metadata, "managedFields") if !self.keep.managers => return None,
            (At::Metadata, "annotations") => At::Annotations,
            (At::Annotations, super::clean::LAST_APPLIED) | (At::SecretData, _) => return None,
            _ => At::Elsewhere,
        };
        Some(Self { at, ..self })
    }
}

impl<'de> DeserializeSeed<'de> for Seed {
    type Value = Node;

    fn deserialize<D: de::Deserializer<'de>>(self, from: D) -> Result<Node, D::Error> {
        from.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Seed {
    type Value = Node;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<Node, E> {
        Ok(Value::Null.into())
    }

    fn visit_bool<E>(self, truth: bool) -> Result<Node, E> {
        Ok(Value::Bool(truth).into())
    }

    fn visit_i64<E>(self, number: i64) -> Result<Node, E> {
        Ok(Value::Int(number).into())
    }

    fn visit_u64<E>(self, number: u64) -> Result<Node, E> {
        Ok(i64::try_from(number).map_or_else(|_| large(number), Value::Int).into())
    }

    fn visit_f64<E>(self, number: f64) -> Result<Node, E> {
        Ok(float(number).into())
    }

    fn visit_str<E>(self, text: &str) -> Result<Node, E> {
        Ok(Value::String(text.into()).into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Node, A::Error> {
        let below = Self { at: At::Elsewhere, ..self };
        let mut items = Vec::new();
        while let Some(item) = list.next_element_seed(below)? {
            items.push(item);
        }
        items.shrink_to_fit();
        Ok(Value::List(items).into())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Node, A::Error> {
        let mut entries = Vec::new();
        while let Some(key) = map.next_key_seed(Text)? {
            match self.below(&key) {
                Some(below) => entries.push(entry_of(&key, map.next_value_seed(below)?)),
                None => {
                    map.next_value::<IgnoredAny>()?;
                    if self.at == At::SecretData {
                        entries.push(entry_of(&key, Value::Null.into()));
                    }
                }
            }
        }
        last_wins(&mut entries);
        entries.shrink_to_fit();
        Ok(Value::Map(entries).into())
    }
}

#[cfg(test)]
mod tests {
    use super::super::clean::json_of;
    use super::*;

    #[test]
    fn the_head_of_an_object_is_found_anywhere() {
        let head = |text: &str| head(text.as_bytes());
        let expected = Some(("v1".to_owned(), "Pod".to_owned()));
        assert_eq!(head(r#"{"apiVersion":"v1","kind":"Pod", what follows is not read"#), expected);
        assert_eq!(head(r#"{"a":[{}],"kind":"\u0050od","b":1,"apiVersion":"v1"}"#), expected);
        assert_eq!(head(r#"{"kind":"Pod"}"#), None);
        assert_eq!(head("[]"), None);
        assert_eq!(head(r#"{"kind":1,"apiVersion":"v1"}"#), None);
    }

    #[test]
    fn what_is_not_compared_is_skipped() {
        let text = r#"{"status":{"a":1},"metadata":{"managedFields":[{}],"name":"a","annotations":{
            "kubectl.kubernetes.io/last-applied-configuration":"x","b":"c"}},"data":{"p":"c2VjcmV0"},
            "a":1,"a":18446744073709551615,"b":1.0,"c":[0.5,-1,null]}"#;
        let keep = Keep { managers: false, statuses: false, is_secret: true };
        let node = read(text.as_bytes(), keep).unwrap();
        let expected = r#"{"metadata":{"name":"a","annotations":{"b":"c"}},"data":{"p":null},"a":1.8446744073709552e+19,"b":1,"c":[0.5,-1,null]}"#;
        assert_eq!(json_of(&node), expected);
        let keep = Keep { managers: true, statuses: true, is_secret: false };
        let node = read(text.as_bytes(), keep).unwrap();
        assert!(json_of(&node).contains(r#""managedFields":[{}]"#));
        assert!(json_of(&node).starts_with(r#"{"status":{"a":1}"#));
    }
}
