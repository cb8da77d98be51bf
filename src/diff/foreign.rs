//! Foreign manifests: files in the output folder that sitewright did not write. Their purpose is unknown, and GitOps
//! engines apply them too.

use crate::output::{Files, is_ours};
use crate::risk::{Action, Finding, Key, Level, Object, ObjectChange};
use crate::source::node::Value;
use std::collections::BTreeSet;

/// What is called the kind of a file that has no object: of a foreign manifest, of a certificate, of a file of recipients.
pub const OTHER_KINDS: [&str; 3] = ["File", "Certificate", "Recipient"];

/// The changes of foreign manifests between two output folders. Both sides map paths below the output folder to
/// files, and may contain sitewright's own files, which are left out.
pub fn foreign_changes(base: &Files, head: &Files) -> Vec<ObjectChange> {
    let of = |files: &Files, path: &str| files.get(path).filter(|file| !is_ours(file)).cloned();
    let paths: BTreeSet<&String> = base.keys().chain(head.keys()).collect();
    let change = |path: &String| {
        let sides = [of(base, path), of(head, path)];
        if sides[0] == sides[1] {
            return None;
        }
        let (action, reason) = match &sides {
            [Some(_), None] => {
                (Action::Removed, "an engine that prunes deletes the objects in this file")
            }
            [before, _] => (
                if before.is_some() { Action::Changed } else { Action::Added },
                "sitewright did not write this file, but GitOps engines apply it, so it may do anything",
            ),
        };
        let finding = Finding {
            level: Level::Credential,
            field: None,
            reason: reason.to_owned(),
            instead: Some(
                "keep your own manifests in another folder, or list them in `allowForeign`"
                    .to_owned(),
            ),
        };
        Some(of_file("File", path, action, [sides[0].as_ref(), sides[1].as_ref()], finding))
    };
    paths.into_iter().filter_map(change).collect()
}

/// A change of a whole file, which is not compared field by field.
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
