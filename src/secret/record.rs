//! What is recorded of each password: `NAME.secrets.yaml` beside its definition.
//!
//! It holds ciphertext and facts, never clear text. The facts of one key stand on lines of their own
//! below its name, so that Git merges changes of two keys and stops where two branches changed one.
//! It has no `apiVersion` and no `kind`: nothing may take it for a manifest and apply it.

use super::as_written;
use super::records::Records;
use super::seal;
use crate::diagnostic::{Code, Diagnostic, Excerpt, FileId, Sources, Span};
use crate::language::shape::Form;
use crate::language::{Ciphertext, Fingerprint, Label, ResourceName, SecretKey, SecretScope};
use crate::manifest::writer;
use crate::resolve::decode_node;
use crate::source::node::{Entry, Node, Value};
use crate::source::{self, yaml};
use schemars::JsonSchema;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// The ending of a store's name.
pub const ENDING: &str = ".secrets.yaml";

/// What is to be done about a file that cannot be right.
const RESTORE: &str = "restore the file from Git; these files are written by sitewright alone";

/// What is known of one password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// How many values there were, this one included.
    pub generation: u32,
    /// What kind of value it is.
    pub policy: Policy,
    /// `namespace/name` of its Secret; of a sealed value, what it is bound to.
    pub label: Excerpt,
    /// Where the value is.
    pub value: Held,
}

/// What is said of a record that cannot get another value, behind its name.
pub const LAST: &str = "has the highest generation that there is: no value can follow it";

/// What is to be done about that.
pub const LAST_HELP: &str = "nobody rotates so often: the record was edited by hand, so restore the file \
                             from Git";

impl Record {
    /// The generation of the next value; nothing where there is none.
    pub fn next_generation(&self) -> Option<u32> {
        self.generation.checked_add(1)
    }
}

/// Where a value is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Held {
    /// Here, sealed.
    Sealed {
        /// What its label consists of.
        scope: SecretScope,
        /// The fingerprint of the key that it is sealed for; nothing where nobody knows.
        key: Option<Excerpt>,
        /// The ciphertext.
        sealed: Excerpt,
    },
    /// On the machine that made it, in `.sitewright/secrets/`.
    Plain,
    /// In the cluster's secret store.
    External,
}

/// What kind of value a password is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
pub enum Policy {
    /// 32 random letters and digits.
    #[serde(rename = "alphanumeric-32")]
    Alphanumeric32,
    /// Whatever somebody else sealed.
    #[serde(rename = "adopted")]
    Adopted,
    /// What a third party gave.
    #[serde(rename = "given")]
    Given,
}

impl Policy {
    /// Every policy.
    pub const ALL: [Self; 3] = [Self::Alphanumeric32, Self::Adopted, Self::Given];

    /// The word in the file.
    pub fn name(self) -> &'static str {
        match self {
            Policy::Alphanumeric32 => "alphanumeric-32",
            Policy::Adopted => "adopted",
            Policy::Given => "given",
        }
    }
}

/// A record as it is written.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Written {
    /// Raised by every rotation.
    #[schemars(range(min = 1))]
    generation: u32,
    policy: Policy,
    /// Where the value is, when it is not here.
    mode: Option<Elsewhere>,
    scope: Option<SecretScope>,
    label: Label,
    sealed_for: Option<Fingerprint>,
    sealed: Option<Ciphertext>,
}

#[derive(Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum Elsewhere {
    Plain,
    External,
}

impl Elsewhere {
    pub(super) const ALL: [Self; 2] = [Self::Plain, Self::External];

    pub(super) fn name(self) -> &'static str {
        match self {
            Elsewhere::Plain => "plain",
            Elsewhere::External => "external",
        }
    }
}

/// A record as its file states it: each fact is right by itself.
pub(super) struct Facts {
    pub(super) generation: u32,
    pub(super) policy: Policy,
    pub(super) mode: Option<Elsewhere>,
    pub(super) scope: Option<SecretScope>,
    pub(super) label: Excerpt,
    pub(super) sealed_for: Option<Excerpt>,
    pub(super) sealed: Option<Excerpt>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(transparent)]
struct File(BTreeMap<ResourceName, BTreeMap<SecretKey, Written>>);

static FORM: LazyLock<Form> = LazyLock::new(Form::of::<File>);

/// A store that was read.
#[derive(Debug)]
pub struct Store {
    /// The definition's path, such as `production/acme`.
    pub path: String,
    /// The file.
    pub file: FileId,
    /// Whether its text is there; why it is not is reported.
    pub is_read: bool,
    /// Whether the file can be used; why it cannot is reported.
    pub is_sound: bool,
    /// Its records; none when the file is broken.
    pub records: Records,
}

impl Store {
    /// Checks what was read; beside a store that is broken is what is wrong with it.
    pub fn new(records: source::Records, sources: &Sources) -> (Self, Vec<Diagnostic>) {
        let source::Records { path, file, is_read } = records;
        let read = match is_read {
            true => read(file, sources),
            false => Err(Vec::new()),
        };
        let (records, problems) = match read {
            Ok(records) => (Some(records), Vec::new()),
            Err(problems) => (None, problems),
        };
        let is_sound = records.is_some();
        let records = records.unwrap_or_default();
        (Self { path, file, is_read, is_sound, records }, problems)
    }

    /// Where a record stands.
    pub fn span(&self, secret: &str, key: &str, sources: &Sources) -> Span {
        self.spans(&[(secret, key)], sources)[0]
    }

    /// Where each of these records stands, by its Secret and key.
    pub fn spans(&self, records: &[(&str, &str)], sources: &Sources) -> Vec<Span> {
        let tree = self.tree(sources);
        let of = |(secret, key): &(&str, &str)| {
            let entry = tree.as_ref()?.get(secret)?.entry(key)?;
            Some(entry.key_span)
        };
        records.iter().map(|record| of(record).unwrap_or(Span::new(self.file, 0, 0))).collect()
    }

    /// Where a fact of a record stands.
    pub fn fact(&self, secret: &str, key: &str, fact: &str, sources: &Sources) -> Span {
        let tree = self.tree(sources);
        let found = tree.as_ref().and_then(|tree| tree.get(secret)?.get(key)?.get(fact));
        found.map_or_else(|| self.span(secret, key, sources), |found| found.span)
    }

    /// The file as a tree. Only problems ask, and few records have any: the file is read once more rather
    /// than the trees of all of them kept.
    fn tree(&self, sources: &Sources) -> Option<Node> {
        yaml::read(sources.text(self.file), self.file).0
    }
}

fn read(file: FileId, sources: &Sources) -> Result<Records, Vec<Diagnostic>> {
    if let Some(records) = as_written::read(file, sources) {
        debug_assert_eq!(read_yaml(file, sources), Ok(records.clone()));
        return Ok(records);
    }
    read_yaml(file, sources)
}

pub(super) fn read_yaml(file: FileId, sources: &Sources) -> Result<Records, Vec<Diagnostic>> {
    let text = sources.text(file);
    let (node, problems) = yaml::read(text, file);
    let node = node.ok_or_else(|| problems.into_iter().map(of_records).collect::<Vec<_>>())?;
    let mut problems = FORM.check(&node, text);
    problems.extend(cut(text, file));
    if !problems.is_empty() {
        return Err(problems);
    }
    let written = decode_node::<File>(&node)
        .map_err(|error| vec![Diagnostic::new(Code::BadRecord, node.span, error)])?;
    understood(written, &node, sources)
}

/// What is said of a text that is no YAML, or nothing: an empty file of records is no definition.
fn of_records(problem: Diagnostic) -> Diagnostic {
    match problem.code {
        Code::Empty => {
            let message = "the file holds no record".to_owned();
            Diagnostic { message, ..problem }.help(RESTORE)
        }
        _ => problem,
    }
}

/// Why a text is only the start of a file. Of a ciphertext whose length nobody knows, nothing else shows that
/// its end is missing.
fn cut(text: &str, file: FileId) -> Option<Diagnostic> {
    let end = text.len();
    let message = "the file is cut: its last line does not end";
    let problem = || Diagnostic::new(Code::BadRecord, Span::new(file, end, end), message);
    (!text.ends_with('\n')).then(|| problem().help(RESTORE))
}

fn understood(
    File(written): File,
    node: &Node,
    sources: &Sources,
) -> Result<Records, Vec<Diagnostic>> {
    let mut records = Vec::new();
    let mut problems = Vec::new();
    for (secret, keys) in written {
        for (key, written) in keys {
            let place = node.get(secret.as_str()).and_then(|secret| secret.get(key.as_str()));
            let place = place.unwrap_or(node);
            match record(facts_of(written, place, sources)) {
                Ok(record) => records.push((secret.to_string(), key.to_string(), record)),
                Err((fact, why)) => {
                    let span = place.get(fact).map_or(place.span, |node| node.span);
                    let message = format!("the record of `{secret}/{key}` cannot be right: {why}");
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

fn facts_of(written: Written, place: &Node, sources: &Sources) -> Facts {
    // Most facts stand in the text as they are.
    let held = |fact: &str, value: &str| {
        let stated = place.get(fact).and_then(|node| sources.excerpt(node.span));
        stated.filter(|stated| **stated == *value).unwrap_or_else(|| value.into())
    };
    let Written { generation, policy, mode, scope, label, sealed_for, sealed } = written;
    Facts {
        generation,
        policy,
        mode,
        scope,
        label: held("label", label.as_str()),
        sealed_for: sealed_for.map(|key| held("sealedFor", key.as_str())),
        sealed: sealed.map(|sealed| held("sealed", sealed.as_str())),
    }
}

/// A record, or the fact that is wrong and why.
pub(super) fn record(facts: Facts) -> Result<Record, (&'static str, String)> {
    let Facts { generation, policy, mode, scope, label, sealed_for: key, sealed } = facts;
    let value = match (mode, sealed, scope) {
        (None, Some(sealed), Some(scope)) => {
            let shape = seal::shape(&sealed).map_err(|why| ("sealed", why))?;
            if policy == Policy::Alphanumeric32 && shape.value != super::password::LENGTH {
                let length = super::password::LENGTH;
                return Err((
                    "sealed",
                    format!("a password of the policy has {length} characters"),
                ));
            }
            Held::Sealed { scope, key, sealed }
        }
        (None, Some(_), None) => return Err(("sealed", "it states no `scope`".to_owned())),
        (None, None, _) => return Err(("generation", "it states no `sealed` value".to_owned())),
        (Some(_), None, None) if key.is_some() => {
            return Err(("sealedFor", "it has no sealed value".to_owned()));
        }
        (Some(Elsewhere::Plain), None, None) => Held::Plain,
        (Some(Elsewhere::External), None, None) => Held::External,
        (Some(_), _, _) => {
            return Err(("mode", "its value is said to be elsewhere and here too".to_owned()));
        }
    };
    Ok(Record { generation, policy, label, value })
}

/// The file of these records, which are those of the definition `name`.
pub fn write(name: &str, records: &Records) -> String {
    let secrets = records.by_secret().map(|(secret, keys)| {
        let keys = keys.map(|(key, record)| entry(key, Value::Map(facts(record))));
        entry(secret, Value::Map(keys.collect()))
    });
    let mut out = format!(
        "# What sitewright records of the passwords of {name}: facts and ciphertext, no clear text.\n\
         # Commit it beside {name}.yaml; `sitewright secrets` changes it.\n"
    );
    writer::write(&Value::Map(secrets.collect()).into(), &mut out);
    out
}

fn facts(record: &Record) -> Vec<Entry> {
    let text = |key: &str, text: &str| entry(key, Value::String(text.into()));
    let mut facts = vec![
        entry("generation", Value::Int(record.generation.into())),
        text("policy", record.policy.name()),
    ];
    match &record.value {
        Held::Sealed { scope, key, sealed } => {
            facts.push(text("scope", scope_name(*scope)));
            facts.push(text("label", &record.label));
            facts.extend(key.as_ref().map(|key| text("sealedFor", key)));
            facts.push(text("sealed", sealed));
        }
        Held::Plain => {
            facts.extend([text("mode", Elsewhere::Plain.name()), text("label", &record.label)]);
        }
        Held::External => {
            facts.extend([text("mode", Elsewhere::External.name()), text("label", &record.label)]);
        }
    }
    facts
}

/// The word for a scope.
pub fn scope_name(scope: SecretScope) -> &'static str {
    match scope {
        SecretScope::Strict => "strict",
        SecretScope::NamespaceWide => "namespace-wide",
        SecretScope::ClusterWide => "cluster-wide",
    }
}

/// What a value of this scope is bound to (source: `EncryptionLabel` of sealed-secrets 0.36).
pub fn label(scope: SecretScope, namespace: &str, secret: &str) -> String {
    match scope {
        SecretScope::Strict => format!("{namespace}/{secret}"),
        SecretScope::NamespaceWide => namespace.to_owned(),
        SecretScope::ClusterWide => String::new(),
    }
}

fn entry(key: &str, value: Value) -> Entry {
    Entry::new(key, value.into())
}
