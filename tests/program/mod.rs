//! A copy of a program that a test runs as somebody else.

use std::path::Path;
use std::process::Command;

/// Copies a program that is then run. Another process writes it: one that this process had open to write
/// would be busy for as long as a child that another thread starts meanwhile holds it too.
pub(crate) fn copy(from: &Path, to: &Path) {
    assert!(Command::new("cp").args([from, to]).status().unwrap().success());
}
