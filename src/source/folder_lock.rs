//! A lock on a folder, which keeps other runs from writing into it.

use std::fs::{File, TryLockError};
use std::path::Path;

/// The lock of a folder. Other runs cannot take it until this is dropped.
#[derive(Debug)]
pub struct FolderLock {
    /// `None` if the platform or the file system cannot lock folders. The user must then avoid two
    /// runs at the same time. Refusing to run would be worse.
    handle: Option<File>,
}

/// Another run has the lock.
#[derive(Debug)]
pub struct IsLocked;

impl FolderLock {
    /// Takes the lock of an existing folder, and does not wait for it.
    ///
    /// # Errors
    /// Another run has it.
    pub fn take(folder: &Path) -> Result<Self, IsLocked> {
        let Ok(handle) = File::open(folder) else { return Ok(Self { handle: None }) };
        match handle.try_lock() {
            Ok(()) => Ok(Self { handle: Some(handle) }),
            Err(TryLockError::WouldBlock) => Err(IsLocked),
            Err(TryLockError::Error(_)) => Ok(Self { handle: None }),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lock_is_free_again_although_a_copy_of_its_handle_is_open() {
        let folder = tempfile::tempdir().unwrap();
        let lock = FolderLock::take(folder.path()).unwrap();
        assert!(FolderLock::take(folder.path()).is_err());
        let copy = lock.handle.as_ref().unwrap().try_clone().unwrap();
        drop(lock);
        assert!(FolderLock::take(folder.path()).is_ok());
        drop(copy);
    }
}
