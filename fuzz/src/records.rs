//! The records of passwords: any text is read or refused with a place, and what is read stays the same when it
//! is written and read again.

use sitewright::diagnostic::{self, FileId, Sources};
use sitewright::secret::{RecordFile, Records, record_file};
use sitewright::source::{self, SecretsFile};

const SHOWN: &str = "sites/production/acme.secrets.yaml";

/// Runs the target.
pub fn run(input: &[u8]) {
    if input.len() > crate::MAX_INPUT {
        return;
    }
    let (text, problem) = source::decoded(input.to_vec(), SHOWN, FileId(0));
    if problem.is_some() {
        return;
    }
    let Some(records) = read(&text) else { return };
    let written = record_file::write("acme", &records);
    let again = read(&written);
    assert_eq!(again.as_ref(), Some(&records), "{text:?} became {written:?}");
    let twice = again.map(|again| record_file::write("acme", &again));
    assert_eq!(twice.as_ref(), Some(&written), "{text:?}");
    // The readers of Git's merge driver and of other tools.
    let theirs = serde_yaml::from_str::<serde_yaml::Value>(&written);
    assert!(theirs.is_ok(), "serde_yaml: {theirs:?}: {written:?}");
}

/// The records of a text. `None` if it is refused, with diagnostics that point into it.
fn read(text: &str) -> Option<Records> {
    let mut sources = Sources::default();
    let file = sources.add(SHOWN.to_owned(), text);
    let read = SecretsFile { path: "production/acme".to_owned(), file, is_read: true };
    let read = RecordFile::new(read, &sources);
    let (store, found) = (read.value, read.diagnostics);
    assert_eq!(store.is_sound, found.is_empty(), "{found:?}: {text:?}");
    crate::place::assert_placed(&found, &sources);
    let shown = diagnostic::text(&found, &sources, false);
    diagnostic::json(&found, &sources);
    for (secret, key, record) in store.records.iter() {
        // Each record has a place, and no report shows a ciphertext.
        let span = store.span(secret, key, &sources);
        assert!(
            text.get(span.range()).is_some_and(|it| !it.is_empty()),
            "{secret}/{key}: {text:?}"
        );
        let sealed = record.sealed.as_ref().map(|sealed| &*sealed.ciphertext);
        assert!(sealed.is_none_or(|sealed| !shown.contains(sealed)), "{shown}");
    }
    store.is_sound.then_some(store.records)
}
