//! sitewright compiles short definitions of Frappe sites into complete Kubernetes manifests.
//!
//! The pipeline, in the order of the modules: [`source`] reads the tree of definitions, [`language`]
//! checks each by itself, [`resolve`] layers them and follows their references, [`check`] looks at
//! the fleet as a whole, [`provider`] says which objects there are, [`template`] writes each,
//! [`manifest`] checks, marks and formats it, [`output`] brings the folder of manifests up to date.
//!
//! Stages take values and return values. Only [`source`], [`template`] (loading) and [`output`] touch
//! files, and only the binary's own module prints.

pub mod check;
pub mod diagnostic;
pub mod language;
pub mod manifest;
pub mod naming;
pub mod output;
pub mod project;
pub mod provider;
pub mod resolve;
pub mod secret;
pub mod source;
pub mod template;

use diagnostic::{Code, Diagnostic, Place, any_error};
use output::Files;
use project::Project;
use provider::Unit;
use rayon::prelude::*;
use resolve::Fleet;
use std::collections::HashMap;
use template::Templates;

/// The fleet of a project with its manifests; nothing when there is any error, and every error that
/// one run can find is in `diagnostics`.
pub fn compile<'p>(
    project: &'p Project,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<(Fleet<'p>, Files)> {
    let fleet = resolve::resolve(&project.definitions, &project.base, diagnostics);
    let found = check::check(&fleet);
    // Beside a broken definition the templates of the sound ones still run, for their errors; a
    // fleet that contradicts itself would make them fail for no fault of theirs.
    let sound = !any_error(&found) && project.templates.are_sound();
    diagnostics.extend(found);
    let files = if sound { render(&fleet, project, diagnostics) } else { Files::new() };
    (!any_error(diagnostics)).then_some((fleet, files))
}

/// The fleet of a project, resolved and checked, as far as it goes.
pub fn fleet<'p>(project: &'p Project, diagnostics: &mut Vec<Diagnostic>) -> Fleet<'p> {
    let fleet = resolve::resolve(&project.definitions, &project.base, diagnostics);
    diagnostics.extend(check::check(&fleet));
    fleet
}

/// The manifests of a sound fleet, by their paths below the output folder.
fn render(fleet: &Fleet, project: &Project, diagnostics: &mut Vec<Diagnostic>) -> Files {
    let rendered: Vec<_> = provider::units(fleet)
        .into_par_iter()
        .map(|unit| render_unit(unit, fleet, project))
        .collect();
    let mut files = Files::new();
    let mut problems = Vec::new();
    for result in rendered {
        match result {
            Ok(rendered) => files.extend(rendered),
            Err(found) => problems.extend(found),
        }
    }
    diagnostics.extend(once_a_place(problems));
    files
}

type Rendered = Vec<(String, Vec<u8>)>;

fn render_unit(unit: Unit, fleet: &Fleet, project: &Project) -> Result<Rendered, Vec<Diagnostic>> {
    let common = unit.common();
    let manifests = unit.manifests(fleet);
    let definition = common.origin.definition;
    let path = definition.path();
    let source = project.sources.path(definition.file);
    let context = unit.context(fleet);
    let mut files = Vec::with_capacity(manifests.len());
    let mut problems = Vec::new();
    for manifest in manifests {
        match render_manifest(&manifest, &context, &project.templates, &path) {
            Ok(mut object) => {
                manifest::mark(&mut object, &manifest, common, fleet.cluster(common));
                let body = manifest::write(object);
                files.push((format!("{path}/{}", manifest.file()), output::seal(source, &body)));
            }
            Err(found) => problems.extend(found),
        }
    }
    if problems.is_empty() { Ok(files) } else { Err(problems) }
}

fn render_manifest(
    manifest: &provider::Manifest,
    context: &minijinja::Value,
    templates: &Templates,
    path: &str,
) -> Result<source::node::Node, Vec<Diagnostic>> {
    let text = templates.render(manifest.template, context).map_err(|problem| vec![*problem])?;
    let name = format!("{} (as rendered for {path})", templates.shown(manifest.template));
    manifest::read(&text, manifest, &name)
}

/// A template that fails, fails for every site: each of its problems is reported once, with the
/// number of definitions that have it.
fn once_a_place(problems: Vec<Diagnostic>) -> Vec<Diagnostic> {
    let mut seen: HashMap<(Code, String), usize> = HashMap::new();
    let mut kept: Vec<(Diagnostic, usize)> = Vec::new();
    for problem in problems {
        let key = match &problem.place {
            Place::Produced(produced) => {
                let template = produced.name.split(" (").next().unwrap_or_default();
                format!("{template}: {}", problem.message)
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
                let message = format!("{} (and so for {more} more manifests)", problem.message);
                Diagnostic { message, ..problem }
            }
        })
        .collect()
}
