//! JSON lists and maps that YAML reads as just the same, without asking YAML: nearly all that templates
//! are given.

use super::PRODUCED;
use crate::diagnostic::Span;
use crate::source::node::{Entry, Node, Value};
use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use std::fmt;

/// Readers look at most 1024 characters ahead for the `:` of a key.
pub(super) const MAX_KEY: usize = 1000;

/// How many keys a map may have that were not read by YAML's reader: each is compared with all others.
pub(super) const MAX_KEYS: usize = 64;

/// The value of a JSON text, where nothing in it could mean anything else to YAML: printable ASCII
/// without escapes, whole numbers, different keys. Nothing for any other text.
pub(super) fn plainly(json: &str) -> Option<Value> {
    if !is_plain(json) {
        return None;
    }
    serde_json::from_str(json).ok().map(|Plainly(value)| value)
}

/// Whether a text is printable ASCII without escapes.
pub(super) fn is_plain(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, b' '..=b'~') && byte != b'\\')
}

struct Plainly(Value);

impl<'de> Deserialize<'de> for Plainly {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(Reader).map(Self)
    }
}

struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("what YAML reads as the same")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Int(value))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Value, E> {
        i64::try_from(value).map(Value::Int).map_err(E::custom)
    }

    fn visit_str<E>(self, text: &str) -> Result<Value, E> {
        Ok(Value::String(text.into()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Value, A::Error> {
        let mut items = Vec::new();
        while let Some(Plainly(value)) = list.next_element()? {
            items.push(node(value));
        }
        Ok(Value::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut entries: Vec<Entry> = Vec::new();
        while let Some((key, Plainly(value))) = map.next_entry::<&str, Plainly>()? {
            if key.len() > MAX_KEY
                || entries.len() >= MAX_KEYS
                || entries.iter().any(|entry| *entry.key == *key)
            {
                return Err(A::Error::custom("a key that only YAML can tell about"));
            }
            entries.push(Entry { key: key.into(), key_span: NOWHERE, node: node(value) });
        }
        Ok(Value::Map(entries))
    }
}

const NOWHERE: Span = Span { file: PRODUCED, start: 0, end: 0 };

fn node(value: Value) -> Node {
    Node { span: NOWHERE, value }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::writer;
    use crate::source::yaml;
    use proptest::prelude::*;

    fn written(node: &Node) -> String {
        let mut out = String::new();
        writer::write(node, &mut out);
        out
    }

    #[test]
    fn what_yaml_may_read_otherwise_has_no_answer() {
        for json in [
            "1.0",
            "1e3",
            "-0",
            "9223372036854775808",
            "\"\\n\"",
            "\"\u{e9}\"",
            "[1,\n2]",
            "{\"a\":1,\"a\":2}",
            "[1] x",
            "[1,]",
            "{a:1}",
            "",
            "[01]",
        ] {
            assert!(plainly(json).is_none(), "{json}");
        }
        let map = |keys: usize| {
            let entries: Vec<String> = (0..keys).map(|key| format!("\"k{key}\":0")).collect();
            format!("{{{}}}", entries.join(","))
        };
        assert!(plainly(&map(MAX_KEYS)).is_some() && plainly(&map(MAX_KEYS + 1)).is_none());
    }

    fn json() -> impl Strategy<Value = String> {
        let leaf = prop_oneof![
            Just("null".to_owned()),
            any::<bool>().prop_map(|it| it.to_string()),
            any::<i64>().prop_map(|it| it.to_string()),
            "[ -~]{0,12}".prop_map(|text| serde_json::to_string(&text).unwrap_or_default()),
            prop::sample::select(vec!["1.5", "-0", "1e3", "\"no\"", "\": \"", "\"#\""])
                .prop_map(str::to_owned),
        ];
        leaf.prop_recursive(3, 24, 5, |inner| {
            let key = prop::sample::select(vec!["a", "b", "no", "1", ": ", "", "- x", "#"]);
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..5)
                    .prop_map(|items| format!("[{}]", items.join(","))),
                prop::collection::vec((key, inner), 0..4).prop_map(|entries| {
                    let entries: Vec<String> = entries
                        .into_iter()
                        .map(|(key, value)| format!("\"{key}\":{value}"))
                        .collect();
                    format!("{{{}}}", entries.join(","))
                }),
            ]
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn an_answer_is_what_yaml_reads(json in json()) {
            if let Some(value) = plainly(&json) {
                let (read, problems) = yaml::read(&json, PRODUCED);
                let is_nothing = value == Value::Null;
                prop_assert!(problems.is_empty() || is_nothing, "{json}");
                prop_assert!(is_nothing || written(&read.unwrap()) == written(&node(value)), "{json}");
            }
        }
    }
}
