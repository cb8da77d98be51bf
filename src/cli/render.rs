//! `sitewright render`.

use super::arguments::{Format, Render};
use super::outcome::Outcome;
use super::place::Place;
use super::terminal::{Terminal, number};
use serde_json::json;
use sitewright::Compiled;
use sitewright::diagnostic::{self, Code, Diagnostic, Sources, any_error};
use sitewright::diff;
use sitewright::language::{Definition, nearest_definition};
use sitewright::output::{Files, Prepared, Scope, Written, layout};
use sitewright::project::Project;
use sitewright::resolve::Fleet;
use sitewright::secret::{self, Missing, Passwords};
use std::path::Path;

pub(super) fn run(arguments: &Render, root: &Path, terminal: &Terminal) -> Outcome {
    let mut diagnostics = Vec::new();
    let progress = terminal.progress("rendering");
    let project = match Project::read(root, &mut diagnostics) {
        Ok(project) => project,
        Err(sources) => return fail(diagnostics, &sources, terminal),
    };
    let place = match Place::new(arguments.out.as_deref(), root, &project) {
        Ok(place) => place,
        Err(problem) => {
            diagnostics.push(*problem);
            return fail(diagnostics, &project.sources, terminal);
        }
    };
    let scope = scope(&arguments.paths, &place.path, &project, &mut diagnostics);
    let missing = match arguments.locked || arguments.stdout {
        true => Missing::Refuse(&scope),
        false => Missing::Mint(&scope),
    };
    if arguments.stdout {
        let compiled = sitewright::compile(&project, missing, &mut diagnostics);
        let Some(compiled) = compiled.filter(|_| !any_error(&diagnostics)) else {
            return fail(diagnostics, &project.sources, terminal);
        };
        drop(progress);
        print(&compiled.files, &scope, terminal);
        warn(diagnostics, &project.sources, terminal);
        return Outcome::Fine;
    }
    let folder = &place.folder;
    let writing = folder.writing(&scope);
    let compiled = sitewright::compile_into(&writing, &project, missing, &mut diagnostics);
    let Some(compiled) = compiled.filter(|_| !any_error(&diagnostics)) else {
        return fail(diagnostics, &project.sources, terminal);
    };
    // Records before manifests: whatever cuts the run off, a password that a manifest carries is
    // recorded, and the next run completes the manifests.
    let prepared = writing.prepare(&compiled.files, &compiled.elsewhere, arguments.force);
    let written = prepared.and_then(|prepared| {
        removals(&project, &compiled, &prepared, &place.path)?;
        let removed = &prepared.plan().removed;
        diagnostics.extend(renamed(removed.iter(), &compiled.fleet, &place.path));
        let recorded = record(&project, &compiled.passwords)?;
        Ok((prepared.commit()?, recorded))
    });
    let (written, recorded) = match written {
        Ok(written) => written,
        Err(problem) => {
            diagnostics.push(*problem);
            return fail(diagnostics, &project.sources, terminal);
        }
    };
    drop(progress);
    diagnostics.extend(folder.warnings(&written.kept));
    // What stands in the way of a manifest, or should be gone, leaves the folder out of date. Other
    // people's files beside ours do not.
    let blocked = written
        .kept
        .iter()
        .any(|entry| entry.wanted || entry.state == sitewright::output::State::Edited);
    report(diagnostics, &project, &compiled, &written, &recorded, terminal);
    compiled.leave();
    project.leave();
    Outcome::of(&[], blocked)
}

/// Refuses to take away more than the project allows.
fn removals(
    project: &Project,
    compiled: &Compiled,
    prepared: &Prepared,
    place: &Path,
) -> Result<(), Box<Diagnostic>> {
    let plan = prepared.plan();
    let allowed = project.output.max_removals.filter(|_| !plan.removed.is_empty());
    if allowed.is_none() {
        return Ok(());
    }
    let old = plan.removed.iter().chain(&plan.updated);
    let old = old.filter_map(|path| Some((path.clone(), std::fs::read(place.join(path)).ok()?)));
    let new = plan.created.iter().chain(&plan.updated);
    let new = new.filter_map(|path| Some((path.clone(), prepared.bytes(path)?)));
    // What cannot be read for an object stands for none.
    let (base, head) = diff::tree::differing(&old.collect(), &new.collect(), &mut Vec::new());
    match diff::too_many(&diff::gone(&base, &head), &compiled.fleet, allowed) {
        Some(problem) => Err(problem),
        None => Ok(()),
    }
}

/// What is said of sites whose old manifests are among these paths, which go.
pub(super) fn renamed<'p>(
    gone: impl Iterator<Item = &'p String>,
    fleet: &Fleet,
    place: &Path,
) -> Vec<Diagnostic> {
    let may_be_a_site = |path: &&String| {
        let name = path.rsplit('/').next().unwrap_or_default();
        name.starts_with("frappesite") || name == layout::ALL_IN_ONE
    };
    let read = |path: &String| Some((path.clone(), std::fs::read(place.join(path)).ok()?));
    let gone: Files = gone.filter(may_be_a_site).filter_map(read).collect();
    match gone.is_empty() {
        true => Vec::new(),
        false => diff::renamed(&gone, fleet),
    }
}

/// What a run wrote besides manifests.
pub(super) struct Recorded {
    /// The files of records, from the project's folder.
    pub(super) records: Vec<String>,
    /// The Secrets in clear text, likewise.
    pub(super) plain: Vec<String>,
}

/// Writes the passwords that were made: those in clear text, then all records.
pub(super) fn record(
    project: &Project,
    passwords: &Passwords,
) -> Result<Recorded, Box<Diagnostic>> {
    let plain = passwords.write_plain(&project.root)?;
    let sites = &project.folders.sites;
    let changes = passwords.changes(sites, &project.stores, &project.sources);
    secret::store::write(&project.root, sites, &changes)?;
    let records = changes.into_iter().map(|change| change.path).collect();
    Ok(Recorded { records, plain })
}

/// Prints the problems; nothing was written.
pub(super) fn fail(
    mut diagnostics: Vec<Diagnostic>,
    sources: &Sources,
    terminal: &Terminal,
) -> Outcome {
    diagnostic::sort(&mut diagnostics, sources);
    terminal.diagnostics(&diagnostics, sources);
    Outcome::of(&diagnostics, false)
}

fn warn(mut diagnostics: Vec<Diagnostic>, sources: &Sources, terminal: &Terminal) {
    diagnostic::sort(&mut diagnostics, sources);
    if terminal.format == Format::Text {
        terminal.diagnostics(&diagnostics, sources);
    }
}

/// What the paths on the command line stand for below the output folder. They may be written as
/// definitions (`sites/production/acme.yaml`) or as what they define (`production/acme`).
fn scope(
    paths: &[String],
    place: &Path,
    project: &Project,
    diagnostics: &mut Vec<Diagnostic>,
) -> Scope {
    if paths.is_empty() {
        return Scope::everything();
    }
    let defined: Vec<String> = project.definitions.iter().map(Definition::path).collect();
    let mut found = Vec::new();
    for path in paths {
        let plain = path.trim_start_matches("./").trim_end_matches('/');
        if plain == "." || plain == project.folders.sites {
            return Scope::everything();
        }
        let below = plain.strip_prefix(&format!("{}/", project.folders.sites)).unwrap_or(plain);
        let below = below.strip_suffix(".yaml").unwrap_or(below);
        let folder = format!("{below}/");
        let is_defined = defined.iter().any(|path| path == below || path.starts_with(&folder));
        // A definition that is gone may still have manifests to remove.
        let is_plain = below.split('/').all(|part| !part.is_empty() && !part.starts_with('.'));
        if is_defined || (is_plain && place.join(below).is_dir()) {
            found.push(below.to_owned());
        } else {
            diagnostics.push(no_definition(path, below, &defined));
        }
    }
    Scope::of(found)
}

fn no_definition(path: &str, below: &str, defined: &[String]) -> Diagnostic {
    let named = format!("/{below}");
    let help = match defined.iter().find(|path| path.ends_with(&named)) {
        Some(path) => format!("did you mean `{path}`?"),
        None => nearest_definition(below, "Site", defined.iter().map(String::as_str)),
    };
    let message = format!("`{path}` is neither a definition nor a folder of them");
    Diagnostic::of_path(Code::UnknownPath, path, message).help(help)
}

/// Prints files as one stream of documents.
pub(super) fn print(files: &Files, scope: &Scope, terminal: &Terminal) {
    let mut first = true;
    for (_, bytes) in files.iter().filter(|(path, _)| scope.covers(path)) {
        if !first {
            terminal.out("---\n");
        }
        first = false;
        terminal.out(&String::from_utf8_lossy(bytes));
    }
}

fn report(
    mut diagnostics: Vec<Diagnostic>,
    project: &Project,
    compiled: &Compiled,
    written: &Written,
    recorded: &Recorded,
    terminal: &Terminal,
) {
    let Compiled { fleet, passwords, .. } = compiled;
    let manifests = compiled.objects;
    let Written { created, updated, removed, unchanged, .. } = written;
    diagnostic::sort(&mut diagnostics, &project.sources);
    let (new, kept) = passwords.counts();
    if terminal.format == Format::Json {
        let result = json!({
            "manifests": manifests,
            "created": created,
            "updated": updated,
            "removed": removed,
            "unchanged": unchanged,
            "passwords": new,
            "kept": kept,
            "records": recorded.records,
            "clearText": recorded.plain,
        });
        return terminal.document(&diagnostics, &project.sources, result);
    }
    terminal.changes(created, updated, removed);
    terminal.diagnostics(&diagnostics, &project.sources);
    for line in made(passwords, recorded) {
        terminal.line(&line);
    }
    terminal.line(&format!(
        "{} for {} and {} on {} in {}",
        number(manifests, "manifest"),
        number(fleet.sites.len(), "site"),
        number(fleet.benches.len(), "bench"),
        number(fleet.servers.len(), "database server"),
        number(fleet.clusters.len(), "cluster"),
    ));
    terminal.line(&format!(
        "{} created, {} updated, {} removed, {unchanged} unchanged",
        created.len(),
        updated.len(),
        removed.len(),
    ));
}

/// What is said of passwords that were made.
pub(super) fn made(passwords: &Passwords, recorded: &Recorded) -> Vec<String> {
    let Recorded { records, plain } = recorded;
    let mut lines = Vec::new();
    let (new, kept) = passwords.counts();
    if new + kept > 0 {
        let (place, ask) = match records.as_slice() {
            [path] => (path.clone(), "commit it with its definition"),
            paths => (number(paths.len(), "file"), "commit them with their definitions"),
        };
        let new = (new > 0).then(|| number(new, "new password"));
        let folder = secret::plain::FOLDER;
        let kept = (kept > 0).then(|| format!("{} kept from {folder}", number(kept, "password")));
        let what: Vec<String> = new.into_iter().chain(kept).collect();
        lines.push(format!("{}, recorded in {place}: {ask}", what.join(" and ")));
    }
    if !plain.is_empty() {
        let count = number(plain.len(), "Secret");
        let folder = secret::plain::FOLDER;
        lines.push(format!(
            "{count} in clear text in {folder}: to apply or to seal, never to commit"
        ));
    }
    lines
}
