//! The ties between objects that do not follow from their names: the things that they are about,
//! and the Secrets that they use.

use super::object::{Key, Object};
use crate::object::ObjectKind;

/// A thing that objects are about, such as an account on a server. It has its own identity: objects
/// with different names can be about the same thing.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Thing {
    /// The kind of the object that makes it.
    kind: ObjectKind,
    parts: Vec<String>,
}

impl Thing {
    /// The thing that objects of this kind make, with the values that identify it.
    pub(crate) fn new(kind: ObjectKind, parts: impl IntoIterator<Item = String>) -> Self {
        Self { kind, parts: parts.into_iter().collect() }
    }
}

/// The tie of an object to a thing.
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

/// The tie of an object to a Secret of its namespace.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum SecretUse<'o> {
    /// It makes the Secret of this name.
    Makes(&'o str),
    /// It reads a password from the Secret of this name.
    Reads(&'o str),
}

/// The ties of an owner's objects. Both functions also get objects of other owners, and return
/// `None` for them.
#[derive(Debug)]
pub(crate) struct Ties {
    /// The tie of an object to a thing.
    pub(crate) subject: fn(&Key, &Object) -> Option<Relation>,
    /// The tie of an object to a Secret.
    pub(crate) secret: for<'o> fn(&Key, &'o Object) -> Option<SecretUse<'o>>,
}

impl Ties {
    /// The ties of objects that have none.
    pub(crate) const NONE: Ties = Ties { subject: |_, _| None, secret: |_, _| None };
}
