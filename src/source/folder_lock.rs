//! A lock on a folder, which keeps other runs from writing into it.

use std::fs::{File, TryLockError};
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

/// The lock of a folder. Other runs cannot take it until this is dropped.
#[derive(Debug)]
pub struct FolderLock {
    /// `None` if the platform or the file system cannot lock folders. The user must then avoid two
    /// runs at the same time. Refusing to run would be worse.
    handle: Option<File>,
}

/// Another run has the lock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IsLocked {
    /// The process that has it, if the system says so.
    pub process: Option<u32>,
}

/// How long a run waits for a lock that another run has.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// The longest wait.
    pub limit: Duration,
    /// Tells the user that the run waits. It gets the name of the folder in messages. It is called
    /// once, and only if the wait is long enough to be noticed.
    pub tell: fn(&str, IsLocked, Duration),
}

impl Patience {
    /// The run does not wait.
    pub const NONE: Self = Self { limit: Duration::ZERO, tell: |_, _, _| {} };
}

impl FolderLock {
    /// The wait after which the user is told why nothing happens.
    const NOTICED: Duration = Duration::from_millis(200);
    /// The pause between two attempts.
    const PAUSE: Duration = Duration::from_millis(20);

    /// Takes the lock of an existing folder. If another run has it, the wait ends when that run ends, even if it is
    /// killed, because the system then releases the lock. `shown` is the name of the folder in messages.
    ///
    /// # Errors
    /// Another run still has it when the patience ends.
    pub fn take(folder: &Path, shown: &str, patience: Patience) -> Result<Self, IsLocked> {
        let Ok(handle) = File::open(folder) else { return Ok(Self { handle: None }) };
        let started = Instant::now();
        let mut is_told = false;
        loop {
            match handle.try_lock() {
                Ok(()) => return Ok(Self { handle: Some(handle) }),
                Err(TryLockError::WouldBlock) => {}
                Err(TryLockError::Error(_)) => return Ok(Self { handle: None }),
            }
            let waited = started.elapsed();
            if waited >= patience.limit {
                return Err(IsLocked { process: holder(&handle) });
            }
            if !is_told && waited >= Self::NOTICED {
                let left = patience.limit.saturating_sub(waited);
                (patience.tell)(shown, IsLocked { process: holder(&handle) }, left);
                is_told = true;
            }
            thread::sleep(Self::PAUSE.min(patience.limit.saturating_sub(waited)));
        }
    }
}

impl Drop for FolderLock {
    fn drop(&mut self) {
        // Closing the handle would release the lock too, but not while a child process that was
        // just forked still has a copy of it.
        if let Some(handle) = &self.handle {
            let _ = handle.unlock();
        }
    }
}

/// The process that has the lock of a file.
#[cfg(target_os = "linux")]
fn holder(file: &File) -> Option<u32> {
    use rustix::fs::{major, minor};
    use std::os::unix::fs::MetadataExt as _;
    let found = file.metadata().ok()?;
    let device = found.dev();
    let id = format!("{:02x}:{:02x}:{}", major(device), minor(device), found.ino());
    listed(&std::fs::read_to_string("/proc/locks").ok()?, &id)
}

/// Other systems do not tell it.
#[cfg(not(target_os = "linux"))]
fn holder(_: &File) -> Option<u32> {
    None
}

/// The process in a line such as `1: FLOCK  ADVISORY  WRITE 4711 fd:01:131 0 EOF` (source: `lock_get_status` in the
/// kernel's fs/locks.c). A line of a process that waits has an arrow. The number of a process that cannot be seen
/// from here is not positive.
#[cfg(target_os = "linux")]
fn listed(locks: &str, id: &str) -> Option<u32> {
    locks.lines().find_map(|line| {
        let words: Vec<&str> = line.split_whitespace().collect();
        match words.as_slice() {
            [_, "FLOCK", _, _, process, file, ..] if *file == id => {
                process.parse().ok().filter(|process| *process > 0)
            }
            _ => None,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicU32, Ordering};

    fn take(folder: &Path) -> Result<FolderLock, IsLocked> {
        FolderLock::take(folder, "folder", Patience::NONE)
    }

    #[test]
    fn a_lock_is_free_again_although_a_copy_of_its_handle_is_open() {
        let folder = tempfile::tempdir().unwrap();
        let lock = take(folder.path()).unwrap();
        assert!(take(folder.path()).is_err());
        let copy = lock.handle.as_ref().unwrap().try_clone().unwrap();
        drop(lock);
        assert!(take(folder.path()).is_ok());
        drop(copy);
    }

    #[test]
    fn a_wait_is_told_once_and_ends_with_the_other_run() {
        static TOLD: AtomicU32 = AtomicU32::new(0);
        let folder = tempfile::tempdir().unwrap();
        let lock = take(folder.path()).unwrap();
        let tell = |shown: &str, _: IsLocked, _: Duration| {
            assert_eq!(shown, "folder");
            TOLD.fetch_add(1, Ordering::SeqCst);
        };
        let patience = Patience { limit: Duration::from_secs(3600), tell };
        thread::scope(|scope| {
            let waits = scope.spawn(|| FolderLock::take(folder.path(), "folder", patience));
            while TOLD.load(Ordering::SeqCst) == 0 {
                thread::sleep(Duration::from_millis(1));
            }
            // Time for a second call, which must not come.
            thread::sleep(3 * FolderLock::PAUSE);
            assert!(!waits.is_finished());
            drop(lock);
            assert!(waits.join().unwrap().is_ok());
        });
        assert_eq!(TOLD.load(Ordering::SeqCst), 1);
    }

    #[test]
    fn a_wait_has_an_end() {
        let folder = tempfile::tempdir().unwrap();
        let _lock = take(folder.path()).unwrap();
        let patience = Patience { limit: Duration::from_millis(50), ..Patience::NONE };
        let started = Instant::now();
        assert!(FolderLock::take(folder.path(), "folder", patience).is_err());
        assert!(started.elapsed() >= patience.limit);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn the_process_of_a_lock_is_found_by_its_file() {
        let locks = "1: POSIX  ADVISORY  WRITE 11 fd:01:131 0 EOF\n\
                     2: FLOCK  ADVISORY  WRITE 12 fd:01:1310 0 EOF\n\
                     3: FLOCK  ADVISORY  WRITE 13 fd:01:131 0 EOF\n\
                     3: -> FLOCK  ADVISORY  WRITE 14 fd:01:131 0 EOF\n\
                     4: FLOCK  ADVISORY  WRITE -1 fd:01:132 0 EOF\n\
                     5: FLOCK  ADVISORY  WRITE 0 fd:01:133 0 EOF\n";
        assert_eq!(listed(locks, "fd:01:131"), Some(13));
        for unknown in ["fd:01:132", "fd:01:133", "fd:02:131"] {
            assert_eq!(listed(locks, unknown), None);
        }
    }
}
