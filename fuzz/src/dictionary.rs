//! `yaml.dict`: what libFuzzer writes into inputs. It has the signs of YAML and of the targets, and all words of the
//! language, so that it follows the language.

use serde_json::Value;
use sitewright::language::{Kind, json_schema};
use std::collections::BTreeSet;
use std::path::Path;

/// Signs, in the form of the file.
const SIGNS: [&str; 52] = [
    ": ",
    r"\x0a  ",
    r"\x0a    ",
    r"\x0a- ",
    "- ",
    "? ",
    r"|\x0a  ",
    r"|2-\x0a  ",
    r">+\x0a  ",
    r#"\""#,
    "'",
    " #",
    "[",
    "]",
    "{",
    "}",
    ", ",
    "&a ",
    "*a",
    "!!str ",
    "<<: *a",
    r"---\x0a",
    r"...\x0a",
    r"%YAML 1.1\x0a",
    r"\x09",
    r"\x0d",
    r"\xc2\x85",
    r"\xe2\x80\xa8",
    r"\xef\xbb\xbf",
    r"\\x41",
    r"\\\x0a",
    // The pieces of the target `writer`.
    r"\xff[\xff",
    r"\xff{\xff",
    r"\xff<\xff",
    "no",
    "0777",
    "1e3",
    "1_000",
    "1:30",
    ".inf",
    // The parts of a dump.
    r"apiVersion: v1\x0a",
    r"kind: List\x0a",
    r"items:\x0a- ",
    r"metadata:\x0a  name: a\x0a",
    r#"\"managedFields\":["#,
    // The files of the target `definitions`.
    r"\x0asite ",
    r"\x0aserver ",
    r"\x0abench ",
    r"\x0acluster ",
    r"\x0aplan ",
    r"\x0adefaults ",
    // The facts of a record.
    r"\x0a    generation: 1\x0a    policy: given\x0a    mode: plain\x0a    label: a/b\x0a",
];

/// The names of fields and the values that a schema lists.
fn words(schema: &Value, found: &mut BTreeSet<String>) {
    match schema {
        Value::Object(fields) => {
            for (key, value) in fields {
                match (key.as_str(), value) {
                    ("properties", Value::Object(fields)) => found.extend(fields.keys().cloned()),
                    ("const", Value::String(word)) => _ = found.insert(word.clone()),
                    ("enum", Value::Array(items)) => {
                        found.extend(items.iter().filter_map(Value::as_str).map(str::to_owned));
                    }
                    _ => {}
                }
                words(value, found);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| words(item, found)),
        _ => {}
    }
}

#[test]
fn the_dictionary_is_up_to_date() {
    let mut found = BTreeSet::new();
    for kind in Kind::ALL {
        words(&json_schema(kind), &mut found);
    }
    let is_word = |word: &&String| {
        (3..40).contains(&word.len()) && word.bytes().all(|byte| byte.is_ascii_graphic())
    };
    let words: Vec<&str> = found.iter().filter(is_word).map(String::as_str).collect();
    let mut text =
        "# Written by `UPDATE_EXPECT=1 cargo test --package sitewright-fuzz --lib`.\n".to_owned();
    for entry in SIGNS.iter().chain(&words) {
        text.push_str(&format!("\"{entry}\"\n"));
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("yaml.dict");
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        std::fs::write(&path, &text).unwrap();
    }
    assert_eq!(std::fs::read_to_string(path).unwrap(), text);
}
