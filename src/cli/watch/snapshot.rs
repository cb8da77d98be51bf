//! The state of the files that a command reads, without their texts.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, Metadata};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// The state of some files, and the folders that have them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Snapshot {
    files: BTreeMap<PathBuf, Stamp>,
    folders: BTreeMap<PathBuf, Id>,
}

/// What distinguishes a folder from another one that had its path before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Id(u64, u64);

/// What changes with the text of a file. A file that replaces another one by a rename has another id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Stamp {
    id: Id,
    length: u64,
    modified: Option<SystemTime>,
}

impl Id {
    #[cfg(unix)]
    fn new(found: &Metadata) -> Self {
        use std::os::unix::fs::MetadataExt as _;
        Self(found.dev(), found.ino())
    }

    /// Elsewhere, the time at which it was created has to do.
    #[cfg(not(unix))]
    fn new(found: &Metadata) -> Self {
        let since = |time: SystemTime| time.duration_since(SystemTime::UNIX_EPOCH).ok();
        let created = found.created().ok().and_then(since).unwrap_or_default();
        Self(created.as_secs(), created.subsec_nanos().into())
    }
}

impl Stamp {
    /// The stamp of a file. Of a folder, only its existence counts.
    fn new(found: &Metadata) -> Self {
        match found.is_dir() {
            true => Self { id: Id(0, 0), length: 0, modified: None },
            false => {
                Self { id: Id::new(found), length: found.len(), modified: found.modified().ok() }
            }
        }
    }
}

impl Snapshot {
    /// Adds a file, if it exists.
    pub(super) fn add_file(&mut self, path: &Path) {
        if let Ok(found) = path.symlink_metadata() {
            self.files.insert(path.to_owned(), Stamp::new(&found));
        }
    }

    /// Adds a folder with everything in it. If it does not exist, the nearest folder above it is added, in which it may
    /// appear. Names that start with a dot are left out: sitewright does not read them, and it writes there itself.
    pub(super) fn add_folder(&mut self, path: &Path) {
        self.add_file(path);
        self.add_parent(path);
        self.walk(path);
    }

    fn walk(&mut self, folder: &Path) {
        let Ok(found) = folder.symlink_metadata() else { return };
        if !found.is_dir() {
            return;
        }
        self.folders.insert(folder.to_owned(), Id::new(&found));
        // A folder that vanished meanwhile, or that nobody may read, has nothing in it.
        let Ok(entries) = fs::read_dir(folder) else { return };
        for entry in entries.flatten() {
            if entry.file_name().as_encoded_bytes().starts_with(b".") {
                continue;
            }
            match entry.file_type() {
                Ok(kind) if kind.is_dir() => self.walk(&entry.path()),
                _ => self.add_file(&entry.path()),
            }
        }
    }

    /// Adds the nearest existing folder above a path, without what is in it. It may be a symbolic link.
    pub(super) fn add_parent(&mut self, path: &Path) {
        for above in path.ancestors().skip(1) {
            let above = if above.as_os_str().is_empty() { Path::new(".") } else { above };
            if let Ok(found) = above.metadata()
                && found.is_dir()
            {
                self.folders.insert(above.to_owned(), Id::new(&found));
                return;
            }
        }
    }

    /// Takes in the present state of these files, which the command itself has written.
    pub(super) fn take_in(&mut self, root: &Path, wrote: &[String]) {
        for path in wrote {
            let path = root.join(path);
            // A path that is not among the inputs is not looked at either.
            if path.parent().is_some_and(|folder| self.folders.contains_key(folder)) {
                self.files.remove(&path);
                self.add_file(&path);
            }
        }
    }

    /// The number of files that differ.
    pub(super) fn differences(&self, earlier: &Self) -> usize {
        let paths: BTreeSet<&PathBuf> = self.files.keys().chain(earlier.files.keys()).collect();
        paths.into_iter().filter(|path| self.files.get(*path) != earlier.files.get(*path)).count()
    }

    /// The folders whose entries are looked at.
    pub(super) fn folders(&self) -> &BTreeMap<PathBuf, Id> {
        &self.folders
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A project's folder with a definition, and a look at it.
    fn project() -> (tempfile::TempDir, PathBuf) {
        let here = tempfile::tempdir().unwrap();
        let sites = here.path().join("sites");
        fs::create_dir_all(sites.join("eu")).unwrap();
        fs::write(sites.join("eu/acme.yaml"), "a\n").unwrap();
        (here, sites)
    }

    fn look(folder: &Path) -> Snapshot {
        let mut snapshot = Snapshot::default();
        snapshot.add_folder(folder);
        snapshot
    }

    #[test]
    fn each_file_that_differs_counts_once() {
        let (_here, sites) = project();
        let seen = look(&sites);
        let differs = |wanted: usize| assert_eq!(look(&sites).differences(&seen), wanted);
        differs(0);
        fs::write(sites.join("eu/acme.yaml"), "longer\n").unwrap();
        differs(1);
        fs::write(sites.join("eu/globex.yaml"), "g\n").unwrap();
        differs(2);
        fs::remove_file(sites.join("eu/acme.yaml")).unwrap();
        differs(2);
        // A folder alone is no input, and neither is what starts with a dot.
        fs::create_dir_all(sites.join("eu/empty")).unwrap();
        fs::create_dir_all(sites.join(".staging")).unwrap();
        fs::write(sites.join(".staging/0"), "").unwrap();
        fs::write(sites.join("eu/.acme.yaml.swp"), "").unwrap();
        differs(2);
    }

    #[test]
    fn a_file_of_the_same_length_and_time_in_its_place_differs() {
        let (_here, sites) = project();
        let path = sites.join("eu/acme.yaml");
        let seen = look(&sites);
        let time = fs::metadata(&path).unwrap().modified().unwrap();
        let other = sites.join("new");
        fs::write(&other, "b\n").unwrap();
        fs::File::options().write(true).open(&other).unwrap().set_modified(time).unwrap();
        fs::rename(other, &path).unwrap();
        assert_eq!(look(&sites).differences(&seen), 1);
    }

    #[test]
    fn a_folder_that_is_away_is_awaited_in_the_folder_above() {
        let (here, sites) = project();
        let seen = look(&sites);
        fs::remove_dir_all(&sites).unwrap();
        let away = look(&sites);
        // The folder and its file.
        assert_eq!(away.differences(&seen), 2);
        assert_eq!(away.folders().keys().collect::<Vec<_>>(), [here.path()]);
        let lost = look(&sites.join("eu/retail"));
        assert_eq!(lost.folders().keys().collect::<Vec<_>>(), [here.path()]);
    }

    /// Otherwise, the watch of the folder that is gone would count as one of the new folder.
    #[test]
    fn a_folder_that_is_made_again_is_another_one() {
        let (here, sites) = project();
        let seen = look(&sites);
        fs::rename(&sites, here.path().join("old")).unwrap();
        fs::create_dir(&sites).unwrap();
        assert_ne!(look(&sites).folders()[&sites], seen.folders()[&sites]);
    }

    #[test]
    fn what_the_command_wrote_is_no_difference() {
        let (here, sites) = project();
        let mut seen = look(&sites);
        let records = "sites/eu/acme.secrets.yaml";
        fs::write(here.path().join(records), "r\n").unwrap();
        fs::write(here.path().join("elsewhere"), "e\n").unwrap();
        assert_eq!(look(&sites).differences(&seen), 1);
        seen.take_in(here.path(), &[records.to_owned(), "no/such/file".to_owned()]);
        assert_eq!(look(&sites).differences(&seen), 0);
        // A later change by somebody else is one.
        fs::write(here.path().join(records), "other\n").unwrap();
        assert_eq!(look(&sites).differences(&seen), 1);
        fs::remove_file(here.path().join(records)).unwrap();
        seen.take_in(here.path(), &[records.to_owned()]);
        assert_eq!(look(&sites).differences(&seen), 0);
    }
}
