//! References from one object to another, in the forms that operators expect.

use serde::Serialize;

/// A reference to another object.
#[derive(Clone, Debug, Serialize)]
pub struct Reference {
    /// The object's name.
    pub name: String,
    /// Its namespace.
    pub namespace: String,
    /// The object's kind, if it is not the usual one.
    pub kind: Option<&'static str>,
}

/// A Secret and its namespace. frappe-operator has no default for the namespace.
#[derive(Debug, Serialize)]
pub struct SecretReference {
    /// The Secret's name.
    pub name: String,
    /// Its namespace.
    pub namespace: String,
}

/// A key of a Secret in the object's namespace.
#[derive(Clone, Debug, Serialize)]
pub struct KeyReference {
    /// The Secret.
    pub name: String,
    /// The key.
    pub key: String,
}
