//! The part of the output folder that a run reads and writes.

use super::target::Target;
use crate::diagnostic::{Code, Diagnostic, Reported};
use crate::language::{Definition, nearest_definition};
use crate::output::Scope;
use crate::project::Project;

/// The part of the output folder that these paths name. A path names a definition, as
/// `sites/production/acme.yaml` or `production/acme`, or a folder of definitions. Other paths are
/// reported. An empty list means the whole output.
pub fn scope(paths: &[String], target: &Target, project: &Project) -> Reported<Scope> {
    if paths.is_empty() {
        return Reported { value: Scope::everything(), diagnostics: Vec::new() };
    }
    let defined: Vec<String> = project.definitions.iter().map(Definition::path).collect();
    let (mut found, mut diagnostics) = (Vec::new(), Vec::new());
    for path in paths {
        let plain = path.trim_start_matches("./").trim_end_matches('/');
        if plain == "." || plain == project.folders.sites {
            return Reported { value: Scope::everything(), diagnostics };
        }
        let below = project.below(plain);
        let folder = format!("{below}/");
        let is_defined = defined.iter().any(|path| path == below || path.starts_with(&folder));
        // A definition that no longer exists may still have manifests to remove.
        let is_plain = below.split('/').all(|part| !part.is_empty() && !part.starts_with('.'));
        if is_defined || (is_plain && target.path.join(below).is_dir()) {
            found.push(below.to_owned());
        } else {
            diagnostics.push(no_definition(path, below, &defined));
        }
    }
    Reported { value: Scope::of(found), diagnostics }
}

/// The diagnostic for a path that names nothing of a project. `below` is the path below the folder of definitions, and
/// `defined` has the paths of all definitions.
pub(crate) fn no_definition(path: &str, below: &str, defined: &[String]) -> Diagnostic {
    let named = format!("/{below}");
    let help = match defined.iter().find(|path| path.ends_with(&named)) {
        Some(path) => format!("did you mean `{path}`?"),
        None => nearest_definition(below, "Site", defined.iter().map(String::as_str)),
    };
    let message = format!("`{path}` is neither a definition nor a folder of them");
    // SW209: a path or a name that matches no definition.
    Diagnostic::of_path(Code::UnknownPath, path, message).help(help)
}
