//! Manifests of others among ours: nobody here knows what they are for, and GitOps engines apply them all the
//! same.

use crate::output::{Files, is_ours};
use crate::risk::{Action, Finding, Key, Level, Object, ObjectChange};
use crate::source::node::Value;
use std::collections::BTreeSet;

/// What changes among the manifests of others; both sides are files by their paths below the output folder,
/// with ours among them or not.
pub fn others(base: &Files, head: &Files) -> Vec<ObjectChange> {
    let of = |files: &Files, path: &str| files.get(path).filter(|file| !is_ours(file)).cloned();
    let paths: BTreeSet<&String> = base.keys().chain(head.keys()).collect();
    let change = |path: &String| {
        let sides = [of(base, path), of(head, path)];
        if sides[0] == sides[1] {
            return None;
        }
        let (action, reason) = match &sides {
            [Some(_), None] => (Action::Removed, "an engine that prunes deletes what it holds"),
            [before, _] => (
                if before.is_some() { Action::Changed } else { Action::Added },
                "sitewright did not write it, and GitOps engines apply it: it may do anything",
            ),
        };
        let finding = Finding {
            level: Level::Credential,
            field: None,
            reason: reason.to_owned(),
            instead: Some("keep manifests of your own in a folder of their own".to_owned()),
        };
        Some(of_file("File", path, action, [sides[0].as_ref(), sides[1].as_ref()], finding))
    };
    paths.into_iter().filter_map(change).collect()
}

/// A change of a file that is looked at as a whole.
pub(super) fn of_file(
    kind: &str,
    path: &str,
    action: Action,
    [base, head]: [Option<&Vec<u8>>; 2],
    finding: Finding,
) -> ObjectChange {
    let object = |_: &Vec<u8>| Object { path: path.to_owned(), node: Value::Null.into() };
    ObjectChange {
        key: Key {
            cluster: path.split('/').next().unwrap_or_default().to_owned(),
            kind: kind.to_owned(),
            group: String::new(),
            namespace: String::new(),
            name: path.rsplit('/').next().unwrap_or(path).to_owned(),
        },
        action,
        base: base.map(object),
        head: head.map(object),
        fields: Vec::new(),
        findings: vec![finding],
    }
}
