//! Takes a text apart: its blocks, with the place of each entry, and its comments in their order.

use super::block::{Block, Body, Comment, Entry, Text};
use crate::source::node::{Node, Value};

/// The root of a text and its comments. `node` is what the reader found in the text, a map that is not empty.
pub(super) fn walk<'t>(text: &'t str, node: &'t Node) -> (Block<'t>, Vec<Comment<'t>>) {
    let mut walker = Walker { text, at: 0, token: None, comments: Vec::new() };
    let is_bracketed = text[node.span.range()].starts_with('{');
    let root = walker.block(node, None, is_bracketed);
    walker.skip(text.len());
    (root, walker.comments)
}

struct Walker<'t> {
    text: &'t str,
    /// How far the text is read.
    at: usize,
    /// The end of the last key or value.
    token: Option<usize>,
    comments: Vec<Comment<'t>>,
}

impl<'t> Walker<'t> {
    /// Reads on to a place. Only comments, white space and signs of the syntax stand before it.
    fn skip(&mut self, to: usize) {
        while self.at < to {
            let rest = &self.text[self.at..to];
            let Some(hash) = rest.find('#').map(|offset| self.at + offset) else { break };
            let is_comment = self.text[..hash].chars().next_back().is_none_or(char::is_whitespace);
            if is_comment {
                self.comments.push(self.comment(hash));
            }
            self.at = if is_comment { end_of_line(self.text, hash) } else { hash + 1 };
        }
        self.at = self.at.max(to);
    }

    fn comment(&self, at: usize) -> Comment<'t> {
        let before = &self.text[..at];
        let line = start_of_line(self.text, at);
        let is_own_line = self.token.is_none_or(|end| before[end.min(at)..].contains('\n'));
        Comment {
            at,
            text: self.text[at..end_of_line(self.text, at)].trim_end(),
            gap: &before[before.trim_end_matches([' ', '\t']).len()..],
            column: indentation(&self.text[line..]),
            is_own_line,
            is_after_blank: is_after_blank(self.text, at),
        }
    }

    /// The place of the next sign that is neither white space nor in a comment.
    fn next(&self) -> usize {
        let mut at = self.at;
        loop {
            let rest = &self.text[at..];
            at += rest.len() - rest.trim_start().len();
            match self.text[at..].starts_with('#') {
                true => at = end_of_line(self.text, at),
                false => return at,
            }
        }
    }

    /// Reads a key or a value.
    fn token(&mut self, end: usize) {
        self.at = self.at.max(end);
        self.token = Some(self.at);
    }

    /// Reads a map or a list that is not empty. `owner` is the indentation of the map whose entry it is.
    fn block(&mut self, node: &'t Node, owner: Option<usize>, is_bracketed: bool) -> Block<'t> {
        let mut column = None;
        let mut entries = Vec::new();
        match &node.value {
            Value::Map(all) => {
                for entry in all {
                    let start = entry.key_span.start as usize;
                    self.skip(start);
                    let column = *column.get_or_insert_with(|| self.column(start));
                    self.token(entry.key_span.end as usize);
                    let colon = self.next();
                    if self.text[colon..].starts_with(':') {
                        self.skip(colon + 1);
                    }
                    entries.push(self.entry(
                        Some(&*entry.key),
                        start,
                        &entry.node,
                        (column, is_bracketed),
                    ));
                }
            }
            Value::List(all) => {
                for item in all {
                    let start = if is_bracketed { item.span.start as usize } else { self.next() };
                    self.skip(start);
                    let column = *column.get_or_insert_with(|| self.column(start));
                    if !is_bracketed {
                        // The dash.
                        self.skip(start + 1);
                    }
                    entries.push(self.entry(None, start, item, (column, is_bracketed)));
                }
            }
            _ => {}
        }
        let column = column.unwrap_or_default();
        // A list may stand as far left as its key. A comment there belongs to the next key.
        let is_flush = matches!(node.value, Value::List(_)) && owner == Some(column);
        Block {
            is_list: matches!(node.value, Value::List(_)),
            bracket: is_bracketed.then_some(node.span.end as usize),
            column: if is_flush { column + 1 } else { column },
            entries,
            header: Vec::new(),
            tail: Vec::new(),
            is_closed: false,
        }
    }

    /// Reads the value of an entry. The last argument tells about the map or the list around it: its indentation, and
    /// whether it is in brackets.
    fn entry(
        &mut self,
        key: Option<&'t str>,
        start: usize,
        node: &'t Node,
        (column, is_bracketed): (usize, bool),
    ) -> Entry<'t> {
        let range = node.span.range();
        let written = &self.text[range.clone()];
        let next = self.next();
        let is_text = matches!(node.value, Value::String(_));
        // The range of a list may start after its first dash.
        let is_flow = is_bracketed || self.text[next..].starts_with(['[', '{']);
        let (value, body) = if is_text && self.text[next..].starts_with(['|', '>']) {
            (next, Body::Text(self.text_block(next, range.end, column)))
        } else if node.value == Value::Null && written.trim().is_empty() {
            (start, Body::Nothing)
        } else if is_block(node) && (written.contains('\n') || !is_flow) {
            let owner = key.map(|_| column);
            let block = self.block(node, owner, is_flow);
            if is_flow {
                self.skip(range.end);
            }
            (range.start, Body::Block(block))
        } else {
            self.skip(range.start);
            self.token(range.end);
            match written.contains('\n') && is_text {
                true => (range.start, Body::Folded(written.lines().map(str::trim_start).collect())),
                false => (range.start, Body::Inline(node)),
            }
        };
        Entry {
            key,
            start,
            value,
            body,
            lead: Vec::new(),
            side: None,
            below: Vec::new(),
            after: Vec::new(),
            is_after_blank: is_after_blank(self.text, start),
        }
    }

    /// Reads a text with `|` or `>`. `column` is the indentation of its key or its dash.
    fn text_block(&mut self, start: usize, end: usize, column: usize) -> Text<'t> {
        self.skip(start);
        let line = end_of_line(self.text, start);
        let header = self.text[start..line].split([' ', '\t']).next().unwrap_or_default();
        self.token(start + header.len());
        self.skip(line);
        let content = self.text.get(line + 1..end).unwrap_or_default();
        let stated = header.chars().find_map(|sign| sign.to_digit(10));
        let is_blank = |line: &&str| line.trim_matches([' ', '\n']).is_empty();
        let first = content.lines().find(|line| !is_blank(line)).map_or(0, indentation);
        let indent = stated.map_or(first, |digit| column + digit as usize).max(column + 1);
        // The range may reach into comments and the indentation of what follows.
        let is_content = |line: &&str| {
            let is_cut = !line.ends_with('\n') && end < self.text.len();
            if is_blank(line) { !is_cut } else { indentation(line) >= indent }
        };
        let content: Vec<&str> = content.split_inclusive('\n').take_while(is_content).collect();
        let after = line + 1 + content.iter().map(|line| line.len()).sum::<usize>();
        self.at = after.min(self.text.len());
        let is_cut = content.last().is_some_and(|line| !line.ends_with('\n'));
        let mut lines: Vec<&str> =
            content.into_iter().map(|line| line.trim_end_matches('\n')).collect();
        let mut header: String =
            header.chars().map(|sign| if sign.is_ascii_digit() { '2' } else { sign }).collect();
        while !header.contains('+') && lines.last().is_some_and(is_blank) {
            lines.pop();
        }
        // The reader adds no line end to a text that ends without one.
        if is_cut && !header.contains('-') {
            header.push('-');
        }
        let lines = lines.into_iter().map(|line| line.get(indent..).unwrap_or_default()).collect();
        Text { header, lines }
    }

    fn column(&self, at: usize) -> usize {
        self.text[start_of_line(self.text, at)..at].chars().count()
    }
}

/// Whether a value is a map or a list that is not empty.
fn is_block(node: &Node) -> bool {
    match &node.value {
        Value::Map(entries) => !entries.is_empty(),
        Value::List(items) => !items.is_empty(),
        _ => false,
    }
}

fn start_of_line(text: &str, at: usize) -> usize {
    text[..at].rfind('\n').map_or(0, |end| end + 1)
}

fn end_of_line(text: &str, at: usize) -> usize {
    text[at..].find('\n').map_or(text.len(), |offset| at + offset)
}

fn indentation(line: &str) -> usize {
    line.len() - line.trim_start_matches(' ').len()
}

/// Whether the line above the line of a place is empty.
fn is_after_blank(text: &str, at: usize) -> bool {
    let line = start_of_line(text, at);
    let starts_line = text[line..at].trim_matches([' ', '\t']).is_empty();
    let above = text[..line].strip_suffix('\n');
    let above = above.map(|above| &above[above.rfind('\n').map_or(0, |end| end + 1)..]);
    starts_line && above.is_some_and(|line| line.trim().is_empty())
}
