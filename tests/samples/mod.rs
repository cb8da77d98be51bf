//! The sample projects: the repository itself, and every folder of `examples/`. They are found, not
//! listed, so that a new example cannot be forgotten.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// A sample project.
pub(crate) struct Sample {
    /// What messages call it, such as `examples/minimal`.
    pub(crate) name: String,
    pub(crate) root: PathBuf,
}

/// All of them, the repository first.
pub(crate) fn samples() -> Vec<Sample> {
    let repository = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut names: Vec<String> = fs::read_dir(repository.join("examples"))
        .unwrap()
        .map(|entry| entry.unwrap())
        .filter(|entry| entry.file_type().unwrap().is_dir())
        .map(|entry| format!("examples/{}", entry.file_name().to_str().unwrap()))
        .collect();
    names.sort();
    assert!(!names.is_empty(), "no examples were found");
    let examples = names.into_iter().map(|name| Sample { root: repository.join(&name), name });
    let itself = Sample { name: "the repository".to_owned(), root: repository.to_owned() };
    [itself].into_iter().chain(examples).collect()
}

/// Every file below a folder, by its path there; hidden ones too.
pub(crate) fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    walk(folder, "", &mut found);
    found
}

fn walk(folder: &Path, below: &str, found: &mut BTreeMap<String, Vec<u8>>) {
    for entry in fs::read_dir(folder).unwrap_or_else(|error| panic!("{folder:?}: {error}")) {
        let entry = entry.unwrap();
        let path = format!("{below}{}", entry.file_name().to_str().unwrap());
        match entry.file_type().unwrap().is_dir() {
            true => walk(&entry.path(), &format!("{path}/"), found),
            false => _ = found.insert(path, fs::read(entry.path()).unwrap()),
        }
    }
}
