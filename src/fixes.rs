//! Corrects what is certainly a mistake in the text of a definition: a misspelt key, quotes that are missing or too many.
//!
//! Each diagnostic that has one right answer carries its [`Fix`]. A fix is kept only if what it changes has no problem
//! afterwards.

use crate::diagnostic::{Code, Diagnostic, Fix, Place, Reported, Sources};
use crate::language::{self, Definition};
use crate::project::Project;
use crate::source::Edited;
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::ops::Range;

/// How often a text is read again: a problem of syntax hides the problems behind it.
const ROUNDS: usize = 8;

/// The files that fixes change, and how many there are.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Fixed {
    /// The files, in the order of their paths.
    pub files: Vec<Edited>,
    /// The number of fixes.
    pub count: usize,
}

/// Fixes what can be fixed in the definitions of a project. `found` has the diagnostics of reading it.
pub fn fix(project: &Project, found: &[Diagnostic]) -> Fixed {
    let mut by_file: BTreeMap<&str, &Definition> = BTreeMap::new();
    for fix in found.iter().filter_map(|found| found.fix.as_ref()) {
        let of = |it: &&Definition| it.file == fix.span.file;
        if let Some(definition) = project.definitions.iter().find(of) {
            by_file.insert(project.sources.path(definition.file), definition);
        }
    }
    let mut fixed = Fixed::default();
    for (path, definition) in by_file {
        let before = project.sources.text(definition.file).to_owned();
        let (after, count) = fixed_text(definition, path, &before);
        if count > 0 {
            fixed.count += count;
            fixed.files.push(Edited { path: path.to_owned(), before, after });
        }
    }
    fixed
}

/// The text of a definition with all fixes that hold, and their number.
fn fixed_text(definition: &Definition, path: &str, before: &str) -> (String, usize) {
    let (mut text, mut count) = (before.to_owned(), 0);
    // Fixes that did not hold. Other fixes move them, so they are known by what they replace.
    let mut failed: Vec<(String, Box<str>)> = Vec::new();
    for _ in 0..ROUNDS {
        let found = problems(definition, path, &text).into_iter();
        let fixes = found.filter_map(|found| Some((found.fix?, found.code == Code::UnknownKey)));
        let mut fixes: Vec<(Fix, bool)> = fixes.collect();
        // From the end, so that the places of the others stay.
        fixes.sort_by_key(|(fix, _)| Reverse(fix.span.start));
        fixes.dedup_by_key(|(fix, _)| fix.span.start);
        let before_round = count;
        for (fix, is_key) in fixes {
            let replaced = text[fix.span.range()].to_owned();
            if failed.contains(&(replaced.clone(), fix.text.clone())) {
                continue;
            }
            match applied(definition, path, &text, &fix, is_key) {
                None => failed.push((replaced, fix.text)),
                Some(new) => {
                    text = new;
                    count += 1;
                }
            }
        }
        if count == before_round {
            break;
        }
    }
    (text, count)
}

/// The text of a definition with one fix. `None` if what the fix changes has a problem then, or if its value belongs to
/// an unknown key.
fn applied(
    definition: &Definition,
    path: &str,
    text: &str,
    fix: &Fix,
    is_key: bool,
) -> Option<String> {
    let mut new = text.to_owned();
    new.replace_range(fix.span.range(), &fix.text);
    let start = fix.span.start as usize;
    let end = match is_key {
        true => end_of_entry(&new, start),
        false => start + fix.text.len(),
    };
    // Nobody knows what a key means that the language does not know, so nor what its value should be.
    let is_unsure = !is_key && is_of_unknown_key(definition, path, &new, start);
    (!is_unsure && !has_problem(definition, path, &new, start..end)).then_some(new)
}

/// The problems of a definition with this text that have a fix, each with that fix. A fix that does not hold by itself
/// is left out.
pub fn each(definition: &Definition, path: &str, text: &str) -> Vec<(Diagnostic, Fix)> {
    let holds = |found: &Diagnostic| {
        let fix = found.fix.clone()?;
        applied(definition, path, text, &fix, found.code == Code::UnknownKey)?;
        Some(fix)
    };
    let found = problems(definition, path, text).into_iter();
    found.filter_map(|found| holds(&found).map(|fix| (found, fix))).collect()
}

/// The problems of a definition with this text.
fn problems(definition: &Definition, path: &str, text: &str) -> Vec<Diagnostic> {
    let mut sources = Sources::default();
    let file = sources.add(path.to_owned(), text.to_owned());
    let Reported { value: document, mut diagnostics } = definition.reread(text, file);
    diagnostics.extend(language::definitions(vec![document], &sources).diagnostics);
    diagnostics
}

/// Whether a definition with this text has a problem in a part of it.
fn has_problem(definition: &Definition, path: &str, text: &str, part: Range<usize>) -> bool {
    problems(definition, path, text).iter().any(|found| match &found.place {
        Place::Span(span) => part.contains(&(span.start as usize)),
        _ => false,
    })
}

/// Whether a place is in the value of a key that is unknown.
fn is_of_unknown_key(definition: &Definition, path: &str, text: &str, at: usize) -> bool {
    problems(definition, path, text).iter().any(|found| match &found.place {
        Place::Span(span) if found.code == Code::UnknownKey => {
            let key = span.start as usize;
            (key..end_of_entry(text, key)).contains(&at)
        }
        _ => false,
    })
}

/// The end of the entry whose key starts here: the lines below that are indented further belong to its value.
fn end_of_entry(text: &str, start: usize) -> usize {
    let line = text[..start].rfind('\n').map_or(0, |end| end + 1);
    let column = start - line;
    let mut end = start;
    for line in text[start..].split_inclusive('\n') {
        let indent = line.len() - line.trim_start_matches(' ').len();
        let is_of_value = end == start || line.trim().is_empty() || indent > column;
        // The items of a list may stand as far left as its key.
        let is_item = indent == column && line.trim_start().starts_with("- ");
        if !is_of_value && !is_item {
            break;
        }
        end += line.len();
    }
    end
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::FileId;
    use crate::source::{Document, Role};

    fn fixed(text: &str) -> (String, usize) {
        let document = Document {
            role: Role::Definition,
            folders: ["c".to_owned()].into(),
            stem: "a".into(),
            file: FileId::NONE,
            node: None,
        };
        let definitions = language::definitions(vec![document], &Sources::default()).value;
        fixed_text(&definitions[0], "sites/c/a.yaml", text)
    }

    #[test]
    fn what_is_certain_is_fixed_and_comments_stay() {
        for (text, expected, count) in [
            (
                "kind: Site\nsitename: a.example.com # the name\nDatabase:\n  mode: shared\n",
                "kind: Site\nsiteName: a.example.com # the name\ndatabase:\n  mode: shared\n",
                2,
            ),
            (
                "kind: DatabaseServer\nversion: 10.11\nstorageSize: 5Gi\nmanaged: \"true\"\nlabels: {a: 1, b: yes}\n",
                "kind: DatabaseServer\nversion: \"10.11\"\nstorageSize: 5Gi\nmanaged: true\nlabels: {a: \"1\", b: \"yes\"}\n",
                4,
            ),
        ] {
            assert_eq!(fixed(text), (expected.to_owned(), count));
        }
    }

    #[test]
    fn what_is_not_certain_stays() {
        for text in [
            // Quoted, it would be a text where a boolean belongs.
            "kind: Site\nsiteName: a.example.com\nprotect: yes\n",
            // Quoted, it would be wrong if `protect` is meant.
            "kind: Site\nsiteName: a.example.com\nprotec: no\n",
            "kind: Site\nsiteName: a.example.com\nwhat:\n  flag: no\n",
            // Both keys are there.
            "kind: Site\nsiteName: a.example.com\nsitename: b.example.com\n",
            // The value does not fit the key that is meant.
            "kind: Site\nsiteName: a.example.com\nbenches: [a]\n",
            "kind: Site\nsiteName: a.example.com\nbenchs:\n  - a\n",
            "kind: Site\nsiteName: a.example.com\ndatabase:\n  mode: sharde\n",
        ] {
            assert_eq!(fixed(text), (text.to_owned(), 0));
        }
    }

    #[test]
    fn it_ends() {
        let text = "kind: Site\nsiteName: a.example.com\nlabels:\n".to_owned();
        let many: String = (0..200).map(|number| format!("  key{number}: {number}\n")).collect();
        let (_, count) = fixed(&(text + &many));
        assert_eq!(count, 200);
    }
}
