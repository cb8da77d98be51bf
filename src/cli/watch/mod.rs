//! `--watch`: runs a command again after each change of the files that it reads, until it is interrupted, or until
//! nobody reads the output.
//!
//! Events of the system only wake the loop. What changed follows from two looks at the files. So it does not matter
//! with which steps an editor or Git writes, and which events the system gives or loses. What the command itself wrote
//! is known, and is no change.

mod git;
mod inputs;
mod snapshot;
mod watcher;

pub(super) use inputs::Inputs;

use super::arguments::Format;
use super::call;
use super::outcome::Outcome;
use super::terminal::{Terminal, number};
use super::turn::Turn;
use clap::error::ErrorKind;
use snapshot::Snapshot;
use std::io::{self, IsTerminal as _};
use std::time::Duration;
use watcher::Watcher;

/// Moves to the upper left corner and clears the screen.
pub(super) const CLEAR: &str = "\u{1b}[H\u{1b}[2J";

/// What separates two runs where the output is no terminal.
const SEPARATOR: &str = "---\n";

/// The pause before another attempt, after another run did not end in time.
const AGAIN: Duration = Duration::from_secs(1);

/// Refuses another format than text, because its documents have no room for several runs.
pub(super) fn only_text(terminal: &Terminal) {
    if terminal.format != Format::Text {
        let message = "`--watch` prints text only: leave out `--format`, or `--watch`";
        call::wrong(ErrorKind::ArgumentConflict, message);
    }
}

/// Runs the command at once, and after each change. It only returns if the output reaches nobody any more, or if there
/// is no project at the start.
pub(super) fn run(inputs: &Inputs, terminal: &Terminal, turn: impl Fn() -> Turn) -> Outcome {
    only_text(terminal);
    let screen = Screen { terminal, is_cleared: io::stdout().is_terminal() };
    let mut watcher = Watcher::new(inputs.root());
    let mut seen = watcher.look(inputs);
    let mut is_first = true;
    screen.start(None);
    loop {
        let turn = turn();
        // A wrong folder stays wrong. Later, the folder may only be away for a while.
        if turn.has_no_project && is_first {
            return turn.outcome;
        }
        is_first = false;
        seen.take_in(inputs.root(), &turn.wrote);
        screen.end(&watcher.state(inputs));
        if terminal.is_closed() {
            return Outcome::Fine;
        }
        let patience = turn.met_another_run.then_some(AGAIN);
        let (now, changes) = next(&mut watcher, inputs, &seen, patience);
        screen.start(Some(changes));
        seen = now;
    }
}

/// Waits until files differ from those that were seen, or until the patience ends. Returns the present files and the
/// number of those that differ.
fn next(
    watcher: &mut Watcher,
    inputs: &Inputs,
    seen: &Snapshot,
    patience: Option<Duration>,
) -> (Snapshot, usize) {
    loop {
        let mut now = watcher.look(inputs);
        if now.differences(seen) > 0 {
            watcher.settle();
            now = watcher.look(inputs);
        }
        let changes = now.differences(seen);
        if changes > 0 {
            return (now, changes);
        }
        if !watcher.wait(patience) && patience.is_some() {
            return (now, 0);
        }
    }
}

/// Shows where one run ends and the next one starts. With `-q`, only diagnostics are printed.
struct Screen<'s> {
    terminal: &'s Terminal,
    /// Whether the screen is cleared before a run.
    is_cleared: bool,
}

impl Screen<'_> {
    /// Before a run. `changes` is the number of files that differ from those of the run before, if there was one.
    fn start(&self, changes: Option<usize>) {
        if self.terminal.quiet {
            return;
        }
        match (self.is_cleared, changes) {
            (true, _) => self.terminal.out(CLEAR),
            (false, Some(_)) => self.terminal.out(SEPARATOR),
            (false, None) => {}
        }
        if let Some(changes) = changes.filter(|changes| *changes > 0) {
            self.terminal.line(&format!("{} changed", number(changes, "file")));
        }
    }

    /// After a run.
    fn end(&self, state: &str) {
        let space = if self.is_cleared { "\n" } else { "" };
        self.terminal.line(&format!("{space}{state}; Ctrl-C ends"));
    }
}
