//! `sitewright secrets rotate`.

use super::{View, last_generation};
use crate::cli::arguments::Format;
use crate::cli::outcome::Outcome;
use crate::cli::render::made;
use crate::cli::terminal::Terminal;
use serde_json::{Value, json};
use sitewright::apply::{self, Recorded};
use sitewright::diagnostic::{Code, Diagnostic};
use sitewright::provider::Wanted;
use sitewright::resolve::Fleet;
use sitewright::secret::{self, Need, Passwords, Settled};
use std::collections::BTreeMap;

pub(super) fn run(names: &[String], view: View) -> Outcome {
    let mut problems = Vec::new();
    let Choice { chosen, left } = choose(names, &view, &mut problems);
    let (mut needs, mut former) = (Vec::new(), BTreeMap::new());
    for settled in chosen {
        let need = settled.need.renewed();
        let name = settled.secret();
        if name != need.wanted.name {
            let wanted = Wanted { name: name.to_owned(), ..need.wanted.clone() };
            former.insert(need.path(), Need { wanted, ..need.clone() });
        }
        match generation(settled, view.fleet) {
            Ok(generation) => needs.push((need, generation)),
            Err(problem) => problems.push(*problem),
        }
    }
    if !problems.is_empty() {
        return view.fail(problems);
    }
    let certificates = &view.project.certificates;
    let minted = match secret::mint(needs, view.fleet, certificates, |_| None) {
        Ok(minted) => minted,
        Err(problems) => return view.fail(problems),
    };
    // Only what was made is written: what is recorded of the others stays as it is.
    let passwords = Passwords { minted, ..Passwords::default() };
    let recorded = match apply::record_rotated(view.project, &passwords, former.values()) {
        Ok(recorded) => recorded,
        Err(problem) => return view.fail(vec![*problem]),
    };
    let rotated =
        Rotated { passwords, former, left: left.into_iter().map(named).collect(), recorded };
    match view.terminal.format {
        Format::Json => view.terminal.document(&[], &view.project.sources, rotated.json()),
        _ => rotated.show(view.terminal),
    }
    Outcome::Fine
}

/// What was done.
struct Rotated {
    passwords: Passwords,
    /// What has another Secret now, as it was, by its new path.
    former: BTreeMap<String, Need>,
    /// What was not rotated of what was named.
    left: Vec<String>,
    recorded: Recorded,
}

/// What is rotated of what was named, by its path, and what is not.
struct Choice<'a> {
    chosen: Vec<&'a Settled>,
    left: Vec<&'a Settled>,
}

fn choose<'a>(names: &[String], view: &'a View, problems: &mut Vec<Diagnostic>) -> Choice<'a> {
    let (mut chosen, mut left) = (Vec::new(), Vec::new());
    for name in names {
        match view.choose(name) {
            // Of a definition, what somebody else gave stays; alone, it is refused.
            Ok(found) => {
                let is_given = |settled: &&Settled| settled.need.must_be_given(view.fleet);
                let (given, ours): (Vec<_>, Vec<_>) = found.into_iter().partition(is_given);
                let (rotated, kept) = if ours.is_empty() { (given, ours) } else { (ours, given) };
                chosen.extend(rotated);
                left.extend(kept);
            }
            Err(problem) => problems.push(*problem),
        }
    }
    chosen.sort_by_key(|settled: &&Settled| settled.need.path());
    chosen.dedup_by_key(|settled| settled.need.path());
    Choice { chosen, left }
}

fn named(settled: &Settled) -> String {
    format!("{}/{}", settled.need.path(), settled.need.key())
}

impl Rotated {
    fn json(&self) -> Value {
        let rotated = self.passwords.minted.iter().map(|minted| {
            let Need { definition, wanted, .. } = &minted.need;
            let former = self.former.get(&minted.need.path());
            json!({
                "definition": definition,
                "namespace": wanted.namespace,
                "secret": wanted.name,
                "formerSecret": former.map(|need| need.wanted.name.as_str()),
                "key": minted.need.key(),
                "generation": minted.record.generation,
                "follows": wanted.follows,
            })
        });
        json!({
            "rotated": rotated.collect::<Vec<_>>(),
            "left": self.left,
            "records": self.recorded.records,
            "clearText": self.recorded.plain,
            "removed": self.recorded.removed,
        })
    }

    fn show(&self, terminal: &Terminal) {
        for minted in &self.passwords.minted {
            let Need { wanted, .. } = &minted.need;
            let path = format!("{}/{}", minted.need.path(), minted.need.key());
            terminal.line(&format!("~ {path}: generation {}", minted.record.generation));
            terminal.line(&format!("    {}: {}", wanted.of, wanted.follows));
            if let Some(former) = self.former.get(&minted.need.path()) {
                terminal.line(&format!(
                    "    its Secret was {}, which nothing reads any more once this is live: delete it then",
                    former.wanted.name
                ));
            }
        }
        for path in &self.left {
            terminal.line(&format!("  {path}: left, since `secrets set` alone takes a new one"));
        }
        for path in &self.recorded.removed {
            terminal.line(&format!("- {path}"));
        }
        for line in made(&self.passwords, &self.recorded) {
            terminal.line(&line);
        }
        terminal
            .line("Next: `sitewright render`, and commit its manifests together with the records.");
    }
}

/// The generation that a rotated password gets.
fn generation(settled: &Settled, fleet: &Fleet) -> Result<u32, Box<Diagnostic>> {
    let need = &settled.need;
    let refuse = |message: String, help: &str| {
        Err(Box::new(Diagnostic::new(Code::NotRotatable, need.span, message).help(help)))
    };
    let path = named(settled);
    if need.must_be_given(fleet) {
        let message = format!("`{path}` is nothing that can be made here");
        return refuse(message, "get a new one where it comes from, and give it to `secrets set`");
    }
    if let Some(why) = need.wanted.fixed {
        let message = format!("`{path}` cannot be rotated: {why}");
        return refuse(message, "nothing was rotated: name the Secrets that can be, one by one");
    }
    match settled.state.generation() {
        Some(last) => last.checked_add(1).ok_or_else(|| Box::new(last_generation(settled))),
        None => {
            let message = format!("`{path}` has no record yet");
            refuse(message, "`sitewright render` makes the first password")
        }
    }
}
