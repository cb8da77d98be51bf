//! What libyaml reads: the events of its parser as a tree, before any scalar gets a type.

use libyaml_safer::{EventData, Parser, ScalarStyle};

/// A value as libyaml has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Tree {
    /// A scalar.
    Scalar {
        /// Whether it is plain, so that its characters decide its type.
        is_plain: bool,
        /// Its text.
        text: String,
    },
    /// A list.
    List(Vec<Tree>),
    /// A map, in the order of the text, with duplicates.
    Map(Vec<(Tree, Tree)>),
}

/// Why there is no tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoTree {
    /// libyaml refuses the text.
    Refused,
    /// The text has an anchor, an alias or a tag, which [`Tree`] cannot hold.
    Special,
    /// The text has no document, or several.
    NotOneDocument,
    /// The text has no final line end. libyaml itself reads such a text, and so does serde_yaml. The parser here
    /// panics if a block scalar ends there.
    NoLineEnd,
}

/// The one document of a text.
pub fn read(text: &str) -> Result<Tree, NoTree> {
    if !text.ends_with('\n') {
        return Err(NoTree::NoLineEnd);
    }
    let mut bytes = text.as_bytes();
    let mut parser = Parser::new();
    parser.set_input_string(&mut bytes);
    let mut open: Vec<(bool, Vec<Tree>)> = Vec::new();
    let mut documents = Vec::new();
    let mut is_special = false;
    loop {
        let event = parser.parse().map_err(|_| NoTree::Refused)?;
        let finished = match event.data {
            EventData::StreamEnd => break,
            EventData::Alias { .. } => {
                is_special = true;
                Tree::Scalar { is_plain: true, text: String::new() }
            }
            EventData::Scalar { anchor, tag, value, style, .. } => {
                is_special |= anchor.is_some() || tag.is_some();
                Tree::Scalar { is_plain: style == ScalarStyle::Plain, text: value }
            }
            EventData::SequenceStart { anchor, tag, .. } => {
                is_special |= anchor.is_some() || tag.is_some();
                open.push((false, Vec::new()));
                continue;
            }
            EventData::MappingStart { anchor, tag, .. } => {
                is_special |= anchor.is_some() || tag.is_some();
                open.push((true, Vec::new()));
                continue;
            }
            EventData::SequenceEnd | EventData::MappingEnd => {
                let Some((is_map, items)) = open.pop() else { continue };
                if is_map { Tree::Map(pairs(items)) } else { Tree::List(items) }
            }
            _ => continue,
        };
        match open.last_mut() {
            Some((_, items)) => items.push(finished),
            None => documents.push(finished),
        }
    }
    let document = documents.pop().filter(|_| documents.is_empty());
    match (is_special, document) {
        (true, _) => Err(NoTree::Special),
        (false, document) => document.ok_or(NoTree::NotOneDocument),
    }
}

/// Keys and values that follow each other as the entries of a map.
fn pairs(items: Vec<Tree>) -> Vec<(Tree, Tree)> {
    let mut items = items.into_iter();
    std::iter::from_fn(|| Some((items.next()?, items.next()?))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scalar(is_plain: bool, text: &str) -> Tree {
        Tree::Scalar { is_plain, text: text.to_owned() }
    }

    #[test]
    fn a_document_is_a_tree() {
        let read = read("a: [1, 'b']\nc:\n").unwrap();
        let list = Tree::List(vec![scalar(true, "1"), scalar(false, "b")]);
        let expected = vec![(scalar(true, "a"), list), (scalar(true, "c"), scalar(true, ""))];
        assert_eq!(read, Tree::Map(expected));
    }

    #[test]
    fn a_text_without_a_tree_says_why() {
        for (text, why) in [
            ("a: [\n", NoTree::Refused),
            ("a: &b c\n", NoTree::Special),
            ("a: !!str c\n", NoTree::Special),
            ("a: &b c\nd: *b\n", NoTree::Special),
            ("\n", NoTree::NotOneDocument),
            ("a: b\n---\nc: d\n", NoTree::NotOneDocument),
            ("a: |\n  b", NoTree::NoLineEnd),
        ] {
            assert_eq!(read(text), Err(why), "{text:?}");
        }
    }
}
