//! The program, and a small project whose Secrets it reads and changes.

use crate::documents::{identity_file, recipient};
use crate::tools::needed;
use cluster::{Programs, Sops};
use serde_yaml::Value;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use tempfile::TempDir;

/// The manifests of two Secrets.
pub(crate) const SECRET: &str = "rendered/production/acme/secret-admin.yaml";
pub(crate) const CREDENTIALS: &str = "rendered/production/acme/secret-db-credentials.yaml";

/// The program with an identity; nothing where it is missing.
pub(crate) fn sops(identity: &str) -> Option<Sops> {
    Some(Sops::of(&Programs::of(&needed("cluster")?), &identity_file(identity)))
}

/// A file in clear text, or what the program complains about.
pub(crate) fn decrypted(sops: &Sops, file: &Path) -> Result<Value, String> {
    let clear = sops.run(file.parent().unwrap(), &["decrypt", file.to_str().unwrap()])?;
    Ok(serde_yaml::from_str(&clear).unwrap())
}

/// A project with the site `acme` on the server `db`, whose passwords the first identity opens.
pub(crate) struct Project {
    folder: TempDir,
    sops: Sops,
}

impl Project {
    /// Nothing where the program is missing.
    pub(crate) fn find() -> Option<Self> {
        let project = Self { folder: tempfile::tempdir().unwrap(), sops: sops("first")? };
        for (path, text) in [
            (
                "_cluster.yaml",
                "kind: Cluster\noperators: {frappe: \"2.6\", mariadb: \"26.6\"}\nnamespace: frappe\n\
                 gitops: {engine: flux}\nsecrets: {mode: sops}\n",
            ),
            (
                "_defaults.yaml",
                "kind: Defaults\nsite: {bench: b15, apps: [erpnext], database: {server: db}}\n",
            ),
            (
                "b15.yaml",
                "kind: Bench\nfrappeVersion: version-16\napps: [{name: erpnext, source: image}]\n",
            ),
            ("db.yaml", "kind: DatabaseServer\nstorageSize: 9Gi\n"),
            ("acme.yaml", "kind: Site\nsiteName: acme.example.com\n"),
            ("_sealing/first.age.pub", &recipient("first")),
        ] {
            project.put(&format!("sites/production/{path}"), text);
        }
        Some(project)
    }

    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    pub(crate) fn put(&self, path: &str, text: &str) {
        fs::create_dir_all(self.path(path).parent().unwrap()).unwrap();
        fs::write(self.path(path), text).unwrap();
    }

    pub(crate) fn read(&self, path: &str) -> String {
        fs::read_to_string(self.path(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    /// What is recorded of a password of `acme`.
    pub(crate) fn record(&self, secret: &str) -> Value {
        let records = self.read("sites/production/acme.secrets.yaml");
        serde_yaml::from_str::<Value>(&records).unwrap()[secret]["password"].clone()
    }

    /// The manifests of all Secrets.
    pub(crate) fn secrets(&self) -> Vec<String> {
        let found = crate::samples::files(&self.path("rendered")).into_keys();
        found
            .filter(|path| path.contains("/secret-"))
            .map(|path| format!("rendered/{path}"))
            .collect()
    }

    /// A manifest in clear text, or what the program complains about.
    pub(crate) fn decrypted(&self, path: &str, identity: &str) -> Result<Value, String> {
        decrypted(&self.sops.with(&identity_file(identity)), &self.path(path))
    }

    /// The password in a manifest, as the program decrypts it.
    pub(crate) fn password(&self, path: &str, identity: &str) -> String {
        let clear = self.decrypted(path, identity).unwrap();
        clear["stringData"]["password"].as_str().unwrap().to_owned()
    }

    /// Runs a command of the program on a file, with further arguments behind the file.
    #[track_caller]
    pub(crate) fn sops(&self, command: &[&str], file: &str, more: &[&str]) -> String {
        let arguments = [command, &[file], more].concat();
        self.sops.run(self.folder.path(), &arguments).unwrap()
    }

    /// Runs sitewright without an identity, which must end with this code; both outputs.
    #[track_caller]
    pub(crate) fn run(&self, words: &str, code: i32) -> String {
        self.run_with(words, "", code)
    }

    /// The same with an input.
    #[track_caller]
    pub(crate) fn run_with(&self, words: &str, input: &str, code: i32) -> String {
        let mut command = Command::new(env!("CARGO_BIN_EXE_sitewright"));
        command.env_remove("SOPS_AGE_KEY_FILE");
        self.end(command, words, input, code)
    }

    /// The same with an identity.
    #[track_caller]
    pub(crate) fn run_as(&self, identity: &str, words: &str, code: i32) -> String {
        let mut command = Command::new(env!("CARGO_BIN_EXE_sitewright"));
        command.env("SOPS_AGE_KEY_FILE", identity_file(identity));
        self.end(command, words, "", code)
    }

    #[track_caller]
    fn end(&self, mut command: Command, words: &str, input: &str, code: i32) -> String {
        command.current_dir(self.folder.path()).args(words.split(' '));
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        // A run that is refused reads nothing.
        let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
        let output = child.wait_with_output().unwrap();
        let said = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
        assert_eq!(output.status.code(), Some(code), "{words}: {said}");
        said
    }
}
