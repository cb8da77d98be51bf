//! Taking what kubeseal sealed: SealedSecrets become records.

use super::certificate::Certificates;
use super::password::LENGTH;
use super::record::{self, Held, Policy, Record};
use super::seal;
use super::settle::{Need, Settled, Settlement, State};
use crate::diagnostic::{Code, Diagnostic, FileId, Place, Sources, Span};
use crate::language::{SecretMode, SecretScope};
use crate::resolve::{Cluster, Fleet};
use crate::source::node::{Node, Value};
use crate::source::yaml;

/// A SealedSecret in a file.
#[derive(Debug)]
pub struct Candidate {
    node: Node,
}

/// A password whose ciphertext was taken.
#[derive(Debug)]
pub struct Adopted {
    /// What for.
    pub need: Need,
    /// What is recorded of it now.
    pub record: Record,
    /// Whether the very same was recorded before.
    pub unchanged: bool,
}

/// The SealedSecrets of a file: one document or several, YAML or JSON, as kubeseal prints them.
pub fn candidates(
    path: &str,
    text: &str,
    sources: &mut Sources,
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<Candidate> {
    let file = sources.add(path.to_owned(), text.to_owned());
    let mut found = Vec::new();
    for (at, document) in documents(text) {
        if document.lines().all(|line| line.trim().is_empty() || line.starts_with('#')) {
            continue;
        }
        let (node, problems) = yaml::read(document, file);
        match node {
            Some(mut node) => {
                move_spans(&mut node, at);
                match is_sealed_secret(&node) {
                    true => found.push(Candidate { node }),
                    false => diagnostics.push(unsealed(start(&node), sources)),
                }
            }
            None => diagnostics.extend(problems.first().map(|it| broken(it, file, at, sources))),
        }
    }
    if found.is_empty() && diagnostics.is_empty() {
        let message = "no SealedSecret stands in it";
        let help = "name what kubeseal printed: `kubeseal < Secret.yaml > FILE`";
        diagnostics.push(Diagnostic::of_path(Code::NotAdoptable, path, message).help(help));
    }
    found
}

fn is_sealed_secret(node: &Node) -> bool {
    text(node, &["kind"]) == Some("SealedSecret")
        && text(node, &["apiVersion"]) == Some("bitnami.com/v1alpha1")
}

/// What is said of something that was given. It may hold a password, sealed or not, so its place is told
/// by file and line, and nothing of it is shown.
fn refusal(span: Span, sources: &Sources, message: impl Into<String>, help: &str) -> Diagnostic {
    Diagnostic::of_path(Code::NotAdoptable, sources.line_of(span), message).help(help)
}

fn unsealed(span: Span, sources: &Sources) -> Diagnostic {
    let message = "this is no SealedSecret of bitnami.com/v1alpha1";
    refusal(span, sources, message, "pipe the Secret through kubeseal, and name what it prints")
}

/// Of a document that cannot be read. What is wrong may be the password itself, so what the reader says
/// of it is left out.
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

/// A document's span, as one of the text that the document starts in at `by`.
fn moved(span: Span, by: usize) -> Span {
    let range = span.range();
    Span::new(span.file, range.start + by, range.end + by)
}

/// The same of all spans of a tree.
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

/// What a SealedSecret gives for the passwords of a fleet, of one cluster where `cluster` names it.
/// `sources` are those that [`candidates`] added to.
pub fn adopt(
    candidate: &Candidate,
    cluster: Option<&str>,
    fleet: &Fleet,
    settlement: &Settlement,
    certificates: &Certificates,
    sources: &Sources,
) -> Result<Vec<Adopted>, Box<Diagnostic>> {
    let node = &candidate.node;
    let settled = wanting(node, cluster, fleet, settlement, sources)?;
    let need = &settled.need;
    let cluster = &fleet.clusters[need.cluster.0];
    let scope = scope(node);
    fits(node, scope, cluster, sources)?;
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
    // Keys without a secret are rendered for everybody to read, sealed here or not.
    for entry in entries.iter().filter(|entry| &*entry.key == need.key()) {
        adopted.push(one(settled, &entry.node, scope, &cluster.name, certificates, sources)?);
    }
    if adopted.is_empty() {
        let message = format!("it has no key `{}`", need.key());
        let help = "seal the Secret whole: every key that it has";
        return refuse(at(node, &["spec"]), message, help);
    }
    Ok(adopted)
}

/// The password that a SealedSecret of this name is wanted for.
fn wanting<'s>(
    node: &Node,
    cluster: Option<&str>,
    fleet: &Fleet,
    settlement: &'s Settlement,
    sources: &Sources,
) -> Result<&'s Settled, Box<Diagnostic>> {
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
    let mut wanting = settlement.settled.iter().filter(|settled| {
        let Need { wanted, cluster: index, .. } = &settled.need;
        let is_meant = cluster.is_none_or(|name| fleet.clusters[index.0].name == name);
        is_meant && wanted.name == name && wanted.namespace == namespace
    });
    match (wanting.next(), wanting.next()) {
        (Some(settled), None) => Ok(settled),
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

/// Refuses what a cluster keeps otherwise than sealed, or seals otherwise.
fn fits(
    node: &Node,
    scope: SecretScope,
    cluster: &Cluster,
    sources: &Sources,
) -> Result<(), Box<Diagnostic>> {
    if cluster.secrets.mode == SecretMode::External {
        let message = format!("the passwords of `{}` are in a store, not sealed", cluster.name);
        let help = "state `secrets.mode: sealed` or `plain` in the cluster to keep sealed values";
        let span = at(node, &["metadata", "namespace"]);
        return Err(Box::new(refusal(span, sources, message, help)));
    }
    if scope != cluster.secrets.scope {
        let (found, wanted) =
            (record::scope_name(scope), record::scope_name(cluster.secrets.scope));
        let message =
            format!("it is sealed {found}, and the cluster `{}` seals {wanted}", cluster.name);
        let help = format!("seal it again: `kubeseal --scope {wanted}`");
        return Err(Box::new(refusal(at(node, &["metadata"]), sources, message, &help)));
    }
    Ok(())
}

fn one(
    settled: &Settled,
    value: &Node,
    scope: SecretScope,
    cluster: &str,
    certificates: &Certificates,
    sources: &Sources,
) -> Result<Adopted, Box<Diagnostic>> {
    let need = settled.need.clone();
    let refuse = |message: String| {
        let help =
            "take the output of kubeseal as it is, and its newest certificate into _sealing/";
        Box::new(refusal(value.span, sources, message, help))
    };
    let sealed = value.as_str().ok_or_else(|| refuse("the value is no text".to_owned()))?;
    let shape =
        seal::shape(sealed).map_err(|why| refuse(format!("the value cannot be right: {why}")))?;
    // Which key it was sealed for does not show; only its size does. kubeseal takes the newest.
    let known = certificates.of(cluster);
    let fitting = known.iter().rev().find(|certificate| certificate.key_bytes() == shape.key);
    if fitting.is_none() && !known.is_empty() {
        let message = format!("no certificate of `{cluster}` has a key of {} bytes", shape.key);
        return Err(refuse(message));
    }
    let before = match &settled.state {
        State::Kept(record) | State::Unfit(record, _) => Some(&**record),
        State::Missing | State::Unknown => None,
    };
    let same = |record: &Record| matches!(&record.value, Held::Sealed { sealed: old, .. } if **old == *sealed);
    let label = record::label(scope, &need.wanted.namespace, &need.wanted.name);
    if let Some(record) = before.filter(|record| same(record) && *record.label == *label) {
        return Ok(Adopted { record: record.clone(), need, unchanged: true });
    }
    let record = Record {
        // What was made here in clear text is the same value, sealed at last; any other is a new one.
        generation: match before {
            None => 1,
            Some(Record { generation, value: Held::Plain, .. }) => *generation,
            Some(Record { generation, .. }) => generation.saturating_add(1),
        },
        policy: match before {
            Some(Record { policy, value: Held::Plain, .. }) if shape.value == LENGTH => *policy,
            _ => Policy::Adopted,
        },
        label: label.as_str().into(),
        value: Held::Sealed {
            scope,
            key: fitting.map(|certificate| certificate.fingerprint.as_str().into()),
            sealed: sealed.into(),
        },
    };
    Ok(Adopted { need, record, unchanged: false })
}

/// The scope, as the controller reads it: from the annotations of the SealedSecret itself.
fn scope(node: &Node) -> SecretScope {
    let is =
        |annotation: &str| text(node, &["metadata", "annotations", annotation]) == Some("true");
    if is("sealedsecrets.bitnami.com/cluster-wide") {
        SecretScope::ClusterWide
    } else if is("sealedsecrets.bitnami.com/namespace-wide") {
        SecretScope::NamespaceWide
    } else {
        SecretScope::Strict
    }
}

fn place<'n>(node: &'n Node, path: &[&str]) -> Option<&'n Node> {
    path.iter().try_fold(node, |node, key| node.get(key))
}

fn text<'n>(node: &'n Node, path: &[&str]) -> Option<&'n str> {
    place(node, path)?.as_str()
}

/// Where a field is, or the document where it has none.
fn at(node: &Node, path: &[&str]) -> Span {
    place(node, path).map_or(start(node), |node| node.span)
}

/// Where a document begins.
fn start(node: &Node) -> Span {
    let first = match &node.value {
        Value::Map(entries) => entries.first().map(|entry| entry.key_span),
        _ => None,
    };
    first.unwrap_or(Span { file: FileId(node.span.file.0), ..node.span })
}
