//! Renders the manifests of a valid fleet: every definition by itself, in parallel.

#[cfg(test)]
mod both_ways;
#[cfg(test)]
mod on_postgres;

use crate::diagnostic::{Checked, Code, Diagnostic, Place, Reported};
use crate::manifest::{self, Metadata};
use crate::object::Manifest;
use crate::outline::{Bindings, Outlines, Subject};
use crate::output::{Elsewhere, Files, Sink, Taken, layout};
use crate::plan::{Planned, Plans};
use crate::project::Project;
use crate::resolve::Fleet;
use crate::rules::{self, Finding};
use crate::secret::{self, Need, Passwords, Record};
use crate::site_database;
use rayon::prelude::*;
use std::collections::HashMap;

/// The manifests of a fleet.
#[derive(Debug, Default)]
pub(crate) struct Rendered {
    /// The files that the run holds in memory, by their paths below the output folder.
    pub(crate) files: Files,
    /// The files that the run does not hold in memory.
    pub(crate) elsewhere: Elsewhere,
    /// The number of objects in all files.
    pub(crate) objects: usize,
}

/// Renders the manifests of a valid fleet, and gives their files to `sink`.
pub(crate) fn render(
    outlines: &Outlines,
    fleet: &Fleet,
    plans: Plans,
    project: &Project,
    passwords: &Passwords,
    sink: &dyn Sink,
) -> Reported<Rendered> {
    let judges = project.rules.of_objects(fleet, &project.sources);
    let run = Run { outlines, fleet, project, judges: judges.as_ref() };
    let rendered = run.definitions(plans, passwords, sink);
    let mut whole = Rendered::default();
    let (mut problems, mut findings) = (Vec::new(), Vec::new());
    for result in rendered {
        match result {
            Ok((files, objects, found)) => {
                whole.objects += objects;
                findings.extend(found);
                for (path, taken) in files {
                    match taken {
                        Taken::Bytes(bytes) => _ = whole.files.insert(path.into(), bytes),
                        Taken::Elsewhere(place) => whole.elsewhere.push((path, place)),
                    }
                }
            }
            Err(found) => problems.extend(found),
        }
    }
    let mut diagnostics = once_a_place(problems);
    if let Some(judges) = &judges {
        diagnostics.extend(judges.report(findings));
    }
    Reported { value: whole, diagnostics }
}

/// The files of a definition, the number of objects in them, and what the project's rules find in them.
type Part = (Vec<(String, Vec<u8>)>, usize, Vec<Finding>);

/// The inputs that all objects of a run share.
struct Run<'a, 'p> {
    outlines: &'a Outlines,
    fleet: &'a Fleet<'p>,
    project: &'a Project,
    /// The project's rules about objects, if it has any.
    judges: Option<&'a rules::Objects<'a>>,
}

/// The files of a definition, as a sink took them, with the rest of [`Part`].
type Kept = (Vec<(Box<str>, Taken)>, usize, Vec<Finding>);

impl<'a> Run<'a, '_> {
    /// The files of every definition. Plans, and what is looked up on the way, are freed.
    fn definitions(
        &self,
        plans: Plans,
        passwords: &Passwords,
        sink: &dyn Sink,
    ) -> Vec<Checked<Kept>> {
        let passwords = passwords.by_definition();
        plans
            .into_par_iter(self.fleet)
            // The parts are small, so that no thread works alone at the end.
            .enumerate()
            .with_max_len(32)
            .map_init(
                || self.outlines.bindings(),
                |bindings, (at, (unit, made))| {
                    let planned = made.planned(self.fleet, unit);
                    let path = unit.common().origin.definition.path();
                    let passwords = passwords.of(&path);
                    let found = self.definition(at, planned, &path, &passwords, bindings);
                    let (files, objects, findings) = found?;
                    Ok((sink.take(&path, files), objects, findings))
                },
            )
            .collect()
    }

    fn definition(
        &self,
        at: usize,
        planned: Planned,
        path: &str,
        passwords: &[(&Need, &Record)],
        bindings: &mut Bindings<'a>,
    ) -> Checked<Part> {
        let Self { outlines, fleet, project, judges } = self;
        let common = planned.unit.common();
        let cluster = fleet.cluster(common);
        let mut objects = Vec::with_capacity(8);
        let mut problems = Vec::new();
        let parts = planned.manifests.chunk_by(|one, next| one.part == next.part);
        let parts = parts.map(|part| (planned.context(part[0].part), part));
        let secrets = secret::manifests(passwords, cluster);
        let secrets = secrets.iter().map(|view| (view.context.clone(), &*view.manifests));
        let report = site_database::view(&planned, passwords);
        let report = report.iter().map(|view| (view.context.clone(), &*view.manifests));
        for (context, manifests) in parts.chain(secrets).chain(report) {
            bindings.bind(&context);
            for manifest in manifests {
                let rotations = rotations(manifest, passwords);
                let metadata = Metadata::new(manifest, common, cluster, &rotations);
                let subject = Subject { manifest, metadata: &metadata, passwords };
                let body =
                    outlines.body(&subject, bindings, || whole(&subject, &context, project, path));
                match body {
                    Ok(body) => objects.push(layout::ObjectText {
                        file: manifest.file(),
                        wave: manifest.of.wave,
                        body,
                    }),
                    Err(found) => problems.extend(found),
                }
            }
        }
        if !problems.is_empty() {
            return Err(problems);
        }
        let findings = judges.map_or_else(Vec::new, |judges| {
            judges.judge(at, planned.unit, objects.iter().map(|object| object.body.as_str()))
        });
        let (count, output) = (objects.len(), project.output);
        let source = project.sources.path(common.origin.definition.file);
        let mut files = layout::files(path, source, objects, output.layout, output.kustomizations);
        // The parts are already sorted, so the sort of the whole is fast.
        files.sort_unstable_by(|(one, _), (other, _)| one.cmp(other));
        Ok((files, count, findings))
    }
}

/// The generations of the passwords that an object reads.
fn rotations<'n>(manifest: &Manifest, passwords: &[(&'n Need, &Record)]) -> Vec<(&'n str, u32)> {
    let read = passwords.iter().filter(|(need, _)| manifest.reads.contains(&need.wanted.name));
    read.map(|(need, record)| (need.wanted.suffix(), record.generation)).collect()
}

/// The text of an object, made the whole way: its template runs, and the result is read, checked
/// and written.
fn whole(
    subject: &Subject,
    context: &minijinja::Value,
    project: &Project,
    path: &str,
) -> Checked<String> {
    let Subject { manifest, metadata, passwords } = subject;
    let templates = &project.templates;
    let text = templates.render(manifest.of.template, context).map_err(|problem| vec![*problem])?;
    let shown = templates.shown(manifest.of.template);
    let mut object =
        manifest::read(&text, manifest, context, &format!("{shown} (as rendered for {path})"))?;
    if !secret::carries(manifest::encrypted(&object), manifest, passwords) {
        let message = "the template must write the recorded ciphertext, and nothing else, as the encrypted data";
        let help = "write `{{ secret.key }}: {{ secret.sealed }}` as `spec.encryptedData`";
        let problem = Diagnostic::of_path(Code::TemplateObject, shown, message).help(help);
        return Err(vec![problem]);
    }
    metadata.put(&mut object, |text| text.into());
    Ok(manifest::write(object))
}

/// A template that fails usually fails for every site. So each of its problems is reported once,
/// with the number of definitions that have it.
pub(crate) fn once_a_place(problems: Vec<Diagnostic>) -> Vec<Diagnostic> {
    let mut seen: HashMap<(Code, String), usize> = HashMap::new();
    let mut kept: Vec<(Diagnostic, usize)> = Vec::new();
    for problem in problems {
        let key = match &problem.place {
            Place::Produced(produced) => {
                let template = produced.name.split(" (").next().unwrap_or_default();
                // The message is not compared, because it may name the site.
                let before = produced.text.bytes().take(produced.range.start);
                let line = before.filter(|byte| *byte == b'\n').count();
                format!("{template}:{line}")
            }
            place => format!("{place:?}"),
        };
        match seen.get(&(problem.code, key.clone())) {
            Some(at) => kept[*at].1 += 1,
            None => {
                seen.insert((problem.code, key), kept.len());
                kept.push((problem, 0));
            }
        }
    }
    kept.into_iter()
        .map(|(problem, more)| match more {
            0 => problem,
            _ => {
                let manifests = if more == 1 { "manifest" } else { "manifests" };
                let message = format!("{} (also in {more} other {manifests})", problem.message);
                Diagnostic { message, ..problem }
            }
        })
        .collect()
}
