//! When the project is checked, and where: on threads of its own, so that no answer waits for a check.

use super::answer::Published;
use super::isolation::{Panicked, isolated};
use super::{Event, PAUSE};
use rayon::{ThreadPool, ThreadPoolBuildError, ThreadPoolBuilder};
use sitewright::diagnostic::Reported;
use sitewright::editor::{Check, Read, problems};
use sitewright::project::Project;
use std::sync::Arc;
use std::sync::mpsc::SyncSender;
use std::time::{Duration, Instant};

/// What a check tells the server.
#[derive(Debug)]
pub(super) enum Progress {
    /// The project, as soon as it is read.
    Read(Arc<Project>),
    /// The check has ended. It had the texts of this revision.
    Ended(u64, Result<Found, Panicked>),
}

/// What a check has found.
#[derive(Debug)]
pub(super) enum Found {
    /// The folder has no project.
    NoProject,
    /// The problems. There may be none.
    Problems(Published),
}

/// The checks of one server: at most one runs at a time.
pub(super) struct Checks {
    pool: ThreadPool,
    events: SyncSender<Event>,
    due: Option<Instant>,
    is_running: bool,
}

impl Checks {
    /// No check yet. They will run on as many threads as the command has.
    pub(super) fn new(events: SyncSender<Event>) -> Result<Self, ThreadPoolBuildError> {
        let threads = ThreadPoolBuilder::new().num_threads(rayon::current_num_threads());
        let pool = threads.stack_size(crate::cli::STACK).build()?;
        Ok(Self { pool, events, due: None, is_running: false })
    }

    /// The project has changed, so a check is due when nobody has typed for a while.
    pub(super) fn plan(&mut self) {
        self.due = Some(Instant::now() + PAUSE);
    }

    /// The time until a check may start. `None` if none is due, or if one runs.
    pub(super) fn wait(&self) -> Option<Duration> {
        let due = self.due.filter(|_| !self.is_running)?;
        Some(due.saturating_duration_since(Instant::now()))
    }

    /// Starts a check if it is due.
    pub(super) fn start_if_due(&mut self, check: impl FnOnce() -> (u64, Check)) {
        if self.wait() != Some(Duration::ZERO) {
            return;
        }
        (self.due, self.is_running) = (None, true);
        let (revision, check) = check();
        let events = self.events.clone();
        self.pool.spawn(move || {
            let found = isolated(|| run(check, &events));
            let _ = events.send(Event::Check(Progress::Ended(revision, found)));
        });
    }

    /// The running check has ended.
    pub(super) fn ended(&mut self) {
        self.is_running = false;
    }

    /// Frees what may be large, on another thread.
    pub(super) fn free(&self, project: Arc<Project>) {
        self.pool.spawn(move || _ = isolated(|| drop(project)));
    }
}

fn run(check: Check, events: &SyncSender<Event>) -> Found {
    let mut published = Published::default();
    match check.read() {
        Read::NoProject => return Found::NoProject,
        Read::Refused(refused) => published.add(&refused.diagnostics, &refused.sources),
        Read::Project(Reported { value: project, diagnostics }) => {
            let project = Arc::new(project);
            let _ = events.send(Event::Check(Progress::Read(Arc::clone(&project))));
            published.add(&problems(&project, diagnostics), &project.sources);
        }
    }
    Found::Problems(published)
}
