//! `sitewright secrets list`.

use super::View;
use crate::cli::arguments::Format;
use crate::cli::outcome::Outcome;
use serde_json::{Value, json};
use sitewright::apply::{Ledger, Made, made};
use sitewright::diagnostic::{Checked, Diagnostic};
use sitewright::language::{Lookup, day};
use sitewright::output::Scope;
use sitewright::secret::{Certificate, Listed, Record, Settled, State, Unused, listed};
use std::collections::BTreeSet;

pub(super) fn run(paths: &[String], with_dates: bool, view: &View) -> Outcome {
    let scope = match scope(paths, view) {
        Ok(scope) => scope,
        Err(problems) => return view.fail(problems),
    };
    let settled = &view.ledger.settlement.settled;
    let settled: Vec<&Settled> =
        settled.iter().filter(|settled| scope.covers(&settled.need.definition)).collect();
    let unused = &view.ledger.settlement.unused;
    let unused: Vec<&Unused> =
        unused.iter().filter(|unused| scope.covers(&unused.definition)).collect();
    let dates = match with_dates.then(|| dates(&settled, view)).transpose() {
        Ok(dates) => dates.unwrap_or_else(|| vec![None; settled.len()]),
        Err(problem) => return view.fail(vec![*problem]),
    };
    let rows = settled.iter().zip(dates);
    let mut rows: Vec<Row> = rows.map(|(settled, since)| Row::new(settled, since, view)).collect();
    rows.sort_by(|one, other| one.settled.need.definition.cmp(&other.settled.need.definition));
    if view.terminal.format == Format::Json {
        let unused = unused.iter().map(|unused| {
            json!({
                "definition": unused.definition,
                "secret": unused.secret,
                "key": unused.key,
                "state": "unused",
            })
        });
        let result: Vec<Value> = rows.iter().map(Row::json).chain(unused).collect();
        view.terminal.document(&[], &view.ledger.project.sources, json!({"passwords": result}));
        return Outcome::Fine;
    }
    let unused = unused.iter().map(|unused| {
        let path = format!("{}/{}", unused.secret, unused.key);
        [unused.definition.clone(), path, String::new(), String::new(), "unused".to_owned()]
    });
    let lines: Vec<[String; 5]> = rows.iter().map(Row::cells).chain(unused).collect();
    let width = |column: usize| lines.iter().map(|line| line[column].len()).max().unwrap_or(0);
    let widths = [width(0), width(1), width(2), width(3)];
    for [definition, path, generation, since, value] in &lines {
        let since = if with_dates { format!("{since:<0$}  ", widths[3]) } else { String::new() };
        let line = format!(
            "{definition:<0$}  {path:<1$}  {generation:>2$}  {since}{value}",
            widths[0], widths[1], widths[2],
        );
        view.terminal.line(line.trim_end());
    }
    Outcome::Fine
}

/// The definitions of which the passwords are listed. A word may also mean a Secret or a key of one.
fn scope(words: &[String], view: &View) -> Checked<Scope> {
    let ledger = &view.ledger;
    if words.is_empty() || words.iter().any(|word| ledger.project.folders.is_all(word)) {
        return Ok(Scope::everything());
    }
    let unused = ledger.settlement.unused.iter().map(|it| it.definition.clone());
    let gone: BTreeSet<String> = unused.collect();
    let defined: BTreeSet<String> = ledger.project.definitions.iter().map(|it| it.path()).collect();
    let gone = gone.into_iter().filter(|path| !defined.contains(path));
    let lookup = Lookup::new(&ledger.project.definitions).and_paths(gone);
    let (mut paths, mut problems) = (Vec::new(), Vec::new());
    for word in words {
        let found = lookup.many(word, ledger.project.below(word));
        match (found, ledger.choose(word).as_deref()) {
            (Ok(found), _) => paths.extend(found),
            (Err(_), Ok([settled, ..])) => paths.push(settled.need.definition.to_string()),
            (Err(problem), _) => problems.push(*problem),
        }
    }
    if problems.is_empty() { Ok(Scope::of(paths)) } else { Err(problems) }
}

/// Since when each password has its generation.
fn dates(settled: &[&Settled], view: &View) -> Result<Vec<Option<Since>>, Box<Diagnostic>> {
    let made = made(settled, None, view.ledger.project)?;
    Ok(made.into_iter().map(|made| Some(Since(made))).collect())
}

/// Since when a password has its generation. `None` if it is not committed.
#[derive(Clone)]
struct Since(Option<Made>);

/// The facts of a password that a list shows.
struct Row<'s> {
    settled: &'s Settled,
    /// `None` if the dates are not asked for.
    since: Option<Since>,
    record: Option<(&'s Record, Listed<'s>)>,
    certificate: Option<&'s Certificate>,
    /// Whether the value is sealed for another key than the cluster's newest.
    is_older: bool,
}

impl<'s> Row<'s> {
    fn new(settled: &'s Settled, since: Option<Since>, view: &'s View) -> Self {
        let Ledger { project, fleet, .. } = &view.ledger;
        let record = settled.state.record();
        let cluster = &fleet.clusters[settled.need.cluster.0].name;
        let fingerprint = record.and_then(fingerprint);
        let mut known = project.certificates.of(cluster).iter();
        let certificate = known.find(|known| Some(known.fingerprint.as_str()) == fingerprint);
        let newest = project.certificates.newest(cluster);
        let newest = newest.map(|newest| newest.fingerprint.as_str());
        let is_older = certificate.is_some() && fingerprint != newest;
        let record = record.map(|it| (it, listed(it, &settled.need, &project.root)));
        Self { settled, since, record, certificate, is_older }
    }

    fn state(&self) -> &'static str {
        match &self.settled.state {
            State::Kept(_) => "recorded",
            State::Missing => "missing",
            State::Unfit(..) => "unfit",
            State::Lost(_) => "lost",
            State::Damaged(_) | State::Unknown => "unknown",
        }
    }

    /// The day since which the password has its generation, or that it is not committed.
    fn since(&self) -> String {
        match &self.since {
            Some(Since(Some(made))) => day::date(made.day),
            Some(Since(None)) if self.record.is_some() => "not committed".to_owned(),
            _ => String::new(),
        }
    }

    fn cells(&self) -> [String; 5] {
        let need = &self.settled.need;
        let generation = self.record.map(|(record, _)| record.generation.to_string());
        let mut value = match (self.certificate, self.record) {
            (Some(certificate), _) => certificate.file_name().to_owned(),
            (None, Some((_, listed))) => listed.whereabouts.to_owned(),
            (None, None) => self.state().to_owned(),
        };
        if self.is_older {
            value += " (an older key)";
        }
        if let State::Unfit(_, problem) = &self.settled.state {
            value += &format!(" (does not fit: {})", problem.code.id());
        }
        [
            need.definition.to_string(),
            format!("{}/{}", need.wanted.name, need.key()),
            generation.unwrap_or_default(),
            self.since(),
            value,
        ]
    }

    fn json(&self) -> Value {
        let need = &self.settled.need;
        let (record, listed) = self.record.unzip();
        let mut row = json!({
            "definition": *need.definition,
            "namespace": need.wanted.namespace,
            "secret": need.wanted.name,
            "key": need.key(),
            "state": self.state(),
            "generation": record.map(|record| record.generation),
            "policy": record.map(|record| record.policy.name()),
            "held": listed.map(|listed| listed.mode),
            "certificate": self.certificate.map(|certificate| certificate.path.as_str()),
            "sealedFor": record.and_then(fingerprint),
            "olderKey": self.is_older,
            "here": listed.is_some_and(|listed| listed.is_here),
        });
        if let Some(Since(made)) = &self.since {
            row["since"] = json!(made.as_ref().map(|made| day::date(made.day)));
            row["commit"] = json!(made.as_ref().map(|made| &made.commit));
        }
        row
    }
}

/// The fingerprint of the key for which a value is sealed, if it is known.
fn fingerprint(record: &Record) -> Option<&str> {
    record.sealed.as_ref()?.sealed_for.as_deref()
}
