//! The documents of a YAML stream. A large document that is a List is cut into its items.

use super::{Fault, Form, Lines, Piece, Wrong};
use crate::live::manifest_yaml;

/// A document up to this size stays whole, so that anchors of one item are known in the others.
const SMALL: usize = 1 << 20;

/// Where in a document the cutter is.
#[derive(Debug, Default)]
enum In {
    /// Not in the items of a List.
    #[default]
    Plain,
    /// After the line `items:`.
    Header,
    /// In the items. Each starts on a line that has this indentation before its dash.
    Items { indentation: usize, starts: Vec<usize> },
    /// After the items, which end at `end`.
    Trailer { starts: Vec<usize>, end: usize },
}

/// Finds the documents of a YAML stream, and the items of large Lists.
#[derive(Debug)]
pub(in super::super) struct YamlCutter {
    pub(super) lines: Lines,
    /// The next line to look at.
    at: usize,
    /// The start of the document, or of the first item that is not yet a piece.
    start: usize,
    place: In,
    /// Whether the document has more than comments and directives.
    has_content: bool,
    /// What is around the items of a document that is cut into them.
    envelope: Option<Vec<u8>>,
    /// The size above which a List is cut.
    small: usize,
}

impl Default for YamlCutter {
    fn default() -> Self {
        Self {
            lines: Lines::default(),
            at: 0,
            start: 0,
            place: In::Plain,
            has_content: false,
            envelope: None,
            small: SMALL,
        }
    }
}

impl YamlCutter {
    #[cfg(test)]
    pub(super) fn above(small: usize) -> Self {
        Self { small, ..Self::default() }
    }

    pub(super) fn cut(
        &mut self,
        bytes: &[u8],
        is_end: bool,
        pieces: &mut Vec<Piece>,
    ) -> Result<usize, Fault> {
        while self.at < bytes.len() {
            let rest = &bytes[self.at..];
            let length = match rest.iter().position(|byte| *byte == b'\n') {
                Some(end) => end + 1,
                None if is_end => rest.len(),
                None => break,
            };
            self.line(bytes, &rest[..length], pieces)?;
            self.at += length;
        }
        if is_end {
            self.end(bytes, bytes.len(), pieces)?;
        } else if matches!(self.place, In::Items { .. } | In::Trailer { .. })
            && self.at - self.start > self.small
        {
            self.items(bytes, pieces);
        }
        let gone = self.start;
        self.lines.forget(bytes, gone);
        self.at -= gone;
        self.start = 0;
        match &mut self.place {
            In::Items { starts, .. } => starts.iter_mut().for_each(|start| *start -= gone),
            In::Trailer { starts, end } => {
                starts.iter_mut().for_each(|start| *start -= gone);
                *end -= gone;
            }
            In::Plain | In::Header => {}
        }
        Ok(gone)
    }

    /// Looks at one line, which starts at `self.at`.
    fn line(&mut self, bytes: &[u8], line: &[u8], pieces: &mut Vec<Piece>) -> Result<(), Fault> {
        let at = self.at;
        let is_marker = |marker: &[u8]| {
            line.strip_prefix(marker)
                .is_some_and(|rest| rest.first().is_none_or(u8::is_ascii_whitespace))
        };
        if is_marker(b"---") && self.has_content || is_marker(b"...") {
            self.end(bytes, at, pieces)?;
            self.start = at + if is_marker(b"...") { line.len() } else { 0 };
        }
        if is_marker(b"...") {
            return Ok(());
        }
        if is_marker(b"---") {
            self.has_content = true;
            return Ok(());
        }
        let text = line.trim_ascii_end();
        let indentation = text.iter().take_while(|byte| **byte == b' ').count();
        let text = &text[indentation..];
        if text.is_empty() || text.starts_with(b"#") {
            return Ok(());
        }
        self.has_content |= !line.starts_with(b"%");
        let is_item = text == b"-" || text.starts_with(b"- ");
        match &mut self.place {
            In::Plain if self.envelope.is_none() && indentation == 0 && is_items(text) => {
                self.place = In::Header;
            }
            In::Header if is_item => {
                self.place = In::Items { indentation, starts: vec![at] };
            }
            In::Header => self.place = In::Plain,
            In::Items { indentation: of_items, starts } if indentation <= *of_items => {
                if indentation == *of_items && is_item {
                    starts.push(at);
                } else {
                    self.place = In::Trailer { starts: std::mem::take(starts), end: at };
                }
            }
            In::Plain | In::Items { .. } | In::Trailer { .. } => {}
        }
        Ok(())
    }

    /// Ends the document at `end`.
    fn end(&mut self, bytes: &[u8], end: usize, pieces: &mut Vec<Piece>) -> Result<(), Fault> {
        let is_list = matches!(self.place, In::Items { .. } | In::Trailer { .. });
        if let In::Items { starts, .. } = &mut self.place {
            self.place = In::Trailer { starts: std::mem::take(starts), end };
        }
        if self.envelope.is_some() || (is_list && end - self.start > self.small) {
            self.items(bytes, pieces);
            let line = self.lines.at(bytes, end);
            let mut envelope = self.envelope.take().unwrap_or_default();
            envelope.extend(&bytes[self.start..end]);
            check(&envelope).map_err(|what| Fault { line, what })?;
            pieces.push(Piece::end_of_list(end, line));
        } else if self.has_content {
            let line = self.lines.at(bytes, self.start);
            let range = self.start..end;
            pieces.push(Piece { range, line, form: Form::Yaml, in_list: false });
        }
        self.place = In::Plain;
        self.has_content = false;
        self.start = end;
        Ok(())
    }

    /// Makes pieces of the items. The last one is complete only if the items have ended.
    fn items(&mut self, bytes: &[u8], pieces: &mut Vec<Piece>) {
        let (starts, end) = match &mut self.place {
            In::Items { starts, .. } => (starts, None),
            In::Trailer { starts, end } => (starts, Some(*end)),
            In::Plain | In::Header => return,
        };
        if self.envelope.is_none() {
            let first = starts.first().copied().or(end).unwrap_or(self.start);
            self.envelope = Some(bytes[self.start..first].to_vec());
        }
        let ends: Vec<usize> = starts.iter().skip(1).copied().chain(end).collect();
        for (start, end) in starts.iter().zip(&ends) {
            let line = self.lines.at(bytes, *start);
            let range = *start..*end;
            pieces.push(Piece { range, line, form: Form::Yaml, in_list: true });
        }
        starts.drain(..ends.len().min(starts.len()));
        self.start = starts.first().copied().or(end).unwrap_or(self.start);
    }
}

/// Whether a line without its indentation is the key `items` without a value.
fn is_items(text: &[u8]) -> bool {
    let Some(rest) = text.strip_prefix(b"items:") else { return false };
    let rest = rest.trim_ascii_start();
    rest.is_empty() || rest.starts_with(b"#")
}

/// Checks what is around the items of a List. `kubectl` writes the kind after the items, so a List without a
/// kind is cut.
fn check(envelope: &[u8]) -> Result<(), Wrong> {
    let text = std::str::from_utf8(envelope).unwrap_or_default();
    match manifest_yaml::read(text) {
        Ok(document) => match document.node.get("kind").and_then(|kind| kind.as_str()) {
            Some(kind) if kind.ends_with("List") => Ok(()),
            _ => Err(Wrong::Cut),
        },
        Err(problem) => Err(Wrong::Syntax(problem.message.into_owned())),
    }
}
