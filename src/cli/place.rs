//! The folder that a command writes or compares: the project's own, or the one that `--out` names.

use sitewright::diagnostic::{Code, Diagnostic};
use sitewright::output::Folder;
use sitewright::project::Project;
use std::io;
use std::path::{Path, PathBuf};

/// An output folder.
pub(super) struct Place {
    /// Where it is.
    pub(super) path: PathBuf,
    /// What messages call it.
    pub(super) shown: String,
    /// What is in it.
    pub(super) folder: Folder,
}

impl Place {
    /// The folder of manifests that `stated` names, else the project's.
    pub(super) fn new(
        stated: Option<&Path>,
        root: &Path,
        project: &Project,
    ) -> Result<Self, Box<Diagnostic>> {
        Self::of(&project.folders.rendered, stated, root, project)
    }

    /// The folder that `stated` names, else the project's own of this name. What is rendered is never
    /// written among or around the definitions and templates, since it must not be read; nor within or
    /// around other files of ours, which would count as stale there.
    pub(super) fn of(
        own: &str,
        stated: Option<&Path>,
        root: &Path,
        project: &Project,
    ) -> Result<Self, Box<Diagnostic>> {
        let folders = &project.folders;
        let (path, shown) = match stated {
            Some(path) => (path.to_owned(), path.display().to_string()),
            None => (root.join(own), own.to_owned()),
        };
        let same = |one: &Path, other: &Path| matches!((real(one), real(other)), (Ok(one), Ok(other)) if one == other);
        let is_own = same(&path, &root.join(own));
        let others = [
            (&folders.sites, "is read from there"),
            (&folders.templates, "is read from there"),
            (&folders.rendered, "is a folder of manifests itself"),
            (&folders.gitops, "holds what delivers them"),
        ];
        for (other, why) in others {
            if !is_own && overlaps(&path, &root.join(other)) {
                let message = format!("`{shown}` cannot hold manifests: `{other}` {why}");
                let help = "name a folder that is neither in it nor around it";
                let problem = Diagnostic::of_path(Code::OutputPlace, shown, message).help(help);
                return Err(Box::new(problem));
            }
        }
        let folder = Folder::new(path.clone(), shown.clone());
        let folder = match own == folders.gitops {
            true => folder.written_by("sitewright gitops"),
            false => folder,
        };
        Ok(Self { path, shown, folder })
    }
}

/// Whether one of two folders is the other or within it. What cannot be told apart does not overlap:
/// reading it fails on its own.
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
