//! Tries to render the definitions, and leaves out those that cannot be rendered.

use super::cluster::Target;
use super::draft::Draft;
use super::files::{Composed, Composer};
use super::index::At;
use super::outcome::{Import, Imported, Refusal};
use super::proof::{Broken, Compared, Proof, prove};
use super::secrets::{Sought, passwords};
use super::value::text;
use super::{bench, server};
use crate::diagnostic::{Code, Diagnostic, Reported};
use crate::language::Kind;
use crate::live::LiveObject;
use crate::output::Discard;
use crate::plan::Plans;
use crate::project::{NewFile, Project, Refused};
use crate::secret::record_file::ENDING;
use crate::source::node::Node;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// What an attempt has.
#[derive(Clone, Copy)]
pub(super) struct Attempt<'r> {
    pub(super) root: &'r Path,
    pub(super) objects: &'r [LiveObject],
    pub(super) target: &'r Target,
    /// The content of `_cluster.yaml`.
    pub(super) cluster: &'r Node,
    /// New files beside it.
    pub(super) beside: &'r [NewFile],
}

impl Attempt<'_> {
    /// The definitions that can be rendered, with the proof. A definition that cannot be rendered is refused. Others
    /// may refer to it, so they are tried again with a reference in its place.
    pub(super) fn proven(
        self,
        mut drafts: Vec<Draft>,
        mut refusals: Vec<Refusal>,
    ) -> Result<Import, Refused> {
        loop {
            let (project, _) = read(self.root)?;
            let composer =
                Composer { project: &project, target: self.target, cluster: self.cluster };
            let Composed { files, definitions } = composer.compose(&drafts);
            let existing = existing(&project, &files);
            if !existing.is_empty() {
                return Err(Refused { sources: project.sources, diagnostics: existing });
            }
            let (project, found) = with_files(project, &files)?;
            let Recording { project, carriers, definitions: recorded, left: passwords } =
                self.recording(project);
            let compared = Compared {
                objects: self.objects,
                drafts: &drafts,
                carriers: &carriers,
                definitions: &definitions,
                target: self.target,
            };
            let broken = match prove(&project, found, compared) {
                Ok(proof) => {
                    // The records come first: a definition without them would get new passwords.
                    let records = project.record_files(&recorded);
                    let files = [self.beside.to_vec(), records, files].concat();
                    let made = Made { files, definitions, drafts, passwords };
                    return Ok(self.import(project, made, refusals, proof));
                }
                Err(broken) => broken,
            };
            let paths: BTreeMap<String, usize> = definitions
                .iter()
                .enumerate()
                .map(|(at, path)| (format!("{}/{path}.yaml", project.folders.sites), at))
                .collect();
            let of_drafts: Vec<(usize, &Broken)> =
                broken.iter().filter_map(|it| Some((*paths.get(&it.path)?, it))).collect();
            if of_drafts.is_empty() {
                let diagnostics = broken.into_iter().map(|it| it.problem).collect();
                return Err(Refused { sources: project.sources, diagnostics });
            }
            drafts = left(drafts, &of_drafts, &mut refusals);
        }
    }

    /// The project with the records of the passwords that the objects carry.
    fn recording(self, mut project: Project) -> Recording {
        for NewFile { path, text } in self.beside {
            project.certificates.add_recipients(&self.target.name, path, text);
        }
        let fleet = crate::resolved(&project).value;
        let plans = Plans::new(&fleet);
        let settlement = crate::settle(&project, &fleet, &plans, &Discard);
        let found = passwords(Sought {
            objects: self.objects,
            cluster: &self.target.name,
            fleet: &fleet,
            settlement: &settlement,
            certificates: &project.certificates,
            sources: &project.sources,
        });
        drop(fleet);
        let Reported { value: recorded, diagnostics: left } = found;
        let (project, definitions) = project.with_records(recorded.iter().map(|it| &it.adopted));
        let carriers = recorded.into_iter().flat_map(|it| it.objects).collect();
        Recording { project, carriers, definitions: definitions.into_iter().collect(), left }
    }

    fn import(self, project: Project, made: Made, refusals: Vec<Refusal>, proof: Proof) -> Import {
        let Made { files, definitions, drafts, passwords } = made;
        let Proof { changes, unsaid, carriers, diagnostics } = proof;
        let mut carried: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for (definition, at) in &carriers {
            carried.entry(definition).or_default().push(*at);
        }
        let imported = |(path, draft): (String, Draft)| {
            let carriers = carried.get(path.as_str()).into_iter().flatten().copied();
            let objects = draft.objects.into_iter().chain(carriers).collect();
            Imported { kind: draft.kind, objects, path }
        };
        // Of a password without a record, `passwords` say how it is taken over.
        let is_other = |found: &Diagnostic| found.code != Code::NoRecord;
        Import {
            cluster: self.target.name.clone(),
            files,
            definitions: definitions.into_iter().zip(drafts).map(imported).collect(),
            changes,
            unsaid,
            refusals,
            passwords,
            left_alone: BTreeMap::new(),
            warnings: diagnostics.into_iter().filter(is_other).collect(),
            project,
        }
    }
}

/// The files that exist already. An import never writes over a file.
fn existing(project: &Project, files: &[NewFile]) -> Vec<Diagnostic> {
    let records = |path: &str| format!("{}{ENDING}", path.trim_end_matches(".yaml"));
    let paths = files.iter().flat_map(|file| [file.path.clone(), records(&file.path)]);
    let found = paths.filter(|path| project.root.join(path).exists()).map(|path| {
        let message = format!("`{path}` exists already");
        let help = "an import only writes new files: leave the object out of the input, or give the file another name";
        // SW833: an import would write over a file.
        Diagnostic::of_path(Code::ImportExists, path, message).help(help)
    });
    found.collect()
}

/// The project, and the diagnostics of reading it.
pub(super) fn read(root: &Path) -> Result<(Project, Vec<Diagnostic>), Refused> {
    let Reported { value, diagnostics } = Project::read_or_empty(root)?;
    Ok((value, diagnostics))
}

/// A project with new records.
struct Recording {
    project: Project,
    /// The objects that carry the recorded passwords.
    carriers: Vec<At>,
    /// The paths of the definitions that get new records.
    definitions: BTreeSet<String>,
    /// The diagnostics for passwords that get no record.
    left: Vec<Diagnostic>,
}

/// What an attempt made.
struct Made {
    files: Vec<NewFile>,
    definitions: Vec<String>,
    drafts: Vec<Draft>,
    passwords: Vec<Diagnostic>,
}

/// The project with these files, and the diagnostics of reading them.
fn with_files(project: Project, files: &[NewFile]) -> Result<(Project, Vec<Diagnostic>), Refused> {
    let Reported { value, diagnostics } = project.with_files(files)?;
    Ok((value, diagnostics))
}

/// The definitions without those that cannot be rendered. A server and a bench stay as something that sites only
/// refer to, if any does.
fn left(
    drafts: Vec<Draft>,
    broken: &[(usize, &Broken)],
    refusals: &mut Vec<Refusal>,
) -> Vec<Draft> {
    let problem = |at: usize| {
        broken.iter().find(|(of, _)| *of == at).map(|(_, Broken { problem, .. })| problem)
    };
    let is_left = |at: &usize| problem(*at).is_none();
    let sites: Vec<&Draft> = (0..drafts.len())
        .filter(is_left)
        .map(|at| &drafts[at])
        .filter(|it| it.kind == Kind::Site)
        .collect();
    let mut kept = Vec::with_capacity(drafts.len());
    for (at, draft) in drafts.iter().enumerate() {
        let Some(problem) = problem(at) else {
            kept.push(draft.clone());
            continue;
        };
        let reference = match draft.kind {
            Kind::Bench => Some(bench::reference(&draft.namespace, &draft.name)),
            Kind::DatabaseServer => Some(server::reference(&draft.namespace, &draft.name)),
            _ => None,
        };
        let reference = reference.filter(|it| sites.iter().any(|site| refers(site, it)));
        // A draft without objects is such a reference already.
        if let Some(object) = draft.objects.first() {
            refusals.push(Refusal {
                at: *object,
                why: problem.message.clone(),
                help: help(problem, reference.is_some()),
            });
            kept.extend(reference);
        }
    }
    kept
}

/// What to do about a definition that cannot be rendered.
fn help(problem: &Diagnostic, is_referred_to: bool) -> String {
    // The advice about a missing field is about a file, which is not written.
    const OF_FILES: &str = "state it here";
    let advice = problem.help.as_deref().filter(|help| !help.starts_with(OF_FILES));
    let help = advice.unwrap_or("correct the object, or write its definition by hand");
    match is_referred_to {
        true => format!("{help}. Its sites are imported, and refer to it by `managed: false`"),
        false => help.to_owned(),
    }
}

/// Whether a site refers to a bench or a server.
fn refers(site: &Draft, to: &Draft) -> bool {
    let full = format!("{}/{}", to.namespace, to.name);
    match to.kind {
        Kind::Bench => {
            site.namespace == to.namespace && text(&site.fields, &["bench"]) == Some(&to.name)
        }
        _ => {
            let server = text(&site.fields, &["database", "server"]);
            server == Some(&to.name) || server == Some(&full)
        }
    }
}
