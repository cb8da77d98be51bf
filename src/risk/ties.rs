//! What objects have to do with each other, beyond their names: the things that they are about, and the Secrets
//! that they use.

use super::object::{Key, Object};
use crate::object::ObjectKind;

/// A thing that objects are about, such as an account on a server. It has an identity of its own: objects of other
/// names can be about the same thing.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Thing {
    /// The kind of the object that makes it.
    kind: ObjectKind,
    parts: Vec<String>,
}

impl Thing {
    /// The thing that objects of this kind make, by all that tells two of them apart.
    pub(crate) fn new(kind: ObjectKind, parts: impl IntoIterator<Item = String>) -> Self {
        Self { kind, parts: parts.into_iter().collect() }
    }
}

/// What an object has to do with a thing.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Relation {
    /// It makes the thing.
    Makes {
        /// The thing.
        identity: Thing,
        /// The object's name in the text of a rule, as `{before}`.
        called: String,
        /// Whether the thing is lost to other objects when this one is removed.
        ends: bool,
    },
    /// It gives the thing something that the thing needs.
    Serves(Thing),
}

/// What an object has to do with a Secret of its namespace.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum SecretUse<'o> {
    /// It makes the Secret of this name.
    Makes(&'o str),
    /// It reads a password from the Secret of this name.
    Reads(&'o str),
}

/// How an owner's objects are tied to others. Both functions are also asked about objects of other owners, and
/// answer `None`.
#[derive(Debug)]
pub(crate) struct Ties {
    /// What an object is about.
    pub(crate) subject: fn(&Key, &Object) -> Option<Relation>,
    /// The Secret that an object uses.
    pub(crate) secret: for<'o> fn(&Key, &'o Object) -> Option<SecretUse<'o>>,
}

impl Ties {
    /// Of objects that are tied to no others.
    pub(crate) const NONE: Ties = Ties { subject: |_, _| None, secret: |_, _| None };
}
