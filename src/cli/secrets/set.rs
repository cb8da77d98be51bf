//! `sitewright secrets set`.

use super::View;
use crate::cli::arguments::Format;
use crate::cli::outcome::Outcome;
use crate::cli::render::made;
use serde_json::json;
use sitewright::apply::{Set, given, set};
use sitewright::diagnostic::{Code, Diagnostic, cause};
use std::io::{self, IsTerminal as _, Read as _};
use zeroize::Zeroizing;

/// The most bytes that are read. No access key is that long.
const MOST: usize = 4096;

pub(super) fn run(name: &str, view: &View) -> Outcome {
    let settled = match given(name, &view.ledger) {
        Ok(settled) => settled,
        Err(problem) => return view.fail(vec![*problem]),
    };
    let text = match read(name) {
        Ok(text) => text,
        Err(problem) => return view.fail(vec![*problem]),
    };
    let Set { passwords, generation, recorded } = match set(settled, &text, &view.ledger) {
        Ok(set) => set,
        Err(problems) => return view.fail(problems),
    };
    let path = format!("{}/{}", settled.need.path(), settled.need.key());
    if view.terminal.format == Format::Json {
        let result = json!({
            "secret": path,
            "generation": generation,
            "records": recorded.records,
            "clearText": recorded.plain,
        });
        view.terminal.document(&[], &view.ledger.project.sources, result);
        return Outcome::Fine;
    }
    view.terminal.line(&format!("~ {path}: generation {generation}"));
    for line in made(&passwords, &recorded) {
        view.terminal.line(&line);
    }
    view.terminal.line("Next: `sitewright render`, and commit its manifests with the record.");
    Outcome::Fine
}

/// Reads the value from standard input, and removes the line end that files and `echo` add. It does
/// not read from a terminal, because the terminal would show the value.
fn read(name: &str) -> Result<Zeroizing<Vec<u8>>, Box<Diagnostic>> {
    let refuse = |message: String| {
        let help = format!("pipe it: `sitewright secrets set {name} < FILE`");
        // SW001: standard input cannot be read.
        let problem = Diagnostic::of_path(Code::Unreadable, "standard input", message);
        Err(Box::new(problem.help(help)))
    };
    let input = io::stdin();
    if input.is_terminal() {
        return refuse("the terminal would show a typed value".to_owned());
    }
    // The capacity is enough for the whole text, because a text that grows leaves copies in memory.
    let mut text = Zeroizing::new(Vec::with_capacity(MOST + 1));
    if let Err(error) = input.lock().take(MOST as u64 + 1).read_to_end(&mut text) {
        return refuse(format!("it cannot be read: {}", cause(&error)));
    }
    for end in [b'\n', b'\r'] {
        if text.last() == Some(&end) {
            text.pop();
        }
    }
    Ok(text)
}
