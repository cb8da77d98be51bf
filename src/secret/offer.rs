//! An object that offers a password for adoption, and the record that comes of it.

use super::carrier::value_at;
use super::certificate::Certificates;
use super::need::{Need, State};
use super::record::Record;
use crate::cluster::Cluster;
use crate::diagnostic::{Code, Diagnostic, FileId, Sources, Span};
use crate::source::node::{Node, Value};

/// A password whose value was adopted.
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

/// An object that carries a password which the fleet needs.
#[derive(Debug)]
pub(crate) struct Offer<'a> {
    /// The password, under the name that the object has.
    pub(super) need: Need,
    /// The state of its record.
    pub(super) state: &'a State,
    /// The object.
    pub(super) object: &'a Node,
    /// The generation that the object states.
    pub(super) generation: Option<u32>,
    /// Whether sitewright rendered the object. Such an object can restore a record, but not replace
    /// one.
    pub(super) is_ours: bool,
    /// The cluster of the password.
    pub(super) cluster: &'a Cluster<'a>,
    pub(super) certificates: &'a Certificates,
    pub(super) sources: &'a Sources,
}

impl Offer<'_> {
    /// The generation of a password that has no record.
    pub(super) fn first_generation(&self) -> u32 {
        self.generation.or(self.state.generation()).unwrap_or(1)
    }

    /// The password with this record.
    pub(super) fn adopted(&self, record: &Record, change: Change) -> Adopted {
        Adopted { need: self.need.clone(), record: record.clone(), change }
    }

    /// The reason why the object is not adopted.
    pub(super) fn refusal(
        &self,
        span: Span,
        message: impl Into<String>,
        help: &str,
    ) -> Box<Diagnostic> {
        Box::new(refusal(span, self.sources, message, help))
    }
}

/// A diagnostic about an adopted file. The file may contain a password, sealed or not, so the
/// diagnostic gives only file and line and shows none of the text.
pub(super) fn refusal(
    span: Span,
    sources: &Sources,
    message: impl Into<String>,
    help: &str,
) -> Diagnostic {
    // SW710: a Secret that cannot be adopted.
    Diagnostic::of_path(Code::NotAdoptable, sources.line_of(span), message).help(help)
}

/// The place of a field, or of the document if the field is missing.
pub(super) fn at(node: &Node, path: &[&str]) -> Span {
    value_at(node, path).map_or(start(node), |node| node.span)
}

/// The place where a document starts.
pub(super) fn start(node: &Node) -> Span {
    let first = match &node.value {
        Value::Map(entries) => entries.first().map(|entry| entry.key_span),
        _ => None,
    };
    first.unwrap_or(Span { file: FileId(node.span.file.0), ..node.span })
}
