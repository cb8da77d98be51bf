//! Syntax that YAML readers interpret differently, apart from the meaning of a single scalar.
//!
//! YAML 1.2 allows syntax that libyaml and Go's readers refuse, and YAML 1.1 allows syntax that 1.2
//! refuses. This module refuses all syntax that any of them refuses or reads differently.
//! `tests/yaml.rs` compares with libyaml, `tests/kubectl.rs` with Go.

use crate::diagnostic::{Code, Diagnostic, FileId, Span};
use granit_parser::ScalarStyle;
use std::ops::Range;

/// Next line, line separator, paragraph separator. In YAML 1.1 each of them ends a line, and so a
/// comment. In a text in double quotes, libyaml and Go read the first as a space, and drop the
/// spaces around all of them.
const LINE_ENDS_OF_1_1: [char; 3] = ['\u{85}', '\u{2028}', '\u{2029}'];

/// The scalars of a text, in which tabs are allowed. Nearly all texts contain no tab, and then no
/// scalar is collected.
pub(super) struct Scalars {
    has_tab: bool,
    has_line_end: bool,
    found: Vec<(Range<usize>, ScalarStyle)>,
}

impl Scalars {
    pub(super) fn of(text: &str) -> Self {
        let has_line_end = !text.is_ascii() && text.contains(LINE_ENDS_OF_1_1);
        Self { has_tab: text.contains('\t'), has_line_end, found: Vec::new() }
    }

    /// Adds the next scalar. Scalars arrive in the order of the text.
    pub(super) fn put(&mut self, span: &Span, style: ScalarStyle) {
        if self.has_tab {
            self.found.push((span.range(), style));
        }
    }

    /// The tabs and line ends that readers interpret differently.
    pub(super) fn disputed(&self, text: &str, file: FileId) -> Vec<Diagnostic> {
        let mut found = Vec::new();
        if self.has_line_end {
            found.extend(line_ends(text, file));
        }
        if self.has_tab {
            found.extend(self.tabs(text).map(|at| tab(file, at)));
        }
        found
    }

    /// Whether a position is inside a scalar for which `is` holds.
    fn within(&self, at: usize, is: impl Fn(ScalarStyle) -> bool) -> bool {
        let next = self.found.partition_point(|(range, _)| range.start <= at);
        let last = next.checked_sub(1).map(|last| &self.found[last]);
        last.is_some_and(|(range, style)| at < range.end && is(*style))
    }

    /// The first tab in the indentation of each line: among the spaces at its start, or after the
    /// `-` of an item. libyaml and Go refuse such tabs.
    fn tabs(&self, text: &str) -> impl Iterator<Item = usize> {
        let indented = lines(text).filter_map(move |(start, line)| {
            let rest = line.trim_start_matches([' ', '\t', '-', '?', ':']);
            let tab = start + line[..line.len() - rest.len()].find('\t')?;
            // In a plain scalar of several lines, Go accepts or refuses a tab depending on its
            // position.
            (!self.within(tab, |it| it != ScalarStyle::Plain)).then_some(tab)
        });
        indented.chain(self.found.iter().filter_map(move |(range, style)| {
            let is_block = matches!(style, ScalarStyle::Literal | ScalarStyle::Folded);
            is_block.then(|| tab_of_block(text, range.clone())).flatten()
        }))
    }
}

fn line_ends(text: &str, file: FileId) -> impl Iterator<Item = Diagnostic> {
    // SW013: a character that ends a line for some YAML readers only.
    text.match_indices(LINE_ENDS_OF_1_1).map(move |(at, text)| {
        let code = text.chars().next().map_or(0, u32::from);
        let message =
            format!("YAML readers disagree about U+{code:04X}: in YAML 1.1 it ends a line");
        Diagnostic::new(Code::AmbiguousScalar, Span::new(file, at, at + text.len()), message)
            .help(format!("remove it; in a text, write \\u{code:04x} within double quotes"))
    })
}

/// The lines of a text with their positions. A carriage return alone also ends a line.
fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut at = 0;
    text.split_inclusive(['\n', '\r']).map(move |line| {
        let start = at;
        at += line.len();
        (start, line)
    })
}

/// The tab in the place of a block scalar's indentation. The first line that is not empty sets the
/// indentation. A block scalar whose header states the indentation is not checked.
fn tab_of_block(text: &str, range: Range<usize>) -> Option<usize> {
    let header = header_of(text, range.start);
    let below = header.end;
    if says(&text[header], |c| c.is_ascii_digit()) {
        return None;
    }
    let mut indent = None;
    lines(&text[below..range.end]).skip(1).find_map(|(start, line)| {
        let content = line.trim_start_matches(' ');
        let spaces = line.len() - content.len();
        if content.starts_with('\t') && indent.is_none_or(|indent| spaces < indent) {
            return Some(below + start + spaces);
        }
        if !content.trim_end_matches(['\n', '\r']).is_empty() {
            indent.get_or_insert(spaces);
        }
        None
    })
}

/// The header line above a block scalar. `start` is where the content starts.
fn header_of(text: &str, start: usize) -> Range<usize> {
    let end = text[..start].trim_end_matches([' ', '\t', '\n', '\r']).len();
    text[..end].rfind(['\n', '\r']).map_or(0, |before| before + 1)..end
}

/// Whether a header has such an indicator after its last `|` or `>`. A comment may follow.
fn says(header: &str, indicator: impl Fn(char) -> bool) -> bool {
    let stated = header.split(" #").next().unwrap_or_default();
    stated.chars().rev().take_while(|c| !"|>".contains(*c)).any(indicator)
}

/// The diagnostic for a tab in the indentation.
pub(super) fn tab(file: FileId, at: usize) -> Diagnostic {
    // SW011: a tab in the indentation.
    Diagnostic::new(Code::Tab, Span::new(file, at, at + 1), "the indentation contains a tab")
        .help("indent with spaces: two for each level")
}

/// Finds a tab in the leading white space of the line of `at` or of the line before. With `after`,
/// it also searches the next line: the parser reports such a tab at the end of the value before
/// it.
pub(super) fn tab_near(text: &str, at: usize, after: bool) -> Option<usize> {
    let mut at = at;
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    let line = text[..at].rfind('\n').map_or(0, |end| end + 1);
    let above = text[..line.saturating_sub(1)].rfind('\n').map_or(0, |end| end + 1);
    let below = text[at..].find('\n').filter(|_| after).map(|end| at + end + 1);
    [line, above].into_iter().chain(below).find_map(|start| {
        let rest = &text[start..];
        let indentation = rest.len() - rest.trim_start_matches([' ', '\t']).len();
        rest[..indentation].find('\t').map(|tab| start + tab)
    })
}

/// What is wrong with a scalar within brackets. libyaml and Go read `?` and `:` as syntax there:
/// `{?}`, `[a?]` and `[:a]` are errors, and `[a:]` contains the text `a:`. A key must be on one
/// line.
pub(super) fn in_brackets(
    text: &str,
    scalar: &str,
    style: ScalarStyle,
    span: Span,
) -> Option<Diagnostic> {
    let is_plain = style == ScalarStyle::Plain;
    // The value is left out.
    if span.start == span.end {
        return None;
    }
    let (start, end) = (span.start as usize, span.end as usize);
    let after = after_blanks(&text[end..]);
    if let Some(value) = after.strip_prefix(':') {
        if text[start..text.len() - after.len()].contains(['\n', '\r']) {
            let message = "a key and its `:` must be on one line";
            // SW010: not valid YAML.
            return Some(
                Diagnostic::new(Code::YamlSyntax, span, message)
                    .help("write `key: value` on one line"),
            );
        }
        if is_plain && value.starts_with([',', ']', '}']) {
            let help = "write a space after the `:`, or quote the text";
            return Some(differs(&format!("{scalar}:"), span, help));
        }
    }
    let signs = is_plain && (scalar.contains('?') || scalar.starts_with(':'));
    signs.then(|| differs(scalar, span, "put it in double quotes"))
}

/// The rest of the text after white space and comments.
fn after_blanks(text: &str) -> &str {
    let mut rest = text;
    loop {
        rest = rest.trim_start_matches([' ', '\t', '\n', '\r']);
        match rest.starts_with('#') {
            true => rest = rest.find(['\n', '\r']).map_or("", |end| &rest[end..]),
            false => return rest,
        }
    }
}

fn differs(shown: &str, span: Span, help: &'static str) -> Diagnostic {
    let message = format!("YAML readers disagree about `{shown}` within brackets");
    Diagnostic::new(Code::AmbiguousScalar, span, message).help(help)
}

/// Corrects a block scalar at the end of a file that has no final line end. The parser adds a line
/// end, and other readers do not. For a text that keeps all its line ends (`|+`) the parser adds
/// one only in some cases, so that text is refused.
pub(super) fn at_the_end<'s>(
    text: &str,
    scalar: &'s str,
    style: ScalarStyle,
    span: Span,
) -> Result<&'s str, Box<Diagnostic>> {
    let is_block = matches!(style, ScalarStyle::Literal | ScalarStyle::Folded);
    if !is_block || span.end as usize != text.len() || text.ends_with(['\n', '\r']) {
        return Ok(scalar);
    }
    let keeps = says(&text[header_of(text, span.start as usize)], |c| c == '+');
    // A text of blanks is empty unless its header keeps its line ends.
    if keeps || (!scalar.is_empty() && scalar.trim_matches('\n').is_empty()) {
        let message = "this text keeps its line ends, but the last one is missing";
        let help = "end the file with a line end, or write `-` instead of `+`";
        return Err(Box::new(Diagnostic::new(Code::AmbiguousScalar, span, message).help(help)));
    }
    Ok(scalar.strip_suffix('\n').unwrap_or(scalar))
}

/// The diagnostic for a `...` that ends no document. Some readers find no document after it.
pub(super) fn early_end(text: &str, file: FileId, document: usize) -> Option<Diagnostic> {
    let (at, _) = lines(&text[..document]).find(|(_, line)| line.starts_with("..."))?;
    let message = "this `...` ends a document, but no document has started";
    let span = Span::new(file, at, at + "...".len());
    Some(Diagnostic::new(Code::YamlSyntax, span, message).help("remove the line"))
}
