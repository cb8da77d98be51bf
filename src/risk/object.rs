//! An object of a tree of manifests, and the key that finds it in another tree.

use crate::source::node::Node;
use std::fmt;

/// The identity of an object. It does not depend on the path of its file, except for the cluster.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    /// The cluster: the first folder of its path.
    pub cluster: String,
    /// `kind`. Together with the group of `apiVersion` it is the type. The version is only another
    /// form of the same object.
    pub kind: String,
    /// The group of `apiVersion`.
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
    /// The path of its file, below the output folder.
    pub path: String,
    /// Its content.
    pub node: Node,
}

impl Object {
    /// The path of the definition from which it was rendered, such as `production/acme`. For a file
    /// outside of all folders, where sitewright renders nothing, it is the path of the file.
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
