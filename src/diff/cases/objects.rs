//! Objects as sitewright renders them, and changes of one.

use crate::diagnostic::Reported;
use crate::diff::{compare, tree};
use crate::output::{Files, Scope, layout, with_header};
use crate::project::Project;
use crate::risk::ObjectChange;
use crate::secret::Missing;
use serde_json::{Map, Value as Json, json};
use std::fs;

/// A shared server with a PhysicalBackup, and a site with a Backup, like the measured objects.
/// Under frappe-operator 2.6, a Grant lists its privileges, so `ALL PRIVILEGES` is a change.
const PROJECT: [(&str, &str); 5] = [
    (
        "_cluster.yaml",
        "kind: Cluster\nnamespace: erp\n\
         operators: {frappe: \"2.6\", mariadb: \"26.6\", cloudnativePg: \"1.30\"}\n\
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
        "pg.yaml",
        "kind: DatabaseServer\nprovider: postgres\nstorageSize: 50Gi\nmetrics: {enabled: true}\n\
         pooler: {}\nbackup:\n  schedule: \"0 2 * * *\"\n  storage: {s3: {bucket: backups, endpoint: s3.example.com, \
         credentials: {name: store}}}\n",
    ),
    (
        "demo.yaml",
        "kind: Site\nsiteName: demo.example.com\nbench: b16\ndatabase: {server: db}\n\
         backup: {schedule: \"0 3 * * *\", storage: {persistentVolumeClaim: {size: 10Gi}}}\n",
    ),
];

const CLUSTER: &str = "eu";

/// The manifests of a project.
pub(crate) struct Rendered(Vec<Json>);

impl Rendered {
    pub(crate) fn new() -> Self {
        let root = tempfile::tempdir().unwrap();
        let sites = root.path().join("sites").join(CLUSTER);
        fs::create_dir_all(&sites).unwrap();
        for (name, text) in PROJECT {
            fs::write(sites.join(name), text).unwrap();
        }
        let everything = Scope::everything();
        let Reported { value: project, diagnostics } = Project::read(root.path()).unwrap();
        let compiled = crate::compile(&project, Missing::Mint(&everything), diagnostics);
        let compiled = compiled.and_then(Reported::without_errors).unwrap();
        let mut objects = Vec::new();
        for bytes in compiled.value.files.values() {
            let texts = layout::objects_of(std::str::from_utf8(bytes).unwrap()).into_iter();
            objects.extend(texts.map(|text| serde_yaml::from_str(text).unwrap()));
        }
        Self(objects)
    }

    /// The first object of a kind. The API group may follow the kind, as in
    /// `Database.postgresql.cnpg.io`. If the project has no such object, the result is an object
    /// that has only a name.
    pub(crate) fn object(&self, kind: &str) -> Json {
        let (kind, group) = kind.split_once('.').unwrap_or((kind, ""));
        let is_of =
            |api: &str| group.is_empty() || api.split_once('/').is_some_and(|(of, _)| of == group);
        let mut all = self.0.iter();
        let found = all
            .find(|object| object["kind"] == kind && is_of(object["apiVersion"].as_str().unwrap()));
        let group = if group.is_empty() { "example.com" } else { group };
        found.cloned().unwrap_or_else(|| {
            json!({
                "apiVersion": format!("{group}/v1"), "kind": kind,
                "metadata": {"name": "bare", "namespace": "erp"}, "spec": {},
            })
        })
    }
}

/// The changes from some objects to others, without findings.
pub(crate) fn changes(before: &[Json], after: &[Json]) -> Vec<ObjectChange> {
    let files = |objects: &[Json]| -> Files {
        let file = |object: &Json| {
            // JSON is YAML in which no text looks like a date.
            let text = serde_json::to_string_pretty(object).unwrap();
            let name = &object["metadata"]["name"];
            (format!("{CLUSTER}/it/{name}.yaml"), with_header("sites/eu/it.yaml", &text))
        };
        objects.iter().map(file).collect()
    };
    let Reported { value: (base, head), diagnostics } =
        tree::differing(&files(before), &files(after));
    assert!(diagnostics.is_empty(), "{diagnostics:#?}");
    compare::changes(&base, &head)
}

/// Sets a field. `null` removes it.
pub(crate) fn set(object: &mut Json, field: &str, to: &Json) {
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
