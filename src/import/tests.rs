//! Imports of manifests that sitewright rendered, and of those that frappe-operator's authors publish.

use super::report::{Counts, Report};
use super::{Import, Request, import};
use crate::diagnostic::{Code, FileId};
use crate::language::{IMPORTED_GROUPS, Kind};
use crate::live::{LiveObject, Place};
use crate::project::Refused;
use crate::risk::Key;
use crate::source::node::{Entry, Node, Value};
use crate::source::yaml;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    let mut entries: Vec<_> = fs::read_dir(folder).unwrap().map(|it| it.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        match path.is_dir() {
            true => files(&path, found),
            false => found.push(path),
        }
    }
}

/// The objects of a folder of manifests.
fn objects(folder: &Path) -> Vec<LiveObject> {
    let mut paths = Vec::new();
    files(folder, &mut paths);
    let mut objects = Vec::new();
    for path in paths.iter().filter(|path| path.extension().is_some_and(|it| it == "yaml")) {
        let text = fs::read_to_string(path).unwrap();
        for text in crate::output::layout::objects_of(&text) {
            let node = yaml::read(text, FileId::NONE).unwrap();
            objects.push(live_object(node, &path.to_string_lossy()));
        }
    }
    objects
}

fn live_object(mut node: Node, file: &str) -> LiveObject {
    let of = |path: &[&str]| super::value::text(&node, path).unwrap_or_default().to_owned();
    let api = of(&["apiVersion"]);
    let (group, version) = api.rsplit_once('/').unwrap_or(("", &api));
    let key = Key {
        cluster: String::new(),
        kind: of(&["kind"]),
        group: group.to_owned(),
        namespace: of(&["metadata", "namespace"]),
        name: of(&["metadata", "name"]),
    };
    let version = version.to_owned();
    without_tracking(&mut node);
    LiveObject {
        key,
        version,
        node,
        place: Place { file: file.into(), line: 1 },
        owners: Vec::new(),
        finalizers: Vec::new(),
        managers: Vec::new(),
        reported: None,
        is_deleted: false,
    }
}

fn without_tracking(node: &mut Node) {
    if let Value::Map(entries) = &mut node.value {
        entries.retain(|entry: &Entry| &*entry.key != "status");
    }
}

const MARIADB: &str = "26.6";

/// The import of objects into an empty folder, or into a project.
fn imported(
    root: &Path,
    request: [Option<&str>; 3],
    objects: &[LiveObject],
) -> Result<Import, Refused> {
    let [cluster, frappe, mariadb] = request;
    let left_alone = BTreeMap::new();
    import(root, &Request { cluster, frappe, mariadb, left_alone: &left_alone }, objects)
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The report of a refused import.
#[track_caller]
fn refused(refused: Result<Import, Refused>, code: Code) -> String {
    let refused = refused.unwrap_err();
    let codes: Vec<Code> = refused.diagnostics.iter().map(|it| it.code).collect();
    assert!(codes.contains(&code), "{codes:?}");
    crate::diagnostic::text(&refused.diagnostics, &refused.sources, false)
}

fn report(import: &Import, objects: &[LiveObject]) -> String {
    let report = Report::new(import, objects, false);
    format!("{:#}", serde_json::to_value(report).unwrap())
}

/// The objects of a text of YAML documents.
fn given(text: &str) -> Vec<LiveObject> {
    text.split("---\n")
        .map(|text| live_object(yaml::read(text, FileId::NONE).unwrap(), "given.yaml"))
        .collect()
}

const SITE: &str = "\
apiVersion: vyogo.tech/v1alpha1
kind: FrappeSite
metadata: {name: acme, namespace: erp}
spec:
  benchRef: {name: v15, namespace: erp}
  siteName: erp.acme.com
  domain: erp.acme.com
  dbConfig: {provider: mariadb, mode: shared, mariadbRef: {name: db, namespace: erp}}
  adminPasswordSecretRef: {name: acme-admin, namespace: erp}
  ingress: {enabled: true}
  tls: {enabled: false}
";

/// Definitions of a sample become objects, and these the same definitions again, as far as a render shows.
#[track_caller]
fn comes_back(sample: &str, cluster: &str, frappe: &str) {
    let objects = objects(&root().join(sample).join("rendered").join(cluster));
    let new = tempfile::tempdir().unwrap();
    let sealing = root().join(sample).join("sites").join(cluster).join("_sealing");
    if sealing.is_dir() {
        let copy = new.path().join("sites").join(cluster).join("_sealing");
        fs::create_dir_all(&copy).unwrap();
        for file in fs::read_dir(&sealing).unwrap().map(|file| file.unwrap()) {
            fs::copy(file.path(), copy.join(file.file_name())).unwrap();
        }
    }
    let request = [Some(cluster), Some(frappe), Some(MARIADB)];
    let import = imported(new.path(), request, &objects).unwrap_or_else(|refused| {
        panic!("{}", crate::diagnostic::text(&refused.diagnostics, &refused.sources, false))
    });
    let counts = Counts::new(&import);
    let said = report(&import, &objects);
    assert!(counts.without_a_change > 0, "{said}");
    assert_eq!((counts.with_differences, counts.not_imported), (0, 0), "{said}");
    assert!(import.passwords.is_empty(), "{said}");
    import.write().unwrap();
    let written = crate::project::Project::read(new.path()).unwrap();
    assert!(!crate::diagnostic::any_error(&written.diagnostics), "{:?}", written.diagnostics);
    assert_eq!(written.value.definitions.len(), import.project.definitions.len());
}

#[test]
fn the_sample_fleet_comes_back() {
    comes_back("", "frankfurt", "2.6");
    comes_back("", "mumbai", "2.3");
}

#[test]
fn a_cluster_must_be_named() {
    let objects = given(SITE);
    let empty = tempfile::tempdir().unwrap();
    let of = |request| imported(empty.path(), request, &objects);
    let said = refused(of([None, Some("2.6"), Some(MARIADB)]), Code::ImportCluster);
    assert!(said.contains("--cluster NAME"), "{said}");
    refused(of([Some("No_label"), Some("2.6"), Some(MARIADB)]), Code::ImportCluster);
}

#[test]
fn a_new_cluster_needs_its_versions() {
    let objects = given(SITE);
    let empty = tempfile::tempdir().unwrap();
    let of = |request| imported(empty.path(), request, &objects);
    let said = refused(of([Some("a"), None, None]), Code::ImportVersion);
    assert!(said.contains("--frappe 2.6") && said.contains("--mariadb 26.6"), "{said}");
    refused(of([Some("a"), Some("2.6.2"), Some(MARIADB)]), Code::ImportVersion);
    let deployment = |name: &str, image: &str| {
        format!(
            "---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: {name}, namespace: system}}\n\
             spec: {{template: {{spec: {{containers: [{{image: '{image}'}}]}}}}}}\n"
        )
    };
    let with_operators = [
        SITE,
        &deployment("frappe-operator", "ghcr.io/vyogotech/frappe-operator:v2.6.5"),
        &deployment(
            "mariadb-operator",
            "docker-registry3.mariadb.com/mariadb-operator/mariadb-operator:26.6.0",
        ),
    ];
    let import =
        imported(empty.path(), [Some("a"), None, None], &given(&with_operators.concat())).unwrap();
    let cluster = &import.files[0].text;
    assert!(
        cluster.contains("frappe: \"2.6\"") && cluster.contains("mariadb: \"26.6\""),
        "{cluster}"
    );
}

#[test]
fn an_input_without_sites_servers_and_benches_is_refused() {
    let objects = given("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, namespace: b}\n");
    let empty = tempfile::tempdir().unwrap();
    let request = [Some("a"), Some("2.6"), Some(MARIADB)];
    refused(imported(empty.path(), request, &objects), Code::NothingToImport);
}

#[test]
fn no_file_is_written_over() {
    let objects = given(SITE);
    let empty = tempfile::tempdir().unwrap();
    let import = imported(empty.path(), [Some("a"), Some("2.6"), Some(MARIADB)], &objects).unwrap();
    import.write().unwrap();
    let said = refused(imported(empty.path(), [None, None, None], &objects), Code::ImportExists);
    assert!(said.contains("sites/a/acme.yaml"), "{said}");
}

#[test]
fn a_site_whose_database_has_another_name_is_not_imported() {
    let database = "---\napiVersion: k8s.mariadb.com/v1alpha1\nkind: Database\n\
                    metadata: {name: acme-db, namespace: erp}\n\
                    spec: {mariaDbRef: {name: db, namespace: erp}, name: other}\n";
    let server = "---\napiVersion: k8s.mariadb.com/v1alpha1\nkind: MariaDB\n\
                  metadata: {name: db, namespace: erp}\nspec: {image: 'mariadb:10.11', storage: {size: 1Gi}}\n";
    let objects = given(&[SITE, database, server].concat());
    let empty = tempfile::tempdir().unwrap();
    let import = imported(empty.path(), [Some("a"), Some("2.6"), Some(MARIADB)], &objects).unwrap();
    let found = import.warnings.iter().find(|it| it.code == Code::NotImported).unwrap();
    assert!(found.message.contains("frappe-operator 2.6 uses `_"), "{}", found.message);
    assert_eq!(Counts::new(&import).not_imported, 1);
    // Under 2.5, the site uses it as a database that exists already.
    let import = imported(empty.path(), [Some("a"), Some("2.5"), Some(MARIADB)], &objects).unwrap();
    let site = import.files.iter().find(|file| file.path.ends_with("/acme.yaml")).unwrap();
    assert!(site.text.contains("secretName: acme-connection"), "{}", site.text);
    assert!(site.text.contains("host: db.erp.svc.cluster.local"), "{}", site.text);
}

/// The objects that frappe-operator's authors publish, from the file that has their specs.
fn published() -> Vec<LiveObject> {
    let text = fs::read_to_string(root().join("tests/upstream/published.yaml")).unwrap();
    let all = yaml::read(&text, FileId::NONE).unwrap();
    let object = |entry: &Entry| {
        let (rest, file) = entry.key.rsplit_once('/').unwrap();
        let (kind, api) = match file {
            "frappesite.yaml" => ("FrappeSite", "vyogo.tech/v1alpha1"),
            "frappebench.yaml" => ("FrappeBench", "vyogo.tech/v1alpha1"),
            "mariadb.yaml" => ("MariaDB", "k8s.mariadb.com/v1alpha1"),
            _ => panic!("{file}"),
        };
        let name = rest.rsplit_once('/').map_or(rest, |(_, name)| name);
        let mut node = super::value::map();
        super::value::put(&mut node, &["apiVersion"], super::value::string(api));
        super::value::put(&mut node, &["kind"], super::value::string(kind));
        super::value::put(&mut node, &["metadata", "name"], super::value::string(name));
        super::value::put(&mut node, &["metadata", "namespace"], super::value::string("default"));
        super::value::put(&mut node, &["spec"], entry.node.get("spec").unwrap().clone());
        live_object(node, &entry.key)
    };
    all.entries().iter().map(object).collect()
}

/// Every site that frappe-operator's authors publish is imported. A bench that is not published as a valid FrappeBench
/// becomes a reference.
#[test]
fn upstreams_examples_are_imported() {
    let objects = published();
    let empty = tempfile::tempdir().unwrap();
    let request = [Some("dev"), Some("2.6"), Some(MARIADB)];
    let import = imported(empty.path(), request, &objects).unwrap_or_else(|refused| {
        panic!("{}", crate::diagnostic::text(&refused.diagnostics, &refused.sources, false))
    });
    let of = |kind: &str| objects.iter().filter(|object| object.key.kind == kind).count();
    let made = import.definitions.iter().filter(|it| it.kind == Kind::Site).count();
    assert!(of("FrappeSite") > 2);
    assert_eq!(made, of("FrappeSite"), "{}", report(&import, &objects));
    assert!(import.refusals.is_empty(), "{}", report(&import, &objects));
    let file = |name: &str| import.files.iter().find(|it| it.path.ends_with(name)).unwrap();
    assert!(file("/enterprise-site.yaml").text.contains("storageSize: 100Gi"));
    assert!(file("/dev-bench.yaml").text.contains("managed: false"));
}

/// Two namespaces have a site of one name, and a bench has a site's name.
#[test]
fn a_name_that_is_taken_twice_is_stated_apart_from_the_file() {
    let other =
        SITE.replace("namespace: erp", "namespace: retail").replace("erp.acme", "shop.acme");
    let bench = "---\napiVersion: vyogo.tech/v1alpha1\nkind: FrappeBench\n\
                 metadata: {name: db, namespace: erp}\nspec: {frappeVersion: version-16}\n";
    let server = "---\napiVersion: k8s.mariadb.com/v1alpha1\nkind: MariaDB\n\
                  metadata: {name: db, namespace: erp}\nspec: {image: 'mariadb:10.11', storage: {size: 1Gi}}\n";
    let objects = given(&[SITE, "---\n", &other, bench, server].concat());
    let empty = tempfile::tempdir().unwrap();
    let import = imported(empty.path(), [Some("a"), Some("2.6"), Some(MARIADB)], &objects).unwrap();
    let text = |path: &str| {
        let file = import.files.iter().find(|file| file.path == path);
        file.map(|file| &*file.text).unwrap_or_else(|| panic!("{:?}", import.files))
    };
    assert!(text("sites/a/db-server.yaml").starts_with("kind: DatabaseServer\nname: db\n"));
    assert!(text("sites/a/db.yaml").starts_with("kind: Bench\n"));
    assert!(text("sites/a/retail/acme.yaml").contains("siteName: shop.acme.com"));
    assert!(text("sites/a/retail/_defaults.yaml").contains("namespace: retail"));
    import.write().unwrap();
    let read = crate::project::Project::read(empty.path()).unwrap();
    assert!(!crate::diagnostic::any_error(&read.diagnostics), "{:?}", read.diagnostics);
}

/// Sites on servers of their own, in two groups, come back with a plan for each group.
#[test]
fn groups_of_sites_get_plans() {
    let before = tempfile::tempdir().unwrap();
    let put = |path: &str, text: &str| {
        let path = before.path().join("sites/eu").join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    put(
        "_cluster.yaml",
        "kind: Cluster\noperators: {frappe: \"2.6\", mariadb: \"26.6\", frappeDefaultFsGroup: 1000}\nnamespace: erp\ngitops: {engine: flux}\n",
    );
    put("b.yaml", "kind: Bench\nmanaged: false\n");
    for number in 1..5 {
        let site = |name: &str, more: &str| {
            put(
                &format!("{name}{number}.yaml"),
                &format!(
                    "kind: Site\nsiteName: {name}{number}.example.com\nbench: b\napps: [erpnext]\n{more}"
                ),
            );
        };
        let size = format!("{number}0Gi");
        let gold = "cpu: 100m, memory: 3Gi}}}\nlabels: {a/plan: gold}\n";
        site(
            "gold",
            &format!(
                "database: {{mode: dedicated, storageSize: {size}, resources: {{requests: {{{gold}"
            ),
        );
        let less = "maxUserConnections: 30, resources: {requests: {memory: 1Gi}}}\n";
        site("other", &format!("database: {{mode: dedicated, storageSize: {size}, {less}"));
    }
    let project = crate::project::Project::read(before.path()).unwrap().value;
    let everything = crate::output::Scope::everything();
    let minted = crate::secret::Missing::Mint(&everything);
    let compiled = crate::compile(&project, minted, Vec::new()).unwrap().value;
    let texts = compiled.files.values().map(|bytes| String::from_utf8_lossy(bytes).into_owned());
    let objects = given(&texts.collect::<Vec<_>>().join("---\n"));
    let after = tempfile::tempdir().unwrap();
    let request = [Some("eu"), Some("2.6"), Some(MARIADB)];
    let import = imported(after.path(), request, &objects).unwrap();
    assert!(import.changes.definitions.is_empty(), "{:?}", import.changes);
    let text = |path: &str| {
        let path = format!("sites/eu/{path}.yaml");
        let file = import.files.iter().find(|file| file.path == path);
        file.unwrap_or_else(|| panic!("no {path}")).text.to_string()
    };
    let gold = text("gold");
    assert!(gold.starts_with("kind: Plan\n") && gold.contains("memory: 3Gi"), "{gold}");
    assert!(text("plan-1").contains("maxUserConnections: 30"));
    assert_eq!(
        text("gold2"),
        "kind: Site\nsiteName: gold2.example.com\nplan: gold\ndatabase:\n  storageSize: 20Gi\n"
    );
    assert!(text("other3").contains("plan: plan-1\n"));
}

/// An object among the definitions is answered with this command.
#[test]
fn the_advice_for_an_object_names_what_is_imported() {
    let groups: BTreeSet<&str> = super::index::KINDS.iter().map(|(_, group)| *group).collect();
    // A PodMonitor comes with its server and a SiteDatabase with its site, and nobody pastes one alone.
    let alone =
        |group: &&str| !["monitoring.coreos.com", crate::site_database::GROUP].contains(group);
    let groups: BTreeSet<&str> = groups.into_iter().filter(alone).collect();
    assert_eq!(groups, IMPORTED_GROUPS.into_iter().collect());
}

/// A SiteDatabase becomes no definition. It is rendered again where the cluster states `status: true`.
#[test]
fn a_site_database_is_rendered_again() {
    let report = "\
apiVersion: sitewright.dev/v1alpha1
kind: SiteDatabase
metadata: {name: NAME, namespace: erp}
spec: {siteName: erp.acme.com, provider: mariadb, mode: shared, objects: []}
";
    let of = |name: &str| {
        let objects = given(&[SITE, &report.replace("NAME", name)].join("---\n"));
        let folder = tempfile::tempdir().unwrap();
        let request = [Some("production"), Some("2.6"), Some(MARIADB)];
        let import = imported(folder.path(), request, &objects).unwrap();
        let cluster = import.files.iter().find(|it| it.path.ends_with("_cluster.yaml")).unwrap();
        assert!(cluster.text.contains("status: true"), "{name}");
        let refusals: Vec<String> = import.refusals.iter().map(|it| it.why.clone()).collect();
        let changes = import.changes.definitions.iter().flat_map(|it| &it.changes);
        let fields = changes.filter(|it| it.key.kind == "SiteDatabase");
        (refusals, fields.flat_map(|it| &it.fields).map(|it| it.field()).collect::<Vec<_>>())
    };
    let (refusals, fields) = of("acme");
    assert!(refusals.is_empty(), "{refusals:?}");
    assert!(fields.contains(&"spec.objects".to_owned()), "{fields:?}");
    assert_eq!(of("other").0, ["no site of that name"]);
}
