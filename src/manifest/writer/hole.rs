//! Holes in a document: places for values that are inserted later. The result has the same bytes as
//! a document that is written with the values.

use super::{Start, child, document, is_block, key, text_of_child};
use crate::source::node::{Node, Value};

/// The start of a placeholder string. In a document that [`with_holes`] writes, such a string is a
/// placeholder for a value or key, and the rest of the string is its number.
pub const HOLE: char = '\u{1}';

/// A document with holes: its text without the values, and the holes in the order of the text.
/// `None` if the whole document is a hole.
pub fn with_holes(node: &Node) -> Option<(String, Vec<Hole>)> {
    let (mut out, mut holes) = (String::new(), Some(Vec::new()));
    document(node, &mut out, &mut holes);
    holes.filter(|_| is_block(&node.value)).map(|holes| (out, holes))
}

/// A value that is left out of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hole {
    /// The number of the value.
    pub number: usize,
    /// The position of the value in the text.
    pub at: usize,
    place: Place,
}

/// The position in the document where the hole is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    Key { indent: usize },
    Value { indent: usize, start: Start, last: bool },
}

impl Hole {
    /// Whether the hole is for a key.
    pub fn is_key(&self) -> bool {
        matches!(self.place, Place::Key { .. })
    }

    /// Appends a text to `out` as [`write`](super::write) would write it at the hole's place.
    pub fn text(&self, text: &str, out: &mut String) {
        match self.place {
            Place::Key { indent } => key(text, indent, out),
            Place::Value { indent, last, .. } => text_of_child(text, indent, last, out),
        }
    }

    /// Appends any value. Only a text can be a key.
    pub fn value(&self, value: &Value, out: &mut String) {
        if let Place::Value { indent, start, last } = self.place {
            child(value, indent, start, last, out, &mut None);
        }
    }
}

/// The holes that were found so far, if the document may have holes.
pub(super) type Holes = Option<Vec<Hole>>;

/// Adds a hole if a string is a placeholder.
pub(super) fn is_hole(text: &str, place: Place, out: &str, holes: &mut Holes) -> bool {
    let number = || text.strip_prefix(HOLE)?.parse().ok();
    let Some((holes, number)) = holes.as_mut().and_then(|holes| Some((holes, number()?))) else {
        return false;
    };
    holes.push(Hole { number, at: out.len(), place });
    true
}
