//! The texts that places point into.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

/// A file of this run, by its number in [`Sources`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId(pub u32);

impl FileId {
    /// The id of a text that is in no file of the project.
    pub const NONE: Self = Self(u32::MAX);
}

/// A range of a file, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Span {
    /// The file.
    pub file: FileId,
    /// The first byte.
    pub start: u32,
    /// The byte after the last.
    pub end: u32,
}

impl Span {
    /// The span of a value that was not read from a text.
    pub const NOWHERE: Self = Self { file: FileId::NONE, start: 0, end: 0 };

    /// The range `start..end` of `file`. Files are smaller than 4 GiB.
    pub fn new(file: FileId, start: usize, end: usize) -> Self {
        let clamp = |offset: usize| u32::try_from(offset).unwrap_or(u32::MAX);
        Self { file, start: clamp(start), end: clamp(end) }
    }

    /// The byte range within its file.
    pub fn range(self) -> std::ops::Range<usize> {
        self.start as usize..self.end as usize
    }
}

/// A line and a column. Both start at 1, and the column counts characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LineColumn {
    /// The line, from 1.
    pub line: usize,
    /// The character in the line, from 1.
    pub column: usize,
}

/// All files of a run: their paths as users write them, and their texts.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    files: Vec<(String, Arc<str>)>,
    /// Texts that an editor holds, by their paths.
    unsaved: BTreeMap<String, Arc<str>>,
}

impl Sources {
    /// No files yet. These texts, which an editor holds, take the place of the files at their paths.
    pub fn with_unsaved(unsaved: BTreeMap<String, Arc<str>>) -> Self {
        Self { files: Vec::new(), unsaved }
    }

    /// The text that takes the place of the file at a path.
    pub fn unsaved(&self, path: &str) -> Option<&str> {
        self.unsaved.get(path).map(|text| &**text)
    }

    /// Adds a file. `path` is relative to the project's folder and has `/` between its parts.
    pub fn add(&mut self, path: String, text: impl Into<Arc<str>>) -> FileId {
        let id = self.next_id();
        self.files.push((path, text.into()));
        id
    }

    /// The number that the next file will get.
    pub fn next_id(&self) -> FileId {
        FileId(u32::try_from(self.files.len()).unwrap_or(u32::MAX))
    }

    /// The path of a file.
    pub fn path(&self, id: FileId) -> &str {
        self.files.get(id.0 as usize).map_or("", |(path, _)| path)
    }

    /// The text of a file.
    pub fn text(&self, id: FileId) -> &str {
        self.files.get(id.0 as usize).map_or("", |(_, text)| text)
    }

    /// The text of a span. It does not borrow from the sources.
    pub fn excerpt(&self, span: Span) -> Option<Excerpt> {
        let (_, text) = self.files.get(span.file.0 as usize)?;
        text.get(span.range())?;
        Some(Excerpt { text: text.clone(), start: span.start, end: span.end })
    }

    /// The line and column where a span starts.
    pub fn start(&self, span: Span) -> LineColumn {
        line_column(self.text(span.file), span.start as usize)
    }

    /// Where a span ends: after its last character.
    pub fn end(&self, span: Span) -> LineColumn {
        line_column(self.text(span.file), span.end as usize)
    }

    /// `path:line`, the form in which `explain` shows an origin.
    pub fn line_of(&self, span: Span) -> String {
        format!("{}:{}", self.path(span.file), self.start(span).line)
    }
}

/// A text, or a range of a longer text that is in memory anyway.
#[derive(Clone)]
pub struct Excerpt {
    text: Arc<str>,
    start: u32,
    end: u32,
}

impl Deref for Excerpt {
    type Target = str;

    fn deref(&self) -> &str {
        &self.text[self.start as usize..self.end as usize]
    }
}

/// Texts are smaller than 4 GiB.
impl From<&str> for Excerpt {
    fn from(text: &str) -> Self {
        let end = u32::try_from(text.len()).unwrap_or(u32::MAX);
        Self { text: text.into(), start: 0, end }
    }
}

impl fmt::Debug for Excerpt {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        fmt::Debug::fmt(&**self, f)
    }
}

impl PartialEq for Excerpt {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl Eq for Excerpt {}

/// The line and column of a byte offset. An offset after the end means the end.
pub(super) fn line_column(text: &str, offset: usize) -> LineColumn {
    let mut offset = offset.min(text.len());
    while !text.is_char_boundary(offset) {
        offset -= 1;
    }
    let before = &text[..offset];
    let line_start = before.rfind('\n').map_or(0, |at| at + 1);
    LineColumn {
        line: before.bytes().filter(|byte| *byte == b'\n').count() + 1,
        column: before[line_start..].chars().count() + 1,
    }
}
