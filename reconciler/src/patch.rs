//! The patcher: the only part that writes. It takes statuses from a bounded channel, writes eight at once, and
//! keeps the newest status of each site while an older one is on its way or has failed.

use crate::announce::Announcer;
use crate::backoff::Backoff;
use crate::index::{Change, Event};
use crate::metrics::{Metrics, NOTHING_WAITS, PatchResult};
use crate::write::{Answer, write};
use kube::Client;
use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap, VecDeque};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until, timeout};

/// How many statuses are written at once.
pub(crate) const CONCURRENCY: usize = 8;
/// How many sites may wait for their turn here. More wait in the index, where one costs a few bytes. Those
/// whose patch has failed do not count: sites that are refused for ever must not hold up the others.
const CAPACITY: usize = 1024;
const TIMEOUT: Duration = Duration::from_secs(10);
const BACKOFF: Backoff =
    Backoff { first: Duration::from_millis(500), longest: Duration::from_secs(60) };

/// A SiteDatabase, by its namespace and name.
type Key = (Arc<str>, Arc<str>);

#[derive(Debug, Default)]
struct Entry {
    /// The newest status that is not on its way.
    next: Option<Change>,
    /// When the event was seen of a status that is on its way.
    in_flight: Option<i64>,
    /// Whether it stands in one of the queues.
    is_queued: bool,
    failures: u32,
}

/// Writes statuses.
pub(crate) struct Patcher {
    client: Client,
    metrics: Metrics,
    announcer: Announcer,
    outcomes: mpsc::Sender<Event>,
    entries: HashMap<Key, Entry>,
    ready: VecDeque<Key>,
    delayed: BinaryHeap<Reverse<(Instant, Key)>>,
    in_flight: JoinSet<(Change, Answer)>,
}

impl Patcher {
    pub(crate) fn new(client: Client, metrics: Metrics, outcomes: mpsc::Sender<Event>) -> Self {
        Self {
            announcer: Announcer::new(client.clone()),
            client,
            metrics,
            outcomes,
            entries: HashMap::new(),
            ready: VecDeque::new(),
            delayed: BinaryHeap::new(),
            in_flight: JoinSet::new(),
        }
    }

    /// Writes what comes, until the channel is closed and everything is written.
    pub(crate) async fn run(mut self, mut changes: mpsc::Receiver<Change>) {
        let mut is_open = true;
        while is_open || !self.entries.is_empty() {
            self.start();
            self.measure();
            let next = self.delayed.peek().map(|Reverse((at, _))| *at);
            tokio::select! {
                change = changes.recv(), if is_open && self.entries.len() < CAPACITY + self.delayed.len() => match change {
                    Some(change) => self.take(change),
                    None => is_open = false,
                },
                Some(Ok((change, answer))) = self.in_flight.join_next() => {
                    self.finish(change, answer).await;
                }
                () = sleep_until(next.unwrap_or_else(Instant::now)), if next.is_some() => {
                    self.release();
                }
            }
        }
        self.measure();
    }

    fn measure(&self) {
        self.metrics.waiting.store(self.entries.len(), Ordering::Relaxed);
        let seen = self.entries.values().flat_map(|entry| {
            [entry.in_flight, entry.next.as_ref().map(|it| it.seen)].into_iter().flatten()
        });
        self.metrics.oldest_waiting.store(seen.min().unwrap_or(NOTHING_WAITS), Ordering::Relaxed);
    }

    /// Keeps the newest status of a site, with the phase that the site had before all that wait.
    fn take(&mut self, mut change: Change) {
        let key = (change.namespace.clone(), change.name.clone());
        let entry = self.entries.entry(key.clone()).or_default();
        if let Some(older) = entry.next.take() {
            let phase = change.status.database_status.as_ref().map(|it| it.phase);
            change.left = older.left.or(change.left).filter(|left| Some(*left) != phase);
            change.seen = older.seen;
        }
        entry.next = Some(change);
        if entry.in_flight.is_none() && !std::mem::replace(&mut entry.is_queued, true) {
            self.ready.push_back(key);
        }
    }

    fn start(&mut self) {
        while self.in_flight.len() < CONCURRENCY {
            let Some(key) = self.ready.pop_front() else { return };
            let Some(entry) = self.entries.get_mut(&key) else { continue };
            entry.is_queued = false;
            let Some(change) = entry.next.take() else { continue };
            entry.in_flight = Some(change.seen);
            let client = self.client.clone();
            self.in_flight.spawn(async move {
                let answer = timeout(TIMEOUT, write(&client, &change)).await;
                let answer = answer.unwrap_or_else(|_| {
                    Answer::Later(PatchResult::Timeout, None, "no answer in time".to_owned())
                });
                (change, answer)
            });
        }
    }

    /// Lets those go on whose wait is over.
    fn release(&mut self) {
        let now = Instant::now();
        while let Some(Reverse((at, _))) = self.delayed.peek()
            && *at <= now
            && let Some(Reverse((_, key))) = self.delayed.pop()
        {
            self.ready.push_back(key);
        }
    }

    async fn finish(&mut self, change: Change, answer: Answer) {
        let key = (change.namespace.clone(), change.name.clone());
        let Some(entry) = self.entries.get_mut(&key) else { return };
        entry.in_flight = None;
        match answer {
            Answer::Taken(written) => {
                entry.failures = 0;
                self.metrics.patch(PatchResult::Ok);
                self.announcer.announce(&change, written.uid);
                let patched = Event::Patched {
                    namespace: change.namespace,
                    name: change.name,
                    hash: change.hash,
                    version: written.version,
                };
                // Nobody listens any more while the process ends.
                _ = self.outcomes.send(patched).await;
            }
            Answer::Gone => self.metrics.patch(PatchResult::Gone),
            Answer::Later(result, wait, error) => {
                self.metrics.patch(result);
                entry.failures += 1;
                let wait = wait.unwrap_or_default().max(BACKOFF.random(entry.failures));
                tracing::warn!(
                    namespace = &*change.namespace,
                    site = &*change.name,
                    error,
                    retry_in = wait.as_secs_f64(),
                    "a status was not written"
                );
                entry.next.get_or_insert(change);
                entry.is_queued = true;
                self.delayed.push(Reverse((Instant::now() + wait, key)));
                return;
            }
        }
        match entry.next {
            Some(_) => {
                entry.is_queued = true;
                self.ready.push_back(key);
            }
            None => _ = self.entries.remove(&key),
        }
    }
}
