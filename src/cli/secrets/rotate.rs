//! `sitewright secrets rotate`.

use super::View;
use crate::cli::arguments::{Format, Rotate};
use crate::cli::outcome::Outcome;
use crate::cli::render::made;
use crate::cli::terminal::{Terminal, number};
use crate::cli::today::or_today;
use serde_json::{Value, json};
use sitewright::apply::{Rotated, Rotation, Selection, rotation};
use sitewright::secret::Need;
use std::collections::BTreeMap;

pub(super) fn run(arguments: &Rotate, view: &View) -> Outcome {
    let selection = match arguments.names.as_slice() {
        [] => Selection::Fitting {
            cluster: arguments.cluster.clone(),
            sealed_for: arguments.sealed_for.clone(),
            made_before: arguments.older_than.map(|days| {
                // A password that is exactly so old is not older yet.
                or_today(arguments.today.as_ref()).saturating_sub(days)
            }),
            limit: arguments.limit,
        },
        names => Selection::Named(names.to_vec()),
    };
    let planned = match rotation(&selection, &view.ledger) {
        Ok(planned) => planned,
        Err(problems) => return view.fail(problems),
    };
    if arguments.dry_run {
        show_plan(&planned, view);
        return Outcome::Fine;
    }
    let report = match planned.record(&view.ledger) {
        Ok(rotated) => Report(rotated),
        Err(problems) => return view.fail(problems),
    };
    match view.terminal.format {
        Format::Json => {
            view.terminal.document(&[], &view.ledger.project.sources, report.json());
        }
        _ => report.show(view.terminal),
    }
    Outcome::Fine
}

/// What a rotation would do.
fn show_plan(planned: &Rotation, view: &View) {
    let Rotation { needs, former, left, .. } = planned;
    if view.terminal.format == Format::Json {
        let rotated = needs.iter().map(|(need, generation)| entry(need, former, *generation));
        let result = json!({
            "rotated": rotated.collect::<Vec<_>>(),
            "left": paths(left),
            "written": false,
        });
        return view.terminal.document(&[], &view.ledger.project.sources, result);
    }
    needs.iter().for_each(|(need, generation)| tell(need, former, *generation, view.terminal));
    tell_left(left, view.terminal);
    let count = number(needs.len(), "password");
    let line = "would be rotated; nothing was written, because of `--dry-run`";
    view.terminal.line(&format!("{count} {line}"));
}

/// A password with what follows from its rotation.
fn entry(need: &Need, former: &BTreeMap<String, Need>, generation: u32) -> Value {
    let Need { definition, wanted, .. } = need;
    json!({
        "definition": **definition,
        "namespace": wanted.namespace,
        "secret": wanted.name,
        "formerSecret": former.get(&need.path()).map(|need| need.wanted.name.as_str()),
        "key": need.key(),
        "generation": generation,
        "follows": wanted.purpose.follows,
    })
}

fn tell(need: &Need, former: &BTreeMap<String, Need>, generation: u32, terminal: &Terminal) {
    let wanted = &need.wanted;
    terminal.line(&format!("~ {}/{}: generation {generation}", need.path(), need.key()));
    terminal.line(&format!("    {}: {}", wanted.purpose.of, wanted.purpose.follows));
    if let Some(former) = former.get(&need.path()) {
        terminal.line(&format!(
            "    its Secret was {}: delete that Secret when this change is live, because then nothing reads it",
            former.wanted.name
        ));
    }
}

fn tell_left(left: &[(String, &str)], terminal: &Terminal) {
    for (path, why) in left {
        terminal.line(&format!("  {path}: not rotated, because {why}"));
    }
}

fn paths<'l>(left: &'l [(String, &str)]) -> Vec<&'l str> {
    left.iter().map(|(path, _)| path.as_str()).collect()
}

/// The report of a rotation.
struct Report(Rotated);

impl Report {
    fn json(&self) -> Value {
        let Rotated { passwords, former, left, recorded } = &self.0;
        let rotated = passwords.minted.iter();
        let rotated = rotated.map(|minted| entry(&minted.need, former, minted.record.generation));
        json!({
            "rotated": rotated.collect::<Vec<_>>(),
            "left": paths(left),
            "records": recorded.records,
            "clearText": recorded.plain,
            "removed": recorded.removed,
            "written": true,
        })
    }

    fn show(&self, terminal: &Terminal) {
        let Rotated { passwords, former, left, recorded } = &self.0;
        for minted in &passwords.minted {
            tell(&minted.need, former, minted.record.generation, terminal);
        }
        tell_left(left, terminal);
        for path in &recorded.removed {
            terminal.line(&format!("- {path}"));
        }
        if passwords.minted.is_empty() {
            terminal.line("no password was rotated");
            return;
        }
        for line in made(passwords, recorded) {
            terminal.line(&line);
        }
        terminal
            .line("Next: `sitewright render`, and commit its manifests together with the records.");
    }
}
