//! The rules of a project: CEL expressions in `rules.yaml` about its definitions and its rendered objects.
//!
//! `file` reads and compiles them, once for a run. `expression` and `fields` refuse what can be known to be wrong, and
//! `budget` bounds what an evaluation may cost. `value` makes the values that a rule sees, and `judge` evaluates a
//! rule for one of them. `inspect` judges a whole fleet. A violation is a diagnostic with the code `rule/NAME`.

mod budget;
mod expression;
mod fault;
mod fields;
mod file;
mod functions;
mod inspect;
mod judge;
mod pattern;
#[cfg(test)]
mod tests;
mod trial;
mod value;

pub use file::{RULES_FILE, Rule, Rules};
pub use inspect::{Finding, Objects};
pub use trial::{Trial, variables_of};
