//! References from one object to another, in the forms that operators expect.

use serde::Serialize;

/// A reference to another object.
#[derive(Clone, Serialize)]
pub(crate) struct Reference {
    /// The object's name.
    pub(crate) name: String,
    /// Its namespace.
    pub(crate) namespace: String,
    /// The object's kind, if it is not the usual one.
    pub(crate) kind: Option<&'static str>,
}

/// A Secret and its namespace. frappe-operator has no default for the namespace.
#[derive(Serialize)]
pub(crate) struct SecretReference {
    /// The Secret's name.
    pub(crate) name: String,
    /// Its namespace.
    pub(crate) namespace: String,
}

/// A key of a Secret in the object's namespace.
#[derive(Clone, Serialize)]
pub(crate) struct KeyReference {
    /// The Secret.
    pub(crate) name: String,
    /// The key.
    pub(crate) key: String,
}
