//! The file of a definition's records: `NAME.secrets.yaml` beside it.
//!
//! It contains ciphertext and facts, and never clear text. Each fact of a key has its own line
//! below the key's name. So Git can merge changes of two keys, and reports a conflict if two
//! branches changed the same key. The file has no `apiVersion` and no `kind`, so that no tool
//! applies it as a manifest.

use super::backend;
use super::canonical_reader;
use super::record::{Facts, Policy, Record, scope_name};
use super::records::Records;
use crate::diagnostic::{Checked, Code, Diagnostic, FileId, Reported, Sources, Span};
use crate::language::shape::Form;
use crate::language::{
    Ciphertext, Fingerprint, Label, ResourceName, SecretKey, SecretMode, SecretScope,
};
use crate::layers::decode_node;
use crate::manifest::writer;
use crate::source::node::{Entry, Node, Value};
use crate::source::{self, yaml};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// The ending of the file's name.
pub const ENDING: &str = ".secrets.yaml";

/// The help for an invalid file.
const RESTORE: &str = "restore the file from Git: only sitewright writes these files";

/// A record as the file states it.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct StatedRecord {
    /// The generation. Every rotation increases it.
    #[schemars(range(min = 1))]
    generation: u32,
    policy: Policy,
    /// Where the value is, if it is not in the record.
    mode: Option<RecordedMode>,
    scope: Option<SecretScope>,
    label: Label,
    sealed_for: Option<Fingerprint>,
    sealed: Option<Ciphertext>,
}

/// The mode of a record that does not hold its value.
#[derive(Deserialize)]
#[serde(transparent)]
struct RecordedMode(SecretMode);

impl JsonSchema for RecordedMode {
    fn schema_name() -> Cow<'static, str> {
        "RecordedMode".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let words = backend::MODES.iter().filter_map(|mode| backend::recorded_word(*mode));
        json_schema!({ "type": "string", "enum": words.collect::<Vec<_>>() })
    }
}

#[derive(Deserialize, JsonSchema)]
#[serde(transparent)]
struct StatedRecords(BTreeMap<ResourceName, BTreeMap<SecretKey, StatedRecord>>);

static FORM: LazyLock<Form> = LazyLock::new(Form::of::<StatedRecords>);

/// A file of records that was read.
#[derive(Debug)]
pub struct RecordFile {
    /// The definition's path, such as `production/acme`.
    pub path: String,
    /// The file.
    pub file: FileId,
    /// Whether its text could be read. If not, that is already reported.
    pub is_read: bool,
    /// Whether the file is valid. If not, that is already reported.
    pub is_sound: bool,
    /// Its records. An invalid file has none.
    pub records: Records,
}

impl RecordFile {
    /// Checks a file of records.
    pub fn new(records: source::SecretsFile, sources: &Sources) -> Reported<Self> {
        let source::SecretsFile { path, file, is_read } = records;
        let read = match is_read {
            true => read(file, sources),
            false => Err(Vec::new()),
        };
        let (records, diagnostics) = match read {
            Ok(records) => (Some(records), Vec::new()),
            Err(problems) => (None, problems),
        };
        let is_sound = records.is_some();
        let records = records.unwrap_or_default();
        Reported { value: Self { path, file, is_read, is_sound, records }, diagnostics }
    }

    /// The place of a record.
    pub fn span(&self, secret: &str, key: &str, sources: &Sources) -> Span {
        self.spans(&[(secret, key)], sources)[0]
    }

    /// The place of each of these records, by Secret and key.
    pub fn spans(&self, records: &[(&str, &str)], sources: &Sources) -> Vec<Span> {
        let tree = self.tree(sources);
        let of = |(secret, key): &(&str, &str)| {
            let entry = tree.as_ref()?.get(secret)?.entry(key)?;
            Some(entry.key_span)
        };
        records.iter().map(|record| of(record).unwrap_or(Span::new(self.file, 0, 0))).collect()
    }

    /// The place of a fact of a record.
    pub fn fact(&self, secret: &str, key: &str, fact: &str, sources: &Sources) -> Span {
        let tree = self.tree(sources);
        let found = tree.as_ref().and_then(|tree| tree.get(secret)?.get(key)?.get(fact));
        found.map_or_else(|| self.span(secret, key, sources), |found| found.span)
    }

    /// The file as a tree. Only problems need it, and few records have problems. So the file is
    /// parsed again, and the trees of all files need not be kept.
    fn tree(&self, sources: &Sources) -> Option<Node> {
        yaml::read(sources.text(self.file), self.file).ok()
    }
}

fn read(file: FileId, sources: &Sources) -> Checked<Records> {
    if let Some(records) = canonical_reader::read(file, sources) {
        debug_assert_eq!(read_yaml(file, sources), Ok(records.clone()));
        return Ok(records);
    }
    read_yaml(file, sources)
}

/// The records in a text that is no file of the project, such as an older version of one. `None` if it is not valid.
pub(crate) fn parsed(text: String) -> Option<Records> {
    let mut sources = Sources::default();
    let file = sources.add(String::new(), text);
    read(file, &sources).ok()
}

pub(super) fn read_yaml(file: FileId, sources: &Sources) -> Checked<Records> {
    let text = sources.text(file);
    let of_records = |problems: Vec<_>| problems.into_iter().map(of_records).collect::<Vec<_>>();
    let node = yaml::read(text, file).map_err(of_records)?;
    let mut problems = FORM.check(&node, text);
    problems.extend(cut(text, file));
    if !problems.is_empty() {
        return Err(problems);
    }
    // SW705: an invalid record.
    let written = decode_node::<StatedRecords>(&node)
        .map_err(|error| vec![Diagnostic::new(Code::BadRecord, node.span, error)])?;
    understood(written, &node, sources)
}

/// The diagnostic for a text that is empty or not valid YAML. It speaks of records instead of
/// definitions.
fn of_records(problem: Diagnostic) -> Diagnostic {
    match problem.code {
        Code::Empty => {
            let message = "the file holds no record".to_owned();
            Diagnostic { message, ..problem }.help(RESTORE)
        }
        _ => problem,
    }
}

/// Why a text is only the start of a file. The length of a ciphertext is not known in advance, so
/// nothing else shows that its end is missing.
fn cut(text: &str, file: FileId) -> Option<Diagnostic> {
    let end = text.len();
    let message = "the file is incomplete: its last line has no line end";
    let problem = || Diagnostic::new(Code::BadRecord, Span::new(file, end, end), message);
    (!text.ends_with('\n')).then(|| problem().help(RESTORE))
}

fn understood(
    StatedRecords(written): StatedRecords,
    node: &Node,
    sources: &Sources,
) -> Checked<Records> {
    let mut records = Vec::new();
    let mut problems = Vec::new();
    for (secret, keys) in written {
        for (key, written) in keys {
            let place = node.get(secret.as_str()).and_then(|secret| secret.get(key.as_str()));
            let place = place.unwrap_or(node);
            match backend::record(facts_of(written, place, sources)) {
                Ok(record) => records.push((secret.to_string(), key.to_string(), record)),
                Err((fact, why)) => {
                    let span = place.get(fact).map_or(place.span, |node| node.span);
                    let message = format!("the record of `{secret}/{key}` is invalid: {why}");
                    problems.push(Diagnostic::new(Code::BadRecord, span, message).help(RESTORE));
                }
            }
        }
    }
    match problems.is_empty() {
        true => Ok(records.into_iter().collect()),
        false => Err(problems),
    }
}

fn facts_of(written: StatedRecord, place: &Node, sources: &Sources) -> Facts {
    // Most facts are written without quotes or escapes.
    let stated = |fact: &str, value: &str| {
        let excerpt = place.get(fact).and_then(|node| sources.excerpt(node.span));
        excerpt.filter(|excerpt| **excerpt == *value).unwrap_or_else(|| value.into())
    };
    let StatedRecord { generation, policy, mode, scope, label, sealed_for, sealed } = written;
    Facts {
        generation,
        policy,
        mode: mode.map(|RecordedMode(mode)| mode),
        scope,
        label: stated("label", label.as_str()),
        sealed_for: sealed_for.map(|key| stated("sealedFor", key.as_str())),
        sealed: sealed.map(|sealed| stated("sealed", sealed.as_str())),
    }
}

/// The text of the file with these records of the definition `name`.
pub fn write(name: &str, records: &Records) -> String {
    let secrets = records.by_secret().map(|(secret, keys)| {
        let keys = keys.map(|(key, record)| entry(key, Value::Map(facts(record))));
        entry(secret, Value::Map(keys.collect()))
    });
    let mut out = first_lines(name);
    writer::write(&Value::Map(secrets.collect()).into(), &mut out);
    out
}

/// The comment at the start of the file.
fn first_lines(name: &str) -> String {
    format!(
        "# What sitewright records of the passwords of {name}: facts and ciphertext, no clear text.\n\
         # Commit it beside {name}.yaml; `sitewright secrets` changes it.\n"
    )
}

/// The text of a file of records after its definition's file got another name. Only the comment
/// changes.
pub fn with_name(text: &str, name: &str, other: &str) -> String {
    let rest = text.strip_prefix(&first_lines(name));
    rest.map_or_else(|| text.to_owned(), |rest| first_lines(other) + rest)
}

/// The facts of a record in their order. A record that lacks a fact does not state it.
fn facts(record: &Record) -> Vec<Entry> {
    let text = |key: &str, text: &str| entry(key, Value::String(text.into()));
    let Record { generation, policy, mode, label, sealed } = record;
    let sealed = sealed.as_ref();
    let mut facts = Vec::with_capacity(6);
    facts.push(entry("generation", Value::Int((*generation).into())));
    facts.push(text("policy", policy.name()));
    facts.extend(backend::recorded_word(*mode).map(|word| text("mode", word)));
    let scope = sealed.and_then(|sealed| sealed.scope);
    facts.extend(scope.map(|scope| text("scope", scope_name(scope))));
    facts.push(text("label", label));
    let sealed_for = sealed.and_then(|sealed| sealed.sealed_for.as_deref());
    facts.extend(sealed_for.map(|key| text("sealedFor", key)));
    facts.extend(sealed.map(|sealed| text("sealed", &sealed.ciphertext)));
    facts
}

fn entry(key: &str, value: Value) -> Entry {
    Entry::new(key, value.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn records() -> Records {
        let (policy, mode) = (Policy::Given, SecretMode::Plain);
        let record = |generation, label: &str| {
            let label = label.into();
            Record { generation, policy, mode, label, sealed: None }
        };
        let mut records = Records::default();
        records.put("acme-admin", "password", record(1, "frappe/acme-admin"));
        records.put("acme-db", "password", record(3, "frappe/acme-db"));
        records
    }

    /// The code and the message of each problem of a text.
    fn problems(text: &str) -> Vec<(Code, String)> {
        let mut sources = Sources::default();
        let file = sources.add("acme.secrets.yaml".to_owned(), text);
        let problems = read(file, &sources).expect_err(text).into_iter();
        problems.map(|problem| (problem.code, problem.message)).collect()
    }

    #[test]
    fn what_is_written_is_parsed() {
        assert_eq!(parsed(write("acme", &records())), Some(records()));
        assert_eq!(parsed("acme-db: {}\nacme-db: {}\n".to_owned()), None);
    }

    #[test]
    fn a_file_that_ends_too_early_is_refused() {
        let text = write("acme", &records());
        let [(code, message)] = &problems(text.trim_end())[..] else { panic!() };
        assert_eq!(*code, Code::BadRecord);
        assert!(message.contains("incomplete"), "{message}");
        let empty = (Code::Empty, "the file holds no record".to_owned());
        assert_eq!(problems(&write("acme", &Records::default()).replace("{}\n", "")), [empty]);
    }

    /// A record in that mode holds its value and states no mode.
    #[test]
    fn the_mode_of_sealed_values_is_no_word_of_a_record() {
        let text = write("acme", &records());
        assert!(text.contains("mode: plain\n"), "{text}");
        let problems = problems(&text.replacen("mode: plain", "mode: sealed", 1));
        assert_ne!(problems, []);
        assert!(problems.iter().all(|(code, _)| *code != Code::BadRecord), "{problems:?}");
    }

    #[test]
    fn another_name_changes_only_the_comment() {
        let text = write("acme", &records());
        assert_eq!(with_name(&text, "acme", "globex"), write("globex", &records()));
        assert_eq!(with_name(&text, "other", "globex"), text);
    }
}
