//! The tenants of fleets: their objects as they are rendered, with the passwords that the controller of
//! sealed-secrets would open.

use crate::opening::{key, unseal};
use crate::samples::files;
use rayon::prelude::*;
use serde_yaml::Value;
use sitewright::diagnostic::{self, Reported};
use sitewright::naming::{NameInputs, Scheme};
use sitewright::output::Scope;
use sitewright::project::Project;
use sitewright::secret::Missing;
use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::LazyLock;
use tempfile::TempDir;

pub(crate) use crate::opening::text;

/// A site's part of a server.
#[derive(Clone)]
pub(crate) struct Tenant {
    pub(crate) database: Value,
    pub(crate) user: Value,
    pub(crate) grant: Value,
    pub(crate) password: String,
}

impl Tenant {
    /// The name of its database and its user.
    pub(crate) fn name(&self) -> &str {
        text(&self.database["spec"]["name"])
    }

    /// A database that differs from it just where a grant would see wildcards.
    pub(crate) fn neighbour(&self) -> String {
        self.name().replace('_', "x")
    }

    /// The same as it was before its grant was escaped.
    pub(crate) fn unescaped(&self) -> Self {
        let mut tenant = self.clone();
        let pattern = &mut tenant.grant["spec"]["database"];
        let plain = text(pattern).replace("\\_", "_");
        assert_ne!(plain, text(pattern));
        *pattern = Value::String(plain);
        tenant
    }
}

/// The tenants of rendered files, by their servers. `cluster` knows the key of each cluster.
pub(crate) fn tenants(
    files: &BTreeMap<String, Vec<u8>>,
    keys: impl Fn(&str) -> &'static str + Sync,
) -> BTreeMap<String, Vec<Tenant>> {
    let objects: Vec<(&str, Value)> = (files.iter())
        .map(|(path, bytes)| {
            (path.split('/').next().unwrap(), serde_yaml::from_slice(bytes).unwrap())
        })
        .collect();
    let find = |cluster: &str, kind: &str, namespace: &Value, name: &str| {
        let found = objects.iter().find(|(other, object)| {
            let metadata = &object["metadata"];
            *other == cluster
                && object["kind"] == kind
                && metadata["namespace"] == *namespace
                && metadata["name"] == name
        });
        found.unwrap_or_else(|| panic!("{cluster}: no {kind} {name}")).1.clone()
    };
    let databases = objects.iter().filter(|(_, object)| object["kind"] == "Database");
    let found: Vec<(String, Tenant)> = databases
        .collect::<Vec<_>>()
        .into_par_iter()
        .map(|(cluster, database)| {
            let metadata = &database["metadata"];
            let site = text(&metadata["name"]).strip_suffix("-db").unwrap();
            let of = |kind: &str, suffix: &str| {
                find(cluster, kind, &metadata["namespace"], &format!("{site}-{suffix}"))
            };
            let user = of("User", "user");
            let secret = text(&user["spec"]["passwordSecretKeyRef"]["name"]);
            let secret = find(cluster, "SealedSecret", &metadata["namespace"], secret);
            let [(_, password)] = &unseal(&key(keys(cluster)), &secret)[..] else { panic!() };
            let tenant = Tenant {
                grant: of("Grant", "grant"),
                password: String::from_utf8(password.clone()).unwrap(),
                database: database.clone(),
                user,
            };
            let reference = serde_yaml::to_string(&database["spec"]["mariaDbRef"]).unwrap();
            (format!("{cluster} {reference}"), tenant)
        })
        .collect();
    let mut servers: BTreeMap<String, Vec<Tenant>> = BTreeMap::new();
    for (server, tenant) in found {
        servers.entry(server).or_default().push(tenant);
    }
    servers
}

/// Every file of the sample fleet.
pub(crate) fn sample() -> BTreeMap<String, Vec<u8>> {
    files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("rendered"))
}

/// A project with one site, and its only tenant.
pub(crate) fn one(more: &str) -> (TempDir, Tenant) {
    let root = project("2.6");
    put(root.path(), "sites/c/acme.yaml", &format!("kind: Site\nsiteName: erp.acme.com\n{more}"));
    let tenant = again(root.path());
    (root, tenant)
}

/// The tenant of what is rendered now.
pub(crate) fn again(root: &Path) -> Tenant {
    sitewright(root, "render -q");
    let servers = tenants(&rendered(root), |_| "frankfurt");
    servers.into_values().flatten().next().unwrap()
}

#[track_caller]
pub(crate) fn sitewright(root: &Path, arguments: &str) {
    let output = Command::new(env!("CARGO_BIN_EXE_sitewright"))
        .current_dir(root)
        .args(arguments.split(' '))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

pub(crate) fn put(root: &Path, path: &str, text: &str) {
    let path = root.join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

/// A project with a shared server, a server outside the cluster and a bench, and no site. Passwords are
/// sealed for a key that everybody has.
pub(crate) fn project(frappe: &str) -> TempDir {
    let root = tempfile::tempdir().unwrap();
    let certificate = include_str!("../../sites/frankfurt/_sealing/2026-11.pem");
    let cluster = format!(
        "kind: Cluster\noperators: {{frappe: \"{frappe}\", mariadb: \"26.6\", frappeDefaultFsGroup: 1000}}\nnamespace: erp\n\
         secrets: {{mode: sealed}}\ngitops: {{engine: flux}}\n"
    );
    for (path, text) in [
        ("sites/c/_cluster.yaml", &*cluster),
        ("sites/c/_sealing/1.pem", certificate),
        (
            "sites/c/b15.yaml",
            "kind: Bench\nfrappeVersion: version-16\napps: [{name: erpnext, source: image}]\n",
        ),
        ("sites/c/db.yaml", "kind: DatabaseServer\nstorageSize: 1Gi\n"),
        ("sites/c/outside.yaml", "kind: DatabaseServer\nexternal: {host: db.example.com}\n"),
        (
            "sites/_defaults.yaml",
            "kind: Defaults\nsite: {bench: b15, apps: [erpnext], database: {server: db}}\n",
        ),
    ] {
        put(root.path(), path, text);
    }
    root
}

/// What a project renders, with passwords that are made for it and recorded nowhere.
pub(crate) fn rendered(root: &Path) -> BTreeMap<String, Vec<u8>> {
    let Reported { value: project, diagnostics } = Project::read(root).unwrap();
    let everything = Scope::everything();
    let compiled = sitewright::compile(&project, Missing::Mint(&everything), diagnostics);
    let said = |found: &[_]| diagnostic::text(found, &project.sources, false);
    compiled.unwrap_or_else(|found| panic!("{}", said(&found))).value.files
}

/// How many pairs of the sites of a hostile project have names of one hash.
const PAIRS: usize = 15;

/// A project of so many sites with names that are made to collide.
pub(crate) fn hostile(frappe: &str, count: usize) -> TempDir {
    let root = project(frappe);
    let pairs = COLLISIONS.iter().enumerate();
    let pairs = pairs.flat_map(|(pair, names)| names.clone().into_iter().zip(alike(pair)));
    let mut made = 0;
    for (name, site_name) in pairs.chain(colliding(frappe)).take(count) {
        let database = match frappe == "2.6" && made >= 2 * PAIRS && made % 5 == 0 {
            true => "{mode: external, server: outside}",
            false => "{server: db}",
        };
        let text = format!("kind: Site\nsiteName: {site_name}\ndatabase: {database}\n");
        put(root.path(), &format!("sites/c/{name}.yaml"), &text);
        made += 1;
    }
    assert_eq!(made, count);
    root
}

/// Whether this frappe-operator can name a site: 2.3 panics at one name in 16.
fn can_name(frappe: &str, name: &str, site_name: &str) -> bool {
    let subject = NameInputs { cluster: "c", namespace: "erp", name, site_name };
    let scheme = if frappe == "2.3" { Scheme::FrappeOperator23 } else { Scheme::FrappeOperator26 };
    scheme.sql_name(subject).is_ok()
}

/// Sites without end, whose names and siteNames are alike.
fn colliding(frappe: &str) -> impl Iterator<Item = (String, String)> {
    let longest = "x".repeat(25);
    let site_names: Vec<String> =
        ["a.b", "a-b", "a--b", "ab", "a.b.c", "a-b.c", "aa.b", "a.bb", "a0b"]
            .iter()
            .map(|name| (*name).to_owned())
            .chain([
                longest.clone(),
                format!("{longest}{}", "y".repeat(18)),
                "1.2.3.4.5.6.7.8.9".to_owned(),
            ])
            .collect();
    let all = (0..).map(move |number: usize| {
        let base = ["a", "a-b", "ab", "a--b", "db-x", "x"][number % 6];
        let name = format!("{base}{}", number / 6);
        // Every site of one bench answers to another name.
        (name, format!("{}.s{number}", site_names[number % site_names.len()]))
    });
    all.filter(move |(name, site_name)| can_name(frappe, name, site_name))
}

/// Two siteNames that differ only where the SQL name of one has `_`, or of which one begins the other.
fn alike(pair: usize) -> [String; 2] {
    match pair % 3 {
        0 => [format!("p{pair}.b"), format!("p{pair}yb")],
        1 => [format!("p{pair}-b.example"), format!("p{pair}0b.example")],
        _ => [format!("p{pair}q"), format!("p{pair}q.b")],
    }
}

/// Pairs of names whose hash is the same, so that only the siteName tells their SQL names apart. A hash
/// of 32 bits has dozens among half a million names.
static COLLISIONS: LazyLock<Vec<[String; 2]>> = LazyLock::new(|| {
    let mut seen = HashMap::new();
    let name = |number: u32| format!("s{number:x}");
    let pairs = (0..2_000_000).filter_map(|number| {
        let twin = seen.insert(fnv(&name(number)), number)?;
        let pair = [name(twin), name(number)];
        pair.iter().all(|name| can_name("2.3", name, "a")).then_some(pair)
    });
    let pairs: Vec<_> = pairs.take(PAIRS).collect();
    assert_eq!(pairs.len(), PAIRS);
    pairs
});

/// FNV-1a of `erp/name`, 32 bits, as both operators have it.
fn fnv(name: &str) -> u32 {
    let mut hash = 0x811c_9dc5_u32;
    for byte in b"erp/".iter().chain(name.as_bytes()) {
        hash = (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193);
    }
    hash
}
