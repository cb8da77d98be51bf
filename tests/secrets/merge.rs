//! Records of passwords under Git: what merges, what must stop a merge, and that neither a cut-off run
//! nor another clone, thread or certificate changes a value that was made. These tests run the real
//! binary and the real Git, and open what was sealed.

use crate::opening::{key, open};
use rsa::PrivateKey;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::LazyLock;
use std::thread;
use std::time::Duration;
use tempfile::TempDir;

/// Files by their paths.
type Tree = BTreeMap<String, Vec<u8>>;

const DEFINITIONS: &str = "\
# _cluster.yaml
kind: Cluster
operators: {frappe: '2.6', mariadb: '26.6'}
namespace: frappe
secrets: {mode: sealed}
---
# _defaults.yaml
kind: Defaults
site: {bench: erpnext-v15, apps: [erpnext], database: {server: frappe-mariadb}}
---
# erpnext-v15.yaml
kind: Bench
frappeVersion: version-16
apps: [{name: erpnext, source: image}]
---
# frappe-mariadb.yaml
kind: DatabaseServer
storageSize: 20Gi
";

const SITEWRIGHT: &str = env!("CARGO_BIN_EXE_sitewright");
const STORE: &str = "sites/production/acme.secrets.yaml";
const SITE: &str = "rendered/production/acme/frappesite.yaml";
const MANIFEST: &str = "rendered/production/acme/sealedsecret-admin.yaml";

fn repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// The keys of the certificates that these projects seal for.
static KEYS: LazyLock<[PrivateKey; 2]> = LazyLock::new(|| [key("frankfurt"), key("mumbai")]);

/// What these tests read of a record.
#[derive(Deserialize)]
struct Record {
    generation: u64,
    label: String,
    sealed: String,
}

impl Record {
    /// The password, as a controller with this key gets it.
    fn open(&self, key: &PrivateKey) -> Option<String> {
        String::from_utf8(open(key, &self.label, &self.sealed)?).ok()
    }
}

struct Project(TempDir);

impl Project {
    /// A project of these sites, not yet rendered.
    fn of<'s>(sites: impl IntoIterator<Item = &'s str>) -> Self {
        let project = Self(tempfile::tempdir().unwrap());
        for definition in DEFINITIONS.split("---\n") {
            let (name, text) = definition.split_once('\n').unwrap();
            project.put(&format!("sites/production/{}", &name[2..]), text);
        }
        let certificate = repository("sites/frankfurt/_sealing/2026-11.pem");
        let certificate = fs::read_to_string(certificate).unwrap();
        project.put("sites/production/_sealing/2026-11.pem", &certificate);
        sites.into_iter().for_each(|site| project.put_site(site));
        project
    }

    /// A rendered project in Git, with a branch `other` at the same commit.
    fn committed<'s>(sites: impl IntoIterator<Item = &'s str>) -> Self {
        let project = Self::of(sites);
        project.git("init --quiet -b main");
        project.fine("render");
        project.commit();
        project.git("branch other");
        project
    }

    fn path(&self, path: &str) -> PathBuf {
        self.0.path().join(path)
    }

    fn put(&self, path: &str, text: &str) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn put_site(&self, name: &str) {
        let text = format!("kind: Site\nsiteName: {name}.example.com\n");
        self.put(&format!("sites/production/{name}.yaml"), &text);
    }

    fn command(&self, program: &str, line: &str) -> Command {
        let mut command = Command::new(program);
        command.args(line.split(' ')).current_dir(self.0.path());
        command.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_NOSYSTEM", "1");
        for who in ["AUTHOR", "COMMITTER"] {
            command.env(format!("GIT_{who}_NAME"), "Somebody");
            command.env(format!("GIT_{who}_EMAIL"), "somebody@example.com");
        }
        // A hook that runs the tests says where its own repository is.
        for variable in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"] {
            command.env_remove(variable);
        }
        command
    }

    /// Runs sitewright: its exit code, and what it printed.
    fn run(&self, line: &str) -> (i32, String) {
        let ran = self.command(SITEWRIGHT, line).output().unwrap();
        let said = [ran.stdout, ran.stderr].concat();
        (ran.status.code().unwrap(), String::from_utf8(said).unwrap())
    }

    fn fine(&self, line: &str) -> String {
        let (code, said) = self.run(line);
        assert_eq!(code, 0, "{line}: {said}");
        said
    }

    fn git(&self, line: &str) -> String {
        let ran = self.command("git", line).output().unwrap();
        let said = String::from_utf8([ran.stdout, ran.stderr].concat()).unwrap();
        assert!(ran.status.success(), "git {line}: {said}");
        said
    }

    fn commit(&self) {
        self.git("add --all");
        self.git("commit --quiet -m work");
    }

    /// Works on both branches, ours being `main`, and commits.
    fn on_both(&self, ours: impl FnOnce(&Self), theirs: impl FnOnce(&Self)) {
        self.git("checkout --quiet other");
        theirs(self);
        self.commit();
        self.git("checkout --quiet main");
        ours(self);
        self.commit();
    }

    /// Merges `other`: the files that are left to decide, each with Git's two letters for it.
    fn merge(&self) -> Vec<String> {
        let merged = self.command("git", "merge --quiet --no-edit other").output().unwrap();
        let status = self.git("status --porcelain");
        let undecided = status.lines().filter(|line| line[..2].contains('U'));
        let left: Vec<String> = undecided.map(str::to_owned).collect();
        assert_eq!(merged.status.success(), left.is_empty(), "{status}");
        left
    }

    fn tree(&self, folder: &str) -> Tree {
        let mut found = Tree::new();
        walk(&self.path(folder), folder, &mut found);
        found
    }

    fn outputs(&self) -> [Tree; 2] {
        [self.tree("sites"), self.tree("rendered")]
    }

    fn stores(&self) -> Tree {
        let mut found = self.tree("sites");
        found.retain(|path, _| path.ends_with(".secrets.yaml"));
        found
    }

    /// Every record, by its Secret and key.
    fn records(&self) -> BTreeMap<String, Record> {
        let mut found = BTreeMap::new();
        for (path, bytes) in self.stores() {
            let store: BTreeMap<String, BTreeMap<String, Record>> =
                serde_yaml::from_slice(&bytes).unwrap_or_else(|e| panic!("{path}: {e}"));
            for (secret, keys) in store {
                let named = |(key, record)| (format!("{secret}/{key}"), record);
                found.extend(keys.into_iter().map(named));
            }
        }
        found
    }

    /// Whether manifests carry what is recorded, and nothing else.
    fn is_carried(&self) -> bool {
        let mut manifests = self.tree("rendered");
        manifests.retain(|path, _| path.contains("/sealedsecret-") && !path.contains("/."));
        let manifests: Vec<String> =
            manifests.into_values().map(|bytes| String::from_utf8(bytes).unwrap()).collect();
        let is_carried = |(path, record): (&String, &Record)| {
            let (secret, key) = path.split_once('/').unwrap();
            let lines = [
                format!("\n  name: {secret}\n"),
                format!("\n    {key}: {}\n", record.sealed),
                format!("\n        sitewright/generation: \"{}\"\n", record.generation),
            ];
            manifests.iter().any(|text| lines.iter().all(|line| text.contains(line)))
        };
        let records = self.records();
        manifests.len() == records.len() && records.iter().all(is_carried)
    }

    /// All is as it should be; the passwords, by their Secrets and keys.
    fn sound(&self) -> BTreeMap<String, String> {
        self.fine("check");
        self.fine("secrets verify");
        assert!(self.is_carried());
        let open = |(path, record): (String, Record)| {
            let opened = KEYS.iter().find_map(|key| record.open(key));
            let password = opened.unwrap_or_else(|| panic!("{path} opens nowhere"));
            assert_eq!(password.len(), 32, "{path}");
            (path, password)
        };
        self.records().into_iter().map(open).collect()
    }

    /// Starts a render, and kills it some time after a path exists, if it still runs.
    fn killed(&self, path: &str, delay: Duration) {
        let path = self.path(path);
        let mut command = self.command(SITEWRIGHT, "render -j 1");
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        while !path.exists() && child.try_wait().unwrap().is_none() {
            // Who sleeps is woken in time even where there is one core for both.
            thread::sleep(Duration::from_micros(10));
        }
        thread::sleep(delay);
        child.kill().unwrap();
        child.wait().unwrap();
    }
}

fn walk(folder: &Path, shown: &str, found: &mut Tree) {
    for entry in fs::read_dir(folder).into_iter().flatten() {
        let entry = entry.unwrap();
        let shown = format!("{shown}/{}", entry.file_name().to_str().unwrap());
        match entry.file_type().unwrap().is_dir() {
            true => walk(&entry.path(), &shown, found),
            false => _ = found.insert(shown, fs::read(entry.path()).unwrap()),
        }
    }
}

/// Rotates what a name stands for, and renders.
fn rotate(name: &str) -> impl Fn(&Project) {
    move |project| {
        project.fine(&format!("secrets rotate {name}"));
        project.fine("render");
    }
}

#[test]
fn sites_of_two_branches_merge() {
    let project = Project::committed(["acme"]);
    let before = project.sound();
    let add = |site: &'static str| {
        move |project: &Project| {
            project.put_site(site);
            project.fine("render");
        }
    };
    project.on_both(add("beta"), add("gamma"));
    assert_eq!(project.merge(), [""; 0]);
    let after = project.sound();
    assert_eq!(after.len(), before.len() + 4, "{:?}", after.keys());
    assert!(before.iter().all(|(path, password)| after[path] == *password));
}

#[test]
fn two_rotations_of_one_password_stop_the_merge() {
    let project = Project::committed(["acme"]);
    let before = project.sound();
    project.on_both(rotate("acme-admin"), rotate("acme-admin"));
    let ours = project.sound();
    assert_eq!(project.merge(), [format!("UU {MANIFEST}"), format!("UU {STORE}")]);

    let marked = project.outputs();
    let lines = ["render", "render --force", "check", "secrets verify", "secrets list"];
    let lines = lines.into_iter().chain(["secrets rotate acme-db-credentials", "secrets prune"]);
    for line in lines {
        let (code, said) = project.run(line);
        assert_eq!(code, 2, "{line}: {said}");
        assert!(said.contains("SW018"), "{line}: {said}");
        assert!(project.outputs() == marked, "{line} wrote over an unfinished merge");
    }

    project.git(&format!("checkout --quiet --theirs -- {STORE}"));
    // The manifest with its marks follows from the records.
    project.fine("render");
    project.commit();
    let theirs = project.sound();
    let admin = "acme-admin/password";
    assert_eq!(project.records()[admin].generation, 2);
    assert!(theirs[admin] != ours[admin] && theirs[admin] != before[admin]);
    assert_eq!(theirs["acme-db-credentials/password"], before["acme-db-credentials/password"]);
}

#[test]
fn rotations_of_neighbouring_keys_merge() {
    let project = Project::committed(["acme"]);
    let before = project.sound();
    project.on_both(rotate("acme-admin"), rotate("acme-db-credentials"));
    assert_eq!(project.merge(), [""; 0]);
    // Nothing is left for a render to do.
    let merged = project.outputs();
    let after = project.sound();
    project.fine("render");
    assert!(project.outputs() == merged);
    for path in ["acme-admin/password", "acme-db-credentials/password"] {
        assert_eq!(project.records()[path].generation, 2, "{path}");
        assert_ne!(after[path], before[path], "{path}");
    }
}

#[test]
fn a_rotation_and_a_removal_stop_the_merge() {
    let remove = |project: &Project| {
        fs::remove_file(project.path("sites/production/acme.yaml")).unwrap();
        project.fine("render");
        project.fine("secrets prune");
    };
    for (letters, removed_here) in [("DU", true), ("UD", false)] {
        let project = Project::committed(["acme", "beta"]);
        match removed_here {
            true => project.on_both(remove, rotate("acme-admin")),
            false => project.on_both(rotate("acme-admin"), remove),
        }
        // The site's own manifest says which generation it waits for.
        let stopped = [SITE, MANIFEST, STORE];
        assert_eq!(project.merge(), stopped.map(|path| format!("{letters} {path}")));
        // The removal is what was meant after all.
        project.git(&format!("rm --quiet {SITE} {MANIFEST} {STORE}"));
        project.fine("render");
        project.commit();
        let left = project.sound();
        assert!(left.keys().all(|path| !path.starts_with("acme")), "{:?}", left.keys());
    }
}

#[test]
fn records_without_their_manifests_are_completed() {
    let project = Project::of(["acme", "beta"]);
    project.fine("render");
    let first = project.tree("rendered");
    project.fine("secrets rotate acme");
    let stores = project.stores();

    // The manifests are those before the rotation.
    assert_eq!(project.run("check").0, 1);
    assert!(project.tree("rendered") == first && !project.is_carried());
    project.fine("render");
    assert!(project.stores() == stores);
    project.sound();

    // There are none.
    fs::remove_dir_all(project.path("rendered")).unwrap();
    project.fine("render");
    assert!(project.stores() == stores);
    project.sound();

    // Some were not even recorded: only those are made.
    fs::remove_dir_all(project.path("rendered")).unwrap();
    fs::remove_file(project.path(STORE)).unwrap();
    project.fine("render");
    let completed = project.stores();
    assert!(stores.iter().all(|(path, bytes)| (completed[path] == *bytes) != (path == STORE)));
    project.sound();
}

#[test]
fn a_killed_run_loses_no_password() {
    let names: Vec<String> = (0..30).map(|number| format!("site-{number}")).collect();
    // Files of records appear in the order of their names. A run is killed when it has written the first,
    // and others later on; the last is one of the last files.
    let mut delay = Duration::ZERO;
    for seen in ["frappe-mariadb", "site-17", "site-24", "site-7"] {
        let seen = format!("sites/production/{seen}.secrets.yaml");
        let killed = (0..200).find_map(|_| {
            let project = Project::of(names.iter().map(String::as_str));
            project.killed(&seen, Duration::ZERO);
            // What is looked for is recorded and not rendered.
            (project.path(&seen).exists() && !project.is_carried()).then_some(project)
        });
        let project = killed.expect("a run that was killed between a record and its manifest");
        let first = project.stores();
        project.killed("sites", delay);
        delay += Duration::from_millis(20);
        let second = project.stores();
        assert!(first.iter().all(|(path, bytes)| second.get(path) == Some(bytes)));
        project.fine("render");
        let done = project.outputs();
        assert!(second.iter().all(|(path, bytes)| done[0].get(path) == Some(bytes)));
        assert_eq!(project.records().len(), 2 * names.len() + 1);
        project.fine("check");
        project.fine("render");
        assert!(project.outputs() == done);
        project.sound();
    }
}

#[test]
fn a_run_beside_another_leaves_its_files_alone() {
    let project = Project::of(["acme"]);
    let other = fs::File::open(project.path("sites")).unwrap();
    other.try_lock().unwrap();
    project.put("sites/.sitewright-staging/0", "what the other run is about to record");
    let before = project.tree("sites");
    let (code, said) = project.run("render");
    assert_eq!(code, 2, "{said}");
    assert!(said.contains("SW605"), "{said}");
    assert!(project.tree("sites") == before && project.tree("rendered").is_empty());
    drop(other);
    project.fine("render");
    assert!(!project.path("sites/.sitewright-staging").exists());
    project.sound();
}

#[test]
fn what_was_made_stays_as_it_is() {
    let project = Project::committed(["acme", "beta"]);
    let before = project.outputs();
    for line in ["render", "render -j 1", "render -j 2"] {
        project.fine(line);
        assert!(project.outputs() == before, "{line}");
    }
    let clone = Project(tempfile::tempdir().unwrap());
    let mut cloning = clone.command("git", "clone --quiet");
    assert!(cloning.arg(project.0.path()).arg(".").status().unwrap().success());
    for line in ["check", "render --locked", "render"] {
        clone.fine(line);
        assert!(clone.outputs() == before, "{line} in a clone");
    }
    assert_eq!(clone.git("status --porcelain"), "");

    // Newer than the other, and of a key of its own.
    let newer = "sites/production/_sealing/2027-06.pem";
    let certificate = repository("tests/keys/public-and-worthless.mumbai.2027-06.pem");
    project.put(newer, &fs::read_to_string(certificate).unwrap());
    assert_eq!(project.fine("secrets list").matches("(an older key)").count(), 5);
    project.fine("render");
    let mut after = project.outputs();
    after[0].remove(newer);
    assert!(after == before, "a newer certificate changed a byte");
    project.sound();
    rotate("acme-admin")(&project);
    let rotated = &project.records()["acme-admin/password"];
    assert!(rotated.open(&KEYS[0]).is_none() && rotated.open(&KEYS[1]).is_some());
    project.sound();
}
