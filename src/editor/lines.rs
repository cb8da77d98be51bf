//! The positions of editors: a line, and a column in units of UTF-16. Both start at 0.

/// A position.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    /// The line, from 0.
    pub line: usize,
    /// The number of UTF-16 units before it in the line.
    pub column: usize,
}

/// The position of a byte offset. An offset after the end means the end, and one inside a character means its start.
pub fn position(text: &str, offset: usize) -> Position {
    let mut offset = offset.min(text.len());
    while !text.is_char_boundary(offset) {
        offset -= 1;
    }
    let before = &text[..offset];
    let start = before.rfind('\n').map_or(0, |at| at + 1);
    Position {
        line: before.bytes().filter(|byte| *byte == b'\n').count(),
        column: before[start..].chars().map(char::len_utf16).sum(),
    }
}

/// The byte offset of a position. A column after the end of a line means its end, and a line after the last one means
/// the end of the text.
pub fn offset(text: &str, position: Position) -> usize {
    let mut start = 0;
    for _ in 0..position.line {
        match text[start..].find('\n') {
            Some(end) => start += end + 1,
            None => return text.len(),
        }
    }
    let line = text[start..].split('\n').next().unwrap_or_default();
    let line = line.strip_suffix('\r').unwrap_or(line);
    let mut units = 0;
    for (at, letter) in line.char_indices() {
        units += letter.len_utf16();
        if units > position.column {
            return start + at;
        }
    }
    start + line.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_units_of_utf_16() {
        let text = "a: é😀x\r\nb: 1\n";
        for (line, column, at) in
            [(0, 0, 0), (0, 3, 3), (0, 4, 5), (0, 6, 9), (0, 7, 10), (1, 0, 12)]
        {
            assert_eq!(offset(text, Position { line, column }), at, "{line}:{column}");
            assert_eq!(position(text, at), Position { line, column });
        }
    }

    #[test]
    fn no_position_is_outside_of_the_text() {
        let text = "a: 😀\nb";
        for (line, column, at) in
            [(0, 4, 3), (0, 99, 7), (1, 99, 9), (99, 0, 9), (usize::MAX, usize::MAX, 9)]
        {
            assert_eq!(offset(text, Position { line, column }), at, "{line}:{column}");
        }
        assert_eq!(position(text, 5), Position { line: 0, column: 3 });
        assert_eq!(position(text, usize::MAX), Position { line: 1, column: 1 });
    }
}
