//! A project: everything that a run reads, in the order in which it is read.

use crate::diagnostic::{Code, Diagnostic, Sources};
use crate::language::{self, Definition, Kind};
use crate::resolve::Base;
use crate::source;
use crate::template::Templates;
use std::path::Path;

/// The file of a project's own settings.
pub const SETTINGS_FILE: &str = "sitewright.yaml";

/// The folders of a project, as its settings name them.
#[derive(Clone, Debug)]
pub struct Folders {
    /// The definitions.
    pub sites: String,
    /// The manifests.
    pub rendered: String,
    /// The project's own templates.
    pub templates: String,
}

/// What was read.
#[derive(Debug)]
pub struct Project {
    /// The texts that diagnostics point into.
    pub sources: Sources,
    /// The folders.
    pub folders: Folders,
    /// The definitions, each valid by itself or without content.
    pub definitions: Vec<Definition>,
    /// The layers that are no definitions by themselves.
    pub base: Base,
    /// The templates.
    pub templates: Templates,
}

impl Project {
    /// Reads a project. Problems of single files go to `diagnostics`; without a project there is
    /// none to return.
    pub fn read(
        root: &Path,
        sources: &mut Sources,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Option<Self> {
        let folders = folders(root, sources, diagnostics);
        match std::fs::metadata(root.join(&folders.sites)) {
            Ok(found) if found.is_dir() => {}
            Ok(_) => {
                let message = format!("`{}` is no folder", folders.sites);
                diagnostics.push(Diagnostic::of_path(Code::NoProject, folders.sites, message));
                return None;
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                let message = format!("there is no folder `{}` here", folders.sites);
                diagnostics.push(
                    Diagnostic::of_path(Code::NoProject, folders.sites, message).help(
                        "run `sitewright init` to start a project here, or name one with `-C DIR`",
                    ),
                );
                return None;
            }
            Err(error) => {
                diagnostics.push(source::unreadable(&folders.sites, &error));
                return None;
            }
        }
        let documents = source::read_tree(root, &folders.sites, sources, diagnostics);
        let definitions = language::definitions(documents, sources, diagnostics);
        let templates = Templates::load(root, &folders.templates, sources, diagnostics);
        match Base::new(&definitions, sources) {
            Ok(base) => {
                let sources = std::mem::take(sources);
                Some(Self { sources, folders, definitions, base, templates })
            }
            Err(problems) => {
                diagnostics.extend(problems);
                None
            }
        }
    }
}

fn folders(root: &Path, sources: &mut Sources, diagnostics: &mut Vec<Diagnostic>) -> Folders {
    let settings = settings(root, sources, diagnostics);
    let or = |stated: Option<language::Word>, default: &str| {
        stated.map_or_else(|| default.to_owned(), |word| word.to_string())
    };
    Folders {
        sites: or(settings.sites, "sites"),
        rendered: or(settings.rendered, "rendered"),
        templates: or(settings.templates, "templates"),
    }
}

/// The settings; the defaults where there is no file of them or it is broken.
fn settings(
    root: &Path,
    sources: &mut Sources,
    diagnostics: &mut Vec<Diagnostic>,
) -> language::Settings {
    let path = root.join(SETTINGS_FILE);
    if !path.exists() {
        return language::Settings::default();
    }
    let file = sources.next_id();
    let (text, problem) = source::read_text(&path, SETTINGS_FILE, file);
    sources.add(SETTINGS_FILE.to_owned(), text.clone());
    if let Some(problem) = problem {
        diagnostics.push(problem);
        return language::Settings::default();
    }
    let (node, problems) = source::yaml::read(&text, file);
    diagnostics.extend(problems);
    let Some(node) = node else { return language::Settings::default() };
    let problems = language::shape::check(Kind::Project, &node, &text);
    if !problems.is_empty() {
        diagnostics.extend(problems);
        return language::Settings::default();
    }
    crate::resolve::decode_node(&node).unwrap_or_default()
}
