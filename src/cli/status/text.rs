//! The report for people: the counts, then the sites that are not ready, the worst first.

use super::Question;
use crate::cli::terminal::{Terminal, number};
use sitewright::diagnostic::visible;
use sitewright::fleet_status::{Change, FleetStatus, SiteStatus, State};

/// How many sites of a state are listed without `-v`.
const LISTED: usize = 20;

pub(super) fn report(question: &Question, status: &FleetStatus, terminal: &Terminal) -> String {
    let paint = Paint { colour: terminal.colour_of_results() };
    let listed = if terminal.verbose { usize::MAX } else { LISTED };
    // Without `--phase`, a ready site is listed only if something is remarkable about it.
    let all = !question.arguments.phase.is_empty();
    let shows = |site: &&SiteStatus| {
        question.lists(site) && (all || site.state != State::Ready || !notes(site).is_empty())
    };
    let mut lines = vec![summary(status)];
    if !status.lists_missing {
        let note = "the Cluster does not state `status: true`: a site without a SiteDatabase is not listed";
        lines.push(note.to_owned());
    }
    for state in State::ALL {
        let of_state = status.sites.iter().filter(|site| site.state == state);
        let sites: Vec<&SiteStatus> = of_state.filter(shows).collect();
        if sites.is_empty() {
            continue;
        }
        lines.push(String::new());
        lines.push(paint.heading(state, all));
        sites.iter().take(listed).for_each(|site| lines.extend(about(site)));
        if sites.len() > listed {
            lines.push(format!("  and {} more; -v lists all", sites.len() - listed));
        }
    }
    lines.join("\n") + "\n"
}

/// The counts, in one line.
pub(super) fn summary(status: &FleetStatus) -> String {
    let counts = State::ALL.into_iter().map(|state| (status.count(state), state.words()));
    let notes = [(status.unknown(), "unknown to Git"), (status.stale(), "stale")];
    let listed = |counts: &mut dyn Iterator<Item = (usize, &str)>| {
        let counts = counts.filter(|(count, _)| *count > 0);
        counts.map(|(count, words)| format!("{count} {words}")).collect::<Vec<_>>().join(", ")
    };
    let all = number(status.sites.len(), "site");
    let mut line = format!("status of {}, {all}", status.cluster);
    for (start, counts) in
        [(": ", listed(&mut counts.into_iter())), ("; ", listed(&mut notes.into_iter()))]
    {
        if !counts.is_empty() {
            line.push_str(&format!("{start}{counts}"));
        }
    }
    line
}

struct Paint {
    colour: bool,
}

impl Paint {
    fn heading(&self, state: State, all: bool) -> String {
        let words = match state {
            State::Ready if !all => "Ready, but unknown to Git or stale",
            state => state.words(),
        };
        let code = match state {
            State::Failed => "1;31",
            State::Pending | State::NoStatus | State::NotInTheCluster => "1;33",
            State::Provisioning => "1;36",
            State::Ready => "1;32",
        };
        match self.colour {
            true => format!("\u{1b}[{code}m► {words}\u{1b}[0m"),
            false => format!("► {words}"),
        }
    }
}

/// The lines about a site.
fn about(site: &SiteStatus) -> Vec<String> {
    let of = [("bench", &site.bench), ("server", &site.server)];
    let of = of.into_iter().filter_map(|(what, name)| Some(format!("{what} {}", name.as_ref()?)));
    let title = [site.title()].into_iter().chain(of).chain(notes(site)).collect::<Vec<_>>();
    let mut lines = vec![visible(&title.join(", ")).into_owned()];
    lines.extend(why(site).map(|why| format!("  {why}")));
    lines
}

/// What is remarkable about a site, whatever its state.
fn notes(site: &SiteStatus) -> Vec<String> {
    let unknown = site.definition.is_none().then(|| "unknown to Git".to_owned());
    let stale = site.reading.is_stale().then(|| {
        let generation = |of: Option<i64>| of.unwrap_or_default();
        let (old, new) = (site.reading.observed_generation, site.reading.generation);
        format!("stale: the status is of generation {} of {}", generation(old), generation(new))
    });
    unknown.into_iter().chain(stale).collect()
}

/// Why a site is in its state, since when, and the last error.
fn why(site: &SiteStatus) -> Option<String> {
    let reading = &site.reading;
    let mut line = match (site.state, &reading.phase) {
        (State::NoStatus, None) => "the reconciler has not written a status".to_owned(),
        (State::NoStatus, Some(phase)) => {
            format!("this version of sitewright does not know the phase `{phase}`")
        }
        _ => reading.reason.clone().unwrap_or_default(),
    };
    if let Some(since) = &reading.since {
        line.push_str(&format!(" since {since}"));
    }
    if let Some(why) = reading.why().filter(|_| site.state != State::Ready) {
        line.push_str(&format!(": {why}"));
    }
    let line = visible(line.trim_start());
    (!line.is_empty()).then(|| line.into_owned())
}

/// A line about a change.
pub(super) fn changed(change: &Change) -> String {
    let words = |state: Option<State>| state.map_or("gone", State::words);
    let title = visible(&change.site.title()).into_owned();
    let from = change.from.map(|from| format!("{} → ", from.words())).unwrap_or_default();
    let why = change.to.and_then(|_| why(change.site)).map(|why| format!("; {why}"));
    let notes = match change.to {
        Some(_) => notes(change.site).iter().map(|note| format!(", {note}")).collect(),
        None => String::new(),
    };
    format!("{title}: {from}{}{notes}{}", words(change.to), why.unwrap_or_default())
}
