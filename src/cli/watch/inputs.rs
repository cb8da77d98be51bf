//! The files that a command reads.

use super::snapshot::Snapshot;
use crate::cli::arguments::Check;
use sitewright::project::{Folders, SETTINGS_FILE};
use sitewright::rules::RULES_FILE;
use std::fs;
use std::path::{Path, PathBuf};

/// The files that a command reads. Which folders these are is stated in the project's settings, which may change.
#[derive(Debug)]
pub(in crate::cli) struct Inputs {
    root: PathBuf,
    /// Whether the command also compares the files that sitewright writes, and the folder of the manifests if it is not
    /// the project's own.
    compares: Option<Option<PathBuf>>,
}

impl Inputs {
    /// The inputs of `render`. It also reads manifests, but only its own.
    pub(in crate::cli) fn of_render(root: &Path) -> Self {
        Self { root: root.to_owned(), compares: None }
    }

    /// The inputs of `check`.
    pub(in crate::cli) fn of_check(check: &Check, root: &Path) -> Self {
        Self { root: root.to_owned(), compares: Some(check.out.clone()) }
    }

    pub(super) fn root(&self) -> &Path {
        &self.root
    }

    /// The folders: their names for people, and their paths.
    pub(super) fn folders(&self) -> Vec<(String, PathBuf)> {
        let text = fs::read_to_string(self.root.join(SETTINGS_FILE)).unwrap_or_default();
        let Folders { sites, templates, rendered, gitops } = Folders::of(&text).unwrap_or_default();
        let own = |name: String| {
            let path = self.root.join(&name);
            (name, path)
        };
        let mut folders = vec![own(sites), own(templates)];
        if let Some(out) = &self.compares {
            // As every program does, a stated folder is found from the folder in which the command runs.
            let stated = out.as_ref().map(|out| (out.display().to_string(), out.clone()));
            folders.extend([stated.unwrap_or_else(|| own(rendered)), own(gitops)]);
        }
        folders
    }

    /// The present state of the files.
    pub(super) fn look(&self) -> Snapshot {
        let settings = self.root.join(SETTINGS_FILE);
        let mut snapshot = Snapshot::default();
        snapshot.add_file(&settings);
        snapshot.add_file(&self.root.join(RULES_FILE));
        snapshot.add_parent(&settings);
        self.folders().iter().for_each(|(_, path)| snapshot.add_folder(path));
        snapshot
    }
}
