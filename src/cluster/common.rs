//! The fields that sites, servers and benches share.

use crate::language::{LabelValue, Lifecycle, MetadataKey, Namespace, ObjectName};
use crate::layers::Origin;
use std::collections::BTreeMap;

/// Labels of users.
pub type Labels = BTreeMap<MetadataKey, LabelValue>;
/// Annotations of users.
pub type Annotations = BTreeMap<MetadataKey, String>;

/// An index into one of the lists of a fleet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Index(pub usize);

/// The fields that sites, servers and benches share.
#[derive(Debug)]
pub struct Common<'p> {
    /// Where each value is stated.
    pub origin: Origin<'p>,
    /// The cluster.
    pub cluster: Index,
    /// The object's name.
    pub name: ObjectName,
    /// The object's namespace.
    pub namespace: Namespace,
    /// The user's labels.
    pub labels: Labels,
    /// The user's annotations.
    pub annotations: Annotations,
    /// Whether it is in service.
    pub lifecycle: Lifecycle,
    /// Whether the objects that hold its data are protected against pruning.
    pub protect: bool,
    /// Whether its data is deleted with it. Only a retired definition can state that.
    pub drops_data: bool,
}

impl Common<'_> {
    /// Whether it is retired.
    pub fn retired(&self) -> bool {
        self.lifecycle == Lifecycle::Retired
    }

    /// `namespace/name`.
    pub fn full_name(&self) -> String {
        format!("{}/{}", self.namespace, self.name)
    }
}
