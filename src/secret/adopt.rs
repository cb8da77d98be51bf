//! Adopts values that kubeseal sealed or sops encrypted: turns their objects into records.

use super::backend::{self, Carrying, carrying};
use super::carrier::text;
use super::certificate::Certificates;
use super::need::{Need, Settled, State};
use super::offer::{Adopted, Offer, at, refusal, start};
use super::settle::Settlement;
use crate::diagnostic::{Code, Diagnostic, FileId, Place, Reported, Sources, Span};
use crate::output::is_ours;
use crate::resolve::Fleet;
use crate::source::node::{Node, Value};
use crate::source::yaml;

/// A password in a file: a SealedSecret, a Secret that sops encrypted, or a rendered object that reads
/// the password from a store.
#[derive(Debug)]
pub struct Candidate {
    node: Node,
    carrying: Carrying,
    /// Whether sitewright rendered the file. Such a file can restore a record, but not replace one.
    is_ours: bool,
}

/// The SealedSecrets and encrypted Secrets of a file: one or several documents, YAML or JSON, as
/// kubeseal and sops print them. For a file that sitewright rendered, only the objects that carry passwords.
pub fn candidates(path: &str, text: &str, sources: &mut Sources) -> Reported<Vec<Candidate>> {
    let file = sources.add(path.to_owned(), text.to_owned());
    let is_ours = is_ours(text.as_bytes());
    let (mut found, mut problems) = (Vec::new(), Vec::new());
    for (at, document) in documents(text) {
        if document.lines().all(|line| line.trim().is_empty() || line.starts_with('#')) {
            continue;
        }
        match yaml::read(document, file) {
            Ok(mut node) => {
                move_spans(&mut node, at);
                match carrying(&node).filter(|it| is_ours || it.is_made_by_others) {
                    Some(carrying) => found.push(Candidate { node, carrying, is_ours }),
                    None if is_ours => {}
                    None => problems.push(unsealed(start(&node), sources)),
                }
            }
            Err(unreadable) => {
                problems.extend(unreadable.first().map(|it| broken(it, file, at, sources)));
            }
        }
    }
    if found.is_empty() && problems.is_empty() && !is_ours {
        let message = "the file contains no SealedSecret, and no Secret that sops encrypted";
        let help = "name a file that kubeseal printed (`kubeseal < Secret.yaml > FILE`), or that sops encrypted";
        // SW710: a Secret that cannot be adopted.
        problems.push(Diagnostic::of_path(Code::NotAdoptable, path, message).help(help));
    }
    Reported { value: found, diagnostics: problems }
}

/// The password that a live object carries. `None` if it carries none.
pub fn candidate(object: &Node) -> Option<Candidate> {
    let carrying = carrying(object)?;
    // Only sitewright states a generation.
    Some(Candidate { node: object.clone(), carrying, is_ours: carrying.generation.is_some() })
}

fn unsealed(span: Span, sources: &Sources) -> Diagnostic {
    let message = "this is not a SealedSecret of bitnami.com/v1alpha1, and sops did not encrypt it";
    refusal(
        span,
        sources,
        message,
        "pipe the Secret through kubeseal, or encrypt it with sops if the cluster's mode is sops, and \
         name the file with the output",
    )
}

/// The diagnostic for a document that cannot be read. The reader's message could contain the
/// password, so it is left out.
fn broken(problem: &Diagnostic, file: FileId, at: usize, sources: &Sources) -> Diagnostic {
    let message = format!("the file cannot be read: {}", problem.code.title());
    let help = format!(
        "use the output of kubeseal unchanged (`sitewright explain {}` says what is refused)",
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

/// The passwords of a fleet that a candidate provides. `cluster` limits the search to one
/// cluster. `sources` must be the sources to which [`candidates`] added the file.
pub fn adopt(
    candidate: &Candidate,
    cluster: Option<&str>,
    fleet: &Fleet,
    settlement: &Settlement,
    certificates: &Certificates,
    sources: &Sources,
) -> Result<Vec<Adopted>, Box<Diagnostic>> {
    match wanting(&candidate.node, cluster, fleet, settlement, sources) {
        Ok((settled, need)) => {
            candidate.adopted_for(need, &settled.state, fleet, certificates, sources)
        }
        // The manifest is of an earlier render, and its Secret is no longer needed.
        Err(_) if candidate.is_ours => Ok(Vec::new()),
        Err(problem) => Err(problem),
    }
}

impl Candidate {
    /// What it provides for a password, whose Secret has the name of the candidate.
    pub fn adopted_for(
        &self,
        need: Need,
        state: &State,
        fleet: &Fleet,
        certificates: &Certificates,
        sources: &Sources,
    ) -> Result<Vec<Adopted>, Box<Diagnostic>> {
        let Self { node, carrying, is_ours } = self;
        backend::of(carrying.mode).adopt(&Offer {
            cluster: &fleet.clusters[need.cluster.0],
            need,
            state,
            object: node,
            generation: carrying.generation,
            is_ours: *is_ours,
            certificates,
            sources,
        })
    }
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
        let message =
            "the SealedSecret has no `metadata.name` or no `metadata.namespace`".to_owned();
        let help = "a value is sealed for a name and a namespace: state both";
        return refuse(start(node), message, help);
    };
    let mut wanting = settlement.settled.iter().filter_map(|settled| {
        let need = &settled.need;
        let is_meant = cluster.is_none_or(|name| fleet.clusters[need.cluster.0].name == name);
        // A record keeps its Secret's name.
        let names = if settled.state.record().is_some() { 1 } else { 2 };
        let mut wanted = need.names().take(names).filter(|_| is_meant);
        let wanted = wanted.find(|it| it.name == name)?;
        (wanted.namespace == namespace).then(|| (settled, Need { wanted, ..need.clone() }))
    });
    match (wanting.next(), wanting.next()) {
        (Some(found), None) => Ok(found),
        (None, _) => {
            let message =
                format!("sitewright makes no Secret `{namespace}/{name}` for a site or server");
            let help = "`sitewright secrets list` shows the Secrets that it makes; a Secret that you make yourself needs no record";
            refuse(at(node, &["metadata", "name"]), message, help)
        }
        (Some(_), Some(_)) => {
            let message = format!("`{namespace}/{name}` is a Secret in several clusters");
            let help = "name the cluster for whose controller it was sealed: `--cluster NAME`";
            refuse(at(node, &["metadata", "name"]), message, help)
        }
    }
}
