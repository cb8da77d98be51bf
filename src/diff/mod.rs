//! What changes between two renders of a fleet, and what each change does.
//!
//! [`compared()`] is the whole of it: it compiles a project, finds what to compare with and returns the changes by
//! definition, of which a [`Gate`] denies some.
//!
//! [`Base`] is what a render is compared with, which [`git`] reads from a revision; [`tree`] reads the
//! files that differ, [`diff()`] finds the objects and
//! fields that differ, and says what each change does under the operators by the rows of [`risk`](crate::risk). Little but the two trees is
//! looked at: what was retired, and what is protected, stands in the manifests; [`certificates()`] and
//! the manifests of [`others()`] are what else both sides are asked for.

mod against;
mod assembly;
mod base;
#[cfg(test)]
mod cases;
mod certificates;
mod changes;
mod compare;
mod gate;
pub mod git;
mod judge;
mod lines;
#[cfg(test)]
mod measured;
mod others;
mod removals;
pub mod report;
mod rules;
pub mod tree;
mod value;

pub use assembly::{Compared, compared};
pub use base::Base;
pub use certificates::certificates;
pub use changes::{Changes, DefinitionChange};
pub use gate::Gate;
pub use judge::diff;
pub use lines::unified;
pub use others::others;
pub use removals::{gone, renamed, too_many};
pub use tree::Tree;
