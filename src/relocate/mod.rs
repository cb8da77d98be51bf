//! Moves a definition, or a folder of definitions, to another place in the tree, while every object stays the same
//! object.
//!
//! [`plan()`] finds what moves and compiles the project before and after, in memory. It refuses a move after which an
//! object would have another name or lose data. [`Move::write`] moves the files. Nothing here renders.

mod place;
mod texts;

use crate::diagnostic::{Checked, Code, Diagnostic, Reported, any_error};
use crate::diff::{self, Changes};
use crate::language::{Definition, Delivery};
use crate::output::{Collect, CollectPart, Files, Scope, Sink};
use crate::project::{Project, Refused};
use crate::risk::{Action, Level};
use crate::secret::{self, Missing};
use crate::source::{self, Relocation, Written};
use place::{Places, What};

/// A move that can be done.
#[derive(Debug)]
pub struct Move {
    /// The path before, such as `production/acme`.
    pub from: String,
    /// The path after.
    pub to: String,
    /// Whether a folder moves.
    pub is_folder: bool,
    /// The `name` that the definition states from now on, if it stated none.
    pub stated_name: Option<String>,
    /// What the manifests change, because other defaults hold at the new place.
    pub changes: Changes,
    /// Whether the engine delivers each definition by its folder, so that its delivery changes.
    pub is_delivered_by_folder: bool,
    /// Warnings, in no order.
    pub warnings: Vec<Diagnostic>,
    /// The project after the move.
    pub project: Project,
    files: Relocation,
}

/// Plans a move of `old` to `new`. Both are paths below the folder of definitions. `found` has the diagnostics of
/// reading the project.
pub fn plan(
    project: Project,
    old: &str,
    new: &str,
    found: Vec<Diagnostic>,
) -> Result<Move, Box<Refused>> {
    let begun = match any_error(&found) {
        true => Err(found),
        false => begin(&project, old, new),
    };
    let (places, files, stated_name, before) = match begun {
        Ok(begun) => begun,
        Err(diagnostics) => return Err(refused(project, diagnostics)),
    };
    let moved = project.moved(|path| places.new_path(path), &files.edits).map_err(Box::new)?;
    let Reported { value: project, diagnostics: found } = moved;
    let compared =
        compile(&project, &places.to, places.is_plan, found).and_then(|(after, warnings)| {
            let (fleet, _) = crate::fleet(&project).value;
            let changes = diff::between(&before, &after, &fleet, &project.folders.sites);
            let by_folder = fleet.clusters.iter().any(|cluster| {
                cluster.name == places.cluster() && cluster.delivery.by == Delivery::Site
            });
            let changes = changes.without_errors()?.value;
            refuse_another_identity(&changes, &places).map_err(|problem| vec![*problem])?;
            Ok((changes, by_folder, warnings))
        });
    let (changes, is_delivered_by_folder, warnings) = match compared {
        Ok(compared) => compared,
        Err(mut diagnostics) => {
            if !diagnostics.iter().any(|found| found.code == Code::Migration) {
                diagnostics.push(invalid(&places.to));
            }
            return Err(refused(project, diagnostics));
        }
    };
    Ok(Move {
        is_folder: places.what == What::Folder,
        from: places.from,
        to: places.to,
        stated_name,
        changes,
        is_delivered_by_folder,
        warnings,
        project,
        files,
    })
}

/// What moves where, which files change, and the manifests before the move.
type Begun = (Places, Relocation, Option<String>, Files);

fn begin(project: &Project, old: &str, new: &str) -> Checked<Begun> {
    let places = Places::find(project, old, new).map_err(|problem| vec![*problem])?;
    let (files, stated_name) = texts::files(project, &places).map_err(|problem| vec![*problem])?;
    let (before, _) = compile(project, &places.from, places.is_plan, Vec::new())?;
    Ok((places, files, stated_name, before))
}

/// The manifests of what is at a path, and the warnings. A plan changes the manifests of others, so all manifests
/// are compiled.
fn compile(
    project: &Project,
    path: &str,
    is_plan: bool,
    found: Vec<Diagnostic>,
) -> Checked<(Files, Vec<Diagnostic>)> {
    let part = CollectPart(Scope::of([path]));
    let sink: &dyn Sink = if is_plan { &Collect } else { &part };
    let compiled = crate::compile_into(sink, project, Missing::Ignore, found)?;
    let Reported { value, diagnostics } = compiled.without_errors()?;
    Ok((value.files, diagnostics))
}

/// The help for a move to a folder with other defaults.
const OTHER_DEFAULTS: &str = "another folder has other defaults, such as `namespace`: state the present value in the \
                              definition. To move a site to another namespace, make a new site there, and restore \
                              a backup into it";

/// The diagnostic for a project that is valid before the move and not after it.
fn invalid(path: &str) -> Diagnostic {
    let message = format!("the fleet would not be valid with `{path}`");
    // SW609: a move after which a definition would be another one.
    Diagnostic::of_path(Code::Migration, path, message).help(OTHER_DEFAULTS)
}

/// Refuses a move after which an object would be another object, or could lose data.
fn refuse_another_identity(changes: &Changes, places: &Places) -> Result<(), Box<Diagnostic>> {
    let refuse = |message: String, help: &str| {
        // SW609: a move after which a definition would be another one.
        Err(Box::new(Diagnostic::of_path(Code::Migration, &places.to, message).help(help)))
    };
    let all = || changes.definitions.iter().flat_map(|group| &group.changes);
    if let Some(lost) = all().find(|change| change.action == Action::Removed) {
        let message = format!("`{}` would not exist any more after this move", lost.key);
        return refuse(message, OTHER_DEFAULTS);
    }
    if let Some(risky) = all().find(|change| change.level() >= Level::Blocked) {
        let finding = risky.findings.first();
        let field = finding.and_then(|finding| finding.field.as_deref()).unwrap_or_default();
        let reason = finding.map_or("", |finding| finding.reason.as_str());
        let message = format!("`{field}` of `{}` would change: {reason}", risky.key);
        let help =
            "the new folder has another default: state the present value in the definition first";
        return refuse(message, help);
    }
    Ok(())
}

fn refused(project: Project, diagnostics: Vec<Diagnostic>) -> Box<Refused> {
    Box::new(Refused { sources: project.sources, diagnostics })
}

impl Move {
    /// Moves the files. If the run is killed, the definition with its records is at its old place or at its new
    /// one.
    pub fn write(&self) -> Result<(), Box<Diagnostic>> {
        const DEFINITIONS: Written = Written {
            what: "definitions",
            unchanged: "nothing was moved",
            help: "clear the cause and run again",
        };
        let Project { root, folders, .. } = &self.project;
        let share = || secret::share_local(root, &self.from, &self.to);
        source::relocate(root, &folders.sites, &self.files, &DEFINITIONS, share)?;
        secret::forget_local(root, &self.from)
    }
}

/// Whether a definition is at this path or below it.
fn is_at(definition: &Definition, path: &str) -> bool {
    let own = definition.path();
    own.strip_prefix(path).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}
