//! What a rendered object is, for every stage that makes, checks, writes or compares one: its kind,
//! the properties of its type, its name, and the Secrets that it reads.
//!
//! These types lie below the stages that use them. They do no work of their own.

mod cluster_context;
mod kind;
mod manifest;
mod object_type;
mod reference;
mod secret_spec;

pub(crate) use cluster_context::ClusterContext;
pub use kind::ObjectKind;
pub use manifest::{Manifest, View};
pub(crate) use object_type::invariants;
pub use object_type::{Invariant, ObjectType, Stands};
pub(crate) use reference::{KeyReference, Reference, SecretReference};
pub use secret_spec::{SecretSpec, Suffixes};
