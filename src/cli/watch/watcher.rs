//! Wakes the loop when something may have changed: by events of the system, or, where the system watches no further
//! folders, by time.

use super::git;
use super::inputs::Inputs;
use super::snapshot::{Id, Snapshot};
use notify::{Config, ErrorKind, RecommendedWatcher, RecursiveMode, Watcher as _};
use sitewright::diagnostic::visible;
use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::time::{Duration, Instant};

/// The time without events after which a change is complete.
const QUIET: Duration = Duration::from_millis(100);

/// The longest wait for that. Something may write without end.
const UNQUIET: Duration = Duration::from_secs(2);

/// The longest wait for Git. A killed Git leaves its lock.
const GIT: Duration = Duration::from_secs(10);

/// The pause between two looks where there are no events.
const LOOK: Duration = Duration::from_secs(2);

/// Watches the folders of the inputs.
pub(super) struct Watcher {
    /// `None` if the system has no events for us.
    system: Option<RecommendedWatcher>,
    /// A message stands for any number of events.
    events: Receiver<()>,
    /// Kept open, so that the receiver waits where there are no events.
    _sender: Sender<()>,
    /// The folders that the system watches.
    watched: BTreeMap<PathBuf, Id>,
    /// Why there are no events.
    problem: Option<String>,
    index_lock: Option<PathBuf>,
}

impl Watcher {
    pub(super) fn new(root: &Path) -> Self {
        let (sender, events) = mpsc::channel();
        let wake = sender.clone();
        let handler = move |event: notify::Result<notify::Event>| {
            // Reading a file is an event too. Each run reads all files. An error may hide a change.
            if event.as_ref().map_or(true, |event| !event.kind.is_access()) {
                // Nobody listens any more when the program ends.
                let _ = wake.send(());
            }
        };
        let mut watcher = Self {
            system: None,
            events,
            _sender: sender,
            watched: BTreeMap::new(),
            problem: None,
            index_lock: git::index_lock(root),
        };
        match RecommendedWatcher::new(handler, Config::default().with_follow_symlinks(false)) {
            Ok(system) => watcher.system = Some(system),
            Err(error) => watcher.problem = Some(reason(&error)),
        }
        watcher
    }

    /// The present files. Each of their folders is watched before it is read, so that nothing is missed in between.
    pub(super) fn look(&mut self, inputs: &Inputs) -> Snapshot {
        loop {
            let snapshot = inputs.look();
            if !self.watch(snapshot.folders()) {
                return snapshot;
            }
        }
    }

    /// Watches these folders and no others. Returns whether a folder is watched that was not watched before.
    fn watch(&mut self, folders: &BTreeMap<PathBuf, Id>) -> bool {
        let Some(system) = &mut self.system else { return false };
        let is_new = |(path, id): &(&PathBuf, &Id)| self.watched.get(*path) != Some(*id);
        let new: Vec<_> = folders.iter().filter(is_new).collect();
        let gone: Vec<_> =
            self.watched.keys().filter(|path| !folders.contains_key(*path)).collect();
        // Some systems start anew after each change of the list, so all changes are made at once.
        let mut list = system.paths_mut();
        // The system forgets a removed folder by itself. A watch of another folder that had the path would hide it.
        for path in gone.into_iter().chain(new.iter().map(|(path, _)| *path)) {
            let _ = list.remove(path);
        }
        let mut problem = None;
        let added = new.iter().map(|(path, _)| list.add(path, RecursiveMode::NonRecursive));
        let added: Vec<_> = added.collect();
        for failed in added.into_iter().chain([list.commit()]).filter_map(Result::err) {
            // A folder that was removed meanwhile is not in the next look.
            if !is_gone(&failed) {
                problem = problem.or(Some(reason(&failed)));
            }
        }
        let is_more = !new.is_empty();
        self.watched.clone_from(folders);
        if problem.is_some() {
            (self.system, self.problem) = (None, problem);
            self.watched.clear();
        }
        is_more
    }

    /// Waits for the next event, at most for this time. Returns whether there was one.
    pub(super) fn wait(&self, most: Option<Duration>) -> bool {
        let most = most.or_else(|| self.problem.is_some().then_some(LOOK));
        match most {
            Some(most) => self.events.recv_timeout(most).is_ok(),
            None => self.events.recv().is_ok(),
        }
    }

    /// Waits until a change is complete: no event comes any more, and Git has ended.
    pub(super) fn settle(&self) {
        let started = Instant::now();
        loop {
            let is_quiet = self.events.recv_timeout(QUIET) == Err(RecvTimeoutError::Timeout);
            let is_of_git = self.index_lock.as_ref().is_some_and(|lock| lock.exists());
            let most = if is_of_git { GIT } else { UNQUIET };
            if (is_quiet && !is_of_git) || started.elapsed() > most {
                return;
            }
        }
    }

    /// What is watched, for people.
    pub(super) fn state(&self, inputs: &Inputs) -> String {
        let folders = inputs.folders();
        let names = folders.iter().map(|(name, _)| format!("`{}`", visible(name)));
        let names: Vec<String> = names.collect();
        let what = format!("watching {} and the settings", names.join(", "));
        match &self.problem {
            None => what,
            Some(why) => format!("{what} every {} s, because {why}", LOOK.as_secs()),
        }
    }
}

fn is_gone(error: &notify::Error) -> bool {
    match &error.kind {
        ErrorKind::PathNotFound => true,
        ErrorKind::Io(error) => error.kind() == io::ErrorKind::NotFound,
        _ => false,
    }
}

/// Why the system watches no folder, and what helps.
fn reason(error: &notify::Error) -> String {
    /// `EMFILE`: the limit of instances of inotify, or of open files (source: inotify_init(2)).
    const TOO_MANY: i32 = 24;
    match &error.kind {
        ErrorKind::MaxFilesWatch => {
            "the system's limit of watched folders is reached (`sysctl fs.inotify.max_user_watches` shows it)"
                .to_owned()
        }
        ErrorKind::Io(error) if error.raw_os_error() == Some(TOO_MANY) => {
            "the system's limit of watching programs is reached (`sysctl fs.inotify.max_user_instances` shows it)"
                .to_owned()
        }
        _ => format!("the system cannot watch them: {error}"),
    }
}
