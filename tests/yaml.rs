//! The YAML reader and the canonical writer against each other and against an independent reader.

#[cfg(test)]
mod syntax;

use proptest::prelude::*;
use serde_yaml::Value as Yaml;
use sitewright::diagnostic::{FileId, Span};
use sitewright::manifest::writer;
use sitewright::source::node::{Entry, Node, Value};
use sitewright::source::yaml;

#[cfg(test)]
mod support {
    use super::*;

    pub(crate) fn node(value: Value) -> Node {
        Node { span: Span::new(FileId(0), 0, 0), value }
    }

    /// The tree without places.
    pub(crate) fn bare(value: &Node) -> Node {
        node(match &value.value {
            Value::List(items) => Value::List(items.iter().map(bare).collect()),
            Value::Map(entries) => Value::Map(
                entries.iter().map(|entry| self::entry(&entry.key, bare(&entry.node))).collect(),
            ),
            other => other.clone(),
        })
    }

    pub(crate) fn entry(key: &str, node: Node) -> Entry {
        Entry { key: key.into(), key_span: Span::new(FileId(0), 0, 0), node }
    }

    /// The tree as the independent reader has it.
    pub(crate) fn foreign(node: &Node) -> Yaml {
        match &node.value {
            Value::Null => Yaml::Null,
            Value::Bool(value) => Yaml::Bool(*value),
            Value::Int(value) => Yaml::Number((*value).into()),
            Value::Float(value) => Yaml::Number((*value).into()),
            Value::String(text) => Yaml::String(text.to_string()),
            Value::List(items) => Yaml::Sequence(items.iter().map(foreign).collect()),
            Value::Map(entries) => Yaml::Mapping(
                entries
                    .iter()
                    .map(|entry| (Yaml::String(entry.key.to_string()), foreign(&entry.node)))
                    .collect(),
            ),
        }
    }

    pub(crate) fn written(node: &Node) -> String {
        let mut out = String::new();
        writer::write(node, &mut out);
        out
    }

    /// Text of everything that YAML stumbles over.
    pub(crate) fn nasty() -> impl Strategy<Value = String> {
        let piece = prop_oneof![
            "[-?:,\\[\\]{}#&*!|>'\"%@` \n]{1,4}",
            "[a-zA-Z0-9_.+-]{1,6}",
            "(no|yes|on|off|y|n|true|null|~|<<|=|0777|08|1_000|1:30|2026-01-01|1e3|\\.inf|0x1f)",
            "(: | #|---|\\.\\.\\.|  |\t|\r|\n\n|\n  |\\\\|\\{\\{|%)",
            "[\u{0}-\u{1f}\u{7f}-\u{a0}\u{2028}\u{2029}\u{feff}\u{fffe}é漢\u{1f600}]{1,2}",
        ];
        prop::collection::vec(piece, 0..4).prop_map(|pieces| pieces.concat())
    }

    pub(crate) fn tree() -> impl Strategy<Value = Node> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::Bool),
            any::<i64>().prop_map(Value::Int),
            (prop::num::f64::NORMAL | prop::num::f64::ZERO).prop_map(Value::Float),
            nasty().prop_map(|text| Value::String(text.into())),
        ]
        .prop_map(node);
        leaf.prop_recursive(4, 24, 5, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4)
                    .prop_map(|items| node(Value::List(items))),
                prop::collection::btree_map(nasty(), inner, 0..4).prop_map(|map| {
                    node(Value::Map(map.into_iter().map(|(k, v)| entry(&k, v)).collect()))
                }),
            ]
        })
    }
}

use support::{bare, foreign, node, tree, written};

/// Texts that other readers refuse or read otherwise, libyaml and Go's at least.
const DISPUTED: [&str; 24] = [
    "a: 1 # c\u{2028}b: 2\n",
    "a: 1 # c\u{85}b: 2\n",
    "# c\u{2029}b: 2\n",
    "a: 'x\u{85}y'\n",
    "a: \"x\u{85}y\"\n",
    "a: \"x \u{2028} y\"\n",
    "a: {?}\n",
    "a: [?]\n",
    "a: [b?]\n",
    "a: [:b]\n",
    "a: {t:}\n",
    "a: [a:]\n",
    "a: [a:, b]\n",
    "a: [b :]\n",
    "a: {b\n  : c}\n",
    "a: {\"b\n  c\": d}\n",
    "a:\n  \tb\n",
    "a:\n  - \tb\n",
    "a:\n  -\tb\n",
    "a: b\n\t# c\n",
    "a:\n \t\n  b: c\n",
    "a: |\n  \tb\n",
    "a: b\n\t\n  c\n",
    "...\na: b\n",
];

#[test]
fn what_readers_dispute_is_refused() {
    for text in DISPUTED {
        let read = yaml::read(text, FileId(0));
        assert!(read.is_err_and(|problems| !problems.is_empty()), "{text:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1024))]

    #[test]
    fn what_is_written_reads_back(tree in tree()) {
        // A document needs a value that is something.
        let tree = node(Value::List(vec![tree]));
        let text = written(&tree);
        let read = yaml::read(&text, FileId(0));
        let read = read.map_err(|problems| TestCaseError::fail(format!("{text}\n{problems:?}")))?;
        prop_assert_eq!(bare(&read), tree, "{}", text);
    }

    #[test]
    fn an_independent_reader_sees_the_same(tree in tree()) {
        let tree = node(Value::List(vec![tree]));
        let text = written(&tree);
        let read: Yaml = serde_yaml::from_str(&text).map_err(|error| {
            TestCaseError::fail(format!("{error}\n{text}"))
        })?;
        prop_assert_eq!(read, foreign(&tree), "{}", text);
    }

    #[test]
    fn writing_is_canonical(tree in tree()) {
        let tree = node(Value::List(vec![tree]));
        let text = written(&tree);
        let read = yaml::read(&text, FileId(0)).map_err(|_| TestCaseError::fail("unreadable"))?;
        prop_assert_eq!(written(&read), text);
    }

    #[test]
    fn libyaml_reads_what_is_accepted_alike(text in syntax::texts()) {
        let read = yaml::read(&text, FileId(0)).ok();
        let Some(map) = read.filter(|node| !node.entries().is_empty()) else { return Ok(()) };
        let theirs = serde_yaml::from_str::<Yaml>(&text);
        let theirs = theirs.map_err(|error| TestCaseError::fail(format!("{error}: {text:?}")))?;
        prop_assert_eq!(theirs, foreign(&map), "{:?}", text);
    }

    #[test]
    fn no_text_makes_the_reader_panic(text in support::nasty(), more in any::<String>()) {
        for text in [&text, &more, &format!("a:\n  b: {text}\n{more}")] {
            let problems = yaml::read(text, FileId(0)).err();
            prop_assert!(problems.as_ref().is_none_or(|problems| !problems.is_empty()));
            for problem in problems.into_iter().flatten() {
                if let sitewright::diagnostic::Place::Span(span) = problem.place {
                    prop_assert!(text.get(span.range()).is_some(), "{:?} in {:?}", span, text);
                }
            }
        }
    }
}
