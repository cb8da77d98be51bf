//! `sitewright gitops`.

use super::arguments::{Format, Gitops};
use super::outcome::Outcome;
use super::render::{fail, print};
use super::terminal::{Terminal, number};
use serde_json::json;
use sitewright::apply::Target;
use sitewright::diagnostic::{self, Checked, Diagnostic, Reported, any_error};
use sitewright::output::{Elsewhere, Files, Scope, Written};
use sitewright::project::Project;
use std::collections::BTreeSet;
use std::path::Path;

pub(super) fn run(arguments: &Gitops, root: &Path, terminal: &Terminal) -> Outcome {
    let Reported { value: project, diagnostics } = match Project::read(root) {
        Ok(read) => read,
        Err(unread) => return fail(unread.diagnostics, &unread.sources, terminal),
    };
    let Reported { value: files, mut diagnostics } = match files(&project, diagnostics) {
        Ok(files) => files,
        Err(problems) => return fail(problems, &project.sources, terminal),
    };
    let everything = Scope::everything();
    if arguments.stdout {
        print(&files, &everything, terminal);
        return Outcome::Fine;
    }
    let (stated, elsewhere) = (arguments.out.as_deref(), Elsewhere::new());
    let written = Target::of_delivery(stated, &project).and_then(|target| {
        let folder = target.folder.waited_for(terminal.patience);
        let written = folder.writing(&everything);
        let prepared = written.prepare(&files, &elsewhere, arguments.force)?;
        let written = match arguments.dry_run {
            true => prepared.plan().clone(),
            false => prepared.commit()?,
        };
        diagnostics.extend(folder.warnings(&written.kept));
        Ok(written)
    });
    let written = match written {
        Ok(written) => written,
        Err(problem) => {
            diagnostics.push(*problem);
            return fail(diagnostics, &project.sources, terminal);
        }
    };
    report(arguments, diagnostics, &project, files.len(), &written, terminal);
    if arguments.out.is_none()
        && !arguments.dry_run
        && (!written.created.is_empty() || !written.updated.is_empty())
    {
        terminal.line(&next(&project.folders.gitops, &files));
    }
    Outcome::of(&[], written.is_blocked())
}

/// The command that applies the written objects. It has its own field manager, because others own
/// keys of Argo CD's ConfigMap too. kubectl removes the keys that its default manager owned and
/// that the manifest does not have, such as the keys of an Argo CD that was installed with
/// `--server-side`.
fn next(folder: &str, files: &Files) -> String {
    let clusters: BTreeSet<&str> = files.keys().filter_map(|path| path.split('/').next()).collect();
    let (cluster, each) = match clusters.into_iter().collect::<Vec<_>>()[..] {
        [cluster] => (cluster, ""),
        _ => ("CLUSTER", ", each to its own"),
    };
    format!(
        "Next: `kubectl apply --server-side --field-manager=sitewright -R -f {folder}/{cluster}`{each}"
    )
}

/// The objects that deliver the manifests. `found` has the diagnostics of reading the project. Any
/// error prevents the objects.
pub(super) fn files(project: &Project, found: Vec<Diagnostic>) -> Checked<Reported<Files>> {
    let mut diagnostics = found;
    let (fleet, plans) = sitewright::fleet(project).add_to(&mut diagnostics);
    if any_error(&diagnostics) {
        return Err(diagnostics);
    }
    let value = sitewright::gitops::files(&fleet, &plans.with_manifests(&fleet), project)
        .add_to(&mut diagnostics);
    Reported { value, diagnostics }.without_errors()
}

fn report(
    arguments: &Gitops,
    mut diagnostics: Vec<Diagnostic>,
    project: &Project,
    objects: usize,
    written: &Written,
    terminal: &Terminal,
) {
    let Written { created, updated, removed, unchanged, .. } = written;
    diagnostic::sort(&mut diagnostics, &project.sources);
    if terminal.format == Format::Json {
        let result = json!({
            "objects": objects,
            "created": created,
            "updated": updated,
            "removed": removed,
            "unchanged": unchanged,
            "written": !arguments.dry_run,
        });
        return terminal.document(&diagnostics, &project.sources, result);
    }
    terminal.changes(created, updated, removed);
    terminal.diagnostics(&diagnostics, &project.sources);
    terminal.line(&format!(
        "{}: {} created, {} updated, {} removed, {unchanged} unchanged{}",
        number(objects, "object"),
        created.len(),
        updated.len(),
        removed.len(),
        if arguments.dry_run { "; nothing was written, because of `--dry-run`" } else { "" },
    ));
}
