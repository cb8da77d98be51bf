//! Holes: the positions in a written document where values are inserted later. The bytes are then
//! those of a document that was written with the values.

use super::{Start, child, document, is_block, key, text_of_child};
use crate::source::node::{Node, Value};

/// The first character of a placeholder string, which stands for a value or key. The rest of the
/// string is the number of the value.
pub const HOLE: char = '\u{1}';

/// The number of a placeholder string.
pub fn hole_number(text: &str) -> Option<usize> {
    text.strip_prefix(HOLE)?.parse().ok()
}

/// Writes a document without the values of its placeholder strings. Returns its text and its holes,
/// in the order of the text. `None` if the document has no lines of its own for a list or map.
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
    /// The offset of the hole in the text, in bytes.
    pub at: usize,
    position: Position,
}

/// Where in the tree a hole is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Position {
    /// At a key of a map.
    Key { indent: usize },
    /// After the dash of an item or the colon of a key.
    Value { indent: usize, start: Start, last: bool },
}

impl Hole {
    /// Whether the hole is for a key.
    pub fn is_key(&self) -> bool {
        matches!(self.position, Position::Key { .. })
    }

    /// Appends a text to `out`, as [`write`](super::write) would write it in place of the hole.
    pub fn text(&self, text: &str, out: &mut String) {
        match self.position {
            Position::Key { indent } => key(text, indent, out),
            Position::Value { indent, last, .. } => text_of_child(text, indent, last, out),
        }
    }

    /// Appends a value of any type, as [`write`](super::write) would write it. A key must be a text.
    pub fn value(&self, value: &Value, out: &mut String) {
        if let Position::Value { indent, start, last } = self.position {
            child(value, indent, start, last, out, &mut None);
        }
    }
}

/// The holes so far. `None` for a document without holes.
pub(super) type Holes = Option<Vec<Hole>>;

/// Adds a hole if a string is a placeholder, and returns whether it is one.
pub(super) fn is_hole(text: &str, position: Position, out: &str, holes: &mut Holes) -> bool {
    let Some(holes) = holes else { return false };
    let Some(number) = hole_number(text) else { return false };
    holes.push(Hole { number, at: out.len(), position });
    true
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::node::Entry;

    #[test]
    fn a_hole_knows_whether_it_is_a_key() {
        let value = Node::from(Value::String(format!("{HOLE}1").into()));
        let entry = Entry::new(&format!("{HOLE}0"), value);
        let (text, holes) = with_holes(&Value::Map(vec![entry]).into()).unwrap();
        assert_eq!(text, "");
        let found: Vec<_> = holes.iter().map(|hole| (hole.number, hole.is_key())).collect();
        assert_eq!(found, [(0, true), (1, false)]);
    }
}
