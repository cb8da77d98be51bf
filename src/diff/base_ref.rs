//! The base of a diff: the rendered folder as it is, another folder, or a revision of Git.

use super::base::Base;
use super::{certificates, foreign, git, tree};
use crate::diagnostic::{Code, Diagnostic};
use crate::output::{APPLIED, Allowed, Elsewhere, Files, is_ours};
use crate::project::{Folders, Project, SETTINGS_FILE, allowed_by};
use crate::risk::ObjectChange;
use crate::secret::RECIPIENTS;
use std::collections::HashSet;
use std::path::Path;

/// The base that a user names, or the rendered folder.
pub(super) struct BaseRef {
    /// The manifests of the base.
    pub(super) base: Base,
    /// The certificates and recipients that changed. Empty if the base is not a revision.
    pub(super) certificates: Vec<ObjectChange>,
    /// The files of others that the base allows. Empty if the base is not a revision.
    pub(super) allowed: Allowed,
}

impl BaseRef {
    /// Finds the base: the stated folder or revision, or the rendered folder if nothing is stated.
    pub(super) fn find(stated: Option<&str>, project: &Project) -> Result<Self, Box<Diagnostic>> {
        let (root, folders) = (&project.root, &project.folders);
        let Some(stated) = stated else {
            let folder = root.join(&folders.rendered);
            let base = match folder.is_dir() {
                true => Base::folder(&folder, &folders.rendered, APPLIED)?,
                false => Base::Nothing,
            };
            return Ok(Self { base, certificates: Vec::new(), allowed: Allowed::default() });
        };
        let is_surely_a_folder = stated.starts_with(['.', '/']) || stated.ends_with('/');
        let refuse = |message: String, help: String| {
            // SW801: a side of a diff that cannot be read.
            Box::new(Diagnostic::of_path(Code::DiffTree, stated, message).help(help))
        };
        if Path::new(stated).is_dir() && (is_surely_a_folder || !stated.ends_with("...")) {
            // A wrong guess would hide a loss of data, and the author of a change can add a folder
            // of any name.
            if !is_surely_a_folder && git::knows(root, stated) {
                let message = format!("`{stated}` is both a folder and a revision of Git");
                let help = format!(
                    "write `./{stated}` for the folder, or `{stated}...` for the commit where this branch left the revision"
                );
                return Err(refuse(message, help));
            }
            let base = Base::folder(Path::new(stated), stated, APPLIED)?;
            if !base.is_rendered()? {
                let message = format!("`{stated}` contains no manifest that sitewright rendered");
                let help = "name the folder of manifests itself, such as `../before/rendered`";
                return Err(refuse(message, help.to_owned()));
            }
            return Ok(Self { base, certificates: Vec::new(), allowed: Allowed::default() });
        }
        Self::of_revision(stated, project)
    }

    /// The base at a revision of Git.
    fn of_revision(stated: &str, project: &Project) -> Result<Self, Box<Diagnostic>> {
        const CERTIFICATES: &[&str] = &[".pem", RECIPIENTS];
        let (root, folders) = (&project.root, &project.folders);
        let refuse = |message: String, help: &str| {
            Box::new(Diagnostic::of_path(Code::DiffTree, stated, message).help(help))
        };
        // A change that renames the folders must not hide its other changes.
        let settings = git::file(root, stated, SETTINGS_FILE)?;
        let allowed = settings.as_deref().map(allowed_by).unwrap_or_default();
        let before = settings.map_or_else(|| Some(Folders::default()), |text| Folders::of(&text));
        let before = before.ok_or_else(|| {
            let message = format!("the `{SETTINGS_FILE}` of `{stated}` cannot be read");
            refuse(
                message,
                "check the revision out into another folder, render it, and compare with that folder",
            )
        })?;
        let list = |folder: &str, endings: &[&str]| {
            git::RevisionTree::list(root, stated, folder, endings).map(Base::Revision)
        };
        let base = list(&before.rendered, APPLIED)?;
        if !base.is_rendered()? {
            // Either this is the first render of the project, or all of its manifests moved.
            let whole = git::RevisionTree::whole(root, stated, APPLIED)?;
            if let Some(path) = whole.gone()?.first(is_ours)? {
                let message = format!(
                    "`{stated}` has no manifests in `{}`, and those that it has elsewhere are gone, \
                 such as `{path}`",
                    before.rendered
                );
                let help = "a diff would call everything new: move the project's folder in a change of its \
                        own, or compare with a folder, such as `--base ../before/rendered`";
                return Err(refuse(message, help));
            }
        }
        let now = Base::folder(&root.join(&folders.sites), &folders.sites, CERTIFICATES)?;
        let now = now.files(&Elsewhere::new())?;
        let (then, now) = list(&before.sites, CERTIFICATES)?.differing(now)?;
        let certificates = certificates::certificates(&then, &now);
        Ok(Self { base, certificates, allowed })
    }
}

/// The changes of foreign manifests, if the base is another tree than the rendered folder. `base` has the files of
/// the base that this render does not write, and `wanted` has the paths of all files that it writes. A file that both
/// sides allow is left out. A change that starts to allow a file shows it, so a reviewer reads it once.
pub(super) fn beside<'w>(
    base: &Files,
    allowed: &Allowed,
    wanted: impl Iterator<Item = &'w str>,
    project: &Project,
) -> Result<Vec<ObjectChange>, Box<Diagnostic>> {
    let shown = &project.folders.rendered;
    let folder = project.root.join(shown);
    let wanted: HashSet<&str> = wanted.collect();
    let now = match folder.is_dir() {
        true => tree::beside(&folder, shown, APPLIED, |path| wanted.contains(path))?,
        false => Files::new(),
    };
    let mut changes = foreign::foreign_changes(base, &now);
    let is_allowed = |path: &str| allowed.has(path) && project.allowed.has(path);
    changes.retain(|change| {
        let file = change.head.as_ref().or(change.base.as_ref());
        !file.is_some_and(|file| is_allowed(&file.path))
    });
    Ok(changes)
}
