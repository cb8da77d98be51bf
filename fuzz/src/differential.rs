//! Our reader against libyaml: what we accept, libyaml reads as the same tree, and every kind of reader gives
//! each plain scalar the type that we give it. What we alone refuse is refused for a reason of [`WANTED`].

use crate::foreign::{self, NoTree};
use crate::same;
use serde::Deserialize;
use serde::de::IgnoredAny;
use sitewright::diagnostic::{Code, FileId};
use sitewright::source::node::Value;
use sitewright::source::yaml;

/// What we refuse although libyaml reads it, and why.
pub const WANTED: [(Code, &str); 10] = [
    (
        Code::AmbiguousScalar,
        "libyaml gives scalars no type; readers above it disagree about this one",
    ),
    (Code::Anchor, "a person who reads a definition must see its values"),
    (Code::Tag, "the field decides the type"),
    (Code::DuplicateKey, "some readers keep the first, others the last, others refuse it"),
    (Code::BadKey, "JSON, and so Kubernetes, has only texts as keys"),
    (Code::ManyDocuments, "each definition has a file of its own"),
    (Code::Empty, "a file without a definition is a mistake"),
    (Code::TooDeep, "no definition nests so deep; other readers end without an answer"),
    (Code::Tab, "libyaml allows tabs between a sign and its value, where Go refuses some"),
    (Code::YamlSyntax, "libyaml reads some texts that the specification forbids, and directives"),
];

/// Runs the target.
pub fn run(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    // The file's own check refuses a byte order mark before the reader sees it.
    if text.len() > crate::MAX_INPUT || text.starts_with('\u{feff}') {
        return;
    }
    match yaml::read(text, FileId(0)) {
        // Such a document is no definition: the next stage refuses it. YAML 1.2 allows a block scalar without
        // indentation there, and libyaml does not.
        Ok(node) if !matches!(node.value, Value::Map(_) | Value::List(_)) => {}
        Ok(node) => {
            match foreign::read(text) {
                Ok(tree) => same::in_libyaml(&node, &tree, text),
                Err(NoTree::NoLineEnd) => {}
                Err(why) => panic!("we accept what libyaml has no tree of: {why:?}: {text:?}"),
            }
            if !ends_in_blanks(text) {
                same::in_serde_yaml(&node, text);
            }
        }
        Err(found) => {
            assert!(!found.is_empty(), "refused without a reason: {text:?}");
            if is_read_by_libyaml(text) {
                let is_wanted = |code| WANTED.iter().any(|(wanted, _)| *wanted == code);
                assert!(found.iter().all(|it| is_wanted(it.code)), "{found:?}: {text:?}");
            }
        }
    }
}

/// Whether a text ends in a line of blanks without a line end. After a block scalar, serde_yaml then loses the line
/// end of the scalar's last line. libyaml itself, as PyYAML has it, and Go's reader do not.
fn ends_in_blanks(text: &str) -> bool {
    let last = text.rsplit(['\n', '\r']).next().unwrap_or_default();
    !last.is_empty() && last.trim().is_empty()
}

/// Whether libyaml reads a text. serde_yaml has libyaml's own parser, translated; the one of [`foreign`] panics at
/// some texts that it should refuse, and libFuzzer ends at any panic.
fn is_read_by_libyaml(text: &str) -> bool {
    serde_yaml::Deserializer::from_str(text)
        .all(|document| IgnoredAny::deserialize(document).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn libyaml_reads_what_only_our_reader_refuses() {
        for text in [
            "a: 1\na: 2\n",
            "a: &b c\nd: *b\n",
            "a: b\n---\nc: d\n",
            "a: !x b\n",
            "? [a]\n: b\n",
            "",
        ] {
            assert!(is_read_by_libyaml(text), "{text:?}");
            assert!(yaml::read(text, FileId(0)).is_err(), "{text:?}");
        }
        for text in ["a: [\n", "a: b\n---\nc: 'd\n", "a: \"\\z\"\n", "@\n"] {
            assert!(!is_read_by_libyaml(text), "{text:?}");
        }
    }
}
