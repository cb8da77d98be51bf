//! Refuses settings that no object of the delivery may have, even from the project's own templates.
//!
//! With these settings an engine deletes and re-creates an object whose immutable field changed.
//! The deletion of a Database can drop its data (source: Flux's documentation of `spec.force`, Argo
//! CD's documentation of the sync options `Replace` and `Force`).

use crate::source::node::{Node, Value};

/// The sync options of Argo CD, in its lists of options and in its annotation.
const OPTIONS: [&str; 2] = ["Replace=true", "Force=true"];

/// The annotation of Flux.
const ANNOTATION: &str = "kustomize.toolkit.fluxcd.io/force";

/// The first setting in an object that would re-create other objects.
pub(super) fn recreates(node: &Node) -> Option<String> {
    match &node.value {
        Value::Map(entries) => entries.iter().find_map(|entry| match &entry.node.value {
            Value::Bool(true) if &*entry.key == "force" => Some("force: true".to_owned()),
            _ if &*entry.key == ANNOTATION => Some(ANNOTATION.to_owned()),
            _ => recreates(&entry.node),
        }),
        Value::List(nodes) => nodes.iter().find_map(recreates),
        Value::String(text) => {
            let mut options = text.split(',').map(str::trim);
            options.find(|option| OPTIONS.contains(option)).map(str::to_owned)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::FileId;
    use crate::source::yaml;

    #[test]
    fn what_re_creates_is_found_wherever_it_stands() {
        for (text, found) in [
            ("spec:\n  force: true\n", Some("force: true")),
            ("spec:\n  force: false\n", None),
            (
                "spec:\n  syncOptions:\n    - ServerSideApply=true\n    - Replace=true\n",
                Some("Replace=true"),
            ),
            (
                "a:\n  argocd.argoproj.io/sync-options: Prune=false, Force=true\n",
                Some("Force=true"),
            ),
            ("a:\n  kustomize.toolkit.fluxcd.io/force: enabled\n", Some(ANNOTATION)),
            ("spec:\n  note: never Replace=true\n", None),
        ] {
            let node = yaml::read(text, FileId(0)).unwrap();
            assert_eq!(recreates(&node).as_deref(), found, "{text}");
        }
    }
}
