//! What the API server was asked to write, in order: its audit log.
//!
//! Times of objects have whole seconds. The audit log has the order of two writes within one.

use serde_json::Value;
use std::fs;
use std::path::Path;

/// Logs writes that were not tried only (`dryRun`), when they are done.
pub(crate) const POLICY: &str = "\
apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
rules:
  - level: Metadata
    verbs: [create, update, patch, delete, deletecollection]
  - level: None
";

/// A write that the API server took or refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Write {
    /// `create`, `update`, `patch` or `delete`.
    pub verb: String,
    /// The kind as the API server's paths have it, such as `databases`.
    pub resource: String,
    /// Empty for an object of the cluster.
    pub namespace: String,
    /// The object's name.
    pub name: String,
    /// Such as `status`; empty for the object itself.
    pub subresource: String,
    /// The HTTP status: 201 where the object is new.
    pub code: u64,
    /// The first word of the client's user agent, such as `kustomize-controller/v0.0.0`.
    pub agent: String,
    /// When the request came, as the log has it: texts of one length, which sort as times do.
    pub time: String,
}

/// The writes of a log, in the order in which they came.
pub(crate) fn read(log: &Path) -> Vec<Write> {
    let text = fs::read_to_string(log).unwrap_or_default();
    let mut writes: Vec<Write> = text.lines().filter_map(write).collect();
    writes.sort_by(|one, other| one.time.cmp(&other.time));
    writes
}

fn write(line: &str) -> Option<Write> {
    // The last line may be half written.
    let event: Value = serde_json::from_str(line).ok()?;
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let uri = text(&event["requestURI"]);
    if uri.contains("dryRun=") {
        return None;
    }
    let object = &event["objectRef"];
    Some(Write {
        verb: text(&event["verb"]),
        resource: text(&object["resource"]),
        namespace: text(&object["namespace"]),
        name: text(&object["name"]),
        subresource: text(&object["subresource"]),
        code: event["responseStatus"]["code"].as_u64().unwrap_or_default(),
        agent: text(&event["userAgent"]).split(' ').next().unwrap_or_default().to_owned(),
        time: text(&event["requestReceivedTimestamp"]),
    })
}
