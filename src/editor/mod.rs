//! Answers what an editor asks about a project: its problems, what stands at a place, and what may be written there.
//!
//! Texts that the editor has open take the place of the files. Nothing is written. Places are byte offsets of a text;
//! [`lines`] converts them from and to the positions of editors.
//!
//! A [`Check`] of a large fleet takes seconds, so it is a value that any thread can run. A [`Workspace`] answers at once,
//! from the text that is open now and from the project as the last check has read it.

mod check;
mod complete;
mod draft;
mod field;
mod flow;
mod hover;
pub mod lines;
mod place;

pub use check::{Check, Read, problems};
pub use complete::{Candidate, Candidates, Sort};
pub use hover::Hover;

use crate::diagnostic::{Diagnostic, FileId, Fix};
use crate::fixes;
use crate::language::{Definition, Kind};
use crate::project::{Project, SETTINGS_FILE};
use crate::source::yaml;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

/// The folder of a project, the texts that are open, and the project as a check has read it.
#[derive(Debug)]
pub struct Workspace {
    root: PathBuf,
    open: BTreeMap<String, Arc<str>>,
    project: Option<Arc<Project>>,
}

/// A place of another file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// The path of the file from the project's folder.
    pub path: String,
    /// The text of the file.
    pub text: String,
    /// The byte range.
    pub range: std::ops::Range<usize>,
}

impl Workspace {
    /// A project without open texts.
    pub fn new(root: PathBuf) -> Self {
        Self { root, open: BTreeMap::new(), project: None }
    }

    /// Opens a text or changes it. The path starts at the project's folder.
    pub fn put(&mut self, path: &str, text: &str) {
        self.open.insert(path.to_owned(), text.into());
    }

    /// Closes a text: the file counts again.
    pub fn close(&mut self, path: &str) {
        self.open.remove(path);
    }

    /// The open text at a path.
    pub fn text(&self, path: &str) -> Option<&Arc<str>> {
        self.open.get(path)
    }

    /// Whether a path is in the folder of the manifests.
    pub fn is_rendered(&self, path: &str) -> bool {
        let below = |folder: &str| path.strip_prefix(folder).is_some_and(|it| it.starts_with('/'));
        self.project.as_deref().is_some_and(|it| below(&it.folders.rendered))
    }

    /// The input of a check of the project with the texts that are open now.
    pub fn check(&self) -> Check {
        Check { root: self.root.clone(), open: self.open.clone() }
    }

    /// From now on, answers are about this project. The former one comes back.
    pub fn read(&mut self, project: Arc<Project>) -> Option<Arc<Project>> {
        self.project.replace(project)
    }

    /// The key or value at a place of an open text.
    pub fn hover(&self, path: &str, offset: usize) -> Option<Hover> {
        let (kind, text) = self.known(path)?;
        hover::hover(self.project.as_deref(), path, kind, text, offset)
    }

    /// What may be written at a place of an open text.
    pub fn candidates(&self, path: &str, offset: usize) -> Option<Candidates> {
        let (kind, text) = self.known(path)?;
        complete::candidates(self.project.as_deref(), path, kind, text, offset)
    }

    /// The definitions that the value at a place of an open text names.
    pub fn definitions(&self, path: &str, offset: usize) -> Vec<Target> {
        let found = || {
            let (kind, text) = self.known(path)?;
            let node = yaml::read(text, FileId::NONE).ok()?;
            let at = place::at(&node, offset)?;
            let wanted = field::referenced(kind, &at.path)?;
            let project = self.project.as_deref()?;
            let name = at.node.as_str()?;
            let named = in_reach(project, path, wanted).filter(|it| it.name() == name);
            let target = |it: &Definition| Target {
                path: project.sources.path(it.file).to_owned(),
                text: project.sources.text(it.file).to_owned(),
                range: it.span().range(),
            };
            Some(named.map(target).collect())
        };
        found().unwrap_or_default()
    }

    /// The problems of an open text that have one right answer, each with it.
    pub fn fixes(&self, path: &str) -> Vec<(Diagnostic, Fix)> {
        let found = || {
            let project = self.project.as_deref()?;
            let of = |it: &&Definition| project.sources.path(it.file) == path;
            let definition = project.definitions.iter().find(of)?;
            Some(fixes::each(definition, path, self.text(path)?))
        };
        found().unwrap_or_default()
    }

    /// The kind and the text of an open file. `None` for a file that is no definition and no settings.
    fn known(&self, path: &str) -> Option<(Kind, &str)> {
        let text = self.text(path)?;
        let sites = self.project.as_deref().map_or("sites", |it| &it.folders.sites);
        Some((kind(path, text, sites)?, text))
    }
}

/// What a file defines, judged by its path and its first key.
fn kind(path: &str, text: &str, sites: &str) -> Option<Kind> {
    match path {
        SETTINGS_FILE => return Some(Kind::Project),
        "rules.yaml" => return Some(Kind::ProjectRules),
        "drift.yaml" => return Some(Kind::AcceptedDrift),
        _ => {}
    }
    let below = path.strip_prefix(sites)?.strip_prefix('/')?;
    let stem = below.rsplit('/').next()?.strip_suffix(".yaml")?;
    match stem {
        "_cluster" => return Some(Kind::Cluster),
        "_defaults" => return Some(Kind::Defaults),
        _ if stem.ends_with(".secrets") => return None,
        _ => {}
    }
    let stated = text.lines().find_map(|line| line.strip_prefix("kind:"));
    let stated = stated.and_then(|rest| Kind::named(rest.trim().trim_matches(['"', '\''])));
    Some(stated.unwrap_or(if below.contains('/') { Kind::Site } else { Kind::Plan }))
}

/// The definitions of a kind that a file may refer to: those of its cluster, and those of all clusters.
fn in_reach<'p>(
    project: &'p Project,
    path: &str,
    kind: Kind,
) -> impl Iterator<Item = &'p Definition> {
    let below = path.strip_prefix(project.folders.sites.as_str()).unwrap_or(path);
    let mut parts = below.trim_start_matches('/').split('/');
    let cluster = parts.next().filter(|_| parts.next().is_some()).unwrap_or_default().to_owned();
    let is_near = move |it: &&Definition| {
        it.kind == kind
            && (it.cluster().is_empty() || cluster.is_empty() || it.cluster() == cluster)
    };
    project.definitions.iter().filter(is_near)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Texts as people type them: keys of the language, and everything that YAML gives a meaning.
    fn typed() -> impl Strategy<Value = String> {
        let words = [
            "site", "database", "rules", "apps", "é😀", "mode", "\"a", "'", "# ", "- ", ": ", ":",
            "  ", "\n", "\r\n", "{", "[", "|", "\t", "\u{0}", "---\n",
        ];
        let known = prop::sample::select(words.to_vec()).prop_map(str::to_owned);
        let piece = prop_oneof![8 => known, 1 => any::<char>().prop_map(String::from)];
        prop::collection::vec(piece, 0..30).prop_map(|pieces| pieces.concat())
    }

    #[test]
    fn what_a_render_writes_is_known() {
        let folder = tempfile::tempdir().unwrap();
        let cluster = folder.path().join("sites/eu/_cluster.yaml");
        std::fs::create_dir_all(cluster.parent().unwrap()).unwrap();
        std::fs::write(cluster, "kind: Cluster\n").unwrap();
        std::fs::write(folder.path().join(SETTINGS_FILE), "kind: Project\nrendered: out\n")
            .unwrap();
        let mut workspace = Workspace::new(folder.path().to_owned());
        assert!(!workspace.is_rendered("out/eu/a.yaml"), "nothing is known yet");
        let read = match workspace.check().read() {
            Read::Project(read) => read,
            other => panic!("{other:?}"),
        };
        workspace.read(Arc::new(read.value));
        for (path, is_it) in [
            ("out/eu/a.yaml", true),
            ("out", false),
            ("outer/allow.yaml", false),
            ("rendered/a.yaml", false),
        ] {
            assert_eq!(workspace.is_rendered(path), is_it, "{path}");
        }
    }

    proptest! {
        /// Every range in an answer must be one that the editor can replace.
        #[test]
        fn answers_about_any_text_and_place_have_ranges_of_the_text(
            text in typed(),
            line in 0..12_usize,
            column in 0..40_usize,
            path in prop::sample::select(vec!["sitewright.yaml", "rules.yaml", "sites/a/_defaults.yaml", "sites/a/b.yaml"]),
        ) {
            let mut workspace = Workspace::new(PathBuf::from("/nowhere"));
            workspace.put(path, &text);
            let offset = lines::offset(&text, lines::Position { line, column });
            if let Some(found) = workspace.candidates(path, offset) {
                prop_assert!(text.get(found.range.clone()).is_some(), "{:?}", found.range);
                prop_assert_eq!(found.range.end, offset);
            }
            if let Some(found) = workspace.hover(path, offset) {
                prop_assert!(text.get(found.range.clone()).is_some(), "{:?}", found.range);
            }
            prop_assert!(workspace.definitions(path, offset).is_empty());
            prop_assert!(workspace.fixes(path).is_empty());
        }
    }
}
