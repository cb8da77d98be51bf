//! Whether Git is writing into the project's folder. A checkout writes hundreds of files, and a run in between would see
//! half of them: a site without its records, for example.

use std::fs;
use std::path::{Path, PathBuf};

/// The file that Git has while it changes the work tree (source: gitrepository-layout, `index.lock`). `None` if the
/// project is in no repository.
pub(super) fn index_lock(root: &Path) -> Option<PathBuf> {
    let root = root.canonicalize().ok()?;
    root.ancestors().find_map(|above| {
        let git = above.join(".git");
        match fs::metadata(&git).ok()?.is_dir() {
            true => Some(git.join("index.lock")),
            // A further work tree, or a submodule.
            false => {
                let text = fs::read_to_string(&git).ok()?;
                let folder = text.trim_end().strip_prefix("gitdir: ")?;
                Some(above.join(folder).join("index.lock"))
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lock_is_found_from_a_folder_in_the_work_tree() {
        let here = tempfile::tempdir().unwrap();
        let top = here.path().canonicalize().unwrap();
        let project = top.join("fleet/eu");
        fs::create_dir_all(&project).unwrap();
        fs::create_dir(top.join(".git")).unwrap();
        assert_eq!(index_lock(&project), Some(top.join(".git/index.lock")));
        // The nearest repository counts, here a further work tree.
        fs::write(top.join("fleet/.git"), "gitdir: ../.git/worktrees/fleet\n").unwrap();
        let of_tree = top.join("fleet").join("../.git/worktrees/fleet").join("index.lock");
        assert_eq!(index_lock(&project), Some(of_tree));
    }
}
