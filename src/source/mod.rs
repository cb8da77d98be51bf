//! Reading what a project holds: the tree of definitions, each file with limits, YAML with positions.
//!
//! This stage knows files and YAML, not what the definitions mean.

mod complaint;
mod disputed;
mod file;
mod keys;
pub mod node;
pub mod scalar;
mod tree;
pub mod yaml;

pub use file::{irregular, linked, read_text, unreadable};
pub use tree::{Document, Records, Role, Tree, entries, read_tree};
