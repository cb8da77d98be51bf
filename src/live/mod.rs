//! Objects as a cluster or a folder of manifests gives them. They are cleaned of what no person writes, so
//! that they can be compared with rendered objects.
//!
//! The inputs are dumps (`kubectl get -o json` or `-o yaml`) and other people's manifests. Their YAML is not the
//! language of sitewright: it is read as `kubectl` reads it. A file is read in batches, so a dump of any size
//! fits into memory. The objects of a batch are read in parallel, and returned in the order of the input.

mod batch;
mod clean;
mod cut;
mod input;
mod json;
mod kubectl;
mod manifest_yaml;
mod object;
mod other_cluster;
mod piece;
mod read;
mod refuse;
mod scalar;
mod shared_keys;
mod skip;
mod target;

pub use input::Input;
pub use kubectl::Kubectl;
pub use object::{FieldManager, LiveObject, Operation, Owner, Place, Reported};
pub(crate) use other_cluster::{Found, other_cluster};
pub use read::{Options, Read, Summary, read};
pub(crate) use shared_keys::entry_of;
pub(crate) use target::clusters;
pub use target::target;
