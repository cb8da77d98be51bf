//! `sitewright status --watch`: asks again and again until it is interrupted, or until nobody reads the output.

use super::{Question, text};
use crate::cli::outcome::Outcome;
use crate::cli::render::fail;
use crate::cli::terminal::Terminal;
use crate::cli::watch::{CLEAR, only_text};
use sitewright::diagnostic::{Checked, Diagnostic, Reported, visible};
use sitewright::fleet_status::{FleetStatus, SiteStatus, State, changes};
use std::io::{self, IsTerminal as _};
use std::thread;
use std::time::Duration;

pub(super) fn run(question: &Question, pause: Duration, terminal: &Terminal) -> Outcome {
    only_text(terminal);
    // With `-q`, only problems are printed, and these are lines.
    let mut screen = Screen::new(io::stdout().is_terminal() && !terminal.quiet);
    let mut answer = question.ask();
    // A question that is wrong from the start stays wrong. Later, the cluster may only be away for a while.
    if let Err(problems) = &answer
        && !question.ends_with_a_delivery(problems)
    {
        return fail(problems.clone(), &question.project.sources, terminal);
    }
    loop {
        let Shown { out, problems } = match screen.is_redrawn {
            true => screen.redrawn(answer, |status| text::report(question, status, terminal)),
            false => screen.lines(answer, |site| question.lists(site)),
        };
        problems.iter().for_each(|problem| terminal.complain(problem));
        if !terminal.quiet {
            terminal.out_redacted(&out);
        }
        if terminal.is_closed() {
            return Outcome::Fine;
        }
        thread::sleep(pause);
        answer = question.ask();
    }
}

type Answer = Checked<Reported<FleetStatus>>;

/// What is printed after an answer. Everything is empty if nothing changed.
#[derive(Debug, Default, PartialEq)]
struct Shown {
    out: String,
    problems: Vec<String>,
}

/// What was shown last.
struct Screen {
    /// Whether the whole report is drawn again after a change. Otherwise, each change is a line.
    is_redrawn: bool,
    status: Option<FleetStatus>,
    /// The text on the terminal.
    frame: String,
    /// The problems that were told last.
    problems: Vec<String>,
}

impl Screen {
    fn new(is_redrawn: bool) -> Self {
        Self { is_redrawn, status: None, frame: String::new(), problems: Vec::new() }
    }

    /// A whole new screen, if it differs from what is shown. A failed question leaves the last report on it.
    fn redrawn(&mut self, answer: Answer, report: impl Fn(&FleetStatus) -> String) -> Shown {
        let (status, problems) = taken(answer);
        self.status = status.or(self.status.take());
        let mut frame = self.status.as_ref().map(report).unwrap_or_default();
        problems.iter().for_each(|problem| frame.push_str(&format!("\n{problem}\n")));
        if frame == self.frame {
            return Shown::default();
        }
        self.frame = frame;
        Shown { out: format!("{CLEAR}{}", self.frame), problems: Vec::new() }
    }

    /// The lines about what changed. At first, these are the counts and the sites that have failed.
    fn lines(&mut self, answer: Answer, lists: impl Fn(&SiteStatus) -> bool) -> Shown {
        let (status, problems) = taken(answer);
        let mut shown = Shown::default();
        if problems != self.problems {
            shown.problems.clone_from(&problems);
            if problems.is_empty() {
                shown.problems.push("kubectl answers again".to_owned());
            }
            self.problems = problems;
        }
        let Some(status) = status else { return shown };
        let mut line = |line: &str| shown.out.push_str(&format!("{line}\n"));
        let nothing = FleetStatus::default();
        if self.status.is_none() {
            line(&text::summary(&status));
        }
        for change in changes(self.status.as_ref().unwrap_or(&nothing), &status) {
            let is_told = self.status.is_some() || change.to == Some(State::Failed);
            if is_told && lists(change.site) {
                line(&text::changed(&change));
            }
        }
        self.status = Some(status);
        shown
    }
}

/// The statuses of an answer, if it has any, and its problems in one line each.
fn taken(answer: Answer) -> (Option<FleetStatus>, Vec<String>) {
    let (status, problems) = match answer {
        Ok(Reported { value, diagnostics }) => (Some(value), diagnostics),
        Err(problems) => (None, problems),
    };
    let told = |problem: &Diagnostic| {
        let word = if problem.is_error() { "error" } else { "warning" };
        format!("{word}[{}]: {}", problem.code.id(), visible(&problem.message))
    };
    (status, problems.iter().map(told).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use sitewright::diagnostic::Code;
    use sitewright::fleet_status::Reading;

    fn site(name: &str, state: State) -> SiteStatus {
        SiteStatus {
            definition: Some(format!("eu/{name}")),
            namespace: "erp".to_owned(),
            name: name.to_owned(),
            site_name: None,
            bench: None,
            server: None,
            state,
            reading: Reading::default(),
        }
    }

    fn answer(sites: &[(&str, State)]) -> Answer {
        let sites = sites.iter().map(|(name, state)| site(name, *state)).collect();
        let value = FleetStatus { cluster: "eu".to_owned(), lists_missing: true, sites };
        Ok(Reported { value, diagnostics: Vec::new() })
    }

    fn lost() -> Answer {
        Err(vec![Diagnostic::of_path(Code::Empty, "kubectl", "lost\u{1b}[2J")])
    }

    #[test]
    fn a_screen_is_drawn_again_only_if_something_changed() {
        let mut screen = Screen::new(true);
        let mut next =
            |answer| screen.redrawn(answer, |status| format!("{}\n", text::summary(status)));
        let ready = || answer(&[("a", State::Ready)]);
        let drawn = |text: &str| Shown { out: format!("{CLEAR}{text}"), problems: Vec::new() };
        assert_eq!(next(ready()), drawn("status of eu, 1 site: 1 Ready\n"));
        assert_eq!(next(ready()), Shown::default());
        let id = Code::Empty.id();
        let with_error =
            format!("status of eu, 1 site: 1 Ready\n\nerror[{id}]: lost\\u{{1b}}[2J\n");
        assert_eq!(next(lost()), drawn(&with_error));
        assert_eq!(next(lost()), Shown::default());
        assert_eq!(next(ready()), drawn("status of eu, 1 site: 1 Ready\n"));
        assert_eq!(
            next(answer(&[("a", State::Failed)])),
            drawn("status of eu, 1 site: 1 Failed\n")
        );
    }

    #[test]
    fn each_change_is_one_line() {
        let mut screen = Screen::new(false);
        let mut next = |answer| {
            let Shown { out, problems } = screen.lines(answer, |site| site.name != "hidden");
            (out, problems)
        };
        let told = |out: &str| (out.to_owned(), Vec::new());
        let start = [("a", State::Ready), ("b", State::Failed), ("hidden", State::Ready)];
        assert_eq!(
            next(answer(&start)),
            told("status of eu, 3 sites: 1 Failed, 2 Ready\neu/b: Failed\n")
        );
        assert_eq!(next(answer(&start)), told(""));
        let second = [("a", State::Failed), ("c", State::Pending), ("hidden", State::Failed)];
        assert_eq!(
            next(answer(&second)),
            told("eu/a: Ready → Failed\neu/c: Pending\neu/b: Failed → gone\n")
        );
        let problem = format!("error[{}]: lost\\u{{1b}}[2J", Code::Empty.id());
        assert_eq!(next(lost()), (String::new(), vec![problem]));
        assert_eq!(next(lost()), told(""));
        let back = (String::new(), vec!["kubectl answers again".to_owned()]);
        assert_eq!(next(answer(&second)), back);
    }
}
