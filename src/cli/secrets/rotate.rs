//! `sitewright secrets rotate`.

use super::View;
use crate::cli::arguments::Format;
use crate::cli::outcome::Outcome;
use crate::cli::render::made;
use crate::cli::terminal::Terminal;
use serde_json::{Value, json};
use sitewright::apply::{Rotated, rotate};
use sitewright::secret::Need;

pub(super) fn run(names: &[String], view: &View) -> Outcome {
    let report = match rotate(names, &view.ledger) {
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

/// The report of a rotation.
struct Report(Rotated);

impl Report {
    fn json(&self) -> Value {
        let Rotated { passwords, former, left, recorded } = &self.0;
        let rotated = passwords.minted.iter().map(|minted| {
            let Need { definition, wanted, .. } = &minted.need;
            let former = former.get(&minted.need.path());
            json!({
                "definition": **definition,
                "namespace": wanted.namespace,
                "secret": wanted.name,
                "formerSecret": former.map(|need| need.wanted.name.as_str()),
                "key": minted.need.key(),
                "generation": minted.record.generation,
                "follows": wanted.purpose.follows,
            })
        });
        json!({
            "rotated": rotated.collect::<Vec<_>>(),
            "left": left,
            "records": recorded.records,
            "clearText": recorded.plain,
            "removed": recorded.removed,
        })
    }

    fn show(&self, terminal: &Terminal) {
        let Rotated { passwords, former, left, recorded } = &self.0;
        for minted in &passwords.minted {
            let Need { wanted, .. } = &minted.need;
            let path = format!("{}/{}", minted.need.path(), minted.need.key());
            terminal.line(&format!("~ {path}: generation {}", minted.record.generation));
            terminal.line(&format!("    {}: {}", wanted.purpose.of, wanted.purpose.follows));
            if let Some(former) = former.get(&minted.need.path()) {
                terminal.line(&format!(
                    "    its Secret was {}: delete that Secret when this change is live, because then nothing reads it",
                    former.wanted.name
                ));
            }
        }
        for path in left {
            terminal.line(&format!("  {path}: not rotated, because a third party gives it: use `sitewright secrets set`"));
        }
        for path in &recorded.removed {
            terminal.line(&format!("- {path}"));
        }
        for line in made(passwords, recorded) {
            terminal.line(&line);
        }
        terminal
            .line("Next: `sitewright render`, and commit its manifests together with the records.");
    }
}
