//! `sitewright secrets adopt`.

use super::View;
use crate::cli::arguments::Format;
use crate::cli::outcome::Outcome;
use crate::cli::render::fail;
use crate::cli::terminal::number;
use serde_json::json;
use sitewright::apply::{Recorded, adoption, record_adopted, unmended};
use sitewright::diagnostic::{Code, Diagnostic, Reported, Sources, any_error};
use sitewright::secret::{self, Adopted, Change};
use sitewright::source;
use std::io::Read as _;
use std::path::{Path, PathBuf};

/// The most that is read of one file. The Secrets of a large fleet need several files.
const MAX_BYTES: u64 = 64 << 20;

/// `damage` has the diagnostics of invalid files of records. An adoption that has all passwords of such
/// a file restores it.
pub(super) fn run(
    files: &[PathBuf],
    cluster: Option<&str>,
    is_dry: bool,
    view: &View,
    damage: Vec<Diagnostic>,
) -> Outcome {
    // The adopted files are no part of the project.
    let mut sources = Sources::default();
    let Reported { value: texts, mut diagnostics } = read(files);
    let mut candidates = Vec::new();
    for (shown, text) in texts {
        let found = secret::candidates(&shown, &text, &mut sources);
        candidates.extend(found.add_to(&mut diagnostics));
    }
    let adopted = adoption(&candidates, cluster, &view.ledger, &sources);
    let adopted = adopted.add_to(&mut diagnostics);
    if candidates.is_empty() && diagnostics.is_empty() {
        let message = "it contains no object that carries a password";
        let help = "name a file that kubeseal printed, or a folder of rendered manifests";
        let shown = files.iter().map(|file| file.display().to_string()).collect::<Vec<_>>();
        // SW710: a Secret that cannot be adopted.
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
    match record_adopted(view.ledger.project, adopted.values(), is_dry) {
        Ok(recorded) => {
            let adopted = adopted.into_values().collect();
            report(view, &sources, adopted, &recorded, is_dry)
        }
        Err(problem) => fail(vec![*problem], &sources, view.terminal),
    }
}

/// The names and texts of these files. A folder stands for all manifests in and below it. Files that
/// cannot be read are reported.
fn read(files: &[PathBuf]) -> Reported<Vec<(String, String)>> {
    let (mut texts, mut diagnostics) = (Vec::new(), Vec::new());
    for file in files {
        let found = match file.is_dir() {
            true => manifests(file).add_to(&mut diagnostics),
            false => vec![file.clone()],
        };
        if found.is_empty() {
            let message = "no file in it ends with .yaml, .yml or .json";
            let help = "name a file that kubeseal printed, or a folder of such files";
            let shown = file.display().to_string();
            let problem = Diagnostic::of_path(Code::NotAdoptable, shown, message);
            diagnostics.push(problem.help(help));
        }
        for file in &found {
            match text(file) {
                Ok(text) => texts.push(text),
                Err(problem) => diagnostics.push(*problem),
            }
        }
    }
    Reported { value: texts, diagnostics }
}

/// The manifests in and below a folder. Folders that cannot be read are reported.
fn manifests(folder: &Path) -> Reported<Vec<PathBuf>> {
    let entries = match source::entries(folder) {
        Ok(entries) => entries,
        Err(error) => {
            let problem = source::unreadable(&folder.display().to_string(), &error);
            return Reported { value: Vec::new(), diagnostics: vec![problem] };
        }
    };
    let (mut found, mut diagnostics) = (Vec::new(), Vec::new());
    for (name, kind) in entries {
        let path = folder.join(&name);
        if kind.is_dir() && !name.starts_with('.') {
            found.extend(manifests(&path).add_to(&mut diagnostics));
        } else if kind.is_file() && [".yaml", ".yml", ".json"].iter().any(|e| name.ends_with(e)) {
            found.push(path);
        }
    }
    Reported { value: found, diagnostics }
}

/// The name of a file in reports, and its text.
fn text(file: &Path) -> Result<(String, String), Box<Diagnostic>> {
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
        Ok(_) => Ok((shown, text)),
        Err(error) => Err(Box::new(source::unreadable(&shown, &error))),
    }
}

fn report(
    view: &View,
    sources: &Sources,
    adopted: Vec<Adopted>,
    recorded: &Recorded,
    is_dry: bool,
) -> Outcome {
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
            "written": !is_dry,
        });
        terminal.document(&[], sources, result);
        return Outcome::Fine;
    }
    for adopted in &adopted {
        let generation = adopted.record.generation;
        match adopted.change {
            Change::Made => terminal.line(&format!("+ {}: generation {generation}", path(adopted))),
            Change::Left => terminal.line(&format!(
                "  {}: not adopted, because its record has another value, of generation {generation}",
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
    let new_passwords = number(new, "password");
    terminal.line(&match is_dry {
        true => format!(
            "{new_passwords} would be adopted, {same} already recorded; nothing was written, because of `--dry-run`"
        ),
        false => format!("{new_passwords} adopted, {same} already recorded"),
    });
    if new > 0 && !is_dry {
        terminal.line("Next: `sitewright render`, and commit its manifests with the records.");
    }
    Outcome::Fine
}
