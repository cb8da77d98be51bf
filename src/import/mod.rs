//! Definitions from objects that already exist.
//!
//! [`import()`] is the entry. The steps: `index` finds objects by their names. `gather` makes a draft of each
//! definition, with a module for each kind: `site`, `server`, `bench`. `text` takes out of it what the
//! language does not take. `files` chooses the file of each definition and raises what most of them share, and `plans` what
//! some sites share.
//! `proof` renders the definitions in memory and compares each object with the one that was read. A definition
//! that cannot be rendered is left out, and the others are tried again.

mod attempt;
mod backup;
mod bench;
mod cluster;
mod connection;
pub(crate) mod convert;
mod danger;
mod draft;
mod files;
pub mod filled;
mod gather;
mod implied;
mod index;
mod layers;
pub(crate) mod my_cnf;
mod outcome;
mod place;
mod plans;
mod postgres;
mod proof;
mod raise;
pub mod report;
mod secrets;
mod server;
mod site;
mod text;
mod value;

pub use danger::dangers;
pub use outcome::{Import, Imported, Refusal, Request, Unsaid};

use crate::diagnostic::{Code, Diagnostic, any_error};
use crate::language::Kind;
use crate::live::LiveObject;
use crate::project::{NewFile, Project, Refused};
use crate::secret;
use crate::source::node::Node;
use attempt::{Attempt, read};
use cluster::Target;
use draft::Draft;
use gather::{Gathered, Known, gather};
use index::Index;
use rayon::prelude::*;
use site::Scene;
use std::collections::BTreeMap;
use std::path::Path;

/// Whether an import needs the objects of a group and kind.
pub fn is_wanted(group: &str, kind: &str) -> bool {
    index::is_needed(group, kind)
}

/// The object, if an import needs it. Of Deployments it needs those of the operators, which show their versions.
pub fn kept(object: LiveObject) -> Option<LiveObject> {
    let key = &object.key;
    let is_other = key.kind == "Deployment" && !key.name.contains("operator");
    (!is_other).then_some(object)
}

/// Makes definitions of objects. `root` is the project's folder, which may be empty.
pub fn import(root: &Path, request: &Request, objects: &[LiveObject]) -> Result<Import, Refused> {
    let index = Index::new(objects);
    let (project, found) = read(root)?;
    if any_error(&found) {
        return Err(Refused { sources: project.sources, diagnostics: found });
    }
    let (fleet, _) = crate::fleet(&project).value;
    let known = Known {
        servers: fleet.servers.iter().map(|it| id(&it.common)).collect(),
        benches: fleet.benches.iter().map(|it| id(&it.common)).collect(),
    };
    let target = match Target::find(request, &fleet.clusters, &index) {
        Ok(target) => target,
        Err(diagnostics) => {
            drop(fleet);
            return Err(Refused { sources: project.sources, diagnostics });
        }
    };
    drop(fleet);
    let (cluster, beside) = cluster_node(&project, &target, objects);
    let scene = Scene { index: &index, cluster: &target.name, frappe: target.profiles.frappe };
    let Gathered { mut drafts, refusals } = gather(scene, target.engine, &known);
    if drafts.is_empty() {
        let message = "there is no object from which a definition can be made";
        let help = "give `kubectl get frappesites,frappebenches,mariadbs,databases,users.k8s.mariadb.com,grants \
                    -A -o yaml`, or a folder of manifests";
        // SW832: nothing to import.
        let problem = Diagnostic::of_path(Code::NothingToImport, "import", message).help(help);
        return Err(Refused { sources: project.sources, diagnostics: vec![problem] });
    }
    let checked = drafts.par_iter_mut().flat_map_iter(|draft| {
        let fields = text::checked(draft);
        let of = |it: text::NotTaken| Some((draft.origin(&it.field)?, it.why));
        fields.into_iter().filter_map(of).collect::<Vec<_>>()
    });
    let not_taken: BTreeMap<_, _> = checked.collect();
    drafts.iter_mut().for_each(Draft::forget_origins);
    let attempt = Attempt { root, objects, target: &target, cluster: &cluster, beside: &beside };
    let mut import = attempt.proven(drafts, refusals)?;
    import.explain(&not_taken);
    import.left_alone = index.left_alone(request.left_alone);
    import.warnings.extend(dangers(objects, target.profiles));
    let refused: Vec<_> = import.refusals.iter().map(|it| it.diagnostic(&objects[it.at])).collect();
    import.warnings.extend(refused);
    Ok(import)
}

/// The namespace and name of a definition.
fn id(common: &crate::cluster::Common) -> (String, String) {
    (common.namespace.to_string(), common.name.to_string())
}

/// The content of the cluster's definition, and the files beside it that a new one needs.
fn cluster_node(
    project: &Project,
    target: &Target,
    objects: &[LiveObject],
) -> (Node, Vec<NewFile>) {
    let mut definitions = project.definitions.iter();
    let known = definitions.find(|it| it.kind == Kind::Cluster && it.cluster() == target.name);
    let nodes: Vec<&Node> = objects.iter().map(|object| &object.node).collect();
    match known.and_then(|definition| definition.node.as_ref()) {
        Some(node) if !target.is_new => (node.clone(), Vec::new()),
        _ => {
            let settings = secret::settings(&nodes, &target.name);
            let (fields, files) = settings.map(|it| (it.fields, it.files)).unzip();
            let sites = &project.folders.sites;
            let file = |(path, text): (String, String)| NewFile {
                path: format!("{sites}/{}/{path}", target.name),
                text: text.into(),
            };
            let files = files.unwrap_or_default().into_iter().map(file).collect();
            (target.definition(fields), files)
        }
    }
}

#[cfg(test)]
mod given;
#[cfg(test)]
mod tests;
