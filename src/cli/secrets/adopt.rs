//! `sitewright secrets adopt`.

use super::View;
use crate::cli::arguments::Format;
use crate::cli::outcome::Outcome;
use crate::cli::render::fail;
use crate::cli::terminal::number;
use serde_json::json;
use sitewright::apply::{Recorded, adoption, record_adopted, unmended};
use sitewright::diagnostic::{Code, Diagnostic, Sources, any_error};
use sitewright::secret::{self, Adopted, Change};
use sitewright::source;
use std::io::Read as _;
use std::path::{Path, PathBuf};

/// As much as is read of one file: a fleet of ten thousand sites takes it in parts.
const MAX_BYTES: u64 = 64 << 20;

/// `damage` is what is wrong with files of records: what restores all passwords of one replaces it.
pub(super) fn run(
    files: &[PathBuf],
    cluster: Option<&str>,
    view: &View,
    damage: Vec<Diagnostic>,
) -> Outcome {
    // What is read here is no part of the project.
    let mut sources = Sources::default();
    let mut diagnostics = Vec::new();
    let mut candidates = Vec::new();
    for (shown, text) in read(files, &mut diagnostics) {
        candidates.extend(secret::candidates(&shown, &text, &mut sources, &mut diagnostics));
    }
    let (adopted, refused) = adoption(&candidates, cluster, &view.ledger, &sources);
    diagnostics.extend(refused);
    if candidates.is_empty() && diagnostics.is_empty() {
        let message = "no object that carries a password stands in it";
        let help = "name what kubeseal printed, or a folder of manifests that were rendered";
        let shown = files.iter().map(|file| file.display().to_string()).collect::<Vec<_>>();
        let problem = Diagnostic::of_path(Code::NotAdoptable, shown.join(", "), message);
        diagnostics.push(problem.help(help));
    }
    if any_error(&diagnostics) {
        return fail(diagnostics, &sources, view.terminal);
    }
    let unmended = unmended(damage, &adopted, &view.ledger);
    if any_error(&unmended) {
        return view.fail(unmended);
    }
    match record_adopted(view.ledger.project, adopted.values()) {
        Ok(recorded) => report(view, &sources, adopted.into_values().collect(), &recorded),
        Err(problem) => fail(vec![*problem], &sources, view.terminal),
    }
}

/// The texts that are named, with what reports call them; of a folder, those of all manifests in and below it.
fn read(files: &[PathBuf], diagnostics: &mut Vec<Diagnostic>) -> Vec<(String, String)> {
    let mut texts = Vec::new();
    for file in files {
        if !file.is_dir() {
            texts.extend(text(file, diagnostics));
            continue;
        }
        let mut found = Vec::new();
        manifests(file, &mut found, diagnostics);
        if found.is_empty() {
            let message = "no file in it ends with .yaml, .yml or .json";
            let help = "name what kubeseal printed, or a folder of it";
            let shown = file.display().to_string();
            let problem = Diagnostic::of_path(Code::NotAdoptable, shown, message);
            diagnostics.push(problem.help(help));
        }
        texts.extend(found.iter().filter_map(|file| text(file, diagnostics)));
    }
    texts
}

fn manifests(folder: &Path, found: &mut Vec<PathBuf>, diagnostics: &mut Vec<Diagnostic>) {
    let entries = match source::entries(folder) {
        Ok(entries) => entries,
        Err(error) => {
            return diagnostics.push(source::unreadable(&folder.display().to_string(), &error));
        }
    };
    for (name, kind) in entries {
        let path = folder.join(&name);
        if kind.is_dir() && !name.starts_with('.') {
            manifests(&path, found, diagnostics);
        } else if kind.is_file() && [".yaml", ".yml", ".json"].iter().any(|e| name.ends_with(e)) {
            found.push(path);
        }
    }
}

fn text(file: &Path, diagnostics: &mut Vec<Diagnostic>) -> Option<(String, String)> {
    let is_input = file == Path::new("-");
    let shown = if is_input { "standard input".to_owned() } else { file.display().to_string() };
    let mut text = String::new();
    let read = match is_input {
        true => std::io::stdin().lock().take(MAX_BYTES).read_to_string(&mut text),
        false => {
            fs_err::File::open(file).and_then(|file| file.take(MAX_BYTES).read_to_string(&mut text))
        }
    };
    match read {
        Ok(_) => Some((shown, text)),
        Err(error) => {
            diagnostics.push(source::unreadable(&shown, &error));
            None
        }
    }
}

fn report(view: &View, sources: &Sources, adopted: Vec<Adopted>, recorded: &Recorded) -> Outcome {
    let terminal = view.terminal;
    let path = |adopted: &Adopted| format!("{}/{}", adopted.need.path(), adopted.need.key());
    if terminal.format == Format::Json {
        let list = adopted.iter().map(|adopted| {
            json!({
                "path": path(adopted),
                "generation": adopted.record.generation,
                "unchanged": adopted.change == Change::Same,
                "left": adopted.change == Change::Left,
            })
        });
        let result = json!({
            "adopted": list.collect::<Vec<_>>(),
            "records": recorded.records,
            "removed": recorded.removed,
        });
        terminal.document(&[], sources, result);
        return Outcome::Fine;
    }
    for adopted in &adopted {
        let generation = adopted.record.generation;
        match adopted.change {
            Change::Made => terminal.line(&format!("+ {}: generation {generation}", path(adopted))),
            Change::Left => terminal.line(&format!(
                "  {}: left, since a record has another value, of generation {generation}",
                path(adopted)
            )),
            Change::Same => {}
        }
    }
    for removed in &recorded.removed {
        terminal.line(&format!("- {removed}"));
    }
    let count = |change| adopted.iter().filter(|adopted| adopted.change == change).count();
    let (new, same) = (count(Change::Made), count(Change::Same));
    terminal.line(&format!("{} adopted, {same} recorded before", number(new, "password")));
    if new > 0 {
        terminal.line("Next: `sitewright render`, and commit its manifests with the records.");
    }
    Outcome::Fine
}
