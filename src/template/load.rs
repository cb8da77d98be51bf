//! Finds the templates: those in the binary, and those that a project replaces or adds.

use super::FUEL;
use crate::diagnostic::{Code, Diagnostic, FileId, Reported, Sources, Span};
use crate::source::{current_text, irregular, linked};
use include_dir::{Dir, include_dir};
use minijinja::{AutoEscape, Environment, UndefinedBehavior, syntax::SyntaxConfig};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// The name of the binary's templates among the sources.
pub const BUILT_IN: &str = "built-in templates";

static TEMPLATES: Dir = include_dir!("$CARGO_MANIFEST_DIR/templates");

/// The compiled templates of a run.
#[derive(Debug)]
pub struct Templates {
    pub(super) environment: Environment<'static>,
    /// The source file of each template.
    pub(super) files: BTreeMap<String, FileId>,
    /// The project's folder of templates.
    pub(super) folder: String,
    /// The names of the project's own templates.
    pub(super) own: BTreeSet<String>,
    /// Whether all templates compile.
    pub(super) sound: bool,
}

impl Templates {
    /// Loads the built-in templates. Templates of the project's folder replace those of the same
    /// name.
    pub fn load(root: &Path, folder: &str, sources: &mut Sources) -> Reported<Self> {
        let mut templates = Templates {
            environment: environment(),
            files: BTreeMap::new(),
            folder: folder.to_owned(),
            own: BTreeSet::new(),
            sound: true,
        };
        let mut texts = BTreeMap::new();
        built_in(&TEMPLATES, &mut texts);
        for (name, text) in &texts {
            let file = sources.add(format!("{BUILT_IN}/{name}"), text.clone());
            templates.files.insert(name.clone(), file);
        }
        let known: Vec<String> = texts.keys().cloned().collect();
        let Reported { value: own, mut diagnostics } = match linked(root, folder) {
            Some(problem) => Reported { value: Vec::new(), diagnostics: vec![problem] },
            None => walk(root, folder, ""),
        };
        for name in own {
            let shown = format!("{folder}/{name}");
            let (text, problem) = current_text(root, &shown, sources.next_id(), sources);
            let file = sources.add(shown.clone(), text.clone());
            diagnostics.extend(problem);
            let partial = name.rsplit('/').next().is_some_and(|file| file.starts_with('_'));
            if !partial && !known.contains(&name) {
                diagnostics.push(unused(&name, shown, &known));
            }
            diagnostics.extend(unescaped(&text, file));
            templates.files.insert(name.clone(), file);
            templates.own.insert(name.clone());
            texts.insert(name, text);
        }
        for (name, text) in texts {
            if let Err(error) = templates.environment.add_template_owned(name, text) {
                templates.sound = false;
                diagnostics.push(templates.fault(&error, None));
            }
        }
        Reported { value: templates, diagnostics }
    }
}

fn environment() -> Environment<'static> {
    let mut environment = Environment::new();
    environment.set_auto_escape_callback(|_| AutoEscape::Json);
    environment.set_formatter(super::escape::literal);
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    // A block tag on a line of its own writes no empty line.
    let mut syntax = SyntaxConfig::builder();
    syntax.trim_blocks(true).lstrip_blocks(true).keep_trailing_newline(true);
    if let Ok(syntax) = syntax.build() {
        environment.set_syntax(syntax);
    }
    environment.set_fuel(Some(FUEL));
    environment.set_recursion_limit(32);
    // Debug mode provides the place of an error. It also knows the values of variables, which are
    // never shown.
    environment.set_debug(true);
    // Removes the filters that switch escaping off, and the function that prints every variable.
    for filter in ["safe", "escape", "e"] {
        environment.remove_filter(filter);
    }
    environment.remove_global("debug");
    environment
}

/// Finds the tag that switches escaping off. minijinja has no option to remove it.
fn unescaped(text: &str, file: FileId) -> Option<Diagnostic> {
    const TAG: &str = "autoescape";
    let is_opened = |before: &str| before.trim_end().trim_end_matches(['-', '+']).ends_with("{%");
    let (start, _) = text.match_indices(TAG).find(|(at, _)| is_opened(&text[..*at]))?;
    let span = Span::new(file, start, start + TAG.len());
    let message = "a template cannot switch the escaping off";
    let help = "remove the tag: every value becomes a quoted JSON literal, which is YAML too";
    // SW501: a template switches the escaping off.
    Some(Diagnostic::new(Code::TemplateError, span, message).help(help))
}

fn built_in(folder: &Dir, texts: &mut BTreeMap<String, String>) {
    for file in folder.files() {
        if let (Some(name), Some(text)) = (file.path().to_str(), file.contents_utf8()) {
            texts.insert(name.replace('\\', "/"), text.to_owned());
        }
    }
    folder.dirs().for_each(|folder| built_in(folder, texts));
}

/// The names of the project's own templates, sorted.
fn walk(root: &Path, folder: &str, below: &str) -> Reported<Vec<String>> {
    let (mut names, mut diagnostics) = (Vec::new(), Vec::new());
    let shown = if below.is_empty() { folder.to_owned() } else { format!("{folder}/{below}") };
    let entries = match crate::source::entries(&root.join(&shown)) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound && below.is_empty() => {
            return Reported::default();
        }
        Err(error) => {
            let diagnostics = vec![crate::source::unreadable(&shown, &error)];
            return Reported { value: names, diagnostics };
        }
    };
    for (name, kind) in entries {
        let path = if below.is_empty() { name.clone() } else { format!("{below}/{name}") };
        if name.starts_with('.') {
            continue;
        }
        if kind.is_symlink() {
            let message = format!("`{name}` is a symbolic link");
            let help =
                "put the file itself there: then every clone of the project renders the same";
            // SW005: a symbolic link among the templates.
            diagnostics.push(
                Diagnostic::of_path(Code::Symlink, format!("{folder}/{path}"), message).help(help),
            );
        } else if kind.is_dir() && path.matches('/').count() < 8 {
            names.extend(walk(root, folder, &path).add_to(&mut diagnostics));
        } else if name.ends_with(".j2") && !kind.is_file() {
            diagnostics.push(irregular(&format!("{folder}/{path}")));
        } else if name.ends_with(".j2") {
            names.push(path);
        } else if name.ends_with(".yaml") || name.ends_with(".yml") {
            let message = "this file is not read: the name of a template ends with `.yaml.j2`";
            let stem = path.trim_end_matches(".yaml").trim_end_matches(".yml");
            // SW504: an unused template.
            diagnostics.push(
                Diagnostic::of_path(Code::TemplateName, format!("{folder}/{path}"), message)
                    .help(format!("rename it to `{stem}.yaml.j2`")),
            );
        }
    }
    Reported { value: names, diagnostics }
}

fn unused(name: &str, shown: String, known: &[String]) -> Diagnostic {
    let names: Vec<&str> = known.iter().map(String::as_str).collect();
    let in_its_folder = || names.iter().copied().find(|known| known.ends_with(&format!("/{name}")));
    let help = match crate::language::nearest(name, &names).or_else(in_its_folder) {
        Some(name) => format!("did you mean `{name}`? A file to include starts with `_`"),
        None => format!(
            "templates that can be replaced: {}; a file to include starts with `_`",
            names.join(", ")
        ),
    };
    Diagnostic::of_path(Code::TemplateName, shown, "sitewright renders nothing from this template")
        .help(help)
}
