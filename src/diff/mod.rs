//! What changes between two renders of a fleet, and what each change does.
//!
//! [`compared()`] is the entry: it compiles a project, finds the base and returns the changes of each definition. A
//! [`Gate`] denies some of them.
//!
//! The steps: [`git`] or a folder gives the [`Base`]. [`tree`] reads the files that differ. [`diff()`] finds the
//! objects and fields that differ, and the rows of [`risk`](crate::risk) say what each change does. The manifests
//! themselves state which objects are retired or protected. [`certificates()`] and [`foreign_changes()`] add the
//! changes that are not in rendered manifests. [`groups()`] puts equal changes together, for every report.

mod assembly;
mod base;
mod base_ref;
#[cfg(test)]
mod cases;
mod certificates;
mod changes;
mod compare;
mod equal;
mod filter;
mod foreign;
mod gate;
pub mod git;
mod groups;
mod json;
mod judge;
mod lines;
#[cfg(test)]
mod measured;
mod moves;
mod origin;
mod own_names;
mod patterns;
mod places;
mod removals;
mod renames;
pub mod report;
mod rules;
pub mod tree;
mod value;

pub use assembly::{Compared, between, compared};
pub use base::Base;
pub use certificates::certificates;
pub use changes::{Changes, DefinitionChange, LeftOut};
pub(crate) use compare::named;
pub use filter::Filter;
pub use foreign::{OTHER_KINDS, foreign_changes};
pub use gate::Gate;
pub use groups::{Equal, Group, expanded, groups};
pub(crate) use json::json;
pub use judge::diff;
pub(crate) use judge::judge;
pub use lines::unified;
pub use moves::Move;
pub use origin::Origins;
pub use places::{few, places};
pub use removals::{gone, too_many};
pub use renames::renamed;
pub use tree::ObjectTree;
pub(crate) use value::same;
