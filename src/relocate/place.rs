//! What a move takes, and where to.

use crate::diagnostic::{Code, Diagnostic};
use crate::language::{Definition, Kind, ObjectName, nearest_definition};
use crate::project::Project;

/// What moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum What {
    /// A definition, by its place in the project's list.
    Definition(usize),
    /// A folder of definitions.
    Folder,
}

/// The two places of a move. Paths are below the folder of definitions, and have no ending.
#[derive(Debug)]
pub(super) struct Places {
    pub(super) what: What,
    pub(super) from: String,
    pub(super) to: String,
    /// Whether a plan moves. The manifests of sites depend on it.
    pub(super) is_plan: bool,
}

impl Places {
    /// The places that two names mean. The old name is a path, or a name that only one definition has. A new name
    /// without a folder is a name in the old folder. A new name that is a folder, or that ends with a slash, means a
    /// place in that folder.
    pub(super) fn find(project: &Project, old: &str, new: &str) -> Result<Self, Box<Diagnostic>> {
        let (what, from) = found(project, project.below(old))?;
        let to = project.below(new);
        let (above, last) = from.rsplit_once('/').unwrap_or(("", &from));
        let is_into = new.ends_with('/') || is_folder(project, to);
        let to = match (is_into, to.contains('/'), above) {
            (true, ..) => format!("{to}/{last}"),
            (false, true, _) | (false, false, "") => to.to_owned(),
            (false, false, above) => format!("{above}/{to}"),
        };
        let is_plan = match what {
            What::Definition(at) => project.definitions[at].kind == Kind::Plan,
            What::Folder => false,
        };
        let places = Self { what, from, to, is_plan };
        places.refuse(project)?;
        Ok(places)
    }

    /// The cluster of the new place.
    pub(super) fn cluster(&self) -> &str {
        self.to.split('/').next().unwrap_or_default()
    }

    /// The new path of a definition that moves.
    pub(super) fn new_path(&self, path: &str) -> Option<String> {
        let rest = path.strip_prefix(&self.from)?;
        (rest.is_empty() || rest.starts_with('/')).then(|| format!("{}{rest}", self.to))
    }

    fn refuse(&self, project: &Project) -> Result<(), Box<Diagnostic>> {
        let Self { what, from, to, is_plan } = self;
        let refuse = |code: Code, message: String, help: String| {
            Err(Box::new(Diagnostic::of_path(code, to, message).help(help)))
        };
        for part in to.split('/') {
            if let Err(complaint) = ObjectName::new(part) {
                // SW006: a file name is not a DNS label.
                return refuse(Code::FileName, complaint.message, complaint.help);
            }
        }
        // SW608: a definition that cannot be moved to this place.
        if from == to {
            let help = "name another place";
            return refuse(Code::MoveTarget, format!("`{from}` is already there"), help.to_owned());
        }
        if to.starts_with(&format!("{from}/")) && *what == What::Folder {
            let help = "name a place that is not in the folder";
            return refuse(
                Code::MoveTarget,
                format!("`{to}` is in `{from}` itself"),
                help.to_owned(),
            );
        }
        let old = from.split('/').next().unwrap_or_default();
        let is_cluster = *what == What::Folder && !from.contains('/');
        if !is_plan && (is_cluster || old != self.cluster() || !to.contains('/')) {
            let message = match is_cluster {
                true => format!("`{from}` is a cluster"),
                false => format!("`{from}` belongs to the cluster `{old}`"),
            };
            let help = "the databases and volumes of a cluster stay in it, so this is a migration: make a new \
                        definition, restore a backup into it, and retire the old one (docs/lifecycle.md)";
            // SW609: a move after which a definition would be another one.
            return refuse(Code::Migration, message, help.to_owned());
        }
        let clusters = project.definitions.iter().filter(|it| it.kind == Kind::Cluster);
        let clusters: Vec<&str> = clusters.map(Definition::cluster).collect();
        if to.contains('/') && !clusters.contains(&self.cluster()) {
            let message = format!("there is no cluster `{}`", self.cluster());
            // SW202: a cluster's folder has no _cluster.yaml.
            let problem = Diagnostic::of_path(Code::NoCluster, to, message);
            return Err(Box::new(problem.help(format!("clusters: {}", clusters.join(", ")))));
        }
        Ok(())
    }
}

fn is_folder(project: &Project, path: &str) -> bool {
    let start = format!("{path}/");
    project.definitions.iter().any(|it| it.path().starts_with(&start))
}

/// The definition or folder that a name means, and its path.
fn found(project: &Project, name: &str) -> Result<(What, String), Box<Diagnostic>> {
    let has_place = |it: &&Definition| !matches!(it.kind, Kind::Cluster | Kind::Defaults);
    let all = || project.definitions.iter().filter(has_place);
    let refuse = |message: String, help: String| {
        // SW209: a path or a name that matches no definition.
        Err(Box::new(Diagnostic::of_path(Code::UnknownPath, name, message).help(help)))
    };
    let named: Vec<&Definition> = all().filter(|it| it.name() == name).collect();
    let at_path: Vec<&Definition> = all().filter(|it| it.path() == name).collect();
    let chosen = if at_path.is_empty() && !is_folder(project, name) { named } else { at_path };
    match chosen.as_slice() {
        [one] => {
            let at = project.definitions.iter().position(|it| it.file == one.file);
            Ok((What::Definition(at.unwrap_or_default()), one.path()))
        }
        [] if is_folder(project, name) => Ok((What::Folder, name.to_owned())),
        [] => {
            let known: Vec<String> = match name.contains('/') {
                true => all().map(Definition::path).collect(),
                false => all().map(|it| it.name().to_owned()).collect(),
            };
            let help = nearest_definition(name, "Site", known.iter().map(String::as_str));
            refuse(format!("`{name}` is neither a definition nor a folder of them"), help)
        }
        several => {
            let paths: Vec<String> = several.iter().map(|it| format!("`{}`", it.path())).collect();
            let message = format!("{} definitions are named `{name}`", several.len());
            refuse(message, format!("write {}", paths.join(" or ")))
        }
    }
}
