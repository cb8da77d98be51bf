//! `sitewright secrets prune`.

use super::View;
use crate::cli::arguments::Format;
use crate::cli::outcome::Outcome;
use crate::cli::terminal::number;
use serde_json::json;
use sitewright::diagnostic::Diagnostic;
use sitewright::secret::{Held, Unused, plain, store};
use std::collections::BTreeSet;

pub(super) fn run(view: &View) -> Outcome {
    let unused = &view.settlement.unused;
    let (changed, removed) = match prune(view) {
        Ok(done) => done,
        Err(problem) => return view.fail(vec![*problem]),
    };
    let path = |unused: &Unused| format!("{}/{}/{}", unused.definition, unused.secret, unused.key);
    let terminal = view.terminal;
    if terminal.format == Format::Json {
        let result = json!({
            "pruned": unused.iter().map(path).collect::<Vec<_>>(),
            "records": changed,
            "removed": removed,
        });
        terminal.document(&[], &view.project.sources, result);
        return Outcome::Fine;
    }
    for unused in unused {
        terminal.line(&format!("- {}", path(unused)));
    }
    for path in &removed {
        terminal.line(&format!("- {path}"));
    }
    terminal.line(&format!("{} pruned", number(unused.len(), "record")));
    Outcome::Fine
}

/// The files of records that changed, and the Secrets in clear text that went.
fn prune(view: &View) -> Result<(Vec<String>, Vec<String>), Box<Diagnostic>> {
    let project = view.project;
    let mut edit = store::Edit::new(&project.stores);
    for unused in &view.settlement.unused {
        edit.records(&unused.definition).remove(&unused.secret, &unused.key);
    }
    let unused: BTreeSet<(&str, &str, &str)> = (view.settlement.unused.iter())
        .map(|unused| (&*unused.definition, &*unused.secret, &*unused.key))
        .collect();
    // A Secret in clear text stays for as long as a record says that its value is there.
    let mut kept = BTreeSet::new();
    for store in &project.stores {
        for (secret, key, record) in store.records.iter() {
            if record.value == Held::Plain && !unused.contains(&(&*store.path, secret, key)) {
                kept.insert(format!("{}/{}/{secret}.yaml", plain::FOLDER, store.path));
            }
        }
    }
    let sites = &project.folders.sites;
    let changes = edit.changes(sites, &project.sources);
    store::write(&project.root, sites, &changes)?;
    let mut removed = Vec::new();
    for path in plain::files(&project.root) {
        if !kept.contains(&path) {
            removed.extend(plain::remove(&project.root, &path)?);
        }
    }
    Ok((changes.into_iter().map(|change| change.path).collect(), removed))
}
