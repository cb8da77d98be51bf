//! `sitewright secrets`: what is recorded of passwords, and changing that.

mod adopt;
mod list;
mod prune;
mod rotate;
mod set;
mod verify;

use super::arguments::Secrets;
use super::outcome::Outcome;
use super::render::fail;
use super::terminal::Terminal;
use sitewright::diagnostic::{Code, Diagnostic, FileId, Place, any_error};
use sitewright::output::Discard;
use sitewright::project::Project;
use sitewright::resolve::Fleet;
use sitewright::secret::{Settled, Settlement, record};
use std::collections::HashSet;
use std::path::Path;

pub(super) fn run(what: &Secrets, root: &Path, terminal: &Terminal) -> Outcome {
    let mut diagnostics = Vec::new();
    let project = match Project::read(root, &mut diagnostics) {
        Ok(project) => project,
        Err(sources) => return fail(diagnostics, &sources, terminal),
    };
    if let Secrets::Verify = what {
        return verify::run(&project, diagnostics, terminal);
    }
    // What restores records may do so where their file is damaged.
    let damage = match what {
        Secrets::Adopt { .. } => damage(&project, &mut diagnostics),
        _ => Vec::new(),
    };
    let fleet = sitewright::fleet(&project, &mut diagnostics);
    // A broken definition hides which passwords it wants.
    if any_error(&diagnostics) {
        return fail(diagnostics, &project.sources, terminal);
    }
    let settlement = sitewright::settle(&project, &fleet, &Discard);
    let view = View { project: &project, fleet: &fleet, settlement, terminal };
    match what {
        Secrets::List { paths } => list::run(paths, &view),
        Secrets::Rotate { names } => rotate::run(names, view),
        Secrets::Set { name } => set::run(name, &view),
        Secrets::Adopt { files, cluster } => adopt::run(files, cluster.as_deref(), &view, damage),
        Secrets::Prune | Secrets::Verify => prune::run(&view),
    }
}

/// Takes out what is wrong with the texts of files of records.
fn damage(project: &Project, diagnostics: &mut Vec<Diagnostic>) -> Vec<Diagnostic> {
    let damaged: HashSet<FileId> =
        project.stores.iter().filter(|it| it.is_read && !it.is_sound).map(|it| it.file).collect();
    let is_damage = |problem: &Diagnostic| matches!(problem.place, Place::Span(span) if damaged.contains(&span.file));
    let (damage, others) = std::mem::take(diagnostics).into_iter().partition(is_damage);
    *diagnostics = others;
    damage
}

/// What the commands work on: a sound fleet, and what is recorded of its passwords.
struct View<'v> {
    project: &'v Project,
    fleet: &'v Fleet<'v>,
    settlement: Settlement,
    terminal: &'v Terminal,
}

impl View<'_> {
    fn fail(&self, diagnostics: Vec<Diagnostic>) -> Outcome {
        fail(diagnostics, &self.project.sources, self.terminal)
    }

    /// A name as people write it, without the folder of definitions and the ending.
    fn plain<'n>(&self, name: &'n str) -> &'n str {
        let name = name.trim_start_matches("./").trim_end_matches('/');
        let sites = self.project.folders.sites.as_str();
        let below = name.strip_prefix(sites).and_then(|rest| rest.strip_prefix('/'));
        let below = below.unwrap_or(name);
        below.strip_suffix(".yaml").unwrap_or(below)
    }

    fn unknown(&self, name: &str) -> Diagnostic {
        let mut known: Vec<&str> =
            self.settlement.settled.iter().map(|s| s.need.definition.as_str()).collect();
        known.dedup();
        let message = format!("`{name}` is no definition with a password, and no Secret of one");
        let help =
            sitewright::language::nearest_definition(self.plain(name), "Site", known.into_iter());
        Diagnostic::of_path(Code::UnknownPath, name, message).help(help)
    }

    /// The passwords that a name stands for: a definition's, a Secret's, or one key.
    fn choose(&self, name: &str) -> Result<Vec<&Settled>, Box<Diagnostic>> {
        let plain = self.plain(name);
        let names = |settled: &Settled| {
            let need = &settled.need;
            let path = need.path();
            [need.definition.clone(), format!("{path}/{}", need.key()), path]
        };
        let settled = &self.settlement.settled;
        let of = |matches: &dyn Fn(&str) -> bool| -> Vec<&Settled> {
            settled
                .iter()
                .filter(|settled| names(settled).iter().any(|name| matches(name)))
                .collect()
        };
        let exact = of(&|path| path == plain);
        if !exact.is_empty() {
            return Ok(exact);
        }
        // Without its folders, where that means one definition.
        let ending = format!("/{plain}");
        let found = of(&|path| path.ends_with(&ending));
        let mut definitions: Vec<&str> =
            found.iter().map(|settled| settled.need.definition.as_str()).collect();
        definitions.dedup();
        match definitions.as_slice() {
            [] => Err(Box::new(self.unknown(name))),
            [_] => Ok(found),
            several => {
                let message = format!("`{name}` may mean several: {}", several.join(", "));
                let help = "write the whole path";
                Err(Box::new(Diagnostic::of_path(Code::UnknownPath, name, message).help(help)))
            }
        }
    }
}

/// What is said of a password that has had as many values as can be counted.
fn last_generation(settled: &Settled) -> Diagnostic {
    let need = &settled.need;
    let message = format!("`{}/{}` {}", need.path(), need.key(), record::LAST);
    Diagnostic::new(Code::NotRotatable, need.span, message).help(record::LAST_HELP)
}
