//! Secrets of one definition with the same value. Two operators read a password in two namespaces, so
//! each namespace has a Secret with it. The values are made together, and have one generation.

use super::backend;
use super::need::{Settled, State};
use super::record::Record;
use crate::diagnostic::{Code, Diagnostic};
use std::sync::Arc;

/// The other Secrets with the same value. `settled` are the passwords of the definition.
pub fn partners<'s>(
    one: &'s Settled,
    settled: &'s [Settled],
) -> impl Iterator<Item = &'s Settled> + 's {
    let is_other = |other: &&Settled| other.need.wanted.name != one.need.wanted.name;
    settled.iter().filter(|other| other.need.is_paired_with(&one.need)).filter(is_other)
}

/// Finds Secrets that do not have the value of the Secret that they repeat. Nothing can copy a value that
/// is sealed or on another machine, so both Secrets then need a new one.
pub(super) fn check(settled: &mut [Settled]) {
    for settled in settled.chunk_by_mut(|one, next| one.need.definition == next.need.definition) {
        for copy in 0..settled.len() {
            if settled[copy].need.wanted.repeats.is_none() {
                continue;
            }
            let original = settled[copy].need.original();
            if let Some(at) = settled.iter().position(|it| it.need.wanted.name == *original) {
                pair(settled, at, copy);
            }
        }
    }
}

fn pair(settled: &mut [Settled], original: usize, copy: usize) {
    match (&settled[original].state, &settled[copy].state) {
        (State::Kept(first), State::Kept(second)) if !is_pair(first, second) => {
            let message = "does not have the value of";
            settled[copy].state = State::Unfit(
                Arc::clone(second),
                unpaired(&settled[copy], message, &settled[original]),
            );
        }
        (State::Kept(first), State::Missing) if !backend::of(first.mode).repeats_values() => {
            let message = "has a recorded value, and nothing can copy it to";
            let problem = unpaired(&settled[original], message, &settled[copy]);
            settled[original].state = State::Unfit(Arc::clone(first), problem);
            // One report is enough.
            settled[copy].state = State::Unknown;
        }
        (State::Missing, State::Kept(second)) => {
            let message = "has a record, and there is none of";
            let problem = unpaired(&settled[copy], message, &settled[original]);
            settled[copy].state = State::Unfit(Arc::clone(second), problem);
            settled[original].state = State::Unknown;
        }
        _ => {}
    }
}

fn is_pair(first: &Record, second: &Record) -> bool {
    first.generation == second.generation && first.mode == second.mode
}

fn unpaired(one: &Settled, what: &str, other: &Settled) -> Box<Diagnostic> {
    let (name, other) = (&one.need.wanted.name, &other.need.wanted.name);
    let message =
        format!("the Secret `{name}` {what} `{other}`, which must have the same password");
    let path = one.need.path();
    // SW716: two Secrets that do not share their password.
    Box::new(Diagnostic::new(Code::Unpaired, one.need.span, message).help(format!(
        "`sitewright secrets rotate {path}` makes a new password for both; or seal one password for both, and adopt \
         both files in one call"
    )))
}
