//! What may be written at a place: keys, the values that a field allows, and the names of definitions.

use super::draft::Place;
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
            text: match field.has_parts() && !place.is_in_braces {
                true => format!("{key}:"),
                false => format!("{key}: "),
            },
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

#[cfg(test)]
mod tests {
    use super::*;

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
        let (word, keys) = of("kind: Site\ndatabase: {mode: shared, st|}\n");
        assert_eq!(word, "st");
        assert!(keys.contains(&"storageSize: ".to_owned()), "{keys:?}");
        assert!(!keys.iter().any(|key| key.starts_with("mode")));
        assert_eq!(of("kind: Site\ndatabase: {mode: de|").1, modes);
        assert!(of("site: {data|").1.is_empty());
        assert_eq!(of("kind: |").1, ["Site", "DatabaseServer", "Bench", "Plan"]);
    }
}
