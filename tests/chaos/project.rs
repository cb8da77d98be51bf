//! A small project, what it holds, and how the program runs in it.

use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use tempfile::TempDir;

/// A folder with definitions, records and manifests.
pub(crate) struct Project(TempDir);

impl Project {
    fn new(mode: &str) -> Self {
        let project = Self(tempfile::tempdir().unwrap());
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let certificate = fs::read_to_string(root.join("sites/frankfurt/_sealing/2026-11.pem"));
        if mode == "sealed" {
            project.define("eu/_sealing/1.pem", &certificate.unwrap());
        }
        let cluster = format!(
            "kind: Cluster\noperators: {{frappe: \"2.6\", mariadb: \"26.6\", frappeDefaultFsGroup: 1000}}\n\
             namespace: erp\nsecrets: {{mode: {mode}}}\n"
        );
        project.define("eu/_cluster.yaml", &cluster);
        project.define(
            "_defaults.yaml",
            "kind: Defaults\nsite: {bench: b15, database: {server: db}}\n",
        );
        project.define(
            "eu/b15.yaml",
            "kind: Bench\nfrappeVersion: version-15\nimage: {repository: erp, tag: v15.90.1}\n",
        );
        project.define(
            "eu/db.yaml",
            "kind: DatabaseServer\nstorageSize: 100Gi\nbackup: {schedule: \"0 3 * * *\", storage: {persistentVolumeClaim: {size: 10Gi}}}\n",
        );
        for site in ["acme", "globex"] {
            project.define(&format!("eu/{site}.yaml"), &site_of(site));
        }
        project
    }

    /// A project whose manifests are as its definitions say.
    pub(crate) fn rendered(mode: &str) -> Self {
        let project = Self::new(mode);
        let run = project.run(&["render"]);
        assert!(run.is_success(), "{run}");
        project
    }

    /// A project with a site that is new, one that has changed, and a manifest that goes.
    pub(crate) fn edited(mode: &str) -> Self {
        let project = Self::rendered(mode);
        project.define("eu/initech.yaml", &site_of("initech"));
        project.define("eu/globex.yaml", &(site_of("globex") + "labels: {tier: gold}\n"));
        project.define("eu/db.yaml", "kind: DatabaseServer\nstorageSize: 100Gi\n");
        project
    }

    fn define(&self, path: &str, text: &str) {
        let path = self.path().join("sites").join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    /// The same in another folder.
    pub(crate) fn copy(&self) -> Self {
        let copy = Self(tempfile::tempdir().unwrap());
        for (path, bytes) in files(self.path()) {
            let (from, to) = (self.path().join(&path), copy.path().join(&path));
            fs::create_dir_all(to.parent().unwrap()).unwrap();
            fs::write(&to, bytes).unwrap();
            fs::set_permissions(&to, fs::metadata(from).unwrap().permissions()).unwrap();
        }
        copy
    }

    /// What is there now.
    pub(crate) fn tree(&self) -> Tree {
        let found = files(self.path());
        for path in found.keys().filter(|path| path.starts_with(CLEAR)) {
            let mode = fs::metadata(self.path().join(path)).unwrap().permissions().mode();
            assert_eq!(mode & 0o077, 0, "others may read {path}");
        }
        let text =
            |bytes| String::from_utf8(bytes).expect("a text that was cut inside a character");
        Tree(found.into_iter().map(|(path, bytes)| (path, text(bytes))).collect())
    }

    /// A command of the program that does one thing after the other.
    pub(crate) fn words(&self, command: &[&str]) -> Vec<String> {
        let words = [env!("CARGO_BIN_EXE_sitewright"), "--jobs", "1"].iter().chain(command);
        words.map(|word| (*word).to_owned()).collect()
    }

    pub(crate) fn run(&self, command: &[&str]) -> Run {
        let words = self.words(command);
        Run::of(Command::new(&words[0]).args(&words[1..]).current_dir(self.path()))
    }
}

/// Every file below a folder, by its path there.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let name = path.strip_prefix(folder).unwrap().to_str().unwrap().to_owned();
            found.insert(name, fs::read(path).unwrap());
        }
    }
    found
}

fn site_of(name: &str) -> String {
    format!("kind: Site\nsiteName: erp.{name}.com\n")
}

/// Where clear text is.
const CLEAR: &str = ".sitewright/";

/// Every file of a project, by its path.
#[derive(PartialEq)]
pub(crate) struct Tree(BTreeMap<String, String>);

impl Tree {
    pub(crate) fn get(&self, path: &str) -> Option<&String> {
        self.0.get(path)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&String, &String)> {
        self.0.iter()
    }

    pub(crate) fn paths(&self) -> impl Iterator<Item = &String> {
        self.0.keys().filter(|path| !Self::is_staging(path))
    }

    /// Whether a file is one that the next run removes.
    pub(crate) fn is_staging(path: &str) -> bool {
        path.contains(".sitewright-staging") || path.ends_with(".yaml.new")
    }

    /// A text without what differs from one password, or one generation of it, to another.
    pub(crate) fn form(text: &str) -> String {
        let words = text.split([' ', '\n', '"']);
        let words = words.map(|word| match word {
            _ if word.len() > 15 => "a long one",
            _ if word.bytes().all(|byte| byte.is_ascii_digit()) => "a number",
            word => word,
        });
        words.collect::<Vec<_>>().join(" ")
    }

    /// The password of a file in clear text; the whole text of another one. A rotation that has failed may leave a new
    /// password without its number, which the next render writes beside it.
    pub(crate) fn password(text: &str) -> &str {
        text.split_once("\nstringData:\n").map_or(text, |(_, password)| password)
    }

    pub(crate) fn rendered(&self) -> BTreeMap<&String, &String> {
        self.0.iter().filter(|(path, _)| path.starts_with("rendered/")).collect()
    }

    /// What is known of passwords.
    pub(crate) fn records(&self) -> BTreeMap<&String, &String> {
        let is_record = |path: &str| path.ends_with(".secrets.yaml") || path.starts_with(CLEAR);
        let records = self.0.iter().filter(|(path, _)| is_record(path));
        records.filter(|(path, _)| !Self::is_staging(path)).collect()
    }
}

/// A run that has ended.
pub(crate) struct Run {
    command: PathBuf,
    output: Output,
}

impl Run {
    pub(crate) fn of(command: &mut Command) -> Self {
        let output = command.output().unwrap();
        Self { command: command.get_program().into(), output }
    }

    pub(crate) fn is_success(&self) -> bool {
        self.output.status.success()
    }

    pub(crate) fn says(&self, text: &str) -> bool {
        [&self.output.stdout, &self.output.stderr]
            .iter()
            .any(|said| String::from_utf8_lossy(said).contains(text))
    }

    /// It succeeds, says with a code why not, or was killed.
    pub(crate) fn assert_sound(&self) {
        assert!(!self.says("panicked"), "it panics: {self}");
        let is_killed = self.output.status.code().is_none();
        let has_reason = self.says("error[SW") || self.says("error: ");
        assert!(self.is_success() || is_killed || has_reason, "it gives no reason: {self}");
    }
}

impl fmt::Display for Run {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Output { status, stdout, stderr } = &self.output;
        let [stdout, stderr] = [stdout, stderr].map(|it| String::from_utf8_lossy(it));
        write!(f, "{} ended with {status}\n{stdout}{stderr}", self.command.display())
    }
}
