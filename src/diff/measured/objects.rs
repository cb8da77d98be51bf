//! Objects as sitewright renders them, and changes of one.

use super::super::compare::{ObjectChange, diff};
use super::super::risk::Operators;
use super::super::tree;
use crate::operator::{Frappe, Mariadb};
use crate::output::{Files, Scope, layout, seal};
use crate::project::Project;
use crate::secret::Missing;
use serde_json::{Map, Value as Json};
use std::collections::BTreeMap;
use std::fs;

/// A shared server with a PhysicalBackup, and a site with a Backup, as what was measured. Under frappe-operator
/// 2.6 a Grant lists its privileges, so that all of them are a change.
const PROJECT: [(&str, &str); 4] = [
    (
        "_cluster.yaml",
        "kind: Cluster\noperators: {frappe: \"2.6\", mariadb: \"26.6\"}\nnamespace: erp\n\
         gitops: {engine: flux}\n",
    ),
    (
        "b16.yaml",
        "kind: Bench\nfrappeVersion: version-16\nimage: {repository: erp, tag: v16.0.0}\n\
         apps: [{name: erpnext, source: image}]\nstorageClassName: standard\n",
    ),
    (
        "db.yaml",
        "kind: DatabaseServer\nstorageSize: 50Gi\nstorageClassName: standard\nversion: \"10.11\"\n\
         resources: {requests: {cpu: \"1\", memory: 2Gi}}\n\
         backup: {schedule: \"0 2 * * *\", storage: {persistentVolumeClaim: {size: 10Gi}}}\n",
    ),
    (
        "demo.yaml",
        "kind: Site\nsiteName: demo.example.com\nbench: b16\ndatabase: {server: db}\n\
         backup: {schedule: \"0 3 * * *\", storage: {persistentVolumeClaim: {size: 10Gi}}}\n",
    ),
];

const CLUSTER: &str = "eu";

/// What a project compiles to.
pub(super) struct Rendered(Vec<Json>);

impl Rendered {
    pub(super) fn new() -> Self {
        let root = tempfile::tempdir().unwrap();
        let sites = root.path().join("sites").join(CLUSTER);
        fs::create_dir_all(&sites).unwrap();
        for (name, text) in PROJECT {
            fs::write(sites.join(name), text).unwrap();
        }
        let mut diagnostics = Vec::new();
        let everything = Scope::everything();
        let files = Project::read(root.path(), &mut diagnostics).ok().and_then(|project| {
            let missing = Missing::Mint(&everything);
            Some(crate::compile(&project, missing, &mut diagnostics)?.files)
        });
        assert!(!crate::diagnostic::any_error(&diagnostics), "{diagnostics:#?}");
        let mut objects = Vec::new();
        for bytes in files.unwrap().values() {
            let texts = layout::objects_of(std::str::from_utf8(bytes).unwrap()).into_iter();
            objects.extend(texts.map(|text| serde_yaml::from_str(text).unwrap()));
        }
        Self(objects)
    }

    /// The first object of a kind.
    pub(super) fn object(&self, kind: &str) -> Json {
        let found = self.0.iter().find(|object| object["kind"] == kind);
        found.unwrap_or_else(|| panic!("no {kind} is rendered")).clone()
    }
}

/// The operators of a cluster.
pub(super) fn known(mariadb: &'static Mariadb) -> Operators {
    Operators { mariadb, frappe: Frappe::of("2.6") }
}

/// What becomes of an object; nothing where nothing changes.
pub(super) fn changed(
    before: &Json,
    after: &Json,
    mariadb: &'static Mariadb,
) -> Option<ObjectChange> {
    let files = |object: &Json| -> Files {
        // JSON is YAML in which no text looks like a date.
        let text = serde_json::to_string_pretty(object).unwrap();
        [(format!("{CLUSTER}/it/object.yaml"), seal("sites/eu/it.yaml", &text))].into()
    };
    let mut problems = Vec::new();
    let (base, head) = tree::differing(&files(before), &files(after), &mut problems);
    assert!(problems.is_empty(), "{problems:#?}");
    let operators = BTreeMap::from([(CLUSTER.to_owned(), known(mariadb))]);
    let mut changes = diff(&base, &head, &operators);
    assert!(changes.len() <= 1, "{changes:#?}");
    changes.pop()
}

/// Sets a field, or takes it away with `null`.
pub(super) fn set(object: &mut Json, field: &str, to: &Json) {
    let mut keys: Vec<&str> = field.split('.').collect();
    let last = keys.pop().unwrap();
    let map = keys.into_iter().fold(object, |node, key| &mut node[key]);
    if map.is_null() {
        *map = Json::Object(Map::new());
    }
    match to {
        Json::Null => {
            map.as_object_mut().unwrap().remove(last);
        }
        to => map[last] = to.clone(),
    }
}

/// Brings a patch into an object as RFC 7386 says: maps key by key, `null` takes away, anything else replaces.
pub(super) fn patch(object: &mut Json, patch: &Json) {
    let Json::Object(entries) = patch else {
        *object = patch.clone();
        return;
    };
    if !object.is_object() {
        *object = Json::Object(Map::new());
    }
    for (key, value) in entries {
        match value {
            Json::Null => {
                object.as_object_mut().unwrap().remove(key);
            }
            value => self::patch(&mut object[key.as_str()], value),
        }
    }
}
