//! What a rendered object is, for every stage that makes, checks, writes or compares one: its kind,
//! the properties of its type, its name, and the Secrets that it reads.
//!
//! These types lie below the stages that use them. They do no work of their own.

mod derived_name;
mod kind;
mod lifecycle;
mod manifest;
mod object_type;
mod reference;
mod secret_spec;
mod stated;

pub(crate) use derived_name::derived;
pub use derived_name::{CRON_JOB, DerivedName, JOB, LABEL, SERVICE, STATEFUL_SET, Taker};
pub use kind::ObjectKind;
pub use lifecycle::LIFECYCLE;
pub use manifest::{Manifest, Part, Variables, View};
pub(crate) use object_type::invariants;
pub use object_type::{Invariant, ObjectType, Stands};
pub use reference::{KeyReference, Reference, SecretReference};
pub use secret_spec::{Form, SecretPurpose, SecretSpec};
pub use stated::{Candidate, Reading, StatedField, candidates};
pub(crate) use stated::{OF_ALL, stated};
