//! A project that the real binary must refuse without touching what was rendered before.

use serde_json::Value;
use sitewright::output::with_header;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::SystemTime;
use tempfile::TempDir;

/// A project in a temporary folder.
pub(crate) struct Project {
    temp: TempDir,
}

impl Project {
    pub(crate) fn new() -> Self {
        Self { temp: tempfile::tempdir().unwrap() }
    }

    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.temp.path().join(path)
    }

    /// Writes a file with the folders that lead to it.
    pub(crate) fn put(&self, path: &str, bytes: impl AsRef<[u8]>) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }

    /// A `rendered/` that a run which goes through would change: a manifest whose definition is gone,
    /// one that was edited, and a file of somebody else.
    pub(crate) fn put_rendered(&self) {
        let manifest = with_header("sites/production/gone.yaml", "kind: Database\n");
        self.put("rendered/production/gone/database.yaml", &manifest);
        self.put("rendered/production/gone/user.yaml", [&manifest[..], b"edited: true\n"].concat());
        self.put("rendered/production/demo/frappesite.yaml", "kind: FrappeSite\n");
    }

    /// `sitewright render` with more arguments, ready to run.
    pub(crate) fn render(&self, binary: &Path, arguments: &[&str]) -> Command {
        let mut command = Command::new(binary);
        command.arg("-C").arg(self.temp.path()).arg("render").args(arguments);
        command
    }

    /// Runs a render that must fail, and returns its diagnostics.
    pub(crate) fn refused(&self) -> Vec<Value> {
        self.refused_by(self.render(&binary(), &["--format", "json"]))
    }

    /// As [`Self::refused`], by a command that the test made.
    pub(crate) fn refused_by(&self, mut command: Command) -> Vec<Value> {
        let before = self.rendered();
        let output = command.output().unwrap();
        assert_eq!(self.rendered(), before, "`rendered/` was touched");
        let mut document: Value = serde_json::from_str(&fails(&output).0).unwrap();
        match document["diagnostics"].take() {
            Value::Array(diagnostics) => diagnostics,
            other => panic!("no list of diagnostics: {other}"),
        }
    }

    /// Each file and folder below `rendered/` with its bytes and its time. The folder itself has another
    /// time when new files waited in it.
    fn rendered(&self) -> BTreeMap<PathBuf, (Option<Vec<u8>>, SystemTime)> {
        let mut found = BTreeMap::new();
        snapshot(&self.path("rendered"), &mut found);
        found.remove(&self.path("rendered"));
        found
    }
}

/// The binary under test.
pub(crate) fn binary() -> PathBuf {
    env!("CARGO_BIN_EXE_sitewright").into()
}

/// Standard output and standard error of a run that must have failed because of its input.
pub(crate) fn fails(output: &Output) -> (String, String) {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    let (out, err) = (text(&output.stdout), text(&output.stderr));
    assert_eq!(output.status.code(), Some(2), "{}\n{out}\n{err}", output.status);
    assert!(!err.contains("panicked"), "{err}");
    (out, err)
}

fn snapshot(path: &Path, found: &mut BTreeMap<PathBuf, (Option<Vec<u8>>, SystemTime)>) {
    let Ok(metadata) = fs::symlink_metadata(path) else { return };
    let bytes = metadata.is_file().then(|| fs::read(path).unwrap());
    found.insert(path.to_owned(), (bytes, metadata.modified().unwrap()));
    if metadata.is_dir() {
        for entry in fs::read_dir(path).unwrap() {
            snapshot(&entry.unwrap().path(), found);
        }
    }
}
