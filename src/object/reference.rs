//! References from one object to another, in the forms that operators expect.

use crate::language::{Namespace, ResourceName};
use serde::Serialize;
use std::borrow::Cow;

/// A reference to another object.
#[derive(Clone, Debug, Serialize)]
pub struct Reference {
    /// The object's name.
    pub name: ResourceName,
    /// Its namespace.
    pub namespace: Namespace,
    /// The object's kind, if it is not the usual one.
    pub kind: Option<&'static str>,
}

/// A Secret and its namespace. frappe-operator has no default for the namespace.
#[derive(Debug, Serialize)]
pub struct SecretReference {
    /// The Secret's name.
    pub name: ResourceName,
    /// Its namespace.
    pub namespace: Namespace,
}

/// A key of a Secret in the object's namespace.
#[derive(Clone, Debug, Serialize)]
pub struct KeyReference {
    /// The Secret.
    pub name: ResourceName,
    /// The key.
    pub key: Cow<'static, str>,
}
