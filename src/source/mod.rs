//! Reads a project's files: the tree of definitions, each file with a size limit, YAML with
//! positions.
//!
//! This stage knows files and YAML. It does not know the meaning of definitions.

mod complaint;
mod disputed;
pub mod edit;
mod file;
mod folder_lock;
mod keys;
pub mod node;
mod relocation;
mod replace;
pub mod scalar;
mod tree;
pub mod yaml;

pub(crate) use complaint::explain;
pub use file::{current_text, decoded, irregular, linked, read_optional, read_text, unreadable};
pub use folder_lock::{FolderLock, IsLocked, Patience};
pub use relocation::{Edited, Relocation, exists, relocate};
pub use replace::{FileChange, Written, replace};
pub use tree::{Document, Role, SecretsFile, Tree, document, entries, read_tree};
