//! Holes in a document: places whose values are not known yet, and are written later just as they would
//! have been at once.

use super::{Start, child, document, is_block, key, text_of_child};
use crate::source::node::{Node, Value};

/// A string that starts with this stands, in a document that [`with_holes`] writes, for a value or key
/// that is not known yet: what follows is its number.
pub const HOLE: char = '\u{1}';

/// A document with holes: its text without what goes into them, and where that is, in its order. Nothing
/// where the whole document is one.
pub fn with_holes(node: &Node) -> Option<(String, Vec<Hole>)> {
    let (mut out, mut holes) = (String::new(), Some(Vec::new()));
    document(node, &mut out, &mut holes);
    holes.filter(|_| is_block(&node.value)).map(|holes| (out, holes))
}

/// Something that is left out of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hole {
    /// Its number.
    pub number: usize,
    /// Where in the text it goes.
    pub at: usize,
    place: Place,
}

/// What was to be written when a hole was left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    Key { indent: usize },
    Value { indent: usize, start: Start, last: bool },
}

impl Hole {
    /// Whether a key goes there.
    pub fn is_key(&self) -> bool {
        matches!(self.place, Place::Key { .. })
    }

    /// Appends what belongs there for a text, as [`write`](super::write) would have written it.
    pub fn text(&self, text: &str, out: &mut String) {
        match self.place {
            Place::Key { indent } => key(text, indent, out),
            Place::Value { indent, last, .. } => text_of_child(text, indent, last, out),
        }
    }

    /// The same for any value; nothing but a text can be a key.
    pub fn value(&self, value: &Value, out: &mut String) {
        if let Place::Value { indent, start, last } = self.place {
            child(value, indent, start, last, out, &mut None);
        }
    }
}

/// The holes so far, where there may be any.
pub(super) type Holes = Option<Vec<Hole>>;

/// Leaves a hole where a string stands for one.
pub(super) fn is_hole(text: &str, place: Place, out: &str, holes: &mut Holes) -> bool {
    let number = || text.strip_prefix(HOLE)?.parse().ok();
    let Some((holes, number)) = holes.as_mut().and_then(|holes| Some((holes, number()?))) else {
        return false;
    };
    holes.push(Hole { number, at: out.len(), place });
    true
}
