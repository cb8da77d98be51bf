//! Objects as a cluster or a folder of manifests gives them. They are cleaned of what no person writes, so
//! that they can be compared with rendered objects.

mod object;

pub use object::{FieldManager, LiveObject, Operation, Owner, Place};
