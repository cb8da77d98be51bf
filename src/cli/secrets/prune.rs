//! `sitewright secrets prune`.

use super::View;
use crate::cli::arguments::Format;
use crate::cli::outcome::Outcome;
use crate::cli::terminal::number;
use serde_json::json;
use sitewright::diagnostic::Diagnostic;
use sitewright::secret::{Held, Records, Unused, plain, store};
use std::collections::{BTreeMap, BTreeSet};

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
    let mut wanted: BTreeMap<String, Records> = BTreeMap::new();
    for unused in &view.settlement.unused {
        let records = wanted.entry(unused.definition.clone()).or_insert_with(|| {
            let store = project.stores.iter().find(|store| store.path == unused.definition);
            store.map(|store| store.records.clone()).unwrap_or_default()
        });
        if let Some(keys) = records.get_mut(&unused.secret) {
            keys.remove(&unused.key);
            if keys.is_empty() {
                records.remove(&unused.secret);
            }
        }
    }
    // A Secret in clear text stays for as long as a record says that its value is there.
    let kept: BTreeSet<String> = project
        .stores
        .iter()
        .flat_map(|store| {
            let records = wanted.get(&store.path).unwrap_or(&store.records);
            let plain = records
                .iter()
                .filter(|(_, keys)| keys.values().any(|record| record.value == Held::Plain));
            plain.map(|(secret, _)| format!("{}/{}/{secret}.yaml", plain::FOLDER, store.path))
        })
        .collect();
    let sites = &project.folders.sites;
    let changes = store::changes(sites, wanted, &project.stores, &project.sources);
    store::write(&project.root, sites, &changes)?;
    let mut removed = Vec::new();
    for path in plain::files(&project.root) {
        if !kept.contains(&path) {
            removed.extend(plain::remove(&project.root, &path)?);
        }
    }
    Ok((changes.into_iter().map(|change| change.path).collect(), removed))
}
