//! Gives each comment to the entry to which it belongs.
//!
//! - A comment at the end of a line belongs to the last key or value before it.
//! - Comments above an entry belong to this entry. If an empty line separates them from it, and none separates them
//!   from the entry above, they belong to the entry above.
//! - A comment below the last entry of a block belongs to the innermost block that is not indented further than the
//!   comment.
//! - At the top of a file, what is above the last empty line, and a line for an editor, stay there.

use super::block::{Block, Body, Comment, Entry, Line};

/// A comment with which editors choose the schema of a file. They search for it at the top.
const MODELINE: &str = "# yaml-language-server:";

/// Gives the comments of a text to the entries of its root. The comments come in their order.
pub(super) fn attach<'t>(root: &mut Block<'t>, comments: Vec<Comment<'t>>) {
    comments.iter().for_each(|comment| root.give(comment));
    root.settle();
    if let Some(first) = root.entries.first_mut() {
        let stays = |line: &Line| match line {
            Line::Blank => true,
            Line::Comment(text) => text.starts_with(MODELINE),
        };
        let end = first.lead.iter().rposition(stays).map_or(0, |last| last + 1);
        root.header = first.lead.drain(..end).collect();
    }
}

impl<'t> Block<'t> {
    fn give(&mut self, comment: &Comment<'t>) {
        let Some(at) = self.entries.iter().rposition(|entry| entry.start < comment.at) else {
            let first = self.entries.first_mut().map_or(&mut self.tail, |first| &mut first.lead);
            return push(first, comment);
        };
        let (column, is_bracketed) = (self.column, self.bracket.is_some());
        let entry = &mut self.entries[at];
        if let Body::Block(inner) = &mut entry.body {
            if comment.is_own_line || inner.first() < comment.at {
                if inner.takes(comment) {
                    return inner.give(comment);
                }
                inner.is_closed = true;
            } else {
                return entry.put_beside(comment);
            }
        } else if !comment.is_own_line || comment.at < entry.value {
            return entry.put_beside(comment);
        }
        let (above, below) = self.entries.split_at_mut(at + 1);
        let between = below.first_mut().map_or(&mut self.tail, |next| &mut next.lead);
        match above.last_mut() {
            Some(Entry { body, below, .. })
                if comment.column > column
                    && !is_bracketed
                    && between.is_empty()
                    && !matches!(body, Body::Block(_) | Body::Text(_)) =>
            {
                push(below, comment);
            }
            _ => push(between, comment),
        }
    }

    /// Whether a comment below the start of this block belongs to it.
    fn takes(&self, comment: &Comment) -> bool {
        comment.at < self.last()
            || !comment.is_own_line
            || match self.bracket {
                Some(end) => comment.at < end,
                None => !self.is_closed && comment.column >= self.column,
            }
    }

    /// Where its first entry starts.
    fn first(&self) -> usize {
        self.entries.first().map_or(0, |entry| entry.start)
    }

    /// Where its last entry starts, at any depth.
    fn last(&self) -> usize {
        self.entries.last().map_or(0, |entry| match &entry.body {
            Body::Block(inner) => inner.last(),
            _ => entry.start,
        })
    }

    /// Adds the empty lines above entries, and gives the comments that belong to the entry above to it.
    fn settle(&mut self) {
        for at in 0..self.entries.len() {
            let (above, entry) = self.entries.split_at_mut(at);
            let entry = &mut entry[0];
            if entry.is_after_blank {
                entry.lead.push(Line::Blank);
            }
            if let Body::Block(inner) = &mut entry.body {
                inner.settle();
            }
            let blank = entry.lead.iter().position(|line| *line == Line::Blank);
            if let (Some(above), Some(blank)) = (above.last_mut(), blank) {
                above.after = entry.lead.drain(..blank).collect();
            }
        }
    }
}

impl<'t> Entry<'t> {
    /// Puts a comment at the end of the line, or above the entry if that place is taken or if the value starts below
    /// the comment.
    fn put_beside(&mut self, comment: &Comment<'t>) {
        let is_block_item = self.key.is_none() && matches!(self.body, Body::Block(_));
        let is_above_value = comment.at < self.value && !matches!(self.body, Body::Block(_));
        match self.side {
            None if !is_above_value && !is_block_item => {
                self.side = Some((comment.gap, comment.text));
            }
            _ => push(&mut self.lead, comment),
        }
    }
}

fn push<'t>(lines: &mut Vec<Line<'t>>, comment: &Comment<'t>) {
    if comment.is_after_blank && lines.last() != Some(&Line::Blank) {
        lines.push(Line::Blank);
    }
    lines.push(Line::Comment(comment.text));
}
