//! Finds places within braces and brackets of a text that is being written.
//!
//! Such a text often misses its closing brace. So a map or list ends, at the latest, where a line is not indented more
//! than the key that it belongs to: YAML wants that of each of its lines.

use std::ops::Range;

/// A place within braces or brackets.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Inside<'t> {
    /// The keys from the outermost brace to the innermost. An item of a list counts as `0`.
    pub(super) parents: Vec<&'t str>,
    /// The key whose value is written. `None` where a key, or an item of a list, is written.
    pub(super) key: Option<&'t str>,
    /// The other keys of the innermost map.
    pub(super) beside: Vec<&'t str>,
    /// Where the word starts.
    pub(super) start: usize,
}

/// A map or list that is open.
#[derive(Debug)]
struct Open<'t> {
    is_map: bool,
    /// The key of the value that is read.
    key: Option<&'t str>,
    /// The keys that were read, each with its start.
    keys: Vec<(usize, &'t str)>,
    /// What is behind the last brace, comma or colon starts here.
    rest: usize,
}

/// Where a scan ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    /// In the open, where a word may be written.
    Plain,
    /// In quotes or in a comment.
    Hidden,
    /// Behind a closing brace.
    Closed,
}

/// Reads the text of a map or list in braces.
#[derive(Debug)]
struct Scan<'t> {
    text: &'t str,
    at: usize,
    open: Vec<Open<'t>>,
    /// The map or list that was closed last.
    closed: Option<Open<'t>>,
}

/// The byte range of the map or list whose brace stands at `brace`, as far as it may reach. `column` is that of the key or
/// dash in front of it.
pub(super) fn reach(text: &str, brace: usize, column: usize) -> Range<usize> {
    let mut end = brace;
    for (number, line) in text[brace..].split_inclusive('\n').enumerate() {
        let content = line.trim_start_matches(' ');
        let is_inside = line.len() - content.len() > column || content.starts_with(['}', ']']);
        if number > 0 && !is_inside && !content.trim().is_empty() {
            break;
        }
        end += line.len();
    }
    brace..end
}

/// Whether an offset is behind the last brace of the map or list in `range`.
pub(super) fn is_closed(text: &str, range: &Range<usize>, offset: usize) -> bool {
    Scan::new(text, range.start).run(offset.min(range.end), 1) == End::Closed
}

/// What an offset in the map or list in `range` stands for. `None` in quotes, in comments, and where no word can start.
pub(super) fn inside<'t>(text: &'t str, range: &Range<usize>, offset: usize) -> Option<Inside<'t>> {
    let mut scan = Scan::new(text, range.start);
    (scan.run(offset, 1) == End::Plain).then_some(())?;
    let (innermost, outer) = scan.open.split_last()?;
    let mut parents = outer.iter().map(Open::below).collect::<Option<Vec<_>>>()?;
    parents.extend((!innermost.is_map).then_some("0"));
    let (key, rest) = (innermost.key, &text[innermost.rest..offset]);
    let word = rest.trim_start();
    // Right behind the colon no value can start yet, and a word in quotes is complete.
    let is_new =
        (key.is_none() || rest.starts_with(char::is_whitespace)) && !word.starts_with(['"', '\'']);
    is_new.then_some(())?;
    let start = offset - word.len();
    let mut beside = scan.keys_of_the_innermost(range.end);
    beside.retain(|(at, _)| *at != start);
    Some(Inside { parents, key, beside: beside.into_iter().map(|(_, key)| key).collect(), start })
}

impl<'t> Open<'t> {
    /// The step to what is written in it.
    fn below(&self) -> Option<&'t str> {
        if self.is_map { self.key } else { Some("0") }
    }

    /// Takes the word in front of a colon as a key: if a space or the end follows, or if it is in quotes.
    fn end_key(&mut self, text: &'t str, colon: usize) {
        let word = text[self.rest..colon].trim_start();
        let key = word.trim_end();
        let rest = &text[colon + 1..];
        let is_key = key.ends_with(['"', '\''])
            || rest.is_empty()
            || rest.starts_with(|next: char| next.is_whitespace() || ",{}[]".contains(next));
        if is_key {
            let key = key.trim_matches(['"', '\'']);
            self.keys.push((colon - word.len(), key));
            (self.key, self.rest) = (Some(key), colon + 1);
        }
    }
}

impl<'t> Scan<'t> {
    fn new(text: &'t str, at: usize) -> Self {
        Self { text, at, open: Vec::new(), closed: None }
    }

    /// Reads on up to an offset, or until fewer than `depth` maps and lists are open.
    fn run(&mut self, until: usize, depth: usize) -> End {
        while self.at < until {
            let next = self.step();
            if next > until {
                return End::Hidden;
            }
            self.at = next;
            if self.open.len() < depth {
                return End::Closed;
            }
        }
        End::Plain
    }

    /// Reads one byte, or a whole text in quotes, or a comment. Returns the offset behind it: past the end of the text if
    /// it has no end.
    fn step(&mut self) -> usize {
        let (text, at) = (self.text, self.at);
        match (text.as_bytes()[at], self.open.last_mut()) {
            (brace @ (b'{' | b'['), _) => {
                let is_map = brace == b'{';
                self.open.push(Open { is_map, key: None, keys: Vec::new(), rest: at + 1 });
            }
            (b'}' | b']', _) => self.closed = self.open.pop(),
            (b',', Some(open)) => (open.key, open.rest) = (None, at + 1),
            (b':', Some(open)) if open.is_map && open.key.is_none() => {
                open.end_key(text, at);
            }
            (quote @ (b'"' | b'\''), Some(open)) if text[open.rest..at].trim().is_empty() => {
                return quoted(text, at, quote);
            }
            (b'#', _) if text[..at].ends_with(char::is_whitespace) => {
                return text[at..].find('\n').map_or(text.len(), |length| at + length) + 1;
            }
            _ => {}
        }
        at + 1
    }

    /// The keys of the map that is innermost now, up to its brace.
    fn keys_of_the_innermost(mut self, end: usize) -> Vec<(usize, &'t str)> {
        let depth = self.open.len();
        let innermost = match self.run(end, depth) {
            End::Closed => self.closed,
            End::Plain | End::Hidden => self.open.into_iter().nth(depth.saturating_sub(1)),
        };
        innermost.map(|it| it.keys).unwrap_or_default()
    }
}

/// The offset behind a text in quotes, past the end of the whole text if they are not closed.
fn quoted(text: &str, start: usize, quote: u8) -> usize {
    let mut bytes = text.bytes().enumerate().skip(start + 1);
    while let Some((at, byte)) = bytes.next() {
        match byte {
            b'\\' if quote == b'"' => drop(bytes.next()),
            // Two of them stand for one.
            b'\'' if quote == b'\'' && text[at + 1..].starts_with('\'') => drop(bytes.next()),
            _ if byte == quote => return at + 1,
            _ => {}
        }
    }
    text.len() + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A text without its `|`, and where that stood.
    fn marked(text: &str) -> (String, usize) {
        (text.replacen('|', "", 1), text.find('|').unwrap())
    }

    #[test]
    fn braces_lead_to_a_place() {
        for (text, parents, key, beside, word) in [
            ("{|", &[][..], None, &[][..], ""),
            ("{ mo|", &[], None, &[], "mo"),
            ("{mode: sh|", &[], Some("mode"), &["mode"], "sh"),
            ("{mode: shared, |", &[], None, &["mode"], ""),
            ("{a: b, | , c: d}", &[], None, &["a", "c"], ""),
            ("{a: b, x|y: z, c: {d: e}, f: [g]}", &[], None, &["a", "c", "f"], "x"),
            ("{a: {b: |", &["a"], Some("b"), &["b"], ""),
            ("{a: {b: c}, d: |}", &[], Some("d"), &["a", "d"], ""),
            ("[|", &["0"], None, &[], ""),
            ("[a, b|", &["0"], None, &[], "b"),
            ("{a: [{b: c}, {|", &["a", "0"], None, &[], ""),
            ("{\"a, b\": {'c''}': d, e|}}", &["a, b"], None, &["c''}"], "e"),
            ("{\"a\\\"}\": |}", &[], Some("a\\\"}"), &["a\\\"}"], ""),
            ("{a:b, c|", &[], None, &[], "c"),
            ("{a: b:c, d: |}", &[], Some("d"), &["a", "d"], ""),
            ("{a: http://b, |", &[], None, &["a"], ""),
            ("{a: b # }\n , |", &[], None, &["a"], ""),
            ("{\n  a: b,\n  |\n}", &[], None, &["a"], ""),
            ("{\n  a: b,\n  |\n  c: d\n}\n", &[], None, &["a", "c"], ""),
            // Without a closing brace, the map ends in front of what is not indented.
            ("{a: b, |\nc: d\n", &[], None, &["a"], ""),
        ] {
            let (text, offset) = marked(text);
            let found = inside(&text, &reach(&text, 0, 0), offset);
            let found = found.unwrap_or_else(|| panic!("{text}"));
            assert_eq!(found.parents, parents, "{text}");
            assert_eq!(found.key, key, "{text}");
            assert_eq!(found.beside, beside, "{text}");
            assert_eq!(&text[found.start..offset], word, "{text}");
        }
    }

    #[test]
    fn some_places_have_no_word() {
        for text in [
            "{a:|",
            "{a: \"|",
            "{a: \"b\"|",
            "{\"|",
            "{a: b # |",
            "{a: b # |\n}",
            "{a: 'b''|",
            "{{|",
            "{a: b}|",
            "{a: b} |",
        ] {
            let (text, offset) = marked(text);
            assert_eq!(inside(&text, &reach(&text, 0, 0), offset), None, "{text}");
        }
    }

    #[test]
    fn a_closing_brace_ends_a_map() {
        for (text, is_it) in [("{a: b}|", true), ("{a: {b: c}|", false), ("{a: '}'|", false)] {
            let (text, offset) = marked(text);
            assert_eq!(is_closed(&text, &reach(&text, 0, 0), offset), is_it, "{text}");
        }
    }
}
