//! Receives rendered files, one definition after the other, so that a run need not hold the bytes
//! of the whole fleet in memory.

use super::earlier::{Earlier, EarlierManifests};

/// A receiver of rendered files. It may also have the files of an earlier render.
pub trait Sink: Earlier {
    /// Takes the files of one definition with their bytes. All of them are directly in its folder,
    /// and their paths are below the output folder. It returns what the run must hold of each file,
    /// or of the folder as a whole.
    fn take(&self, folder: &str, files: Vec<(String, Vec<u8>)>) -> Vec<(Box<str>, Taken)>;
}

/// What a run holds of a file that was taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Taken {
    /// Its bytes.
    Bytes(Vec<u8>),
    /// The file's bytes are somewhere else.
    Elsewhere(Where),
}

/// Where the bytes of a file are, if the run does not hold them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Where {
    /// The existing file has the same bytes, or the file is out of scope.
    InPlace,
    /// In the staging folder, from which the file is moved into the tree.
    Staged,
    /// Like [`Where::InPlace`], for all files of a folder that contains nothing else. The number is
    /// the number of files. The path is the folder's and ends with `/`.
    Folder(usize),
}

/// The wanted files that a run does not hold, in any order.
pub type Elsewhere = Vec<(Box<str>, Where)>;

/// Holds all files in memory.
#[derive(Clone, Copy, Debug)]
pub struct Collect;

impl Earlier for Collect {
    fn manifests(&self, _: &[&str], _: fn(&str) -> bool) -> Option<EarlierManifests> {
        None
    }
}

impl Sink for Collect {
    fn take(&self, _: &str, files: Vec<(String, Vec<u8>)>) -> Vec<(Box<str>, Taken)> {
        files.into_iter().map(|(path, bytes)| (path.into(), Taken::Bytes(bytes))).collect()
    }
}

/// Holds no file. It serves a run that has already failed and renders only to find more errors.
#[derive(Clone, Copy, Debug)]
pub struct Discard;

impl Earlier for Discard {
    fn manifests(&self, _: &[&str], _: fn(&str) -> bool) -> Option<EarlierManifests> {
        None
    }
}

impl Sink for Discard {
    fn take(&self, _: &str, _: Vec<(String, Vec<u8>)>) -> Vec<(Box<str>, Taken)> {
        Vec::new()
    }
}
