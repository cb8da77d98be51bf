//! A project: everything that a run reads, in the order in which it is read.

use crate::diagnostic::{Checked, Code, Diagnostic, FileId, Reported, Sources};
use crate::language::{self, Definition, ForeignPath, Kind, Layout, Portion};
use crate::output::Allowed;
use crate::resolve::BaseLayers;
use crate::rules::Rules;
use crate::secret::store::Edit;
use crate::secret::{self, Adopted, Certificates, RecordFile, Records, record_file};
use crate::source::node::{Node, Value};
use crate::source::{self, Edited, FileChange, SecretsFile, Tree};
use crate::template::Templates;
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The file of a project's own settings.
pub const SETTINGS_FILE: &str = "sitewright.yaml";

/// The folders of a project, from its settings.
#[derive(Clone, Debug)]
pub struct Folders {
    /// The definitions.
    pub sites: String,
    /// The manifests.
    pub rendered: String,
    /// The project's own templates.
    pub templates: String,
    /// The objects with which a GitOps engine delivers the manifests.
    pub gitops: String,
}

/// The settings for the manifests.
#[derive(Clone, Copy, Debug, Default)]
pub struct Output {
    /// How many files sitewright writes for a definition.
    pub layout: Layout,
    /// Whether each folder has a kustomization.yaml that lists its files.
    pub kustomizations: bool,
    /// How many definitions one change may remove.
    pub max_removals: Option<Portion>,
}

impl Default for Folders {
    fn default() -> Self {
        Self::new(language::Settings::default())
    }
}

impl Folders {
    fn new(settings: language::Settings) -> Self {
        let or = |stated: Option<language::Folder>, default: &str| {
            stated.map_or_else(|| default.to_owned(), |folder| folder.to_string())
        };
        Self {
            sites: or(settings.sites, "sites"),
            rendered: or(settings.rendered, "rendered"),
            templates: or(settings.templates, "templates"),
            gitops: or(settings.gitops, "gitops"),
        }
    }

    /// The folders that the text of other settings names. These settings may have keys of another
    /// version. `None` if the text is not valid YAML.
    pub fn of(text: &str) -> Option<Self> {
        let node = source::yaml::read(text, FileId::NONE).ok()?;
        let stated =
            |key: &str| node.get(key).and_then(|it| language::Folder::new(it.as_str()?).ok());
        let settings = language::Settings {
            sites: stated("sites"),
            rendered: stated("rendered"),
            templates: stated("templates"),
            gitops: stated("gitops"),
            ..Default::default()
        };
        Some(Self::new(settings))
    }

    /// Whether a word of the command line means all definitions.
    pub fn is_all(&self, word: &str) -> bool {
        let plain = word.trim_start_matches("./").trim_end_matches('/');
        plain == "." || plain == self.sites
    }

    /// A path of a definition without the folder of definitions and the ending, which users may write or leave out.
    pub fn below<'n>(&self, name: &'n str) -> &'n str {
        let name = name.trim_start_matches("./").trim_end_matches('/');
        let below = name.strip_prefix(self.sites.as_str());
        let below = below.and_then(|rest| rest.strip_prefix('/')).unwrap_or(name);
        below.strip_suffix(".yaml").unwrap_or(below)
    }
}

/// A project that was read.
#[derive(Debug)]
pub struct Project {
    /// The folder of the project.
    pub root: PathBuf,
    /// The texts that diagnostics point into.
    pub sources: Sources,
    /// The folders.
    pub folders: Folders,
    /// The settings for the manifests.
    pub output: Output,
    /// The files of others in the folder of manifests that are not reported.
    pub allowed: Allowed,
    /// The definitions. Each is valid by itself or has no content.
    pub definitions: Vec<Definition>,
    /// The layers that are not definitions.
    pub base: BaseLayers,
    /// The templates.
    pub templates: Templates,
    /// The records of passwords.
    pub stores: Vec<RecordFile>,
    /// The certificates with which new passwords are sealed.
    pub certificates: Certificates,
    /// The project's own rules.
    pub rules: Rules,
}

/// A file of definitions that is not there yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewFile {
    /// Its path from the project's folder.
    pub path: String,
    /// Its text.
    pub text: Arc<str>,
}

impl FileChange for NewFile {
    fn path(&self) -> &str {
        &self.path
    }

    fn before(&self) -> Option<&str> {
        None
    }

    fn after(&self) -> Option<String> {
        Some(self.text.to_string())
    }
}

/// Why there is no project to work on, or why it is not changed.
#[derive(Debug)]
pub struct Refused {
    /// The texts that the diagnostics point into.
    pub sources: Sources,
    /// What is wrong.
    pub diagnostics: Vec<Diagnostic>,
}

/// The files of a project that state definitions, as far as they are YAML. Nothing else of them is checked.
#[derive(Debug)]
pub struct ProjectFiles {
    /// The texts.
    pub sources: Sources,
    /// The folders.
    pub folders: Folders,
    /// The settings for the manifests.
    pub output: Output,
    /// The files of others in the folder of manifests that are not reported.
    pub allowed: Allowed,
    /// The files in the folder of definitions.
    pub tree: Tree,
}

/// Whether a folder has a project: its settings, or the definition of a cluster where a project without settings has
/// it. Other programs have a folder named `sites` too.
pub fn is_in(root: &Path) -> bool {
    let clusters = || source::entries(&root.join(Folders::default().sites)).unwrap_or_default();
    let is_cluster =
        |name: &str| root.join(Folders::default().sites).join(name).join("_cluster.yaml").is_file();
    root.join(SETTINGS_FILE).is_file() || clusters().iter().any(|(name, _)| is_cluster(name))
}

impl ProjectFiles {
    /// Reads the settings of a project and the files in its folder of definitions. With `may_be_empty`, the project
    /// need not have that folder.
    pub fn read(root: &Path, may_be_empty: bool) -> Result<Reported<Self>, Refused> {
        Self::read_into(Sources::default(), root, may_be_empty)
    }

    fn read_into(
        mut sources: Sources,
        root: &Path,
        may_be_empty: bool,
    ) -> Result<Reported<Self>, Refused> {
        let mut diagnostics = Vec::new();
        let (settings, allowed) = settings(root, &mut sources).unwrap_or_else(|problems| {
            diagnostics.extend(problems);
            Default::default()
        });
        let output = Output {
            layout: settings.layout.unwrap_or_default(),
            kustomizations: settings.kustomizations.unwrap_or(false),
            max_removals: settings.max_removals,
        };
        let folders = folders(settings).add_to(&mut diagnostics);
        let linked = || source::linked(root, &folders.sites);
        let is_empty = may_be_empty && root.is_dir() && !root.join(&folders.sites).exists();
        let problem = missing(root, &folders.sites).filter(|_| !is_empty).or_else(linked);
        if let Some(problem) = problem {
            diagnostics.push(problem);
            return Err(Refused { sources, diagnostics });
        }
        let tree = match is_empty {
            true => Tree::default(),
            false => source::read_tree(root, &folders.sites, &mut sources).add_to(&mut diagnostics),
        };
        Ok(Reported { value: Self { sources, folders, output, allowed, tree }, diagnostics })
    }
}

impl Project {
    /// Reads a project. Invalid files are reported and left out.
    pub fn read(root: &Path) -> Result<Reported<Self>, Refused> {
        Self::read_from(Sources::default(), root, false)
    }

    /// Reads a project with texts that an editor holds in the place of the files at their paths.
    pub fn read_unsaved(
        root: &Path,
        unsaved: BTreeMap<String, Arc<str>>,
    ) -> Result<Reported<Self>, Refused> {
        Self::read_from(Sources::with_unsaved(unsaved), root, false)
    }

    /// Reads a project. It has no definitions if it has no folder for them.
    pub fn read_or_empty(root: &Path) -> Result<Reported<Self>, Refused> {
        Self::read_from(Sources::default(), root, true)
    }

    fn read_from(
        sources: Sources,
        root: &Path,
        may_be_empty: bool,
    ) -> Result<Reported<Self>, Refused> {
        let read = ProjectFiles::read_into(sources, root, may_be_empty)?;
        let Reported { value: read, mut diagnostics } = read;
        let ProjectFiles { mut sources, folders, output, allowed, tree } = read;
        let definitions = language::definitions(tree.documents, &sources).add_to(&mut diagnostics);
        let stores = tree.records.into_par_iter().map(|records| RecordFile::new(records, &sources));
        let stores = stores.collect::<Vec<_>>().into_iter();
        let stores = stores.map(|store| store.add_to(&mut diagnostics)).collect();
        let clusters: BTreeSet<&str> = definitions.iter().map(Definition::cluster).collect();
        let clusters = clusters.into_iter().filter(|name| !name.is_empty());
        let certificates = Certificates::load(root, &folders.sites, clusters, &mut sources);
        let certificates = certificates.add_to(&mut diagnostics);
        let templates = Templates::load(root, &folders.templates, &mut sources);
        let templates = templates.add_to(&mut diagnostics);
        let rules = Rules::read(root, &mut sources).add_to(&mut diagnostics);
        let base = match BaseLayers::new(&definitions, &mut sources) {
            Ok(base) => base,
            Err(problems) => {
                diagnostics.extend(problems);
                return Err(Refused { sources, diagnostics });
            }
        };
        let project = Self {
            root: root.to_owned(),
            sources,
            folders,
            output,
            allowed,
            definitions,
            base,
            templates,
            stores,
            certificates,
            rules,
        };
        Ok(Reported { value: project, diagnostics })
    }
}

impl Project {
    /// The project as if these files of definitions had their new texts.
    pub fn with_texts(mut self, files: &[Edited]) -> Result<Reported<Self>, Refused> {
        let mut diagnostics = Vec::new();
        for Edited { path, after, .. } in files {
            let is_it = |it: &Definition| self.sources.path(it.file) == path;
            let Some(at) = self.definitions.iter().position(is_it) else { continue };
            let new = self.sources.add(path.clone(), after.clone());
            let document = self.definitions[at].reread(after, new).add_to(&mut diagnostics);
            let read = language::definitions(vec![document], &self.sources);
            let read = read.add_to(&mut diagnostics);
            self.definitions.splice(at..=at, read);
        }
        self.layered(diagnostics)
    }

    /// The project as if its definitions were at other places. `new_path` has the new path of each definition that
    /// moves, and `edits` the files of definitions that get a new text there.
    pub fn moved(
        mut self,
        new_path: impl Fn(&str) -> Option<String>,
        edits: &[Edited],
    ) -> Result<Reported<Self>, Refused> {
        let mut diagnostics = Vec::new();
        for store in &mut self.stores {
            if let Some(path) = new_path(&store.path) {
                store.path = path;
            }
        }
        let mut moved = Vec::new();
        let Self { definitions, sources, folders, .. } = &mut self;
        definitions.retain(|definition| {
            let Some(new) = new_path(&definition.path()) else { return true };
            let old = sources.path(definition.file);
            let edited = edits.iter().find(|edit| edit.path == old);
            let text = edited.map_or_else(|| sources.text(definition.file), |edit| &edit.after);
            let text = text.to_owned();
            let file = sources.add(format!("{}/{new}.yaml", folders.sites), text.clone());
            let mut parts: Vec<String> = new.split('/').map(str::to_owned).collect();
            let stem = parts.pop().unwrap_or_default();
            moved.push(definition.moved(parts.into(), stem, &text, file).add_to(&mut diagnostics));
            false
        });
        let moved = language::definitions(moved, sources).add_to(&mut diagnostics);
        definitions.extend(moved);
        self.layered(diagnostics)
    }

    /// The project as if a definition and its records were gone.
    pub fn without(mut self, path: &str) -> Result<Reported<Self>, Refused> {
        self.definitions.retain(|definition| definition.path() != path);
        self.stores.retain(|store| store.path != path);
        self.layered(Vec::new())
    }

    /// The project as if it had these files of definitions and of records too.
    pub fn with_files(mut self, files: &[NewFile]) -> Result<Reported<Self>, Refused> {
        let mut diagnostics = Vec::new();
        let Self { sources, folders, stores, .. } = &mut self;
        let mut documents = Vec::new();
        for NewFile { path, text } in files {
            let file = sources.add(path.clone(), text.clone());
            let below = path.strip_prefix(&folders.sites).and_then(|path| path.strip_prefix('/'));
            let Some(below) = below else { continue };
            match below.strip_suffix(secret::record_file::ENDING) {
                Some(definition) => {
                    let read = SecretsFile { path: definition.to_owned(), file, is_read: true };
                    stores.push(RecordFile::new(read, sources).add_to(&mut diagnostics));
                }
                None => {
                    let document = source::document(below, text, file);
                    documents.extend(document.map(|read| read.add_to(&mut diagnostics)));
                }
            }
        }
        let new = language::definitions(documents, sources).add_to(&mut diagnostics);
        self.definitions.extend(new);
        self.layered(diagnostics)
    }

    /// The project as if these passwords were recorded already, and the paths of the definitions with new records.
    pub fn with_records<'a>(
        mut self,
        adopted: impl Iterator<Item = &'a Adopted>,
    ) -> (Self, Vec<String>) {
        let mut edit = Edit::new(&self.stores);
        adopted.for_each(|adopted| edit.put(&adopted.need, &adopted.record));
        let changed: BTreeMap<String, Records> = edit.into_records();
        self.stores.retain(|store| !changed.contains_key(&store.path));
        let mut definitions = Vec::with_capacity(changed.len());
        for (definition, records) in changed {
            let path = self.record_path(&definition);
            // The texts of a large fleet would take much memory while it is rendered.
            let file = self.sources.add(path, "");
            let (is_read, is_sound) = (true, true);
            definitions.push(definition.clone());
            self.stores.push(RecordFile { path: definition, file, is_read, is_sound, records });
        }
        (self, definitions)
    }

    /// The project with the layers of its present definitions. `found` has the diagnostics of reading them.
    fn layered(mut self, mut found: Vec<Diagnostic>) -> Result<Reported<Self>, Refused> {
        self.definitions
            .sort_by(|one, other| (&one.folders, &one.stem).cmp(&(&other.folders, &other.stem)));
        match BaseLayers::new(&self.definitions, &mut self.sources) {
            Ok(base) => Ok(Reported { value: Self { base, ..self }, diagnostics: found }),
            Err(problems) => {
                found.extend(problems);
                Err(Refused { sources: self.sources, diagnostics: found })
            }
        }
    }

    /// A path of a definition without the folder of definitions and the ending, which users may write or leave out.
    pub fn below<'n>(&self, name: &'n str) -> &'n str {
        self.folders.below(name)
    }

    /// The files of the records of these definitions.
    pub fn record_files(&self, definitions: &BTreeSet<String>) -> Vec<NewFile> {
        let stores = self.stores.iter().filter(|store| definitions.contains(&store.path));
        let file = |store: &RecordFile| {
            let name = store.path.rsplit('/').next().unwrap_or_default();
            let text = record_file::write(name, &store.records).into();
            NewFile { path: self.record_path(&store.path), text }
        };
        stores.map(file).collect()
    }

    /// The file of the records of a definition.
    fn record_path(&self, definition: &str) -> String {
        format!("{}/{definition}{}", self.folders.sites, record_file::ENDING)
    }

    /// Skips freeing the project, like [`crate::Compiled::leave`].
    pub fn leave(self) {
        std::mem::forget(self);
    }
}

/// The diagnostic for a project without a folder of definitions.
fn missing(root: &Path, sites: &str) -> Option<Diagnostic> {
    // SW201: this folder contains no project.
    let problem = |message: String| Diagnostic::of_path(Code::NoProject, sites, message);
    if !root.is_dir() {
        let shown = root.display().to_string();
        let message = format!("there is no folder `{shown}`");
        let help = "name the project's folder with `-C DIR`, or leave it out to use this one";
        return Some(Diagnostic::of_path(Code::NoProject, shown, message).help(help));
    }
    match std::fs::metadata(root.join(sites)) {
        Ok(found) if found.is_dir() => None,
        Ok(_) => Some(
            problem(format!("`{sites}` is not a folder"))
                .help("move the file away: the folder of definitions needs this name"),
        ),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Some(
            problem(format!("this folder has no folder `{sites}`"))
                .help("run `sitewright init` to start a project here, or name the folder of a project with `-C DIR`"),
        ),
        Err(error) => Some(source::unreadable(sites, &error)),
    }
}

fn folders(settings: language::Settings) -> Reported<Folders> {
    let folders = Folders::new(settings);
    let mut diagnostics = Vec::new();
    let Folders { sites, rendered, templates, gitops } = &folders;
    let all: BTreeSet<&String> = [sites, rendered, templates, gitops].into();
    if all.len() < 4 {
        let message = "two of the project's folders are the same";
        // SW107: two of the project's folders are the same.
        diagnostics
            .push(Diagnostic::of_path(Code::Conflict, SETTINGS_FILE, message).help(
                "state a different folder for each: sitewright must not read its own output",
            ));
    }
    Reported { value: folders, diagnostics }
}

/// The settings. If the file is missing, they are the defaults.
fn settings(root: &Path, sources: &mut Sources) -> Checked<(language::Settings, Allowed)> {
    match source::read_optional(root, SETTINGS_FILE, sources)? {
        Some((text, file)) => understood(&text, file),
        None => Ok(Default::default()),
    }
}

fn understood(text: &str, file: FileId) -> Checked<(language::Settings, Allowed)> {
    let node = source::yaml::read(text, file)?;
    let problems = language::shape::check(Kind::Project, &node, text);
    match problems.is_empty() {
        true => Ok((crate::layers::decode_node(&node).unwrap_or_default(), allowed(&node))),
        false => Err(problems),
    }
}

/// The files of others that settings allow, with the places of the patterns.
fn allowed(settings: &Node) -> Allowed {
    let items = match settings.get("allowForeign").map(|node| &node.value) {
        Some(Value::List(items)) => items.as_slice(),
        _ => &[],
    };
    let pattern =
        |item: &Node| Some((ForeignPath::new(item.as_str()?).ok()?.to_string(), item.span));
    Allowed::new(items.iter().filter_map(pattern))
}

/// The files of others that the text of other settings allows: none if it is not valid YAML.
pub fn allowed_by(text: &str) -> Allowed {
    source::yaml::read(text, FileId::NONE)
        .map_or_else(|_| Allowed::default(), |node| allowed(&node))
}
