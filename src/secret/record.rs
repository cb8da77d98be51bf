//! What is recorded of each password: `NAME.secrets.yaml` beside its definition.
//!
//! It holds ciphertext and facts, never clear text. The facts of one key stand on lines of their own
//! below its name, so that Git merges changes of two keys and stops where two branches changed one.
//! It has no `apiVersion` and no `kind`: nothing may take it for a manifest and apply it.

use super::seal;
use crate::diagnostic::{Code, Diagnostic, FileId, Sources, Span};
use crate::language::shape::Form;
use crate::language::{Ciphertext, Fingerprint, Label, ResourceName, SecretKey, SecretScope};
use crate::manifest::writer;
use crate::resolve::decode_node;
use crate::source::node::{Entry, Node, Value};
use crate::source::{self};
use schemars::JsonSchema;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

/// The ending of a store's name.
pub const ENDING: &str = ".secrets.yaml";

/// The records of one definition: by the Secret's name, then by the key in it.
pub type Records = BTreeMap<String, BTreeMap<String, Record>>;

/// What is known of one password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// How many values there were, this one included.
    pub generation: u32,
    /// What kind of value it is.
    pub policy: Policy,
    /// `namespace/name` of its Secret; of a sealed value, what it is bound to.
    pub label: String,
    /// Where the value is.
    pub value: Held,
}

/// Where a value is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Held {
    /// Here, sealed.
    Sealed {
        /// What its label consists of.
        scope: SecretScope,
        /// The fingerprint of the key that it is sealed for; nothing where nobody knows.
        key: Option<String>,
        /// The ciphertext, which a run holds once.
        sealed: Arc<str>,
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
enum Elsewhere {
    Plain,
    External,
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
    /// What stands in it, for the places of problems; nothing when the file is broken, which is
    /// reported.
    pub node: Option<Node>,
    /// Its records; none when the file is broken.
    pub records: Records,
}

impl Store {
    /// Checks what was read; beside a store that is broken is what is wrong with it.
    pub fn new(records: source::Records, sources: &Sources) -> (Self, Vec<Diagnostic>) {
        let source::Records { path, file, node } = records;
        let broken =
            |path, problems| (Self { path, file, node: None, records: Records::new() }, problems);
        let Some(mut node) = node else { return broken(path, Vec::new()) };
        let problems = FORM.check(&node, sources.text(file));
        if !problems.is_empty() {
            return broken(path, problems);
        }
        let (records, problems) = match decode_node::<File>(&node) {
            Ok(written) => understood(written, &node),
            Err(error) => {
                return broken(path, vec![Diagnostic::new(Code::BadRecord, node.span, error)]);
            }
        };
        if !problems.is_empty() {
            return broken(path, problems);
        }
        forget(&mut node);
        (Self { path, file, node: Some(node), records }, Vec::new())
    }

    /// Whether the file can be used.
    pub fn is_sound(&self) -> bool {
        self.node.is_some()
    }

    /// Where a record stands.
    pub fn span(&self, secret: &str, key: &str) -> Span {
        let secret = self.node.as_ref().and_then(|node| node.get(secret));
        let entry = secret.and_then(|secret| secret.entry(key));
        entry.map_or(Span::new(self.file, 0, 0), |entry| entry.key_span)
    }

    /// Where a fact of a record stands.
    pub fn fact(&self, secret: &str, key: &str, fact: &str) -> Span {
        let fact = [secret, key, fact];
        let node = fact.iter().try_fold(self.node.as_ref(), |node, key| Some(node?.get(key)));
        node.flatten().map_or_else(|| self.span(secret, key), |node| node.span)
    }
}

/// Drops the ciphertexts, which are in the records now: of the rest only the places are needed.
fn forget(node: &mut Node) {
    if let Value::Map(entries) = &mut node.value {
        for entry in entries {
            match &*entry.key {
                "sealed" => entry.node.value = Value::Null,
                _ => forget(&mut entry.node),
            }
        }
    }
}

fn understood(File(written): File, node: &Node) -> (Records, Vec<Diagnostic>) {
    let mut records = Records::new();
    let mut problems = Vec::new();
    for (secret, keys) in written {
        for (key, written) in keys {
            let place = node.get(secret.as_str()).and_then(|secret| secret.get(key.as_str()));
            let place = place.unwrap_or(node);
            match record(written) {
                Ok(record) => {
                    let keys = records.entry(secret.to_string()).or_default();
                    keys.insert(key.to_string(), record);
                }
                Err((fact, why)) => {
                    let span = place.get(fact).map_or(place.span, |node| node.span);
                    let message = format!("the record of `{secret}/{key}` cannot be right: {why}");
                    problems.push(Diagnostic::new(Code::BadRecord, span, message).help(
                        "restore the file from Git; these files are written by sitewright alone",
                    ));
                }
            }
        }
    }
    (records, problems)
}

/// A record, or the fact that is wrong and why.
fn record(written: Written) -> Result<Record, (&'static str, String)> {
    let Written { generation, policy, mode, scope, label, sealed_for, sealed } = written;
    let value = match (mode, sealed, scope) {
        (None, Some(sealed), Some(scope)) => {
            let shape = seal::shape(sealed.as_str()).map_err(|why| ("sealed", why))?;
            if policy == Policy::Alphanumeric32 && shape.value != super::password::LENGTH {
                let length = super::password::LENGTH;
                return Err((
                    "sealed",
                    format!("a password of the policy has {length} characters"),
                ));
            }
            let key = sealed_for.map(|key| key.to_string());
            Held::Sealed { scope, key, sealed: sealed.as_str().into() }
        }
        (None, Some(_), None) => return Err(("sealed", "it states no `scope`".to_owned())),
        (None, None, _) => return Err(("generation", "it states no `sealed` value".to_owned())),
        (Some(_), None, None) if sealed_for.is_some() => {
            return Err(("sealedFor", "it has no sealed value".to_owned()));
        }
        (Some(Elsewhere::Plain), None, None) => Held::Plain,
        (Some(Elsewhere::External), None, None) => Held::External,
        (Some(_), _, _) => {
            return Err(("mode", "its value is said to be elsewhere and here too".to_owned()));
        }
    };
    Ok(Record { generation, policy, label: label.to_string(), value })
}

/// The file of these records, which are those of the definition `name`.
pub fn write(name: &str, records: &Records) -> String {
    let secrets = records.iter().map(|(secret, keys)| {
        let keys = keys.iter().map(|(key, record)| entry(key, Value::Map(facts(record))));
        entry(secret, Value::Map(keys.collect()))
    });
    let mut out = format!(
        "# What sitewright records of the passwords of {name}: facts and ciphertext, no clear text.\n\
         # Commit it beside {name}.yaml; `sitewright secrets` changes it.\n"
    );
    writer::write(&Node { span: NOWHERE, value: Value::Map(secrets.collect()) }, &mut out);
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
        Held::Plain => facts.extend([text("mode", "plain"), text("label", &record.label)]),
        Held::External => facts.extend([text("mode", "external"), text("label", &record.label)]),
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

const NOWHERE: Span = Span { file: FileId(u32::MAX), start: 0, end: 0 };

fn entry(key: &str, value: Value) -> Entry {
    Entry { key: key.into(), key_span: NOWHERE, node: Node { span: NOWHERE, value } }
}
