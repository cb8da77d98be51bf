//! The objects that carry a password to its cluster: what each backend says of its kinds.

use crate::object::{Invariant, ObjectKind, ObjectType, Stands};
use crate::source::node::Node;

/// The annotation with the number of values that a password has had.
pub(super) const GENERATION: &str = "sitewright/generation";

/// A type of object that carries passwords.
#[derive(Debug)]
pub(crate) struct Carrier {
    /// Its kind and its template.
    pub(crate) of: &'static ObjectType,
    /// Its API group, which is empty for the kinds of Kubernetes itself.
    pub(crate) group: &'static str,
    /// A field that other objects of the kind do not have, if there are such objects.
    pub(crate) marker: Option<&'static str>,
    /// The field with the generation of the password. Without that field, the object does not show
    /// that a password exists.
    pub(crate) generation: Option<&'static [&'static str]>,
    /// The version of its API, if its status says whether the Secret exists.
    pub(crate) reports: Option<&'static str>,
    /// Whether other tools make such objects too, as kubeseal does. `secrets adopt` takes those.
    pub(crate) is_made_by_others: bool,
}

impl Carrier {
    /// Whether an object is of this type.
    pub(super) fn is(&self, object: &Node) -> bool {
        text(object, &["kind"]) == Some(self.of.kind.as_str())
            && text(object, &["apiVersion"])
                .map(|api| api.split_once('/').map_or("", |(group, _)| group))
                .is_some_and(|group| group == self.group)
            && self.marker.is_none_or(|field| object.get(field).is_some())
    }
}

/// The type of an object that carries a password. It is applied before every object that refers to
/// the Secret.
pub(super) const fn carrier_type(template: &'static str, kind: ObjectKind) -> ObjectType {
    carrier_type_with(template, kind, &[])
}

/// Such a type, with invariants of its template.
pub(super) const fn carrier_type_with(
    template: &'static str,
    kind: ObjectKind,
    invariants: &'static [&'static [Invariant]],
) -> ObjectType {
    ObjectType {
        template,
        kind,
        app: "",
        component: "password",
        stands: Stands::No,
        is_protected: true,
        wave: -2,
        invariants,
    }
}

/// The value at a path of keys.
pub(super) fn value_at<'n>(node: &'n Node, path: &[&str]) -> Option<&'n Node> {
    path.iter().try_fold(node, |node, key| node.get(key))
}

/// The text at a path of keys.
pub(super) fn text<'n>(node: &'n Node, path: &[&str]) -> Option<&'n str> {
    value_at(node, path)?.as_str()
}
