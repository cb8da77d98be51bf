//! Reads a project's files: the tree of definitions, each file with a size limit, YAML with
//! positions.
//!
//! This stage knows files and YAML. It does not know the meaning of definitions.

mod complaint;
mod disputed;
mod file;
mod keys;
pub mod node;
pub mod scalar;
mod tree;
pub mod yaml;

pub use file::{irregular, linked, read_text, unreadable};
pub use tree::{Document, Role, SecretsFile, Tree, entries, read_tree};
