//! The way of a definition's file from its bytes to its diagnostics and its canonical text: nothing panics,
//! each diagnostic points into the text, and the canonical text means the same and stays as it is.

use crate::place::assert_placed;
use sitewright::diagnostic::{self, Diagnostic, FileId, Sources};
use sitewright::formatting;
use sitewright::source::yaml::{self, MAX_PROBLEMS};
use sitewright::{language, source};

/// Where the file is in its project.
const BELOW: &str = "production/acme.yaml";

/// Runs the target.
pub fn run(input: &[u8]) {
    if input.len() > crate::MAX_INPUT {
        return;
    }
    let shown = format!("sites/{BELOW}");
    let (text, problem) = source::decoded(input.to_vec(), &shown, FileId(0));
    let mut sources = Sources::default();
    let file = sources.add(shown, text);
    let text = sources.text(file);
    let document = source::document(BELOW, text, file);
    let Some(document) = document else { panic!("{BELOW} is the name of a definition") };
    let is_yaml = document.value.node.is_some();
    let mut found = document.diagnostics;
    assert_eq!(is_yaml, found.is_empty(), "{text:?}: {found:?}");
    assert!(found.len() <= MAX_PROBLEMS, "{} problems: {text:?}", found.len());
    found.extend(language::definitions(vec![document.value], &sources).diagnostics);
    found.extend(problem);
    assert_placed(&found, &sources);
    diagnostic::sort(&mut found, &sources);
    let shown = diagnostic::text(&found, &sources, false);
    assert!(found.iter().all(|it| shown.contains(it.id())), "{shown}");
    diagnostic::json(&found, &sources);
    assert_fixes(&found, text);
    formats(text, is_yaml);
}

/// Fails if a fix would change what is around it into something that is no text.
fn assert_fixes(found: &[Diagnostic], text: &str) {
    for fix in found.iter().filter_map(|it| it.fix.as_ref()) {
        let mut fixed = text.to_owned();
        fixed.replace_range(fix.span.range(), &fix.text);
        let _ = yaml::read(&fixed, FileId(0));
    }
}

/// Fails unless the canonical text means the same as the text, and is its own canonical text.
fn formats(text: &str, is_yaml: bool) {
    let formatted = formatting::text(text);
    // A canonical text that means something else is a diagnostic.
    let unequal = formatted.diagnostics.iter().find(|it| it.code == diagnostic::Code::NotFormatted);
    assert!(unequal.is_none(), "{unequal:?}: {text:?}");
    let Some(edited) = formatted.edited.first().filter(|_| is_yaml) else { return };
    let (before, after) = (yaml::read(text, FileId(0)), yaml::read(&edited.after, FileId(0)));
    match (before, after) {
        (Ok(before), Ok(after)) => assert!(before.means_same(&after), "{text:?}: {edited:?}"),
        (before, after) => panic!("{before:?} became {after:?}: {text:?}"),
    }
    let again = formatting::text(&edited.after);
    assert!(again.edited.is_empty(), "{text:?}: {edited:?} became {:?}", again.edited);
    assert_eq!(again.unchanged, 1, "{text:?}: {edited:?}");
}
