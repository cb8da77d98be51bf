//! What a program that already knew every byte would do: the same files written, or read and compared,
//! and nothing else. No render can be faster, so its time is told in multiples of this one's.

use std::error::Error;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Instant;

/// The files below a folder: their paths in it and their bytes, sorted.
pub(crate) struct Tree(Vec<(PathBuf, Vec<u8>)>);

impl Tree {
    pub(crate) fn load(root: &Path) -> io::Result<Self> {
        let mut files = Vec::new();
        for path in paths(root)? {
            let below = path.strip_prefix(root).map_err(io::Error::other)?.to_owned();
            files.push((below, fs::read(path)?));
        }
        files.sort();
        Ok(Self(files))
    }

    /// Whether a folder holds these files and no others; an error names what differs.
    pub(crate) fn is_all_of(&self, root: &Path) -> Result<bool, Box<dyn Error>> {
        self.compare(root, 1)?;
        Ok(paths(root)?.len() == self.files())
    }

    pub(crate) fn files(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn bytes(&self) -> usize {
        self.0.iter().map(|(_, bytes)| bytes.len()).sum()
    }

    /// Writes the files below a folder that does not exist yet; the seconds it took.
    pub(crate) fn write(&self, root: &Path, threads: usize) -> Result<f64, Box<dyn Error>> {
        self.timed(threads, |files| {
            let mut folder = PathBuf::new();
            for (path, bytes) in files {
                let path = root.join(path);
                if let Some(parent) = path.parent().filter(|parent| *parent != folder) {
                    fs::create_dir_all(parent)?;
                    folder = parent.to_owned();
                }
                fs::write(path, bytes)?;
            }
            Ok(())
        })
    }

    /// Reads the files below a folder and compares them; the seconds it took.
    pub(crate) fn compare(&self, root: &Path, threads: usize) -> Result<f64, Box<dyn Error>> {
        self.timed(threads, |files| {
            for (path, bytes) in files {
                if fs::read(root.join(path))? != *bytes {
                    return Err(io::Error::other(format!("{} differs", path.display())));
                }
            }
            Ok(())
        })
    }

    /// Lists the folders that hold files, as who looks for what should not be there has to; the seconds it
    /// took.
    pub(crate) fn list(&self, root: &Path, threads: usize) -> Result<f64, Box<dyn Error>> {
        self.timed(threads, |files| {
            for files in files.chunk_by(|(one, _), (other, _)| one.parent() == other.parent()) {
                let folder = files[0].0.parent().unwrap_or(Path::new(""));
                for entry in fs::read_dir(root.join(folder))? {
                    entry?.file_type()?;
                }
            }
            Ok(())
        })
    }

    fn timed(
        &self,
        threads: usize,
        work: impl Fn(&[(PathBuf, Vec<u8>)]) -> io::Result<()> + Sync,
    ) -> Result<f64, Box<dyn Error>> {
        let started = Instant::now();
        let share = self.0.len().div_ceil(threads).max(1);
        std::thread::scope(|scope| {
            let running: Vec<_> =
                self.0.chunks(share).map(|files| scope.spawn(|| work(files))).collect();
            running.into_iter().try_for_each(|thread| {
                thread.join().unwrap_or_else(|_| Err(io::Error::other("a thread panicked")))
            })
        })?;
        Ok(started.elapsed().as_secs_f64())
    }
}

/// The files below a folder.
fn paths(root: &Path) -> io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            let found = if entry.file_type()?.is_dir() { &mut folders } else { &mut files };
            found.push(entry.path());
        }
    }
    Ok(files)
}
