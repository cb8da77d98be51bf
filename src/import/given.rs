//! Live objects for the tests of this folder.

use crate::diagnostic::FileId;
use crate::live::{LiveObject, Owner, Place};
use crate::risk::Key;
use crate::source::node::Node;
use crate::source::yaml;

/// The objects of a text that has one on each line. An object is owned by the kind and name that its annotation `owner` states.
pub(super) fn objects(stream: &str) -> Vec<LiveObject> {
    let read = |(line, text): (usize, &str)| {
        let node = yaml::read(text, FileId::NONE).unwrap();
        let of = |path: &[&str]| {
            let found = path.iter().try_fold(&node, |node, key| node.get(key));
            found.and_then(Node::as_str).unwrap_or_default().to_owned()
        };
        let api = of(&["apiVersion"]);
        let (group, version) = api.split_once('/').unwrap_or(("", &api));
        let owner = of(&["metadata", "annotations", "owner"]);
        let owner = owner
            .split_once('/')
            .map(|(kind, name)| Owner { kind: kind.to_owned(), name: name.to_owned() });
        LiveObject {
            key: Key {
                cluster: String::new(),
                kind: of(&["kind"]),
                group: group.to_owned(),
                namespace: of(&["metadata", "namespace"]),
                name: of(&["metadata", "name"]),
            },
            version: version.to_owned(),
            place: Place { file: "dump.yaml".into(), line: line as u32 + 1 },
            owners: owner.into_iter().collect(),
            finalizers: Vec::new(),
            managers: Vec::new(),
            reported: None,
            is_deleted: false,
            node,
        }
    };
    stream.lines().enumerate().filter(|(_, line)| !line.is_empty()).map(read).collect()
}
