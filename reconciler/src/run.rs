//! The wiring: one loop owns the index. It takes in events, and hands changes to the patcher.

use crate::clock::now;
use crate::http::{Health, router};
use crate::index::{Change, Event, Index, Seconds};
use crate::metrics::Metrics;
use crate::patch::Patcher;
use crate::watch::{Input, Watches};
use kube::Client;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio::time::{Instant, interval, interval_at, timeout};

/// How long the end may take: what is decided is still written. Kubernetes gives 30 seconds.
const DRAIN: Duration = Duration::from_secs(4);
/// Events between the watches and the loop, and statuses between the loop and the patcher.
const EVENTS: usize = 1024;
const CHANGES: usize = 64;

/// What a reconciler is told.
#[derive(Clone, Debug)]
pub struct Options {
    /// The namespaces whose SiteDatabases are watched. None means all.
    pub namespaces: Vec<String>,
    /// A label selector for SiteDatabases.
    pub selector: Option<String>,
    /// How long a failure that its operator tries to get over does not count.
    pub grace: Duration,
    /// How often every site is looked at again.
    pub resync: Duration,
    /// Whether there is a metric for each site.
    pub metrics_per_site: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            namespaces: Vec::new(),
            selector: None,
            grace: Duration::from_secs(300),
            resync: Duration::from_secs(600),
            metrics_per_site: false,
        }
    }
}

/// Runs a reconciler until `shutdown` is done, and then writes what is decided. `listener` serves health and
/// metrics.
pub async fn run(
    client: Client,
    options: Options,
    listener: TcpListener,
    shutdown: impl Future<Output = ()>,
) {
    let metrics = Metrics::new(options.metrics_per_site);
    let health = Health {
        metrics: metrics.clone(),
        is_ready: Arc::new(AtomicBool::new(false)),
        turned: Arc::new(AtomicI64::new(now())),
    };
    let server = tokio::spawn(axum::serve(listener, router(health.clone())).into_future());
    let (to_loop, inputs) = mpsc::channel(EVENTS);
    let (to_patcher, changes) = mpsc::channel(CHANGES);
    let (to_outcomes, outcomes) = mpsc::channel(CHANGES);
    let patcher = Patcher::new(client.clone(), metrics.clone(), to_outcomes);
    let mut patcher = tokio::spawn(patcher.run(changes));
    let mut watches = Watches::new(client, metrics.clone(), to_loop);
    watches.follow_sites(&options.namespaces, options.selector.as_deref());
    let grace = Seconds::try_from(options.grace.as_secs()).unwrap_or(Seconds::MAX);
    let driver = Driver {
        index: Index::new(grace, &options.namespaces),
        watches,
        health,
        metrics,
        per_site: options.metrics_per_site,
        sites_changed: false,
    };
    let end = Instant::now();
    driver.turn(options.resync, inputs, outcomes, to_patcher, shutdown).await;
    if timeout(DRAIN, &mut patcher).await.is_err() {
        tracing::warn!("some statuses were not written before the end");
        patcher.abort();
    }
    server.abort();
    tracing::info!(ran = end.elapsed().as_secs(), "ended");
}

struct Driver {
    index: Index,
    watches: Watches,
    health: Health,
    metrics: Metrics,
    per_site: bool,
    sites_changed: bool,
}

impl Driver {
    /// Turns until `shutdown` is done. Then the statuses that are decided go to the patcher, and the channel
    /// closes.
    async fn turn(
        mut self,
        resync: Duration,
        mut inputs: mpsc::Receiver<Input>,
        mut outcomes: mpsc::Receiver<Event>,
        to_patcher: mpsc::Sender<Change>,
        shutdown: impl Future<Output = ()>,
    ) {
        let mut shutdown = std::pin::pin!(shutdown);
        let mut second = interval(Duration::from_secs(1));
        let resync = resync.max(Duration::from_secs(1));
        let mut resync = interval_at(Instant::now() + resync, resync);
        loop {
            tokio::select! {
                () = &mut shutdown => break,
                Some((number, event)) = inputs.recv() => {
                    self.take(number, event);
                    while let Ok((number, event)) = inputs.try_recv() {
                        self.take(number, event);
                    }
                    let lookups = self.index.take_lookups();
                    self.watches.look_up(lookups);
                }
                Some(event) = outcomes.recv() => self.index.apply(event, now()),
                // The index waits for the patcher here, and never holds up the watches.
                Ok(permit) = to_patcher.reserve(), if self.index.queue_length() > 0 => {
                    if let Some(change) = self.next_change() {
                        permit.send(change);
                    }
                }
                _ = second.tick() => self.tick(),
                _ = resync.tick() => self.index.resync(now()),
            }
        }
        tracing::info!("ending: writing what is decided");
        let flush = async {
            while let Some(change) = self.next_change() {
                if to_patcher.send(change).await.is_err() {
                    return;
                }
            }
        };
        let drained = async { while outcomes.recv().await.is_some() {} };
        tokio::select! {
            _ = timeout(DRAIN / 2, flush) => {}
            () = drained => {}
        }
    }

    fn take(&mut self, number: u64, event: Event) {
        if !self.watches.is_current(number, &event) {
            return;
        }
        let lists_sites = matches!(event, Event::SitesDone(_) | Event::SitesUnavailable(_));
        self.sites_changed |= matches!(event, Event::SiteGone(_)) || lists_sites;
        self.index.apply(event, now());
        if lists_sites {
            self.follow();
        }
    }

    fn follow(&mut self) {
        self.watches.follow(&self.index.demand());
        if self.index.is_ready() && !self.health.is_ready.swap(true, Ordering::Relaxed) {
            tracing::info!("ready: every watch has listed");
        }
    }

    fn next_change(&mut self) -> Option<Change> {
        let change = self.index.next_change(now())?;
        self.sites_changed = true;
        let status = change.status.database_status.as_ref();
        if let (Some(left), Some(status)) = (change.left, status) {
            self.metrics.transition(status.phase);
            tracing::info!(
                namespace = &*change.namespace,
                site = &*change.name,
                from = left.word(),
                to = status.phase.word(),
                error = status.last_error,
                "phase"
            );
        }
        Some(change)
    }

    fn tick(&mut self) {
        let now = now();
        self.health.turned.store(now, Ordering::Relaxed);
        self.index.tick(now);
        self.follow();
        self.metrics.set_sites(self.index.phases());
        self.metrics.set_queue(self.index.queue_length(), self.index.oldest(), now);
        if self.per_site && std::mem::take(&mut self.sites_changed) {
            self.metrics.set_site_phases(self.index.sites());
        }
    }
}
