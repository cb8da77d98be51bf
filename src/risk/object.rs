//! An object of a tree of manifests, and what makes it the same one in another tree.

use crate::source::node::Node;
use std::fmt;

/// What makes an object the same one: where its file stands plays no part.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    /// The first folder.
    pub cluster: String,
    /// `kind`, with the group of its `apiVersion`, since a version is a way to say the same.
    pub kind: String,
    /// The group.
    pub group: String,
    /// `metadata.namespace`.
    pub namespace: String,
    /// `metadata.name`.
    pub name: String,
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self.namespace.as_str() {
            "" => write!(f, "{} {}", self.kind, self.name),
            namespace => write!(f, "{} {namespace}/{}", self.kind, self.name),
        }
    }
}

/// An object.
#[derive(Clone, Debug, PartialEq)]
pub struct Object {
    /// Its file, below the output folder.
    pub path: String,
    /// What it is.
    pub node: Node,
}

impl Object {
    /// The definition that it was rendered from, such as `production/acme`; for what stands in no folder, which
    /// sitewright renders nothing in, the file.
    pub fn definition(&self) -> &str {
        self.path.rsplit_once('/').map_or(&self.path, |(folder, _)| folder)
    }

    /// The value at a path of keys.
    pub fn at(&self, path: &[&str]) -> Option<&Node> {
        path.iter().try_fold(&self.node, |node, key| node.get(key))
    }

    /// The text at a path of keys.
    pub fn text(&self, path: &[&str]) -> Option<&str> {
        self.at(path)?.as_str()
    }
}
