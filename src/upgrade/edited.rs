//! Changes a value in a file of definitions, as a new text of the file.

use crate::diagnostic::{Code, Diagnostic, FileId};
use crate::project::Project;
use crate::source::{Edited, edit};

/// The text of a file in which the value at a path is another one.
pub(super) fn edited(
    project: &Project,
    file: FileId,
    path: &[&str],
    value: &str,
) -> Result<Edited, Box<Diagnostic>> {
    let (shown, before) = (project.sources.path(file), project.sources.text(file));
    match edit::set(before, path, value) {
        Some(after) => Ok(Edited { path: shown.to_owned(), before: before.to_owned(), after }),
        None => {
            let message = format!("`{}` cannot be changed in `{shown}`", path.join("."));
            // SW602: a definition has a form in which one value cannot be changed alone.
            let problem = Diagnostic::of_path(Code::WriteFailed, shown, message);
            Err(Box::new(problem.help(format!("write `{value}` there by hand"))))
        }
    }
}
