//! What the tests share: an output folder, its content, and manifests.

use sitewright::diagnostic::{Code, Diagnostic};
use sitewright::output::{
    Comparison, Elsewhere, Files, Folder, Scope, Sink, Taken, Written, with_header,
};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;
use tempfile::TempDir;

/// An output folder of its own for each test.
pub(crate) struct Output {
    pub(crate) temp: TempDir,
}

impl Output {
    pub(crate) fn new(files: &[(&str, &[u8])]) -> Self {
        let output = Self { temp: tempfile::tempdir().unwrap() };
        for (path, bytes) in files {
            output.put(path, bytes);
        }
        output
    }

    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.temp.path().join("rendered").join(path)
    }

    pub(crate) fn put(&self, path: &str, bytes: &[u8]) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }

    pub(crate) fn folder(&self) -> Folder {
        Folder::new(self.path(""), "rendered")
    }

    pub(crate) fn write(&self, wanted: &Files) -> Written {
        taken(&self.folder(), wanted, &Scope::everything(), false).unwrap()
    }

    pub(crate) fn force(&self, wanted: &Files) -> Written {
        taken(&self.folder(), wanted, &Scope::everything(), true).unwrap()
    }

    pub(crate) fn compare(&self, wanted: &Files) -> Comparison {
        self.folder().compare(wanted, &Scope::everything()).unwrap()
    }

    /// See [`tree`].
    pub(crate) fn tree(&self) -> BTreeMap<String, Vec<u8>> {
        tree(&self.path(""))
    }

    pub(crate) fn paths(&self) -> Vec<String> {
        self.tree().into_keys().collect()
    }
}

/// Writes files as a render does: taken one definition after the other, in any order, none held.
pub(crate) fn taken(
    folder: &Folder,
    wanted: &Files,
    scope: &Scope,
    force: bool,
) -> Result<Written, Box<Diagnostic>> {
    let prepare = || {
        let writing = folder.writing(scope);
        let (files, elsewhere) = take(&writing, wanted);
        (writing, files, elsewhere)
    };
    let (mut writing, mut files, mut elsewhere);
    let mut attempts = 0..200;
    let prepared = loop {
        (writing, files, elsewhere) = prepare();
        match writing.prepare(&files, &elsewhere, force) {
            // A child that another test starts holds the lock too until it is another program.
            Err(problem) if problem.code == Code::Busy && attempts.next().is_some() => {
                thread::sleep(Duration::from_millis(1));
            }
            prepared => break prepared?,
        }
    };
    let plan = prepared.plan();
    for path in plan.created.iter().chain(&plan.updated) {
        assert_eq!(prepared.bytes(path).as_ref(), wanted.get(path), "{path}");
    }
    prepared.commit()
}

/// Compares files as a check does: taken one definition after the other.
pub(crate) fn compared(folder: &Folder, wanted: &Files, scope: &Scope) -> Comparison {
    let comparing = folder.comparing(scope);
    let (files, elsewhere) = take(&comparing, wanted);
    comparing.finish(&files, &elsewhere).unwrap()
}

fn take(sink: &dyn Sink, wanted: &Files) -> (Files, Elsewhere) {
    let mut definitions: BTreeMap<&str, Vec<(String, Vec<u8>)>> = BTreeMap::new();
    for (path, bytes) in wanted {
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        definitions.entry(folder).or_default().push((path.clone(), bytes.clone()));
    }
    let (mut held, mut elsewhere) = (Files::new(), Elsewhere::new());
    for (folder, files) in definitions.into_iter().rev() {
        for (path, taken) in sink.take(folder, files) {
            match taken {
                Taken::Bytes(bytes) => _ = held.insert(path.into(), bytes),
                Taken::Elsewhere(place) => elsewhere.push((path, place)),
            }
        }
    }
    (held, elsewhere)
}

/// All that is in a folder: bytes of files, nothing for folders, the target of symbolic links.
pub(crate) fn tree(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut tree = BTreeMap::new();
    snapshot(folder, "", &mut tree);
    tree
}

fn snapshot(folder: &Path, prefix: &str, tree: &mut BTreeMap<String, Vec<u8>>) {
    for entry in fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let path = format!("{prefix}{}", entry.file_name().to_str().unwrap());
        let kind = entry.file_type().unwrap();
        if kind.is_dir() {
            let path = format!("{path}/");
            snapshot(&entry.path(), &path, tree);
            tree.insert(path, Vec::new());
        } else if kind.is_symlink() {
            let target = fs::read_link(entry.path()).unwrap();
            tree.insert(path, target.into_os_string().into_encoded_bytes());
        } else {
            tree.insert(path, fs::read(entry.path()).unwrap());
        }
    }
}

/// A manifest of ours; another version has other bytes.
pub(crate) fn manifest(path: &str, version: u8) -> Vec<u8> {
    with_header("sites/p/a.yaml", &format!("path: {path}\nversion: {version}\n"))
}

pub(crate) fn edited(path: &str) -> Vec<u8> {
    [manifest(path, 1).as_slice(), b"extra: true\n"].concat()
}

pub(crate) fn crlf(bytes: &[u8]) -> Vec<u8> {
    String::from_utf8_lossy(bytes).replace('\n', "\r\n").into_bytes()
}
