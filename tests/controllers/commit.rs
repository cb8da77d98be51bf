//! Commits: what definitions compile to, and whether the gate lets them pass.

use crate::model::cluster::{Key, Object, Tree};
use sitewright::Compiled;
use sitewright::diagnostic::{Diagnostic, Reported, any_error};
use sitewright::diff;
use sitewright::language::Engine;
use sitewright::operator::FrappeVersion;
use sitewright::output::{Files, Scope, layout};
use sitewright::project::Project;
use sitewright::risk::{Level, Operators};
use sitewright::secret::{Missing, store};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::rc::Rc;
use tempfile::TempDir;

/// Files of a project by their paths.
pub(crate) type Texts = BTreeMap<String, String>;

/// What a definition says of its objects, beside what they are.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fate {
    pub(crate) retired: bool,
    pub(crate) protect: bool,
    pub(crate) engine: Engine,
    /// Whether the data is to go with the objects.
    pub(crate) data_goes: bool,
    pub(crate) frappe: FrappeVersion,
}

/// What a commit makes of a cluster.
#[derive(Clone)]
pub(crate) struct Rendered {
    pub(crate) frappe: FrappeVersion,
    /// Whether mariadb-operator drops databases on servers outside the cluster.
    pub(crate) drops_outside: bool,
    pub(crate) tree: Tree,
    pub(crate) fates: BTreeMap<Key, Fate>,
}

/// A commit that compiles.
#[derive(Clone)]
pub(crate) struct Commit {
    files: Files,
    operators: BTreeMap<String, Operators>,
    pub(crate) clusters: BTreeMap<String, Rendered>,
    /// The records of passwords, those that were made for it included.
    pub(crate) records: Texts,
}

impl Commit {
    /// Before the first commit.
    pub(crate) fn none() -> Self {
        Self {
            files: Files::new(),
            operators: BTreeMap::new(),
            clusters: BTreeMap::new(),
            records: Texts::new(),
        }
    }

    /// All changes since another commit, each with its level, as `sitewright diff` finds them.
    pub(crate) fn changes_since(&self, base: &Self) -> Vec<(Level, String)> {
        let Reported { value: (base, head), diagnostics } =
            diff::tree::differing(&base.files, &self.files);
        assert!(!any_error(&diagnostics), "{diagnostics:?}");
        let changes = diff::diff(&base, &head, &self.operators).into_iter();
        changes.map(|change| (change.level(), change.key.to_string())).collect()
    }

    /// What `sitewright diff --deny data-loss` denies.
    pub(crate) fn denied_after(&self, base: &Self) -> Vec<String> {
        let changes = self.changes_since(base).into_iter();
        changes.filter(|(level, _)| *level >= Level::DataLoss).map(|(_, key)| key).collect()
    }
}

/// A working copy, in which commits are compiled.
pub(crate) struct Copy {
    root: TempDir,
    texts: Texts,
    /// Manifests that were read before: few change from one commit to the next.
    read: BTreeMap<Vec<u8>, Vec<Rc<Object>>>,
}

impl Copy {
    pub(crate) fn new() -> Self {
        Self { root: tempfile::tempdir().unwrap(), texts: Texts::new(), read: BTreeMap::new() }
    }

    /// Compiles a project as its author does, who records new passwords, or says why not.
    pub(crate) fn compile(&mut self, texts: Texts) -> Result<Commit, Vec<String>> {
        self.check_out(texts);
        let codes = |found: &[Diagnostic]| -> Vec<String> {
            let errors = found.iter().filter(|found| found.is_error());
            errors.map(|found| format!("{} {}", found.code.id(), found.message)).collect()
        };
        let root = self.root.path();
        let read = Project::read(root).map_err(|unread| codes(&unread.diagnostics))?;
        let Reported { value: project, diagnostics } = read;
        let everything = Scope::everything();
        let missing = Missing::Mint(&everything);
        let compiled = sitewright::compile(&project, missing, diagnostics);
        let compiled = compiled.and_then(Reported::without_errors);
        let compiled = compiled.map_err(|found| codes(&found))?.value;
        let changes = compiled.passwords.changes("sites", &project.stores, &project.sources);
        store::write(root, "sites", &changes).unwrap();
        for change in changes {
            self.texts
                .insert(change.path.clone(), fs::read_to_string(root.join(&change.path)).unwrap());
        }
        let is_record = |path: &String| path.ends_with(".secrets.yaml");
        let records = self.texts.iter().filter(|(path, _)| is_record(path));
        let records = records.map(|(path, text)| (path.clone(), text.clone())).collect();
        Ok(commit(compiled, records, &mut self.read))
    }

    /// Makes the folder hold these files.
    fn check_out(&mut self, texts: Texts) {
        for path in self.texts.keys().filter(|path| !texts.contains_key(*path)) {
            fs::remove_file(self.root.path().join(path)).unwrap();
        }
        for (path, text) in &texts {
            if self.texts.get(path) != Some(text) {
                put(self.root.path(), path, text);
            }
        }
        self.texts = texts;
    }
}

fn put(root: &Path, path: &str, text: &str) {
    let path = root.join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

fn commit(
    compiled: Compiled,
    records: Texts,
    read: &mut BTreeMap<Vec<u8>, Vec<Rc<Object>>>,
) -> Commit {
    let Compiled { fleet, files, .. } = compiled;
    let mut definitions = BTreeMap::new();
    for unit in fleet.units() {
        let common = unit.common();
        let fate = Fate {
            retired: common.retired(),
            protect: common.protect,
            engine: fleet.cluster(common).engine,
            data_goes: common.drops_data,
            frappe: fleet.cluster(common).profiles.frappe.version,
        };
        definitions.insert(common.origin.definition.path(), fate);
    }
    let (mut operators, mut clusters) = (BTreeMap::new(), BTreeMap::new());
    for cluster in &fleet.clusters {
        let rendered = Rendered {
            frappe: cluster.profiles.frappe.version,
            drops_outside: cluster.profiles.mariadb.unwrap().drops_outside,
            tree: Tree::new(),
            fates: BTreeMap::new(),
        };
        let known = Operators { profiles: cluster.profiles, engine: cluster.engine };
        operators.insert(cluster.name.clone(), known);
        clusters.insert(cluster.name.clone(), rendered);
    }
    for (path, bytes) in &files {
        // Whatever the layout, a definition's folder holds its files.
        let definition = path.rsplit_once('/').unwrap().0;
        let rendered = clusters.get_mut(definition.split('/').next().unwrap()).unwrap();
        let objects = read.entry(bytes.clone()).or_insert_with(|| {
            let text = std::str::from_utf8(bytes).unwrap();
            let objects = layout::objects_of(text).into_iter();
            objects.map(|text| Rc::new(Object::read(text.as_bytes()))).collect()
        });
        for object in objects {
            rendered.fates.insert(object.key.clone(), definitions[definition]);
            rendered.tree.insert(object.key.clone(), Rc::clone(object));
        }
    }
    Commit { files, operators, clusters, records }
}
