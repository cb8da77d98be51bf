//! Reading what a project holds.
pub mod node;
