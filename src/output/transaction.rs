//! Writes the wanted files in these steps: lock the folder, compare and stage each file as it
//! arrives, plan the changes, stage the remaining files, and commit.

use super::compare::Comparing;
use super::comparison::{Comparison, Entry, State};
use super::earlier::{Earlier, EarlierManifests};
use super::paths::{self, File, Held, Scope};
use super::report::WriteStep;
use super::sink::{Collect, Elsewhere, Sink, Taken, Where};
use super::staging::{self, Staging};
use super::{Files, Folder};
use crate::diagnostic::Diagnostic;
use crate::source::FolderLock;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, OnceLock};

/// The result of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Written {
    /// The files that were created. All of these lists are sorted.
    pub created: Vec<String>,
    /// The files that existed with other bytes.
    pub updated: Vec<String>,
    /// The files that were removed.
    pub removed: Vec<String>,
    /// The number of files that were as wanted and were not changed.
    pub unchanged: usize,
    /// The entries that were not changed. [`Folder::warnings`] reports them.
    pub kept: Vec<Entry>,
    /// The files of others that the project allows.
    pub allowed: Vec<String>,
}

impl Written {
    /// Whether the folder is still out of date: an entry blocks a manifest, or a file that is no
    /// longer wanted was edited by hand. Files of others that block nothing do not count.
    pub fn is_blocked(&self) -> bool {
        self.kept.iter().any(|entry| entry.wanted || entry.state == State::Edited)
    }
}

/// A write in progress. The folder is locked. Each file that arrives is staged beside the tree
/// unless it is already in the tree. If this is dropped, the tree stays as it was.
#[derive(Debug)]
pub struct Writing<'a> {
    comparing: Comparing<'a>,
    staging: OnceLock<Result<Staging<'a>, Box<Diagnostic>>>,
    /// The failure with the first folder path, so that two runs report the same failure.
    failure: Mutex<Option<(String, Box<Diagnostic>)>>,
    /// This field is dropped last, after the staged files are removed.
    hold: Result<Hold, Box<Diagnostic>>,
}

impl<'a> Writing<'a> {
    /// Locks the folder. A failure is reported later, by the preparation, after the problems of the
    /// definitions.
    pub(super) fn begin(folder: &'a Folder, scope: &Scope) -> Self {
        let hold = Hold::take(folder).and_then(|hold| staging::recover(folder).map(|()| hold));
        let comparing = Comparing::begin(folder, scope);
        Self { comparing, staging: OnceLock::new(), failure: Mutex::default(), hold }
    }

    fn staging(&self) -> Result<&Staging<'a>, Box<Diagnostic>> {
        let staging = self.staging.get_or_init(|| Staging::new(self.comparing.folder));
        staging.as_ref().map_err(Clone::clone)
    }

    /// Does every step that can fail because of the user's files, and does not change the tree yet.
    /// The caller writes the records between this step and the commit, because they must be written
    /// before the manifests.
    pub fn prepare<'f>(
        mut self,
        files: &'f Files,
        elsewhere: &'f Elsewhere,
        force: bool,
    ) -> Result<Prepared<'a, 'f>, Box<Diagnostic>> {
        if let Err(problem) = &self.hold {
            return Err(problem.clone());
        }
        let wanted = paths::files(files, elsewhere);
        if let Some(path) = paths::misfit(&wanted) {
            return Err(self.comparing.folder.misfit(path));
        }
        if let Ok(Some((_, problem))) = self.failure.get_mut() {
            return Err(problem.clone());
        }
        let written = plan(self.comparing.compare(&wanted)?, force);
        let new = new_files(&wanted, &written);
        if !new.is_empty() || !written.removed.is_empty() {
            self.staging()?.fill(&new, &written.removed)?;
        }
        Ok(Prepared { writing: self, files: new, written })
    }
}

impl Earlier for Writing<'_> {
    fn manifests(&self, folders: &[&str], is_wanted: fn(&str) -> bool) -> Option<EarlierManifests> {
        self.comparing.manifests(folders, is_wanted)
    }
}

impl Sink for Writing<'_> {
    fn take(&self, folder: &str, files: Vec<(String, Vec<u8>)>) -> Vec<(Box<str>, Taken)> {
        // An invalid path is refused later with the complete list. No file is written to it.
        if self.hold.is_err() || !files.iter().all(|(path, _)| paths::is_plain(path)) {
            return Collect.take(folder, files);
        }
        let opened = self.comparing.open(folder);
        let opened = opened.as_ref();
        let (new, done): (Vec<_>, Vec<_>) = files
            .into_iter()
            .partition(|(path, bytes)| !self.comparing.is_done(folder, opened, path, bytes));
        if !new.is_empty()
            && let Err(problem) = self.staging().and_then(|staging| staging.put(folder, &new))
            && let Ok(mut failure) = self.failure.lock()
            && failure.as_ref().is_none_or(|(known, _)| folder < known.as_str())
        {
            *failure = Some((folder.to_owned(), problem));
        }
        if new.is_empty()
            && let Some(whole) = self.comparing.whole(folder, opened, done.len())
        {
            return vec![whole];
        }
        let in_place =
            done.into_iter().map(|(path, _)| (path.into(), Taken::Elsewhere(Where::InPlace)));
        let staged =
            new.into_iter().map(|(path, _)| (path.into(), Taken::Elsewhere(Where::Staged)));
        in_place.chain(staged).collect()
    }
}

/// A write that is ready to commit. All new bytes are written beside the tree, and the folder is
/// locked. If this is dropped without [`Prepared::commit`], the tree stays as it was.
#[derive(Debug)]
pub struct Prepared<'a, 'f> {
    writing: Writing<'a>,
    files: Vec<File<'f>>,
    written: Written,
}

impl Prepared<'_, '_> {
    /// The result that the commit will have.
    pub fn plan(&self) -> &Written {
        &self.written
    }

    /// The new bytes of a file that is created or updated.
    pub fn bytes(&self, path: &str) -> Option<Vec<u8>> {
        let at = self.files.binary_search_by(|(known, _)| (*known).cmp(path)).ok()?;
        match self.files[at].1 {
            Held::Bytes(bytes) => Some(bytes.to_owned()),
            Held::Staged => fs::read(staging::path(self.writing.comparing.folder, path)).ok(),
            Held::InPlace | Held::Folder(_) => None,
        }
    }

    /// Moves the wanted files into the tree and removes old files.
    pub fn commit(mut self) -> Result<Written, Box<Diagnostic>> {
        if let Some(Ok(staging)) = self.writing.staging.take() {
            staging.commit(&self.files, &self.written.removed)?;
        }
        Ok(self.written)
    }
}

/// The planned changes, in the form of a result.
fn plan(comparison: Comparison, force: bool) -> Written {
    let Comparison { entries, unchanged, allowed } = comparison;
    let mut plan = Written { unchanged, allowed, ..Written::default() };
    for entry in entries {
        match (entry.state, entry.wanted) {
            (State::Missing, _) => plan.created.push(entry.path),
            (State::Outdated | State::Crlf, _) => plan.updated.push(entry.path),
            (State::Edited | State::Foreign, true) if force => plan.updated.push(entry.path),
            (State::Stale, _) => plan.removed.push(entry.path),
            (State::Edited, false) if force => plan.removed.push(entry.path),
            (State::Edited | State::Foreign | State::Untouchable, _) => plan.kept.push(entry),
        }
    }
    plan
}

/// The wanted files that are created or updated. All lists are sorted.
fn new_files<'a>(wanted: &[File<'a>], plan: &Written) -> Vec<File<'a>> {
    // This is the case in a first render.
    if plan.created.len() == wanted.len() {
        return wanted.to_vec();
    }
    let mut created = plan.created.iter().peekable();
    let mut updated = plan.updated.iter().peekable();
    let mut is_new = |(path, _): &File| {
        [&mut created, &mut updated].into_iter().any(|list| {
            while list.next_if(|new| new.as_str() < *path).is_some() {}
            list.next_if(|new| new == path).is_some()
        })
    };
    wanted.iter().copied().filter(|file| is_new(file)).collect()
}

/// The output folder. It exists and is locked against other runs until this is dropped.
#[derive(Debug)]
struct Hold {
    /// The folders that were created for it, the deepest first.
    made: Vec<PathBuf>,
    /// The lock, once the folder exists.
    lock: Option<FolderLock>,
}

impl Hold {
    fn take(folder: &Folder) -> Result<Self, Box<Diagnostic>> {
        let mut hold = Self { made: Vec::new(), lock: None };
        if !folder.exists()? {
            let missing = |path: &&Path| !path.as_os_str().is_empty() && !path.exists();
            let made = folder.path.ancestors().take_while(missing);
            hold.made = made.map(Into::into).collect();
            fs::create_dir_all(&folder.path)
                .map_err(|error| folder.write_failed(WriteStep::Stage, "", &error))?;
        }
        let lock = FolderLock::take(&folder.path, &format!("`{}`", folder.shown), folder.patience);
        hold.lock = Some(lock.map_err(|_| folder.busy())?);
        Ok(hold)
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        // This only removes empty folders, which were created for a run that then wrote nothing.
        for path in &self.made {
            let _ = fs::remove_dir(path);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Code;
    use crate::output::with_header;
    use tempfile::TempDir;

    /// An output folder that does not exist yet, in an empty folder.
    fn empty() -> (TempDir, Folder) {
        let temp = tempfile::tempdir().unwrap();
        let folder = Folder::new(temp.path().join("new/rendered"), "rendered");
        (temp, folder)
    }

    fn files(paths: &[&str]) -> Files {
        let file = |path: &&str| ((*path).to_owned(), with_header("sites/it.yaml", "kind: It\n"));
        paths.iter().map(file).collect()
    }

    /// The files of one definition, as a render gives them to a sink.
    fn rendered(path: &str) -> Vec<(String, Vec<u8>)> {
        files(&[path]).into_iter().collect()
    }

    #[test]
    fn files_that_the_run_holds_are_written() {
        let (_temp, folder) = empty();
        let everything = Scope::everything();
        let wanted = files(&["eu/acme/site.yaml", "eu/globex/site.yaml"]);
        let written = folder.write(&wanted, &everything, false).unwrap();
        assert_eq!(written.created.len(), 2);
        let comparison = folder.compare(&wanted, &everything).unwrap();
        assert_eq!((comparison.entries, comparison.unchanged), (Vec::new(), 2));
        let less = files(&["eu/globex/site.yaml"]);
        let written = folder.write(&less, &everything, false).unwrap();
        assert_eq!((written.removed, written.unchanged), (vec!["eu/acme/site.yaml".to_owned()], 1));
        let earlier = folder.writing(&everything).manifests(&["eu/globex"], |_| true).unwrap();
        assert_eq!(earlier.files, less);
    }

    #[test]
    fn a_run_that_writes_nothing_removes_only_the_folders_that_it_made() {
        let (temp, folder) = empty();
        drop(folder.writing(&Scope::everything()));
        assert!(!temp.path().join("new").exists());
        assert!(temp.path().exists());
    }

    #[test]
    fn of_several_failures_that_of_the_first_folder_is_reported() {
        for order in [["eu/a", "eu/b"], ["eu/b", "eu/a"]] {
            let (_temp, folder) = empty();
            let writing = folder.writing(&Scope::everything());
            writing.staging().unwrap();
            fs::create_dir(staging::path(&folder, "eu")).unwrap();
            for path in order {
                // No folder can be made where a file is.
                fs::write(staging::path(&folder, path), "").unwrap();
                writing.take(path, rendered(&format!("{path}/site.yaml")));
            }
            let problem = writing.prepare(&Files::new(), &Elsewhere::new(), false).unwrap_err();
            assert_eq!(problem.code, Code::WriteFailed);
            assert!(problem.message.contains("eu/a"), "{}", problem.message);
        }
    }

    fn outcome(state: State, wanted: bool, force: bool) -> &'static str {
        let entries = vec![Entry { path: "a".to_owned(), state, wanted }];
        let plan = plan(Comparison { entries, ..Comparison::default() }, force);
        let lists = [
            ("created", plan.created.len()),
            ("updated", plan.updated.len()),
            ("removed", plan.removed.len()),
            ("kept", plan.kept.len()),
        ];
        lists.iter().find(|(_, count)| *count == 1).map_or("lost", |(name, _)| name)
    }

    #[test]
    fn force_decides_over_edited_and_foreign_files_only() {
        for (state, wanted, gentle, forced) in [
            (State::Missing, true, "created", "created"),
            (State::Outdated, true, "updated", "updated"),
            (State::Crlf, true, "updated", "updated"),
            (State::Stale, false, "removed", "removed"),
            (State::Edited, true, "kept", "updated"),
            (State::Edited, false, "kept", "removed"),
            (State::Foreign, true, "kept", "updated"),
            (State::Foreign, false, "kept", "kept"),
            (State::Untouchable, true, "kept", "kept"),
            (State::Untouchable, false, "kept", "kept"),
        ] {
            assert_eq!(outcome(state, wanted, false), gentle, "{state:?} {wanted}");
            assert_eq!(outcome(state, wanted, true), forced, "{state:?} {wanted}");
        }
    }

    #[test]
    fn what_a_run_leaves_alone_is_reported() {
        let allowed = vec!["notes.md".to_owned()];
        let plan = plan(Comparison { unchanged: 3, allowed, ..Comparison::default() }, false);
        let allowed = vec!["notes.md".to_owned()];
        assert_eq!(plan, Written { unchanged: 3, allowed, ..Written::default() });
    }

    #[test]
    fn what_is_kept_blocks_where_it_is_in_the_way_or_should_be_gone() {
        for (state, wanted, blocks) in [
            (State::Edited, true, true),
            (State::Edited, false, true),
            (State::Foreign, true, true),
            (State::Foreign, false, false),
            (State::Untouchable, true, true),
            (State::Untouchable, false, false),
        ] {
            let kept = vec![Entry { path: "a".to_owned(), state, wanted }];
            let written = Written { kept, ..Written::default() };
            assert_eq!(written.is_blocked(), blocks, "{state:?} {wanted}");
        }
    }
}
