//! Risks: what a change of an object does. This module has the types of a rule, which is one row of
//! a table, and of everything that a rule can read.
//!
//! It knows no kind of object. The owner of a kind has the rules about it: a provider, `frappe`,
//! `secret`, and `manifest` for the annotations of GitOps engines. An owner can have its own
//! conditions, and states how its objects are tied to others. `diff` collects the rules of all
//! owners and applies them.

#[cfg(test)]
pub(crate) mod case;
mod change;
mod condition;
mod duration;
mod finding;
mod moves;
mod object;
mod operators;
mod protection;
mod rule;
mod ties;
mod version;

pub use change::{Action, FieldChange, ObjectChange};
pub(crate) use condition::{Condition, Predicate, Scene};
pub(crate) use duration::duration;
pub use finding::{Finding, Level};
pub(crate) use moves::Moves;
pub use object::{Key, Object};
pub(crate) use operators::KnownOperators;
pub use operators::Operators;
pub(crate) use protection::{ARGO_PROTECTION, FLUX_PROTECTION};
pub use rule::Risks;
pub(crate) use rule::{MIGRATE, MOVES, On, RETIRE, RETIRED, Rule, Table, field, in_group, on};
pub(crate) use ties::{Relation, SecretUse, Thing, Ties};
#[cfg(test)]
pub(crate) use version::is_older;
