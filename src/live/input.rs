//! What the user names: files, folders, standard input.

use super::refuse;
use crate::diagnostic::{Code, Diagnostic};
use crate::source::{entries, irregular, unreadable};
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The endings of the files of a folder that are read.
const ENDINGS: [&str; 3] = ["yaml", "yml", "json"];

/// Where objects are read from.
pub enum Input {
    /// A file, or a folder with all files below it that end in `.yaml`, `.yml` or `.json`. Hidden folders are
    /// left out.
    Path {
        /// The path.
        path: PathBuf,
        /// The path as the user wrote it.
        shown: String,
    },
    /// A stream, such as standard input or the output of a program.
    Stream {
        /// Its name in reports.
        shown: String,
        /// The stream.
        from: Box<dyn io::Read + Send>,
    },
}

impl fmt::Debug for Input {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Self::Path { shown, .. } | Self::Stream { shown, .. } => f.write_str(shown),
        }
    }
}

impl Input {
    /// A file, a folder, or standard input for `-`. Relative paths start at `root`.
    pub fn named(shown: &str, root: &Path) -> Self {
        match shown {
            "-" => Self::Stream { shown: "-".to_owned(), from: Box::new(io::stdin()) },
            _ => Self::Path { path: root.join(shown), shown: shown.to_owned() },
        }
    }
}

/// A stream of bytes that is read from its start to its end.
pub(super) struct Source {
    pub(super) shown: Arc<str>,
    pub(super) from: From,
    /// Whether the user named it, and not only a folder above it.
    pub(super) is_named: bool,
}

/// Where a source's bytes are.
pub(super) enum From {
    File(PathBuf),
    Stream(Box<dyn io::Read + Send>),
}

/// The files of all inputs, in the order of the inputs and then of their paths.
pub(super) fn sources(inputs: Vec<Input>, diagnostics: &mut Vec<Diagnostic>) -> Vec<Source> {
    let mut sources = Vec::new();
    for input in inputs {
        match input {
            Input::Stream { shown, from } => {
                sources.push(Source {
                    shown: shown.into(),
                    from: From::Stream(from),
                    is_named: true,
                });
            }
            Input::Path { path, shown } if path.is_dir() => {
                let before = sources.len();
                let shown = shown.trim_end_matches('/');
                walk(&path, if shown.is_empty() { "/" } else { shown }, &mut sources, diagnostics);
                if sources.len() == before {
                    diagnostics.push(refuse::no_manifests(shown));
                }
            }
            Input::Path { path, shown } => {
                sources.push(Source {
                    shown: shown.into(),
                    from: From::File(path),
                    is_named: true,
                });
            }
        }
    }
    sources
}

fn walk(folder: &Path, shown: &str, sources: &mut Vec<Source>, diagnostics: &mut Vec<Diagnostic>) {
    let found = match entries(folder) {
        Ok(found) => found,
        Err(error) => return diagnostics.push(unreadable(shown, &error)),
    };
    for (name, kind) in found {
        let path = format!("{shown}/{name}");
        let is_meant = name.rsplit_once('.').is_some_and(|(_, end)| ENDINGS.contains(&end));
        // A link may lead to a file. A link to a folder could lead in a circle.
        let is_file = kind.is_file() || (kind.is_symlink() && folder.join(&name).is_file());
        if name.contains(char::REPLACEMENT_CHARACTER) && (is_meant || kind.is_dir()) {
            let message = "the name is not UTF-8";
            // SW001: a file name that is not UTF-8.
            let problem = Diagnostic::of_path(Code::Unreadable, path, message);
            diagnostics.push(problem.help("rename it, so that reports can name it"));
        } else if kind.is_dir() && !name.starts_with('.') {
            walk(&folder.join(&name), &path, sources, diagnostics);
        } else if is_meant && is_file {
            let from = From::File(folder.join(&name));
            sources.push(Source { shown: path.into(), from, is_named: false });
        } else if is_meant && !kind.is_dir() {
            diagnostics.push(irregular(&path));
        }
    }
}
