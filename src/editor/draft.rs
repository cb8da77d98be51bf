//! Finds places in a text that is being written.
//!
//! Such a text is rarely valid YAML. So the keys that lead to a place are taken from the indentation of the lines above it,
//! and within braces and brackets from [`flow`].

use super::flow;
use std::ops::Range;

/// A place in a text that is being written.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Place {
    /// The keys of the maps around it. An item of a list counts as `0`.
    pub(super) parents: Vec<String>,
    /// The key whose value is written. `None` where a key, or an item of a list, is written.
    pub(super) key: Option<String>,
    /// The keys that the map has already.
    pub(super) beside: Vec<String>,
    /// Where the word starts.
    pub(super) start: usize,
    /// Whether it is within braces or brackets.
    pub(super) is_in_braces: bool,
}

/// What starts at a column of a line.
#[derive(Debug, PartialEq, Eq)]
enum Token<'t> {
    Item,
    Key(&'t str),
}

/// The dashes and the key at the start of a line, with their columns, and the column of what follows.
fn tokens(line: &str) -> (Vec<(usize, Token<'_>)>, usize) {
    let (mut found, mut column) = (Vec::new(), line.len() - line.trim_start_matches(' ').len());
    while let Some(rest) = line[column..].strip_prefix("- ") {
        found.push((column, Token::Item));
        column += 2 + rest.len() - rest.trim_start_matches(' ').len();
    }
    let rest = &line[column..];
    if rest.starts_with(['{', '[']) {
        return (found, column);
    }
    let end = rest.find(": ").or_else(|| rest.trim_end().strip_suffix(':').map(str::len));
    if let Some(end) = end.filter(|_| !rest.starts_with('#')) {
        found.push((column, Token::Key(rest[..end].trim_matches(['"', '\'']))));
    }
    (found, column)
}

/// The dashes and the key at the start of a line, and the column of the value.
fn tokens_and_value(line: &str) -> (Vec<(usize, Token<'_>)>, usize) {
    let (found, mut column) = tokens(line);
    if let Some((at, Token::Key(_))) = found.last() {
        let colon = line[*at..].find(": ").map_or(line.len(), |length| at + length + 1);
        column = line.len() - line[colon..].trim_start_matches(' ').len();
    }
    (found, column)
}

impl Place {
    /// The place at a byte offset. `None` where nothing can be completed: in comments and quotes.
    pub(super) fn of(text: &str, offset: usize) -> Option<Self> {
        let line_start = text.get(..offset)?.rfind('\n').map_or(0, |at| at + 1);
        if let Some((range, mut parents)) = braces(text, line_start, offset) {
            let inside = flow::inside(text, &range, offset)?;
            parents.extend(inside.parents.into_iter().map(str::to_owned));
            return Some(Self {
                parents,
                key: inside.key.map(str::to_owned),
                beside: inside.beside.into_iter().map(str::to_owned).collect(),
                start: inside.start,
                is_in_braces: true,
            });
        }
        let line = &text[line_start..offset];
        if line.contains(['#', '{', '[', '"', '\'']) {
            return None;
        }
        let (mut own, mut column) = tokens(line);
        let mut start = line_start + column;
        let mut key = None;
        if let Some((at, Token::Key(name))) = own.last() {
            (key, column) = (Some((*name).to_owned()), *at);
            let value = line[column + name.len()..].strip_prefix(':')?;
            start = offset - value.trim_start().len();
            // Right behind the colon no value can start yet.
            value.starts_with(' ').then_some(())?;
            own.pop();
        }
        let above: Vec<&str> = text[..line_start].lines().collect();
        let parents = parents(own, &above, column);
        let below = text[offset..].split('\n').skip(1);
        let beside = match own_item(line) {
            true => Vec::new(),
            false => keys_at(above.iter().rev().copied(), column, true),
        };
        let beside = beside.into_iter().chain(keys_at(below, column, false));
        let beside = beside.map(str::to_owned).collect();
        Some(Self { parents, key, beside, start, is_in_braces: false })
    }
}

/// The outermost map or list in braces that is open at an offset, and the keys that lead to it.
fn braces(text: &str, line_start: usize, offset: usize) -> Option<(Range<usize>, Vec<String>)> {
    let is_entry = |line: &str| {
        let first = line.chars().next();
        first.is_some_and(|first| !first.is_whitespace() && !['#', '}', ']'].contains(&first))
    };
    let mut starts = vec![line_start];
    while let Some(start) = starts.last().copied().filter(|at| *at > 0 && !is_entry(&text[*at..])) {
        starts.push(text[..start - 1].rfind('\n').map_or(0, |at| at + 1));
    }
    starts.into_iter().rev().find_map(|start| {
        let line = text[start..].split('\n').next()?;
        let (own, value) = tokens_and_value(line);
        let column = own.last()?.0;
        let brace = start + value;
        text.get(brace..offset)?.starts_with(['{', '[']).then_some(())?;
        let range = flow::reach(text, brace, column);
        let is_open = (offset < range.end || range.end == text.len())
            && (offset > line_start || start == line_start)
            && !flow::is_closed(text, &range, offset);
        is_open.then_some(())?;
        let above: Vec<&str> = text[..start].lines().collect();
        Some((range, parents(own, &above, usize::MAX)))
    })
}

/// The keys that lead to the key at a byte offset, this key included, and its range. `None` where no key is.
pub(super) fn key_at(text: &str, offset: usize) -> Option<(Vec<String>, Range<usize>)> {
    let line_start = text.get(..offset)?.rfind('\n').map_or(0, |at| at + 1);
    let line = text[line_start..].split('\n').next()?;
    let mut own = tokens(line).0;
    let (column, Token::Key(key)) = own.pop()? else { return None };
    // A key in quotes is shorter than what stands there.
    let range = line_start + column..line_start + column + key.len();
    let is_it = text.get(range.clone()) == Some(key) && (range.start..=range.end).contains(&offset);
    let above: Vec<&str> = is_it.then(|| text[..line_start].lines().collect())?;
    let mut path = parents(own, &above, column);
    path.push(key.to_owned());
    Some((path, range))
}

/// Whether a line starts an item of a list.
fn own_item(line: &str) -> bool {
    line.trim_start().starts_with("- ")
}

/// The keys that lead to a column, from the outermost.
fn parents(own: Vec<(usize, Token)>, above: &[&str], column: usize) -> Vec<String> {
    let (mut path, mut column, mut is_item) = (Vec::new(), column, false);
    let lines = above.iter().rev().map(|line| tokens(line).0);
    for tokens in std::iter::once(own).chain(lines) {
        for (at, token) in tokens.into_iter().rev() {
            match token {
                Token::Item if at < column => {
                    path.push("0".to_owned());
                    (column, is_item) = (at, true);
                }
                // The items of a list may stand as far left as its key.
                Token::Key(key) if at < column || (is_item && at == column) => {
                    path.push(key.to_owned());
                    (column, is_item) = (at, false);
                }
                _ => {}
            }
        }
    }
    path.reverse();
    path
}

/// The keys of the following lines at this column, up to the end of their map. Upward, the line that starts an item still
/// belongs to the map. Downward, it starts the next one.
fn keys_at<'t>(
    lines: impl Iterator<Item = &'t str>,
    column: usize,
    is_upward: bool,
) -> Vec<&'t str> {
    let mut keys = Vec::new();
    for line in lines {
        if line.trim().is_empty() || line.trim_start().starts_with('#') {
            continue;
        }
        let (tokens, start) = tokens(line);
        let is_outside = tokens.first().map_or(start, |(at, _)| *at) < column;
        if !is_outside || is_upward {
            let key = tokens.iter().find_map(|token| match token {
                (at, Token::Key(key)) if *at == column => Some(*key),
                _ => None,
            });
            keys.extend(key);
        }
        if is_outside {
            break;
        }
    }
    keys
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The place of the `|` in a text.
    fn place(text: &str) -> Option<Place> {
        let offset = text.find('|').unwrap();
        Place::of(&text.replacen('|', "", 1), offset)
    }

    #[test]
    fn indentation_leads_to_a_place() {
        for (text, parents, key) in [
            ("|", &[][..], None),
            ("kind: Site\nsi|", &[], None),
            ("kind: |", &[], Some("kind")),
            ("kind: Site\ndatabase:\n  |", &["database"], None),
            ("kind: Site\ndatabase:\n  mode: sh|", &["database"], Some("mode")),
            ("site:\n  database:\n    server: a\n  bench: |", &["site"], Some("bench")),
            ("apps:\n  - a\n  - |", &["apps", "0"], None),
            ("apps:\n- a\n- |", &["apps", "0"], None),
            ("workers:\n  - name: a\n    |", &["workers", "0"], None),
            ("workers:\n- name: a\n  kind: |", &["workers", "0"], Some("kind")),
        ] {
            let found = place(text).unwrap_or_else(|| panic!("{text}"));
            assert_eq!(found.parents, parents, "{text}");
            assert_eq!(found.key.as_deref(), key, "{text}");
        }
    }

    #[test]
    fn braces_are_below_the_keys_in_front_of_them() {
        for (text, parents, key, beside) in [
            ("database: {|", &["database"][..], None, &[][..]),
            ("site:\n  database: {mode: |", &["site", "database"], Some("mode"), &["mode"]),
            ("items:\n  - {a: b, |}\n", &["items", "0"], None, &["a"]),
            ("items:\n- name: a\n  more: [|", &["items", "0", "more", "0"], None, &[]),
            ("database: {\n  mode: shared,\n  |\n}\nbench: b\n", &["database"], None, &["mode"]),
            ("site:\n  database: {\n    mode: a,\n  s|", &["site"], None, &["database"]),
            ("site:\n  labels: {a: b\n  s|", &["site"], None, &["labels"]),
            ("labels: {a: b}\ndatabase:\n  |", &["database"], None, &[]),
            ("labels: {a: b\n|", &[], None, &["labels"]),
            ("a: {b: c}\nd: |", &[], Some("d"), &["a"]),
            // A brace within a word opens nothing.
            ("a: b{\nc: |", &[], Some("c"), &["a"]),
        ] {
            let found = place(text).unwrap_or_else(|| panic!("{text}"));
            assert_eq!(found.parents, parents, "{text}");
            assert_eq!(found.key.as_deref(), key, "{text}");
            assert_eq!(found.beside, beside, "{text}");
        }
    }

    #[test]
    fn keys_beside_are_those_of_the_same_map() {
        for (text, beside) in [
            (
                "kind: Site\ndatabase:\n  mode: shared\n|\nbench: b\n",
                &["database", "kind", "bench"][..],
            ),
            (
                "tls:\n  issuer: a\ndatabase:\n  mode: shared\n  |\n  server: m\nbench: b\n",
                &["mode", "server"],
            ),
            (
                "items:\n  - name: a\n    kind: b\n    |\n  - name: c\n    other: d\n",
                &["kind", "name"],
            ),
            ("items:\n  - name: a\n  - |\n", &[]),
        ] {
            assert_eq!(place(text).unwrap().beside, beside, "{text}");
        }
    }

    #[test]
    fn some_places_have_no_candidates() {
        for text in ["# |", "a: \"|", "a:|", "a: b # |", "a: {b: c} |", "a: {b: \"|"] {
            assert_eq!(place(text), None, "{text}");
        }
    }

    #[test]
    fn a_key_has_the_path_that_indentation_gives() {
        for (text, path) in [
            ("si|teName: a\n", &["siteName"][..]),
            ("kind: [\ndatabase:\n  mode|: shared\n", &["database", "mode"]),
            ("rules:\n  - a: {\n    |about: site\n", &["rules", "0", "about"]),
            ("rules:\n  - |a: b\n", &["rules", "0", "a"]),
        ] {
            let offset = text.find('|').unwrap();
            let text = text.replacen('|', "", 1);
            let (found, range) = key_at(&text, offset).unwrap_or_else(|| panic!("{text}"));
            assert_eq!(found, path, "{text}");
            assert_eq!(&text[range], *path.last().unwrap());
        }
        for text in ["a: |b\n", "# a|: b\n", "|", "\"a|\": b\n", "- |a\n", "|  a: b\n"] {
            let offset = text.find('|').unwrap();
            assert_eq!(key_at(&text.replacen('|', "", 1), offset), None, "{text}");
        }
    }
}
