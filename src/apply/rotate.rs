//! Replaces recorded passwords by new ones.

use super::ledger::{Ledger, last_generation};
use super::records::{Recorded, record_rotated};
use crate::diagnostic::{Checked, Code, Diagnostic, Reported};
use crate::object::SecretSpec;
use crate::resolve::Fleet;
use crate::secret::{Need, Passwords, Settled, mint, must_be_given, partners};
use std::collections::BTreeMap;

/// The result of a rotation.
#[derive(Debug)]
pub struct Rotated {
    /// The new passwords.
    pub passwords: Passwords,
    /// The passwords whose Secret has another name now: each with its former Secret, by its new
    /// path.
    pub former: BTreeMap<String, Need>,
    /// The passwords that were named and not rotated, because a third party gives them.
    pub left: Vec<String>,
    /// The files that were written.
    pub recorded: Recorded,
}

/// Creates and records new passwords for everything that these names mean. It changes nothing if
/// one of them cannot be rotated.
pub fn rotate(names: &[String], ledger: &Ledger) -> Checked<Rotated> {
    let Ledger { project, fleet, .. } = ledger;
    let Reported { value: Choice { chosen, left }, diagnostics: mut problems } =
        choose(names, ledger);
    let (mut needs, mut former) = (Vec::new(), BTreeMap::new());
    let by_definition = ledger.settlement.by_definition();
    let paired = |settled: &Settled| {
        let all = by_definition.get(&*settled.need.definition).copied().unwrap_or_default();
        partners(settled, all).filter_map(|it| it.state.generation()).max()
    };
    for settled in chosen {
        let need = settled.need.renewed();
        let name = settled.secret();
        let has_name = |wanted: &SecretSpec| wanted.name == name;
        if let Some(wanted) = need.wanted.former().filter(has_name) {
            former.insert(need.path(), Need { wanted: wanted.into(), ..need.clone() });
        }
        match generation(settled, paired(settled), fleet) {
            Ok(generation) => needs.push((need, generation)),
            Err(problem) => problems.push(*problem),
        }
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    let minted = mint(needs, fleet, &project.certificates, |_| None)?;
    // Only the new passwords are written. The records of the others stay as they are.
    let passwords = Passwords { minted, ..Passwords::default() };
    let recorded = record_rotated(project, &passwords, former.values());
    let recorded = recorded.map_err(|problem| vec![*problem])?;
    Ok(Rotated { passwords, former, left: left.into_iter().map(named).collect(), recorded })
}

/// The named passwords: those to rotate, sorted by path, and those that are left.
struct Choice<'a> {
    chosen: Vec<&'a Settled>,
    left: Vec<&'a Settled>,
}

/// The passwords that these names mean. The other names are reported.
fn choose<'a>(names: &[String], ledger: &'a Ledger) -> Reported<Choice<'a>> {
    let (mut chosen, mut left, mut diagnostics) = (Vec::new(), Vec::new(), Vec::new());
    for name in names {
        match ledger.choose(name) {
            // A name that means several passwords leaves those that a third party gives. A name that
            // means only such passwords is refused later.
            Ok(found) => {
                let is_given = |settled: &&Settled| must_be_given(&settled.need, ledger.fleet);
                let (given, ours): (Vec<_>, Vec<_>) = found.into_iter().partition(is_given);
                let (rotated, kept) = if ours.is_empty() { (given, ours) } else { (ours, given) };
                chosen.extend(rotated);
                left.extend(kept);
            }
            Err(problem) => diagnostics.push(*problem),
        }
    }
    let by_definition = ledger.settlement.by_definition();
    let paired: Vec<&Settled> = (chosen.iter())
        .flat_map(|settled: &&'a Settled| {
            let all = by_definition.get(&*settled.need.definition).copied().unwrap_or_default();
            partners(settled, all)
        })
        .collect();
    chosen.extend(paired);
    chosen.sort_by_key(|settled: &&Settled| settled.need.path());
    chosen.dedup_by_key(|settled| settled.need.path());
    Reported { value: Choice { chosen, left }, diagnostics }
}

/// The name of a password in messages.
fn named(settled: &Settled) -> String {
    format!("{}/{}", settled.need.path(), settled.need.key())
}

/// The generation that a rotated password gets.
/// `paired` is the generation of another Secret with the same value.
fn generation(
    settled: &Settled,
    paired: Option<u32>,
    fleet: &Fleet,
) -> Result<u32, Box<Diagnostic>> {
    let need = &settled.need;
    let refuse = |message: String, help: &str| {
        // SW709: a password that cannot be rotated.
        Err(Box::new(Diagnostic::new(Code::NotRotatable, need.span, message).help(help)))
    };
    let path = named(settled);
    if let Some(why) = need.wanted.fixed {
        let message = format!("`{path}` cannot be rotated: {why}");
        return refuse(message, "name only Secrets that can be rotated; nothing was rotated");
    }
    if must_be_given(need, fleet) {
        let message = format!("sitewright cannot make `{path}`: a third party gives it");
        return refuse(
            message,
            "get a new value from the third party, and record it with `sitewright secrets set`",
        );
    }
    match settled.state.generation().max(paired) {
        Some(last) => last.checked_add(1).ok_or_else(|| Box::new(last_generation(settled))),
        None => {
            let message = format!("`{path}` has no record yet");
            refuse(message, "`sitewright render` makes the first password")
        }
    }
}
