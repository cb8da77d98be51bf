//! Dumps of clusters and other people's manifests: whatever `kubectl get -o yaml` or `-o json` may have printed, cut or
//! damaged, is read or refused, and what is read can be imported or refused.

use sitewright::diagnostic::{self, Sources};
use sitewright::import::{self, Request};
use sitewright::live::{self, Input, LiveObject, Options};
use std::io::Cursor;
use std::path::Path;

/// A folder without a project.
const NO_PROJECT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/seeds");

/// Runs the target.
pub fn run(input: &[u8]) {
    if input.len() > crate::MAX_INPUT {
        return;
    }
    let objects = read(input);
    if objects.iter().any(|object| import::is_wanted(&object.key.group, &object.key.kind)) {
        import(&objects);
    }
}

/// The objects of a dump.
fn read(input: &[u8]) -> Vec<LiveObject> {
    let from = Box::new(Cursor::new(input.to_vec()));
    let inputs = vec![Input::Stream { shown: "dump".to_owned(), from }];
    let options = Options { wanted: &|_, _| true, managers: true, statuses: true };
    let read = live::read(inputs, &options, &Some);
    let sources = Sources::default();
    let shown = diagnostic::text(&read.diagnostics, &sources, false);
    diagnostic::json(&read.diagnostics, &sources);
    let is_silent = read.diagnostics.is_empty() && read.value.summary.objects == 0;
    assert!(read.diagnostics.is_empty() || !shown.is_empty());
    // Nothing may vanish without a word.
    let left_alone = &read.value.summary.left_alone;
    assert!(!is_silent || is_empty_list(input) || !left_alone.is_empty(), "{input:?}");
    read.value.objects
}

/// Whether a dump has a List or is an array, which may be empty.
fn is_empty_list(input: &[u8]) -> bool {
    input.trim_ascii_start().starts_with(b"[") || input.windows(4).any(|word| word == b"List")
}

fn import(objects: &[LiveObject]) {
    let left_alone = Default::default();
    let request = Request {
        cluster: Some("production"),
        frappe: Some("2.6"),
        mariadb: Some("26.6"),
        left_alone: &left_alone,
    };
    match import::import(Path::new(NO_PROJECT), &request, objects) {
        Ok(import) => {
            diagnostic::text(&import.warnings, &import.project.sources, false);
        }
        Err(refused) => {
            assert!(!refused.diagnostics.is_empty());
            diagnostic::text(&refused.diagnostics, &refused.sources, false);
        }
    }
}
