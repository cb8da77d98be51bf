//! No password reaches any place but its own: every command, in every format, with failures at every
//! step; then everything that was printed or written is searched for every value that was ever made.

use crate::opening::{key, open};
use base64ct::{Base64, Encoding};
use rsa::PrivateKey;
use serde_yaml::Value;
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use tempfile::TempDir;

const CERTIFICATE: &str = include_str!("../../sites/frankfurt/_sealing/2026-11.pem");
const PLAIN: &str = ".sitewright/secrets";
const ADMIN: &str = ".sitewright/secrets/production/acme/acme-admin.yaml";

/// A project, and every password that it has ever had.
struct Project {
    root: TempDir,
    temporary: TempDir,
    seen: BTreeSet<String>,
    /// The ciphertexts that were opened.
    opened: BTreeSet<String>,
    key: PrivateKey,
    runs: usize,
}

impl Project {
    fn new(mode: &str) -> Self {
        let (root, temporary) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let (seen, opened) = (BTreeSet::new(), BTreeSet::new());
        let project = Self { root, temporary, seen, opened, key: key("frankfurt"), runs: 0 };
        let cluster = format!(
            "kind: Cluster\noperators: {{frappe: \"2.6\", mariadb: \"26.6\"}}\n\
             namespace: frappe\nsecrets: {{mode: {mode}}}\n"
        );
        for (path, text) in [
            ("sites/production/_cluster.yaml", cluster.as_str()),
            ("sites/production/_sealing/2026-11.pem", CERTIFICATE),
            ("sites/production/b15.yaml", "kind: Bench\nfrappeVersion: version-15\n"),
            ("sites/production/db.yaml", "kind: DatabaseServer\nstorageSize: 9Gi\n"),
            (
                "sites/_defaults.yaml",
                "kind: Defaults\nsite: {bench: b15, database: {server: db}}\n",
            ),
            ("sites/production/acme.yaml", "kind: Site\nsiteName: erp.acme.com\n"),
            (
                "sites/production/big.yaml",
                "kind: Site\nsiteName: erp.big.com\ndatabase: {mode: dedicated}\n",
            ),
        ] {
            project.put(path, text);
        }
        project
    }

    fn path(&self, path: &str) -> PathBuf {
        self.root.path().join(path)
    }

    fn put(&self, path: &str, text: &str) {
        fs::create_dir_all(self.path(path).parent().unwrap()).unwrap();
        fs::write(self.path(path), text).unwrap();
    }

    fn git(&self, arguments: &[&str]) -> String {
        let git = Command::new("git").arg("-C").arg(self.root.path()).args(arguments).output();
        String::from_utf8(git.unwrap().stdout).unwrap()
    }

    /// Runs sitewright, whatever comes of it, and searches everything.
    fn run(&mut self, arguments: &str) {
        let input = fs::File::open(self.path(ADMIN)).map_or(Stdio::null(), Stdio::from);
        let output = Command::new(env!("CARGO_BIN_EXE_sitewright"))
            .current_dir(self.root.path())
            .args(arguments.split(' '))
            .env("TMPDIR", self.temporary.path())
            .env("RUST_BACKTRACE", "full")
            .stdin(input)
            .output()
            .unwrap();
        self.remember();
        let said = [output.stdout, output.stderr].concat();
        assert!(!String::from_utf8_lossy(&said).contains("panicked"), "{arguments}");
        self.search(&said, arguments);
        self.search_folder(&self.path(""), arguments);
        self.search_folder(self.temporary.path(), arguments);
        self.runs += 1;
    }

    /// Takes note of the passwords that exist now.
    fn remember(&mut self) {
        for path in files(&self.path(PLAIN)) {
            let text = fs::read_to_string(&path).unwrap_or_default();
            let value = text.lines().find_map(|line| line.strip_prefix("  password: \""));
            self.seen.extend(value.map(|value| value.trim_end_matches('"').to_owned()));
        }
        let stores = files(&self.path("sites")).into_iter();
        for path in stores.filter(|path| path.to_string_lossy().ends_with(".secrets.yaml")) {
            let text = fs::read(path).unwrap();
            let store: Value = serde_yaml::from_slice(&text).unwrap_or_default();
            for record in store.as_mapping().into_iter().flatten() {
                let record = &record.1["password"];
                let (label, sealed) = (record["label"].as_str(), record["sealed"].as_str());
                let (Some(label), Some(sealed)) = (label, sealed) else { continue };
                if self.opened.insert(sealed.to_owned()) {
                    let value = open(&self.key, label, sealed).unwrap();
                    self.seen.insert(String::from_utf8(value).unwrap());
                }
            }
        }
    }

    fn search_folder(&self, folder: &Path, arguments: &str) {
        for path in files(folder) {
            let is_its_own_place = path.starts_with(self.path(PLAIN));
            if !is_its_own_place {
                self.search(path.to_string_lossy().as_bytes(), arguments);
                self.search(&fs::read(&path).unwrap_or_default(), arguments);
            }
        }
    }

    /// Looks for each password: as it is, in base64, in hexadecimal, and hashed.
    fn search(&self, text: &[u8], arguments: &str) {
        let text = String::from_utf8_lossy(text);
        for value in &self.seen {
            let hex = |bytes: &[u8]| bytes.iter().map(|b| format!("{b:02x}")).collect::<String>();
            let forms = [
                value.clone(),
                Base64::encode_string(value.as_bytes()).trim_end_matches('=').to_owned(),
                hex(value.as_bytes()),
                hex(&Sha256::digest(value))[..16].to_owned(),
            ];
            for form in forms {
                assert!(!text.contains(&form), "`sitewright {arguments}` leaks: {text}");
            }
        }
    }
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten() {
        let path = entry.unwrap().path();
        if path.is_dir() && !path.is_symlink() {
            found.extend(files(&path));
        } else {
            found.push(path);
        }
    }
    found
}

const COMMANDS: [&str; 16] = [
    "render",
    "render --stdout",
    "render --locked",
    "render --force production/acme",
    "check",
    "explain acme",
    "explain acme --context",
    "explain SW701",
    "schema Cluster",
    "secrets list",
    "secrets verify",
    "secrets rotate acme",
    "secrets prune",
    "secrets adopt .sitewright/secrets/production/acme",
    "secrets adopt -",
    "secrets adopt rendered/production/acme",
];

fn everything(project: &mut Project) {
    for command in COMMANDS {
        for verbosity in ["", " -q", " -v"] {
            for format in ["text", "json"] {
                project.run(&format!("{command}{verbosity} --format {format}"));
            }
        }
    }
}

#[test]
fn no_command_leaks() {
    for mode in ["plain", "sealed"] {
        let mut project = Project::new(mode);
        project.run("render");
        assert_eq!(project.seen.len(), 6);
        everything(&mut project);
        project.run("new site globex");
        project.run("render --out elsewhere");
        project.run("render");
        assert!(project.seen.len() > 12, "{}", project.seen.len());
        let dangling = project.path("sites/production/acme.yaml");
        fs::remove_file(dangling).unwrap();
        project.run("render");
        project.run("secrets prune");
        assert!(project.runs > 100);
    }
}

/// Puts something in the way, runs everything, and takes it away again.
fn obstructed(project: &mut Project, path: &str, text: &str) {
    let (path, kept) = (project.path(path), project.path("kept-aside"));
    let had = path.exists();
    if had {
        fs::rename(&path, &kept).unwrap();
    }
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    match text {
        "a folder" => fs::create_dir(&path).unwrap(),
        text => fs::write(&path, text).unwrap(),
    }
    for command in [
        "render",
        "check -v",
        "secrets rotate acme",
        "secrets list",
        "secrets verify --format json",
        "secrets adopt -",
        "secrets prune -v",
    ] {
        project.run(command);
    }
    match text {
        "a folder" => fs::remove_dir_all(&path).unwrap(),
        _ => _ = fs::remove_file(&path),
    }
    if had {
        fs::rename(&kept, &path).unwrap();
    }
}

#[test]
fn no_failure_leaks() {
    let broken = "kind: SealedSecret\nmetadata:\n  name: {{ secret.nam }}\n";
    let wrong = "kind: {{ secret.sealed }}\n  broken: [\n";
    for mode in ["plain", "sealed"] {
        for (path, text) in [
            ("rendered/production/acme/user.yaml", "a folder"),
            ("rendered/.sitewright-staging", "a file"),
            ("sites/.sitewright-staging", "a file"),
            ("sites/production/acme.secrets.yaml", "acme-admin:\n  password: {generation: no}\n"),
            ("sites/production/acme.secrets.yaml", "<<<<<<< HEAD\n"),
            ("sites/production/_sealing/2026-11.pem", "no certificate"),
            ("sites/production/acme.yaml", "kind: Sight\n"),
            ("templates/secret/sealedsecret.yaml.j2", broken),
            ("templates/secret/sealedsecret.yaml.j2", wrong),
            (".sitewright/secrets/production/acme/acme-admin.yaml.new", "a folder"),
        ] {
            let mut project = Project::new(mode);
            project.run("render");
            obstructed(&mut project, path, text);
            project.run("render");
            assert!(project.seen.len() >= 6);
        }
    }
}

#[test]
fn what_is_wrong_with_clear_text_is_said_without_showing_it() {
    let mut project = Project::new("plain");
    project.run("render");
    let text = fs::read_to_string(project.path(ADMIN)).unwrap();
    for damaged in [
        text.clone(),
        text.replace("  password: \"", "  password: \"\\"),
        text.replace("  password: \"", "  password: "),
        text.replace("  password: \"", "\tpassword: \""),
        text.replace("stringData:", "stringData"),
        text.replace("kind: Secret", "kind: SealedSecret"),
        format!("{text}  password: 0777\n"),
        format!("{text}---\n{text}"),
        text.replace("  password:", "- password:"),
        text.replace('"', "'").replace("  password: '", "  password: &anchor '"),
    ] {
        let folder = project.path(".sitewright/secrets/damaged");
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("secret.yaml"), damaged).unwrap();
        for format in ["text", "json"] {
            let adopt = "secrets adopt .sitewright/secrets/damaged/secret.yaml";
            project.run(&format!("{adopt} --format {format}"));
        }
    }
}

#[test]
fn git_never_lists_clear_text() {
    let mut project = Project::new("plain");
    project.git(&["init", "-q"]);
    project.run("render");
    project.run("secrets rotate acme");
    let listed = project.git(&["status", "--porcelain", "--untracked-files=all"]);
    assert!(listed.contains("sites/production/acme.secrets.yaml"), "{listed}");
    assert!(!listed.contains(".sitewright"), "{listed}");
}

#[test]
#[cfg(unix)]
fn a_link_leads_no_password_elsewhere() {
    let elsewhere = tempfile::tempdir().unwrap();
    for link in [".sitewright", PLAIN] {
        let mut project = Project::new("plain");
        let path = project.path(link);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::os::unix::fs::symlink(elsewhere.path(), path).unwrap();
        project.run("render");
        assert_eq!(files(elsewhere.path()), [] as [PathBuf; 0]);
        assert!(!project.path("sites/production/acme.secrets.yaml").exists());
    }
}
