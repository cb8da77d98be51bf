//! Where rendered files go, definition by definition: a run that holds the bytes of a whole fleet at once
//! needs memory that it has no use for.

use super::standing::{Earlier, Standing};

/// What takes rendered files, and may hold those of an earlier render.
pub trait Sink: Earlier {
    /// Takes the files of one definition: those directly in its folder, by their paths below the output
    /// folder, with their bytes. Gives back what the run is to hold of each, or of the folder as a whole.
    fn take(&self, folder: &str, files: Vec<(String, Vec<u8>)>) -> Vec<(Box<str>, Taken)>;
}

/// What a run holds of a file that was taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Taken {
    /// Its bytes.
    Bytes(Vec<u8>),
    /// Nothing: its bytes are elsewhere.
    Elsewhere(Where),
}

/// Where the bytes of a file are that a run does not hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Where {
    /// In what the files are compared with, or nobody looks at this file.
    InPlace,
    /// In the staging folder, to be moved into the tree.
    Staged,
    /// As [`Where::InPlace`], for all files of a folder, of which there are so many, and that has nothing
    /// else in it. The path is the folder's, with a `/` at its end.
    Folder(usize),
}

/// The files that a run wants and does not hold, in any order.
pub type Elsewhere = Vec<(Box<str>, Where)>;

/// Holds everything.
#[derive(Clone, Copy, Debug)]
pub struct Collect;

impl Earlier for Collect {
    fn standing(&self, _: &[&str], _: fn(&str) -> bool) -> Option<Standing> {
        None
    }
}

impl Sink for Collect {
    fn take(&self, _: &str, files: Vec<(String, Vec<u8>)>) -> Vec<(Box<str>, Taken)> {
        files.into_iter().map(|(path, bytes)| (path.into(), Taken::Bytes(bytes))).collect()
    }
}

/// Holds nothing, for a run that has failed already and renders for what is wrong with the rest.
#[derive(Clone, Copy, Debug)]
pub struct Discard;

impl Earlier for Discard {
    fn standing(&self, _: &[&str], _: fn(&str) -> bool) -> Option<Standing> {
        None
    }
}

impl Sink for Discard {
    fn take(&self, _: &str, _: Vec<(String, Vec<u8>)>) -> Vec<(Box<str>, Taken)> {
        Vec::new()
    }
}
