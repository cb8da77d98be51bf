//! Where the programs and the CRDs of their modules are.

use std::path::{Path, PathBuf};

/// The folder that `tests/cluster/build` made.
#[derive(Clone, Debug)]
pub struct Programs {
    folder: PathBuf,
}

impl Programs {
    /// The programs of a folder.
    pub fn of(folder: &Path) -> Self {
        Self { folder: folder.to_path_buf() }
    }

    /// A program, by its name.
    pub fn program(&self, name: &str) -> PathBuf {
        let program = self.folder.join("bin").join(name);
        assert!(program.is_file(), "`tests/cluster/build` built no {name}: {}", program.display());
        program
    }

    /// The CRDs of a module, by the name of its folder in `tests/cluster`.
    pub fn crds(&self, module: &str) -> PathBuf {
        let folder = self.folder.join("crds").join(module);
        // kubectl reads no folder through a link.
        folder.canonicalize().unwrap_or_else(|why| panic!("{module} has no CRDs: {why}"))
    }
}
