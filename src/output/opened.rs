//! A folder that is kept open, so that its files are opened without resolving the whole path each
//! time.

use super::Folder;
use super::listing::{EntryKind, Listing};
use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

/// An open folder of the output, and its entries.
#[derive(Debug)]
pub(super) struct Opened {
    pub(super) listing: Listing,
    handle: system::Handle,
}

impl Opened {
    /// Opens the folder at a path below the output folder.
    pub(super) fn read(folder: &Folder, path: &str) -> io::Result<Self> {
        let (handle, entries) = system::read(&folder.path.join(path))?;
        Ok(Self { listing: Listing::new(entries), handle })
    }

    /// Whether the file of this name has these bytes.
    pub(super) fn holds(&self, name: &str, bytes: &[u8]) -> io::Result<bool> {
        holds(system::open(&self.handle, name)?, bytes)
    }
}

/// Whether a file has exactly these bytes. Reading stops at the first difference.
pub(super) fn holds(file: File, bytes: &[u8]) -> io::Result<bool> {
    let mut found = Vec::with_capacity(bytes.len() + 1);
    file.take(bytes.len() as u64 + 1).read_to_end(&mut found)?;
    Ok(found == bytes)
}

#[cfg(unix)]
mod system {
    use super::{EntryKind, File, OsString, Path, io};
    use rustix::fs::{AtFlags, CWD, Dir, FileType, Mode, OFlags, openat, statat};
    use std::ffi::{CStr, OsStr};
    use std::os::unix::ffi::OsStrExt as _;

    pub(super) type Handle = Dir;

    pub(super) fn read(path: &Path) -> io::Result<(Handle, Vec<(OsString, EntryKind)>)> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let mut dir = Dir::new(openat(CWD, path, flags, Mode::empty())?)?;
        let mut entries = Vec::new();
        while let Some(entry) = dir.read() {
            let entry = entry?;
            let name = entry.file_name();
            if name != c"." && name != c".." {
                let kind = kind(&dir, name, entry.file_type())?;
                entries.push((OsStr::from_bytes(name.to_bytes()).to_owned(), kind));
            }
        }
        Ok((dir, entries))
    }

    /// Some file systems do not report the kind together with the name.
    fn kind(dir: &Dir, name: &CStr, listed: FileType) -> io::Result<EntryKind> {
        let known = match listed {
            FileType::Unknown => {
                let found = statat(dir.fd()?, name, AtFlags::SYMLINK_NOFOLLOW)?;
                FileType::from_raw_mode(found.st_mode)
            }
            known => known,
        };
        Ok(match known {
            FileType::RegularFile => EntryKind::File,
            FileType::Directory => EntryKind::Folder,
            _ => EntryKind::Other,
        })
    }

    pub(super) fn open(dir: &Handle, name: &str) -> io::Result<File> {
        let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NOFOLLOW;
        Ok(openat(dir.fd()?, name, flags, Mode::empty())?.into())
    }
}

#[cfg(not(unix))]
mod system {
    use super::{EntryKind, File, OsString, Path, io};
    use std::fs;
    use std::path::PathBuf;

    pub(super) type Handle = PathBuf;

    pub(super) fn read(path: &Path) -> io::Result<(Handle, Vec<(OsString, EntryKind)>)> {
        let entries = fs::read_dir(path)?.map(|entry| {
            let entry = entry?;
            let kind = match entry.file_type()? {
                kind if kind.is_file() => EntryKind::File,
                kind if kind.is_dir() => EntryKind::Folder,
                _ => EntryKind::Other,
            };
            Ok((entry.file_name(), kind))
        });
        Ok((path.to_owned(), entries.collect::<io::Result<_>>()?))
    }

    pub(super) fn open(folder: &Handle, name: &str) -> io::Result<File> {
        File::open(folder.join(name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn a_folder_tells_what_is_in_it_and_which_bytes_its_files_have() {
        let here = tempfile::tempdir().unwrap();
        fs::create_dir(here.path().join("rendered")).unwrap();
        for (name, bytes) in [("a.yaml", "a: 1\n"), ("b.yaml", ""), (".hidden", "")] {
            fs::write(here.path().join("rendered").join(name), bytes).unwrap();
        }
        fs::create_dir(here.path().join("rendered/c")).unwrap();
        let opened = Opened::read(&Folder::new(here.path(), ""), "rendered").unwrap();
        let listed: Vec<_> = opened.listing.iter().collect();
        assert_eq!(
            listed,
            [("a.yaml", EntryKind::File), ("b.yaml", EntryKind::File), ("c", EntryKind::Folder)]
        );

        let holds = |name, bytes: &str| opened.holds(name, bytes.as_bytes()).ok();
        assert_eq!(holds("a.yaml", "a: 1\n"), Some(true));
        assert_eq!(holds("a.yaml", "a: 1\nb: 2\n"), Some(false));
        assert_eq!(holds("a.yaml", "a: 1"), Some(false));
        assert_eq!(holds("b.yaml", ""), Some(true));
        assert_eq!(holds("z.yaml", ""), None);
    }

    #[cfg(unix)]
    #[test]
    fn a_link_is_told_as_what_it_is_and_not_followed() {
        let here = tempfile::tempdir().unwrap();
        fs::write(here.path().join("a.yaml"), "a: 1\n").unwrap();
        std::os::unix::fs::symlink("a.yaml", here.path().join("b.yaml")).unwrap();
        let opened = Opened::read(&Folder::new(here.path(), ""), "").unwrap();
        assert_eq!(opened.listing.at("b.yaml"), Some(EntryKind::Other));
        assert!(opened.holds("b.yaml", b"a: 1\n").is_err());
        assert!(Opened::read(&Folder::new(here.path(), ""), "a.yaml").is_err());
    }
}
