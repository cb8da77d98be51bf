//! What may be written at a place: keys, the values that a field allows, and the names of definitions.
//!
//! A text is rarely valid while somebody writes it. So the keys that lead to a place are taken from the indentation of
//! the lines above it. Maps and lists in braces and brackets get no candidates.

use super::field::{Field, referenced};
use super::in_reach;
use crate::language::Kind;
use crate::project::Project;
use std::ops::Range;

/// What a candidate is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sort {
    /// A key.
    Key,
    /// One of the values that a field allows.
    Value,
    /// The name of a definition.
    Name,
}

/// Something that may be written at a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// The word.
    pub word: String,
    /// The text to write.
    pub text: String,
    /// What it is.
    pub sort: Sort,
    /// What it means.
    pub about: Option<String>,
}

/// The candidates of a place, and the range that they replace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidates {
    /// The start of a word up to the place.
    pub range: Range<usize>,
    /// The candidates, in the order of the language.
    pub all: Vec<Candidate>,
}

pub(super) fn candidates(
    project: Option<&Project>,
    path: &str,
    kind: Kind,
    text: &str,
    offset: usize,
) -> Option<Candidates> {
    let place = Place::of(text, offset)?;
    let all = match &place.key {
        Some(key) => {
            let field: Vec<String> = place.parents.iter().chain([key]).cloned().collect();
            values(project, path, kind, &field)
        }
        None => {
            let keys = keys(kind, &place);
            if keys.is_empty() { values(project, path, kind, &place.parents) } else { keys }
        }
    };
    Some(Candidates { range: place.start..offset, all })
}

fn keys(kind: Kind, place: &Place) -> Vec<Candidate> {
    let Some(parent) = Field::of(kind, &place.parents) else { return Vec::new() };
    let fields =
        parent.keys().into_iter().filter(|(key, _)| !place.beside.iter().any(|it| it == key));
    fields
        .map(|(key, field)| Candidate {
            word: key.to_owned(),
            text: if field.has_parts() { format!("{key}:") } else { format!("{key}: ") },
            sort: Sort::Key,
            about: field.description().map(str::to_owned),
        })
        .collect()
}

fn values(project: Option<&Project>, path: &str, kind: Kind, field: &[String]) -> Vec<Candidate> {
    let candidate = |word: &str, sort, about: Option<String>| Candidate {
        word: word.to_owned(),
        text: word.to_owned(),
        sort,
        about,
    };
    if field == ["kind"]
        && [Kind::Site, Kind::DatabaseServer, Kind::Bench, Kind::Plan].contains(&kind)
    {
        let kinds = [Kind::Site, Kind::DatabaseServer, Kind::Bench, Kind::Plan];
        return kinds.iter().map(|kind| candidate(kind.name(), Sort::Value, None)).collect();
    }
    if let (Some(wanted), Some(project)) = (referenced(kind, field), project) {
        let mut all: Vec<Candidate> = in_reach(project, path, wanted)
            .map(|it| {
                candidate(it.name(), Sort::Name, Some(format!("{} {}", wanted.name(), it.path())))
            })
            .collect();
        all.sort_by(|one, other| one.word.cmp(&other.word));
        return all;
    }
    let Some(field) = Field::of(kind, field) else { return Vec::new() };
    let choices = field.choices().into_iter();
    choices.map(|(word, about)| candidate(word, Sort::Value, about.map(str::to_owned))).collect()
}

/// A place in a text that is being written.
#[derive(Debug, PartialEq, Eq)]
struct Place {
    /// The keys of the maps around it. An item of a list counts as `0`.
    parents: Vec<String>,
    /// The key whose value is written. `None` where a key, or an item of a list, is written.
    key: Option<String>,
    /// The keys that the map has already.
    beside: Vec<String>,
    /// Where the word starts.
    start: usize,
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
    let end = rest.find(": ").or_else(|| rest.trim_end().strip_suffix(':').map(str::len));
    if let Some(end) = end.filter(|_| !rest.starts_with('#')) {
        found.push((column, Token::Key(rest[..end].trim_matches(['"', '\'']))));
    }
    (found, column)
}

impl Place {
    fn of(text: &str, offset: usize) -> Option<Self> {
        let line_start = text.get(..offset)?.rfind('\n').map_or(0, |at| at + 1);
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
        Some(Self { parents, key, beside, start })
    }
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
        for text in ["# |", "a: {|", "a: [b, |", "a: \"|", "a:|", "a: b # |"] {
            assert_eq!(place(text), None, "{text}");
        }
    }

    #[test]
    fn keys_and_values_are_those_of_the_field() {
        let of = |text: &str| {
            let offset = text.find('|').unwrap();
            let text = text.replacen('|', "", 1);
            let found = candidates(None, "sites/eu/a.yaml", Kind::Site, &text, offset).unwrap();
            let words = found.all.into_iter().map(|it| it.text).collect::<Vec<_>>();
            (text[found.range].to_owned(), words)
        };
        let (word, keys) = of("kind: Site\nsiteName: a\nda|");
        assert_eq!(word, "da");
        assert!(keys.contains(&"database:".to_owned()) && keys.contains(&"bench: ".to_owned()));
        assert!(!keys.iter().any(|key| key.starts_with("siteName")));
        let modes = ["shared", "dedicated", "external"].map(str::to_owned);
        assert_eq!(of("kind: Site\ndatabase:\n  mode: de|"), ("de".to_owned(), modes.to_vec()));
        assert_eq!(of("protect: |").1, ["true", "false"]);
        assert_eq!(of("kind: |").1, ["Site", "DatabaseServer", "Bench", "Plan"]);
    }
}
