//! The folder that a run writes or compares: the project's own, or another one that the user names.

use crate::diagnostic::{Code, Diagnostic};
use crate::output::Folder;
use crate::project::Project;
use crate::source::Patience;
use std::io;
use std::path::{Path, PathBuf};

/// An output folder that may be written.
#[derive(Debug)]
pub struct Target {
    /// Where it is.
    pub path: PathBuf,
    /// The name of the folder in messages.
    pub shown: String,
    /// The content of the folder.
    pub folder: Folder,
}

impl Target {
    /// The folder of manifests: the folder that `stated` names, or the project's own.
    pub fn of_manifests(stated: Option<&Path>, project: &Project) -> Result<Self, Box<Diagnostic>> {
        let target = Self::new(&project.folders.rendered, stated, project)?;
        Ok(Self { folder: target.folder.allowing(project.allowed.clone()), ..target })
    }

    /// The folder of the objects that deliver the manifests: the folder that `stated` names, or the
    /// project's own.
    pub fn of_delivery(stated: Option<&Path>, project: &Project) -> Result<Self, Box<Diagnostic>> {
        let target = Self::new(&project.folders.gitops, stated, project)?;
        Ok(Self { folder: target.folder.written_by("sitewright gitops"), ..target })
    }

    /// The same target. A run that writes it waits while another run does.
    #[must_use]
    pub fn waited_for(self, patience: Patience) -> Self {
        Self { folder: self.folder.waited_for(patience), ..self }
    }

    /// The folder that `stated` names, or the project's own folder of this name. It may not be in
    /// the folder of definitions or templates, and may not contain one, because sitewright must not
    /// read its own output. It may also not be in another output folder, or contain one, because
    /// its files would be stale there.
    fn new(own: &str, stated: Option<&Path>, project: &Project) -> Result<Self, Box<Diagnostic>> {
        let Project { root, folders, .. } = project;
        let (path, shown) = match stated {
            Some(path) => (path.to_owned(), path.display().to_string()),
            None => (root.join(own), own.to_owned()),
        };
        let is_own = is_same(&path, &root.join(own));
        let others = [
            (&folders.sites, "is read by sitewright"),
            (&folders.templates, "is read by sitewright"),
            (&folders.rendered, "is a folder of manifests itself"),
            (&folders.gitops, "holds what delivers them"),
        ];
        for (other, why) in others {
            if !is_own && overlaps(&path, &root.join(other)) {
                let message = format!("`{shown}` cannot hold manifests: `{other}` {why}");
                let help = "name a folder that is neither in it nor around it";
                // SW601: an output folder that overlaps another folder of the project.
                let problem = Diagnostic::of_path(Code::OutputPlace, shown, message).help(help);
                return Err(Box::new(problem));
            }
        }
        let folder = Folder::new(path.clone(), shown.clone());
        Ok(Self { path, shown, folder })
    }
}

/// Whether two paths lead to the same folder. False if this cannot be determined.
fn is_same(one: &Path, other: &Path) -> bool {
    matches!((real(one), real(other)), (Ok(one), Ok(other)) if one == other)
}

/// Whether two folders are the same, or one contains the other. False if this cannot be determined,
/// because reading the folder then fails anyway.
fn overlaps(one: &Path, other: &Path) -> bool {
    match (real(one), real(other)) {
        (Ok(one), Ok(other)) => one.starts_with(&other) || other.starts_with(&one),
        _ => false,
    }
}

/// A path without symbolic links, as far as it exists.
fn real(path: &Path) -> io::Result<PathBuf> {
    match path.canonicalize() {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let Some(name) = path.file_name() else { return Err(error) };
            let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
            Ok(real(parent.unwrap_or(Path::new(".")))?.join(name))
        }
        found => found,
    }
}
