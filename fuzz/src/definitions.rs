//! Whole projects: one site with everything it needs, compiled in memory. Whatever the definitions state, the project
//! is refused with a place, or rendered to manifests that every reader reads, whose names Kubernetes accepts,
//! and in which no new password stands in clear text. A second run, which has the records of the first, makes no password
//! and writes the same bytes.
//!
//! The input is a text. Each line states one field: `site database.mode: dedicated`. Its first word is the file
//! ([`FILES`]), and its value is JSON or, if it is no JSON, text. What a line does not state has a default that
//! makes a valid project. Any other line is added to the site's file as it is.

use crate::foreign::{self, Tree};
use crate::place::assert_placed;
use regex::bytes::Regex;
use sitewright::diagnostic::{self, Diagnostic, Reported, Sources};
use sitewright::manifest::writer;
use sitewright::output::{Files, Scope};
use sitewright::project::{NewFile, Project};
use sitewright::resolve::BaseLayers;
use sitewright::secret::{Certificates, Missing};
use sitewright::source::FileChange as _;
use sitewright::source::node::{Entry, Node, Value};
use sitewright::template::Templates;
use std::cell::RefCell;
use std::path::Path;
use std::sync::LazyLock;

/// The files of a project by the words for them: their paths, and the lines that come before those of the input.
pub const FILES: [(&str, &str, &[&str]); 6] = [
    (
        "cluster",
        "sites/production/_cluster.yaml",
        &[
            "kind: Cluster",
            "operators.frappe: \"2.6\"",
            "operators.mariadb: \"26.6\"",
            "secrets.mode: plain",
            "namespace: erp",
        ],
    ),
    (
        "defaults",
        "sites/_defaults.yaml",
        &["kind: Defaults", "site.bench: b15", "site.database.server: db"],
    ),
    ("bench", "sites/production/b15.yaml", &["kind: Bench", "frappeVersion: version-15"]),
    ("server", "sites/production/db.yaml", &["kind: DatabaseServer", "storageSize: 10Gi"]),
    ("plan", "sites/production/small.yaml", &["kind: Plan"]),
    ("site", "sites/production/acme.yaml", &["kind: Site", "siteName: erp.acme.example"]),
];

/// Has the public keys for which passwords are encrypted. Nobody has the private ones.
const KEYS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/keys");

/// A folder without a project.
const NO_PROJECT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/seeds");

/// Runs the target.
pub fn run(input: &[u8]) {
    if input.len() > crate::MAX_INPUT {
        return;
    }
    let mut files = project(&String::from_utf8_lossy(input));
    let Some(first) = compiled(&files) else { return };
    files.extend(first.records);
    let second = compiled(&files).unwrap_or_else(|| panic!("new records are refused: {files:?}"));
    assert!(second.records.is_empty(), "new passwords in a second run: {files:?}");
    assert_eq!(second.files, first.files, "{files:?}");
    for (path, bytes) in &first.files {
        assert_manifest(path, bytes);
    }
}

/// What a run writes.
struct Run {
    files: Files,
    records: Vec<NewFile>,
}

/// The files of the project that an input states.
pub fn project(input: &str) -> Vec<NewFile> {
    let mut roots = FILES.map(|(_, _, before)| {
        let mut root = Value::Map(Vec::new());
        before.iter().for_each(|line| state(&mut root, line));
        root
    });
    let mut raw = String::new();
    for line in input.lines() {
        let field = line.split_once(' ').filter(|(_, rest)| rest.contains(": "));
        match field.and_then(|(word, rest)| Some((FILES.iter().position(|it| it.0 == word)?, rest)))
        {
            Some((at, rest)) => state(&mut roots[at], rest),
            None => raw.extend([line, "\n"]),
        }
    }
    let file = |((word, path, _), root): (&(&str, &str, &[&str]), Value)| {
        let mut text = String::new();
        writer::write(&root.into(), &mut text);
        if *word == "site" {
            text.push_str(&raw);
        }
        NewFile { path: (*path).to_owned(), text: text.into() }
    };
    FILES.iter().zip(roots).map(file).collect()
}

/// Sets the field of a line `path.to.field: value`.
fn state(root: &mut Value, line: &str) {
    let Some((path, value)) = line.split_once(": ") else { return };
    let mut at = root;
    for key in path.split('.') {
        if !matches!(at, Value::Map(_)) {
            *at = Value::Map(Vec::new());
        }
        let Value::Map(entries) = at else { return };
        let known = entries.iter().position(|entry| &*entry.key == key);
        let position = known.unwrap_or_else(|| {
            entries.push(Entry::new(key, Value::Null.into()));
            entries.len() - 1
        });
        at = &mut entries[position].node.value;
    }
    *at = match serde_json::from_str::<serde_json::Value>(value) {
        Ok(value) => of_json(value),
        Err(_) => Value::String(value.into()),
    };
}

fn of_json(value: serde_json::Value) -> Value {
    use serde_json::Value as Json;
    match value {
        Json::Null => Value::Null,
        Json::Bool(value) => Value::Bool(value),
        Json::Number(number) => match (number.as_i64(), number.as_f64()) {
            (Some(whole), _) => Value::Int(whole),
            (None, Some(number)) if number.is_finite() => Value::Float(number),
            _ => Value::Null,
        },
        Json::String(text) => Value::String(text.into()),
        Json::Array(items) => {
            Value::List(items.into_iter().map(|item| Node::from(of_json(item))).collect())
        }
        Json::Object(fields) => {
            let entry = |(key, value): (String, _)| Entry::new(&key, of_json(value).into());
            Value::Map(fields.into_iter().map(entry).collect())
        }
    }
}

/// What a run writes for a project. `None` if it is refused, with a diagnostic that has a place.
fn compiled(files: &[NewFile]) -> Option<Run> {
    let (project, found) = read(files)?;
    let everything = Scope::everything();
    let run = match sitewright::compile(&project, Missing::Mint(&everything), found) {
        Ok(Reported { value: compiled, diagnostics }) => {
            assert_reported(&diagnostics, &project.sources);
            for minted in &compiled.passwords.minted {
                let password = minted.password.as_ref().map_or(&[][..], |it| it.reveal());
                let has = |text: &[u8]| {
                    !password.is_empty() && text.windows(password.len()).any(|it| it == password)
                };
                let leak = compiled.files.iter().find(|(_, bytes)| has(bytes));
                assert!(leak.is_none(), "{leak:?} has a password");
            }
            let Project { folders, stores, sources, .. } = &project;
            let changes = compiled.passwords.changes(&folders.sites, stores, sources).into_iter();
            let records = changes.map(|change| NewFile {
                path: change.path().to_owned(),
                text: change.after().unwrap_or_else(|| panic!("records are only added")).into(),
            });
            let records = records.collect();
            Some(Run { files: compiled.files, records })
        }
        Err(diagnostics) => {
            assert!(diagnostics.iter().any(Diagnostic::is_error), "{diagnostics:?}");
            assert_reported(&diagnostics, &project.sources);
            None
        }
    };
    let Project { templates, .. } = project;
    TEMPLATES.with_borrow_mut(|kept| {
        if let Some((_, kept)) = kept {
            *kept = Some(templates);
        }
    });
    run
}

fn assert_reported(found: &[Diagnostic], sources: &Sources) {
    assert_placed(found, sources);
    diagnostic::text(found, sources, false);
    diagnostic::json(found, sources);
}

thread_local! {
    /// The built-in templates with their texts. Compiling them takes longer than everything else.
    static TEMPLATES: RefCell<Option<(Sources, Option<Templates>)>> = const { RefCell::new(None) };
}

/// A project with these files, and the diagnostics of reading it.
fn read(files: &[NewFile]) -> Option<(Project, Vec<Diagnostic>)> {
    let kept = TEMPLATES.take().and_then(|(sources, templates)| Some((sources, templates?)));
    let (mut sources, templates) = kept.unwrap_or_else(|| {
        let mut sources = Sources::default();
        let loaded = Templates::load(Path::new(NO_PROJECT), "templates", &mut sources);
        assert!(loaded.diagnostics.is_empty(), "{:?}", loaded.diagnostics);
        (sources, loaded.value)
    });
    TEMPLATES.set(Some((sources.clone(), None)));
    let keys = Certificates::load(Path::new(KEYS), "sites", ["production"], &mut sources);
    assert!(keys.diagnostics.is_empty(), "{:?}", keys.diagnostics);
    let base = BaseLayers::new(&[], &mut sources);
    let base = base.unwrap_or_else(|found| panic!("the built-in defaults: {found:?}"));
    let project = Project {
        root: NO_PROJECT.into(),
        sources,
        folders: Default::default(),
        output: Default::default(),
        allowed: Default::default(),
        definitions: Vec::new(),
        base,
        templates,
        stores: Vec::new(),
        certificates: keys.value,
        rules: Default::default(),
    };
    match project.with_files(files) {
        Ok(Reported { value, diagnostics }) => Some((value, diagnostics)),
        Err(refused) => {
            assert!(refused.diagnostics.iter().any(Diagnostic::is_error));
            assert_reported(&refused.diagnostics, &refused.sources);
            None
        }
    }
}

/// Fails unless a file is one object that libyaml reads, with names that Kubernetes accepts.
fn assert_manifest(path: &str, bytes: &[u8]) {
    static PATH: LazyLock<Regex> =
        LazyLock::new(|| regex(r"[a-z0-9][a-z0-9.-]*(/[a-z0-9][a-z0-9.-]*)*"));
    // A name is a DNS subdomain, and a namespace a DNS label.
    static NAME: LazyLock<Regex> = LazyLock::new(|| regex(r"[a-z0-9]([-a-z0-9.]*[a-z0-9])?"));
    static LABEL: LazyLock<Regex> = LazyLock::new(|| regex(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?"));
    static VALUE: LazyLock<Regex> =
        LazyLock::new(|| regex(r"([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)?"));
    assert!(PATH.is_match(path.as_bytes()), "{path:?}");
    let text = std::str::from_utf8(bytes);
    let text = text.unwrap_or_else(|error| panic!("{path}: {error}"));
    let read = foreign::read(text);
    let object =
        read.unwrap_or_else(|why| panic!("libyaml has no tree of {path}: {why:?}\n{text}"));
    let serde = serde_yaml::from_str::<serde_yaml::Value>(text);
    assert!(serde.is_ok(), "{path}: {serde:?}\n{text}");
    let kind = scalar(&object, &["kind"]);
    assert!(!kind.is_empty() && !scalar(&object, &["apiVersion"]).is_empty(), "{path}:\n{text}");
    if kind == "Secret" {
        let data = entries(&object, &["stringData"]);
        let is_encrypted = |(_, value): &(&str, &str)| value.starts_with("ENC[AES256_GCM,");
        assert!(
            !data.is_empty() && data.iter().all(is_encrypted),
            "{path}: a Secret in clear text"
        );
    }
    let name = scalar(&object, &["metadata", "name"]);
    assert!(name.len() <= 253 && NAME.is_match(name.as_bytes()), "{path}: the name {name:?}");
    let namespace = scalar(&object, &["metadata", "namespace"]);
    let is_label = namespace.len() <= 63 && LABEL.is_match(namespace.as_bytes());
    assert!(is_label, "{path}: the namespace {namespace:?}");
    for (key, value) in entries(&object, &["metadata", "labels"]) {
        let bare = key.rsplit('/').next().unwrap_or_default();
        assert!(
            !bare.is_empty() && bare.len() <= 63 && VALUE.is_match(bare.as_bytes()),
            "{path}: {key:?}"
        );
        assert!(value.len() <= 63 && VALUE.is_match(value.as_bytes()), "{path}: {key}: {value:?}");
    }
    let annotations = entries(&object, &["metadata", "annotations"]);
    let length: usize = annotations.iter().map(|(key, value)| key.len() + value.len()).sum();
    assert!(length <= 256 << 10, "{path}: {length} bytes of annotations");
}

fn regex(pattern: &str) -> Regex {
    Regex::new(&format!("^(?:{pattern})$")).unwrap_or_else(|error| panic!("{error}"))
}

/// The value at a path of keys.
fn at<'t>(tree: &'t Tree, path: &[&str]) -> Option<&'t Tree> {
    path.iter().try_fold(tree, |tree, wanted| match tree {
        Tree::Map(entries) => entries.iter().find_map(|(key, value)| match key {
            Tree::Scalar { text, .. } if text == wanted => Some(value),
            _ => None,
        }),
        _ => None,
    })
}

fn scalar<'t>(tree: &'t Tree, path: &[&str]) -> &'t str {
    match at(tree, path) {
        Some(Tree::Scalar { text, .. }) => text,
        _ => "",
    }
}

fn entries<'t>(tree: &'t Tree, path: &[&str]) -> Vec<(&'t str, &'t str)> {
    let Some(Tree::Map(entries)) = at(tree, path) else { return Vec::new() };
    entries.iter().map(|(key, value)| (scalar(key, &[]), scalar(value, &[]))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Else the target would try nothing but refused projects.
    #[test]
    fn the_default_project_is_rendered() {
        let (project, found) = read(&project("")).unwrap();
        let everything = Scope::everything();
        let compiled = sitewright::compile(&project, Missing::Mint(&everything), found);
        let said = |found: Vec<_>| panic!("{}", diagnostic::text(&found, &project.sources, false));
        let files = compiled.unwrap_or_else(said).value.files;
        let kinds = ["frappesite.yaml", "database.yaml", "user.yaml", "grant.yaml", "mariadb.yaml"];
        for kind in kinds {
            assert!(files.keys().any(|path| path.ends_with(kind)), "{kind}: {:?}", files.keys());
        }
    }

    #[test]
    fn passwords_are_encrypted_for_the_keys() {
        for (seed, file) in [("sealed", "/sealedsecret-admin.yaml"), ("sops", "/secret-admin.yaml")]
        {
            let input = std::fs::read_to_string(format!("{NO_PROJECT}/definitions/{seed}"));
            let run = compiled(&project(&input.unwrap())).unwrap_or_else(|| panic!("{seed}"));
            assert!(run.files.keys().any(|it| it.ends_with(file)), "{:?}", run.files.keys());
            assert!(!run.records.is_empty(), "{seed}");
        }
    }

    #[test]
    fn lines_state_fields() {
        let files = project("site database.mode: dedicated\nsite labels: {\"a\":\"1\"}\n# raw\n");
        let site = files.iter().find(|file| file.path.ends_with("acme.yaml")).unwrap();
        let expected = "kind: Site\nsiteName: erp.acme.example\ndatabase:\n  mode: dedicated\n\
                        labels:\n  a: \"1\"\n# raw\n";
        assert_eq!(&*site.text, expected);
    }
}
