//! Adopts values that kubeseal sealed: turns SealedSecrets into records.

use super::carried::{Carrier, carrier, place, scope, text};
use super::certificate::Certificates;
use super::need::{Need, Settled, State};
use super::password::LENGTH;
use super::record::{self, Held, Policy, Record};
use super::seal;
use super::settle::Settlement;
use crate::cluster::Cluster;
use crate::diagnostic::{Code, Diagnostic, FileId, Place, Sources, Span};
use crate::language::{SecretMode, SecretScope};
use crate::output::is_ours;
use crate::resolve::Fleet;
use crate::source::node::{Node, Value};
use crate::source::yaml;

/// A password in a file: a SealedSecret, or a rendered object that reads the password from a store.
#[derive(Debug)]
pub struct Candidate {
    node: Node,
    carrier: Carrier,
    /// Whether sitewright rendered the file. Such a file can restore a record, but not replace one.
    is_ours: bool,
}

/// A password whose ciphertext was adopted.
#[derive(Debug)]
pub struct Adopted {
    /// The password.
    pub need: Need,
    /// The record of the password from now on.
    pub record: Record,
    /// What happened to the record.
    pub change: Change,
}

/// The effect of adopting on a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// The record is new, or it has another value.
    Made,
    /// The same value was already recorded.
    Same,
    /// The record keeps its value, because the manifest was rendered from an earlier value.
    Left,
}

/// The SealedSecrets of a file in the form that kubeseal prints: one or several documents, YAML or
/// JSON. For a file that sitewright rendered, only the objects that carry passwords.
pub fn candidates(
    path: &str,
    text: &str,
    sources: &mut Sources,
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<Candidate> {
    let file = sources.add(path.to_owned(), text.to_owned());
    let is_ours = is_ours(text.as_bytes());
    let mut found = Vec::new();
    for (at, document) in documents(text) {
        if document.lines().all(|line| line.trim().is_empty() || line.starts_with('#')) {
            continue;
        }
        match yaml::read(document, file) {
            Ok(mut node) => {
                move_spans(&mut node, at);
                match carrier(&node).filter(|it| is_ours || it.mode == SecretMode::Sealed) {
                    Some(carrier) => found.push(Candidate { node, carrier, is_ours }),
                    None if is_ours => {}
                    None => diagnostics.push(unsealed(start(&node), sources)),
                }
            }
            Err(problems) => {
                diagnostics.extend(problems.first().map(|it| broken(it, file, at, sources)))
            }
        }
    }
    if found.is_empty() && diagnostics.is_empty() && !is_ours {
        let message = "the file contains no SealedSecret";
        let help = "name a file that kubeseal printed: `kubeseal < Secret.yaml > FILE`";
        diagnostics.push(Diagnostic::of_path(Code::NotAdoptable, path, message).help(help));
    }
    found
}

/// A diagnostic about an adopted file. The file may contain a password, sealed or not, so the
/// diagnostic gives only file and line and shows none of the text.
fn refusal(span: Span, sources: &Sources, message: impl Into<String>, help: &str) -> Diagnostic {
    Diagnostic::of_path(Code::NotAdoptable, sources.line_of(span), message).help(help)
}

fn unsealed(span: Span, sources: &Sources) -> Diagnostic {
    let message = "this is not a SealedSecret of bitnami.com/v1alpha1";
    refusal(
        span,
        sources,
        message,
        "pipe the Secret through kubeseal, and name the file with its output",
    )
}

/// The diagnostic for a document that cannot be read. The reader's message could contain the
/// password, so it is left out.
fn broken(problem: &Diagnostic, file: FileId, at: usize, sources: &Sources) -> Diagnostic {
    let message = format!("this cannot be read: {}", problem.code.title());
    let help = format!(
        "name what kubeseal prints as it is (`sitewright explain {}` says what is refused)",
        problem.code.id()
    );
    let span = match problem.place {
        Place::Span(span) => span,
        _ => Span::new(file, 0, 0),
    };
    refusal(moved(span, at), sources, message, &help)
}

/// Each document of a text, with the place where it starts.
fn documents(text: &str) -> Vec<(usize, &str)> {
    let is_mark = |line: &str| line.trim_end() == "---" || line.starts_with("--- #");
    let (mut documents, mut start, mut at) = (Vec::new(), 0, 0);
    for line in text.split_inclusive('\n') {
        if is_mark(line) {
            documents.push((start, &text[start..at]));
            start = at + line.len();
        }
        at += line.len();
    }
    documents.push((start, &text[start..]));
    documents
}

/// Moves a span of a document to the whole text, in which the document starts at `by`.
fn moved(span: Span, by: usize) -> Span {
    let range = span.range();
    Span::new(span.file, range.start + by, range.end + by)
}

/// Moves all spans of a tree.
fn move_spans(node: &mut Node, by: usize) {
    node.span = moved(node.span, by);
    match &mut node.value {
        Value::Map(entries) => {
            for entry in entries {
                entry.key_span = moved(entry.key_span, by);
                move_spans(&mut entry.node, by);
            }
        }
        Value::List(items) => items.iter_mut().for_each(|item| move_spans(item, by)),
        _ => {}
    }
}

/// The passwords of a fleet that a SealedSecret provides. `cluster` limits the search to one
/// cluster. `sources` must be the sources to which [`candidates`] added the file.
pub fn adopt(
    candidate: &Candidate,
    cluster: Option<&str>,
    fleet: &Fleet,
    settlement: &Settlement,
    certificates: &Certificates,
    sources: &Sources,
) -> Result<Vec<Adopted>, Box<Diagnostic>> {
    let Candidate { node, carrier, .. } = candidate;
    let (settled, need) = match wanting(node, cluster, fleet, settlement, sources) {
        Ok(found) => found,
        // The manifest is of an earlier render, and its Secret is no longer needed.
        Err(_) if candidate.is_ours => return Ok(Vec::new()),
        Err(problem) => return Err(problem),
    };
    let cluster = &fleet.clusters[need.cluster.0];
    let scope = scope(node);
    fits(candidate, scope, cluster, sources)?;
    let target = Target { need, state: &settled.state, candidate };
    if carrier.mode == SecretMode::External {
        return Ok(vec![target.stored()]);
    }
    let need = &target.need;
    let refuse = |span: Span, message: String, help: &str| {
        Err(Box::new(refusal(span, sources, message, help)))
    };
    let known: Vec<&str> = need.wanted.keys().collect();
    let sealed = place(node, &["spec", "encryptedData"]);
    let entries = sealed.map(Node::entries).unwrap_or_default();
    if let Some(other) = entries.iter().find(|entry| !known.contains(&&*entry.key)) {
        let message = format!("the Secret `{}` has no key `{}`", need.wanted.name, other.key);
        let help = format!("its keys are {}", known.join(", "));
        return refuse(other.key_span, message, &help);
    }
    let mut adopted = Vec::new();
    // The values of the other keys are not secret. They are rendered in clear text in any case.
    for entry in entries.iter().filter(|entry| &*entry.key == need.key()) {
        adopted.push(target.sealed(&entry.node, scope, &cluster.name, certificates, sources)?);
    }
    if adopted.is_empty() {
        let message = format!("it has no key `{}`", need.key());
        let help = "seal the whole Secret with all of its keys";
        return refuse(at(node, &["spec"]), message, help);
    }
    Ok(adopted)
}

/// The password for which a SealedSecret of this name is needed. A password without a record may
/// still have its former name, for example in a fleet that is taken over.
fn wanting<'s>(
    node: &Node,
    cluster: Option<&str>,
    fleet: &Fleet,
    settlement: &'s Settlement,
    sources: &Sources,
) -> Result<(&'s Settled, Need), Box<Diagnostic>> {
    let refuse = |span: Span, message: String, help: &str| {
        Err(Box::new(refusal(span, sources, message, help)))
    };
    let (Some(name), Some(namespace)) =
        (text(node, &["metadata", "name"]), text(node, &["metadata", "namespace"]))
    else {
        let message = "it states no `metadata.name` and `metadata.namespace`".to_owned();
        let help = "a value is sealed for a name and a namespace: state both";
        return refuse(start(node), message, help);
    };
    let mut wanting = settlement.settled.iter().filter_map(|settled| {
        let need = &settled.need;
        let is_meant = cluster.is_none_or(|name| fleet.clusters[need.cluster.0].name == name);
        let former = match settled.state {
            State::Kept(_) | State::Unfit(..) => None,
            _ => need.wanted.former(),
        };
        let wanted = [Some(need.wanted.clone()), former].into_iter().flatten();
        let wanted = wanted.filter(|_| is_meant).find(|it| it.name == name)?;
        (wanted.namespace == namespace).then(|| (settled, Need { wanted, ..need.clone() }))
    });
    match (wanting.next(), wanting.next()) {
        (Some(found), None) => Ok(found),
        (None, _) => {
            let message =
                format!("no site or server has a Secret `{namespace}/{name}` that is ours");
            let help = "`sitewright secrets list` names them; a Secret of yours needs no record";
            refuse(at(node, &["metadata", "name"]), message, help)
        }
        (Some(_), Some(_)) => {
            let message = format!("`{namespace}/{name}` is a Secret in several clusters");
            let help = "say whose controller it was sealed for: `--cluster NAME`";
            refuse(at(node, &["metadata", "name"]), message, help)
        }
    }
}

/// Refuses a value that does not fit the cluster's secrets mode or scope.
fn fits(
    candidate: &Candidate,
    scope: SecretScope,
    cluster: &Cluster,
    sources: &Sources,
) -> Result<(), Box<Diagnostic>> {
    let node = &candidate.node;
    if candidate.carrier.mode == SecretMode::External {
        if cluster.secrets.mode == SecretMode::External {
            return Ok(());
        }
        let message = format!("the passwords of `{}` are not in a store", cluster.name);
        let help = "restore the file of records from Git, or state `secrets.mode: external`";
        return Err(Box::new(refusal(start(node), sources, message, help)));
    }
    if cluster.secrets.mode == SecretMode::External {
        let message = format!("the passwords of `{}` are in a store, not sealed", cluster.name);
        let help = "state `secrets.mode: sealed` or `plain` in the cluster to keep sealed values";
        let span = at(node, &["metadata", "namespace"]);
        return Err(Box::new(refusal(span, sources, message, help)));
    }
    if scope != cluster.secrets.scope {
        let (found, wanted) =
            (record::scope_name(scope), record::scope_name(cluster.secrets.scope));
        let message = format!(
            "it is sealed with the scope {found}, but the scope of the cluster `{}` is {wanted}",
            cluster.name
        );
        let help = format!("seal it again: `kubeseal --scope {wanted}`");
        return Err(Box::new(refusal(at(node, &["metadata"]), sources, message, &help)));
    }
    Ok(())
}

/// A password that a candidate provides.
struct Target<'a> {
    need: Need,
    state: &'a State,
    candidate: &'a Candidate,
}

impl Target<'_> {
    /// The current record.
    fn before(&self) -> Option<&Record> {
        match self.state {
            State::Kept(record) | State::Unfit(record, _) => Some(record),
            State::Lost(_) | State::Damaged(_) | State::Missing | State::Unknown => None,
        }
    }

    /// The generation of a value that differs from the recorded value.
    fn generation(&self) -> Option<u32> {
        match self.before() {
            // A recorded value in clear text is the same value before it was sealed. Any other
            // value is new.
            Some(Record { generation, value: Held::Plain, .. }) => Some(*generation),
            Some(record) => record.next_generation(),
            None => self.candidate.carrier.generation.or(self.state.generation()).or(Some(1)),
        }
    }

    fn kept(&self, record: &Record, change: Change) -> Adopted {
        Adopted { need: self.need.clone(), record: record.clone(), change }
    }

    /// The record of a value in the cluster's store.
    fn stored(&self) -> Adopted {
        let wanted = &self.need.wanted;
        if let Some(record) = self.before() {
            let is_same = self.candidate.carrier.generation == Some(record.generation);
            return self.kept(record, if is_same { Change::Same } else { Change::Left });
        }
        let record = Record {
            generation: self.generation().unwrap_or(1),
            policy: if wanted.given { Policy::Given } else { Policy::Alphanumeric32 },
            label: format!("{}/{}", wanted.namespace, wanted.name).as_str().into(),
            value: Held::External,
        };
        self.kept(&record, Change::Made)
    }

    /// The record of a sealed value.
    fn sealed(
        &self,
        value: &Node,
        scope: SecretScope,
        cluster: &str,
        certificates: &Certificates,
        sources: &Sources,
    ) -> Result<Adopted, Box<Diagnostic>> {
        let wanted = &self.need.wanted;
        let refuse = |message: String| {
            let help =
                "take the output of kubeseal as it is, and its newest certificate into _sealing/";
            Box::new(refusal(value.span, sources, message, help))
        };
        let sealed = value.as_str().ok_or_else(|| refuse("the value is no text".to_owned()))?;
        let shape =
            seal::shape(sealed).map_err(|why| refuse(format!("the value is invalid: {why}")))?;
        // A sealed value shows the size of its key and not the key itself. kubeseal uses the newest
        // certificate.
        let known = certificates.of(cluster);
        let fitting = known.iter().rev().find(|certificate| certificate.key_bytes() == shape.key);
        if fitting.is_none() && !known.is_empty() {
            let message = format!("no certificate of `{cluster}` has a key of {} bytes", shape.key);
            return Err(refuse(message));
        }
        let label = record::label(scope, &wanted.namespace, &wanted.name);
        let is_same = |record: &Record| {
            matches!(&record.value, Held::Sealed { sealed: old, .. } if **old == *sealed)
                && *record.label == *label
        };
        match self.before() {
            Some(record) if is_same(record) => return Ok(self.kept(record, Change::Same)),
            Some(record) if self.candidate.is_ours && matches!(self.state, State::Kept(_)) => {
                return Ok(self.kept(record, Change::Left));
            }
            _ => {}
        }
        let Some(generation) = self.generation() else {
            let message = format!("`{}/{}` {}", self.need.path(), self.need.key(), record::LAST);
            return Err(Box::new(refusal(value.span, sources, message, record::LAST_HELP)));
        };
        let record = Record {
            generation,
            policy: self.policy(shape.value),
            label: label.as_str().into(),
            value: Held::Sealed {
                scope,
                key: fitting.map(|certificate| certificate.fingerprint.as_str().into()),
                sealed: sealed.into(),
            },
        };
        Ok(self.kept(&record, Change::Made))
    }

    /// The policy of a sealed value of this length.
    fn policy(&self, length: usize) -> Policy {
        match self.before() {
            Some(Record { policy, value: Held::Plain, .. }) if length == LENGTH => *policy,
            None if self.candidate.is_ours && self.need.wanted.given => Policy::Given,
            None if self.candidate.is_ours && length == LENGTH => Policy::Alphanumeric32,
            _ => Policy::Adopted,
        }
    }
}

/// The place of a field, or of the document if the field is missing.
fn at(node: &Node, path: &[&str]) -> Span {
    place(node, path).map_or(start(node), |node| node.span)
}

/// The place where a document starts.
fn start(node: &Node) -> Span {
    let first = match &node.value {
        Value::Map(entries) => entries.first().map(|entry| entry.key_span),
        _ => None,
    };
    first.unwrap_or(Span { file: FileId(node.span.file.0), ..node.span })
}
