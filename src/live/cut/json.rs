//! The objects of a JSON stream: of a List, of an array, or one after the other.

use super::{Fault, Form, Lines, Piece, Wrong};
use serde::Deserialize as _;
use serde::de::IgnoredAny;

/// Where the cutter is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum In {
    /// In no list: between top values, or in one.
    #[default]
    Top,
    /// In a list, and no item or comma was read yet.
    NewList,
    /// After an item of a list, or in it.
    Item,
    /// After a comma of a list.
    Comma,
}

/// Finds the objects of a JSON stream.
#[derive(Debug, Default)]
pub(in super::super) struct JsonCutter {
    pub(super) lines: Lines,
    /// The next byte to look at.
    at: usize,
    /// The first byte that is still needed, if the cutter is in a value.
    start: Option<usize>,
    depth: usize,
    /// The depth at which items begin. 0 outside of lists.
    base: usize,
    place: In,
    in_string: bool,
    /// What is around the items of a List.
    envelope: Vec<u8>,
}

impl JsonCutter {
    pub(super) fn cut(
        &mut self,
        bytes: &[u8],
        is_end: bool,
        pieces: &mut Vec<Piece>,
    ) -> Result<usize, Fault> {
        while self.at < bytes.len() {
            if self.in_string {
                self.string(bytes);
            } else if self.depth > self.base {
                self.inside(bytes, pieces)?;
            } else if !self.between(bytes, is_end, pieces)? {
                break;
            }
        }
        if is_end && (self.depth > 0 || self.in_string) {
            return Err(Fault { line: self.lines.at(bytes, bytes.len()), what: Wrong::Cut });
        }
        let gone = self.start.unwrap_or(self.at.min(bytes.len()));
        self.lines.forget(bytes, gone);
        self.at -= gone;
        self.start = self.start.map(|start| start - gone);
        Ok(gone)
    }

    /// Moves to the end of a string.
    fn string(&mut self, bytes: &[u8]) {
        let rest = &bytes[self.at..];
        match rest.iter().position(|byte| matches!(byte, b'"' | b'\\')) {
            Some(found) if rest[found] == b'"' => {
                self.in_string = false;
                self.at += found + 1;
            }
            // The sign after a backslash may be the first of the next buffer.
            Some(found) => self.at += found + 2,
            None => self.at = bytes.len(),
        }
    }

    /// Moves over one sign within a value.
    fn inside(&mut self, bytes: &[u8], pieces: &mut Vec<Piece>) -> Result<(), Fault> {
        let rest = &bytes[self.at..];
        let Some(found) = rest.iter().position(|byte| SIGNS[usize::from(*byte)]) else {
            self.at = bytes.len();
            return Ok(());
        };
        let at = self.at + found;
        self.at = at + 1;
        match bytes[at] {
            b'"' => self.in_string = true,
            b'[' if self.is_items(bytes, at) => {
                self.envelope.extend(&bytes[self.start.unwrap_or(at)..=at]);
                self.start = None;
                self.depth += 1;
                (self.base, self.place) = (self.depth, In::NewList);
            }
            b'{' | b'[' => self.depth += 1,
            _ => {
                self.depth -= 1;
                if self.depth == self.base {
                    self.end(bytes, at + 1, pieces)?;
                }
            }
        }
        Ok(())
    }

    /// Ends an item of a list, or a top value.
    fn end(&mut self, bytes: &[u8], end: usize, pieces: &mut Vec<Piece>) -> Result<(), Fault> {
        let Some(start) = self.start.take() else { return Ok(()) };
        let line = self.lines.at(bytes, start);
        let in_list = self.base > 0;
        if in_list || self.envelope.is_empty() {
            pieces.push(Piece { range: start..end, line, form: Form::Json, in_list });
            return Ok(());
        }
        self.envelope.extend(&bytes[start..end]);
        let envelope = std::mem::take(&mut self.envelope);
        check(&envelope).map_err(|what| Fault { line, what })?;
        pieces.push(Piece::end_of_list(end, line));
        Ok(())
    }

    /// Moves over one sign between values. `false` if the next buffer must say what the sign means.
    fn between(
        &mut self,
        bytes: &[u8],
        is_end: bool,
        pieces: &mut Vec<Piece>,
    ) -> Result<bool, Fault> {
        let at = self.at;
        let rest = &bytes[at..];
        let is_in_list = self.place != In::Top;
        let line = self.lines.at(bytes, at);
        let fault = |what| Err(Fault { line, what });
        let mut step = 1;
        match rest[0] {
            byte if byte.is_ascii_whitespace() => {}
            b'{' | b'[' if self.place == In::Item => {
                return fault(Wrong::Syntax("a comma is missing between two items".to_owned()));
            }
            b'[' if !is_in_list => {
                self.depth = 1;
                (self.base, self.place) = (1, In::NewList);
            }
            b'{' | b'[' => {
                self.start = Some(at);
                self.depth += 1;
                if is_in_list {
                    self.place = In::Item;
                }
            }
            b',' if self.place == In::Item => self.place = In::Comma,
            b']' if matches!(self.place, In::Item | In::NewList) => {
                self.depth -= 1;
                (self.base, self.place) = (0, In::Top);
                match self.depth {
                    0 => pieces.push(Piece::end_of_list(at, line)),
                    _ => self.start = Some(at),
                }
            }
            b',' | b']' | b'}' => {
                let shown = rest[0] as char;
                return fault(Wrong::Syntax(format!("`{shown}` is not allowed here")));
            }
            // Documents of a YAML stream may be JSON.
            b'-' if !is_in_list => match rest.get(..3) {
                Some(b"---") => step = 3,
                None if !is_end => return Ok(false),
                _ => return fault(Wrong::NotAnObject),
            },
            _ => return fault(Wrong::NotAnObject),
        }
        self.at += step;
        Ok(true)
    }

    /// Whether the bracket at `at` starts the items of a List.
    fn is_items(&self, bytes: &[u8], at: usize) -> bool {
        if self.depth != 1 || self.base != 0 {
            return false;
        }
        let before = &bytes[self.start.unwrap_or(at)..at];
        let before = before.trim_ascii_end().strip_suffix(b":").map(<[u8]>::trim_ascii_end);
        before.is_some_and(|before| before.ends_with(b"\"items\""))
    }
}

/// The signs that matter within a value.
const SIGNS: [bool; 256] = {
    let mut signs = [false; 256];
    let mut at = 0;
    while at < 5 {
        signs[b"\"{}[]"[at] as usize] = true;
        at += 1;
    }
    signs
};

/// Checks what is around the items of a List.
fn check(envelope: &[u8]) -> Result<(), Wrong> {
    let mut json = serde_json::Deserializer::from_slice(envelope);
    match IgnoredAny::deserialize(&mut json) {
        Ok(_) => Ok(()),
        Err(_) => Err(Wrong::Syntax("the List around the items is not valid JSON".to_owned())),
    }
}
