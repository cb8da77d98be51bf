//! A text as blocks: maps and lists whose entries have lines of their own. Each entry has the comments that move with
//! it.

use crate::language::Fields;
use crate::source::node::Node;

/// A comment.
#[derive(Clone, Copy, Debug)]
pub(super) struct Comment<'t> {
    /// Where it starts.
    pub(super) at: usize,
    /// The comment with its `#`, without white space at its end.
    pub(super) text: &'t str,
    /// The white space between the comment and what stands before it in its line.
    pub(super) gap: &'t str,
    /// The indentation of its line.
    pub(super) column: usize,
    /// Whether no key and no value stands before it in its line.
    pub(super) is_own_line: bool,
    /// Whether the line above it is empty.
    pub(super) is_after_blank: bool,
}

/// A line between two entries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Line<'t> {
    /// An empty line. Several of them count as one.
    Blank,
    /// A comment.
    Comment(&'t str),
}

/// A map or a list over several lines.
#[derive(Debug)]
pub(super) struct Block<'t> {
    /// Whether it is a list.
    pub(super) is_list: bool,
    /// Where it ends, if it is written in brackets.
    pub(super) bracket: Option<usize>,
    /// The least indentation of a comment below its last entry that still belongs to it.
    pub(super) column: usize,
    /// Its entries or items. There is at least one.
    pub(super) entries: Vec<Entry<'t>>,
    /// The comments at the top of a file that stay there, whichever key comes first.
    pub(super) header: Vec<Line<'t>>,
    /// The comments below its last entry.
    pub(super) tail: Vec<Line<'t>>,
    /// Whether a comment already ended it.
    pub(super) is_closed: bool,
}

/// An entry of a map, or an item of a list.
#[derive(Debug)]
pub(super) struct Entry<'t> {
    /// Its key. An item has none.
    pub(super) key: Option<&'t str>,
    /// Where its key or its dash starts.
    pub(super) start: usize,
    /// Where its value starts.
    pub(super) value: usize,
    /// Its value.
    pub(super) body: Body<'t>,
    /// The lines above it.
    pub(super) lead: Vec<Line<'t>>,
    /// The comment at the end of its line, with the white space before it.
    pub(super) side: Option<(&'t str, &'t str)>,
    /// The comments below it that are indented further.
    pub(super) below: Vec<Line<'t>>,
    /// The comments below it that an empty line separates from the next entry.
    pub(super) after: Vec<Line<'t>>,
    /// Whether the line above it is empty.
    pub(super) is_after_blank: bool,
}

/// The value of an entry.
#[derive(Debug)]
pub(super) enum Body<'t> {
    /// No value is written.
    Nothing,
    /// A map or a list over several lines.
    Block(Block<'t>),
    /// A value on one line.
    Inline(&'t Node),
    /// A text over several lines, plain or in quotes.
    Folded(Vec<&'t str>),
    /// A text with `|` or `>`.
    Text(Text<'t>),
}

/// A text with `|` or `>`.
#[derive(Debug)]
pub(super) struct Text<'t> {
    /// Its header, such as `>-`, without a comment. An indentation that it states is 2.
    pub(super) header: String,
    /// Its lines without their indentation.
    pub(super) lines: Vec<&'t str>,
}

impl Text<'_> {
    /// Whether the empty lines after it are part of it.
    pub(super) fn keeps(&self) -> bool {
        self.header.contains('+')
    }
}

impl Block<'_> {
    /// Sorts the entries as the language declares them. Keys that it does not declare, and the keys of a table, keep
    /// their order.
    pub(super) fn arrange(&mut self, fields: Fields) {
        if !self.is_list {
            self.entries.sort_by_key(|entry| fields.place(entry.key.unwrap_or_default()));
        }
        for entry in &mut self.entries {
            let Body::Block(block) = &mut entry.body else { continue };
            match entry.key {
                Some(key) => block.arrange(fields.below(key)),
                None => {
                    block.arrange(fields.items());
                    // The first entry shares its line with the dash, so its comments stand above the dash.
                    let first = std::mem::take(&mut block.entries[0].lead);
                    entry.lead.extend(first.into_iter().skip_while(|line| *line == Line::Blank));
                }
            }
        }
    }
}
