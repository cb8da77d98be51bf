//! Cuts a stream of bytes into pieces: the objects of JSON, and the documents or list items of YAML. A piece can
//! be read by itself, so pieces are read in parallel, and only those of one batch are in memory.

mod json;
mod yaml;

use json::JsonCutter;
use std::ops::Range;
use yaml::YamlCutter;

/// A part of a buffer that can be read by itself.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Piece {
    /// Its bytes in the buffer.
    pub(super) range: Range<usize>,
    /// The line of its first byte in the file, from 1.
    pub(super) line: u32,
    /// Its form.
    pub(super) form: Form,
    /// Whether it was cut out of a list.
    pub(super) in_list: bool,
}

/// The form of a piece.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// A JSON value.
    Json,
    /// A YAML document, or a list with one item.
    Yaml,
    /// Nothing: a list ends, all of whose items are pieces.
    EndOfList,
}

impl Piece {
    fn end_of_list(at: usize, line: u32) -> Self {
        Self { range: at..at, line, form: Form::EndOfList, in_list: false }
    }
}

/// Why the rest of a stream cannot be cut.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Fault {
    /// The line in the file, from 1.
    pub(super) line: u32,
    /// What is wrong.
    pub(super) what: Wrong,
}

/// What is wrong with a stream.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Wrong {
    /// It ends too early.
    Cut,
    /// It has another syntax than it should have.
    Syntax(String),
    /// Something that is not an object is where an object should be.
    NotAnObject,
}

/// Finds the pieces of one stream. The buffer of a call starts with what the last call left over.
pub(super) enum Cutter {
    Json(JsonCutter),
    Yaml(YamlCutter),
}

impl Cutter {
    /// The cutter for a stream that starts with these bytes.
    pub(super) fn of(start: &[u8]) -> Self {
        if is_json(start) {
            Self::Json(JsonCutter::default())
        } else {
            Self::Yaml(YamlCutter::default())
        }
    }

    /// The same, which cuts YAML Lists above this size.
    #[cfg(test)]
    pub(super) fn above(start: &[u8], small: usize) -> Self {
        match Self::of(start) {
            Self::Yaml(_) => Self::Yaml(YamlCutter::above(small)),
            json => json,
        }
    }

    /// Adds the complete pieces of `bytes`, and returns how many bytes are no longer needed. `is_end` says that
    /// the stream ends with the buffer.
    pub(super) fn cut(
        &mut self,
        bytes: &[u8],
        is_end: bool,
        pieces: &mut Vec<Piece>,
    ) -> Result<usize, Fault> {
        match self {
            Self::Json(cutter) => cutter.cut(bytes, is_end, pieces),
            Self::Yaml(cutter) => cutter.cut(bytes, is_end, pieces),
        }
    }

    /// The line on which the first byte of the next buffer is.
    pub(super) fn line(&self) -> u32 {
        match self {
            Self::Json(cutter) => cutter.lines.line,
            Self::Yaml(cutter) => cutter.lines.line,
        }
    }
}

/// Whether a text is JSON, by its first two signs. YAML may start with a brace too, and so may the template of
/// a manifest.
fn is_json(start: &[u8]) -> bool {
    let mut signs = start.iter().filter(|byte| !byte.is_ascii_whitespace());
    match (signs.next(), signs.next()) {
        (Some(b'{'), next) => matches!(next, None | Some(b'"' | b'}')),
        (Some(b'['), next) => matches!(next, None | Some(b'{' | b']')),
        _ => false,
    }
}

/// Counts lines in the order of a stream.
#[derive(Debug)]
struct Lines {
    /// The line at `counted`.
    line: u32,
    /// How many bytes of the buffer are counted.
    counted: usize,
}

impl Default for Lines {
    fn default() -> Self {
        Self { line: 1, counted: 0 }
    }
}

impl Lines {
    /// The line of a byte that is not before the last one that was asked for.
    fn at(&mut self, bytes: &[u8], at: usize) -> u32 {
        self.line += count(&bytes[self.counted.min(at)..at]);
        self.counted = self.counted.max(at);
        self.line
    }

    /// Forgets the first bytes of the buffer.
    fn forget(&mut self, bytes: &[u8], gone: usize) {
        self.at(bytes, gone);
        self.counted -= gone;
    }
}

fn count(bytes: &[u8]) -> u32 {
    // Sums of small blocks can be vectorised.
    let in_block = |block: &[u8]| block.iter().map(|byte| u8::from(*byte == b'\n')).sum::<u8>();
    bytes.chunks(192).map(|block| u32::from(in_block(block))).sum()
}
