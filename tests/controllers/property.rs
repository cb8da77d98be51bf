//! Sequences of commits at random.

use crate::commit::{Commit, Copy};
use crate::edit::{Edit, edits};
use crate::fleet::{Fleet, fleets};
use crate::model::Reach;
use crate::world::{Tally, World};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestError, TestRunner};
use std::cell::RefCell;

/// Edits, and how far the commit gets before the next one; nothing where the controllers see only a later one.
type Change = (Vec<Edit>, Option<Reach>);

fn changes() -> impl Strategy<Value = Vec<Change>> {
    let reach = prop_oneof![
        5 => Just(Some(Reach::All)),
        3 => Just(Some(Reach::Data)),
        2 => Just(None),
    ];
    let change = (prop::collection::vec(edits(), 1..=3), reach);
    prop::collection::vec(change, 3..=10)
}

#[derive(Debug, Default)]
struct Counts {
    accepted: usize,
    uncompiled: usize,
    denied: usize,
    tally: Tally,
}

/// Runs a sequence; what went against the rules.
fn run(mut fleet: Fleet, changes: &[Change], counts: &mut Counts) -> Vec<String> {
    let mut copy = Copy::new();
    let mut world = World::default();
    let mut last = Commit::none();
    let mut wrong = Vec::new();
    let first = (Vec::new(), Some(Reach::All));
    let steps = std::iter::once(&first).chain(changes);
    let steps: Vec<&Change> = steps.collect();
    for (step, (edits, reach)) in steps.iter().enumerate() {
        let mut next = fleet.clone();
        edits.iter().for_each(|edit| edit.apply(&mut next));
        match copy.compile(next.texts()) {
            Err(_) => counts.uncompiled += 1,
            Ok(commit) if !commit.denied_after(&last).is_empty() => counts.denied += 1,
            Ok(commit) => {
                counts.accepted += 1;
                next.records.clone_from(&commit.records);
                (fleet, last) = (next, commit);
                world.accept(&last);
            }
        }
        // Of what is accepted, the last is always seen in the end.
        let reach = if step + 1 == steps.len() { Some(Reach::All) } else { *reach };
        if let Some(reach) = reach {
            let found = world.sync(&last, reach).into_iter();
            wrong.extend(found.map(|why| format!("commit {step}: {why}")));
        }
    }
    let Tally { pruned, unseen, known, refused } = world.tally;
    let total = &mut counts.tally;
    total.pruned += pruned;
    total.unseen += unseen;
    total.known += known;
    total.refused += refused;
    wrong.extend(world.remove_engines());
    wrong
}

#[test]
fn what_the_gate_lets_pass_loses_nothing() {
    let counts = RefCell::new(Counts::default());
    let config = Config { failure_persistence: None, ..Config::with_cases(200) };
    let mut runner = TestRunner::new(config);
    let found = runner.run(&(fleets(), changes()), |(fleet, changes)| {
        let wrong = run(fleet, &changes, &mut counts.borrow_mut());
        prop_assert!(wrong.is_empty(), "{wrong:#?}");
        Ok(())
    });
    if let Err(TestError::Fail(why, (fleet, changes))) = found {
        panic!("{why}\n{fleet:?}\n{changes:?}");
    }
    // The run says something only if all of this happened in it.
    let counts = counts.into_inner();
    for happened in [
        counts.accepted,
        counts.uncompiled,
        counts.denied,
        counts.tally.pruned,
        counts.tally.unseen,
        counts.tally.refused,
    ] {
        assert!(happened > 0, "{counts:?}");
    }
}
