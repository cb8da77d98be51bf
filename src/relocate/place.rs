//! What a move takes, and where to.

use crate::diagnostic::{Code, Diagnostic};
use crate::language::{Definition, Kind, Lookup, ObjectName};
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
        let (what, from) = found(project, old)?;
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
        // SW608: a definition that cannot be moved to this place.
        if to.starts_with('/') {
            let message = format!("`{to}` is not below `{}/`", project.folders.sites);
            let cluster = from.split('/').next().unwrap_or_default();
            let help = format!("write a path below it, such as `{cluster}/retail`");
            return refuse(Code::MoveTarget, message, help);
        }
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
        let clusters = project.definitions.iter().filter(|it| it.kind == Kind::Cluster);
        let clusters: Vec<&str> = clusters.map(Definition::cluster).collect();
        let old = from.split('/').next().unwrap_or_default();
        if to.contains('/') && !clusters.contains(&self.cluster()) {
            let message = format!("there is no cluster `{}`", self.cluster());
            let help = match clusters.contains(&old) {
                true => format!("write `{old}/{to}`"),
                false => format!("clusters: {}", clusters.join(", ")),
            };
            // SW202: a cluster's folder has no _cluster.yaml.
            return refuse(Code::NoCluster, message, help);
        }
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
        Ok(())
    }
}

fn is_folder(project: &Project, path: &str) -> bool {
    let start = format!("{path}/");
    project.definitions.iter().any(|it| it.path().starts_with(&start))
}

/// The definition or folder that a word means, and its path.
fn found(project: &Project, word: &str) -> Result<(What, String), Box<Diagnostic>> {
    let below = project.below(word);
    let has_place = |it: &&Definition| !matches!(it.kind, Kind::Cluster | Kind::Defaults);
    let lookup = Lookup::new(project.definitions.iter().filter(has_place));
    let path = match is_folder(project, below) {
        true => below.to_owned(),
        false => lookup.place(word, below)?,
    };
    let is_it = |it: &Definition| has_place(&it) && it.path() == path;
    Ok(match project.definitions.iter().position(is_it) {
        Some(at) => (What::Definition(at), path),
        None => (What::Folder, path),
    })
}
