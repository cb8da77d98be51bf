//! `sitewright render`.

use super::arguments::{Format, Render};
use super::outcome::Outcome;
use super::terminal::{Terminal, number};
use super::turn::Turn;
use serde_json::json;
use sitewright::Compiled;
use sitewright::apply::{self, Applied, Options, Recorded, Target};
use sitewright::diagnostic::{self, Diagnostic, Reported, Sources};
use sitewright::output::{Files, Scope, Written};
use sitewright::project::Project;
use sitewright::secret::{self, Minted, Missing, Passwords};
use std::path::Path;

pub(super) fn run(arguments: &Render, root: &Path, terminal: &Terminal) -> Turn {
    let progress = terminal.progress("rendering");
    let Reported { value: project, mut diagnostics } = match Project::read(root) {
        Ok(read) => read,
        Err(unread) => return failed(unread.diagnostics, &unread.sources, terminal),
    };
    let target = match Target::of_manifests(arguments.out.as_deref(), &project) {
        Ok(target) => target.waited_for(terminal.patience),
        Err(problem) => {
            diagnostics.push(*problem);
            return failed(diagnostics, &project.sources, terminal);
        }
    };
    let scope = apply::scope(&arguments.paths, &target, &project).add_to(&mut diagnostics);
    if arguments.stdout {
        let missing = Missing::Refuse(&scope);
        let compiled = sitewright::compile(&project, missing, diagnostics);
        let compiled = compiled.and_then(Reported::without_errors);
        let Reported { value: compiled, diagnostics } = match compiled {
            Ok(compiled) => compiled,
            Err(diagnostics) => return failed(diagnostics, &project.sources, terminal),
        };
        drop(progress);
        print(&compiled.files, &scope, terminal);
        warn(diagnostics, &project.sources, terminal);
        return Outcome::Fine.into();
    }
    let Render { locked, force, dry_run, .. } = *arguments;
    let options = Options { target: &target, scope: &scope, locked, force, dry_run };
    let applied = match apply::apply(&project, options, diagnostics) {
        Ok(applied) => applied,
        Err(diagnostics) => return failed(diagnostics, &project.sources, terminal),
    };
    drop(progress);
    let is_blocked = applied.written.is_blocked();
    report(&applied, &project, dry_run, terminal);
    let wrote = applied.recorded.records;
    // A watch goes on, so it needs the memory again.
    if !arguments.watch {
        applied.compiled.leave();
        project.leave();
    }
    Turn { wrote, ..Outcome::of(&[], is_blocked).into() }
}

/// Prints the problems of a run that wrote nothing and may run again.
pub(super) fn failed(diagnostics: Vec<Diagnostic>, sources: &Sources, terminal: &Terminal) -> Turn {
    let turn = Turn::failed(&diagnostics);
    fail(diagnostics, sources, terminal);
    turn
}

/// Prints the problems of a run that wrote nothing.
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

/// What a command that changed definitions did to their manifests.
#[derive(Default)]
pub(super) struct Again {
    /// The files, if they were rendered.
    pub(super) written: Option<Written>,
    /// What was found.
    pub(super) diagnostics: Vec<Diagnostic>,
    /// The texts that the diagnostics point into.
    pub(super) sources: Sources,
}

impl Again {
    /// Renders what is at these paths, if the first of them was rendered before. `changed` is the project after the
    /// change. No password is made.
    pub(super) fn render(root: &Path, changed: &Project, paths: &[&str]) -> Self {
        let rendered = root.join(&changed.folders.rendered);
        if !paths.first().is_some_and(|path| rendered.join(path).is_dir()) {
            return Self::default();
        }
        let Reported { value: project, diagnostics } = match Project::read(root) {
            Ok(read) => read,
            Err(unread) => {
                let (diagnostics, sources) = (unread.diagnostics, unread.sources);
                return Self { written: None, diagnostics, sources };
            }
        };
        let scope = Scope::of(paths);
        let applied = Target::of_manifests(None, &project).map_err(|problem| vec![*problem]);
        let applied = applied.and_then(|target| {
            let options = Options {
                target: &target,
                scope: &scope,
                locked: true,
                force: false,
                dry_run: false,
            };
            let Applied { written, warnings, .. } = apply::apply(&project, options, diagnostics)?;
            Ok((written, warnings))
        });
        let (written, mut diagnostics) = match applied {
            Ok((written, warnings)) => (Some(written), warnings),
            Err(diagnostics) => (None, diagnostics),
        };
        diagnostic::sort(&mut diagnostics, &project.sources);
        Self { written, diagnostics, sources: project.sources }
    }

    /// Whether it rendered, or tried to.
    pub(super) fn is_done(&self) -> bool {
        self.written.is_some() || !self.diagnostics.is_empty()
    }
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

fn report(applied: &Applied, project: &Project, is_dry: bool, terminal: &Terminal) {
    let Applied { compiled, written, recorded, warnings } = applied;
    let Compiled { fleet, passwords, .. } = compiled;
    let manifests = compiled.objects;
    let Written { created, updated, removed, unchanged, .. } = written;
    let mut diagnostics = warnings.clone();
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
            "written": !is_dry,
        });
        return terminal.document(&diagnostics, &project.sources, result);
    }
    terminal.changes(created, updated, removed);
    terminal.diagnostics(&diagnostics, &project.sources);
    if is_dry && new > 0 {
        terminal.line(&format!("{} would be made", number(new, "new password")));
    } else if !is_dry {
        made(passwords, recorded).iter().for_each(|line| terminal.line(line));
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
        "{} created, {} updated, {} removed, {unchanged} unchanged{}",
        created.len(),
        updated.len(),
        removed.len(),
        if is_dry { "; nothing was written, because of `--dry-run`" } else { "" },
    ));
}

/// The lines about new passwords.
pub(super) fn made(passwords: &Passwords, recorded: &Recorded) -> Vec<String> {
    let Recorded { records, plain, .. } = recorded;
    let mut lines = Vec::new();
    let (new, kept) = passwords.counts();
    if new + kept > 0 {
        let (place, ask) = match records.as_slice() {
            [path] => (path.clone(), "commit it with its definition"),
            paths => (number(paths.len(), "file"), "commit them with their definitions"),
        };
        let new = (new > 0).then(|| number(new, "new password"));
        let kept = secret::local_folders().filter_map(|(mode, folder)| {
            let is_kept = |minted: &&Minted| minted.is_kept && minted.record.mode == mode;
            let count = passwords.minted.iter().filter(is_kept).count();
            (count > 0).then(|| format!("{} kept from {folder}", number(count, "password")))
        });
        let what: Vec<String> = new.into_iter().chain(kept).collect();
        lines.push(format!("{}, recorded in {place}: {ask}", what.join(" and ")));
    }
    for (_, folder) in secret::local_folders() {
        let count = plain.iter().filter(|path| path.starts_with(folder)).count();
        if count > 0 {
            let secrets = number(count, "Secret");
            lines.push(format!(
                "{secrets} in clear text in {folder}: apply or seal them, and never commit them"
            ));
        }
    }
    lines
}
