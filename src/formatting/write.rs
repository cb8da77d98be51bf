//! Writes blocks as canonical text.

use super::block::{Block, Body, Entry, Line, Text};
use super::scalar::{inline, string};
use crate::language::Fields;

/// The text of a root. `text` is the text from which it was read.
pub(super) fn write(root: &Block, text: &str, fields: Fields) -> String {
    let mut writer = Writer { text, out: String::with_capacity(text.len()), keeps: false };
    writer.lines(&root.header, 0);
    writer.block(root, 0, false, fields);
    writer.out
}

struct Writer<'t> {
    text: &'t str,
    out: String,
    /// Whether the last text keeps the empty lines after it: another empty line would be part of it.
    keeps: bool,
}

impl Writer<'_> {
    /// Writes a map or a list. `is_begun` is true if its first line has the dash of the item around it already.
    fn block(&mut self, block: &Block, indent: usize, is_begun: bool, fields: Fields) {
        let mut must_part = false;
        for (index, entry) in block.entries.iter().enumerate() {
            let is_first = index == 0;
            if !(is_first && is_begun) {
                let lead = entry.lead.as_slice();
                let blanks = lead.iter().take_while(|line| **line == Line::Blank).count();
                // Without an empty line above them, the first comments would belong to the entry above.
                let has_gap = blanks == 0 && lead.contains(&Line::Blank);
                let is_parted = blanks > 0 || has_gap || must_part;
                if is_parted && (!is_first || indent == 0) {
                    self.blank();
                }
                self.lines(&lead[blanks..], indent);
                self.pad(indent);
            }
            self.entry(entry, indent, fields);
            self.lines(&entry.below, indent + 2);
            self.lines(&entry.after, indent);
            must_part = !entry.after.is_empty();
        }
        if must_part && !block.tail.is_empty() {
            self.blank();
        }
        self.lines(&block.tail, indent);
    }

    fn entry(&mut self, entry: &Entry, indent: usize, fields: Fields) {
        let below = match entry.key {
            Some(key) => {
                string(key, false, &mut self.out);
                self.out.push(':');
                fields.below(key)
            }
            None => {
                self.out.push('-');
                fields.items()
            }
        };
        self.keeps = false;
        match &entry.body {
            Body::Nothing => self.end_line(entry),
            Body::Block(block) if entry.key.is_none() => {
                self.out.push(' ');
                self.block(block, indent + 2, true, below);
            }
            Body::Block(block) => {
                self.end_line(entry);
                self.block(block, indent + 2, false, below);
            }
            Body::Inline(node) => {
                self.out.push(' ');
                inline(node, self.text, below, false, &mut self.out);
                self.end_line(entry);
            }
            Body::Folded(lines) => {
                self.out.push(' ');
                for (index, line) in lines.iter().enumerate() {
                    if index > 0 {
                        self.out.push('\n');
                        self.content(line, indent + 2);
                    } else {
                        self.out.push_str(line);
                    }
                }
                self.end_line(entry);
            }
            Body::Text(text) => self.text(text, entry, indent),
        }
    }

    fn text(&mut self, text: &Text, entry: &Entry, indent: usize) {
        self.out.push(' ');
        self.out.push_str(&text.header);
        self.end_line(entry);
        for line in &text.lines {
            self.content(line, indent + 2);
            self.out.push('\n');
        }
        self.keeps = text.keeps();
    }

    /// Ends the line of an entry with its comment.
    fn end_line(&mut self, entry: &Entry) {
        if let Some((gap, comment)) = entry.side {
            self.out.push_str(if gap.is_empty() { " " } else { gap });
            self.out.push_str(comment);
        }
        self.out.push('\n');
    }

    fn lines(&mut self, lines: &[Line], indent: usize) {
        for line in lines {
            match line {
                Line::Blank => self.blank(),
                Line::Comment(comment) => {
                    self.pad(indent);
                    self.out.push_str(comment);
                    self.out.push('\n');
                    self.keeps = false;
                }
            }
        }
    }

    /// Writes an empty line, unless there is one already or nothing stands above it.
    fn blank(&mut self) {
        let is_there = self.out.is_empty() || self.out.ends_with("\n\n");
        if !is_there && !self.keeps {
            self.out.push('\n');
        }
    }

    /// Writes a line of a text. An empty line is not indented.
    fn content(&mut self, line: &str, indent: usize) {
        if !line.is_empty() {
            self.pad(indent);
            self.out.push_str(line);
        }
    }

    fn pad(&mut self, indent: usize) {
        for _ in 0..indent {
            self.out.push(' ');
        }
    }
}
