//! The cluster of the project from which objects are.

use crate::diagnostic::{Code, Diagnostic};
use crate::language::Kind;
use crate::project::Project;
use std::collections::BTreeSet;

/// The names of all clusters of a project.
pub(crate) fn clusters(project: &Project) -> BTreeSet<&str> {
    let clusters = project.definitions.iter().filter(|definition| definition.kind == Kind::Cluster);
    clusters.map(|definition| definition.cluster()).collect()
}

/// The cluster that the user names, or the only one of the project.
pub fn target(project: &Project, named: Option<&str>) -> Result<String, Box<Diagnostic>> {
    let clusters = clusters(project);
    let all = || clusters.iter().copied().collect::<Vec<_>>().join(", ");
    let sites = &project.folders.sites;
    match (named, clusters.len()) {
        (Some(name), _) if clusters.contains(name) => Ok(name.to_owned()),
        (Some(name), _) => {
            let message = format!("there is no cluster `{name}`");
            // SW209: a path or a name that matches no definition.
            let problem = Diagnostic::of_path(Code::UnknownPath, name, message);
            Err(Box::new(problem.help(format!("clusters: {}", all()))))
        }
        (None, 1) => Ok(all()),
        (None, _) => {
            let message = format!("the project has {} clusters, and none is named", clusters.len());
            let problem = Diagnostic::of_path(Code::UnknownPath, sites, message);
            Err(Box::new(problem.help(format!("add `--cluster` with one of: {}", all()))))
        }
    }
}
