//! The canonical text of a definition: the keys in the order in which the language declares them, quotes only where
//! a reader of YAML needs them, two spaces for each level, and every comment with the key to which it belongs.
//!
//! `walk` takes a text apart into blocks, and finds its comments. `attach` gives each comment to a key. [`write`]
//! writes the blocks. [`formatted`] reads the new text again: it must mean the same and have the same comments.

mod attach;
mod block;
mod files;
mod scalar;
mod walk;
mod write;

pub use files::{Formatted, files, text};

use crate::diagnostic::FileId;
use crate::language::Fields;
use crate::source::yaml;
use std::borrow::Cow;

/// Why a text has no canonical form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unformatted {
    /// The reader refuses the text, or it is no map. The diagnostics of reading it say why.
    Unread,
    /// The new text would not mean the same, or would not have the same comments. This is an error of this module.
    Unequal,
}

/// The canonical form of a text. `fields` declare the order of its keys.
pub fn formatted(text: &str, fields: Fields) -> Result<String, Unformatted> {
    let before = with_unix_line_ends(text.strip_prefix('\u{feff}').unwrap_or(text));
    proven(&before, canonical(&before, fields).ok_or(Unformatted::Unread)?)
}

/// The new text, if it means the same and has the same comments.
fn proven(before: &str, new: String) -> Result<String, Unformatted> {
    match is_equal(before, &new) {
        true => Ok(new),
        false => Err(Unformatted::Unequal),
    }
}

/// The canonical form, without a proof.
fn canonical(text: &str, fields: Fields) -> Option<String> {
    let node = yaml::read(text, FileId::NONE).ok()?;
    if node.entries().is_empty() {
        return None;
    }
    let (mut root, comments) = walk::walk(text, &node);
    attach::attach(&mut root, comments);
    root.arrange(fields);
    Some(write::write(&root, text, fields))
}

/// Whether two texts mean the same and have the same comments.
fn is_equal(before: &str, after: &str) -> bool {
    let (Ok(one), Ok(other)) = (yaml::read(before, FileId::NONE), yaml::read(after, FileId::NONE))
    else {
        return false;
    };
    let comments = |text, node| {
        let mut found: Vec<String> =
            walk::walk(text, node).1.into_iter().map(|comment| comment.text.to_owned()).collect();
        found.sort_unstable();
        found
    };
    one.means_same(&other) && comments(before, &one) == comments(after, &other)
}

/// The text with a line feed at the end of each line. A carriage return alone ends a line too.
fn with_unix_line_ends(text: &str) -> Cow<'_, str> {
    match text.contains('\r') {
        true => text.replace("\r\n", "\n").replace('\r', "\n").into(),
        false => text.into(),
    }
}

#[cfg(test)]
mod tests;
