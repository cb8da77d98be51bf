//! All errors and warnings about the output folder.

use super::{Entry, Folder, State, is_applied};
use crate::diagnostic::{Code, Diagnostic, visible};
use std::fs;
use std::io::{self, ErrorKind};

/// The step of writing that failed.
#[derive(Clone, Copy)]
pub(super) enum WriteStep {
    /// Cleaning up after a killed run.
    Recover,
    /// Writing new files beside the tree.
    Stage,
    /// Moving them into the tree.
    Move,
    /// Removing old files from the tree.
    Remove,
}

impl Folder {
    /// Warnings about files that a run does not change: files of others and files edited by hand.
    /// Other entries get no warning.
    pub fn warnings(&self, entries: &[Entry]) -> Vec<Diagnostic> {
        entries.iter().filter_map(|entry| self.warning(entry)).collect()
    }

    fn warning(&self, entry: &Entry) -> Option<Diagnostic> {
        let (code, what, help) = match (entry.state, entry.wanted) {
            // SW604: a rendered file that was edited by hand.
            (State::Edited, true) => (
                Code::Edited,
                "was edited by hand, so it is not changed",
                "make the change in the definition or a template; then `COMMAND --force` replaces \
                 the file",
            ),
            (State::Edited, false) => (
                Code::Edited,
                "is no longer rendered, but was edited by hand, so it is not removed",
                "`COMMAND --force` removes it; to keep it, move it out of the folder",
            ),
            // SW603: a file in the output folder that sitewright did not write.
            (State::Foreign, true) => (
                Code::Foreign,
                "has the path of a manifest, but sitewright did not write it, so it is not changed",
                "move it away, or overwrite it with `COMMAND --force`",
            ),
            (State::Untouchable, true) => (
                Code::Foreign,
                "has the path of a manifest, but is not a plain file in a plain folder; even `--force` does not change it",
                "move it away",
            ),
            (State::Foreign, false) if is_applied(&entry.path) => (
                Code::Foreign,
                "was not written by sitewright and is not changed; GitOps engines apply it too",
                "move it out of this folder: sitewright does not check what it does",
            ),
            (State::Foreign | State::Untouchable, false) => (
                Code::Foreign,
                "was not written by sitewright and is not changed",
                "keep your own files outside this folder",
            ),
            (State::Missing | State::Outdated | State::Crlf | State::Stale, _) => return None,
        };
        let path = visible(&self.shown(&entry.path)).into_owned();
        let help = help.replace("COMMAND", self.command);
        Some(Diagnostic::of_path(code, &*path, format!("`{path}` {what}")).help(help))
    }

    /// Whether the folder exists. It is an error if something else has its path.
    pub(super) fn exists(&self) -> Result<bool, Box<Diagnostic>> {
        let is_a = |what| {
            let message = format!("`{}` is {what}, not a folder", self.shown);
            let help = "move it away, or name another output folder";
            // SW601: the output folder cannot be used.
            Box::new(Diagnostic::of_path(Code::OutputPlace, &*self.shown, message).help(help))
        };
        match fs::symlink_metadata(&self.path) {
            Ok(found) if found.is_dir() => Ok(true),
            Ok(found) if found.is_symlink() => Err(is_a("a symbolic link")),
            Ok(_) => Err(is_a("a file")),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
            Err(error) => Err(self.unreadable("", &error)),
        }
    }

    pub(super) fn unreadable(&self, path: &str, error: &io::Error) -> Box<Diagnostic> {
        let path = self.shown(path);
        let message = format!("`{path}` cannot be read: {error}");
        let help = "make everything in the output folder readable; nothing was changed";
        Box::new(Diagnostic::of_path(Code::OutputPlace, path, message).help(help))
    }

    pub(super) fn misfit(&self, path: &str) -> Box<Diagnostic> {
        let shown = self.shown(path);
        let message = format!("a manifest cannot have the path `{shown}`");
        let help = "no part of a path is empty or starts with a dot, and no file is also a folder";
        // SW602: the manifests could not be written.
        Box::new(Diagnostic::of_path(Code::WriteFailed, shown, message).help(help))
    }

    pub(super) fn busy(&self) -> Box<Diagnostic> {
        let message = format!("another run is writing `{}`", self.shown);
        let help = "run again when the other run has ended; nothing was changed";
        // SW605: another run is writing this folder.
        Box::new(Diagnostic::of_path(Code::Busy, &*self.shown, message).help(help))
    }

    pub(super) fn write_failed(
        &self,
        step: WriteStep,
        path: &str,
        error: &io::Error,
    ) -> Box<Diagnostic> {
        let what = match step {
            WriteStep::Stage | WriteStep::Move => "written",
            WriteStep::Recover | WriteStep::Remove => "removed",
        };
        let state = match step {
            WriteStep::Recover | WriteStep::Stage => "nothing was changed",
            WriteStep::Move | WriteStep::Remove => {
                "the folder may be partly updated, but each file is complete, and the next run repairs it"
            }
        };
        let cure = match error.kind() {
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded => "free some space",
            ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => {
                "make the output folder and everything in it writable"
            }
            _ => "remove the cause",
        };
        let path = self.shown(path);
        let message = format!("`{path}` cannot be {what}: {error}");
        let help = format!("{cure}, then run again; {state}");
        Box::new(Diagnostic::of_path(Code::WriteFailed, path, message).help(help))
    }

    /// The name of a path below the folder in messages. The empty path is the folder itself.
    fn shown(&self, path: &str) -> String {
        let path = format!("{}/{path}", self.shown.trim_end_matches('/'));
        path.trim_end_matches('/').to_owned()
    }
}
