//! `sitewright secrets set`.

use super::{View, last_generation};
use crate::cli::arguments::Format;
use crate::cli::outcome::Outcome;
use crate::cli::render::made;
use serde_json::json;
use sitewright::apply::record;
use sitewright::diagnostic::{Code, Diagnostic};
use sitewright::secret::{self, Known, Need, Password, Passwords, Settled};
use std::io::{self, IsTerminal as _, Read as _};
use zeroize::Zeroizing;

/// More than any access key has.
const MOST: usize = 4096;

pub(super) fn run(name: &str, view: &View) -> Outcome {
    let settled = match choose(name, view) {
        Ok(settled) => settled,
        Err(problem) => return view.fail(vec![*problem]),
    };
    let text = match read(name) {
        Ok(text) => text,
        Err(problem) => return view.fail(vec![*problem]),
    };
    if Password::given(&text).is_none() {
        let message = "the value is not one word of at most 1024 letters, digits and signs";
        let help = "it has no spaces, quotes or backslashes, and stands on one line";
        let problem = Diagnostic::of_path(Code::BadValue, "standard input", message);
        return view.fail(vec![problem.help(help)]);
    }
    let generation = match settled.state.generation() {
        None => 1,
        Some(last) => match last.checked_add(1) {
            Some(next) => next,
            None => return view.fail(vec![last_generation(settled)]),
        },
    };
    let needs = vec![(settled.need.renewed(), generation)];
    let certificates = &view.project.certificates;
    let known = |_: &Need| {
        let password = Password::given(&text)?;
        Some(Known { password, kept: None })
    };
    let minted = match secret::mint(needs, view.fleet, certificates, known) {
        Ok(minted) => minted,
        Err(problems) => return view.fail(problems),
    };
    let passwords = Passwords { minted, ..Passwords::default() };
    let recorded = match record(view.project, &passwords) {
        Ok(recorded) => recorded,
        Err(problem) => return view.fail(vec![*problem]),
    };
    let path = format!("{}/{}", settled.need.path(), settled.need.key());
    if view.terminal.format == Format::Json {
        let result = json!({
            "secret": path,
            "generation": generation,
            "records": recorded.records,
            "clearText": recorded.plain,
        });
        view.terminal.document(&[], &view.project.sources, result);
        return Outcome::Fine;
    }
    view.terminal.line(&format!("~ {path}: generation {generation}"));
    for line in made(&passwords, &recorded) {
        view.terminal.line(&line);
    }
    view.terminal.line("Next: `sitewright render`, and commit its manifests with the record.");
    Outcome::Fine
}

/// The one Secret that is meant, which must be one whose value nobody here makes.
fn choose<'v>(name: &str, view: &'v View) -> Result<&'v Settled, Box<Diagnostic>> {
    let found = view.choose(name)?;
    let given: Vec<&Settled> =
        found.into_iter().filter(|settled| settled.need.must_be_given(view.fleet)).collect();
    let refuse = |message: String, help: &str| {
        Err(Box::new(Diagnostic::of_path(Code::NotRotatable, name, message).help(help)))
    };
    match given.as_slice() {
        [only] => Ok(only),
        [] => refuse(
            format!("`{name}` is not given by anybody"),
            "passwords are made here: `sitewright secrets rotate` makes a new one; what is kept in \
             a secret store is put there",
        ),
        several => {
            let paths: Vec<String> = several.iter().map(|settled| settled.need.path()).collect();
            refuse(format!("`{name}` may mean several: {}", paths.join(", ")), "name one of them")
        }
    }
}

/// The value, without the line end that files and `echo` add. Whoever types it would show it.
fn read(name: &str) -> Result<Zeroizing<Vec<u8>>, Box<Diagnostic>> {
    let refuse = |message: String| {
        let help = format!("pipe it: `sitewright secrets set {name} < FILE`");
        let problem = Diagnostic::of_path(Code::Unreadable, "standard input", message);
        Err(Box::new(problem.help(help)))
    };
    let input = io::stdin();
    if input.is_terminal() {
        return refuse("a value that is typed is shown".to_owned());
    }
    // Room for all of it: a text that grows leaves copies behind.
    let mut text = Zeroizing::new(Vec::with_capacity(MOST + 1));
    if let Err(error) = input.lock().take(MOST as u64 + 1).read_to_end(&mut text) {
        return refuse(format!("it cannot be read: {}", error.kind()));
    }
    for end in [b'\n', b'\r'] {
        if text.last() == Some(&end) {
            text.pop();
        }
    }
    Ok(text)
}
