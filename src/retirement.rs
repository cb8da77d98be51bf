//! How a definition ends, in two changes: it is retired, and later its file is removed.
//!
//! Both are tried in memory first. The project must be valid afterwards, and a file is removed only if its objects are
//! retired in the manifests that the GitOps engine has. Nothing here renders.

use crate::diagnostic::{Checked, Code, Diagnostic, Reported, any_error};
use crate::diff::{self, Changes, Compared};
use crate::inventory;
use crate::language::{Definition, Kind, Lifecycle};
use crate::object::LIFECYCLE;
use crate::output::{CollectPart, Discard, Files, Scope};
use crate::project::{Project, Refused};
use crate::risk::ObjectChange;
use crate::secret::{Missing, Settled, State, record_file};
use crate::source::{self, FileChange, Written, edit};

/// A definition that is retired or removed.
#[derive(Debug)]
pub struct Ending {
    /// The path of the definition.
    pub definition: String,
    /// The files that change.
    pub files: Vec<Change>,
    /// What the manifests change.
    pub changes: Changes,
    /// Warnings, in no order.
    pub warnings: Vec<Diagnostic>,
    /// The project afterwards.
    pub project: Project,
}

/// A file that changes or goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The path of the file.
    pub path: String,
    /// The text that was read.
    pub before: String,
    /// The new text. `None` removes the file.
    pub after: Option<String>,
}

impl FileChange for Change {
    fn path(&self) -> &str {
        &self.path
    }

    fn before(&self) -> Option<&str> {
        Some(&self.before)
    }

    fn after(&self) -> Option<String> {
        self.after.clone()
    }
}

/// Plans to retire the definition that a word means. `found` has the diagnostics of reading the project.
pub fn retire(
    project: Project,
    word: &str,
    found: Vec<Diagnostic>,
) -> Result<Ending, Box<Refused>> {
    let begun = begin(&project, word, found).and_then(|definition| {
        let path = definition.path();
        let file = retired_text(&project, definition).map_err(|problem| vec![*problem])?;
        let (before, _) = compile(&project, &path, Vec::new())?;
        Ok((path, file, before))
    });
    let (definition, file, before) = match begun {
        Ok(begun) => begun,
        Err(diagnostics) => return Err(refused(project, diagnostics)),
    };
    let edited = source::Edited {
        path: file.path.clone(),
        before: file.before.clone(),
        after: file.after.clone().unwrap_or_default(),
    };
    let changed = project.with_texts(&[edited]).map_err(Box::new)?;
    let Reported { value: project, diagnostics: found } = changed;
    let compared = compile(&project, &definition, found).and_then(|(after, warnings)| {
        let fleet = crate::resolved(&project).value;
        let changes = diff::between(&before, &after, &fleet, &project.folders.sites);
        Ok((changes.without_errors()?.value, warnings))
    });
    match compared {
        Ok((changes, warnings)) => {
            Ok(Ending { definition, files: vec![file], changes, warnings, project })
        }
        Err(diagnostics) => Err(refused(project, diagnostics)),
    }
}

/// Plans to remove the file of the definition that a word means, and its records. `base` has the manifests in which it
/// must be retired, as [`diff::compared`] finds them. `found` has the diagnostics of reading the project.
pub fn remove(
    project: Project,
    word: &str,
    base: Option<&str>,
    found: Vec<Diagnostic>,
) -> Result<Ending, Box<Refused>> {
    let begun = begin(&project, word, found).and_then(|definition| {
        if definition.kind == Kind::Cluster {
            let message = format!("`{}` is a cluster", definition.cluster());
            let help = "remove its definitions one by one, and then the folder by hand";
            // SW610: a definition that cannot be retired, or removed before it is.
            return Err(vec![Diagnostic::of_path(Code::NotRetired, word, message).help(help)]);
        }
        refuse_used(&project, definition).map_err(|problem| vec![*problem])?;
        // What a stated base lacks was never applied. The rendered folder may only have lost it.
        let must_be_rendered = base.is_none() && may_be_in_use(&project, definition);
        Ok((definition.path(), files_of(&project, definition), must_be_rendered))
    });
    let (definition, files, must_be_rendered) = match begun {
        Ok(begun) => begun,
        Err(diagnostics) => return Err(refused(project, diagnostics)),
    };
    let without = project.without(&definition).map_err(Box::new)?;
    let Reported { value: project, diagnostics: found } = without;
    let compared = diff::compared(&project, base, found).and_then(|compared| {
        let Compared { changes, mut diagnostics } = compared;
        let refused = refuse_active(&changes, &definition, must_be_rendered);
        refused.map_err(|problem| vec![*problem])?;
        // A password that another definition lacks is not about this one.
        diagnostics.retain(|found| found.code != Code::NoRecord);
        match any_error(&diagnostics) {
            true => Err(diagnostics),
            false => Ok((changes, diagnostics)),
        }
    });
    match compared {
        Ok((mut changes, warnings)) => {
            // Other definitions may not be rendered yet. That is not what this command is asked for.
            changes.definitions.retain(|group| group.definition == definition);
            Ok(Ending { definition, files, changes, warnings, project })
        }
        Err(diagnostics) => Err(refused(project, diagnostics)),
    }
}

fn begin<'p>(project: &'p Project, word: &str, found: Vec<Diagnostic>) -> Checked<&'p Definition> {
    match any_error(&found) {
        true => Err(found),
        false => inventory::find(word, project).map_err(|problem| vec![*problem]),
    }
}

/// The file of a definition with `lifecycle: retired`.
fn retired_text(project: &Project, definition: &Definition) -> Result<Change, Box<Diagnostic>> {
    let path = project.sources.path(definition.file).to_owned();
    let refuse = |message: String, help: &str| {
        // SW610: a definition that cannot be retired, or removed before it is.
        Err(Box::new(Diagnostic::of_path(Code::NotRetired, path.clone(), message).help(help)))
    };
    let kind = definition.kind;
    if !matches!(kind, Kind::Site | Kind::DatabaseServer | Kind::Bench) {
        let message = format!("a {} has no lifecycle, because it holds no data", kind.name());
        let help = match kind {
            Kind::Cluster => "retire its sites, database servers and benches one by one",
            _ => "remove it with `sitewright rm` when nothing uses it",
        };
        return refuse(message, help);
    }
    let retired = Lifecycle::Retired.name();
    let stated = definition.node.as_ref().and_then(|node| node.get("lifecycle"));
    if stated.and_then(|stated| stated.as_str()) == Some(retired) {
        let help = "when the engine has applied that, remove it with `sitewright rm`";
        return refuse(format!("`{}` is retired already", definition.path()), help);
    }
    let before = project.sources.text(definition.file).to_owned();
    match edit::set(&before, &["lifecycle"], retired) {
        Some(after) => Ok(Change { path, before, after: Some(after) }),
        None => refuse(
            format!("`lifecycle: {retired}` cannot be added to `{path}`"),
            "add the line by hand",
        ),
    }
}

/// The file of a definition and the file of its records, which go.
fn files_of(project: &Project, definition: &Definition) -> Vec<Change> {
    let gone = |file| Change {
        path: project.sources.path(file).to_owned(),
        before: project.sources.text(file).to_owned(),
        after: None,
    };
    let path = definition.path();
    let records = project.stores.iter().filter(|store| store.path == path);
    let records =
        records.filter(|store| project.sources.path(store.file).ends_with(record_file::ENDING));
    [definition.file].into_iter().chain(records.map(|store| store.file)).map(gone).collect()
}

/// Refuses to remove a definition that others use.
fn refuse_used(project: &Project, definition: &Definition) -> Result<(), Box<Diagnostic>> {
    let fleet = crate::resolved(project).value;
    let users = inventory::users(definition, &fleet).unwrap_or_default();
    let Some((first, more)) = users.split_first() else { return Ok(()) };
    let others = match more.len() {
        0 => String::new(),
        1 => format!(" and `{}`", more[0].path()),
        more => format!(" and {more} others"),
    };
    let message = format!("`{}` is used by `{}`{others}", definition.path(), first.path());
    let help = "remove these first, or let them use another one: `sitewright explain` lists all";
    // SW610: a definition that cannot be retired, or removed before it is.
    Err(Box::new(Diagnostic::new(Code::NotRetired, definition.span(), message).help(help)))
}

/// Whether a render may have written objects of a definition. It has not if the definition makes none, or if a password
/// that it needs was never made. It may have if that cannot be known.
fn may_be_in_use(project: &Project, definition: &Definition) -> bool {
    if !matches!(definition.kind, Kind::Site | Kind::DatabaseServer | Kind::Bench) {
        return false;
    }
    let path = definition.path();
    let (fleet, plans) = crate::fleet(project).value;
    let settlement = crate::settle(project, &fleet, &plans, &Discard);
    let is_missing = |settled: &Settled| {
        *settled.need.definition == *path && matches!(settled.state, State::Missing)
    };
    !settlement.settled.iter().any(is_missing)
        && compile(project, &path, Vec::new()).map_or(true, |(files, _)| !files.is_empty())
}

/// Refuses to remove objects that are not retired, or of which no manifest shows that they are.
fn refuse_active(
    changes: &Changes,
    definition: &str,
    must_be_rendered: bool,
) -> Result<(), Box<Diagnostic>> {
    let own = changes.definitions.iter().filter(|group| group.definition == definition);
    let is_rendered =
        own.clone().flat_map(|group| &group.changes).any(|change| change.base.is_some());
    if must_be_rendered && !is_rendered {
        let message = format!("no manifest of `{definition}` shows that it is retired");
        let help = "restore its manifests from Git or with `sitewright render`; if no engine has ever applied it, name manifests that show that, such as `--base main`, or remove its file by hand";
        // SW610: a definition that cannot be retired, or removed before it is.
        return Err(Box::new(
            Diagnostic::of_path(Code::NotRetired, definition, message).help(help),
        ));
    }
    let is_active = |change: &&ObjectChange| {
        let lifecycle = |base: &crate::risk::Object| {
            base.text(&["metadata", "annotations", LIFECYCLE]) == Some(Lifecycle::Retired.name())
        };
        change.base.as_ref().is_some_and(|base| !lifecycle(base))
    };
    let Some(active) = own.flat_map(|group| &group.changes).find(is_active) else {
        return Ok(());
    };
    let message = format!("`{definition}` is not retired: `{}` is in use", active.key);
    let help = format!(
        "run `sitewright retire {definition}` and `sitewright render`, and let the engine apply that first"
    );
    // SW610: a definition that cannot be retired, or removed before it is.
    Err(Box::new(Diagnostic::of_path(Code::NotRetired, definition, message).help(help)))
}

/// The manifests of the definition at a path, and the warnings.
fn compile(
    project: &Project,
    path: &str,
    found: Vec<Diagnostic>,
) -> Checked<(Files, Vec<Diagnostic>)> {
    let part = CollectPart(Scope::of([path]));
    let compiled = crate::compile_into(&part, project, Missing::Ignore, found)?;
    let Reported { value, diagnostics } = compiled.without_errors()?;
    Ok((value.files, diagnostics))
}

fn refused(project: Project, diagnostics: Vec<Diagnostic>) -> Box<Refused> {
    Box::new(Refused { sources: project.sources, diagnostics })
}

impl Ending {
    /// Writes the files.
    pub fn write(&self) -> Result<(), Box<Diagnostic>> {
        const DEFINITIONS: Written = Written {
            what: "definitions",
            unchanged: "nothing was changed",
            help: "clear the cause and run again",
        };
        let Project { root, folders, .. } = &self.project;
        source::replace(root, &folders.sites, &self.files, &DEFINITIONS)
    }
}
