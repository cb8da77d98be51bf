//! New passwords in place of those that are recorded.

use super::ledger::{Ledger, last_generation};
use super::records::{Recorded, record_rotated};
use crate::diagnostic::{Code, Diagnostic};
use crate::object::SecretSpec;
use crate::resolve::Fleet;
use crate::secret::{Need, Passwords, Settled, mint};
use std::collections::BTreeMap;

/// What was rotated.
#[derive(Debug)]
pub struct Rotated {
    /// The new passwords.
    pub passwords: Passwords,
    /// What has another Secret now, as it was, by its new path.
    pub former: BTreeMap<String, Need>,
    /// What was named and not rotated, since somebody else gives it.
    pub left: Vec<String>,
    /// What was written.
    pub recorded: Recorded,
}

/// Makes and records new passwords of all that these names stand for.
pub fn rotate(names: &[String], ledger: &Ledger) -> Result<Rotated, Vec<Diagnostic>> {
    let Ledger { project, fleet, .. } = ledger;
    let mut problems = Vec::new();
    let Choice { chosen, left } = choose(names, ledger, &mut problems);
    let (mut needs, mut former) = (Vec::new(), BTreeMap::new());
    for settled in chosen {
        let need = settled.need.renewed();
        let name = settled.secret();
        if name != need.wanted.name {
            let wanted = SecretSpec { name: name.to_owned(), ..need.wanted.clone() };
            former.insert(need.path(), Need { wanted, ..need.clone() });
        }
        match generation(settled, fleet) {
            Ok(generation) => needs.push((need, generation)),
            Err(problem) => problems.push(*problem),
        }
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    let minted = mint(needs, fleet, &project.certificates, |_| None)?;
    // Only what was made is written: what is recorded of the others stays as it is.
    let passwords = Passwords { minted, ..Passwords::default() };
    let recorded = record_rotated(project, &passwords, former.values());
    let recorded = recorded.map_err(|problem| vec![*problem])?;
    Ok(Rotated { passwords, former, left: left.into_iter().map(named).collect(), recorded })
}

/// What is rotated of what was named, by its path, and what is not.
struct Choice<'a> {
    chosen: Vec<&'a Settled>,
    left: Vec<&'a Settled>,
}

fn choose<'a>(names: &[String], ledger: &'a Ledger, problems: &mut Vec<Diagnostic>) -> Choice<'a> {
    let (mut chosen, mut left) = (Vec::new(), Vec::new());
    for name in names {
        match ledger.choose(name) {
            // Of a definition, what somebody else gave stays; alone, it is refused.
            Ok(found) => {
                let is_given = |settled: &&Settled| settled.need.must_be_given(ledger.fleet);
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
