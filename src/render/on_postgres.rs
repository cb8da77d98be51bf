//! The objects of sites on PostgreSQL, under the version of frappe-operator that makes such sites.
//!
//! `tests/postgres/rendered/` holds the objects, for the tests that give them to an API server, to
//! CloudNativePG's webhook and to a real server. `UPDATE_EXPECT=1` writes them.

use crate::check;
use crate::diagnostic::any_error;
use crate::language::Namespace;
use crate::naming::{NameInputs, Scheme};
use crate::outline::Outlines;
use crate::output::{Collect, Discard, Files, Scope};
use crate::plan::Plans;
use crate::project::Project;
use crate::render;
use crate::secret::{Missing, Passwords};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

const PROJECT: [(&str, &str); 10] = [
    (
        "_cluster.yaml",
        "kind: Cluster\nnamespace: erp\noperators: {frappe: \"5.2\", cloudnativePg: \"1.30\"}\n\
         gitops: {engine: flux}\nsecrets: {mode: external, external: {store: {name: vault}}}\n",
    ),
    ("main.yaml", "kind: DatabaseServer\nprovider: postgres\nstorageSize: 50Gi\n"),
    ("busy.yaml", "kind: DatabaseServer\nprovider: postgres\nstorageSize: 50Gi\npooler: {}\n"),
    (
        "b16.yaml",
        "kind: Bench\nfrappeVersion: version-16\nimage: {repository: erp, tag: v16.0.0}\n\
         apps: [{name: hrms, source: image}, {name: erpnext, source: image}]\n",
    ),
    (
        "_defaults.yaml",
        "kind: Defaults\nsite: {bench: b16, apps: [hrms], database: {provider: postgres, server: main}}\n",
    ),
    ("shared.yaml", "kind: Site\nsiteName: shared.example.com\n"),
    ("pooled.yaml", "kind: Site\nsiteName: pooled.example.com\ndatabase: {server: busy}\n"),
    (
        "dedicated.yaml",
        "kind: Site\nsiteName: dedicated.example.com\napps: [erpnext]\n\
         acknowledge: [postgres-erpnext]\ndatabase:\n  server: null\n  mode: dedicated\n  \
         storageSize: 20Gi\n  storageClassName: fast\n  settings: {work_mem: 4MB}\n  instances: 2\n  \
         maxUserConnections: 0\n  resources: {requests: {memory: 2Gi}}\n  metrics: {enabled: true}\n\
         backup:\n  schedule: \"0 3 * * *\"\n  storage: {s3: {bucket: backups, endpoint: s3.example.com, \
         region: eu-central-1, prefix: nightly, accessKeyId: AKIAIOSFODNN7EXAMPLE}}\n",
    ),
    (
        "external.yaml",
        "kind: Site\nsiteName: external.example.com\ndatabase:\n  server: null\n  mode: external\n  \
         connection: {secretName: legacy, host: db.example.com}\n",
    ),
    (
        "retired.yaml",
        "kind: Site\nsiteName: retired.example.com\nlifecycle: retired\ndata: delete\n",
    ),
];

/// What the project renders.
fn rendered() -> Files {
    let root = tempfile::tempdir().unwrap();
    let sites = root.path().join("sites/eu");
    fs::create_dir_all(&sites).unwrap();
    for (name, text) in PROJECT {
        fs::write(sites.join(name), text).unwrap();
    }
    let project = Project::read(root.path()).unwrap().value;
    let resolved = crate::resolved(&project);
    assert!(resolved.diagnostics.is_empty(), "{:#?}", resolved.diagnostics);
    let fleet = resolved.value;
    let plans = Plans::new(&fleet);
    let found = check::check(&fleet, &plans);
    assert!(!any_error(&found), "{found:#?}");
    let settlement = crate::settle(&project, &fleet, &plans, &Discard);
    let everything = Scope::everything();
    let missing = Missing::Mint(&everything);
    let passwords =
        Passwords::new(settlement, missing, root.path(), &fleet, &project.certificates).value;
    let outlines = Outlines::new(&project.templates);
    let rendered = render::render(&outlines, &fleet, plans, &project, &passwords, &Collect);
    assert!(rendered.diagnostics.is_empty(), "{:#?}", rendered.diagnostics);
    rendered.value.files
}

/// The files below the folder of what is expected, by their paths there.
fn expected(folder: &Path) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    for definition in fs::read_dir(folder).into_iter().flatten() {
        let definition = definition.unwrap();
        for file in fs::read_dir(definition.path()).unwrap() {
            let file = file.unwrap();
            let [of, name] =
                [definition.file_name(), file.file_name()].map(|name| name.into_string().unwrap());
            found.insert(format!("{of}/{name}"), fs::read_to_string(file.path()).unwrap());
        }
    }
    found
}

#[test]
fn sites_have_the_objects_that_tests_know() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/postgres/rendered");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    let found: BTreeMap<String, String> = (rendered().into_iter())
        .map(|(path, bytes)| (path.strip_prefix("eu/").unwrap().to_owned(), text(bytes)))
        .collect();
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        let _ = fs::remove_dir_all(&folder);
        for (path, text) in &found {
            let path = folder.join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
    }
    assert_eq!(expected(&folder), found, "UPDATE_EXPECT=1 writes them");
}

/// PostgreSQL cuts a name at 63 bytes, and CloudNativePG reserves some (source: the rules in
/// `api/v1/databaserole_types.go` and `database_types.go` of 1.30.0).
#[test]
fn every_name_is_one_that_postgresql_keeps() {
    let long = "a-very-long-part-of-a-name.".repeat(9) + "com";
    for site_name in ["postgres", "pg", "template0", "cnpg.pg", "a.b-c", "localhost", &long] {
        for name in ["pg", "postgres", "streaming-replica"] {
            let namespace = Namespace::new("erp").unwrap();
            let subject =
                NameInputs { cluster: "eu", namespace: namespace.as_str(), name, site_name };
            let name = Scheme::Sha256.sql_name(subject).unwrap();
            let name = name.as_str();
            assert!(name.len() <= 63 && name.starts_with('_'), "{name}");
            let is_plain =
                |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
            assert!(name.bytes().all(is_plain), "{name}");
        }
    }
}
